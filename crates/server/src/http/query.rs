//! The query of a request, checked.

use std::{borrow::Cow, time::Duration};

use hyper::HeaderMap;
use wire::read_place;

use crate::{
    room::{After, presence::Identity},
    settings::Settings,
};

/// The length of the longest name, in characters: that of a draft's `from`.
const LONGEST_NAME: usize = 64;
/// The longest interval of a short poller; one who asks less often is not
/// present in a useful sense.
const LONGEST_INTERVAL: Duration = Duration::from_hours(1);
/// The interval of a short poller that does not give one.
const USUAL_INTERVAL: Duration = Duration::from_secs(5);

/// The query of a request to read. Keys that are not known here are ignored, as
/// is usual: clients add them to get past caches.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Query {
    /// The place at which to begin.
    pub(crate) after: After,
    /// The time for which a long poll may be held; the server's cap is applied.
    pub(crate) hold: Duration,
    /// The time after which a short poller means to come back.
    pub(crate) interval: Duration,
    /// The name to be seen under; without it the reader is a lurker.
    pub(crate) name: Option<String>,
    /// The token that distinguishes people of the same name.
    pub(crate) person: Option<String>,
    /// True if a WebSocket's drafts are answered.
    pub(crate) ack: bool,
    /// True if the reader wants to know the log's epoch, as one does whose place
    /// names it.
    pub(crate) epoch: bool,
    /// True if the ids of server-sent events are to name the log as well.
    pub(crate) ids: bool,
}

/// A query that cannot be followed, with a message for its author.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum QueryError {
    #[error("\"after\" is {0:?}; send the \"seq\" of the last event you saw, 0, or \"latest\"")]
    After(String),
    #[error("\"Last-Event-ID\" is {0:?}; send the \"id\" of the last event you saw")]
    LastEventId(String),
    #[error("\"hold\" is {0:?}; send seconds, for example 25 or 0.5")]
    Hold(String),
    #[error("\"interval\" is {0:?}; send seconds, over 0 and up to 3600, for example 5 or 0.5")]
    Interval(String),
    #[error("\"name\" has {0} characters; send 1 to {LONGEST_NAME}")]
    Name(usize),
    #[error("\"person\" is {0:?}; send 1 to 64 of A-Z a-z 0-9 _ -")]
    Person(String),
    #[error("\"ack\" is {0:?}; send 1 or 0")]
    Ack(String),
    #[error("\"compress\" is {0:?}; send 1 or 0")]
    Compress(String),
    #[error(
        "\"epoch\" is {0:?}; send 1 to be told the log's epoch, \"ids\" to have it in each id of server-sent events as well, or 0"
    )]
    Epoch(String),
    #[error("the callback is {0:?}; send identifiers with dots between them, up to 128 characters")]
    Callback(String),
    #[error("\"padding\" is {0:?}; send a number of bytes, up to 8192")]
    Padding(String),
    #[error("say who leaves: \"person\", or \"name\" for a poller that gave no \"person\"")]
    NobodyLeaves,
}

impl Query {
    /// Reads the part behind the question mark. Where a key is given twice, the
    /// last counts.
    pub(crate) fn read(query: &str, settings: &Settings) -> Result<Self, QueryError> {
        let mut asked = Self {
            after: After::Kept,
            hold: settings.hold_default.min(settings.hold_cap),
            interval: USUAL_INTERVAL,
            name: None,
            person: None,
            ack: false,
            epoch: false,
            ids: false,
        };
        let mut rest = query;
        while !rest.is_empty() {
            let (text, more) = split_short(rest, b'&').unwrap_or((rest, ""));
            rest = more;
            let Some((key, value)) = pair(text) else {
                continue;
            };
            let wrong = || value.to_string();
            match key.as_ref() {
                "after" => asked.after = after(&value).ok_or_else(|| QueryError::After(wrong()))?,
                "hold" => {
                    let hold = seconds(&value).ok_or_else(|| QueryError::Hold(wrong()))?;
                    asked.hold = hold.min(settings.hold_cap);
                }
                "interval" => {
                    asked.interval = seconds(&value)
                        .filter(|interval| !interval.is_zero() && *interval <= LONGEST_INTERVAL)
                        .ok_or_else(|| QueryError::Interval(wrong()))?;
                }
                "name" => asked.name = Some(name(value.into_owned())?),
                "person" => asked.person = Some(person(value.into_owned())?),
                "ack" => {
                    asked.ack = yes_or_no(&value).ok_or_else(|| QueryError::Ack(wrong()))?;
                }
                "compress" => {
                    // It is only checked here; `Compress::may` reads it.
                    yes_or_no(&value).ok_or_else(|| QueryError::Compress(wrong()))?;
                }
                "epoch" => {
                    asked.ids = value == "ids";
                    let told = if asked.ids { "1" } else { value.as_ref() };
                    asked.epoch = yes_or_no(told).ok_or_else(|| QueryError::Epoch(wrong()))?;
                }
                _ => {}
            }
        }
        asked.epoch |= matches!(asked.after, After::Of(..));
        Ok(asked)
    }

    /// Makes this the query of a HEAD, which leaves nothing behind: it is answered at once, and nobody
    /// comes in by it.
    pub(crate) fn leave_nothing(&mut self) {
        self.hold = Duration::ZERO;
        self.name = None;
        self.person = None;
    }

