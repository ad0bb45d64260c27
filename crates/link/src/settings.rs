//! The settings of a link, and their notation on a command line or in a scenario.

use std::time::Duration;

use humantime_serde::re::humantime;
use serde::{Deserialize, Serialize};

use crate::{Buffering, Cut, Rate, SettingsError, Stall};

/// The longest duration of a setting, which is short enough for every clock.
const LONGEST: Duration = Duration::from_hours(24);

/// The effects of a link on the bytes that it carries. By default there is none.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The one-way delay, in each direction: an exchange takes twice this longer.
    #[serde(with = "humantime_serde")]
    pub delay: Duration,
    /// The largest deviation of a byte's delay from `delay`, in either direction and evenly
    /// distributed; at most `delay`. The order is kept, as TCP would keep it: a byte that would
    /// overtake waits, so that under dense traffic the mean delay rises above `delay`.
    #[serde(with = "humantime_serde")]
    pub jitter: Duration,
    /// The rate of each direction of each connection; unlimited if `None`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<Rate>,
    /// The pauses in which nothing moves at all.
    #[serde(alias = "stall_every", skip_serializing_if = "Option::is_none")]
    pub stall: Option<Stall>,
    /// The age, from being accepted, at which a connection is reset (RST to both sides).
    #[serde(with = "humantime_serde", skip_serializing_if = "Option::is_none")]
    pub reset_after: Option<Duration>,
    /// The time for which a connection may be silent in both directions before it is closed (FIN to
    /// both sides), as a proxy does; many do at 60 s.
    #[serde(with = "humantime_serde", skip_serializing_if = "Option::is_none")]
    pub idle_cut: Option<Duration>,
    /// The part of a response that a proxy in the path keeps back.
    pub buffer: Buffering,
    /// The number of exchanges that a proxy in the path carries at once, as PHP-FPM and Apache's
    /// prefork do: a request waits for a worker, which is free when the answer is complete. A
    /// stream or WebSocket keeps its worker, and so does what is not HTTP. Unlimited if `None`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workers: Option<usize>,
    /// The limits at which the path ends exchanges.
    #[serde(skip_serializing_if = "Cut::is_none")]
    pub cut: Cut,
    /// True if setting up a connection costs its round trip.
    ///
    /// The client's kernel completes `connect()` with the link at once, so the connection seems to
    /// be open a round trip too early. To compensate, the link dials the server, and takes the
    /// first bytes, only after that round trip. A request sent at once arrives 3 delays after the
    /// connect began and its answer comes after 4, as over a real path. A client that first sends
    /// later than the round trip is not affected.
    pub connect_rtt: bool,
    /// The seed of the random jitter. Connections are numbered as they are accepted, and each
    /// direction of each connection has a random generator of its own.
    pub seed: u64,
}

impl Settings {
    /// Checks whether the settings fit together.
    ///
    /// # Errors
    ///
    /// Returns an error if the jitter exceeds the delay, which would require bytes to arrive before
    /// they are sent, if a limit is zero, which would end every connection at once, or if a
    /// duration is longer than a day.
    pub fn check(&self) -> Result<(), SettingsError> {
        for (key, duration) in [
            ("delay", Some(self.delay)),
            ("stall", self.stall.map(Stall::every)),
            ("reset-after", self.reset_after),
            ("idle-cut", self.idle_cut),
            ("cut-after", self.cut.after),
            ("cut-idle", self.cut.idle),
        ] {
            if duration > Some(LONGEST) {
                return Err(SettingsError::TooLong(key));
            }
        }
        if self.jitter > self.delay {
            return Err(SettingsError::JitterBeyondDelay {
                jitter: self.jitter,
                delay: self.delay,
            });
        }
        for (key, limit) in [
            ("reset-after", self.reset_after),
            ("idle-cut", self.idle_cut),
            ("cut-after", self.cut.after),
            ("cut-idle", self.cut.idle),
        ] {
            if limit == Some(Duration::ZERO) {
                return Err(SettingsError::ZeroLimit(key));
            }
        }
        if self.workers == Some(0) {
            return Err(SettingsError::NoWorkers);
        }
        Ok(())
    }

    /// Returns whether the link has to know where requests and answers begin and end.
    #[must_use]
    pub fn follows_exchanges(&self) -> bool {
        self.workers.is_some() || !self.cut.is_none()
    }
}

/// Reads settings written on one line, such as
/// `delay=100ms,jitter=5ms,rate=2mbit,stall=10s,1400ms,connect-rtt`.
///
/// # Errors
///
/// Returns an error at the first setting that cannot be understood, and if the settings do not fit
/// together.
pub fn settings_from(text: &str) -> Result<Settings, SettingsError> {
    let mut settings = Settings::default();
    let mut pieces = text.split(',').map(str::trim).peekable();
    while let Some(piece) = pieces.next() {
        if piece.is_empty() {
            continue;
        }
        let (key, value) = piece.split_once('=').unwrap_or((piece, ""));
        let key = key.trim().to_ascii_lowercase().replace('_', "-");
        let mut value = value.trim().to_owned();
        // A stall's two durations have a comma of their own.
        if key.starts_with("stall")
            && let Some(rest) = pieces.next_if(|next| !next.contains('='))
        {
            value = format!("{value},{rest}");
        }
        set(&mut settings, &key, &value)?;
    }
    settings.check()?;
    Ok(settings)
}

