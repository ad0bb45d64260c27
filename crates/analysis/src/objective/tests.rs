use serde_json::json;

use super::*;
use crate::{
    metric::{self, Better},
    unit::Unit,
};
use results::Store;

/// Returns three runs of the synthetic fixture: two of short poll, one of WebSocket.
fn runs() -> Vec<RunRow> {
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../results/tests/fixture/one_cell"
    );
    let rows = Store::open(folder).expect("the fixture").read().rows;
    let mut runs: Vec<RunRow> = rows
        .runs
        .into_iter()
        .filter(|run| {
            run.valid
                && run.repeat == 1
                && matches!(run.transport.as_str(), "short_poll" | "websocket")
        })
        .collect();
    runs.sort_by(|one, other| {
        (&one.transport, &one.variant).cmp(&(&other.transport, &other.variant))
    });
    runs
}

fn objectives(table: &serde_json::Value) -> Vec<Objective> {
    let read = read(table);
    assert_eq!(read.errors, []);
    read.objectives
}

/// Checks that an objective that cannot be read is reported, and that the others are checked.
#[test]
fn a_bad_key_does_not_silence_the_others() {
    use Outcome::{CannotBeJudged, Met, Missed};
    let manifest = serde_json::from_value(
        json!({ "scenario": { "cells": [{ "label": "-", "scenario": {
        "objective": { "websocket": { "foo": "< 3", "p50": "< 1us" }, "p99": "50ms" },
        "expectation": { "websocket": { "p50": "> 1us" } },
    } }] } }),
    )
    .expect("a manifest");
    let checks = Checks::of_manifest(&manifest, &runs());
    let outcome: Vec<Outcome> = checks.objectives.iter().map(|one| one.outcome).collect();
    assert_eq!(outcome, [CannotBeJudged, CannotBeJudged, Missed]);
    assert_eq!(checks.expectations[0].outcome, Met);
    for part in [
        "no figure and no column of runs.csv is called \"foo\"",
        "a comparison is missing",
    ] {
        let mut told = checks.objectives.iter();
        assert!(told.any(|one| one.text.contains(part)), "{checks:?}");
    }
}

#[test]
fn what_a_bound_must_be() {
    let refused = |key: &str, text: &str| Objective::parse(key, text).expect_err(text).to_string();
    for (key, text, part) in [
        ("p99", "50ms", "write \"< 50ms\""),
        ("bytes_per_delivery", "700", "a comparison is missing"),
        ("coherence", "0.9", "a comparison is missing"),
        ("coherence", ">= 99", "at most 1"),
        ("p99", "< true", "write \"< 50ms\""),
        ("valid", "1", "true or false"),
        ("valid", "< true", "true or false"),
        ("lost", "0/s", "no unit here"),
        ("p99", "< -5ms", "no figure is below 0"),
        ("p99", "< 50MB", "\"MB\" is no unit here; write"),
        ("p99", "< 5MS", "did you mean ms?"),
        ("bytes_up", "< 5KB", "did you mean kB?"),
    ] {
        let said = refused(key, text);
        assert!(said.contains(part), "{key} {text}: {said}");
    }
    let sse = Objective::parse("sse.p99", "< 1s").expect("a framing");
    assert_eq!(
        (sse.transport.as_deref(), sse.variant.as_deref()),
        (Some("http_stream"), Some("sse"))
    );
}

