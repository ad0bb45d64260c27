//! The settings of a server.

use std::time::Duration;

use crate::net::tap::Tap;

/// The settings of a server. `Settings::default()` is the chat that the README
/// describes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The number of events that a room's log keeps; older ones are gone, and a
    /// reader who had not seen them is told how many. Default 200.
    pub log_events: usize,
    /// The length of the longest text of a draft, in bytes. Default 65,536.
    pub text_limit: usize,
    /// The time for which a long poll is held when it does not say. Default 25
    /// s, under the 30 s after which many proxies give up (RFC 6202, section
    /// 5.5).
    pub hold_default: Duration,
    /// The longest hold; a longer one that is asked for becomes this.
    /// Default 120 s.
    pub hold_cap: Duration,
    /// The silence after which a stream or WebSocket gets a heartbeat. Default
    /// 25 s.
    pub heartbeat: Duration,
    /// The time by which a poller may be late before it counts as gone, and for
    /// which a person with a token may be between two connections. Default 5 s.
    pub lease_grace: Duration,
    /// True if `/echo` is there: for conformance suites, not for a chat.
    pub echo: bool,
    /// The length of the longest message that `/echo` takes, in bytes. Default
    /// 16 MiB.
    pub echo_limit: usize,
    /// The number of rooms that there may be. Default 10,000.
    pub max_rooms: usize,
    /// Other origins (`http://127.0.0.1:8081`) whose pages may read and speak
    /// here. Empty: only pages that this server itself served.
    pub allow_origins: Vec<String>,
    /// Ports of this same host whose pages may do so too: a classroom serves
    /// its page from one port and each lane from another.
    pub allow_ports: Vec<u16>,
    /// The number of drafts that one person may send in a second, over time;
    /// twice as many at once. Default: as many as they like.
    pub drafts_per_second: Option<u32>,
    /// The number of people that may be in a room. Default: as many as come.
    pub max_people: Option<usize>,
    /// The size of each socket's send buffer, in bytes (`SO_SNDBUF`; Linux
    /// doubles it). `None` leaves the kernel to grow it, to megabytes for a
    /// reader that does not read: experiments with slow readers must set this.
    pub send_buffer: Option<usize>,
    /// True if all events that wait for a reader of a stream or WebSocket go
    /// out in one write. Without it each has a write of its own, as in a server
    /// that sends in a loop. Default: true.
    pub coalesce: bool,
    /// True if answers carry a `Date` (RFC 9110, section 6.6.1). Default: true,
    /// as in almost every server: headers are part of what is measured.
    pub date_header: bool,
    /// The time that the readers have to close their side at the end. Default 5
    /// s.
    pub goodbye: Duration,
    /// The observer of the bytes that cross the sockets. None by default, and
    /// never one in a run that is measured.
    pub tap: Option<Tap>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            log_events: 200,
            text_limit: 64 * 1024,
            hold_default: Duration::from_secs(25),
            hold_cap: Duration::from_mins(2),
            heartbeat: Duration::from_secs(25),
            lease_grace: Duration::from_secs(5),
            echo: false,
            echo_limit: 16 * 1024 * 1024,
            max_rooms: 10_000,
            allow_origins: Vec::new(),
            allow_ports: Vec::new(),
            drafts_per_second: None,
            max_people: None,
            send_buffer: None,
            coalesce: true,
            date_header: true,
            goodbye: Duration::from_secs(5),
            tap: None,
        }
    }
}

/// Settings with which no chat can run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} is 0; {right}")]
pub struct SettingsError {
    what: &'static str,
    right: &'static str,
}

impl Settings {
    /// Returns the number of bytes that a draft may have as JSON: a byte of
    /// text can be written in six (`\u0041`), and the rest is room for the
    /// other fields.
    pub(crate) fn draft_limit(&self) -> usize {
        self.text_limit.saturating_mul(6).saturating_add(2048)
    }

    /// Refuses settings with which a server could not do its work.
    pub(crate) fn check(&self) -> Result<(), SettingsError> {
        let wrong = |what, right| Err(SettingsError { what, right });
        if self.log_events == 0 {
            return wrong("log_events", "a log keeps at least one event");
        }
        if self.text_limit == 0 {
            return wrong("text_limit", "a draft has at least one byte of text");
        }
        if self.max_rooms == 0 {
            return wrong("max_rooms", "allow at least one room");
        }
        if self.drafts_per_second == Some(0) {
            return wrong("drafts_per_second", "allow at least one draft a second");
        }
        if self.max_people == Some(0) {
            return wrong("max_people", "let at least one person in");
        }
        if self.heartbeat.is_zero() {
            return wrong("heartbeat", "wait at least a moment between heartbeats");
        }
        Ok(())
    }
}
