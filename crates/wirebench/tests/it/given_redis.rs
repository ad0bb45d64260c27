//! `run --redis`: a Redis that was there before the run, that others use as well, and that has
//! nothing of the run afterwards.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Command, Stdio},
    thread,
};

use crate::{
    fixture::{assert_positive, children, column, ended, lost_nothing, run, text, until},
    kills::exchange,
    proxies::sets,
    redis::Redis,
};

const SETS: [&str; 3] = [
    "server.store=redis",
    "server.nodes=2",
    "swarm.presence=true",
];
/// With characters that a URL has to escape.
const SECRET: &str = "s/ecr@t";
/// The variable in which the password may be.
const VARIABLE: &str = "WIREBENCH_REDIS_PASSWORD";

/// Returns the command of a short run over the Redis at `url`.
fn over(url: &str, out: &Path, more: &[&str]) -> Command {
    let sets = sets(&[&SETS[..], more].concat());
    let mut run = run("scenarios/quick.toml", out, &sets);
    run.args(["--redis", url]).env_remove(VARIABLE);
    run
}

fn keys(redis: &Redis) -> Vec<String> {
    let mut keys: Vec<String> = redis.ask(&["KEYS", "*"]);
    // A server that others run goes on: these come and go with it.
    keys.retain(|key| !key.starts_with("wirebench:node"));
    keys.sort_unstable();
    keys
}

/// Asserts that no file below a folder has these words.
fn nowhere(folder: &Path, words: &str) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            nowhere(&path, words);
        } else {
            let bytes = fs::read(&path).unwrap();
            assert!(!text(&bytes).contains(words), "{}", path.display());
        }
    }
}

