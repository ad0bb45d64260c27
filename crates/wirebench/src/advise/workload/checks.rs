//! The check of each number: one that cannot be is refused with what to change.

use std::time::Duration;

use anyhow::bail;
use scenario::{ProxyKind, Tls};

use super::{Proxy, short};
use crate::{
    advise::range::{Range, count, fits, word},
    args::WorkloadInputs,
};

/// The seconds that a run measures at least and, unless it is asked for, at most.
const LEAST_MEASURE: f64 = 10.0;
const MOST_MEASURE: f64 = 300.0;
/// The polls of the slowest way, and the messages, that a run should see.
const POLLS: f64 = 4.0;
const MESSAGES: f64 = 20.0;
/// The most and the fewest messages a second in a room.
const MOST_RATE: f64 = 100_000.0;
const LEAST_RATE: f64 = 0.000_1;

/// Refuses what contradicts itself.
pub(super) fn contradictions(
    inputs: &WorkloadInputs,
    proxy: Option<Proxy>,
    tls: Tls,
) -> anyhow::Result<()> {
    if proxy.is_some_and(|proxy| proxy.kind.ends_tls()) && tls == Tls::Off {
        bail!("hitch ends TLS, and --tls is off; give --tls 1.3, or another --proxy");
    }
    if inputs.proxy_settings.is_some() && proxy.is_none() {
        bail!("--proxy-settings says how a proxy is set, and there is none; name a --proxy");
    }
    if inputs.profile.is_some() && inputs.header_bytes.is_some() {
        bail!("--profile and --header-bytes both say what requests carry; keep one of them");
    }
    Ok(())
}

pub(super) fn readers(inputs: &WorkloadInputs) -> anyhow::Result<usize> {
    let Some(readers) = inputs.readers else {
        bail!(
            "how many people read? give --readers N, such as --readers 5000 --rooms 100 \
             --messages-per-reader 0.1"
        );
    };
    count("readers", readers, 100_000_000)
}

/// Returns the messages a second in each room, and whether readers say them.
pub(super) fn rate(
    inputs: &WorkloadInputs,
    readers: usize,
    rooms: usize,
) -> anyhow::Result<(f64, bool)> {
    let (key, rate, speaks) = match (inputs.messages_per_room, inputs.messages_per_reader) {
        (Some(_), Some(_)) => bail!(
            "--messages-per-room and --messages-per-reader both say how much is said; keep one of \
             them"
        ),
        (None, None) => bail!(
            "how much is said? give --messages-per-reader 0.1 if each reader says something in ten \
             seconds, or --messages-per-room 2 if your back end does"
        ),
        (Some(rate), None) => ("messages-per-room", rate, false),
        (None, Some(rate)) => ("messages-per-reader", rate, true),
    };
    if rate == 0.0 {
        bail!(
            "--{key} 0 leaves nothing to read; a silent room is measured by scenarios/idle.toml, \
             and 0.001 is about four messages in an hour"
        );
    }
    let given = above_zero(key, Some(rate), MOST_RATE)?.unwrap_or_default();
    let room = if speaks {
        given * readers as f64 / rooms as f64
    } else {
        given
    };
    if room > MOST_RATE {
        bail!(
            "{} messages a second in each room are more than any reader can take; give a lower \
             --{key} or more --rooms",
            short(room)
        );
    }
    if room < LEAST_RATE {
        bail!(
            "a message in {} hours is so rare that no run would see one; give --{key} {} or more",
            short(1.0 / room / 3_600.0),
            LEAST_RATE * (given / room)
        );
    }
    Ok((room, speaks))
}

pub(super) fn intervals(inputs: &WorkloadInputs) -> anyhow::Result<Vec<Duration>> {
    let wanted = inputs
        .intervals_s
        .clone()
        .unwrap_or_else(|| vec![1.0, 5.0, 30.0]);
    let mut intervals = Vec::new();
    for seconds in wanted {
        let range = Range::new("intervals-s", 0.01, 1_800.0);
        let interval = Duration::from_millis((fits(range, seconds)? * 1e3).round() as u64);
        if intervals.contains(&interval) {
            bail!("--intervals-s has {} twice; take one away", short(seconds));
        }
        intervals.push(interval);
    }
    Ok(intervals)
}

pub(super) fn proxy(inputs: &WorkloadInputs) -> anyhow::Result<Option<Proxy>> {
    let names: Vec<&str> = ["none"]
        .into_iter()
        .chain(ProxyKind::KNOWN.iter().map(|kind| kind.name()))
        .collect();
    let chosen = word("proxy", inputs.proxy.as_deref(), &names)?;
    let is_right = word(
        "proxy-settings",
        inputs.proxy_settings.as_deref(),
        &["right", "default"],
    )? == 0;
    let kind = chosen.checked_sub(1).map(|index| ProxyKind::KNOWN[index]);
    Ok(kind.map(|kind| Proxy { kind, is_right }))
}

pub(super) fn tls(inputs: &WorkloadInputs) -> anyhow::Result<Tls> {
    let versions = [Tls::Off, Tls::V1_2, Tls::V1_3];
    Ok(versions[word("tls", inputs.tls.as_deref(), &["off", "1.2", "1.3"])?])
}

pub(super) fn milliseconds(wanted: f64) -> anyhow::Result<Duration> {
    let milliseconds = fits(Range::new("round-trip-ms", 0.0, 60_000.0), wanted)?;
    Ok(Duration::from_micros((milliseconds * 1e3).round() as u64))
}

/// Returns a number that must be above zero, if there is one.
pub(super) fn above_zero(
    key: &'static str,
    wanted: Option<f64>,
    most: f64,
) -> anyhow::Result<Option<f64>> {
    let Some(wanted) = wanted else {
        return Ok(None);
    };
    if wanted <= 0.0 {
        bail!("--{key} {wanted} is not above zero; give up to {most}");
    }
    fits(Range::new(key, 0.0, most), wanted).map(Some)
}

/// Returns the bytes of a header that is made up: none, or enough for its name.
pub(super) fn filling(
    key: &'static str,
    wanted: Option<f64>,
    least: usize,
) -> anyhow::Result<usize> {
    let wanted = wanted.unwrap_or_default();
    if wanted == 0.0 {
        return Ok(0);
    }
    let bytes = count(key, wanted, 32_768)?;
    if bytes < least {
        bail!(
            "--{key} {bytes} is too short for a name and a value; give 0 for none, or {least} at \
               least"
        );
    }
    Ok(bytes)
}

/// Returns the time that a run measures: long enough for some polls of the slowest way and some
/// messages, unless it was asked for.
pub(super) fn measure(
    inputs: &WorkloadInputs,
    intervals: &[Duration],
    rate: f64,
) -> anyhow::Result<Duration> {
    if let Some(seconds) = above_zero("measure-s", inputs.measure_s, 10_000.0)? {
        if seconds * rate < 1.0 {
            bail!(
                "--measure-s {seconds} is too short for a message each {} s; give {} or more",
                short(1.0 / rate),
                (1.0 / rate).ceil()
            );
        }
        return Ok(Duration::from_millis((seconds * 1e3).round() as u64));
    }
    let slowest = intervals.iter().max().copied().unwrap_or_default();
    let wanted = (POLLS * slowest.as_secs_f64()).max(MESSAGES / rate);
    let seconds = wanted
        .clamp(LEAST_MEASURE, MOST_MEASURE)
        .max(1.0 / rate)
        .ceil();
    Ok(Duration::from_secs(seconds as u64))
}
