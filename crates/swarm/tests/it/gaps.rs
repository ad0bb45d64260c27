//! The time until readers have their first draft, and the times between the next ones: those of the
//! source where each draft travels alone, and next to nothing where an answer brings many. The
//! bounds are wide: a busy machine makes some drafts late, and the next ones come close behind.

use std::{thread, time::Duration};

use swarm::{
    outcome::Outcome,
    plan::{Plan, Speak, Variant},
};
use wire::Framing;

use crate::fixture::{Server, assert_whole, plan, run};

/// A millisecond, in nanoseconds.
const MS: u64 = 1_000_000;

/// Returns a plan of so many drafts a second, at equal intervals.
fn steady(variant: Variant, rate: f64, measure: Duration) -> Plan {
    let mut plan = plan(variant);
    plan.traffic.publishers = 1;
    plan.traffic.rate = rate;
    plan.traffic.speak = Speak::Post;
    plan.traffic.measure = measure;
    plan
}

/// Runs a plan on a server of its own, and checks that no delivery is without its gap.
fn run_whole(plan: &Plan) -> Outcome {
    let (outcome, _) = run(plan, &Server::start());
    assert_whole(plan, &outcome);
    let readers = plan.swarm.clients as u64;
    let name = format!("{:?}", plan.variant);
    assert_eq!(outcome.first_delivery.len(), readers, "{name}");
    assert_eq!(outcome.gaps.len(), outcome.delivered - readers, "{name}");
    outcome
}

fn median(outcome: &Outcome) -> u64 {
    outcome.gaps.value_at_quantile(0.5)
}

/// Checks drafts that are 50 ms apart.
#[test]
fn what_is_sent_one_by_one_keeps_the_gaps_of_the_source() {
    let [ndjson, sse] = Framing::ALL.map(|framing| Variant::HttpStream { framing });
    thread::scope(|scope| {
        for variant in [Variant::Websocket, ndjson, sse] {
            scope.spawn(move || {
                let plan = steady(variant, 20.0, Duration::from_secs(2));
                let outcome = run_whole(&plan);
                let (name, middle) = (format!("{:?}", plan.variant), median(&outcome));
                assert!((5 * MS..500 * MS).contains(&middle), "{name}: {middle} ns");
                // Whatever came late, the gaps of a reader add up to the time between its first
                // delivery and its last.
                let mean = outcome.gaps.mean() / MS as f64;
                assert!((20.0..125.0).contains(&mean), "{name}: {mean} ms");
                let first = outcome.first_delivery.value_at_quantile(0.5);
                assert!(first < 2_000 * MS, "{name}: {first} ns");
            });
        }
    });
}

/// Checks drafts that are 25 ms apart. The log of a room holds those of five seconds, so that a late
/// question misses none.
#[test]
fn what_one_answer_brings_has_no_gaps_and_answers_are_an_interval_apart() {
    let variant = Variant::ShortPoll {
        interval: Duration::from_secs(1),
        keep_alive: true,
    };
    let outcome = run_whole(&steady(variant, 40.0, Duration::from_secs(3)));
    let middle = median(&outcome);
    assert!(middle < 5 * MS, "{middle} ns");
    // Of 120 drafts a reader gets all in four answers or so.
    let longest = outcome.gaps.max();
    assert!(
        (500 * MS..5_000 * MS).contains(&longest),
        "{longest} ns between answers"
    );
    let long = outcome.gaps.count_between(500 * MS, 5_000 * MS);
    let readers = outcome.first_delivery.len();
    assert!(
        (readers..=5 * readers).contains(&long),
        "{long} gaps between the answers to {readers} readers"
    );
}
