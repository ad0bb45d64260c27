//! The readers in a capture: the conversations of one manner with one server that brought most.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use analysis::statistics::Spread;
use capture::{Captured, Conversation, HttpVersion, Kind, TlsVersion};
use dissect::{Direction, Layer, Purpose};

use super::reads;

/// The share by which what goes up may differ from what comes down if readers say it.
const LIKE: f64 = 0.25;

/// The conversations that are taken for the readers of an application, and those beside them.
pub(super) struct Readers<'a> {
    all: Vec<&'a Conversation>,
    /// All conversations of the capture.
    others: Vec<&'a Conversation>,
}

/// The people who say what readers hear.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Speech {
    /// Readers say it, each so many messages a second.
    Readers(f64),
    /// Others say it; so many messages went up.
    Others(u64),
}

impl<'a> Readers<'a> {
    /// Chooses the conversations, by the messages that they brought and by their number.
    pub(super) fn of(captured: &'a Captured) -> Self {
        let mut groups: BTreeMap<(&str, &str), Vec<&Conversation>> = BTreeMap::new();
        for one in &captured.conversations {
            if reads(one.kind) {
                let key = (one.server.as_str(), one.kind.key());
                groups.entry(key).or_default().push(one);
            }
        }
        let weight = |group: &Vec<&Conversation>| {
            let messages: u64 = group.iter().map(|one| one.figures.messages[1]).sum();
            (messages, group.len())
        };
        let all = groups.into_values().max_by_key(weight).unwrap_or_default();
        let is_among = |one: &&Conversation| all.iter().any(|other| std::ptr::eq(*other, *one));
        let others = captured.conversations.iter();
        Self {
            others: others.filter(|one| !is_among(one)).collect(),
            all,
        }
    }

    /// Returns the manner in words.
    pub(super) fn kind(&self) -> String {
        self.all
            .first()
            .map_or_else(|| "none".to_owned(), |one| one.kind.to_string())
    }

    /// Returns why there are no readers: what else was captured.
    pub(super) fn nobody(&self) -> String {
        let kinds = counted(&self.others);
        if kinds.is_empty() {
            return "there is no conversation in the capture".to_owned();
        }
        format!("no conversation reads again and again; there are: {kinds}")
    }

    /// Returns what could not be read, and what was left out.
    pub(super) fn remarks(&self, captured: &Captured) -> Vec<String> {
        let mut remarks: Vec<String> = captured.remarks.iter().map(ToString::to_string).collect();
        let taken = if self.all.is_empty() {
            &self.others
        } else {
            &self.all
        };
        for remark in taken.iter().flat_map(|one| &one.remarks) {
            let remark = remark.to_string();
            if !remarks.contains(&remark) {
                remarks.push(remark);
            }
        }
        if !self.all.is_empty() && !self.others.is_empty() {
            let left = counted(&self.others);
            remarks.push(format!("left out of the numbers: {left}"));
        }
        remarks
    }

    /// Returns the most conversations that were open at one time.
    pub(super) fn at_once(&self) -> usize {
        let mut edges: Vec<(Duration, bool)> = Vec::new();
        for one in &self.all {
            let began = one.figures.began;
            // A conversation that lasted no time was open, too.
            let lasted = one.figures.lasted.max(Duration::from_nanos(1));
            edges.extend([(began, true), (began + lasted, false)]);
        }
        // Where one ends as another begins, the first is over.
        edges.sort_unstable();
        let (mut open, mut most) = (0_usize, 0);
        for (_, begins) in edges {
            open = if begins {
                open + 1
            } else {
                open.saturating_sub(1)
            };
            most = most.max(open);
        }
        most
    }

    /// Returns the number of different addresses. Those of SockJS differ from session to session,
    /// so that they count as one.
    pub(super) fn paths(&self) -> usize {
        let has_sessions = |one: &&Conversation| matches!(one.kind, Kind::SockJs(_));
        if self.all.iter().any(has_sessions) {
            return 1;
        }
        let paths: BTreeSet<&str> = self.all.iter().map(|one| one.target.as_str()).collect();
        paths.len()
    }

    /// Returns the messages that came down.
    pub(super) fn messages(&self) -> u64 {
        self.all.iter().map(|one| one.figures.messages[1]).sum()
    }

    /// Returns the time for which all of them read, in seconds.
    pub(super) fn seconds(&self) -> f64 {
        let lasted = self.all.iter().map(|one| one.figures.lasted);
        lasted.sum::<Duration>().as_secs_f64()
    }

