use std::{collections::BTreeSet, sync::OnceLock};

use results::{Rows, RunRow, Store};
use roxmltree::Document;

use super::*;
use crate::{
    compare::{Side, compare},
    junit,
    words::tests::english,
};

/// Returns the rows of a published folder, because a synthetic one contradicts itself.
fn rows(name: &str) -> Rows {
    let results = concat!(env!("CARGO_MANIFEST_DIR"), "/../../results/");
    let store = Store::open(format!("{results}{name}")).expect(name);
    store.read().rows
}

/// Returns eight repeats of five ways in two cells.
fn comparison() -> Rows {
    static ROWS: OnceLock<Rows> = OnceLock::new();
    ROWS.get_or_init(|| rows("comparison")).clone()
}

fn side(name: &str, rows: &Rows) -> Side {
    Side {
        name: name.to_owned(),
        manifest: None,
        digest: analysis::digest::of_rows(rows),
    }
}

/// Compares rows with the same ones after a change.
fn changed(before: &Rows, change: impl FnOnce(&mut Rows)) -> Compared {
    let mut after = before.clone();
    change(&mut after);
    compare(&side("before", before), &side("after", &after)).expect("comparable")
}

/// Returns the checks that fail a gate, as group, way and figure.
fn bad(compared: &Compared, scope: Scope) -> Vec<(&'static str, &str, &'static str)> {
    let bad = compared
        .judged(scope)
        .filter(|check| check.outcome.is_bad());
    bad.map(|check| (check.kind.name(), check.way.as_str(), check.figure))
        .collect()
}

fn of_way<'r>(rows: &'r mut Rows, transport: &'static str) -> impl Iterator<Item = &'r mut RunRow> {
    let runs = rows.runs.iter_mut();
    runs.filter(move |run| run.transport == transport)
}

/// Makes a run slower by this factor.
fn slow(run: &mut RunRow, factor: f64) {
    for latency in [&mut run.p50_us, &mut run.p99_us] {
        *latency = latency.map(|us| (us as f64 * factor) as u64);
    }
    let cpu = &mut run.server_cpu_us_per_delivery;
    *cpu = cpu.map(|us| us * factor);
}

#[test]
fn the_same_twice_passes() {
    for name in ["comparison", "quick"] {
        let compared = changed(&rows(name), |_| {});
        assert_eq!(bad(&compared, Scope::Times), [], "{name}");
        assert_eq!(compared.verdict(Scope::Repeatable), Gate::Passed, "{name}");
        let text = terminal(&compared, Scope::Repeatable);
        assert!(text.starts_with("gate: passed"), "{text}");
    }
    let compared = changed(&comparison(), |_| {});
    assert_eq!(compared.verdict(Scope::Times), Gate::Passed);
}

/// Checks that a byte more or less in one row contradicts the seconds of the same run.
#[test]
fn a_byte_in_one_row_fails() {
    for change in [1_i64, -1] {
        for name in ["comparison", "quick"] {
            let compared = changed(&rows(name), |rows| {
                let run = rows.runs.iter_mut().find(|run| run.valid).expect("a run");
                run.bytes_down = run.bytes_down.saturating_add_signed(change);
            });
            let found = bad(&compared, Scope::Repeatable);
            assert!(found.contains(&("files", "", "files after")), "{found:?}");
            assert_eq!(compared.verdict(Scope::Repeatable), Gate::Regression);
        }
    }
}

/// Checks that a byte more in each repeat, and in their seconds, is no contradiction and not the
/// same.
#[test]
fn a_byte_in_each_repeat_fails() {
    let compared = changed(&comparison(), |rows| {
        of_way(rows, "websocket").for_each(|run| run.bytes_down += 1);
        let seconds = rows.timeline.iter_mut();
        let first = seconds.filter(|row| row.transport == "websocket" && row.second == 0);
        first.for_each(|row| row.bytes_down += 1);
    });
    let found = bad(&compared, Scope::Repeatable);
    let expected = ("bytes and requests", "WebSocket", "bytes_down_per_delivery");
    assert!(found.contains(&expected), "{found:?}");
    assert!(
        found.iter().all(|(_, way, _)| *way == "WebSocket"),
        "{found:?}"
    );
    let text = terminal(&compared, Scope::Repeatable);
    assert!(text.contains("the same in each repeat"), "{text}");
}

/// Checks that a head that is a byte longer contradicts the formula, whatever the row says.
#[test]
fn a_size_that_no_formula_explains_fails() {
    let compared = changed(&rows("quick"), |rows| {
        let heads = rows
            .ledger
            .iter_mut()
            .filter(|row| row.layer == "ws_head" && row.direction == "down");
        heads.for_each(|row| row.bytes += row.count);
    });
    let found = bad(&compared, Scope::Repeatable);
    let expected = ("formulas", "WebSocket", "sizes by formula");
    assert!(found.contains(&expected), "{found:?}");
}

