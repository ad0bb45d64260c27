//! Tests of what belongs to the window and what does not: connecting and leaving have columns of
//! their own.

use std::path::Path;

use crate::fixture::{MINIATURE, column, lost_nothing, run};

fn numbers(file: &Path, name: &str) -> Vec<f64> {
    let read = |text: &String| text.parse().unwrap_or_else(|_| panic!("{name}: {text:?}"));
    column(file, name).iter().map(read).collect()
}

/// Checks over all five ways that each quantity of `runs.csv` is the sum of `timeline.csv`.
#[test]
fn a_run_is_the_sum_of_its_seconds() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let sets = [&MINIATURE[..], &["traffic.measure=2500ms"]].concat();
    let output = run("scenarios/quick.toml", &out, &sets).output().unwrap();
    lost_nothing(&output, &out);
    let (runs, timeline) = (out.join("runs.csv"), out.join("timeline.csv"));
    let who = |file: &Path| -> Vec<(String, String)> {
        let variants = column(file, "variant").into_iter();
        column(file, "transport")
            .into_iter()
            .zip(variants)
            .collect()
    };
    let (runs_of, seconds_of) = (who(&runs), who(&timeline));
    assert_eq!(runs_of.len(), 5);
    let sum = |name: &str, which: &(String, String)| -> f64 {
        let seconds = numbers(&timeline, name).into_iter().zip(&seconds_of);
        seconds
            .filter(|(_, of)| *of == which)
            .map(|(number, _)| number)
            .sum()
    };
    let delivered = numbers(&runs, "delivered");
    let per_delivery = numbers(&runs, "server_cpu_us_per_delivery");
    for (place, which) in runs_of.iter().enumerate() {
        for name in ["delivered", "bytes_up", "bytes_down"] {
            let whole = numbers(&runs, name)[place];
            assert!((whole - sum(name, which)).abs() < 0.5, "{which:?} {name}");
        }
        let cpu = per_delivery[place] * delivered[place];
        // The column has three digits after the point.
        let rounding = 0.0005 * delivered[place] + 0.5;
        let seconds = sum("server_cpu_us", which);
        assert!(
            (cpu - seconds).abs() <= rounding,
            "{which:?}: {cpu} {seconds}"
        );
    }
}

/// Checks that with many people and little said leaving costs the server about what the window
/// does.
#[test]
fn coming_and_leaving_are_not_in_the_window() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let sets = [
        &MINIATURE[..],
        &["swarm.clients=300", "traffic.rate=1", "swarm.ramp=500ms"],
    ]
    .concat();
    let output = run("scenarios/quick.toml", &out, &sets)
        .args(["--only", "websocket,http_stream"])
        .output()
        .unwrap();
    lost_nothing(&output, &out);
    let runs = out.join("runs.csv");
    // A connection that is opened or closed takes several system calls, each of
    // a microsecond at the very least.
    for name in ["opening_cpu_us_per_client", "closing_cpu_us_per_client"] {
        let costs = numbers(&runs, name);
        assert_eq!(costs.len(), 3);
        assert!(costs.iter().all(|cost| *cost > 1.0), "{name}: {costs:?}");
    }
    let window: f64 = numbers(&out.join("timeline.csv"), "server_cpu_us")
        .iter()
        .sum();
    let told = numbers(&runs, "server_cpu_us_per_delivery").into_iter();
    let delivered = numbers(&runs, "delivered");
    let told: f64 = told.zip(&delivered).map(|(cost, count)| cost * count).sum();
    assert!((told - window).abs() < 0.01 * window, "{told} {window}");
}

#[test]
fn each_draft_is_accepted_before_it_is_heard_by_half() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let output = run("scenarios/quick.toml", &out, &MINIATURE)
        .args(["--only", "short_poll"])
        .output()
        .unwrap();
    lost_nothing(&output, &out);
    let runs = out.join("runs.csv");
    let [accepted, heard, middle] =
        ["accepted_p50_us", "heard_p50_us", "middle_p50_us"].map(|name| numbers(&runs, name)[0]);
    // Half of a poll's interval is between having it and giving it.
    assert!(
        accepted < heard && heard <= middle,
        "{accepted} {heard} {middle}"
    );
    assert!(heard > 250_000.0, "{heard}");
}
