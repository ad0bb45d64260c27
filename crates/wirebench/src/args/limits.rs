//! The limits of a server, as `serve` and `classroom` take them.

use std::time::Duration;

use clap::Args as ClapArgs;

use super::value;

/// The limits that every server has; each has a default.
#[derive(Debug, Clone, ClapArgs)]
#[command(next_help_heading = "Limits")]
pub(crate) struct Limits {
    /// Connections that may be open
    #[arg(long, default_value_t = 65_536, value_name = "N")]
    pub(crate) connections: usize,
    /// End the oldest connection for one beyond those, instead of refusing the new one
    #[arg(long)]
    pub(crate) evict: bool,
    /// Bytes that one room's log may hold, about three times its JSON
    #[arg(long, default_value_t = 16 * 1024 * 1024, value_name = "BYTES")]
    pub(crate) log_bytes: usize,
    /// Bytes that the head of a request may have, 1024 to 1048576
    #[arg(long, default_value_t = 64 * 1024, value_name = "BYTES")]
    pub(crate) head_bytes: usize,
    /// Header lines that a head may have, 8 to 1000
    #[arg(long, default_value_t = 100, value_name = "N")]
    pub(crate) head_lines: usize,
    /// Bytes that a draft may have, as a body or as a message over a WebSocket, 64 to 67108864
    /// [default: what the longest draft can have]
    #[arg(long, value_name = "BYTES")]
    pub(crate) body_bytes: Option<usize>,
    /// Time that the head of a request may take, and a new connection to begin one
    #[arg(long, default_value = "30s", value_parser = value::duration, value_name = "TIME")]
    pub(crate) head_timeout: Duration,
    /// Time that a handshake under TLS may take
    #[arg(long, default_value = "10s", value_parser = value::duration, value_name = "TIME")]
    pub(crate) handshake_timeout: Duration,
    /// Time that the body of a request may take
    #[arg(long, default_value = "30s", value_parser = value::duration, value_name = "TIME")]
    pub(crate) body_timeout: Duration,
    /// Time for which a connection may be idle between two requests
    #[arg(long, default_value = "5m", value_parser = value::duration, value_name = "TIME")]
    pub(crate) idle_timeout: Duration,
    /// Time after which a reader that takes nothing is let go
    #[arg(long, default_value = "60s", value_parser = value::duration, value_name = "TIME")]
    pub(crate) write_timeout: Duration,
    /// Pings in a row that a WebSocket may leave unanswered
    #[arg(long, default_value_t = 3, value_name = "N")]
    pub(crate) pings: u32,
    /// Send buffer of each socket, in bytes (the kernel doubles it); 0: the kernel's, which grows
    #[arg(long, default_value_t = 256 * 1024, value_name = "BYTES")]
    pub(crate) send_buffer: usize,
    /// Name under which this server is reached, beside addresses and names without a dot
    /// (repeatable; * lets in all)
    #[arg(long, value_name = "NAME")]
    pub(crate) host: Vec<String>,
}

/// The limits of `serve`, where an address may have as much as all together unless it is
/// said: a load generator makes thousands of clients from one.
#[derive(Debug, Clone, ClapArgs)]
#[command(next_help_heading = "Limits")]
pub(crate) struct ServeLimits {
    /// Rooms that there may be; for one more, an idle one is given up
    #[arg(long, default_value_t = 10_000, value_name = "N")]
    pub(crate) rooms: usize,
    /// Bytes that all logs may hold before large ones are cut; at most twice as much
    #[arg(long, default_value_t = 256 * 1024 * 1024, value_name = "BYTES")]
    pub(crate) all_log_bytes: usize,
    /// People that a room takes [default: as many as come]
    #[arg(long, value_name = "N")]
    pub(crate) people: Option<usize>,
    /// Messages a second that one person may say [default: no limit]
    #[arg(long, value_name = "N")]
    pub(crate) per_second: Option<u32>,
    /// Joins and leaves a second that a room tells; 0 tells all, whatever they push out
    #[arg(long, default_value_t = 1000, value_name = "N")]
    pub(crate) joins_per_second: u32,
    /// Connections that one address may have [default: no limit]
    #[arg(long, value_name = "N")]
    pub(crate) address_connections: Option<usize>,
    /// Rooms that one address may open [default: no limit]
    #[arg(long, value_name = "N")]
    pub(crate) address_rooms: Option<usize>,
    /// People that may come from one address [default: no limit]
    #[arg(long, value_name = "N")]
    pub(crate) address_people: Option<usize>,
    /// Messages a second from one address [default: no limit]
    #[arg(long, value_name = "N")]
    pub(crate) address_per_second: Option<u32>,
}

