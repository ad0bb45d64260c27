//! `[cut]` and `[reconnect]`: how connections are lost in the course of a run, and how readers
//! come back.

use std::{fmt, time::Duration};

use humantime_serde::re::humantime::format_duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[cut]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cut {
    /// The way in which connections are lost.
    pub kind: CutKind,
    /// Time from the beginning of *measure* to the cut. Default 2s.
    #[serde(with = "humantime_serde", default = "two_seconds")]
    #[schemars(with = "String")]
    pub after: Duration,
    /// Connections lost in a second, for `close` and `reset` instead of one cut, of all readers
    /// together, at random moments from `after` to the end of *measure*.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<f64>,
    /// Share of the readers who lose their connections, from 0 to 1, for `close` and `reset`.
    /// Default 1.
    #[serde(default = "one")]
    pub share: f64,
    /// Time for which the server is gone, for `restart`, `kill` and `freeze`. Default 3s.
    #[serde(rename = "for", with = "humantime_serde", default = "three_seconds")]
    #[schemars(with = "String")]
    pub duration: Duration,
}

/// The way in which connections are lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CutKind {
    /// Readers close their connections in good order, as when a network changes.
    Close,
    /// Readers' connections are reset, without a goodbye.
    Reset,
    /// The server is asked to end (SIGTERM), says goodbye, and is started anew on its port.
    Restart,
    /// The server is killed (SIGKILL), and started anew on its port.
    Kill,
    /// The server is stopped (SIGSTOP) and goes on (SIGCONT): no connection ends by it.
    Freeze,
    /// The link goes silent on the connections that readers have: half-open, with neither end told.
    Silent,
}

/// `[reconnect]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Reconnect {
    /// The rule for the time that a reader waits before an attempt. Default `full_jitter`.
    pub policy: Policy,
    /// The time that the policy begins with. Default 1s.
    #[serde(with = "humantime_serde")]
    #[schemars(with = "String")]
    pub base: Duration,
    /// The longest time before an attempt. Default 30s.
    #[serde(with = "humantime_serde")]
    #[schemars(with = "String")]
    pub cap: Duration,
    /// Attempts in a row before a reader gives up. Default 20.
    pub attempts: usize,
    /// The place to which a reader comes back. Default `kept`.
    pub place: KeptPlace,
    /// The time without an event or an answer after which a reader gives its connection up for
    /// lost. Default: it waits for ever.
    #[serde(with = "humantime_serde", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub silence: Option<Duration>,
}

/// The rule for the time that a reader waits before each attempt to come back, also before the
/// first.
///
/// Sources: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015; WHATWG HTML,
/// section 9.2 (`EventSource`, `retry`); RFC 9110, section 10.2.3 (`Retry-After`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    /// Readers do not come back.
    None,
    /// `base`, each time.
    Fixed,
    /// `base`, twice that, four times that, and so on up to `cap`.
    Exponential,
    /// Anything from 0 to what `exponential` would wait, all equally likely.
    FullJitter,
    /// Anything from `base` to three times the wait before, up to `cap`.
    Decorrelated,
    /// The time that the server said last (`Retry-After`, or `retry:` in server-sent events), else
    /// `base`.
    Server,
    /// The time that an `EventSource` of Chromium waits, each time: 3 s, or what the stream said
    /// last (`retry:`). An answer that is not 200 and `text/event-stream` makes the reader give up for
    /// good. Only for server-sent events.
    EventSource,
}

/// The reconnection time of an `EventSource` that its stream said nothing of: "an
/// implementation-defined value, probably in the region of a few seconds" (WHATWG HTML, section
/// 9.2.2). It is 3 s in Chromium and 5 s in Firefox. A browser may wait longer after an attempt that
/// failed (section 9.2.3); Chromium does not.
const EVENT_SOURCE: Duration = Duration::from_secs(3);

