//! The checks of `[traffic]`.

use super::{Checked, ensure};
use crate::{
    Scenario,
    plan::{Arrivals, Pacing, Speak},
};

pub(super) fn check(scenario: &Scenario) -> Checked {
    let traffic = &scenario.traffic;
    let (min, max) = (traffic.payload.min, traffic.payload.max);
    ensure(min <= max, "traffic.payload", || {
        (
            format!("min = {min} is more than max = {max}"),
            "swap them".to_owned(),
        )
    })?;
    let longest = scenario.server.text_limit;
    ensure(min > 0 && max <= longest, "traffic.payload", || {
        let right = if min == 0 { 1 } else { longest };
        (
            format!("a draft has 1 to {longest} bytes of text"),
            format!("{right} would work"),
        )
    })?;
    ensure(
        traffic.rate.is_finite() && traffic.rate >= 0.0,
        "traffic.rate",
        || {
            (
                format!("{} is no number of drafts a second", traffic.rate),
                "1 is the default".to_owned(),
            )
        },
    )?;
    if traffic.publishers == 0 {
        return Ok(());
    }
    ensure(traffic.rate > 0.0, "traffic.rate", || {
        (
            "0 with publishers who never speak".to_owned(),
            "for silence set publishers = 0".to_owned(),
        )
    })?;
    publishers(scenario)?;
    match traffic.pacing {
        Pacing::Open | Pacing::Closed => enough_to_measure(scenario),
        Pacing::InFlight { count, .. } => in_flight(scenario, count),
    }
}

fn publishers(scenario: &Scenario) -> Checked {
    let traffic = &scenario.traffic;
    let smallest = scenario.swarm.fewest_in_a_room();
    let fit = traffic.speak != Speak::Same || traffic.publishers <= smallest;
    ensure(fit, "traffic.publishers", || {
        (
            format!(
                "{} publishers in a room of {smallest} people",
                traffic.publishers
            ),
            format!(
                "publishers = {smallest} would work: a publisher is one of the room's people, \
                 unless speak = \"post\""
            ),
        )
    })
}

fn in_flight(scenario: &Scenario, count: usize) -> Checked {
    ensure(count > 0, "traffic.pacing", || {
        (
            "0 in flight is silence".to_owned(),
            "{ in_flight = 4 } would work".to_owned(),
        )
    })?;
    ensure(
        scenario.traffic.speak == Speak::Same,
        "traffic.pacing",
        || {
            (
                "a draft in flight comes back to its speaker, and who only posts does not listen"
                    .to_owned(),
                "speak = \"same\" would work, or pacing = \"closed\"".to_owned(),
            )
        },
    )
}

fn enough_to_measure(scenario: &Scenario) -> Checked {
    let traffic = &scenario.traffic;
    let at_once = match traffic.arrivals {
        Arrivals::Constant | Arrivals::Poisson => 1,
        Arrivals::Burst { size } => size,
    };
    ensure(at_once > 0, "traffic.arrivals", || {
        (
            "a burst of 0 drafts".to_owned(),
            "{ burst = 20 } would work".to_owned(),
        )
    })?;
    let apart = at_once as f64 / traffic.rate;
    ensure(
        apart <= traffic.measure.as_secs_f64(),
        "traffic.measure",
        || {
            (
                format!(
                    "at rate {} the next draft is due every {apart:.1} s, so none may be due in it",
                    traffic.rate
                ),
                format!("measure = \"{}s\" would work", apart.ceil()),
            )
        },
    )
}