#[test]
fn a_run_uses_a_redis_that_is_there_and_leaves_nothing_in_it() {
    let Some(redis) = Redis::with(&["--requirepass", SECRET]) else {
        return;
    };
    // A server that somebody uses meanwhile, with a room of the same name as the run's.
    let theirs = redis.node();
    let draft = r#"{"from":"ann","text":"ours"}"#;
    exchange(&theirs, "POST /rooms/r00000/messages", draft).expect("an answer");
    let _: String = redis.ask(&["SET", "somebody", "else"]);
    let before = keys(&redis);
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let child = over(&redis.url(), &out, &[])
        .args(["--only", "websocket,sse,long_poll"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let pid = child.id();
    let servers = until("both servers are there", || {
        let servers = children(pid, "serve");
        (servers.len() == 2).then_some(servers)
    });
    let line = fs::read(format!("/proc/{}/cmdline", servers[0])).expect("it runs");
    let line = text(&line);
    assert!(line.contains("--store"), "{line}");
    assert!(!line.contains("ecr"), "everybody can see it: {line}");
    assert!(children(pid, "keep").is_empty(), "no Redis of its own");
    let output = child.wait_with_output().unwrap();
    lost_nothing(&output, &out);
    assert_eq!(keys(&redis), before);
    let runs = out.join("runs.csv");
    assert_eq!(column(&runs, "nodes"), ["2", "2", "2"]);
    assert_eq!(column(&runs, "broker"), ["redis everysec given"; 3]);
    for measured in ["broker_rss_bytes", "broker_bytes_in", "broker_bytes_out"] {
        assert_positive(&runs, measured);
    }
    let manifest = fs::read(out.join("manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
    let about = &manifest["redis"];
    assert_eq!(about["is_own"], false, "{about}");
    assert_eq!(about["appendfsync"], "everysec", "{about}");
    assert!(
        about["version"]
            .as_str()
            .is_some_and(|version| version >= "7"),
        "{about}"
    );
    let url = format!("redis://{}", redis.address);
    assert_eq!(manifest["request"]["redis"], url.as_str());
    for word in [SECRET, "s%2Fecr%40t"] {
        nowhere(&out, word);
        assert!(!text(&output.stderr).contains(word));
    }
}

/// Gives the password in the environment, beside a URL that nobody need hide.
#[test]
fn two_runs_over_one_redis_at_the_same_time_do_not_meet() {
    let Some(redis) = Redis::with(&["--requirepass", SECRET]) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let url = format!("redis://{}", redis.address);
    let outs = ["one", "other"].map(|name| folder.path().join(name));
    let runs = outs.clone().map(|out| {
        over(&url, &out, &["server.nodes=1"])
            .args(["--only", "websocket,short_poll"])
            .env(VARIABLE, SECRET)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    });
    for (child, out) in runs.into_iter().zip(&outs) {
        let output = child.wait_with_output().unwrap();
        lost_nothing(&output, out);
        nowhere(out, SECRET);
    }
    let left: Vec<String> = redis.ask(&["KEYS", "*"]);
    assert_eq!(left, Vec::<String>::new());
}

#[test]
fn a_run_that_is_asked_to_end_leaves_nothing_in_redis() {
    let Some(redis) = Redis::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let mut child = over(&redis.url(), &out, &["traffic.measure=60s"])
        .args(["--only", "websocket"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    until("the run has begun", || {
        let all: Vec<String> = redis.ask(&["KEYS", "wirebench:run:*:log"]);
        (!all.is_empty()).then_some(())
    });
    let pid = i32::try_from(child.id()).unwrap();
    crate::fixture::signal(pid, nix::sys::signal::Signal::SIGINT);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let left: Vec<String> = redis.ask(&["KEYS", "*"]);
    assert_eq!(left, Vec::<String>::new());
}

/// Answers as a Redis of version 4 does, as far as it is asked.
fn old_redis() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            thread::spawn(move || old_answers(&stream));
        }
    });
    address
}

/// Reads commands, each a list of texts with their lengths, and answers them.
fn old_answers(stream: &TcpStream) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut number = |mark: char| {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let number: usize = line.strip_prefix(mark)?.trim().parse().ok()?;
        if mark == '*' {
            return Some((number, String::new()));
        }
        let mut word = vec![0; number + 2];
        reader.read_exact(&mut word).ok()?;
        Some((number, text(&word).trim().to_owned()))
    };
    loop {
        let (count, _) = number('*')?;
        let words: Option<Vec<String>> = (0..count).map(|_| Some(number('$')?.1)).collect();
        let about = "redis_version:4.0.14\r\nrole:master\r\n";
        let answer = match words?.first().map(String::as_str) {
            Some("INFO") => format!("${}\r\n{about}\r\n", about.len()),
            _ => "-ERR unknown command\r\n".to_owned(),
        };
        let mut stream = stream;
        stream.write_all(answer.as_bytes()).ok()?;
    }
}

/// Asserts that a run over the Redis at `url` is refused with these words before anything is made.
fn refused(url: &str, more: &[&str], words: &str) {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let output = over(url, &out, more).output().unwrap();
    ended(&output, 1);
    let said = text(&output.stderr);
    assert!(said.contains(words), "{url}: {said}");
    assert!(!said.contains("wrong-password"), "{said}");
    assert!(!out.exists(), "{url}: a run was begun");
}

#[test]
fn a_redis_that_cannot_be_used_is_refused_before_the_run_with_what_to_do() {
    let Some(open) = Redis::start() else { return };
    refused(
        "redis://:wrong-password@127.0.0.1:1",
        &[],
        "start it, or leave out --redis",
    );
    let redis = Redis::with(&["--requirepass", SECRET]).unwrap();
    let address = redis.address;
    for url in [
        format!("redis://{address}"),
        format!("redis://:wrong-password@{address}"),
        format!("redis://ann:wrong-password@{address}"),
    ] {
        refused(&url, &[], "wants another password");
    }
    let old = format!("redis://{}", old_redis());
    refused(&old, &[], "is version 4.0.14, and 7 or later is needed");
    let replica = Redis::replica_of(open.address);
    let words = format!("name the one that it follows, {}", open.address);
    refused(&replica.url(), &[], &words);
    let always = ["server.appendfsync=always"];
    refused(&open.url(), &always, "which a run does not change");
    refused("rediss://:wrong-password@h", &[], "redis://HOST:PORT");
    let memory = ["server.store=memory", "server.nodes=1"];
    refused(&open.url(), &memory, "add --set server.store=redis");
}
