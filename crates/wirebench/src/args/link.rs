//! The command-line options of `wirebench link`.

use std::{net::SocketAddr, time::Duration};

use clap::Args as ClapArgs;

use super::{ServeTls, value};

#[derive(Debug, ClapArgs)]
pub(crate) struct Link {
    /// Address to listen on; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:0", value_parser = value::address, value_name = "ADDRESS")]
    pub(crate) listen: SocketAddr,
    /// Address to carry the bytes to
    #[arg(long, value_parser = value::address, value_name = "ADDRESS")]
    pub(crate) to: SocketAddr,
    /// One-way delay, each direction, such as 50ms
    #[arg(long, default_value = "0s", value_parser = value::duration, value_name = "TIME")]
    pub(crate) delay: Duration,
    /// The largest deviation of a byte's delay from it; order is kept
    #[arg(long, default_value = "0s", value_parser = value::duration, value_name = "TIME")]
    pub(crate) jitter: Duration,
    /// Bits a second, each direction of each connection, such as 2mbit
    #[arg(long, value_name = "RATE")]
    pub(crate) rate: Option<::link::Rate>,
    /// The time from one stall to the next, and the length of each, such as 10s,1400ms
    #[arg(long, value_name = "EVERY,TIME")]
    pub(crate) stall_every: Option<::link::Stall>,
    /// Age at which a connection is reset
    #[arg(long, value_parser = value::duration, value_name = "TIME")]
    pub(crate) reset_after: Option<Duration>,
    /// Silence after which a connection is closed, as proxies do at 60s
    #[arg(long, value_parser = value::duration, value_name = "TIME")]
    pub(crate) idle_cut: Option<Duration>,
    /// The part of a response that a proxy keeps back: bytes such as 4KiB, or all of it (response)
    #[arg(long, default_value = "none", value_name = "SIZE")]
    pub(crate) buffer: ::link::Buffering,
    /// Exchanges that are carried at once, as by PHP-FPM or Apache's prefork; others wait
    #[arg(long, value_name = "N")]
    pub(crate) workers: Option<usize>,
    /// Age of an exchange at which its connection is closed, as serverless platforms do
    #[arg(long, value_parser = value::duration, value_name = "TIME")]
    pub(crate) cut_after: Option<Duration>,
    /// Silence within an exchange after which its connection is closed, as load balancers do
    #[arg(long, value_parser = value::duration, value_name = "TIME")]
    pub(crate) cut_idle: Option<Duration>,
    /// Charge each new connection its round trip
    #[arg(long)]
    pub(crate) connect_rtt: bool,
    /// The seed of the jitter
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub(crate) seed: u64,
    #[command(flatten)]
    pub(crate) tls: ServeTls,
    /// Stop when standard input closes: how `run` makes sure that its link ends with it
    #[arg(long, hide = true)]
    pub(crate) until_stdin_closes: bool,
}
