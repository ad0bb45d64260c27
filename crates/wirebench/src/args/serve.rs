//! The options of a server: `serve`, and `classroom`, which is a server for a class.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use clap::Args as ClapArgs;

#[cfg(feature = "classroom")]
use super::{ClassLimits, ClassStore};
use super::{Limits, ServeLimits, ServeStore, ServeTls, value};

#[derive(Debug, ClapArgs)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct Serve {
    /// Address to listen on; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:8080", value_parser = value::address, value_name = "ADDRESS")]
    pub(crate) listen: SocketAddr,
    /// Threads that serve; 0 takes as many as there are processors
    #[arg(long, default_value = "0", value_parser = value::threads, value_name = "N")]
    pub(crate) threads: usize,
    /// Events that a room's log keeps
    #[arg(long, default_value_t = 200, value_name = "N")]
    pub(crate) log: usize,
    /// Longest text of a draft, in bytes
    #[arg(long, default_value_t = 65_536, value_name = "BYTES")]
    pub(crate) text_limit: usize,
    /// Longest time a long poll may be held, such as 120s
    #[arg(long, default_value = "120s", value_parser = value::duration, value_name = "TIME")]
    pub(crate) hold_cap: Duration,
    /// Silence after which a stream or WebSocket gets a heartbeat
    #[arg(long, default_value = "25s", value_parser = value::duration, value_name = "TIME")]
    pub(crate) heartbeat: Duration,
    /// Give each event a write of its own, even where several wait for a reader
    #[arg(long)]
    pub(crate) no_coalesce: bool,
    /// Way in which events are written to many readers in the clear: a system call for each (epoll),
    /// one for up to 64 (uring, from Linux 6.1 on), or whichever can be had (auto)
    #[arg(long, value_enum, default_value_t = Io::Epoll, value_name = "HOW")]
    pub(crate) io: Io,
    /// Pages from this origin may join and listen too (repeatable)
    #[arg(long, value_name = "ORIGIN")]
    pub(crate) allow_origin: Vec<String>,
    /// Also answer /echo: WebSocket messages come back as they were
    #[arg(long)]
    pub(crate) echo: bool,
    /// Also let in WebSockets of 2010 (hixie-76), whose handshake has two keys and eight bytes
    #[arg(long)]
    pub(crate) museum: bool,
    /// Compress for clients that ask for it: polls and streams by Accept-Encoding, WebSockets by
    /// permessage-deflate, with an event compressed once for all or in a context of each reader
    #[arg(long, value_enum, num_args = 0..=1, require_equals = true, default_missing_value = "shared", value_name = "HOW")]
    pub(crate) compress: Option<Compress>,
    /// Language in which pages begin
    #[arg(long, value_enum, default_value_t = Lang::En, value_name = "LANG")]
    pub(crate) lang: Lang,
    /// Form of the lines on standard error, such as about what the server lacks
    #[arg(long, value_enum, default_value_t = LogFormat::Text, value_name = "FORMAT")]
    pub(crate) log_format: LogFormat,
    /// Also answer /metrics (OpenMetrics), and count connections, bytes and refusals for it; the
    /// chat is then served alone, without lanes and lessons
    #[arg(long, conflicts_with = "ledger")]
    pub(crate) metrics: bool,
    /// Account for every byte that crosses the sockets, and write it here (JSON) at the end;
    /// the chat is then served alone, without lanes and lessons
    #[arg(long, value_name = "FILE")]
    pub(crate) ledger: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) limits: Limits,
    #[command(flatten)]
    pub(crate) shares: ServeLimits,
    #[command(flatten)]
    pub(crate) tls: ServeTls,
    #[command(flatten)]
    pub(crate) store: ServeStore,
    /// Stop when standard input closes, and serve the chat alone: how `run` makes sure that its
    /// server ends with it and does nothing else
    #[arg(long, hide = true)]
    pub(crate) until_stdin_closes: bool,
}

#[cfg(feature = "classroom")]
#[derive(Debug, ClapArgs)]
pub(crate) struct Classroom {
    /// Address to listen on; the lanes take the ports behind it, where they are free
    #[arg(long, default_value = "0.0.0.0:8080", value_parser = value::address, value_name = "ADDRESS")]
    pub(crate) listen: SocketAddr,
    /// The network between each lane and the server, such as delay=100ms
    #[arg(long, default_value = "", hide_default_value = true, value_parser = ::link::settings_from, value_name = "SETTINGS")]
    pub(crate) link: ::link::Settings,
    /// Language in which pages begin
    #[arg(long, value_enum, default_value_t = Lang::En, value_name = "LANG")]
    pub(crate) lang: Lang,
    /// The class's room
    #[arg(long, default_value = "hall", value_name = "ROOM")]
    pub(crate) room: String,
    /// People that the room takes
    #[arg(long, default_value_t = 400, value_name = "N")]
    pub(crate) people: usize,
    /// Messages a second that one person may say
    #[arg(long, default_value_t = 20, value_name = "N")]
    pub(crate) per_second: u32,
    /// Pages from this origin may join and listen too (repeatable)
    #[arg(long, value_name = "ORIGIN")]
    pub(crate) allow_origin: Vec<String>,
    #[command(flatten)]
    pub(crate) limits: Limits,
    #[command(flatten)]
    pub(crate) shares: ClassLimits,
    #[command(flatten)]
    pub(crate) tls: ServeTls,
    #[command(flatten)]
    pub(crate) store: ClassStore,
}

/// The state that WebSockets with permessage-deflate share.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(crate) enum Compress {
    /// Each event is compressed once, for all WebSockets
    Shared,
    /// Each WebSocket keeps a context of its own, if its client lets it
    Context,
}

/// The way in which events are written to many readers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Io {
    /// Uring where the system lets the program have it, otherwise epoll
    Auto,
    /// A system call for each reader
    Epoll,
    /// One submission for up to 64 readers; an error where it cannot be had
    Uring,
}

impl From<Io> for server::Io {
    fn from(io: Io) -> Self {
        match io {
            Io::Auto => Self::Auto,
            Io::Epoll => Self::Epoll,
            Io::Uring => Self::Uring,
        }
    }
}

/// The form of a line that a server writes about itself.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(crate) enum LogFormat {
    /// Time, level, a sentence and its topic
    Text,
    /// An object with timestamp, level, message and topic
    Json,
}

/// A language of pages.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(crate) enum Lang {
    /// English
    En,
    /// 中文
    Zh,
}
