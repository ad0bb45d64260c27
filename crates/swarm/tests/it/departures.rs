//! Readers that leave and come again, paths that go silent, and servers that are full: what is
//! told of them, and what is told when a log is too short or nobody looks.

use std::{net::SocketAddr, sync::mpsc, thread, time::Duration};

use server::Settings;
use swarm::{
    Target,
    outcome::{Comebacks, Notice, Outcome, Phase},
    plan::{Churn, Cut, CutKind, Plan, Policy, Reconnect, Speak, Variant},
};
use tokio::{net::TcpListener, runtime::Builder};
use wire::{Framing, Protocol};

use crate::fixture::{Server, assert_whole, each_variant, plan, run};

fn reconnect() -> Reconnect {
    Reconnect {
        base: Duration::from_millis(200),
        cap: Duration::from_secs(1),
        ..Reconnect::default()
    }
}

/// Returns a plan whose readers leave twenty times a second, for 150 ms on average.
fn with_churn(mut plan: Plan, changes: bool) -> Plan {
    plan.traffic.speak = Speak::Post;
    plan.traffic.measure = Duration::from_secs(2);
    plan.reconnect = Some(reconnect());
    plan.churn = Some(Churn {
        rate: 20.0,
        share: 1.0,
        away: Duration::from_millis(150),
        changes,
    });
    plan
}

fn told(outcome: &Outcome) -> &Comebacks {
    outcome.comebacks.as_ref().unwrap()
}

#[test]
fn whoever_leaves_comes_again_to_its_place_on_every_way() {
    each_variant(|usual, server| {
        let plan = with_churn(usual, false);
        let (outcome, _) = run(&plan, &server);
        assert_whole(&plan, &outcome);
        let told = told(&outcome);
        // Some forty, less those that met a reader who was away.
        assert!((10..=80).contains(&told.left), "{told:?}");
        assert_eq!(told.left, told.came, "{:?}", plan.variant);
        // Nobody lost a connection, and nobody was turned away.
        assert_eq!((told.lost, told.refused, told.changed), (0, 0, 0));
        assert!(told.replayed > 0 && told.attempts >= told.came, "{told:?}");
    });
}

#[test]
fn whoever_comes_again_over_another_way_misses_nothing() {
    each_variant(|usual, server| {
        if usual.variant.protocol() != Protocol::Plain {
            return;
        }
        let plan = with_churn(usual, true);
        let (outcome, _) = run(&plan, &server);
        assert_whole(&plan, &outcome);
        let told = told(&outcome);
        assert!(told.left >= 10, "{told:?}");
        assert_eq!((told.came, told.changed), (told.left, told.left));
        let wrong = (outcome.ledger_difference, outcome.unparsed_bytes());
        assert_eq!(wrong, (0, 0), "{:?}", plan.variant);
    });
}

/// Checks that a log that is shorter than what is said while a reader is away cannot give it all:
/// the run says how much is missing, although everybody came again.
#[test]
fn a_log_that_is_too_short_for_an_absence_is_found_out() {
    let server = Server::with(Settings {
        log_events: 4,
        ..Settings::default()
    });
    let mut plan = with_churn(plan(Variant::Websocket), false);
    // Whoever left last stays away for 1.2 s at most.
    plan.traffic.drain = Duration::from_secs(6);
    plan.churn.as_mut().unwrap().away = Duration::from_millis(600);
    let (outcome, _) = run(&plan, &server);
    let told = told(&outcome);
    assert_eq!(told.left, told.came, "{told:?}");
    assert!(outcome.missed > 0 && outcome.lost() > 0, "{outcome:?}");
}

/// Starts a link to `to` that goes silent when told to, and lasts as long as this process.
fn silent_link(to: SocketAddr) -> (SocketAddr, link::Silence) {
    let (sender, address) = mpsc::channel();
    let silence = link::Silence::new();
    let switch = silence.clone();
    thread::spawn(move || {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            sender.send(listener.local_addr().unwrap()).unwrap();
            let settings = link::Settings::default();
            let forever = std::future::pending();
            let _ = link::run_silenced(listener, to, settings, silence, forever).await;
        });
    });
    (address.recv().unwrap(), switch)
}