    /// Takes the place of an `EventSource` that comes back: it sends the last
    /// `id:` it saw, which counts more than `after`, because the address is
    /// still that of its first request.
    pub(crate) fn resume(&mut self, headers: &HeaderMap) -> Result<(), QueryError> {
        // One that is empty is none: nothing was seen yet (WHATWG HTML, section 9.2.3).
        let id = headers.get("last-event-id").filter(|id| !id.is_empty());
        let Some(id) = id else {
            return Ok(());
        };
        let id = String::from_utf8_lossy(id.as_bytes());
        self.after = place(&id).ok_or_else(|| QueryError::LastEventId(id.to_string()))?;
        let knows = matches!(self.after, After::Of(..));
        self.epoch |= knows;
        self.ids |= knows;
        Ok(())
    }

    /// Returns the person who asks, if they gave a name to be seen under.
    pub(crate) fn identity(&self) -> Option<Identity> {
        let name = self.name.clone()?;
        let token = self.person.clone().map(Identity::Token);
        Some(token.unwrap_or(Identity::Name(name)))
    }

    /// Returns the person who leaves, in a request to leave.
    pub(crate) fn leaver(self) -> Result<Identity, QueryError> {
        match (self.person, self.name) {
            (Some(token), _) => Ok(Identity::Token(token)),
            (None, Some(name)) => Ok(Identity::Name(name)),
            (None, None) => Err(QueryError::NobodyLeaves),
        }
    }
}

/// Splits a text at the first of an ASCII character, as [`str::split_once`] does. That prepares for
/// long texts; in the target of a poll the preparation costs more than the search.
pub(crate) fn split_short(text: &str, at: u8) -> Option<(&str, &str)> {
    debug_assert!(at.is_ascii(), "a part of a character is no place to split");
    let index = text.bytes().position(|byte| byte == at)?;
    Some((&text[..index], &text[index + 1..]))
}

/// Reads one key and its value. Nearly always they need no decoding.
fn pair(text: &str) -> Option<(Cow<'_, str>, Cow<'_, str>)> {
    if text.bytes().any(|byte| matches!(byte, b'%' | b'+')) {
        return form_urlencoded::parse(text.as_bytes()).next();
    }
    let (key, value) = split_short(text, b'=').unwrap_or((text, ""));
    (!text.is_empty()).then_some((Cow::Borrowed(key), Cow::Borrowed(value)))
}

fn after(value: &str) -> Option<After> {
    match value {
        "latest" => Some(After::Latest),
        _ => place(value),
    }
}

fn place(value: &str) -> Option<After> {
    let (seq, epoch) = read_place(value)?;
    Some(epoch.map_or(After::Place(seq), |epoch| After::Of(seq, epoch)))
}

fn yes_or_no(value: &str) -> Option<bool> {
    match value {
        "1" => Some(true),
        "0" => Some(false),
        _ => None,
    }
}

/// Reads seconds as people write them. A century is as good as anything longer.
fn seconds(value: &str) -> Option<Duration> {
    let plain = value.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.'));
    let seconds: f64 = plain.then(|| value.parse().ok()).flatten()?;
    Duration::try_from_secs_f64(seconds.min(3.2e9)).ok()
}

fn name(name: String) -> Result<String, QueryError> {
    match name.chars().count() {
        1..=LONGEST_NAME => Ok(name),
        length => Err(QueryError::Name(length)),
    }
}

fn person(token: String) -> Result<String, QueryError> {
    // The same alphabet and length as a room's name.
    if wire::room_name_is_valid(&token) {
        Ok(token)
    } else {
        Err(QueryError::Person(token))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<Query, QueryError> {
        Query::read(query, &Settings::default())
    }

    #[test]
    fn what_is_asked_for() {
        let query =
            read("after=7&hold=0.5&interval=2&name=J%C3%BCrg+B&person=p-1&ack=1&_=9").unwrap();
        assert_eq!(query.after, After::Place(7));
        assert_eq!(query.hold, Duration::from_millis(500));
        assert_eq!(query.interval, Duration::from_secs(2));
        assert_eq!(query.name.as_deref(), Some("J\u{fc}rg B"));
        assert_eq!(query.person.as_deref(), Some("p-1"));
        assert!(query.ack);
        let plain = read("").unwrap();
        assert_eq!((plain.after, plain.ack), (After::Kept, false));
        assert_eq!(plain.hold, Duration::from_secs(25));
        assert_eq!(read("after=latest").unwrap().after, After::Latest);
        assert_eq!(read("hold=1e9"), Err(QueryError::Hold("1e9".into())));
        assert_eq!(read("hold=999").unwrap().hold, Duration::from_mins(2));
    }

    #[test]
    fn what_cannot_be_followed_is_refused_by_name() {
        for bad in [
            "after=",
            "after=x",
            "after=-1",
            "after=%2B5",
            "after=99999999999999999999",
            "hold=",
            "hold=x",
            "hold=-1",
            "hold=NaN",
            "hold=inf",
            "interval=0",
            "interval=3601",
            "interval=x",
            "name=",
            "person=",
            "person=a%20b",
            "ack=yes",
            "compress=yes",
            "epoch=yes",
            "after=7-x",
        ] {
            let key = bad.split('=').next().unwrap();
            let error = read(bad).unwrap_err().to_string();
            assert!(error.starts_with(&format!("\"{key}\"")), "{bad}: {error}");
        }
        let long = "x".repeat(65);
        assert_eq!(read(&format!("name={long}")), Err(QueryError::Name(65)));
        assert_eq!(
            read(&format!("person={long}")),
            Err(QueryError::Person(long))
        );
    }
}
