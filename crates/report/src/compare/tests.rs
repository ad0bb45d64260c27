use serde_json::{Value, json};

use super::*;
use results::RunRow;

/// Returns the fixture's runs twice, the second time as repeats of their own, because three repeats
/// are too few for a verdict.
fn side(name: &str, change: impl Fn(&mut RunRow)) -> Side {
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../results/tests/fixture/one_cell"
    );
    let mut rows = Store::open(folder).expect("the fixture").read().rows;
    let again = rows.runs.clone().into_iter().map(|mut run| {
        run.repeat += 3;
        run
    });
    rows.runs.extend(again.collect::<Vec<_>>());
    rows.runs.iter_mut().for_each(change);
    let cell = |label: &str, rate: u32| {
        json!({ "label": label, "scenario": { "traffic": { "rate": rate },
            "transport": [{ "kind": "websocket" }] } })
    };
    Side {
        name: name.to_owned(),
        manifest: Some(manifest(json!({
            "wirebench": "0.1.0",
            "started": name,
            "machine": { "processors": 2, "kernel": "6.1" },
            "scenario": { "seed": 1, "cells": [cell("clients=10", 4), cell("clients=100", 4)] },
        }))),
        digest: analysis::digest::of_rows(&rows),
    }
}

fn manifest(value: Value) -> Manifest {
    serde_json::from_value(value).expect("a manifest")
}

/// Changes a side's manifest as its file would be changed.
fn edit(side: &mut Side, change: impl FnOnce(&mut Value)) {
    let mut file = serde_json::to_value(&side.manifest).expect("JSON");
    change(&mut file);
    side.manifest = Some(manifest(file));
}

/// Makes a WebSocket 30 % slower in each repeat, and nothing else.
fn slower(run: &mut RunRow) {
    if run.transport == "websocket" {
        for latency in [&mut run.p50_us, &mut run.p99_us] {
            *latency = latency.map(|us| us * 13 / 10);
        }
        run.server_cpu_us_per_delivery = run.server_cpu_us_per_delivery.map(|cpu| cpu * 1.5);
    }
}

/// Makes repeats that differ by hundredths; the fixture's differ by a quarter.
fn calm(run: &mut RunRow) {
    let per_repeat = u64::from(run.repeat);
    run.p50_us = run.p50_us.map(|_| 10_000 + 50 * per_repeat);
    run.p99_us = run.p99_us.map(|_| 20_000 + 90 * per_repeat);
    run.server_cpu_us_per_delivery = Some(10.0 + 0.1 * f64::from(run.repeat));
}

#[test]
fn the_same_twice_is_no_regression() {
    let (before, after) = (side("one", |_| {}), side("two", |_| {}));
    let compared = compare(&before, &after).expect("comparable");
    assert_eq!(compared.gate(), Gate::Passed);
    assert_eq!(compared.changes, []);
    assert_eq!(
        compared.of(Verdict::WithinNoise).count(),
        compared.differences.len()
    );
}

#[test]
fn thirty_percent_slower_is_a_regression() {
    let before = side("one", calm);
    let mut after = side("two", |run| {
        calm(run);
        slower(run);
    });
    edit(&mut after, |manifest| {
        manifest["machine"]["kernel"] = json!("6.2");
        for cell in 0..2 {
            manifest["scenario"]["cells"][cell]["scenario"]["traffic"]["rate"] = json!(8);
        }
        manifest["scenario"]["cells"][1]["scenario"]["server"] = json!({ "log": 500 });
    });
    let compared = compare(&before, &after).expect("comparable");
    assert_eq!(compared.gate(), Gate::Regression);
    let worse: Vec<(&str, &str)> = compared
        .of(Verdict::Worse)
        .map(|one| (one.name.as_str(), one.quantity.key))
        .collect();
    let expected = ["p50", "p99", "server_cpu_us_per_delivery"];
    assert_eq!(worse, expected.map(|key| ("WebSocket", key)));
    insta::assert_snapshot!("terminal", terminal(&compared, u16::MAX));
    insta::assert_snapshot!("markdown", markdown(&compared));
    let parsed: Value = serde_json::from_str(&super::json(&compared)).expect("JSON");
    assert_eq!(parsed["gate"], "regression");
    assert_eq!(parsed["changes"].as_array().map(Vec::len), Some(3));
}

#[test]
fn single_runs_cannot_tell() {
    let once = |name: &str| {
        let mut side = side(name, slower);
        side.digest.runs.retain(|run| run.repeat == 1);
        side
    };
    let mut before = once("one");
    before.digest.runs.iter_mut().for_each(calm);
    let compared = compare(&before, &once("two")).expect("comparable");
    assert_eq!(compared.gate(), Gate::CannotTell);
    assert!(terminal(&compared, u16::MAX).contains("one run proves nothing"));
}

