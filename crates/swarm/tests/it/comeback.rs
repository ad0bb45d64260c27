//! Readers that lose their connections come back to their places, on every way, and a server that
//! gives them less or more than it owes them is found out.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use swarm::{
    Target,
    outcome::Outcome,
    plan::{Cut, CutKind, KeptPlace, Plan, Policy, Reconnect, Speak, Variant},
};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
    runtime::Runtime,
    sync::watch,
};
use wire::Framing;

use crate::{
    by_hand::{answer, request},
    fixture::{self, assert_whole, each_variant, plan, run},
    libraries,
};

fn cut(kind: CutKind) -> Cut {
    Cut {
        kind,
        after: Duration::from_millis(300),
        rate: None,
        share: 1.0,
        duration: Duration::from_secs(1),
    }
}

fn reconnect() -> Reconnect {
    Reconnect {
        base: Duration::from_millis(300),
        cap: Duration::from_secs(1),
        ..Reconnect::default()
    }
}

/// Makes a plan of people of whom none speaks, in a run that cuts their connections.
fn with_cut(mut plan: Plan, kind: CutKind) -> Plan {
    plan.traffic.speak = Speak::Post;
    plan.cut = Some(cut(kind));
    plan.reconnect = Some(reconnect());
    plan
}

#[test]
fn whoever_loses_its_connection_comes_back_to_its_place_on_every_way() {
    for kind in [CutKind::Close, CutKind::Reset] {
        each_variant(|usual, server| {
            let plan = with_cut(usual, kind);
            let (outcome, _) = run(&plan, &server);
            assert_whole(&plan, &outcome);
            assert_eq!(
                (outcome.ledger_difference, outcome.unparsed_bytes()),
                (0, 0)
            );
            let told = outcome.comebacks.unwrap();
            assert_eq!(
                (told.lost, told.back, told.refused),
                (12, 12, 0),
                "{plan:?}"
            );
            assert!(told.attempts >= 12 && told.peak_per_second >= 1, "{told:?}");
            assert!(told.last_back >= told.away.last().copied(), "{told:?}");
            // Twenty messages a second, and 150 ms away on average.
            assert!(told.replayed > 0 && told.replayed_bytes > 40 * told.replayed);
            assert_eq!(told.new_logs, 0);
        });
    }
}

#[test]
fn clients_of_libraries_come_back_to_their_places() {
    thread::scope(|scope| {
        for variant in libraries::variants() {
            scope.spawn(|| {
                let server = fixture::Server::start();
                let plan = with_cut(plan(variant), CutKind::Reset);
                let (outcome, _) = run(&plan, &server);
                assert_whole(&plan, &outcome);
                let told = outcome.comebacks.unwrap();
                assert_eq!((told.lost, told.back), (12, 12), "{plan:?}");
                assert!(told.replayed > 0, "{plan:?}");
            });
        }
    });
}

#[test]
fn connections_are_cut_at_a_rate_and_for_a_share() {
    each_variant(|usual, server| {
        let mut plan = with_cut(usual, CutKind::Reset);
        plan.traffic.measure = Duration::from_secs(2);
        plan.reconnect.as_mut().unwrap().base = Duration::from_millis(20);
        let of = plan.cut.as_mut().unwrap();
        (of.share, of.rate) = (0.5, Some(20.0));
        let (outcome, _) = run(&plan, &server);
        assert_whole(&plan, &outcome);
        let told = outcome.comebacks.unwrap();
        // Some thirty, less those that met a reader who was away.
        assert!((10..=60).contains(&told.lost), "{told:?}");
        assert_eq!(told.lost, told.back);
        // Six keep their connections, and each hears some of it after the first loss.
        assert!(told.undisturbed >= 12, "{told:?}");
        assert!(told.undisturbed_p50 <= told.undisturbed_p99);
    });
}

