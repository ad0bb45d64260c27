//! A Redis that is lost with its machine, and a replica that takes its place: what was acknowledged
//! and is not there, without and with a replica that is waited for.
//!
//! `WIREBENCH_FAILOVERS` says how often (`scripts/failover-test`).

use std::{
    collections::{HashMap, HashSet},
    io::{self, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    },
    thread,
    time::Duration,
};

use crate::{
    fixture::{Serving, until},
    kills::exchange,
    redis::{Redis, node_at},
};

/// The time for which the replica lies behind, as one in another place does.
const BEHIND: &str = "--delay=20ms";
/// The number of threads that speak.
const SPEAKERS: usize = 4;
/// The time for which everybody speaks before the master is lost.
const SPEAKING: Duration = Duration::from_millis(800);

/// An address that leads to one Redis, and then to another.
struct Front {
    address: SocketAddr,
    to: Arc<Mutex<SocketAddr>>,
}

impl Front {
    fn before(redis: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let to = Arc::new(Mutex::new(redis));
        let leads = Arc::clone(&to);
        thread::spawn(move || {
            for near in listener.incoming().map_while(Result::ok) {
                let to = *leads.lock().unwrap();
                // While nobody is there, whoever comes is sent away.
                if let Ok(far) = TcpStream::connect(to) {
                    carry(&near, &far);
                    carry(&far, &near);
                }
            }
        });
        Self { address, to }
    }

    fn lead_to(&self, redis: SocketAddr) {
        *self.to.lock().unwrap() = redis;
    }

    fn url(&self) -> String {
        format!("redis://{}", self.address)
    }
}

/// Carries bytes one way until either end closes, and then closes both.
fn carry(from: &TcpStream, to: &TcpStream) {
    let (mut from, mut to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
    to.set_nodelay(true).unwrap();
    thread::spawn(move || {
        let _ = io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Both);
        let _ = from.shutdown(Shutdown::Both);
    });
}

/// The drafts that were said, and what became of them.
#[derive(Default)]
struct Said {
    drafts: AtomicU64,
    /// The drafts that were answered with 201, by number.
    acknowledged: Mutex<HashMap<u64, String>>,
    refused: AtomicU64,
}

fn speak(server: &Serving, said: &Said, stop: &AtomicBool) {
    while !stop.load(SeqCst) {
        let text = format!("draft {}", said.drafts.fetch_add(1, SeqCst));
        let draft = format!(r#"{{"from":"ann","text":"{text}"}}"#);
        match exchange(server, "POST /rooms/a/messages", &draft) {
            Some((201, answer)) => {
                let seq = answer["seq"].as_u64().expect("a number");
                said.acknowledged.lock().unwrap().insert(seq, text);
            }
            Some((503, answer)) => {
                // A room that is not open yet is opened from Redis.
                let code = answer["code"].as_str().unwrap_or_default();
                assert!(["not_stored", "no_log"].contains(&code), "{answer}");
                said.refused.fetch_add(1, SeqCst);
                thread::sleep(Duration::from_millis(10));
            }
            other => panic!("{other:?}"),
        }
    }
}

fn speak_for(server: &Serving, said: &Said, time: Duration, then: impl FnOnce()) {
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..SPEAKERS {
            scope.spawn(|| speak(server, said, &stop));
        }
        thread::sleep(time);
        then();
        stop.store(true, SeqCst);
    });
}

/// The figures of failovers.
#[derive(Debug, Default)]
struct Count {
    acknowledged: usize,
    lost: usize,
    refused: u64,
}

