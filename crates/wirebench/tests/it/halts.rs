//! Processes that are stopped in the middle of a run, and what the figures say
//! of it. Every bound is one-sided: a stop lengthens what it must lengthen on
//! any machine, and a busy machine only adds to it.

use std::{path::Path, process::Stdio, time::Duration};

use nix::sys::signal::Signal;

use crate::fixture::{MINIATURE, children, column, ended, run, signal, text, until};

/// A server that is stopped for 1.4 of 4 seconds.
const STALLED: [&str; 4] = [
    "traffic.measure=4s",
    "traffic.rate=100",
    "swarm.clients=10",
    "server.stall={ after = \"1s\", for = \"1400ms\" }",
];

fn micros(file: &std::path::Path, name: &str) -> u64 {
    let values = column(file, name);
    assert_eq!(values.len(), 1, "{name}");
    values[0].parse().expect(name)
}

#[test]
fn a_stalled_server_shows_from_due_and_a_closed_loop_hides_it() {
    let folder = tempfile::tempdir().unwrap();
    for pacing in ["open", "closed"] {
        let out = folder.path().join(pacing);
        let pacing = format!("traffic.pacing={pacing}");
        let sets = [&MINIATURE[..], &STALLED, &[pacing.as_str()]].concat();
        let output = run("scenarios/quick.toml", &out, &sets)
            .args(["--only", "websocket"])
            .output()
            .unwrap();
        let runs = out.join("runs.csv");
        assert_eq!(
            column(&runs, "delivered"),
            column(&runs, "expected"),
            "{}",
            text(&output.stderr)
        );
        // A p99 may be withheld on a busy machine; a mean is always reported.
        let (due, sent) = (micros(&runs, "mean_us"), micros(&runs, "sent_mean_us"));
        // A third of the drafts were due while it stood still, evenly, and waited for
        // half of it on average: 0.7 s, which is 0.245 s over all of them.
        assert!(due >= 240_000, "{pacing}: {due} us from due");
        if pacing.ends_with("closed") {
            // One draft in four hundred was under way when it stopped; the others
            // were not sent until it went on, and so knew nothing of it.
            assert!(sent < due, "{sent} us from sent, {due} us from due");
        }
    }
}

#[test]
fn a_generator_that_was_starved_says_so_everywhere() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let sets = ["traffic.measure=4s", "traffic.rate=50"];
    let child = run(
        "scenarios/quick.toml",
        &out,
        &[&MINIATURE[..], &sets].concat(),
    )
    .args(["--only", "websocket"])
    .stdout(Stdio::piped())
    .stderr(Stdio::piped())
    .spawn()
    .unwrap();
    let swarm = i32::try_from(child.id()).unwrap();
    until("the server", || {
        children(child.id(), "serve").first().copied()
    });
    // It gets no processor for half of its life: drafts are late, whenever
    // *measure* begins.
    for _ in 0..8 {
        signal(swarm, Signal::SIGSTOP);
        std::thread::sleep(Duration::from_millis(400));
        signal(swarm, Signal::SIGCONT);
        std::thread::sleep(Duration::from_millis(400));
    }
    let output = child.wait_with_output().unwrap();
    ended(&output, 3);
    let runs = out.join("runs.csv");
    assert_eq!(column(&runs, "valid"), ["false"]);
    let error = &column(&runs, "error")[0];
    assert!(error.contains("the generator was late"), "{error}");
    let (table, said) = (text(&output.stdout), text(&output.stderr));
    assert!(table.contains("not valid: WebSocket"), "{table}");
    assert!(table.contains("the generator was late"), "{table}");
    assert!(said.contains("the generator was late"), "{said}");
    let figure = std::fs::read_to_string(out.join("figures/latency_by_percentile.svg")).unwrap();
    assert!(figure.contains("the generator was late"), "in the figure");
}

/// Checks a server that is killed and started anew: everybody is back, and what was said after its
/// return is heard once. What it cost the two processes is added up.
#[test]
fn readers_come_back_to_a_server_that_was_killed_in_mid_run() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let sets = [
        "traffic.measure=3s",
        "traffic.rate=2",
        "swarm.clients=20",
        "cut={ kind = \"kill\", after = \"1200ms\", for = \"500ms\" }",
        "reconnect={ base = \"100ms\", cap = \"400ms\" }",
    ];
    let output = run(
        "scenarios/quick.toml",
        &out,
        &[&MINIATURE[..], &sets].concat(),
    )
    .args(["--only", "websocket,sse"])
    .output()
    .unwrap();
    let said = text(&output.stderr);
    let runs = out.join("runs.csv");
    let both = |name: &str| column(&runs, name);
    // Two before the end, one after the return, to each of twenty.
    assert_eq!(both("expected"), ["60", "60"], "{said}");
    assert_eq!(both("delivered"), ["60", "60"], "{said}");
    for (name, value) in [
        ("duplicated", "0"),
        ("missed", "0"),
        ("cut_connections", "20"),
        ("comebacks", "20"),
        ("new_logs", "20"),
        ("cut", "kill at 1s 200ms for 500ms"),
        ("reconnect", "full_jitter 100ms to 400ms"),
    ] {
        assert_eq!(both(name), [value, value], "{name} {said}");
    }
    for last in both("back_last_ms") {
        let last: u64 = last.parse().unwrap();
        assert!(last >= 480, "{last} ms");
    }
    // While it is gone there is nobody to answer.
    let refused = both("reconnect_refused");
    assert!(refused.iter().all(|count| count != "0"), "{refused:?}");
    // Each of the seconds says what the readers of its way did in it.
    let timeline = out.join("timeline.csv");
    both_processes_are_counted(&runs, &timeline);
    let numbers = |name: &str| -> Vec<u64> {
        let cells = column(&timeline, name).into_iter();
        cells.map(|cell| cell.parse().expect(name)).collect()
    };
    let made: u64 = numbers("connections").iter().sum();
    assert!(
        made >= 40,
        "{made} connections of twenty readers over two ways"
    );
    let connected = numbers("connected");
    assert_eq!(
        (connected[0], connected.last()),
        (20, Some(&20)),
        "{connected:?}"
    );
}

