//! A server in this process, and plans of a second or two.

use std::{net::SocketAddr, sync::mpsc, thread, time::Duration};

use server::Settings;
use swarm::{
    Target,
    outcome::{Notice, Outcome},
    plan::{Accounting, Headers, Io, Payload, Plan, Speak, Swarm, Traffic, Variant},
};
use tokio::{net::TcpListener, runtime::Runtime, sync::oneshot};
use wire::{Framing, Way};

/// A server on a free port. Dropping it says goodbye and waits.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    goodbye: Option<oneshot::Sender<Death>>,
    thread: Option<thread::JoinHandle<()>>,
}

/// The way in which a server ends.
#[derive(Debug)]
enum Death {
    Polite,
    Sudden,
}

impl Server {
    pub(crate) fn start() -> Self {
        Self::with(Settings::default())
    }

    pub(crate) fn with(settings: Settings) -> Self {
        let (sender, address) = mpsc::channel();
        let (goodbye, death) = oneshot::channel();
        let thread = thread::spawn(move || {
            let runtime = Runtime::new().unwrap();
            let death = runtime.block_on(serve(settings, &sender, death));
            if matches!(death, Death::Sudden) {
                runtime.shutdown_background();
            }
        });
        Self {
            address: address.recv().unwrap(),
            goodbye: Some(goodbye),
            thread: Some(thread),
        }
    }

    /// Breaks all connections at once, as a killed process does.
    pub(crate) fn kill(mut self) {
        self.goodbye.take().unwrap().send(Death::Sudden).unwrap();
    }
}

async fn serve(
    settings: Settings,
    sender: &mpsc::Sender<SocketAddr>,
    death: oneshot::Receiver<Death>,
) -> Death {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    sender.send(listener.local_addr().unwrap()).unwrap();
    let (polite, shutdown) = oneshot::channel::<()>();
    let serving = server::serve(listener, settings, async {
        let _ = shutdown.await;
    });
    let mut serving = Box::pin(serving);
    let death = tokio::select! {
        served = &mut serving => panic!("the server ended by itself: {served:?}"),
        death = death => death.unwrap_or(Death::Polite),
    };
    if matches!(death, Death::Polite) {
        let _ = polite.send(());
        serving.await.unwrap();
    }
    death
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(goodbye) = self.goodbye.take() {
            let _ = goodbye.send(Death::Polite);
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Returns whether the load generator can read by `io_uring` here; says so aloud where it cannot.
#[expect(clippy::print_stderr, reason = "a check that is left out says so")]
pub(crate) fn has_uring() -> bool {
    let tried = swarm::try_uring();
    if let Err(why) = &tried {
        eprintln!("SKIPPED: io_uring cannot be had: {why}");
    }
    tried.is_ok()
}

/// Returns every transport with the parameters that change what it does.
fn variants() -> Vec<Variant> {
    let interval = Duration::from_millis(50);
    let hold = Duration::from_secs(25);
    let mut variants = vec![Variant::Websocket];
    for keep_alive in [true, false] {
        variants.push(Variant::ShortPoll {
            interval,
            keep_alive,
        });
        variants.push(Variant::LongPoll { hold, keep_alive });
        variants.push(Variant::Jsonp { hold, keep_alive });
    }
    variants.push(Variant::Iframe);
    variants.extend(Framing::ALL.map(|framing| Variant::HttpStream { framing }));
    // A way that is not among them is run as a scenario runs it that says no more.
    let have: Vec<_> = variants.iter().map(Variant::way).collect();
    let missing = Way::ALL.into_iter().filter(|way| !have.contains(way));
    variants.extend(missing.map(Variant::usual));
    variants
}

/// Runs `test` for each variant, all at the same time: a run mostly waits. Each
/// has a server of its own, or runs in rooms of the same name would mix.
pub(crate) fn each_variant(test: impl Fn(Plan, Server) + Sync) {
    each_variant_with(|plan| test(plan, Server::start()));
}

/// Runs `test`, which starts a server of its own, for each variant.
pub(crate) fn each_variant_with(test: impl Fn(Plan) + Sync) {
    thread::scope(|scope| {
        for variant in variants() {
            scope.spawn(|| test(plan(variant)));
        }
    });
}

/// Makes a plan of twelve people in one room, two of them speak twenty drafts a second for a
/// second.
pub(crate) fn plan(variant: Variant) -> Plan {
    Plan {
        scenario: "test".to_owned(),
        cell: "-".to_owned(),
        repeat: 1,
        variant,
        swarm: Swarm {
            clients: 12,
            rooms: None,
            readers_per_room: None,
            room_sizes: None,
            rooms_per_clerk: None,
            tabs: 1,
            ramp: Duration::from_millis(100),
            connect_within: Duration::from_secs(30),
            shards: 2,
            presence: false,
            accounting: Accounting::All,
            io: Io::Epoll,
        },
        traffic: Traffic {
            publishers: 2,
            rate: 20.0,
            speak: Speak::Same,
            payload: Payload { min: 40, max: 200 },
            settle: Duration::from_millis(300),
            measure: Duration::from_secs(1),
            drain: Duration::from_secs(20),
            ..Traffic::default()
        },
        headers: Headers::default(),
        read_headers: vec![("User-Agent".to_owned(), "swarm".to_owned())],
        say_headers: vec![("Content-Type".to_owned(), "application/json".to_owned())],
        cut: None,
        reconnect: None,
        churn: None,
        answer: None,
        turns: None,
        foreign: None,
        seed: 7,
    }
}

/// Runs `plan` to its end.
pub(crate) fn run(plan: &Plan, server: &Server) -> (Outcome, Vec<Notice>) {
    let running = swarm::start(plan.clone(), Target::at(server.address)).unwrap();
    let notices = running.notices.iter().collect();
    (running.finish(), notices)
}

/// Checks that everything arrived once and in order, and nothing went wrong.
pub(crate) fn assert_whole(plan: &Plan, outcome: &Outcome) {
    let name = plan.variant.to_string();
    let name = format!("{} {name}", plan.variant.transport());
    assert_eq!(outcome.failures, [].into(), "{name}");
    assert_eq!(outcome.altered, 0, "{name}");
    assert_eq!(outcome.ended_early, None, "{name}");
    assert!(outcome.expected > 0, "{name}");
    assert_eq!(outcome.delivered, outcome.expected, "{name}");
    assert_eq!(
        (outcome.duplicated, outcome.reordered, outcome.missed),
        (0, 0, 0),
        "{name}"
    );
    assert_eq!(outcome.drafts_said, outcome.drafts_due, "{name}");
    assert_eq!(outcome.due.len(), outcome.delivered, "{name}");
    assert_eq!(outcome.sent.len(), outcome.delivered, "{name}");
    assert_eq!(outcome.lateness.len(), outcome.drafts_due, "{name}");
    assert_eq!(outcome.opening.len(), plan.swarm.clients as u64, "{name}");
    assert_eq!(outcome.spread.len(), outcome.drafts_due, "{name}");
}
