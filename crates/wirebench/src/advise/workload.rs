//! The numbers of an application, with what was left out put in.

mod checks;

use std::time::Duration;

use anyhow::bail;
use scenario::{Http, ProxyKind, Tls};

use self::checks::{
    above_zero, contradictions, filling, intervals, measure, milliseconds, proxy, rate, readers,
    tls,
};
use super::range::{Range, count, fits, word};
use crate::args::WorkloadInputs;

/// The silence at which a proxy ends an exchange, in seconds, unless it is said.
pub(super) const IDLE: f64 = 60.0;
/// The time that a run needs to settle.
pub(super) const SETTLE: Duration = Duration::from_secs(1);
/// The messages after which a connection is no longer new: a receiver acknowledges the first sixteen
/// segments at once (`TCP_MAX_QUICKACKS` of Linux), which costs the server up to half as much again.
const NEW: f64 = 16.0;

/// An application, as far as the ways to read differ in it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Workload {
    pub(crate) readers: usize,
    pub(crate) rooms: usize,
    /// Messages a second in each room.
    pub(crate) room_rate: f64,
    /// True if readers send the messages.
    pub(crate) speaks: bool,
    pub(crate) payload: usize,
    pub(crate) round_trip: Duration,
    pub(crate) is_poisson: bool,
    pub(crate) header_bytes: usize,
    pub(crate) cookie_bytes: usize,
    pub(crate) profile: String,
    pub(crate) tls: Tls,
    pub(crate) http: Http,
    pub(crate) proxy: Option<Proxy>,
    /// The silence at which a proxy ends an exchange, in seconds.
    pub(crate) proxy_idle: Option<f64>,
    pub(crate) workers: Option<f64>,
    pub(crate) open_files: f64,
    pub(crate) reconnects_a_day: f64,
    pub(crate) hours_a_day: f64,
    /// The share of readers whose tab is in the background.
    pub(crate) hidden: f64,
    pub(crate) tabs: f64,
    /// The intervals of short polls.
    pub(crate) intervals: Vec<Duration>,
    pub(crate) hold: Duration,
    /// The seconds for which a radio stays awake.
    pub(crate) tail: f64,
    /// The time in which the readers of a run connect; `None` for what their number needs.
    pub(crate) ramp: Option<Duration>,
    /// The time from a run's first message to the first that counts.
    pub(crate) settle: Duration,
    /// The time that a run measures.
    pub(crate) measure: Duration,
}

/// A proxy, and whether its settings are right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Proxy {
    pub(crate) kind: ProxyKind,
    pub(crate) is_right: bool,
}

