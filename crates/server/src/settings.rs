//! The settings of a server.

use std::{borrow::Cow, ops::RangeInclusive, time::Duration};

use tls::Acceptor;
use wire::Coding;

use crate::{
    net::{
        counters::Counters,
        io::{Io, NoUring},
        tap::Tap,
    },
    store::Store,
};

const MIB: usize = 1024 * 1024;
/// The numbers of bytes that the longest head may be allowed. Heads of browsers have several hundred.
const HEAD_BYTES: RangeInclusive<usize> = 1024..=MIB;
/// The numbers of header lines that a head may be allowed.
const HEAD_LINES: RangeInclusive<usize> = 8..=1000;
/// The numbers of bytes that the longest body may be allowed.
const BODY_BYTES: RangeInclusive<usize> = 64..=64 * MIB;

/// The settings of a server. `Settings::default()` is the chat that the README
/// describes.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The number of events that a room's log keeps. Older ones are gone, and a reader who had not
    /// seen them is informed how many there were. Default 200.
    pub log_events: usize,
    /// The length of the longest text of a draft, in bytes. Default 65,536.
    pub text_limit: usize,
    /// The time for which a long poll is held when its request does not say.
    /// Default 25 s, under the 30 s after which many proxies give up (RFC 6202,
    /// section 5.5).
    pub hold_default: Duration,
    /// The longest hold; a longer one that is asked for becomes this.
    /// Default 120 s.
    pub hold_cap: Duration,
    /// The silence after which a stream or WebSocket gets a heartbeat. Default
    /// 25 s.
    pub heartbeat: Duration,
    /// The time for which a poller may be late before it counts as gone, and for which a person
    /// with a token may be between two connections. Default 5 s.
    pub lease_grace: Duration,
    /// True if `/echo` is there: for conformance suites, not for a chat.
    pub echo: bool,
    /// The length of the longest message that `/echo` takes, in bytes. Default
    /// 16 MiB.
    pub echo_limit: usize,
    /// The number of rooms that there may be; for one more, an idle one that was
    /// little used is given up. Default 10,000.
    pub max_rooms: usize,
    /// The rooms that are never given up, and that may be opened when no other may.
    pub kept_rooms: Vec<String>,
    /// The number of bytes that one room's log may hold, counted as they lie in
    /// memory: about three times the JSON of its events. Default 16 MiB.
    pub log_bytes: usize,
    /// The number of bytes that all logs may hold before large ones are cut to
    /// their share, at most as many again. Default 256 MiB.
    pub all_log_bytes: usize,
    /// The number of connections that there may be. Default 65,536.
    pub max_connections: usize,
    /// True if a connection beyond [`Settings::max_connections`] is let in, and the oldest that is
    /// not taking a draft is ended for it. Only a connection over which drafts may come at any time
    /// (a WebSocket, HTTP/2) is told before. Default: false, and the new connection is refused.
    pub evict: bool,
    /// The limits of one address. By default they are as high as those of all together.
    pub per_address: PerAddress,
    /// The number of joins and leaves that a room's log takes in a second, over time; five times as
    /// many at once, and never more than half of the log. Those above the limit are summed up in
    /// one event later. `None`: all are reported, whatever they push out. Default 1,000.
    pub presence_per_second: Option<u32>,
    /// The longest time for which one poll keeps a short poller present.
    /// Default 60 s.
    pub lease_cap: Duration,
    /// The number of bytes that the head of a request may have. Default 64 KiB.
    pub head_bytes: usize,
    /// The number of header lines that a head may have. Default 100.
    pub head_lines: usize,
    /// The number of bytes that the body of a request, or a message over a WebSocket, may have.
    /// `None`: what the longest draft can have. SockJS may have twice as many, and Socket.IO 256
    /// more, because they put drafts into something else. Default: none.
    pub body_bytes: Option<usize>,
    /// The time that the head of a request may take, and that a new connection has
    /// to begin one. Default 30 s.
    pub head_timeout: Duration,
    /// The time that the body of a request may take. Default 30 s.
    pub body_timeout: Duration,
    /// The time for which a connection may be idle between two requests.
    /// Default 5 min.
    pub idle_timeout: Duration,
    /// The time after which a reader that takes nothing of what is written to it
    /// is let go. Default 60 s.
    pub write_timeout: Duration,
    /// The number of pings in a row that a WebSocket may leave unanswered.
    /// Default 3.
    pub max_pings: u32,
    /// The names under which this server is reached, beside addresses, names
    /// without a dot and names of this machine. `*` lets in all.
    pub hosts: Vec<String>,
    /// The other origins (`http://127.0.0.1:8081`) whose pages may read and speak here. If empty,
    /// only pages that this server itself served may do so.
    pub allow_origins: Vec<String>,
    /// The ports of this same host whose pages may do so too: a classroom serves its page from one
    /// port and each lane from another.
    pub allow_ports: Vec<u16>,
    /// The number of drafts that one person may send in a second, over time;
    /// twice as many at once. Default: as many as they like.
    pub drafts_per_second: Option<u32>,
    /// The number of people that may be in a room. Default: as many as come.
    pub max_people: Option<usize>,
    /// The size of each socket's send buffer, in bytes (`SO_SNDBUF`; Linux
    /// doubles it, and takes no more than `net.core.wmem_max`). `None` leaves the kernel to grow
    /// it, to megabytes for a reader that does not read. Default 256 KiB.
    pub send_buffer: Option<usize>,
    /// True if all events that wait for a reader of a stream or WebSocket go
    /// out in one write. Without it each has a write of its own, as in a server
    /// that sends in a loop. Default: true.
    pub coalesce: bool,
    /// The way in which events are written to readers of streams and WebSockets and to held polls
    /// that are in the clear. Default: a system call for each.
    pub io: Io,
    /// True if answers carry a `Date` (RFC 9110, section 6.6.1). Default: true,
    /// as in almost every server: headers are part of what is measured.
    pub date_header: bool,
    /// The time that the readers have to close their side at the end. Default 5
    /// s.
    pub goodbye: Duration,
    /// True if WebSockets of draft-hixie-thewebsocketprotocol-76 are let in beside those of
    /// RFC 6455. Default: false.
    pub museum: bool,
    /// The compression for clients that ask for it. Default: none, whatever they ask for.
    pub compress: Compress,
    /// The maker of sessions under TLS; `None` serves in the clear. Default: none.
    pub tls: Option<Acceptor>,
    /// The time that a handshake under TLS may take. Default 10 s.
    pub handshake_timeout: Duration,
    /// The counters for `/metrics`, which is there only with them; [`Counters::tap`] counts bytes.
    /// Default: none.
    pub counters: Option<Counters>,
    /// The store in which the logs survive the end of the server, and which several servers share if
    /// it is a Redis; each value serves one server only.
    /// Default: none, and logs are in memory alone.
    pub store: Option<Store>,
    /// The observer of the bytes that cross the sockets. None by default, and in a run that is
    /// measured none but [`Counters::tap`], where a proxy is before the server.
    pub tap: Option<Tap>,
}