/// Checks that a run's processor time is that of the server which was killed 1.2 s after the beginning of
/// *measure*, and of the one that followed it, and is less than neither.
fn both_processes_are_counted(runs: &Path, timeline: &Path) {
    let numbers = |file: &Path, name: &str| -> Vec<f64> {
        let cells = column(file, name).into_iter();
        cells.map(|cell| cell.parse().expect(name)).collect()
    };
    let seconds = numbers(timeline, "second");
    let took = numbers(timeline, "server_cpu_us");
    let ways = column(timeline, "transport");
    let per_delivery = numbers(runs, "server_cpu_us_per_delivery");
    let of_return = numbers(runs, "back_server_cpu_us");
    let peaks = numbers(runs, "back_server_cpu_peak_us");
    for (at, way) in column(runs, "transport").into_iter().enumerate() {
        let sum = |which: fn(f64) -> bool| -> f64 {
            let rows = ways.iter().zip(&seconds).zip(&took);
            let rows = rows.filter(|((of, second), _)| **of == way && which(**second));
            rows.map(|(_, took)| took).sum()
        };
        let (first, second) = (sum(|second| second < 1.0), sum(|second| second >= 2.0));
        assert!(first > 0.0 && second > 0.0, "{way}: {first}, {second}");
        let all = per_delivery[at] * 60.0;
        // The column has three digits behind the point.
        assert!((all - sum(|_| true)).abs() < 0.1, "{way}: {all}");
        assert!(all >= first + second, "{way}: {all}, {first}, {second}");
        assert!(of_return[at] > 0.0 && of_return[at] <= all + 0.1, "{way}");
        assert!(peaks[at] <= of_return[at], "{way}");
    }
    let memory = numbers(runs, "server_rss_added_bytes");
    assert!(memory.iter().all(|bytes| *bytes > 0.0), "{memory:?}");
}

/// Checks that the readers' path goes silent, which no end is told of: they give it up and are
/// back. A server that stands still ends no connection, and a full one ends the oldest.
#[test]
fn silence_frost_and_crowding_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let usual = [
        "traffic.measure=3s",
        "reconnect={ base = \"100ms\", cap = \"400ms\" }",
    ];
    let rows = |name: &str, sets: &[&str]| {
        let out = folder.path().join(name);
        let sets = [&MINIATURE[..], &usual, sets].concat();
        let mut command = run("scenarios/quick.toml", &out, &sets);
        let output = command.args(["--only", "websocket"]).output().unwrap();
        (out.join("runs.csv"), text(&output.stderr))
    };
    let silent = [
        "cut={ kind = \"silent\", after = \"500ms\" }",
        // Longer than the interval of short polls, which stand in the file.
        "reconnect={ base = \"100ms\", cap = \"400ms\", silence = \"1500ms\" }",
        "link={ side = \"readers\" }",
    ];
    let frozen = ["cut={ kind = \"freeze\", after = \"500ms\", for = \"700ms\" }"];
    // An eviction meets a draft on its way seldom, at a dozen a second.
    let crowded = [
        "reconnect={ base = \"1s\", cap = \"1s\" }",
        "server.connections=15",
        "server.full=evict",
        "traffic.drain=6s",
    ];
    let (silent, frozen, crowded) = std::thread::scope(|scope| {
        let silent = scope.spawn(|| rows("silent", &silent));
        let frozen = scope.spawn(|| rows("frozen", &frozen));
        let crowded = rows("crowded", &crowded);
        (silent.join().unwrap(), frozen.join().unwrap(), crowded)
    });
    for (name, at_least, (runs, said)) in [
        ("silent", [20, 20, 20], &silent),
        ("frozen", [0, 0, 0], &frozen),
        ("crowded", [20, 0, 15], &crowded),
    ] {
        let count = |name: &str| -> u64 { column(runs, name)[0].parse().expect(said) };
        assert_eq!(count("delivered"), count("expected"), "{name}: {said}");
        assert_eq!((count("missed"), count("duplicated")), (0, 0), "{name}");
        let counts = ["cut_connections", "silent_connections", "comebacks"].map(count);
        for (count, least) in counts.into_iter().zip(at_least) {
            assert!(
                count >= least && (count > 0) == (least > 0),
                "{name}: {counts:?}"
            );
        }
    }
    assert_eq!(column(&silent.0, "cut"), ["silent at 500ms"]);
    assert_eq!(column(&frozen.0, "cut"), ["freeze at 500ms for 700ms"]);
    assert_eq!(column(&crowded.0, "connection_cap"), ["15 evict"]);
    // Whatever was due as it began waited for as long as the server stood still.
    let longest: u64 = column(&frozen.0, "max_us")[0].parse().unwrap();
    assert!(longest >= 550_000, "{longest} us");
}