/// Sets the setting called `key` to a value that is written as text.
fn set(settings: &mut Settings, key: &str, value: &str) -> Result<(), SettingsError> {
    let duration = || {
        humantime::parse_duration(value).map_err(|_| SettingsError::Duration {
            key: key.to_owned(),
            value: value.to_owned(),
        })
    };
    match key {
        "delay" => settings.delay = duration()?,
        "jitter" => settings.jitter = duration()?,
        "rate" => settings.rate = Some(value.parse()?),
        "stall" | "stall-every" => settings.stall = Some(value.parse()?),
        "reset-after" => settings.reset_after = Some(duration()?),
        "idle-cut" => settings.idle_cut = Some(duration()?),
        "buffer" => settings.buffer = value.parse()?,
        "workers" => {
            let workers = value.parse();
            let wrong = |_| SettingsError::Workers(value.to_owned());
            settings.workers = Some(workers.map_err(wrong)?);
        }
        "cut-after" => settings.cut.after = Some(duration()?),
        "cut-idle" => settings.cut.idle = Some(duration()?),
        "connect-rtt" => {
            settings.connect_rtt = match value {
                "" | "true" => true,
                "false" => false,
                _ => return Err(SettingsError::ConnectRtt(value.to_owned())),
            }
        }
        "seed" => {
            settings.seed = value
                .parse()
                .map_err(|_| SettingsError::Seed(value.to_owned()))?;
        }
        _ => return Err(SettingsError::UnknownKey(key.to_owned())),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_line_says_everything() {
        let settings = settings_from(
            "delay=100ms, jitter=5ms,rate=2mbit,stall=10s,1400ms,reset_after=30s,\
             idle-cut=60s,buffer=4KiB,workers=150,cut-after=5m,cut_idle=100s,connect-rtt,seed=7",
        );
        let expected = Settings {
            delay: Duration::from_millis(100),
            jitter: Duration::from_millis(5),
            rate: Rate::new(250_000),
            stall: Some(Stall::new(Duration::from_secs(10), Duration::from_millis(1400)).unwrap()),
            reset_after: Some(Duration::from_secs(30)),
            idle_cut: Some(Duration::from_mins(1)),
            buffer: Buffering::Bytes(4096),
            workers: Some(150),
            cut: Cut {
                after: Some(Duration::from_mins(5)),
                idle: Some(Duration::from_secs(100)),
            },
            connect_rtt: true,
            seed: 7,
        };
        assert_eq!(settings, Ok(expected.clone()));
        let written = toml::to_string(&expected).unwrap();
        assert_eq!(toml::from_str::<Settings>(&written).unwrap(), expected);
        assert_eq!(settings_from(""), Ok(Settings::default()));
    }

    #[test]
    fn a_mistake_is_answered_with_what_would_be_right() {
        for (text, hint) in [
            ("lag=1s", "there are delay"),
            ("delay=100", "such as 50ms"),
            ("delay", "such as 50ms"),
            ("rate=fast", "such as 2mbit"),
            ("stall=10s", "such as 10s,1400ms"),
            ("buffer=some", "such as 4KiB"),
            ("connect-rtt=yes", "=true or =false"),
            ("seed=-1", "such as 7"),
            ("workers=many", "such as 150"),
            ("workers=0", "at least 1"),
            ("cut-after=0s", "leave it out"),
            ("cut-idle=25h", "longer than anyone waits"),
            ("jitter=1ms", "raise the delay"),
            ("idle-cut=0s", "leave it out"),
            ("delay=500000000000years", "delay of more than a day"),
            ("stall=500000000000years,1s", "stall of more than a day"),
            ("idle-cut=25h", "longer than anyone waits"),
        ] {
            let error = settings_from(text).unwrap_err().to_string();
            assert!(error.contains(hint), "{text}: {error}");
        }
    }

    #[test]
    fn a_scenario_writes_it_as_a_table() {
        let settings: Settings =
            toml::from_str("delay = '120ms'\nrate = '2mbit'\nstall_every = '10s,1400ms'").unwrap();
        assert_eq!(
            Ok(settings),
            settings_from("delay=120ms,rate=2mbit,stall=10s,1400ms")
        );
        let error = toml::from_str::<Settings>("rate = '2 parsecs'").unwrap_err();
        assert!(error.to_string().contains("such as 2mbit"), "{error}");
    }

    proptest! {
        #[test]
        fn no_text_is_too_odd(text in ".{0,80}") {
            let _ = settings_from(&text);
        }
    }
}