/// Checks that three repeats that lie far apart are one pair of orders in ten: no verdict, and no
/// pass.
#[test]
fn three_repeats_cannot_tell() {
    let thrice = |name: &str, change: fn(&mut RunRow)| {
        let mut side = side(name, change);
        side.digest.runs.retain(|run| run.repeat <= 3);
        side
    };
    let before = thrice("one", calm);
    let after = thrice("two", |run| {
        calm(run);
        slower(run);
    });
    let compared = compare(&before, &after).expect("comparable");
    assert_eq!(compared.gate(), Gate::CannotTell);
    assert!(terminal(&compared, u16::MAX).contains("too few runs to tell"));
}

/// Values that are measured or reported anew each time are no change; requested values are.
#[test]
fn a_clock_is_no_change_and_a_target_is_one() {
    let mut sides = [side("one", |_| {}), side("two", |_| {})];
    for (side, reading_ns) in sides.iter_mut().zip([34, 29]) {
        edit(side, |manifest| {
            manifest["clock"] = json!({ "reading_ns": reading_ns });
        });
    }
    let compared = compare(&sides[0], &sides[1]).expect("comparable");
    assert_eq!(compared.changes, []);
    edit(&mut sides[1], |manifest| {
        manifest["request"] = json!({ "target": "http://127.0.0.1:8080" });
    });
    let compared = compare(&sides[0], &sides[1]).expect("comparable");
    assert_eq!(compared.changes.len(), 1);
}

#[test]
fn a_variant_that_stopped_being_valid_is_a_regression() {
    let before = side("one", |_| {});
    let after = side("two", |run| {
        if run.transport == "long_poll" {
            run.valid = false;
        }
    });
    let compared = compare(&before, &after).expect("comparable");
    assert_eq!(compared.gate(), Gate::Regression);
    let text = terminal(&compared, u16::MAX);
    assert!(
        text.contains("Long poll: 6 of 6 runs valid before, 0 of 6 runs valid after"),
        "{text}"
    );
}

#[test]
fn nothing_in_common_is_refused() {
    let before = side("one", |_| {});
    let after = side("two", |run| "clients=5".clone_into(&mut run.cell));
    let error = compare(&before, &after).expect_err("nothing in common");
    assert!(
        error
            .to_string()
            .contains("no transport and cell in common")
    );
}

#[test]
fn every_difference_is_a_line_of_numbers_in_csv() {
    // One way has too few valid repeats for an interval.
    let few = |run: &mut RunRow| {
        calm(run);
        run.valid &= run.transport != "long_poll" || run.repeat == 1;
    };
    let after = side("two", |run| {
        few(run);
        slower(run);
    });
    let compared = compare(&side("one", few), &after).expect("comparable");
    // The one unit with a comma in its name.
    let text = csv(&compared).replace("\"share, 0 to 1\"", "share");
    let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(lines.len(), 1 + compared.differences.len());
    let column = |name: &str| lines[0].iter().position(|one| *one == name).expect(name);
    for (line, one) in lines[1..].iter().zip(&compared.differences) {
        assert_eq!(line.len(), lines[0].len(), "{line:?}");
        let number = |name: &str| line[column(name)].parse::<f64>().ok();
        assert_eq!(line[column("figure")], one.quantity.key);
        assert_eq!(number("after_repeats"), Some(one.repeats[1] as f64));
        for (name, value) in [
            ("before", one.spreads[0].median),
            ("before_max", one.spreads[0].max),
            ("after", one.spreads[1].median),
            ("after_min", one.spreads[1].min),
            ("ratio", one.effect.ratio),
            ("p", one.effect.p),
        ] {
            assert_eq!(number(name), Some(value), "{name} of {line:?}");
        }
        assert_eq!(
            number("ratio_low"),
            one.effect.interval.map(|found| found.low)
        );
        assert_eq!(
            number("ratio_high"),
            one.effect.interval.map(|found| found.high)
        );
        assert_eq!(line[column("verdict")], one.verdict.words().to_lowercase());
    }
    let worse = lines[1..]
        .iter()
        .filter(|line| line[column("verdict")] == "worse");
    assert_eq!(worse.count(), compared.of(Verdict::Worse).count());
    assert!(compared.of(Verdict::Worse).count() > 0);
    assert!(
        compared
            .differences
            .iter()
            .any(|one| one.effect.interval.is_none())
    );
    assert!(
        compared
            .differences
            .iter()
            .any(|one| one.effect.interval.is_some())
    );
}