#[test]
fn what_is_lost_or_not_run_fails() {
    let compared = changed(&comparison(), |rows| {
        let run = of_way(rows, "long_poll")
            .find(|run| run.valid)
            .expect("a run");
        run.lost = 1;
        run.valid = false;
        "lost".clone_into(&mut run.reasons);
    });
    let found = bad(&compared, Scope::Repeatable);
    assert_eq!(found, [("deliveries", "Long poll", "deliveries")]);
    let compared = changed(&comparison(), |rows| {
        rows.runs.retain(|run| run.transport != "long_poll");
    });
    let found = bad(&compared, Scope::Repeatable);
    assert_eq!(
        found,
        [("deliveries", "Long poll", "deliveries"); 2],
        "two cells"
    );
    let compared = changed(&comparison(), |rows| {
        of_way(rows, "websocket").for_each(|run| run.valid = false);
    });
    let text = terminal(&compared, Scope::Repeatable);
    assert!(text.contains("not valid: WebSocket"), "{text}");
}

/// Checks that faults are those of a run where folders have different numbers of repeats, and that
/// runs with altered messages are no mere lack of valid ones.
#[test]
fn faults_are_counted_run_by_run() {
    let missing = |rows: &mut Rows, count: u64| {
        of_way(rows, "long_poll").for_each(|run| run.missed = count);
    };
    let fails = |compared: &Compared| {
        let found = bad(compared, Scope::Repeatable);
        found.contains(&("deliveries", "Long poll", "deliveries"))
    };
    let mut before = comparison();
    missing(&mut before, 2);
    for (count, is_worse) in [(2, false), (4, true)] {
        // As many in all, of half as many runs.
        let compared = changed(&before, |rows| {
            rows.runs.retain(|run| run.repeat <= 4);
            missing(rows, count);
        });
        assert_eq!(fails(&compared), is_worse, "{count}");
    }
    let mut few = before.clone();
    few.runs.retain(|run| run.repeat <= 4);
    let compared = changed(&few, |rows| *rows = before.clone());
    assert!(!fails(&compared), "twice as many runs have twice as many");
    let compared = changed(&comparison(), |rows| {
        for run in of_way(rows, "long_poll").filter(|run| run.repeat == 1) {
            run.valid = false;
            "altered".clone_into(&mut run.reasons);
        }
    });
    assert!(fails(&compared));
    let text = terminal(&compared, Scope::Repeatable);
    assert!(text.contains("1 deliveries are wrong in 8 runs"), "{text}");
}

/// Less work costs less, and is no improvement.
#[test]
fn other_work_is_not_compared() {
    let compared = changed(&rows("quick"), |rows| {
        of_way(rows, "websocket").for_each(|run| {
            run.payload_bytes = 10;
            run.bytes_down -= 90 * run.delivered;
        });
        rows.timeline.clear();
    });
    let found = bad(&compared, Scope::Repeatable);
    assert!(
        found.contains(&("deliveries", "WebSocket", "work")),
        "{found:?}"
    );
    let text = terminal(&compared, Scope::Repeatable);
    assert!(
        text.contains("payload_bytes 100 before, 10 after"),
        "{text}"
    );
}

/// Checks that a machine that is twice as slow changes every time and no ratio.
#[test]
fn a_slower_machine_passes_unless_times_are_asked_for() {
    let compared = changed(&comparison(), |rows| {
        rows.runs.iter_mut().for_each(|run| slow(run, 2.0));
    });
    assert_eq!(bad(&compared, Scope::Repeatable), []);
    assert_eq!(compared.verdict(Scope::Repeatable), Gate::Passed);
    assert_eq!(compared.verdict(Scope::Times), Gate::Regression);
}

/// Checks that a way that became slower than all others is found on any machine, and one that
/// became faster is no regression of the others.
#[test]
fn one_slower_way_fails_and_one_faster_way_passes() {
    for machine in [1.0, 2.0] {
        let compared = changed(&comparison(), |rows| {
            rows.runs.iter_mut().for_each(|run| slow(run, machine));
            of_way(rows, "websocket").for_each(|run| slow(run, 4.0));
        });
        let found = bad(&compared, Scope::Repeatable);
        assert!(!found.is_empty());
        for (kind, way, _) in found {
            assert_eq!((kind, way), ("ratios", "WebSocket"));
        }
        let compared = changed(&comparison(), |rows| {
            rows.runs.iter_mut().for_each(|run| slow(run, machine));
            of_way(rows, "websocket").for_each(|run| slow(run, 0.25));
        });
        assert_eq!(bad(&compared, Scope::Repeatable), []);
    }
}

/// Checks that one run of each way says nothing about times, and everything about bytes.
#[test]
fn single_runs_are_judged_by_what_is_counted() {
    let before = rows("quick");
    let compared = changed(&before, |rows| {
        rows.runs.iter_mut().for_each(|run| slow(run, 9.0));
    });
    assert_eq!(compared.verdict(Scope::Repeatable), Gate::Passed);
    assert_eq!(compared.verdict(Scope::Times), Gate::CannotTell);
    let compared = changed(&before, |rows| {
        rows.timeline.clear();
        of_way(rows, "websocket").for_each(|run| run.bytes_up += run.bytes_up / 20);
    });
    let found = bad(&compared, Scope::Repeatable);
    assert!(found.contains(&("bytes and requests", "WebSocket", "bytes_up_per_delivery")));
}

