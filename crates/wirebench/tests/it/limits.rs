//! The limits of a path: how often it cuts, and how many it lets in.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use crate::{
    fixture::{PATIENCE, Serving, column, ended, lost_nothing, run},
    proxies::sets,
};

/// Checks that a link that ends streams cuts as often as predicted, readers come back, and nothing
/// is lost.
#[test]
fn a_path_that_cuts_is_as_predicted() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let sets = sets(&[
        "link.cut.after=1s",
        "link.side=readers",
        "reconnect.policy=fixed",
        "reconnect.base=200ms",
        "traffic.measure=8s",
    ]);
    let output = run("scenarios/quick.toml", &out, &sets)
        .args(["--only", "sse,websocket"])
        .output()
        .unwrap();
    lost_nothing(&output, &out);
    let runs = out.join("runs.csv");
    let number = |name: &str, row: usize| column(&runs, name)[row].parse::<f64>().unwrap();
    for row in 0..2 {
        let hours = (number("settle_ms", row) + number("window_ms", row)) / 3.6e6;
        let measured = number("cut_connections", row) / 20.0 / hours;
        // A second of each exchange, and the fifth of one away.
        let predicted = 3_600.0 / 1.2;
        assert!((0.6..1.3).contains(&(measured / predicted)), "{measured}");
    }
    // A run that doubts itself on a busy machine is not compared.
    let valid = column(&runs, "valid")
        .iter()
        .filter(|valid| *valid == "true")
        .count();
    let predicted = out.join("predictions.csv");
    let names = column(&predicted, "quantity");
    let rows = names.iter().zip(column(&predicted, "within"));
    let cuts: Vec<_> = rows.filter(|(name, _)| *name == "cuts_per_hour").collect();
    assert_eq!(cuts.len(), valid);
    assert!(cuts.iter().all(|(_, within)| within == "true"), "{cuts:?}");
}

/// Readers hear everything if there is a worker for them and nothing otherwise, as the formula says.
#[test]
fn as_many_readers_fit_as_there_are_workers() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let sets = sets(&[
        "link.workers=[20, 15]",
        "link.side=readers",
        "swarm.connect_within=5s",
    ]);
    let output = run("scenarios/quick.toml", &out, &sets)
        .args(["--only", "websocket"])
        .output()
        .unwrap();
    ended(&output, 3);
    let runs = out.join("runs.csv");
    let predicted = out.join("predictions.csv");
    let names = column(&predicted, "quantity");
    for (row, workers) in column(&runs, "link_workers").iter().enumerate() {
        assert_eq!(column(&runs, "opened_readers")[row], *workers);
        let error = &column(&runs, "error")[row];
        let is_short = error.contains("5 x not connected in time");
        assert_eq!(is_short, workers == "15", "{error}");
        let cell = &column(&runs, "cell")[row];
        let at = (0..names.len())
            .find(|at| names[*at] == "readers_at_once" && column(&predicted, "cell")[*at] == *cell);
        let at = at.expect("a prediction of each run");
        for name in ["predicted", "measured"] {
            let value: f64 = column(&predicted, name)[at].parse().unwrap();
            assert_eq!(format!("{value}"), *workers, "{name}");
        }
    }
}

/// Checks that readers who take longer than they may are given up: through this link a WebSocket
/// takes two round trips, 3.2 s, to be open.
#[test]
fn readers_have_as_long_to_come_in_as_the_scenario_says() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let sets = sets(&[
        "link.delay=800ms",
        "link.side=readers",
        r#"swarm.connect_within=["30s", "1s"]"#,
    ]);
    let output = run("scenarios/quick.toml", &out, &sets)
        .args(["--only", "websocket"])
        .output()
        .unwrap();
    ended(&output, 3);
    let runs = out.join("runs.csv");
    let cells = column(&runs, "cell");
    assert_eq!(cells.len(), 2);
    for (row, cell) in cells.iter().enumerate() {
        let is_short = cell.contains("connect_within=1s");
        let error = &column(&runs, "error")[row];
        let is_late = error.contains("20 x not connected in time");
        assert_eq!(is_late, is_short, "{cell}: {error}");
        let opened = column(&runs, "opened_readers")[row] == "20";
        assert_eq!(opened, !is_short, "{cell}");
    }
}

/// Checks that a stream has the only worker until it is cut; a poll waits for that long.
#[test]
fn a_link_of_the_command_line_has_workers_and_cuts() {
    let server = Serving::start(&[]);
    let link = Serving::link(&server.url, &["--workers", "1", "--cut-after", "1s"]);
    let address = link.url.strip_prefix("http://").unwrap();
    let ask = |path: &str| {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").unwrap();
        stream
    };
    let began = Instant::now();
    let mut stream = ask("/rooms/a/stream");
    stream.read_exact(&mut [0]).unwrap();
    let mut poll = ask("/rooms/a/poll");
    poll.read_exact(&mut [0]).unwrap();
    assert!(began.elapsed() >= Duration::from_secs(1));
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).unwrap();
    assert!(
        !rest.ends_with(b"0\r\n\r\n"),
        "a cut is no end in good order"
    );
}