/// The place to which a reader comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeptPlace {
    /// It asks for what came after the last event that it has seen.
    Kept,
    /// It asks for what comes next; what it missed meanwhile is lost to it.
    Lost,
}

impl Default for Reconnect {
    fn default() -> Self {
        Self {
            policy: Policy::FullJitter,
            base: Duration::from_secs(1),
            cap: Duration::from_secs(30),
            attempts: 20,
            place: KeptPlace::Kept,
            silence: None,
        }
    }
}

impl CutKind {
    /// Returns the word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Close => "close",
            Self::Reset => "reset",
            Self::Restart => "restart",
            Self::Kill => "kill",
            Self::Freeze => "freeze",
            Self::Silent => "silent",
        }
    }

    /// Returns whether readers lose their connections by themselves, and not by their server.
    #[must_use]
    pub const fn is_of_readers(self) -> bool {
        matches!(self, Self::Close | Self::Reset)
    }

    /// Returns whether the server is gone, or does nothing, for a time.
    #[must_use]
    pub const fn is_of_the_server(self) -> bool {
        matches!(self, Self::Restart | Self::Kill | Self::Freeze)
    }

    /// Returns whether another server process follows the one that there was.
    #[must_use]
    pub const fn ends_the_server(self) -> bool {
        matches!(self, Self::Restart | Self::Kill)
    }
}

impl Policy {
    /// Returns the word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Fixed => "fixed",
            Self::Exponential => "exponential",
            Self::FullJitter => "full_jitter",
            Self::Decorrelated => "decorrelated",
            Self::Server => "server",
            Self::EventSource => "event_source",
        }
    }

    /// Returns whether readers wait as long as a refusal says (`Retry-After`), which the other policies
    /// than `server` have no use for. An `EventSource` does not come back after a refusal.
    #[must_use]
    pub const fn heeds_refusals(self) -> bool {
        matches!(self, Self::Server)
    }
}

impl Reconnect {
    /// Returns the shortest and the longest wait before attempt `attempt` (from 0) that follows a
    /// wait of `before`. `said` is what the server said last, as far as the policy heeds it.
    #[must_use]
    pub fn bounds(
        &self,
        attempt: u32,
        before: Option<Duration>,
        said: Option<Duration>,
    ) -> (Duration, Duration) {
        let doubled = self.base.saturating_mul(2_u32.saturating_pow(attempt));
        let grown = doubled.min(self.cap);
        match self.policy {
            Policy::None | Policy::Fixed => (self.base, self.base),
            Policy::Exponential => (grown, grown),
            Policy::FullJitter => (Duration::ZERO, grown),
            Policy::Decorrelated => {
                let longest = before.unwrap_or(self.base).saturating_mul(3);
                let base = self.base.min(self.cap);
                (base, longest.clamp(base, self.cap))
            }
            Policy::Server => {
                let wait = said.unwrap_or(self.base);
                (wait, wait)
            }
            Policy::EventSource => {
                let wait = said.unwrap_or(EVENT_SOURCE);
                (wait, wait)
            }
        }
    }
}

/// The word of the `cut` column: `reset at 2s`, `reset 5/s`, `kill at 2s for 3s`.
impl fmt::Display for Cut {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, after) = (self.kind.name(), format_duration(self.after));
        match self.rate {
            Some(rate) => write!(formatter, "{kind} {rate}/s from {after}")?,
            None => write!(formatter, "{kind} at {after}")?,
        }
        if self.kind.is_of_the_server() {
            write!(formatter, " for {}", format_duration(self.duration))?;
        } else if self.share < 1.0 {
            write!(formatter, " share {}", self.share)?;
        }
        Ok(())
    }
}