#[test]
fn whoever_gives_up_its_place_or_does_not_come_back_loses_messages() {
    each_variant(|usual, server| {
        let mut plan = with_cut(usual, CutKind::Reset);
        plan.traffic.drain = Duration::from_millis(1500);
        let policy = plan.reconnect.as_mut().unwrap();
        (policy.place, policy.policy) = (KeptPlace::Lost, Policy::Fixed);
        plan.cut.as_mut().unwrap().share = 0.5;
        let (outcome, _) = run(&plan, &server);
        let told = outcome.comebacks.as_ref().unwrap();
        assert_eq!((told.lost, told.back), (6, 6), "{:?}", plan.variant);
        // 300 ms of twenty messages a second or more, for six; the others heard all.
        let lost = outcome.lost();
        assert!((6..120).contains(&lost), "{lost} lost, {:?}", plan.variant);
        assert_eq!((outcome.duplicated, outcome.missed), (0, 0));
        // What a reader gives up of its own will, no server passed over.
        assert_eq!(outcome.failures, [].into(), "{:?}", plan.variant);
        plan.reconnect.as_mut().unwrap().policy = Policy::None;
        let (outcome, _) = run(&plan, &server);
        let told = outcome.comebacks.as_ref().unwrap();
        assert_eq!((told.lost, told.back, told.last_back), (6, 0, None));
        assert!(outcome.lost() >= 60, "{} lost", outcome.lost());
    });
}

/// Makes a plan of readers that come back as an `EventSource` does.
fn as_event_source() -> Plan {
    let framing = Framing::Sse;
    let mut plan = with_cut(plan(Variant::HttpStream { framing }), CutKind::Reset);
    plan.reconnect.as_mut().unwrap().policy = Policy::EventSource;
    plan
}

#[test]
fn an_event_source_waits_for_three_seconds_whatever_the_plan_begins_with() {
    let server = fixture::Server::start();
    let plan = as_event_source();
    let (outcome, _) = run(&plan, &server);
    assert_whole(&plan, &outcome);
    let told = outcome.comebacks.unwrap();
    assert_eq!((told.lost, told.back, told.refused), (12, 12, 0));
    let least = told.away.iter().min().copied().unwrap_or_default();
    assert!(least >= 3_000_000_000, "{least} ns");
}

/// A way in which a server takes a place, right or wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Habit {
    Honest,
    /// The first event after the place comes twice.
    Twice,
    /// The first event after the place does not come.
    Drops,
    /// The first event after the place does not come, and a gap says so.
    Tells,
    /// Each connection finds another log.
    Forgets,
    /// Whoever comes back is refused, and told to try again at once.
    Refuses,
}

type Log = watch::Sender<Vec<String>>;

/// A server of streams alone, written by hand; it ends with this value.
struct Server {
    address: SocketAddr,
    runtime: Option<Runtime>,
}

impl Server {
    fn start(habit: Habit) -> Self {
        let runtime = Runtime::new().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let log = Log::default();
        let epochs = Arc::new(Mutex::new(0));
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                stream.set_nodelay(true).unwrap();
                tokio::spawn(talk(stream, habit, log.clone(), Arc::clone(&epochs)));
            }
        });
        let runtime = Some(runtime);
        Self { address, runtime }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.runtime.take().unwrap().shutdown_background();
    }
}

async fn talk(
    mut stream: TcpStream,
    habit: Habit,
    log: Log,
    epochs: Arc<Mutex<u32>>,
) -> Option<()> {
    let mut bytes = Vec::new();
    loop {
        let (head, body) = request(&mut stream, &mut bytes).await?;
        if head.starts_with("POST") {
            let said = format!("{{\"seq\":{}}}", take(&log, &body));
            answer(&mut stream, "201 Created", "", &said).await?;
            continue;
        }
        let after = head.split("after=").nth(1)?.split([' ', '&']).next()?;
        let epoch = {
            let mut last = epochs.lock().unwrap();
            *last += u32::from(habit == Habit::Forgets);
            *last
        };
        if habit == Habit::Refuses && after.contains('-') {
            let (status, lines) = ("503 Service Unavailable", "Retry-After: 0\r\n");
            answer(&mut stream, status, lines, "").await?;
            continue;
        }
        let framing = if head.contains("/sse?") {
            Framing::Sse
        } else {
            Framing::Ndjson
        };
        let kind = framing.content_type();
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ntransfer-encoding: chunked\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.ok()?;
        let newest = log.borrow().len();
        let mut next = match after.split_once('-') {
            None => newest,
            Some((place, _)) => place.parse().unwrap(),
        };
        let comes_back = after.contains('-');
        let gap = |missed: usize, next: usize, epoch: &str| {
            format!("{{\"kind\":\"gap\",\"missed\":{missed},\"next\":{next}{epoch}}}")
        };
        let mut lines = Vec::new();
        if !comes_back || habit == Habit::Forgets {
            let missed = usize::from(comes_back);
            let epoch = format!(",\"epoch\":\"{epoch:06x}\"");
            if comes_back {
                // All that is kept: the log begins where the other one broke off.
                next = next.min(newest);
            }
            lines.push(gap(missed, next, &epoch));
        }
        if comes_back && next < newest {
            match habit {
                Habit::Twice => lines.push(log.borrow()[next].clone()),
                Habit::Drops => next += 1,
                Habit::Tells => {
                    next += 1;
                    lines.push(gap(1, next, ""));
                }
                Habit::Honest | Habit::Forgets | Habit::Refuses => {}
            }
        }
        return follow(stream, &log, next, lines, framing).await;
    }
}

