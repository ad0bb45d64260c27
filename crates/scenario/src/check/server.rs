//! The checks of `[server]`, except those of counts.

use humantime_serde::re::humantime::format_duration;

use super::{Checked, ensure};
use crate::{Scenario, Tls};

pub(super) fn check(scenario: &Scenario) -> Checked {
    tls(scenario)?;
    let Some(stall) = scenario.server.stall else {
        return Ok(());
    };
    let measure = scenario.traffic.measure;
    ensure(!stall.duration.is_zero(), "server.stall.for", || {
        (
            "0s stops nothing".to_owned(),
            "\"1400ms\" would work, or no stall at all".to_owned(),
        )
    })?;
    ensure(stall.after < measure, "server.stall.after", || {
        (
            format!(
                "{} after the beginning of a measure of {} it is over",
                format_duration(stall.after),
                format_duration(measure)
            ),
            format!(
                "traffic.measure = \"{}\" would work",
                format_duration(stall.after.saturating_mul(3))
            ),
        )
    })?;
    // Who is stopped past the end of the drain can only lose.
    let left = measure
        .saturating_sub(stall.after)
        .saturating_add(scenario.traffic.drain);
    ensure(stall.duration < left, "server.stall.for", || {
        (
            format!(
                "{} is as long as all that is left of measure and drain",
                format_duration(stall.duration)
            ),
            format!("for = \"{}\" would work", format_duration(left / 2)),
        )
    })
}

/// Checks that a link can do its work under TLS: one that gathers responses has to see where they
/// end.
fn tls(scenario: &Scenario) -> Checked {
    let gathers = scenario
        .link
        .as_ref()
        .is_some_and(crate::LinkSettings::reads_answers);
    ensure(
        !gathers || scenario.server.tls == Tls::Off,
        "link.buffer",
        || {
            (
                "under TLS the link cannot tell where a response ends, and would keep back nothing"
                    .to_owned(),
                "server.tls = false would work, or none of buffer, workers and cut".to_owned(),
            )
        },
    )
}