impl Workload {
    /// Checks what was asked for, and puts in what was left out.
    pub(crate) fn of(inputs: &WorkloadInputs) -> anyhow::Result<Self> {
        let readers = readers(inputs)?;
        let rooms = count("rooms", inputs.rooms.unwrap_or(1.0), 1_000_000)?;
        if rooms > readers {
            bail!(
                "{rooms} rooms for {readers} readers leave rooms empty; give --rooms {readers} at \
                 most, or more --readers"
            );
        }
        let (room_rate, speaks) = rate(inputs, readers, rooms)?;
        let intervals = intervals(inputs)?;
        let proxy = proxy(inputs)?;
        let tls = tls(inputs)?;
        contradictions(inputs, proxy, tls)?;
        let idle = proxy.is_some().then_some(IDLE);
        let measure = measure(inputs, &intervals, room_rate)?;
        let number = |range: Range, value: Option<f64>, usual| fits(range, value.unwrap_or(usual));
        Ok(Self {
            readers,
            rooms,
            room_rate,
            speaks,
            payload: count("payload", inputs.payload.unwrap_or(100.0), 65_536)?,
            round_trip: milliseconds(inputs.round_trip_ms.unwrap_or(50.0))?,
            is_poisson: word(
                "arrivals",
                inputs.arrivals.as_deref(),
                &["poisson", "constant"],
            )? == 0,
            header_bytes: filling("header-bytes", inputs.header_bytes, LEAST_HEADER)?,
            cookie_bytes: filling("cookie-bytes", inputs.cookie_bytes, LEAST_COOKIE)?,
            profile: inputs
                .profile
                .clone()
                .unwrap_or_else(|| "minimal".to_owned()),
            tls,
            http: match word("http", inputs.http.as_deref(), &["1.1", "2"])? {
                0 => Http::V1_1,
                _ => Http::V2,
            },
            proxy,
            proxy_idle: above_zero("proxy-idle-s", inputs.proxy_idle_s.or(idle), 86_400.0)?,
            workers: inputs
                .workers
                .map(|workers| count("workers", workers, 1_000_000).map(|count| count as f64))
                .transpose()?,
            open_files: count(
                "open-files",
                inputs.open_files.unwrap_or(1_024.0),
                1_000_000_000,
            )? as f64,
            reconnects_a_day: number(
                Range::new("reconnects-a-day", 0.0, 86_400.0),
                inputs.reconnects_a_day,
                10.0,
            )?,
            hours_a_day: above_zero("hours-a-day", inputs.hours_a_day.or(Some(24.0)), 24.0)?
                .unwrap_or_default(),
            hidden: number(
                Range::new("background-tabs", 0.0, 1.0),
                inputs.background_tabs,
                0.0,
            )?,
            tabs: count("tabs", inputs.tabs.unwrap_or(1.0), 1_000)? as f64,
            intervals,
            hold: Duration::from_secs(count("hold-s", inputs.hold_s.unwrap_or(25.0), 120)? as u64),
            tail: above_zero("radio-tail-s", inputs.radio_tail_s.or(Some(LTE)), 3_600.0)?
                .unwrap_or_default(),
            ramp: None,
            settle: SETTLE,
            measure,
        })
    }

    /// Returns the same application, whose runs settle until connections are no longer new, as far as
    /// that takes between these times.
    pub(crate) fn settled(self, least: Duration, most: Duration) -> Self {
        let seconds = (NEW / self.room_rate).clamp(least.as_secs_f64(), most.as_secs_f64());
        Self {
            settle: Duration::from_millis((seconds * 1e3).ceil() as u64),
            ..self
        }
    }

    /// Returns the number of events that the log of a room keeps.
    pub(crate) fn log(&self) -> f64 {
        self.log_at(self.room_rate)
    }

    /// Returns the number of events that the log of a room with so many messages a second keeps: twice
    /// what comes between two polls, so that chance loses nothing, and some at least.
    pub(crate) fn log_at(&self, room_rate: f64) -> f64 {
        let slowest = self.intervals.iter().max().copied().unwrap_or_default();
        (2.0 * room_rate * slowest.as_secs_f64()).ceil().max(LOG)
    }

    /// Returns the same application with so many messages a second in each room.
    pub(crate) fn at_rate(&self, inputs: &WorkloadInputs, room_rate: f64) -> anyhow::Result<Self> {
        Ok(Self {
            room_rate,
            measure: measure(inputs, &self.intervals, room_rate)?,
            ..self.clone()
        })
    }

    /// Returns the application in one sentence.
    pub(crate) fn told(&self) -> String {
        let rooms = match self.rooms {
            1 => "one room".to_owned(),
            rooms => format!("{rooms} rooms"),
        };
        let readers = match self.readers {
            1 => "1 reader".to_owned(),
            readers => format!("{readers} readers"),
        };
        // A small rate keeps its digits, so that it is not shown as zero.
        let rate = match self.room_rate {
            rate if rate < 0.001 => rate.to_string(),
            rate => short(rate),
        };
        let who = if self.speaks {
            "said by readers"
        } else {
            "said by somebody who does not read"
        };
        let tls = self.tls.version().map_or_else(
            || "in the clear".to_owned(),
            |version| format!("TLS {version}"),
        );
        format!(
            "{readers} in {rooms}, {rate} messages a second in each room ({who}), {} bytes of text, {} \
             ms round trip, HTTP/{}, {tls}",
            self.payload,
            short(self.round_trip.as_secs_f64() * 1e3),
            self.http.version(),
        )
    }
}

