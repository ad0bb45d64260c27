//! The actions of a probe's server for one request: the client writes them into the address that it
//! asks for, so that a request says all of it.

use std::{fmt, time::Duration};

use wire::{Framing, Way};

/// The request of one probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Script {
    /// The number of the probe, by which its log is found.
    pub(crate) number: u64,
    /// The way in which events are asked for; `None` for a draft by POST.
    pub(crate) way: Option<Way>,
    pub(crate) plan: Plan,
}

/// The events that follow a head, or the wait before an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Plan {
    /// Nothing, until the connection ends. A poll is never answered.
    Quiet,
    /// A number of events at equal distances, and the end. A poll is answered after one such
    /// distance.
    Paced {
        /// The number of events.
        count: u32,
        /// The milliseconds before each of them.
        gap_ms: u32,
    },
    /// A single event, and then nothing.
    One,
    /// Events as fast as they are taken, up to a number of MiB.
    Flood {
        /// The most that is sent, in MiB.
        most: u32,
    },
    /// Events a millisecond apart, up to 1 MiB.
    Drip,
}

impl Plan {
    /// Returns the time before each event.
    pub(crate) fn gap(self) -> Duration {
        match self {
            Self::Paced { gap_ms, .. } => Duration::from_millis(gap_ms.into()),
            Self::Drip => Duration::from_millis(1),
            _ => Duration::ZERO,
        }
    }

    /// Returns the most bytes of a body that the plan sends.
    pub(crate) const fn most_bytes(self) -> usize {
        match self {
            Self::Quiet => 0,
            Self::Flood { most } => (most as usize) << 20,
            _ => 1 << 20,
        }
    }

    /// Returns the most events that the plan sends.
    pub(crate) const fn most_events(self) -> u32 {
        match self {
            Self::Quiet => 0,
            Self::One => 1,
            Self::Paced { count, .. } => count,
            _ => u32::MAX,
        }
    }

    fn word(self) -> String {
        match self {
            Self::Quiet => "quiet".to_owned(),
            Self::One => "one".to_owned(),
            Self::Drip => "drip".to_owned(),
            Self::Paced { count, gap_ms } => format!("paced-{count}-{gap_ms}"),
            Self::Flood { most } => format!("flood-{most}"),
        }
    }

    fn read(word: &str) -> Option<Self> {
        let mut parts = word.split('-');
        let name = parts.next()?;
        let mut number = || parts.next()?.parse().ok();
        match name {
            "quiet" => Some(Self::Quiet),
            "one" => Some(Self::One),
            "drip" => Some(Self::Drip),
            "paced" => Some(Self::Paced {
                count: number()?,
                gap_ms: number()?,
            }),
            "flood" => Some(Self::Flood { most: number()? }),
            _ => None,
        }
    }
}

/// Writes the target of the request: the path of the way, and the rest in the query.
impl fmt::Display for Script {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let last = self.way.map_or("messages", Way::path);
        let plan = self.plan.word();
        write!(
            formatter,
            "/rooms/probe/{last}?probe={}&plan={plan}",
            self.number
        )
    }
}

impl Script {
    /// Reads the target of a request.
    pub(crate) fn read(target: &str) -> Option<Self> {
        let (path, query) = target.split_once('?')?;
        let last = path.rsplit('/').next()?;
        let way = Way::ALL.into_iter().find(|way| way.path() == last);
        let value = |name: &str| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
        };
        Some(Self {
            number: value("probe")?.parse().ok()?,
            way,
            plan: Plan::read(value("plan")?)?,
        })
    }

    /// Returns one event as the way carries it, without what HTTP or WebSocket put around. It
    /// holds exactly one `~`.
    pub(crate) fn event(&self) -> Vec<u8> {
        let json = r#"{"seq":7,"kind":"message","from":"ann","text":"a message that is as long as many are~"}"#;
        match self.way.and_then(Way::framing) {
            Some(Framing::Sse) => format!("id: 7\ndata: {json}\n\n").into_bytes(),
            Some(Framing::Ndjson) => format!("{json}\n").into_bytes(),
            None => json.as_bytes().to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_says_all_of_it() {
        let plans = [
            Plan::Quiet,
            Plan::One,
            Plan::Drip,
            Plan::Paced {
                count: 40,
                gap_ms: 5,
            },
            Plan::Flood { most: 32 },
        ];
        for way in Way::ALL.into_iter().map(Some).chain([None]) {
            for plan in plans {
                let script = Script {
                    number: 12,
                    way,
                    plan,
                };
                assert_eq!(Script::read(&script.to_string()), Some(script));
                let event = script.event();
                assert_eq!(event.split(|byte| *byte == b'~').count(), 2);
                // A frame's length fits one byte.
                assert!(script.event().len() < 126);
            }
        }
        for other in [
            "/",
            "/healthz",
            "/rooms/a/poll?after=3",
            "/x?probe=1&plan=paced-3",
        ] {
            assert_eq!(Script::read(other), None, "{other}");
        }
    }
}
