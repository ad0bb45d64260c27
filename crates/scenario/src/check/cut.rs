//! The checks of `[cut]` and `[reconnect]`.

use std::time::Duration;

use humantime_serde::re::humantime::format_duration;
use wire::Framing;

use super::{Checked, at_most_a_day, ensure};
use crate::{
    Scenario, Side, TransportEntry,
    cut::{Cut, CutKind, Policy},
    plan::{Pacing, Variant},
};

pub(super) fn check(scenario: &Scenario) -> Checked {
    if let Some(reconnect) = &scenario.reconnect {
        at_most_a_day("reconnect.base", reconnect.base)?;
        at_most_a_day("reconnect.cap", reconnect.cap)?;
        ensure(reconnect.base <= reconnect.cap, "reconnect.cap", || {
            (
                "the longest wait is shorter than the first".to_owned(),
                format!("cap = \"{}\" would work", format_duration(reconnect.base)),
            )
        })?;
        ensure(reconnect.attempts > 0, "reconnect.attempts", || {
            (
                "0 attempts bring nobody back".to_owned(),
                "policy = \"none\" says so".to_owned(),
            )
        })?;
        silence(scenario, reconnect.silence)?;
        if reconnect.policy == Policy::EventSource {
            event_source(scenario)?;
        }
    }
    let Some(cut) = &scenario.cut else {
        return Ok(());
    };
    moment(scenario, cut)?;
    match cut.kind {
        CutKind::Close | CutKind::Reset => of_readers(cut),
        CutKind::Restart | CutKind::Kill | CutKind::Freeze => of_the_server(scenario, cut),
        CutKind::Silent => of_the_link(scenario, cut),
    }
}

fn moment(scenario: &Scenario, cut: &Cut) -> Checked {
    let measure = scenario.traffic.measure;
    ensure(cut.after < measure, "cut.after", || {
        (
            format!(
                "{} after the beginning of a measure of {} it is over",
                format_duration(cut.after),
                format_duration(measure)
            ),
            format!(
                "traffic.measure = \"{}\" would work",
                format_duration(cut.after.saturating_mul(3))
            ),
        )
    })
}

fn of_readers(cut: &Cut) -> Checked {
    let is_share = cut.share.is_finite() && cut.share > 0.0 && cut.share <= 1.0;
    ensure(is_share, "cut.share", || {
        (
            format!("{} is no share of the readers", cut.share),
            "1 is all of them, 0.5 half".to_owned(),
        )
    })?;
    let is_rate = cut.rate.is_none_or(|rate| rate.is_finite() && rate > 0.0);
    ensure(is_rate, "cut.rate", || {
        (
            "is no number of connections a second".to_owned(),
            "1 would work, or no rate for one cut at `after`".to_owned(),
        )
    })
}

/// Checks that all readers read over what an `EventSource` of a browser reads.
fn event_source(scenario: &Scenario) -> Checked {
    let is_sse = |entry: &TransportEntry| {
        let variant = entry.variant();
        let plain = match variant {
            Variant::Compressed { of, .. } => *of,
            plain => plain,
        };
        let framing = Framing::Sse;
        plain == Variant::HttpStream { framing }
    };
    let at = scenario.transport.iter().position(|entry| !is_sse(entry));
    ensure(at.is_none(), "reconnect.policy", || {
        (
            format!(
                "an EventSource reads server-sent events alone, and transport[{}] is something else",
                at.unwrap_or_default()
            ),
            "event_source with kind = \"http_stream\" and framing = \"sse\" in each [[transport]] \
             would work, or policy = \"server\""
                .to_owned(),
        )
    })?;
    let changes = scenario.churn.as_ref().is_some_and(|churn| churn.changes);
    ensure(!changes, "churn.changes", || {
        (
            "an EventSource does not come again over another way".to_owned(),
            "changes = false would work, or another reconnect.policy".to_owned(),
        )
    })
}

