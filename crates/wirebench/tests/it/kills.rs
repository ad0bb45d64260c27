//! A server with a store that is killed under load, and started again on the same folder.
//!
//! `WIREBENCH_KILLS` says how often (`scripts/kill-test`). A killed process loses nothing that the
//! system has taken from it; a disk that forgets is in the tests of `crates/server`.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    },
    thread,
    time::Duration,
};

use serde_json::Value;

use crate::fixture::{MINIATURE, PATIENCE, Serving, column, run, text};

/// The number of threads that speak.
const SPEAKERS: usize = 4;

/// Makes a request on a connection of its own. Returns status and body; `None` if there was no
/// whole answer.
pub(crate) fn exchange(server: &Serving, request: &str, body: &str) -> Option<(u16, Value)> {
    let address = server.url.strip_prefix("http://")?;
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    let length = body.len();
    let head = "host: 127.0.0.1\r\nconnection: close";
    let head = format!("{request} HTTP/1.1\r\n{head}\r\ncontent-length: {length}\r\n\r\n");
    stream.write_all((head + body).as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.get(9..12)?.parse().ok()?;
    Some((status, serde_json::from_str(body).ok()?))
}

/// The messages said and read over all lives of the server.
#[derive(Default)]
pub(crate) struct Known {
    pub(crate) drafts: AtomicU64,
    /// The drafts that were answered with 201, by number.
    pub(crate) said: Mutex<HashMap<u64, String>>,
    /// The texts that were read, in order; the first has number 1.
    pub(crate) read: Vec<String>,
    /// The place of the reader.
    pub(crate) place: String,
}

/// Speaks until told to stop.
pub(crate) fn speak(server: &Serving, known: &Known, stop: &AtomicBool) {
    while !stop.load(SeqCst) {
        let text = format!("draft {}", known.drafts.fetch_add(1, SeqCst));
        let draft = format!(r#"{{"from":"ann","text":"{text}"}}"#);
        match exchange(server, "POST /rooms/a/messages", &draft) {
            Some((201, said)) => {
                let seq = said["seq"].as_u64().expect("a number");
                let mut all = known.said.lock().expect("no speaker panics");
                assert_eq!(all.insert(seq, text), None, "two drafts have number {seq}");
            }
            Some((status, why)) => panic!("{status} {why}"),
            None => {}
        }
    }
}

/// Reads what follows the place, as a reader who was there before.
pub(crate) fn read_on(server: &Serving, known: &mut Known) {
    let request = format!("GET /rooms/a/poll?epoch=1&after={}", known.place);
    let (status, batch) = exchange(server, &request, "").expect("an answer");
    assert_eq!((status, &batch["missed"]), (200, &0.into()), "{batch}");
    if let Some(epoch) = batch["epoch"].as_str() {
        assert_eq!(known.place, "0", "the place is of another log");
        known.place = format!("0-{epoch}");
    }
    for event in batch["events"].as_array().expect("events") {
        known
            .read
            .push(event["text"].as_str().expect("a text").to_owned());
        assert_eq!(event["seq"], known.read.len(), "a number is missing");
    }
    let (_, epoch) = known.place.split_once('-').expect("an epoch");
    known.place = format!("{}-{epoch}", batch["next"]);
}

/// Returns how often a server is to be killed.
pub(crate) fn kills() -> u64 {
    let kills = std::env::var("WIREBENCH_KILLS");
    kills.map_or(5, |text| text.parse().expect("a number of kills"))
}

fn serve(folder: &Path) -> Serving {
    let store = folder.to_string_lossy().into_owned();
    Serving::start(&["--log=1000000", "--log-bytes=1000000000", "--store", &store])
}

/// Lives one life of the server: it is killed while everybody speaks.
fn live(folder: &Path, known: &mut Known, moment: Duration) {
    let mut server = serve(folder);
    read_on(&server, known);
    let stop = Arc::new(AtomicBool::new(false));
    let (shared, serving) = (&*known, &server);
    thread::scope(|scope| {
        for _ in 0..SPEAKERS {
            scope.spawn(|| speak(serving, shared, &stop));
        }
        thread::sleep(moment);
        let pid = nix::unistd::Pid::from_raw(serving.child.id().try_into().expect("a pid"));
        nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGKILL).expect("it is there");
        // Whoever was not answered by now never will be.
        thread::sleep(Duration::from_millis(20));
        stop.store(true, SeqCst);
    });
    server.child.wait().expect("it is gone");
}

#[test]
fn nothing_acknowledged_is_lost_or_doubled_when_the_server_is_killed() {
    let kills = kills();
    let folder = tempfile::tempdir().unwrap();
    let random = RandomState::new();
    let mut known = Known {
        place: "0".to_owned(),
        ..Known::default()
    };
    for kill in 0..kills {
        let moment = Duration::from_millis(20 + random.hash_one(kill) % 300);
        live(folder.path(), &mut known, moment);
    }
    read_on(&serve(folder.path()), &mut known);
    nothing_is_lost_or_doubled(&known, kills);
}

/// Asserts that each draft which was acknowledged was read, once and under its number.
pub(crate) fn nothing_is_lost_or_doubled(known: &Known, kills: u64) {
    let said = known.said.lock().unwrap();
    assert!(said.len() as u64 > kills, "nobody spoke");
    for (seq, text) in &*said {
        let read = known.read.get(usize::try_from(seq - 1).unwrap());
        assert_eq!(read, Some(text), "draft {seq} is not in its place");
    }
    let (all, mut once) = (known.read.len(), known.read.clone());
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), all, "a draft is there twice");
    let mut out = std::io::stdout();
    writeln!(
        out,
        "{kills} kills: {} drafts, {} acknowledged, {all} read",
        known.drafts.load(SeqCst),
        said.len()
    )
    .unwrap();
}

/// Readers who come back to a server that was killed find their log there.
#[test]
fn a_run_with_a_store_goes_on_with_its_log_after_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let sets = [
        "traffic.measure=3s",
        "traffic.rate=2",
        "server.store=disk",
        "cut={ kind = \"kill\", after = \"1200ms\", for = \"500ms\" }",
        "reconnect={ base = \"100ms\", cap = \"400ms\" }",
    ];
    let output = run(
        "scenarios/quick.toml",
        &out,
        &[&MINIATURE[..], &sets].concat(),
    )
    .args(["--only", "websocket"])
    .output()
    .unwrap();
    let said = text(&output.stderr);
    let runs = out.join("runs.csv");
    for (name, value) in [
        ("expected", "60"),
        ("delivered", "60"),
        ("duplicated", "0"),
        ("missed", "0"),
        ("comebacks", "20"),
        ("new_logs", "0"),
    ] {
        assert_eq!(column(&runs, name), [value], "{name} {said}");
    }
    assert!(
        !out.join("store.tmp").exists(),
        "the store is the run's own"
    );
}
