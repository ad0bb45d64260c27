//! A server that is slow to answer, and one that keeps its heads back: what is
//! asked and what is told must not depend on it.

use std::{
    thread,
    time::{Duration, Instant},
};

use swarm::{
    Target,
    outcome::Outcome,
    plan::{Plan, Variant},
};
use wire::Framing;

use crate::{
    fixture::{Server, assert_whole, plan},
    foreign::described,
    foreign_server::{Fault, ForeignServer},
    way::{link, run_to},
};

/// The least time that an answer takes.
const ANSWER: Duration = Duration::from_millis(200);
/// The longest time that anything takes unless it is broken.
const PATIENCE: Duration = Duration::from_secs(20);
/// The number of attempts, because a busy machine may spoil a run. A fault in the swarm
/// spoils every run.
const ATTEMPTS: usize = 5;

/// Polls each `interval`, of a server whose answers take long.
fn polls(interval: u64) -> (Plan, Outcome) {
    let server = Server::start();
    let address = link(server.address, "delay=100ms");
    let mut plan = plan(Variant::ShortPoll {
        interval: Duration::from_millis(interval),
        keep_alive: true,
    });
    plan.traffic.measure = Duration::from_secs(3);
    let outcome = run_to(&plan, Target::at(address));
    assert_whole(&plan, &outcome);
    (plan, outcome)
}

/// Returns the number of questions of one reader that fit into the window if one begins every `each`.
fn fit(outcome: &Outcome, each: Duration) -> f64 {
    outcome.window.as_secs_f64() / each.as_secs_f64()
}

#[test]
fn a_slow_answer_is_taken_off_the_wait_and_polls_do_not_pile_up() {
    let interval = Duration::from_millis(250);
    let held = (0..ATTEMPTS).any(|_| {
        let (plan, outcome) = polls(250);
        let each = outcome.exchanges as f64 / plan.swarm.clients as f64;
        // One that straddles each edge of the window may be counted or not.
        assert!(each <= fit(&outcome, interval) + 2.0, "{each}");
        // Latency begins when a draft is due: there and back are in all of it.
        assert!(outcome.due.min() >= ANSWER.as_nanos() as u64 * 999 / 1_000);
        // Who sleeps a whole interval after each answer asks every 450 ms.
        let drifted = fit(&outcome, interval + ANSWER) + 1.0;
        each > drifted.midpoint(fit(&outcome, interval))
    });
    assert!(held, "polls drift off their interval");
}

#[test]
fn where_answers_take_longer_than_the_interval_one_is_asked_at_a_time() {
    let (plan, outcome) = polls(50);
    let each = outcome.exchanges as f64 / plan.swarm.clients as f64;
    assert!(each <= fit(&outcome, ANSWER) + 2.0, "{each}");
    assert!(outcome.due.min() >= ANSWER.as_nanos() as u64 * 999 / 1_000);
}

#[test]
fn heads_that_come_with_the_first_event_are_the_opening_s_and_not_a_message_s() {
    const KEPT_BACK: Duration = Duration::from_millis(800);
    for framing in Framing::ALL {
        let server = ForeignServer::start(Fault::LateHead);
        let mut plan = described(plan(Variant::HttpStream { framing }));
        plan.swarm.ramp = Duration::from_millis(10);
        let running = swarm::start(plan.clone(), Target::at(server.address)).unwrap();
        let began = Instant::now();
        while server.listening() < plan.swarm.clients {
            assert!(began.elapsed() < PATIENCE, "still not everybody asks");
            thread::sleep(Duration::from_millis(1));
        }
        thread::sleep(KEPT_BACK);
        server.say_everywhere(r#"{"nobody":"waited for this"}"#);
        running.notices.iter().for_each(drop);
        let outcome = running.finish();
        assert_whole(&plan, &outcome);
        let kept_back = KEPT_BACK.as_nanos() as u64;
        assert!(outcome.opening.min() >= kept_back * 999 / 1_000);
        // All of one draft's would have to be late for this to fail.
        assert!(outcome.due.min() < kept_back, "{}", outcome.due.min());
    }
}