    /// Says who says what readers hear, if so many messages a second reach each of them.
    pub(super) fn speech(&self, rate: f64) -> Speech {
        let is_theirs = |one: &&&Conversation| {
            let mut readers = self.all.iter();
            one.kind == Kind::Plain
                && readers.any(|reader| reader.client == one.client && reader.server == one.server)
        };
        let posts = self.others.iter().filter(is_theirs);
        let up = |one: &&Conversation| one.figures.messages[0];
        let said: u64 = self.all.iter().map(up).sum::<u64>() + posts.map(up).sum::<u64>();
        let began = self.all.iter().map(|one| one.figures.began).min();
        let ended = self
            .all
            .iter()
            .map(|one| one.figures.began + one.figures.lasted)
            .max();
        let seconds = began.zip(ended).map_or(0.0, |(began, ended)| {
            ended.saturating_sub(began).as_secs_f64()
        });
        let rooms = self.paths().clamp(1, self.at_once().max(1)) as f64;
        let heard = rate * rooms;
        let is_alike = (said as f64 / seconds.max(f64::MIN_POSITIVE) - heard).abs() <= LIKE * heard;
        if is_alike {
            Speech::Readers(heard / self.at_once().max(1) as f64)
        } else {
            Speech::Others(said)
        }
    }

    /// Returns the mean bytes of a message without what its way puts around it, and whether
    /// compression was taken off; `None` if no message came, or if none has a size.
    pub(super) fn message_bytes(&self) -> Option<(f64, bool)> {
        let payload = |one: &&Conversation| {
            let account = one
                .ledger
                .amount(Direction::Down, Purpose::Deliver, Layer::Payload);
            account.bytes
        };
        let bytes: u64 = self.all.iter().map(payload).sum();
        let saved = self.all.iter().map(|one| one.figures.saved_of_messages);
        let saved: i64 = saved.sum();
        let messages = self.messages();
        let plain = bytes + u64::try_from(saved).unwrap_or(0);
        (messages > 0 && bytes > 0).then(|| (plain as f64 / messages as f64, saved > 0))
    }

    /// Returns the median round trip of the conversations that tell one, in seconds.
    pub(super) fn round_trip(&self) -> Option<f64> {
        let everybody = self.all.iter().chain(&self.others);
        median(everybody.filter_map(|one| one.terms.round_trip))
    }

    /// Returns the mean bytes of header lines and of cookies of the readers' requests, or of any.
    pub(super) fn header_bytes(&self) -> Option<(f64, f64)> {
        let mean = |of: &[&Conversation]| {
            let sum =
                |part: fn(&Conversation) -> u64| -> u64 { of.iter().map(|one| part(one)).sum() };
            let requests = sum(|one| one.terms.requests);
            let each = |bytes: u64| bytes as f64 / requests as f64;
            (requests > 0).then(|| {
                let lines = each(sum(|one| one.terms.lines));
                (lines, each(sum(|one| one.terms.cookies)))
            })
        };
        mean(&self.all).or_else(|| mean(&self.others))
    }

    /// Returns the median interval of short polls, in seconds.
    pub(super) fn interval(&self) -> Option<f64> {
        let intervals = self.all.iter().filter_map(|one| match one.kind {
            Kind::ShortPoll { interval } => Some(interval),
            _ => None,
        });
        median(intervals)
    }

    /// Returns the longest hold of long polls.
    pub(super) fn hold(&self) -> Option<Duration> {
        let holds = self.all.iter().filter_map(|one| match one.kind {
            Kind::LongPoll { hold } => Some(hold),
            _ => None,
        });
        holds.max()
    }

    /// Returns the version of TLS of the readers, or of whoever was captured.
    pub(super) fn tls(&self) -> Option<TlsVersion> {
        let versions = self.told().iter().map(|one| one.terms.tls);
        versions.max()
    }

    /// Returns the version of HTTP likewise.
    pub(super) fn http(&self) -> HttpVersion {
        let versions = self.told().iter().map(|one| one.terms.http);
        versions.max().unwrap_or_default()
    }

    fn told(&self) -> &[&'a Conversation] {
        if self.all.is_empty() {
            &self.others
        } else {
            &self.all
        }
    }
}

/// Returns the median of times, in seconds.
fn median(times: impl Iterator<Item = Duration>) -> Option<f64> {
    let seconds = times.map(|time| time.as_secs_f64());
    Spread::of(seconds).map(|spread| spread.median)
}

/// Returns the kinds of conversations with their numbers, in words.
fn counted(all: &[&Conversation]) -> String {
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for one in all {
        *kinds.entry(one.kind.to_string()).or_default() += 1;
    }
    let words = kinds
        .iter()
        .map(|(kind, count)| format!("{count} x {kind}"));
    words.collect::<Vec<_>>().join(", ")
}