/// Checks that readers do not take the usual pauses of their way for a loss.
fn silence(scenario: &Scenario, silence: Option<Duration>) -> Checked {
    let Some(silence) = silence else {
        return Ok(());
    };
    at_most_a_day("reconnect.silence", silence)?;
    let variants = scenario.transport.iter().map(TransportEntry::variant);
    let longest = variants.filter_map(|variant| variant.interval()).max();
    let pause = longest.unwrap_or_default();
    ensure(silence > pause, "reconnect.silence", || {
        (
            "a reader that only waits for its next question would be taken for lost".to_owned(),
            format!(
                "silence = \"{}\" would work",
                format_duration(pause.saturating_mul(3).max(Duration::from_secs(1)))
            ),
        )
    })
}

fn of_the_link(scenario: &Scenario, cut: &Cut) -> Checked {
    ensure(cut.rate.is_none() && cut.share >= 1.0, "cut.kind", || {
        (
            "silent happens to all readers, and once: rate and share say nothing of it".to_owned(),
            "kind = \"reset\" has both".to_owned(),
        )
    })?;
    let link = scenario.link.as_ref();
    let is_of_readers = link.is_some_and(|link| link.side == Side::Readers);
    ensure(is_of_readers, "link.side", || {
        (
            "it is the link that goes silent, and speakers are not to go silent with it".to_owned(),
            "[link] with side = \"readers\" would work".to_owned(),
        )
    })
}

fn of_the_server(scenario: &Scenario, cut: &Cut) -> Checked {
    let name = cut.kind.name();
    ensure(cut.rate.is_none() && cut.share >= 1.0, "cut.kind", || {
        (
            format!("{name} happens to all readers, and once: rate and share say nothing of it"),
            "kind = \"reset\" has both".to_owned(),
        )
    })?;
    ensure(scenario.target.is_none(), "cut.kind", || {
        (
            format!("{name} needs a server of this run's own"),
            "kind = \"reset\" works with any server".to_owned(),
        )
    })?;
    let one_stops = cut.kind == CutKind::Freeze && scenario.server.stall.is_some();
    ensure(!one_stops, "server.stall", || {
        (
            "the server is stopped by [cut] already".to_owned(),
            "leave it out".to_owned(),
        )
    })?;
    let is_in_the_clear = scenario.server.tls.version().is_none();
    ensure(
        is_in_the_clear || !cut.kind.ends_the_server(),
        "server.tls",
        || {
            (
                "a server that is started anew has another certificate, which nobody knows"
                    .to_owned(),
                "kind = \"reset\" would work, or tls = false".to_owned(),
            )
        },
    )?;
    let of_a_library = |entry: &TransportEntry| entry.variant().protocol().is_library();
    let at = scenario.transport.iter().position(of_a_library);
    let names_no_log = cut.kind.ends_the_server() && at.is_some();
    let key = format!("transport[{}].protocol", at.unwrap_or_default());
    ensure(!names_no_log, &key, || {
        (
            format!("the place of a library's client names no log, and {name} begins another"),
            "kind = \"reset\" would work, or protocol = \"plain\"".to_owned(),
        )
    })?;
    let unscheduled = matches!(scenario.traffic.pacing, Pacing::InFlight { .. });
    ensure(
        !(unscheduled && cut.kind.ends_the_server()),
        "traffic.pacing",
        || {
            (
                "nobody speaks while the server is gone, which takes a schedule".to_owned(),
                "pacing = \"open\" would work".to_owned(),
            )
        },
    )?;
    ensure(!cut.duration.is_zero(), "cut.for", || {
        (
            "a server that is gone for no time is not gone".to_owned(),
            "for = \"3s\" would work".to_owned(),
        )
    })?;
    let left = scenario.traffic.measure.saturating_sub(cut.after);
    ensure(cut.duration < left, "cut.for", || {
        (
            format!(
                "{} is all that is left of measure, and nobody would come back in it",
                format_duration(cut.duration)
            ),
            format!("for = \"{}\" would work", format_duration(left / 2)),
        )
    })
}
