//! `[link]`: the network between the swarm and the server, as plain values. The crate
//! `link` carries them out.

use std::time::Duration;

use ::link::{Buffering, Cut, Rate, Settings, SettingsError, Stall};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[link]`. Every key may be left out; a key that is left out has no effect.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LinkSettings {
    /// One-way delay, the same each way. Default 0s.
    #[serde(with = "humantime_serde")]
    #[schemars(with = "String")]
    pub delay: Duration,
    /// Largest deviation from `delay`, uniform, order kept. Default 0s.
    #[serde(with = "humantime_serde")]
    #[schemars(with = "String")]
    pub jitter: Duration,
    /// Bytes let through each way, written in bits: `"2mbit"`. Default: no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub rate: Option<Rate>,
    /// The time from the beginning of one stall to that of the next. Goes with `stall_for`.
    #[serde(with = "humantime_serde", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub stall_every: Option<Duration>,
    /// The time for which nothing passes. Goes with `stall_every`.
    #[serde(with = "humantime_serde", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub stall_for: Option<Duration>,
    /// The age at which a connection is reset.
    #[serde(with = "humantime_serde", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub reset_after: Option<Duration>,
    /// The silence after which a connection is cut.
    #[serde(with = "humantime_serde", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub idle_cut: Option<Duration>,
    /// The bytes that a proxy keeps back: `"none"` (default), a size such as `"4KiB"`, or
    /// `"response"`.
    #[schemars(with = "String")]
    pub buffer: Buffering,
    /// Exchanges (a request and its answer) that a proxy carries at once, as PHP-FPM and Apache's
    /// prefork do; others wait. A stream or WebSocket keeps its worker. Default: no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workers: Option<usize>,
    /// The limits at which exchanges are ended, as on serverless platforms and by load balancers
    /// of clouds: `{ after = "300s", idle = "60s" }`. Default: none.
    #[serde(skip_serializing_if = "LinkCut::is_none")]
    pub cut: LinkCut,
    /// True if setting up a connection costs its round trip, as it does on a real
    /// network. Default true.
    pub connect_rtt: bool,
    /// The people whose connections go through it: `"both"` (default), `"readers"` or
    /// `"speakers"`.
    pub side: Side,
}

impl Default for LinkSettings {
    fn default() -> Self {
        Self {
            delay: Duration::ZERO,
            jitter: Duration::ZERO,
            rate: None,
            stall_every: None,
            stall_for: None,
            reset_after: None,
            idle_cut: None,
            buffer: Buffering::None,
            workers: None,
            cut: LinkCut::default(),
            connect_rtt: true,
            side: Side::Both,
        }
    }
}

/// `cut = { after = "300s", idle = "60s" }`: the limits at which the path ends exchanges. Readers
/// come back as `[reconnect]` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LinkCut {
    /// The age of an exchange at which its connection is closed, whatever moves on it.
    #[serde(with = "humantime_serde", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub after: Option<Duration>,
    /// The silence within an exchange after which its connection is closed.
    #[serde(with = "humantime_serde", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub idle: Option<Duration>,
}

impl LinkCut {
    /// Returns whether neither limit is set.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

/// The people whose connections go through the link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Everybody's connections: a message crosses the network twice.
    #[default]
    Both,
    /// Only readers' connections: latency is that of the way down. Goes with
    /// `traffic.speak = "post"`, where speakers have connections of their own.
    Readers,
    /// Only speakers' connections: latency is that of the way up.
    Speakers,
}

impl LinkSettings {
    /// Returns whether the link does anything that delay and jitter do not describe: it
    /// limits, stalls, resets, cuts, or keeps back.
    #[must_use]
    pub fn does_more_than_delay(&self) -> bool {
        self.rate.is_some()
            || self.stall_every.is_some()
            || self.reset_after.is_some()
            || self.idle_cut.is_some()
            || self.workers.is_some()
            || !self.cut.is_none()
            || self.buffers()
    }

    /// Returns whether the link keeps back responses.
    #[must_use]
    pub fn buffers(&self) -> bool {
        self.buffer != Buffering::None
    }

    /// Returns whether the link has to see where an answer ends.
    #[must_use]
    pub fn reads_answers(&self) -> bool {
        self.buffers() || self.workers.is_some() || !self.cut.is_none()
    }

    /// Returns the settings for the crate `link`; `seed` is the seed of the jitter.
    ///
    /// # Errors
    /// Fails if the values do not fit together.
    pub fn resolve(&self, seed: u64) -> Result<Settings, SettingsError> {
        let stall = match (self.stall_every, self.stall_for) {
            (Some(every), Some(duration)) => Some(Stall::new(every, duration)?),
            _ => None,
        };
        let settings = Settings {
            delay: self.delay,
            jitter: self.jitter,
            rate: self.rate,
            stall,
            reset_after: self.reset_after,
            idle_cut: self.idle_cut,
            buffer: self.buffer,
            workers: self.workers,
            cut: Cut {
                after: self.cut.after,
                idle: self.cut.idle,
            },
            connect_rtt: self.connect_rtt,
            seed,
        };
        settings.check()?;
        Ok(settings)
    }
}
