//! The swarm at servers that are not ours: nginx with nchan, Node with ws and with
//! graphql-ws, and the libraries of real chats.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
};

use nix::sys::signal::Signal;

use crate::fixture::{
    MINIATURE, column, ended, lost_nothing, repository, run, signal, text, until, wirebench,
};

/// A peer on a free port, started by its own script; ends with this value.
struct Peer {
    script: Child,
    url: String,
    pid: String,
}

impl Peer {
    /// Starts a peer. Returns `None`, and prints a message, if its requirements are not installed.
    #[expect(clippy::print_stderr, reason = "a check that is left out says so")]
    fn start(name: &str, needs: &str) -> Option<Self> {
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|free| free.local_addr())
            .expect("a free port")
            .port();
        let mut script = Command::new(repository().join("scripts/peers").join(name).join("start"))
            .arg(port.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("bash");
        let mut lines = BufReader::new(script.stdout.take().expect("a piped stdout")).lines();
        let Some(Ok(first)) = lines.next() else {
            let _ = script.wait();
            assert!(
                std::env::var_os("WIREBENCH_REQUIRE").is_none(),
                "{name} did not start; install {needs}"
            );
            eprintln!(
                "SKIPPED: {name} did not start, so nothing was run against it; install {needs}"
            );
            return None;
        };
        let second = lines.next().expect("a second line").expect("a text");
        let pid = second
            .split([' ', ':'])
            .nth(1)
            .expect("a process")
            .to_owned();
        let url = first.strip_prefix("listening on ").expect("an address");
        Some(Self {
            script,
            url: url.to_owned(),
            pid,
        })
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        signal(self.script.id().cast_signed(), Signal::SIGTERM);
        until("the peer ends", || self.script.try_wait().ok().flatten());
    }
}

/// Checks every transport of the peer's own scenario, in miniature: nothing is lost,
/// and its CPU time and memory are known.
fn all_is_heard(name: &str, needs: &str, transports: &[&str]) {
    all_is_heard_in(name, name, needs, transports);
}

/// Checks the same for a scenario that has another name than its peer.
fn all_is_heard_in(name: &str, peer: &str, needs: &str, transports: &[&str]) {
    let Some(peer) = Peer::start(peer, needs) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let mut sets = MINIATURE.to_vec();
    // Short polls bring a message each; they must not fall behind.
    sets.retain(|set| !set.starts_with("traffic.rate"));
    sets.extend(["traffic.rate=3", "traffic.measure=3s"]);
    let output = run(format!("scenarios/peers/{name}.toml"), &out, &sets)
        .args(["--target", &peer.url, "--target-pid", &peer.pid])
        .output()
        .unwrap();
    lost_nothing(&output, &out);
    let runs = out.join("runs.csv");
    assert_eq!(column(&runs, "transport"), transports);
    for measured in ["server_cpu_us_per_delivery", "server_rss_bytes_per_client"] {
        let values = column(&runs, measured);
        assert!(values.iter().all(|value| !value.is_empty()), "{values:?}");
    }
    let path = &column(&runs, "path")[0];
    assert!(path.ends_with("(a contract of its own)"), "{path}");
    // Formulas know the sizes of our own contract only.
    let predicted = fs::read_to_string(out.join("predictions.csv")).unwrap();
    assert!(!predicted.contains("event_json"), "{predicted}");
}

#[test]
fn nchan_over_every_transport() {
    let transports = [
        "short_poll",
        "long_poll",
        "http_stream",
        "http_stream",
        "websocket",
    ];
    all_is_heard("nchan", "nginx and libnginx-mod-nchan", &transports);
}

#[test]
fn node_ws_over_every_transport() {
    let transports = ["short_poll", "long_poll", "http_stream", "websocket"];
    all_is_heard("node-ws", "nodejs and npm", &transports);
}

#[test]
fn graphql_subscriptions_over_a_websocket() {
    all_is_heard("graphql-ws", "nodejs and npm", &["websocket"]);
}

#[test]
fn bayeux_over_polls_and_a_websocket() {
    all_is_heard("bayeux", "nodejs and npm", &["long_poll", "websocket"]);
}

#[test]
fn action_cable_over_a_websocket() {
    all_is_heard("actioncable", "ruby-actioncable and puma", &["websocket"]);
}

/// Checks a protocol of bytes.
#[test]
fn mqtt_over_a_websocket() {
    all_is_heard_in("mqtt", "mosquitto", "mosquitto", &["websocket"]);
}

#[test]
fn libraries_over_their_websockets_and_polls() {
    let node = ["socket-io", "sockjs"].map(|name| (name, "nodejs and npm"));
    let redis = [("socket-io-redis", "nodejs, npm and redis-server")];
    let python = ["sockjs-tornado", "tornado", "gevent-websocket"];
    let python = python.map(|name| (name, "python3 and python3-venv"));
    let rust = [("socketioxide", "cargo, and the packages of its Cargo.lock")];
    thread::scope(|all| {
        for (name, needs) in node.into_iter().chain(redis).chain(python).chain(rust) {
            all.spawn(move || all_is_heard(name, needs, &["websocket"]));
        }
        for (name, needs) in node {
            let polling = format!("{name}-polling");
            all.spawn(move || all_is_heard_in(&polling, name, needs, &["long_poll"]));
        }
    });
}

#[test]
fn libraries_are_compared_under_one_load() {
    let rest = |name: &str| {
        let path = repository().join(format!("scenarios/peers/{name}.toml"));
        let text = fs::read_to_string(path).unwrap();
        let (_, rest) = text.split_once("\n[swarm]\n").unwrap();
        rest.to_owned()
    };
    let first = rest("socket-io");
    let others = [
        "socket-io-redis",
        "socketioxide",
        "sockjs",
        "sockjs-tornado",
        "tornado",
        "gevent-websocket",
    ];
    for name in others {
        assert_eq!(rest(name), first, "{name}");
    }
}

#[test]
fn every_description_of_a_peer_can_be_read() {
    let folder = repository().join("scenarios/peers");
    let mut read = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        scenario::Study::load(&path, &[]).unwrap();
        read += 1;
    }
    assert!(read >= 17, "{read}");
}

#[test]
fn a_description_without_an_address_says_what_to_add() {
    let folder = tempfile::tempdir().unwrap();
    let scenario = folder.path().join("nowhere.toml");
    let nchan = fs::read_to_string(repository().join("scenarios/peers/nchan.toml")).unwrap();
    fs::write(&scenario, nchan.replace("url = ", "# url = ")).unwrap();
    let said = |arguments: &[&str]| {
        let output = wirebench().arg("run").args(arguments).output().unwrap();
        ended(&output, 1);
        text(&output.stderr)
    };
    let scenario = scenario.to_string_lossy();
    assert!(said(&[&scenario]).contains("add --target http://HOST:PORT"));
    let own = Path::new("scenarios/quick.toml").to_string_lossy();
    assert!(said(&[&own, "--target-pid", "1"]).contains("--target must name"));
    let gone = [
        "--target",
        "http://127.0.0.1:1",
        "--target-pid",
        "2147483646",
    ];
    assert!(said(&[&[&*scenario], &gone[..]].concat()).contains("--target-pid"));
}