/// Lets everybody speak, loses the master and the way from it to its replica while they do, and puts
/// the replica in its place. Drafts that were acknowledged before are looked for in the log that is
/// there then.
fn fail_over(options: &[&str], count: &mut Count) {
    let mut master = Redis::start().expect("it is installed");
    let mut way = Serving::link(&format!("http://{}", master.address), &[BEHIND]);
    let behind = way.url.strip_prefix("http://").unwrap().parse().unwrap();
    let replica = Redis::replica_of(behind);
    let front = Front::before(master.address);
    let node = node_at(&front.url(), options);
    let said = Said::default();
    speak_for(&node, &said, SPEAKING, || {
        until("a draft is acknowledged", || {
            (!said.acknowledged.lock().unwrap().is_empty()).then_some(())
        });
        // What the way had taken and not brought yet is lost as well.
        way.child.kill().unwrap();
        master.kill();
        thread::sleep(Duration::from_millis(50));
    });
    let before = said.acknowledged.lock().unwrap().clone();
    let _: String = replica.ask(&["REPLICAOF", "NO", "ONE"]);
    front.lead_to(replica.address);
    let log = log_of(&replica);
    let is_there = |(seq, text): &(&u64, &String)| log.get(*seq) == Some(*text);
    count.acknowledged += before.len();
    count.lost += before.iter().filter(|one| !is_there(one)).count();
    // Whoever waits for a replica takes nothing before there is one again.
    let _other = Redis::replica_of(replica.address);
    until("drafts are taken again", || {
        let draft = r#"{"from":"ann","text":"after"}"#;
        let (status, _) = exchange(&node, "POST /rooms/a/messages", draft)?;
        (status == 201).then_some(())
    });
    speak_for(&node, &said, Duration::from_millis(200), || {});
    let texts: Vec<String> = log_of(&replica).into_values().collect();
    let once: HashSet<&String> = texts.iter().filter(|text| *text != "after").collect();
    let after = texts.iter().filter(|text| *text == "after").count();
    assert_eq!(once.len() + after, texts.len(), "a draft is there twice");
    count.refused += said.refused.load(SeqCst);
}

/// Returns the texts in the log of room `a`, by their numbers, as a new server has them.
fn log_of(redis: &Redis) -> HashMap<u64, String> {
    let server = redis.node();
    let (status, batch) = exchange(&server, "GET /rooms/a/poll?epoch=1", "").expect("an answer");
    assert_eq!(status, 200, "{batch}");
    let events = batch["events"].as_array().expect("events").iter();
    events
        .map(|event| {
            let text = event["text"].as_str().expect("a text");
            (event["seq"].as_u64().expect("a number"), text.to_owned())
        })
        .collect()
}

fn failovers() -> u64 {
    let failovers = std::env::var("WIREBENCH_FAILOVERS");
    failovers.map_or(1, |text| text.parse().expect("a number of failovers"))
}

fn tell(what: &str, times: u64, count: &Count) {
    let Count {
        acknowledged,
        lost,
        refused,
    } = count;
    let mut out = io::stdout();
    writeln!(
        out,
        "{times} failovers {what}: {acknowledged} acknowledged, {lost} of them lost, {refused} \
         refused meanwhile"
    )
    .unwrap();
}

#[test]
fn a_failover_loses_what_the_replica_had_not_got_yet() {
    if Redis::start().is_none() {
        return;
    }
    let mut count = Count::default();
    let mut times = 0;
    // On a busy machine nothing may be acknowledged in the last moment before the master is lost.
    while times < failovers() || (count.lost == 0 && times < failovers() + 5) {
        fail_over(&[], &mut count);
        times += 1;
    }
    tell("without a replica that is waited for", times, &count);
    // Otherwise the other test would find nothing, whatever the server did.
    assert!(count.lost > 0, "{count:?}");
}

#[test]
fn a_failover_loses_nothing_acknowledged_that_a_replica_was_waited_for() {
    if Redis::start().is_none() {
        return;
    }
    let mut count = Count::default();
    for _ in 0..failovers() {
        fail_over(&["--store-replicas=1"], &mut count);
    }
    tell("with one replica waited for", failovers(), &count);
    assert!(count.acknowledged > 0, "nobody was answered");
    assert_eq!(count.lost, 0, "{count:?}");
}
