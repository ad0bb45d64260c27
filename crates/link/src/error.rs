//! The errors of settings, each with what would be right.

use std::time::Duration;

/// A setting that cannot be understood or kept; each text says what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// The text is no rate.
    #[error(
        "{0:?} is no rate: write a number above zero and bit, kbit, mbit or gbit (per second), \
         such as 2mbit"
    )]
    Rate(String),
    /// The text is no stall.
    #[error("{0:?} is no stall: write how often and how long, such as 10s,1400ms")]
    Stall(String),
    /// The stall has no break before the next one, or no duration.
    #[error(
        "a stall of {duration:?} every {every:?} cannot be: it must last longer than nothing \
         and end before the next begins, such as 10s,1400ms"
    )]
    StallTooLong {
        /// The time from the beginning of one stall to the beginning of the next.
        every: Duration,
        /// The time from the beginning of a stall to its end.
        duration: Duration,
    },
    /// The text is no amount to keep back.
    #[error(
        "{0:?} is nothing to buffer: write none, response, or an amount above zero such as 4KiB"
    )]
    Buffering(String),
    /// The value of a setting is no duration.
    #[error("{key}={value:?} is no duration: write a number and a unit, such as 50ms or 60s")]
    Duration {
        /// The setting.
        key: String,
        /// The value that was given.
        value: String,
    },
    /// The text is no number of workers.
    #[error("workers={0:?} is no number of workers: write a whole number above zero, such as 150")]
    Workers(String),
    /// The number of workers is zero, so that nobody would ever be let in.
    #[error("no workers would let nobody in: leave them out, or give at least 1")]
    NoWorkers,
    /// The text is no seed.
    #[error("seed={0:?} is no seed: write a whole number from 0 to 2^64 - 1, such as 7")]
    Seed(String),
    /// The value of `connect-rtt` is neither `true` nor `false`.
    #[error("connect-rtt={0:?} is neither: write connect-rtt, connect-rtt=true or =false")]
    ConnectRtt(String),
    /// No setting has this name.
    #[error(
        "a link has no setting {0:?}: there are delay, jitter, rate, stall, reset-after, \
         idle-cut, buffer, workers, cut-after, cut-idle, connect-rtt and seed, written key=value with commas between"
    )]
    UnknownKey(String),
    /// The jitter is larger than the delay.
    #[error("a jitter of {jitter:?} asks for more than the delay of {delay:?}: raise the delay")]
    JitterBeyondDelay {
        /// The requested jitter.
        jitter: Duration,
        /// The requested delay.
        delay: Duration,
    },
    /// A duration is longer than a day.
    #[error("{0} of more than a day is longer than anyone waits: write it in minutes or seconds")]
    TooLong(&'static str),
    /// A limit is zero, and would end everything at once.
    #[error("{0} of zero would end every connection at once: leave it out, or give it time")]
    ZeroLimit(&'static str),
}
