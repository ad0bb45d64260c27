//! The checks of `[[transport]]` and `[link]`.

use std::time::Duration;

use humantime_serde::re::humantime::format_duration;

use super::{Checked, at_most_a_day, ensure};
use crate::{
    EntryFraming, LinkSettings, Scenario, Side, TargetSettings, TransportEntry,
    plan::{LIBRARY_HOLD, Speak, Variant},
};
use wire::{Compression, Protocol, Way};

/// The longest hold that the server grants (RFC 6202, section 5.5, has seen 120 s work).
const LONGEST_HOLD: Duration = Duration::from_mins(2);

pub(super) fn link(scenario: &Scenario) -> Checked {
    let Some(link) = &scenario.link else {
        return Ok(());
    };
    for (key, duration) in [
        ("link.delay", Some(link.delay)),
        ("link.stall_every", link.stall_every),
        ("link.stall_for", link.stall_for),
        ("link.reset_after", link.reset_after),
        ("link.idle_cut", link.idle_cut),
        ("link.cut.after", link.cut.after),
        ("link.cut.idle", link.cut.idle),
    ] {
        at_most_a_day(key, duration.unwrap_or_default())?;
    }
    exchanges(link)?;
    ensure(link.jitter <= link.delay, "link.jitter", || {
        (
            "more jitter than delay would have bytes arrive before they left".to_owned(),
            format!("jitter = \"{}\" would work", format_duration(link.delay)),
        )
    })?;
    ensure(
        link.stall_every.is_some() == link.stall_for.is_some(),
        "link.stall_every",
        || {
            (
                "stall_every and stall_for go together".to_owned(),
                "give both or neither".to_owned(),
            )
        },
    )?;
    let apart = scenario.traffic.speak != Speak::Same;
    ensure(link.side == Side::Both || apart, "link.side", || {
        (
            "readers and speakers share their connections".to_owned(),
            "traffic.speak = \"post\" would work: speakers then have connections of their own"
                .to_owned(),
        )
    })?;
    let (Some(every), Some(stall)) = (link.stall_every, link.stall_for) else {
        return Ok(());
    };
    ensure(stall < every, "link.stall_for", || {
        (
            "a stall as long as the time between stalls lets nothing pass".to_owned(),
            format!(
                "stall_every = \"{}\" would work",
                format_duration(stall.saturating_mul(2))
            ),
        )
    })
}

/// Checks the limits of a path that lets in, and ends, exchanges.
fn exchanges(link: &LinkSettings) -> Checked {
    ensure(link.workers != Some(0), "link.workers", || {
        (
            "no workers let nobody in".to_owned(),
            "1 is the least; leave it out for no limit".to_owned(),
        )
    })?;
    for (key, limit) in [
        ("link.cut.after", link.cut.after),
        ("link.cut.idle", link.cut.idle),
    ] {
        ensure(limit != Some(Duration::ZERO), key, || {
            (
                "0s would end every exchange at once".to_owned(),
                "\"60s\" would work; leave it out for no limit".to_owned(),
            )
        })?;
    }
    Ok(())
}

pub(super) fn check(scenario: &Scenario) -> Checked {
    ensure(!scenario.transport.is_empty(), "transport", || {
        (
            "no transport to compare".to_owned(),
            "add a table [[transport]] with kind = \"websocket\", for one".to_owned(),
        )
    })?;
    let variants: Vec<Variant> = scenario
        .transport
        .iter()
        .map(TransportEntry::variant)
        .collect();
    for (index, variant) in variants.iter().enumerate() {
        let key = format!("transport[{index}]");
        library(scenario, &key, &scenario.transport[index])?;
        compression(&key, &scenario.transport[index])?;
        framing(scenario, &key, &scenario.transport[index])?;
        ensure(!variants[..index].contains(variant), &key, || {
            (
                format!(
                    "{} with the same parameters is there twice",
                    variant.transport()
                ),
                "take one away; for more runs of it set repeats".to_owned(),
            )
        })?;
        if let Some(interval) = variant.interval() {
            short_poll(scenario, &key, interval)?;
        }
        if let Some(hold) = variant.hold() {
            long_poll(&key, hold)?;
        }
    }
    Ok(())
}

/// Checks what a library's protocol can be spoken over.
fn library(scenario: &Scenario, key: &str, entry: &TransportEntry) -> Checked {
    let protocol = entry.protocol.unwrap_or_default();
    let Some(title) = protocol.title() else {
        return Ok(());
    };
    let way = entry.variant().way();
    let protocol_key = format!("{key}.protocol");
    ensure(protocol.has(way), &protocol_key, || {
        (
            format!("there is no {title} over {}", entry.kind),
            format!("{title} is spoken over {}", kinds(protocol)),
        )
    })?;
    let is_described = (scenario.target.as_ref()).is_some_and(TargetSettings::describes);
    ensure(!is_described, &protocol_key, || {
        (
            "[target] describes what this server puts around a message".to_owned(),
            "leave protocol out".to_owned(),
        )
    })?;
    let is_own = entry.framing != Some(EntryFraming::Ndjson);
    ensure(is_own, &format!("{key}.framing"), || {
        (
            format!("{title} streams frames of its own and no ndjson"),
            "leave framing out for xhr-streaming, or write \"sse\" for eventsource or \"iframe\" \
             for htmlfile"
                .to_owned(),
        )
    })?;
    let holds = entry.hold.is_none_or(|hold| hold == LIBRARY_HOLD);
    ensure(holds, &format!("{key}.hold"), || {
        (
            format!("{title} has no hold: its server holds a poll until the next heartbeat"),
            format!("leave hold out: it is {}", format_duration(LIBRARY_HOLD)),
        )
    })
}

