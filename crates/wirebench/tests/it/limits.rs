//! The limits of a path: how often it cuts, and how many it lets in. The sizes of requests that a
//! server takes, as its flags say.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use crate::{
    fixture::{PATIENCE, Serving, column, ended, lost_nothing, run, text, wirebench},
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

/// A run of streams and WebSockets under TLS, through a link that cuts.
const CUTS_UNDER_TLS: &str = r#"
name = "cuts"
question = "How often does a path cut connections under TLS?"
repeats = 1
sittings = 1

[swarm]
clients = 20
ramp = "100ms"

[server]
tls = "1.3"

[link]
side = "readers"
cut = { after = "1s" }

[reconnect]
policy = "fixed"
base = "200ms"

[traffic]
rate = 10
settle = "200ms"
measure = "8s"
drain = "20s"

[[transport]]
kind = "http_stream"
framing = "sse"

[[transport]]
kind = "websocket"
"#;

/// Checks that a link cuts the connections of streams and WebSockets under TLS as often as in the
/// clear, and nothing is lost.
#[test]
fn a_path_that_cuts_under_tls_is_as_predicted() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let scenario = folder.path().join("cuts.toml");
    fs::write(&scenario, CUTS_UNDER_TLS).unwrap();
    let output = run(&scenario, &out, &[]).output().unwrap();
    lost_nothing(&output, &out);
    let runs = out.join("runs.csv");
    assert_eq!(column(&runs, "tls"), ["1.3", "1.3"]);
    for cut in column(&runs, "cut_connections") {
        let cut: f64 = cut.parse().unwrap();
        // Twenty readers, for 8.2 s: a second of each exchange, and the fifth of one away.
        assert!((0.6..1.3).contains(&(cut / (20.0 * 8.2 / 1.2))), "{cut}");
    }
}

/// Checks that a link that ends TLS lets in so many polls at once, and all are answered; and a
/// WebSocket goes through it as well.
#[test]
fn a_link_that_ends_tls_has_workers() {
    let server = Serving::start(&[]);
    let link = Serving::link(&server.url, &["--tls", "--workers", "30", "--delay", "1ms"]);
    assert!(link.url.starts_with("https://"), "{}", link.url);
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let output = run("scenarios/quick.toml", &out, &sets(&[]))
        .args(["--only", "short_poll,websocket", "--target", &link.url])
        .arg("--insecure")
        .output()
        .unwrap();
    lost_nothing(&output, &out);
    assert_eq!(column(&out.join("runs.csv"), "tls"), ["1.3", "1.3"]);
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

/// Sends a request, and returns the answer as far as its length goes.
fn exchange(server: &Serving, request: &str) -> String {
    let address = server.url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let (mut answer, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        let so_far = text(&answer);
        if let Some((head, body)) = so_far.split_once("\r\n\r\n") {
            let mut lines = head.lines();
            let length = lines.find_map(|line| line.strip_prefix("content-length: "));
            let length: usize = length.map_or(0, |length| length.parse().unwrap());
            if body.len() >= length {
                return so_far;
            }
        }
        let count = stream.read(&mut buffer).unwrap();
        assert!(count > 0, "{so_far}");
        answer.extend_from_slice(&buffer[..count]);
    }
}

/// Checks that flags say how long heads and bodies may be, and that what is refused for it is counted.
#[test]
fn a_server_takes_requests_of_the_sizes_that_its_flags_say() {
    let flags = ["--head-bytes=2000", "--head-lines=12", "--body-bytes=300"];
    let server = Serving::start(&[&flags[..], &["--metrics"]].concat());
    let get = |path: &str, more: &str| {
        let head = format!("GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n{more}\r\n");
        exchange(&server, &head)
    };
    // The first is read by the quick reader, the second by hyper.
    for path in ["/rooms/a/poll?after=0", "/rooms/a/people"] {
        let long = |bytes: usize| format!("x-more: {}\r\n", "x".repeat(bytes));
        assert!(get(path, &long(1000)).starts_with("HTTP/1.1 200"), "{path}");
        assert!(get(path, &long(2000)).starts_with("HTTP/1.1 431"), "{path}");
        let lines = |count: usize| "x-more: 1\r\n".repeat(count);
        assert!(get(path, &lines(11)).starts_with("HTTP/1.1 200"), "{path}");
        assert!(get(path, &lines(12)).starts_with("HTTP/1.1 431"), "{path}");
    }
    let say = |length: usize| {
        let draft = format!(r#"{{"from":"ann","text":"{}"}}"#, "x".repeat(length - 24));
        assert_eq!(draft.len(), length);
        let path = "POST /rooms/a/messages HTTP/1.1\r\nhost: 127.0.0.1";
        exchange(
            &server,
            &format!("{path}\r\ncontent-length: {length}\r\n\r\n{draft}"),
        )
    };
    assert!(say(300).starts_with("HTTP/1.1 201"));
    assert!(say(301).starts_with("HTTP/1.1 413"));
    let metrics = get("/metrics", "");
    for line in [
        "wirebench_refused_total{code=\"head_too_long\"} 4",
        "wirebench_refused_total{code=\"much_too_long\"} 1",
    ] {
        assert!(metrics.contains(line), "{metrics}");
    }
}

#[test]
fn sizes_that_no_client_can_keep_to_are_refused_at_the_start() {
    for (flag, words) in [
        ("--head-bytes=1023", "head_bytes is 1023; let a head have"),
        ("--head-bytes=1048577", "head_bytes is 1048577"),
        ("--head-lines=7", "head_lines is 7; let a head have"),
        ("--head-lines=1001", "head_lines is 1001"),
        ("--body-bytes=63", "body_bytes is 63; let a body have"),
        ("--body-bytes=67108865", "body_bytes is 67108865"),
    ] {
        let output = wirebench()
            .args(["serve", "--listen", "127.0.0.1:0", flag])
            .output()
            .unwrap();
        assert!(!output.status.success(), "{flag}");
        let said = text(&output.stderr);
        assert!(said.contains(words), "{said}");
    }
}