/// Checks that the suites say what the gate says: a failure for each check that failed, an error
/// for each that is not valid, and nothing of groups that are not judged.
#[test]
fn suites_count_what_was_judged() {
    let compared = changed(&comparison(), |rows| {
        rows.runs.retain(|run| run.transport != "long_poll");
        of_way(rows, "websocket").for_each(|run| slow(run, 4.0));
    });
    for scope in [Scope::Repeatable, Scope::Times] {
        let written = junit::xml("wirebench compare", &suites(&compared, scope));
        let document = Document::parse(&written).expect("XML");
        let count = |outcome| {
            let judged = compared.judged(scope);
            judged
                .filter(|check| check.outcome == outcome)
                .count()
                .to_string()
        };
        let root = document.root_element();
        let expected = [
            ("failures", Outcome::Failed),
            ("errors", Outcome::NotValid),
            ("skipped", Outcome::CannotTell),
        ];
        for (name, outcome) in expected {
            assert_eq!(
                root.attribute(name),
                Some(count(outcome).as_str()),
                "{name}"
            );
        }
        let names: Vec<_> = document
            .descendants()
            .filter(|node| node.has_tag_name("testcase"))
            .map(|node| (node.attribute("classname"), node.attribute("name")))
            .collect();
        assert_eq!(names.len(), compared.judged(scope).count());
        let unique: std::collections::BTreeSet<_> = names.iter().collect();
        assert_eq!(unique.len(), names.len());
    }
    let nothing = junit::xml("x", &suites(&changed(&rows("quick"), |_| {}), Scope::Times));
    assert!(
        nothing.contains("errors=\"1\""),
        "nothing can be told: {nothing}"
    );
    let text = markdown(&compared, Scope::Repeatable);
    assert!(text.contains("| ratios |"), "{text}");
    assert!(text.contains("### Gate: FAILED"), "{text}");
}

/// Checks that every form of a gate says that a folder is being written, and does not pass.
#[test]
fn a_folder_that_is_being_written_passes_no_gate() {
    for (at, figure) in ["files before", "files after"].into_iter().enumerate() {
        let mut compared = changed(&comparison(), |_| {});
        compared.enter_writing(at);
        let found = bad(&compared, Scope::Repeatable);
        assert_eq!(found, [("files", "", figure)]);
        assert_eq!(compared.verdict(Scope::Repeatable), Gate::Regression);
        let written = junit::xml("x", &suites(&compared, Scope::Repeatable));
        assert!(written.contains("errors=\"1\""), "{written}");
        for text in [
            terminal(&compared, Scope::Repeatable),
            markdown(&compared, Scope::Repeatable),
        ] {
            assert!(text.contains("writes to it at this moment"), "{text}");
            assert!(!text.contains("passed ("), "{text}");
        }
    }
}

/// Returns comparisons whose gates say all that one can say of a check that fails, and of gates that
/// pass or cannot tell.
fn told() -> Vec<(Compared, Scope)> {
    let (before, quick) = (comparison(), rows("quick"));
    vec![
        (changed(&before, |_| {}), Scope::Repeatable),
        (changed(&quick, |_| {}), Scope::Times),
        (
            changed(&quick, |rows| {
                let run = rows.runs.iter_mut().find(|run| run.valid).expect("a run");
                run.bytes_down += 1;
            }),
            Scope::Repeatable,
        ),
        (
            changed(&before, |rows| {
                of_way(rows, "websocket").for_each(|run| run.bytes_down += 1);
                of_way(rows, "long_poll").for_each(|run| run.exchanges *= 2);
                rows.runs.retain(|run| run.transport != "short_poll");
                rows.timeline.clear();
            }),
            Scope::Repeatable,
        ),
        (
            changed(&quick, |rows| {
                let of_head = |row: &&mut results::LedgerRow| row.layer == "ws_head";
                let heads = rows.ledger.iter_mut().filter(of_head);
                heads.for_each(|row| row.bytes += row.count);
                of_way(rows, "long_poll").for_each(|run| {
                    run.valid = false;
                    "3 lost; 2 duplicated".clone_into(&mut run.error);
                });
                of_way(rows, "short_poll").for_each(|run| {
                    run.payload_bytes = 10;
                    run.lost = 1;
                });
            }),
            Scope::Repeatable,
        ),
        (
            changed(&before, |rows| {
                of_way(rows, "websocket").for_each(|run| slow(run, 4.0));
            }),
            Scope::Times,
        ),
    ]
}

#[test]
fn no_english_is_left_in_a_gate() {
    for (compared, scope) in told() {
        for form in [terminal_in, markdown_in] {
            let said = form(&compared, scope, Lang::Zh);
            // The folder's own name.
            let plain = said.replace("after：", "").replace('\n', " ");
            assert_eq!(english(&plain), BTreeSet::new(), "{said}");
            let plain = form(&compared, scope, Lang::En).replace('\n', " ");
            assert!(!english(&plain).is_empty(), "{plain}");
        }
    }
}