/// Puts a draft into the log and returns its number.
fn take(log: &Log, body: &str) -> usize {
    let mut seq = 0;
    log.send_modify(|log| {
        seq = log.len() + 1;
        let draft = &body[1..body.len() - 1];
        log.push(format!(
            "{{\"seq\":{seq},\"kind\":\"message\",{draft},\"at\":1}}"
        ));
    });
    seq
}

/// Sends lines, and all that the log has from `next` on, until the reader leaves.
async fn follow(
    mut stream: TcpStream,
    log: &Log,
    mut next: usize,
    mut lines: Vec<String>,
    framing: Framing,
) -> Option<()> {
    let mut news = log.subscribe();
    loop {
        {
            let said = news.borrow_and_update();
            lines.extend(said[next..].iter().cloned());
            next = said.len();
        }
        for line in lines.drain(..) {
            let piece = match framing {
                Framing::Sse => format!("data: {line}\n\n"),
                Framing::Ndjson => format!("{line}\n"),
            };
            let chunk = format!("{:x}\r\n{piece}\r\n", piece.len());
            stream.write_all(chunk.as_bytes()).await.ok()?;
        }
        news.changed().await.ok()?;
    }
}

fn against(habit: Habit) -> Outcome {
    let mut plan = with_cut(
        plan(Variant::HttpStream {
            framing: Framing::Ndjson,
        }),
        CutKind::Reset,
    );
    plan.traffic.drain = Duration::from_secs(2);
    // Each reader misses five or so, so that each has something to come back to.
    plan.reconnect.as_mut().unwrap().policy = Policy::Fixed;
    run_against(habit, plan)
}

fn run_against(habit: Habit, plan: Plan) -> Outcome {
    let server = Server::start(habit);
    let running = swarm::start(plan, Target::at(server.address)).unwrap();
    running.notices.iter().for_each(drop);
    running.finish()
}

#[test]
fn a_server_that_lies_to_those_who_come_back_is_found_out() {
    let counts = |habit| {
        let outcome = against(habit);
        let told = outcome.comebacks.as_ref().unwrap();
        assert_eq!((told.lost, told.back), (12, 12), "{habit:?}");
        let counts = [outcome.lost(), outcome.duplicated, outcome.missed];
        (counts, told.new_logs)
    };
    assert_eq!(counts(Habit::Honest), ([0, 0, 0], 0));
    assert_eq!(counts(Habit::Twice), ([0, 12, 0], 0));
    assert_eq!(counts(Habit::Drops), ([12, 0, 0], 0));
    assert_eq!(counts(Habit::Tells), ([12, 0, 12], 0));
    let ([lost, doubled, ..], new_logs) = counts(Habit::Forgets);
    assert_eq!((lost, doubled, new_logs), (0, 0, 12));
}

/// Checks that a refusal ends an `EventSource` for good at its first attempt, and that others go on as
/// the refusal says.
#[test]
fn an_event_source_that_is_refused_does_not_try_again() {
    let refused = |policy| {
        let mut plan = as_event_source();
        plan.traffic.drain = Duration::from_secs(4);
        let reconnect = plan.reconnect.as_mut().unwrap();
        (reconnect.policy, reconnect.attempts) = (policy, 3);
        let outcome = run_against(Habit::Refuses, plan);
        let told = outcome.comebacks.unwrap();
        assert_eq!((told.lost, told.back), (12, 0), "{policy:?}");
        assert_eq!(told.attempts, told.refused, "{policy:?}");
        (told.refused, outcome.failures)
    };
    let failed = |what: &str| BTreeMap::from([(what.to_owned(), 12)]);
    let for_good = (12, failed("answered with status 503"));
    assert_eq!(refused(Policy::EventSource), for_good);
    let again = (36, failed("gave up coming back"));
    assert_eq!(refused(Policy::Server), again);
}