/// Checks that there is such a compression of what a transport sends.
fn compression(key: &str, entry: &TransportEntry) -> Checked {
    let compression = entry.compression.unwrap_or_default();
    let key = format!("{key}.compression");
    let way = entry.variant().way();
    ensure(compression.has(way), &key, || {
        let has = |one: &Compression| *one != Compression::None && one.has(way);
        let names = Compression::ALL.into_iter().filter(has);
        let names: Vec<&str> = names.map(Compression::name).collect();
        (
            format!("there is no {compression} over {}", entry.kind),
            format!("{} would work", names.join(" or ")),
        )
    })?;
    let protocol = entry.protocol.unwrap_or_default();
    let is_plain = protocol == Protocol::Plain || compression == Compression::None;
    ensure(is_plain, &key, || {
        let title = protocol.title().unwrap_or_default();
        (
            format!("the server compresses its own contract, and not {title}"),
            "leave compression out, or protocol".to_owned(),
        )
    })?;
    let is_script = entry.framing.is_some_and(EntryFraming::is_in_page);
    let is_none = compression == Compression::None;
    ensure(is_none || !is_script, &key, || {
        (
            "the server compresses no script of a page".to_owned(),
            "leave compression out, or framing".to_owned(),
        )
    })
}

/// Checks that a transport has the framing, and that nothing else says how messages are framed.
fn framing(scenario: &Scenario, key: &str, entry: &TransportEntry) -> Checked {
    let Some(framing) = entry.framing else {
        return Ok(());
    };
    let key = format!("{key}.framing");
    let transport = framing.transport();
    ensure(transport == entry.kind, &key, || {
        let own = EntryFraming::ALL.into_iter();
        let own = own.filter(|one| one.transport() == entry.kind);
        let own: Vec<&str> = own.map(EntryFraming::name).collect();
        (
            format!(
                "{framing} is a framing of {transport}, not of {}",
                entry.kind
            ),
            format!("words for {}: {}", entry.kind, own.join(", ")),
        )
    })?;
    let is_socket_io = entry.protocol == Some(Protocol::SocketIo);
    ensure(!is_socket_io || !framing.is_in_page(), &key, || {
        (
            "the clients of Socket.IO 4 read no scripts".to_owned(),
            "leave framing out, or protocol; protocol = \"sockjs\" would work".to_owned(),
        )
    })?;
    let is_described = (scenario.target.as_ref()).is_some_and(TargetSettings::describes);
    ensure(!(is_described && framing.is_in_page()), &key, || {
        (
            "[target] describes how this server is read".to_owned(),
            "leave framing out".to_owned(),
        )
    })
}

/// Returns the kinds over which a protocol is spoken: `long_poll and websocket`.
fn kinds(protocol: Protocol) -> String {
    let ways = Way::ALL.into_iter().filter(|way| protocol.has(*way));
    let mut names: Vec<&str> = ways.map(|way| way.transport().name()).collect();
    names.dedup();
    let last = names.pop().unwrap_or_default();
    format!("{} and {last}", names.join(", "))
}

fn short_poll(scenario: &Scenario, key: &str, interval: Duration) -> Checked {
    let key = format!("{key}.interval");
    ensure(!interval.is_zero(), &key, || {
        (
            "0s asks without a pause".to_owned(),
            "1s is the default".to_owned(),
        )
    })?;
    at_most_a_day(&key, interval)?;
    if scenario.traffic.publishers == 0 {
        return Ok(());
    }
    let drain = scenario.traffic.drain;
    ensure(interval <= drain, &key, || {
        (
            format!(
                "who asks every {} cannot hear the last drafts within a drain of {}",
                format_duration(interval),
                format_duration(drain)
            ),
            format!(
                "traffic.drain = \"{}\" would work",
                format_duration(interval.saturating_add(Duration::from_secs(5)))
            ),
        )
    })?;
    if scenario
        .target
        .as_ref()
        .is_some_and(TargetSettings::describes)
    {
        return Ok(());
    }
    let between = (scenario.traffic.rate * interval.as_secs_f64()).ceil();
    ensure(between <= scenario.server.log as f64, &key, || {
        (
            format!(
                "{between} events between two questions are more than the log of {} keeps",
                scenario.server.log
            ),
            format!("server.log = {} would work", between * 2.0),
        )
    })
}

fn long_poll(key: &str, hold: Duration) -> Checked {
    ensure(
        !hold.is_zero() && hold <= LONGEST_HOLD,
        &format!("{key}.hold"),
        || {
            (
                format!(
                    "{} is no hold that the server grants",
                    format_duration(hold)
                ),
                format!(
                    "whole seconds from 1s to {} work",
                    format_duration(LONGEST_HOLD)
                ),
            )
        },
    )
}
