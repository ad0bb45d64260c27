//! The checks of `[churn]`.

use humantime_serde::re::humantime::format_duration;
use wire::{Compression, Protocol};

use super::{Checked, at_most_a_day, ensure};
use crate::{Http, Scenario, TransportEntry, churn::Churn, plan::Speak};

pub(super) fn check(scenario: &Scenario) -> Checked {
    let Some(churn) = &scenario.churn else {
        return Ok(());
    };
    numbers(churn)?;
    ensure(scenario.swarm.tabs <= 1, "swarm.tabs", || {
        (
            "a reader that shares its connection cannot leave alone".to_owned(),
            "tabs = 1 would work".to_owned(),
        )
    })?;
    ensure(
        scenario.traffic.speak != Speak::Same,
        "traffic.speak",
        || {
            (
                "whoever has left cannot say what is due".to_owned(),
                "speak = \"post\" would work: speakers then have connections of their own"
                    .to_owned(),
            )
        },
    )?;
    let longest = churn.longest();
    ensure(longest <= scenario.traffic.drain, "traffic.drain", || {
        (
            format!(
                "a reader that leaves at the end of measure may be away for {}",
                format_duration(longest)
            ),
            format!("drain = \"{}\" would work", format_duration(longest * 2)),
        )
    })?;
    if churn.changes {
        changes(scenario)?;
    }
    Ok(())
}

fn numbers(churn: &Churn) -> Checked {
    ensure(
        churn.rate.is_finite() && churn.rate > 0.0,
        "churn.rate",
        || {
            (
                "is no number of departures a second".to_owned(),
                "1 would work, or no [churn] at all".to_owned(),
            )
        },
    )?;
    let is_share = churn.share.is_finite() && churn.share > 0.0 && churn.share <= 1.0;
    ensure(is_share, "churn.share", || {
        (
            format!("{} is no share of the readers", churn.share),
            "1 is all of them, 0.5 half".to_owned(),
        )
    })?;
    at_most_a_day("churn.away", churn.away)
}

/// Checks that readers can go on over any of the plain ways.
fn changes(scenario: &Scenario) -> Checked {
    let is_other = scenario.target.is_some() || scenario.server.http == Http::V2;
    ensure(!is_other, "churn.changes", || {
        (
            "only a server of this run's own answers all ways, and over HTTP/1.1".to_owned(),
            "changes = false would work".to_owned(),
        )
    })?;
    let is_plain = |entry: &TransportEntry| {
        let variant = entry.variant();
        variant.protocol() == Protocol::Plain && variant.compression() == Compression::None
    };
    let at = scenario.transport.iter().position(|entry| !is_plain(entry));
    let key = format!("transport[{}]", at.unwrap_or_default());
    ensure(at.is_none(), &key, || {
        (
            "the other ways have neither its protocol nor its compression".to_owned(),
            "churn.changes = false would work".to_owned(),
        )
    })
}