/// Runs a plan whose readers' path goes silent 300 ms into *measure*, or later on a busy machine.
fn run_silent(variant: Variant, patience: Option<Duration>) -> (Plan, Outcome) {
    let server = Server::with(Settings {
        goodbye: Duration::from_millis(100),
        ..Settings::default()
    });
    let (address, silence) = silent_link(server.address);
    let mut plan = plan(variant);
    plan.traffic.speak = Speak::Post;
    plan.traffic.measure = Duration::from_secs(3);
    if patience.is_none() {
        plan.traffic.drain = Duration::from_secs(1);
    }
    plan.cut = Some(Cut {
        kind: CutKind::Silent,
        after: Duration::from_millis(300),
        rate: None,
        share: 1.0,
        duration: Duration::ZERO,
    });
    plan.reconnect = Some(Reconnect {
        silence: patience,
        ..reconnect()
    });
    let mut target = Target::at(address);
    target.speakers = server.address;
    let running = swarm::start(plan.clone(), target).unwrap();
    for notice in &running.notices {
        if matches!(notice, Notice::Phase(Phase::Measure)) {
            thread::sleep(Duration::from_millis(300));
            silence.begin();
        }
    }
    (plan, running.finish())
}

#[test]
fn a_silent_path_is_given_up_and_nothing_is_lost() {
    let (interval, hold) = (Duration::from_millis(50), Duration::from_secs(25));
    let keep_alive = true;
    let variants = [
        Variant::Websocket,
        Variant::HttpStream {
            framing: Framing::Sse,
        },
        Variant::LongPoll { hold, keep_alive },
        Variant::ShortPoll {
            interval,
            keep_alive,
        },
    ];
    thread::scope(|scope| {
        for variant in variants {
            scope.spawn(|| {
                let patience = Duration::from_secs(1);
                let (plan, outcome) = run_silent(variant, Some(patience));
                assert_whole(&plan, &outcome);
                let told = told(&outcome);
                assert!(told.silent >= 12, "{told:?}");
                assert_eq!((told.lost, told.back), (told.silent, told.silent));
                assert!(told.replayed > 0, "{told:?}");
            });
        }
    });
}

/// Checks that nobody is told of a silent path: who bears any silence waits for ever, and the run
/// says what that cost.
#[test]
fn whoever_bears_any_silence_loses_what_is_said_after_it() {
    let (_, outcome) = run_silent(Variant::Websocket, None);
    let told = told(&outcome);
    assert_eq!((told.lost, told.silent, told.back), (0, 0, 0));
    assert!(outcome.lost() >= 12, "{} lost", outcome.lost());
}

fn full(evict: bool) -> Server {
    Server::with(Settings {
        max_connections: 8,
        evict,
        ..Settings::default()
    })
}

/// Returns a plan of twelve readers and two speakers before a server that takes eight connections.
fn crowded(variant: Variant) -> Plan {
    let mut plan = plan(variant);
    plan.traffic.speak = Speak::Post;
    plan.traffic.rate = 10.0;
    // All of it passes where somebody is always away.
    plan.traffic.drain = Duration::from_secs(5);
    plan.reconnect = Some(Reconnect {
        policy: Policy::Fixed,
        base: Duration::from_millis(200),
        ..reconnect()
    });
    plan
}

#[test]
fn a_full_server_that_evicts_lets_all_hear_everything_in_turn() {
    let sse = Variant::HttpStream {
        framing: Framing::Sse,
    };
    for variant in [Variant::Websocket, sse] {
        let plan = crowded(variant);
        let (outcome, _) = run(&plan, &full(true));
        let told = told(&outcome);
        // Six or so are away at any moment, for 200 ms each: thirty a second.
        assert!(told.lost > 12, "{told:?}");
        assert_eq!(outcome.failures, [].into(), "{told:?}");
        let faults = [outcome.lost(), outcome.duplicated, outcome.missed];
        assert_eq!(faults, [0; 3], "{told:?}");
    }
}

#[test]
fn a_full_server_that_refuses_disturbs_nobody_and_lets_the_others_hear_nothing() {
    let mut plan = crowded(Variant::Websocket);
    // The speakers are in before the readers fill it.
    plan.swarm.ramp = Duration::from_millis(1500);
    plan.traffic.drain = Duration::from_millis(500);
    plan.reconnect.as_mut().unwrap().attempts = 3;
    let (outcome, _) = run(&plan, &full(false));
    let told = told(&outcome);
    assert_eq!((told.lost, told.back), (0, 0), "{told:?}");
    // Six of the eight are readers; the other six came to the door and three times again.
    assert_eq!(told.refused, 24, "{told:?}");
    assert_eq!(
        outcome.failures,
        [("gave up coming back".to_owned(), 6)].into()
    );
    assert_eq!(outcome.lost() * 2, outcome.expected);
}