/// The word of the `reconnect` column: `full_jitter 1s to 30s`, `fixed 1s silence 2s`, `none`.
impl fmt::Display for Reconnect {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, base) = (self.policy.name(), format_duration(self.base));
        match self.policy {
            Policy::None => formatter.write_str(name)?,
            Policy::Fixed | Policy::Server => write!(formatter, "{name} {base}")?,
            Policy::EventSource => {
                write!(formatter, "{name} {}", format_duration(EVENT_SOURCE))?;
            }
            _ => write!(formatter, "{name} {base} to {}", format_duration(self.cap))?,
        }
        if self.place == KeptPlace::Lost && self.policy != Policy::None {
            formatter.write_str(" place lost")?;
        }
        if let Some(silence) = self.silence {
            write!(formatter, " silence {}", format_duration(silence))?;
        }
        Ok(())
    }
}

const fn one() -> f64 {
    1.0
}

const fn two_seconds() -> Duration {
    Duration::from_secs(2)
}

const fn three_seconds() -> Duration {
    Duration::from_secs(3)
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: Duration = Duration::from_secs(1);

    fn bounds(policy: Policy, attempt: u32, before: Option<Duration>) -> (Duration, Duration) {
        let reconnect = Reconnect {
            policy,
            cap: 10 * S,
            ..Reconnect::default()
        };
        reconnect.bounds(attempt, before, None)
    }

    #[test]
    fn each_policy_waits_as_it_is_published() {
        assert_eq!(bounds(Policy::Fixed, 7, None), (S, S));
        for (attempt, wait) in [(0, 1), (1, 2), (2, 4), (3, 8), (4, 10), (99, 10)] {
            let wait = wait * S;
            assert_eq!(bounds(Policy::Exponential, attempt, None), (wait, wait));
            assert_eq!(
                bounds(Policy::FullJitter, attempt, None),
                (Duration::ZERO, wait)
            );
        }
        assert_eq!(bounds(Policy::Decorrelated, 0, None), (S, 3 * S));
        assert_eq!(bounds(Policy::Decorrelated, 1, Some(2 * S)), (S, 6 * S));
        assert_eq!(bounds(Policy::Decorrelated, 9, Some(9 * S)), (S, 10 * S));
        assert_eq!(bounds(Policy::Server, 3, None), (S, S));
        let server = Reconnect {
            policy: Policy::Server,
            ..Reconnect::default()
        };
        assert_eq!(server.bounds(0, None, Some(5 * S)), (5 * S, 5 * S));
        let browser = Reconnect {
            policy: Policy::EventSource,
            ..Reconnect::default()
        };
        // Neither `base` nor the number of failures changes it, and a `retry:` does.
        for attempt in [0, 9] {
            assert_eq!(browser.bounds(attempt, Some(S), None), (3 * S, 3 * S));
        }
        assert_eq!(browser.bounds(0, None, Some(5 * S)), (5 * S, 5 * S));
    }

    #[test]
    fn columns_say_what_was_done() {
        let mut cut = Cut {
            kind: CutKind::Reset,
            after: 2 * S,
            rate: None,
            share: 1.0,
            duration: 3 * S,
        };
        assert_eq!(cut.to_string(), "reset at 2s");
        cut.share = 0.5;
        assert_eq!(cut.to_string(), "reset at 2s share 0.5");
        cut.rate = Some(5.0);
        cut.share = 1.0;
        assert_eq!(cut.to_string(), "reset 5/s from 2s");
        (cut.kind, cut.rate) = (CutKind::Silent, None);
        assert_eq!(cut.to_string(), "silent at 2s");
        cut.kind = CutKind::Kill;
        assert_eq!(cut.to_string(), "kill at 2s for 3s");
        let mut back = Reconnect::default();
        assert_eq!(back.to_string(), "full_jitter 1s to 30s");
        (back.policy, back.place) = (Policy::Fixed, KeptPlace::Lost);
        assert_eq!(back.to_string(), "fixed 1s place lost");
        back.silence = Some(2 * S);
        assert_eq!(back.to_string(), "fixed 1s place lost silence 2s");
        back = Reconnect {
            policy: Policy::EventSource,
            ..Reconnect::default()
        };
        assert_eq!(back.to_string(), "event_source 3s");
    }
}