/// The compression for clients that ask for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Compress {
    /// Nothing is compressed.
    #[default]
    Off,
    /// Polls and streams by `Accept-Encoding`; WebSockets by permessage-deflate without a context,
    /// so that all readers share what is compressed once.
    Shared,
    /// The same, but each WebSocket keeps a context of its own where the client lets it.
    Context,
    /// The same as [`Shared`](Self::Shared), but only for requests that also ask for it in the
    /// address (`compress=1`). For all others the server is one that does not compress, byte for
    /// byte. A browser asks for codings whatever its page wants, so a page needs a way of its own
    /// to choose.
    Named,
}

impl Compress {
    /// Returns whether the answer to a request with this query may be compressed.
    pub(crate) fn may(self, query: Option<&str>) -> bool {
        match self {
            Self::Off => false,
            Self::Shared | Self::Context => named(query) != Some(false),
            Self::Named => named(query) == Some(true),
        }
    }

    /// Returns whether an answer in this coding says that it depends on `Accept-Encoding`.
    pub(crate) const fn varies(self, coding: Option<Coding>) -> bool {
        match self {
            Self::Off => false,
            Self::Shared | Self::Context => true,
            Self::Named => coding.is_some(),
        }
    }
}

/// Returns what an address says of compression: `compress=1` asks for it, `compress=0` declines it,
/// and the last counts.
fn named(query: Option<&str>) -> Option<bool> {
    let mut pairs = query?.rsplit('&');
    match pairs.find_map(|pair| pair.strip_prefix("compress="))? {
        "1" => Some(true),
        "0" => Some(false),
        _ => None,
    }
}

