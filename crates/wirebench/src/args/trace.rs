//! The command-line options of `wirebench trace`.

use std::path::PathBuf;

use clap::Args as ClapArgs;

#[derive(Debug, ClapArgs)]
pub(crate) struct Trace {
    /// The way to trace: `short_poll`, `long_poll`, `http_stream`, `sse`, `websocket`, `jsonp`,
    /// `iframe`, `socket-io`, `sockjs` (both over a WebSocket), `socket-io-polling`,
    /// `sockjs-xhr-polling`, `sockjs-xhr-streaming`, `sockjs-eventsource`,
    /// `sockjs-jsonp-polling`, `sockjs-htmlfile` or `hixie76`
    #[arg(value_name = "TRANSPORT")]
    pub(crate) way: ::trace::Traced,
    /// Write the listing and the ladder to a file instead of printing them
    #[arg(long, value_name = "FILE")]
    pub(crate) text: Option<PathBuf>,
    /// Draw the ladder
    #[arg(long, value_name = "FILE")]
    pub(crate) svg: Option<PathBuf>,
    /// Leave packets for Wireshark: rebuilt from the socket's bytes, not captured
    #[arg(long, value_name = "FILE")]
    pub(crate) pcapng: Option<PathBuf>,
    /// Put everything under TLS; the file for Wireshark then has the secrets that open it
    #[arg(long, value_name = "VERSION", num_args = 0..=1, default_missing_value = "1.3")]
    pub(crate) tls: Option<tls::Version>,
    /// Write the secrets of the connections, in the form of SSLKEYLOGFILE
    #[arg(long, value_name = "FILE", requires = "tls")]
    pub(crate) keys: Option<PathBuf>,
    /// The network in between, such as 'delay=50ms'
    #[arg(long, value_parser = ::link::settings_from, value_name = "SETTINGS")]
    pub(crate) link: Option<::link::Settings>,
    /// Header profile, such as browser, or a path to one
    #[arg(long, default_value = "minimal", value_name = "PROFILE")]
    pub(crate) profile: String,
    /// The text that is sent
    #[arg(long, default_value = "hello", value_name = "TEXT")]
    pub(crate) message: String,
    /// Draw the same keys and masks each time
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
}