/// The events that a room keeps at least.
const LOG: f64 = 200.0;
/// The shortest header line and the shortest cookie of our making, in bytes.
const LEAST_HEADER: usize = 11;
const LEAST_COOKIE: usize = 9;
const LTE: f64 = analysis::model::radio::LTE_TAIL;

/// Returns a number with no more digits than it needs.
pub(super) fn short(number: f64) -> String {
    let text = format!("{number:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inputs(lines: &str) -> WorkloadInputs {
        toml::from_str(lines).expect("inputs")
    }

    #[test]
    fn what_is_left_out_is_put_in() {
        let workload = Workload::of(&inputs(
            "readers = 5000\nrooms = 100\nmessages_per_reader = 0.1\nproxy = \"nginx\"",
        ))
        .expect("a workload");
        assert!((workload.room_rate - 5.0).abs() < 1e-12);
        assert!(workload.speaks && workload.is_poisson);
        assert_eq!(workload.proxy_idle, Some(60.0));
        assert_eq!(workload.measure, Duration::from_mins(2));
        assert_eq!(workload.tls, Tls::Off);
        let told = workload.told();
        assert!(told.contains("100 rooms, 5 messages a second"), "{told}");
    }

    #[test]
    fn what_cannot_be_is_refused_with_what_to_change() {
        let base = "readers = 100\n";
        let said = "readers = 100\nmessages_per_room = 1\n";
        for (text, told) in [
            (String::new(), "give --readers"),
            (base.to_owned(), "give --messages-per-reader 0.1"),
            (format!("{said}messages_per_reader = 1"), "keep one of them"),
            (
                format!("{base}messages_per_room = 0"),
                "scenarios/idle.toml",
            ),
            (format!("{base}messages_per_room = -1"), "is not above zero"),
            (
                format!("{base}messages_per_room = 1e-9"),
                "give --messages-per-room 0.0001",
            ),
            (
                format!("{base}messages_per_room = 0.1\nmeasure_s = 2"),
                "give 10 or more",
            ),
            (format!("{base}messages_per_room = 1e9"), "give 0 to 100000"),
            (format!("{base}messages_per_reader = 90000"), "more --rooms"),
            (format!("{base}messages_per_room = nan"), "is no number"),
            (format!("{said}rooms = 101"), "leave rooms empty"),
            (format!("{said}rooms = 0"), "give 1 to 1000000"),
            (format!("{said}rooms = 1.5"), "whole number"),
            (format!("{said}payload = 1e9"), "give 1 to 65536"),
            (format!("{said}round_trip_ms = -1"), "give 0 to 60000"),
            (format!("{said}round_trip_ms = inf"), "is no number"),
            (format!("{said}tls = \"1.1\""), "off, 1.2 or 1.3"),
            (format!("{said}http = \"3\""), "1.1 or 2"),
            (format!("{said}proxy = \"apache\""), "none, nginx"),
            (format!("{said}proxy = \"hitch\""), "give --tls 1.3"),
            (
                format!("{said}proxy_settings = \"default\""),
                "name a --proxy",
            ),
            (format!("{said}cookie_bytes = 3"), "9 at least"),
            (
                format!("{said}header_bytes = 40\nprofile = \"browser\""),
                "keep one of them",
            ),
            (format!("{said}background_tabs = 2"), "give 0 to 1"),
            (format!("{said}hours_a_day = 0"), "is not above zero"),
            (format!("{said}intervals_s = [0]"), "give 0.01 to 1800"),
            (format!("{said}intervals_s = [1, 1.0]"), "take one away"),
            (format!("{said}hold_s = 500"), "give 1 to 120"),
            (format!("{said}arrivals = \"often\""), "poisson or constant"),
        ] {
            let refused = Workload::of(&inputs(&text)).expect_err(&text).to_string();
            assert!(refused.contains(told), "{text}: {refused}");
        }
    }
}