fn told(checks: &[Check]) -> String {
    let line = |check: &Check| {
        format!(
            "{:?} | {} | {} | {}",
            check.outcome, check.objective, check.run, check.text
        )
    };
    checks.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn met_missed_and_not_carried() {
    let table = json!({
        "lost": 0,
        "valid": true,
        "websocket": { "p99": "< 50ms", "header_bytes_per_delivery": "<= 1", "p999_us": "< 50000" },
        "short_poll": { "250ms": { "p50": "> 1s" }, "1s": { "bytes_per_delivery": "< 2kB" } },
        "long_poll": { "p50": "< 5 ms" },
    });
    let mut runs = runs();
    for run in &mut runs {
        run.p999_us = None;
    }
    let checks = evaluate(&objectives(&table), &runs);
    assert!(!all_met(&checks));
    insta::assert_snapshot!(told(&checks));
}

#[test]
fn a_run_that_is_not_valid_meets_nothing() {
    let mut runs = runs();
    runs.truncate(1);
    runs[0].valid = false;
    "2 lost".clone_into(&mut runs[0].error);
    assert_eq!(
        read(&json!({ "p50": "< 1h" })).errors.len(),
        1,
        "hours are no unit of latency"
    );
    let objectives = objectives(&json!({ "p50": "< 9m", "valid": true }));
    let checks = evaluate(&objectives, &runs);
    assert_eq!(checks[0].text, "the run is not valid: 2 lost");
    assert_eq!(checks[0].outcome, Outcome::CannotBeJudged);
    // A fault is proved even by a run that may not be believed.
    assert_eq!(checks[1].outcome, Outcome::Missed);
}

#[test]
fn mistakes_and_how_to_put_them_right() {
    let said = |key: &str, text: &str| Objective::parse(key, text).expect_err(key).to_string();
    let mistakes = [
        ("websoket.p99", "< 50ms"),
        ("p9", "< 50ms"),
        ("websocket.header_byte_per_delivery", "< 50"),
        ("transport", "websocket"),
        ("p99", "< 50"),
        ("p99", "< 50 parsecs"),
        ("lost", "none"),
        ("valid", "yes"),
        ("coherence", "all"),
        ("achieved_per_s", "fast"),
        ("bytes_per_delivery", "< 2 ms"),
    ];
    let texts: Vec<String> = mistakes.iter().map(|(key, text)| said(key, text)).collect();
    insta::assert_snapshot!(texts.join("\n"));
}

#[test]
fn bounds_in_every_unit() {
    let value = |key: &str, text: &str| Objective::parse(key, text).expect(key).bound;
    let near = |bound: Bound, expected: f64| {
        assert!((bound.value - expected).abs() < 1e-9, "{bound:?}");
    };
    near(value("p99", "< 50ms"), 50_000.0);
    near(value("p99", "<=1.5s"), 1_500_000.0);
    near(value("p99_us", "< 250"), 250.0);
    near(value("measured_ms", "> 2s"), 2_000.0);
    near(value("bytes_up", "< 1.5kB"), 1_500.0);
    near(value("server_rss_bytes_per_client", "< 32KiB"), 32_768.0);
    near(value("server_cpu_us_per_delivery", "< 30us"), 30.0);
    near(value("server_cpu_per_delivery", "< 30us"), 30.0);
    near(value("swarm_cpu_per_delivery", "< 30us"), 30.0);
    near(value("achieved_per_s", ">= 3.9/s"), 3.9);
    near(value("coherence", ">= 99.5 %"), 0.995);
    near(value("busiest_cpu_share", "< 0.8"), 0.8);
    near(value("server_wakeups_per_delivery", "<= 2"), 2.0);
    assert_eq!(value("lost", "0").operator, Operator::Equal);
    assert_eq!(value("p99", ">=1s").operator, Operator::AtLeast);
}

#[test]
fn which_runs_a_key_names() {
    let objective = |key: &str| Objective::parse(key, "0").expect(key);
    let mut run = runs().remove(0);
    "long_poll".clone_into(&mut run.transport);
    "hold 25s".clone_into(&mut run.variant);
    for key in [
        "lost",
        "long_poll.lost",
        "long_poll.25s.lost",
        "long_poll.hold_25s.lost",
    ] {
        assert!(objective(key).names(&run), "{key}");
    }
    for key in ["websocket.lost", "long_poll.5s.lost"] {
        assert!(!objective(key).names(&run), "{key}");
    }
    // A duration of two words is one.
    "hold 1m 30s".clone_into(&mut run.variant);
    assert!(objective("long_poll.1m_30s.lost").names(&run));
    assert!(!objective("long_poll.30s.lost").names(&run));
}

/// Asserts that each figure of the registry is bounded in its own unit, and in no other.
#[test]
fn a_figure_takes_its_own_unit_and_no_other() {
    const UNITS: [(&str, &[Unit]); 6] = [
        ("50ms", &[Unit::Microseconds, Unit::Milliseconds]),
        ("2kB", &[Unit::Bytes, Unit::Memory]),
        ("2KiB", &[Unit::Bytes, Unit::Memory]),
        ("80 %", &[Unit::Share, Unit::Processors]),
        ("4/s", &[Unit::PerSecond]),
        // A bare number is the unit of what has none; zero is zero in every unit.
        (
            "0.5",
            &[
                Unit::Bytes,
                Unit::Memory,
                Unit::Share,
                Unit::Processors,
                Unit::Count,
                Unit::Number,
            ],
        ),
    ];
    for metric in metric::all() {
        for (written, units) in UNITS {
            let read = Objective::parse(metric.key, &format!("< {written}"));
            // A name that ends in its unit says it.
            let says_unit = written == "0.5" && metric.key.contains("_us_per_");
            let is_right = units.contains(&metric.unit) || says_unit;
            assert_eq!(read.is_ok(), is_right, "{} {written}: {read:?}", metric.key);
        }
        let bound = Objective::parse(metric.key, "< 0").expect(metric.key);
        assert_eq!(bound.column.better, metric.better);
    }
}

/// Asserts that an objective judges the very number that tables show.
#[test]
fn a_figure_is_what_tables_show() {
    let runs = runs();
    for metric in metric::all() {
        let objective = Objective::parse(metric.key, "< 0").expect(metric.key);
        for run in &runs {
            assert_eq!(objective.column.value(run), (metric.metric)(run));
        }
    }
    // The column itself, with its unit in its name, is what the file holds.
    let column = Objective::parse("p99_us", "< 0").expect("a column").column;
    assert_eq!(
        (column.unit, column.better),
        (Unit::Microseconds, Better::Less)
    );
    assert_eq!(column.value(&runs[0]), runs[0].p99_us.map(|us| us as f64));
}