/// The limits of one address; `None` means as much as all addresses together may have. An IPv6
/// address counts by its first 64 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PerAddress {
    /// The number of connections at once.
    pub connections: Option<usize>,
    /// The number of rooms that it made and that are still there. For one more, an idle one of its
    /// own is given up.
    pub rooms: Option<usize>,
    /// The number of people, over all rooms.
    pub people: Option<usize>,
    /// The number of drafts a second over time, and twice as many at once.
    pub drafts_per_second: Option<u32>,
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
            kept_rooms: Vec::new(),
            log_bytes: 16 * MIB,
            all_log_bytes: 256 * MIB,
            max_connections: 65_536,
            evict: false,
            per_address: PerAddress::default(),
            presence_per_second: Some(1000),
            lease_cap: Duration::from_mins(1),
            head_bytes: 64 * 1024,
            head_lines: 100,
            body_bytes: None,
            head_timeout: Duration::from_secs(30),
            body_timeout: Duration::from_secs(30),
            idle_timeout: Duration::from_mins(5),
            write_timeout: Duration::from_mins(1),
            max_pings: 3,
            hosts: Vec::new(),
            allow_origins: Vec::new(),
            allow_ports: Vec::new(),
            drafts_per_second: None,
            max_people: None,
            send_buffer: Some(256 * 1024),
            coalesce: true,
            io: Io::Epoll,
            date_header: true,
            goodbye: Duration::from_secs(5),
            museum: false,
            compress: Compress::Off,
            tls: None,
            handshake_timeout: Duration::from_secs(10),
            counters: None,
            store: None,
            tap: None,
        }
    }
}

/// The error for settings with which no chat can run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} is {wrong}; {right}")]
pub struct SettingsError {
    what: &'static str,
    wrong: Cow<'static, str>,
    right: &'static str,
}

impl Settings {
    /// Returns the number of bytes that a draft may have as JSON: what is set, or else what the
    /// longest text can need. A byte of text can be written in six (`\u0041`), and the rest is room
    /// for the other fields.
    pub(crate) fn draft_limit(&self) -> usize {
        let longest = self.text_limit.saturating_mul(6).saturating_add(2048);
        self.body_bytes.unwrap_or(longest)
    }

    /// Refuses settings with which a server could not do its work.
    pub(crate) fn check(&self) -> Result<(), SettingsError> {
        let wrong = |what, right| {
            let wrong = Cow::Borrowed("0");
            Err(SettingsError { what, wrong, right })
        };
        if self.log_events == 0 {
            return wrong("log_events", "a log keeps at least one event");
        }
        if self.text_limit == 0 {
            return wrong("text_limit", "a draft has at least one byte of text");
        }
        if self.max_rooms == 0 {
            return wrong("max_rooms", "allow at least one room");
        }
        if self.max_connections == 0 {
            return wrong("max_connections", "let at least one client in");
        }
        if self.log_bytes == 0 || self.all_log_bytes == 0 {
            return wrong("log_bytes", "a log keeps at least one event");
        }
        let times = [
            ("head_timeout", self.head_timeout),
            ("handshake_timeout", self.handshake_timeout),
            ("body_timeout", self.body_timeout),
            ("idle_timeout", self.idle_timeout),
            ("write_timeout", self.write_timeout),
        ];
        if let Some((what, _)) = times.iter().find(|(_, time)| time.is_zero()) {
            return wrong(what, "give clients at least a moment");
        }
        self.check_sizes()?;
        self.per_address.check()?;
        if self.presence_per_second == Some(0) {
            return wrong("presence_per_second", "tell at least one join a second");
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
        if self.store.as_ref().is_some_and(|store| !store.is_free()) {
            return Err(SettingsError {
                what: "store",
                wrong: "in use by another server".into(),
                right: "open one for each",
            });
        }
        Ok(())
    }

    /// Refuses sizes of requests that no reader of heads could keep to, or no client.
    fn check_sizes(&self) -> Result<(), SettingsError> {
        let body = self.body_bytes.unwrap_or(*BODY_BYTES.start());
        let sizes = [
            (
                "head_bytes",
                self.head_bytes,
                HEAD_BYTES,
                "let a head have from 1,024 bytes to 1 MiB",
            ),
            (
                "head_lines",
                self.head_lines,
                HEAD_LINES,
                "let a head have from 8 to 1,000 header lines",
            ),
            (
                "body_bytes",
                body,
                BODY_BYTES,
                "let a body have from 64 bytes to 64 MiB",
            ),
        ];
        for (what, given, may, right) in sizes {
            if !may.contains(&given) {
                let wrong = given.to_string().into();
                return Err(SettingsError { what, wrong, right });
            }
        }
        Ok(())
    }

    /// Replaces [`Io::Auto`] by what this process can have.
    pub(crate) fn settle_io(&mut self) -> Result<(), SettingsError> {
        let refused = |why: NoUring| SettingsError {
            what: "io",
            wrong: format!("uring, and {why}").into(),
            right: "epoll or auto would work",
        };
        self.io = self.io.settled().map_err(refused)?;
        Ok(())
    }
}

impl PerAddress {
    fn check(&self) -> Result<(), SettingsError> {
        let counts = [self.connections, self.rooms, self.people];
        if counts.contains(&Some(0)) || self.drafts_per_second == Some(0) {
            let (what, wrong) = ("per_address", Cow::Borrowed("0"));
            let right = "let an address have at least one of each";
            return Err(SettingsError { what, wrong, right });
        }
        Ok(())
    }
}
