//! `[server]`: the server that a run starts, and a stop of it.

mod versions;

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::versions::{Http, Tls};

/// The longest text that a server takes unless it is told otherwise, in bytes.
const TEXT_LIMIT: usize = 65_536;

/// Returns whether a limit need not be written down.
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks with a reference"
)]
const fn is_usual(limit: &usize) -> bool {
    *limit == TEXT_LIMIT
}

/// Returns whether a number of nodes need not be written down.
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks with a reference"
)]
const fn is_one(nodes: &usize) -> bool {
    *nodes == 1
}

/// `[server]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Server {
    /// Threads of the server. Default 1.
    pub threads: usize,
    /// Events that a room keeps. Default 200.
    pub log: usize,
    /// Bytes of the longest text that it takes in a draft. Default 65536.
    #[serde(skip_serializing_if = "is_usual")]
    pub text_limit: usize,
    /// Connections that may be open at once, those of speakers among them. Default: 65536, as for
    /// everybody who serves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connections: Option<usize>,
    /// The fate of a connection beyond those: `refuse` answers it with 503, `evict` lets it in
    /// and ends the oldest. Default `refuse`.
    #[serde(skip_serializing_if = "WhenFull::is_usual")]
    pub full: WhenFull,
    /// True if events that wait for a reader go out in one write, as they do by
    /// default, false if each goes out in a write of its own.
    pub coalesce: bool,
    /// The way in which events are written to many readers in the clear. Default `epoll`.
    #[serde(skip_serializing_if = "Io::is_usual")]
    pub io: Io,
    /// The version of TLS that connections are under, `"1.2"` or `"1.3"`; false for connections in
    /// the clear. Default false. With --target, the version that is asked of it.
    pub tls: Tls,
    /// The version of HTTP that requests go over, `"1.1"` or `"2"`: HTTP/2 by ALPN under TLS, else by
    /// prior knowledge. Default "1.1".
    pub http: Http,
    /// True if a person's second connection may resume what the first agreed on (tickets), which
    /// makes its handshake shorter. Default true.
    pub tls_resumption: bool,
    /// The place where the server keeps its logs. On disk a draft is answered once it is there, in a
    /// folder of the run's own inside the results folder; in a Redis, which the run starts as well,
    /// once that has it. Default `memory`.
    #[serde(skip_serializing_if = "StoreKind::is_usual")]
    pub store: StoreKind,
    /// Servers that have the same rooms, by a Redis; people go to them in turn. More than 1 needs
    /// `store = "redis"`. Default 1.
    #[serde(skip_serializing_if = "is_one")]
    pub nodes: usize,
    /// The time at which the Redis of `store = "redis"` makes sure that an event is on disk: `always`
    /// before it answers, `everysec` once a second, `no` when the system likes. Default `everysec`.
    #[serde(skip_serializing_if = "Appendfsync::is_usual")]
    pub appendfsync: Appendfsync,
    /// A stop of the server for a while. Default: there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stall: Option<ServerStall>,
}

/// The way in which a server writes to many connections, or the load generator reads from them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Io {
    /// The same as `uring` where the system lets the process have it, otherwise as `epoll`; the
    /// columns `io` and `swarm_io` say which it was.
    Auto,
    /// A system call for each connection.
    #[default]
    Epoll,
    /// A system call for many connections (`io_uring`, from Linux 6.1 on); an error where it cannot be
    /// had.
    Uring,
}

impl Io {
    /// Returns the word as it is written.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Epoll => "epoll",
            Self::Uring => "uring",
        }
    }

    /// Returns whether it need not be written down.
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde asks with a reference"
    )]
    pub(crate) fn is_usual(&self) -> bool {
        *self == Self::Epoll
    }
}

/// The fate of a connection beyond those that may be open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WhenFull {
    /// It is refused.
    #[default]
    Refuse,
    /// It is let in, and the oldest is ended for it.
    Evict,
}

impl WhenFull {
    /// Returns the word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Refuse => "refuse",
            Self::Evict => "evict",
        }
    }

    /// Returns whether it need not be written down.
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde asks with a reference"
    )]
    fn is_usual(&self) -> bool {
        *self == Self::Refuse
    }
}

/// The place where a server keeps its logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StoreKind {
    /// They are in memory, and gone with the server.
    #[default]
    Memory,
    /// They are on disk (`serve --store`), and a server that follows goes on with them.
    Disk,
    /// They are in a Redis (`serve --store redis://…`), where several servers have the same.
    Redis,
}

impl StoreKind {
    /// Returns whether it need not be written down.
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde asks with a reference"
    )]
    fn is_usual(&self) -> bool {
        *self == Self::Memory
    }
}

/// `appendfsync`: when a Redis makes sure that an event is on disk, as its setting of this name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Appendfsync {
    /// It does before it answers.
    Always,
    /// It does once a second.
    #[default]
    Everysec,
    /// The system decides.
    No,
}

impl Appendfsync {
    /// Returns the setting as Redis has it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::Everysec => "everysec",
            Self::No => "no",
        }
    }

    /// Returns whether it need not be written down.
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde asks with a reference"
    )]
    fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

/// `stall = { after = "10s", for = "1400ms" }`: the server's process is stopped
/// once, as by a long pause for garbage or a full disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ServerStall {
    /// Time from the beginning of *measure* to the stop.
    #[serde(with = "humantime_serde")]
    #[schemars(with = "String")]
    pub after: Duration,
    /// The length of the stop.
    #[serde(rename = "for", with = "humantime_serde")]
    #[schemars(with = "String")]
    pub duration: Duration,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            threads: 1,
            log: 200,
            text_limit: TEXT_LIMIT,
            connections: None,
            full: WhenFull::Refuse,
            coalesce: true,
            io: Io::Epoll,
            tls: Tls::Off,
            http: Http::V1_1,
            tls_resumption: true,
            store: StoreKind::Memory,
            nodes: 1,
            appendfsync: Appendfsync::default(),
            stall: None,
        }
    }
}
