//! The libraries' own clients, unmodified, from npm and `PyPI`, in our rooms.
//!
//! They run as programs of their own (scripts/peers/library-clients) against a
//! server here, which they ask to be restarted when it is time.

use std::{
    io::{BufRead, BufReader, Write},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use server::Settings;
use tokio::task::spawn_blocking;

use crate::fixture::Server;

/// The Python with the packages of requirements.txt, in the folder of the programs.
const PYTHON: &str = "./venv/bin/python";

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../scripts/peers/library-clients")
}

/// Starts a program of the folder; `None`, and loudly so, where what it needs is
/// not installed.
#[expect(clippy::print_stderr, reason = "a check that is left out says so")]
fn start(interpreter: &str, installed: &str, arguments: &[&str]) -> Option<Child> {
    let start = || {
        Command::new(interpreter)
            .args(arguments)
            .current_dir(folder())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .ok()
    };
    let child = folder().join(installed).exists().then(start).flatten();
    if child.is_none() {
        let why = format!(
            "{arguments:?} needs {interpreter} and {installed} in scripts/peers/library-clients; scripts/test installs them"
        );
        assert!(std::env::var_os("WIREBENCH_REQUIRE").is_none(), "{why}");
        eprintln!("SKIPPED: {why}");
    }
    child
}

/// Runs a program with the addresses of two servers, the second with a short
/// log, and restarts the first when it says so.
async fn run(interpreter: &'static str, installed: &str, arguments: &[&str]) {
    let long = || Settings {
        log_events: 2000,
        ..Settings::default()
    };
    let mut server = Server::with(long());
    let short = Server::with(Settings {
        log_events: 50,
        ..Settings::default()
    });
    let address = server.address;
    let urls = [server.address, short.address].map(|address| format!("http://{address}"));
    let arguments: Vec<&str> = arguments
        .iter()
        .copied()
        .chain(urls.iter().map(String::as_str))
        .collect();
    let Some(mut child) = start(interpreter, installed, &arguments) else {
        return;
    };
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let mut input = child.stdin.take().expect("a pipe");
    let mut said = Vec::new();
    loop {
        let (line, rest) = spawn_blocking(|| (lines.next(), lines)).await.unwrap();
        lines = rest;
        let Some(Ok(line)) = line else { break };
        if line == "RESTART" {
            server.stop();
            server.left().await;
            server = Server::at(address, long());
            writeln!(input, "done").expect("it listens");
        }
        said.push(line);
    }
    let status = child.wait().expect("it was started");
    let said = said.join("\n");
    assert!(status.success() && said.ends_with("ALL PASSED"), "{said}");
}

/// A test for each way of each library.
macro_rules! clients {
    ($($name:ident: $interpreter:expr, $installed:expr, $program:expr, $way:expr;)+) => {
        $(#[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            run($interpreter, $installed, &[$program, $way]).await;
        })+
    };
}

clients! {
    socket_io_over_polls: "node", "node_modules/socket.io-client", "socket-io.js", "polling";
    socket_io_over_a_websocket: "node", "node_modules/socket.io-client", "socket-io.js", "websocket";
    socket_io_that_changes_over: "node", "node_modules/socket.io-client", "socket-io.js", "upgrade";
    sockjs_over_a_websocket: "node", "node_modules/sockjs-client", "sockjs.js", "websocket";
    sockjs_over_xhr_streaming: "node", "node_modules/sockjs-client", "sockjs.js", "xhr-streaming";
    sockjs_over_an_event_source: "node", "node_modules/sockjs-client", "sockjs.js", "eventsource";
    sockjs_over_xhr_polling: "node", "node_modules/sockjs-client", "sockjs.js", "xhr-polling";
    python_socketio_over_polls: PYTHON, "venv/bin/python", "socket_io.py", "polling";
    python_socketio_over_a_websocket: PYTHON, "venv/bin/python", "socket_io.py", "websocket";
    python_socketio_that_changes_over: PYTHON, "venv/bin/python", "socket_io.py", "upgrade";
}