/// The limits of `classroom`: forty phones behind one address are well within them.
#[cfg(feature = "classroom")]
#[derive(Debug, Clone, ClapArgs)]
#[command(next_help_heading = "Limits")]
pub(crate) struct ClassLimits {
    /// Rooms that there may be; for one more, an idle one is given up
    #[arg(long, default_value_t = 1000, value_name = "N")]
    pub(crate) rooms: usize,
    /// Bytes that all logs may hold before large ones are cut; at most twice as much
    #[arg(long, default_value_t = 64 * 1024 * 1024, value_name = "BYTES")]
    pub(crate) all_log_bytes: usize,
    /// Joins and leaves a second that a room tells; 0 tells all, whatever they push out
    #[arg(long, default_value_t = 20, value_name = "N")]
    pub(crate) joins_per_second: u32,
    /// Connections that one address may have
    // Two hundred pages behind one address have five lanes each, and more to come.
    #[arg(long, default_value_t = 4000, value_name = "N")]
    pub(crate) address_connections: usize,
    /// Rooms that one address may open
    #[arg(long, default_value_t = 100, value_name = "N")]
    pub(crate) address_rooms: usize,
    /// People that may come from one address
    // A class of two hundred behind one address, and somewhat more.
    #[arg(long, default_value_t = 300, value_name = "N")]
    pub(crate) address_people: usize,
    /// Messages a second from one address: a client that is faster is slowed
    #[arg(long, default_value_t = 200, value_name = "N")]
    pub(crate) address_per_second: u32,
}

impl Limits {
    /// Returns these settings with the limits in them.
    pub(crate) fn within(&self, settings: server::Settings) -> server::Settings {
        let mut hosts = own_names();
        hosts.extend(self.host.iter().cloned());
        server::Settings {
            max_connections: self.connections,
            evict: self.evict,
            log_bytes: self.log_bytes,
            head_bytes: self.head_bytes,
            head_lines: self.head_lines,
            body_bytes: self.body_bytes,
            head_timeout: self.head_timeout,
            handshake_timeout: self.handshake_timeout,
            body_timeout: self.body_timeout,
            idle_timeout: self.idle_timeout,
            write_timeout: self.write_timeout,
            max_pings: self.pings,
            send_buffer: (self.send_buffer > 0).then_some(self.send_buffer),
            hosts,
            ..settings
        }
    }
}

impl ServeLimits {
    /// Returns these settings with the limits in them.
    pub(crate) fn within(&self, settings: server::Settings) -> server::Settings {
        server::Settings {
            max_rooms: self.rooms,
            all_log_bytes: self.all_log_bytes,
            max_people: self.people,
            drafts_per_second: self.per_second,
            presence_per_second: told(self.joins_per_second),
            per_address: server::PerAddress {
                connections: self.address_connections,
                rooms: self.address_rooms,
                people: self.address_people,
                drafts_per_second: self.address_per_second,
            },
            ..settings
        }
    }
}

#[cfg(feature = "classroom")]
impl ClassLimits {
    /// Returns these settings with the limits in them.
    pub(crate) fn within(&self, settings: server::Settings) -> server::Settings {
        server::Settings {
            max_rooms: self.rooms,
            all_log_bytes: self.all_log_bytes,
            presence_per_second: told(self.joins_per_second),
            per_address: server::PerAddress {
                connections: Some(self.address_connections),
                rooms: Some(self.address_rooms),
                people: Some(self.address_people),
                drafts_per_second: Some(self.address_per_second),
            },
            ..settings
        }
    }
}

fn told(per_second: u32) -> Option<u32> {
    (per_second > 0).then_some(per_second)
}

/// Returns the names by which this machine is known on its own network.
fn own_names() -> Vec<String> {
    let name = crate::system::host();
    if name.is_empty() {
        return Vec::new();
    }
    let local = format!("{name}.local");
    vec![name, local]
}
