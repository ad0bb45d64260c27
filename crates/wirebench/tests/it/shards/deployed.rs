//! The services of `deploy/shards/compose.yml`, run as processes of this machine and not in containers:
//! nginx, two servers over a Redis, and two shards.

use std::{
    fs,
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use super::{SETS, figure, merge};
use crate::{
    fixture::{Serving, lost_nothing, repository, until},
    proxies::is_there,
    redis::Redis,
};

/// The time until the first draft: enough to start, to calibrate and to connect.
const LEAD: Duration = Duration::from_secs(20);

/// Returns the command of a service, word by word.
fn command(compose: &str, service: &str) -> Vec<String> {
    let (_, rest) = compose.split_once(&format!("\n  {service}:")).unwrap();
    let mut lines = rest.lines();
    let command = lines.find_map(|line| line.trim().strip_prefix("command: "));
    serde_json::from_str(command.unwrap()).unwrap()
}

/// Returns the settings of nginx.
fn settings(compose: &str) -> String {
    let (_, rest) = compose.split_once("    content: |\n").unwrap();
    let lines: Vec<_> = rest.lines().map(str::trim_start).collect();
    lines.join("\n").replace("$$", "$")
}

/// Replaces each of these words, which must be there.
fn altered(text: &str, words: &[(&str, &str)]) -> String {
    words.iter().fold(text.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "no {from} in {text}");
        text.replace(from, to)
    })
}

/// Starts nginx with the file's settings, at a free port of its own, before these servers.
fn nginx(compose: &str, folder: &Path, nodes: &[Serving; 2]) -> Serving {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap().to_string();
    drop(free);
    let [one, two] = nodes.each_ref().map(|node| {
        let address = node.url.strip_prefix("http://");
        address.unwrap().to_owned()
    });
    // Files of its own, which a container has anyway.
    let kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    let files = kinds.map(|kind| format!("{kind}_temp_path {}/{kind};", folder.display()));
    let listen = format!("listen {address};");
    let http = format!("http {{ {}", files.join(" "));
    let settings = altered(
        &settings(compose),
        &[
            ("node-1:8080", one.as_str()),
            ("node-2:8080", two.as_str()),
            ("listen 80;", listen.as_str()),
            ("http {", http.as_str()),
        ],
    );
    let own = format!(
        "daemon off; master_process off; pid {}/pid;",
        folder.display()
    );
    let file = folder.join("nginx.conf");
    fs::write(&file, format!("{own}\n{settings}\n")).unwrap();
    let child = Command::new("nginx")
        .arg("-c")
        .arg(&file)
        .arg("-p")
        .arg(folder)
        .arg("-e")
        .arg(folder.join("error.log"))
        .stdin(Stdio::null())
        .spawn()
        .unwrap();
    until("nginx listens", || TcpStream::connect(&address).ok());
    let url = format!("http://{address}");
    Serving { child, url }
}

/// Starts a shard that begins at `start`, in seconds since 1970.
fn shard(compose: &str, number: usize, start: &str, within: &Path, target: &str) -> Child {
    let words = command(compose, &format!("shard-{number}"));
    let results = format!("{}/", within.display());
    let words = altered(
        &words[1..].join("\n"),
        &[
            ("/scenarios/quick.toml", "scenarios/quick.toml"),
            ("${START:-0}", start),
            ("http://chat", target),
            ("/results/", results.as_str()),
        ],
    );
    let mut command = Command::new(env!("CARGO_BIN_EXE_wirebench"));
    command.current_dir(repository()).args(words.split('\n'));
    command.args(["--only", "websocket"]);
    for set in SETS {
        command.args(["--set", set]);
    }
    command.stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

#[test]
fn what_compose_describes_runs_as_processes_of_this_machine() {
    if !is_there("nginx", "nginx") {
        return;
    }
    let compose = repository().join("deploy/shards/compose.yml");
    let compose = fs::read_to_string(compose).unwrap();
    let words = command(&compose, "redis");
    let options: Vec<&str> = words[1..].iter().map(String::as_str).collect();
    let Some(redis) = Redis::with(&options) else {
        return;
    };
    let words = command(&compose, "node-1");
    assert_eq!(
        words[..4],
        ["wirebench", "serve", "--listen", "0.0.0.0:8080"]
    );
    let url = redis.url();
    let options = altered(
        &words[4..].join(" "),
        &[("redis://redis:6379", url.as_str())],
    );
    let options: Vec<&str> = options.split(' ').collect();
    let nodes = [Serving::start(&options), Serving::start(&options)];
    let folder = tempfile::tempdir().unwrap();
    let front = nginx(&compose, folder.path(), &nodes);
    let start = SystemTime::now().duration_since(UNIX_EPOCH).unwrap() + LEAD;
    let start = start.as_secs().to_string();
    let shards = [1, 2].map(|number| shard(&compose, number, &start, folder.path(), &front.url));
    let folders = ["shard-1", "shard-2"].map(|name| folder.path().join(name));
    for (shard, out) in shards.into_iter().zip(&folders) {
        lost_nothing(&shard.wait_with_output().unwrap(), out);
    }
    let merged = folder.path().join("merged");
    let output = merge(&[&folders[0], &folders[1]], &merged);
    lost_nothing(&output, &merged);
    assert_eq!(figure(&merged, "delivered"), "160");
    assert_eq!(figure(&merged, "processes"), "2");
}
