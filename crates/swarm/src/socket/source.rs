//! The sources of connections: descriptors, and source addresses with free ports.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

use nix::sys::socket::{setsockopt, sockopt};
use rlimit::Resource;
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::{TcpSocket, TcpStream};

use crate::{
    measure::tcp_info,
    plan::{Plan, Speak},
    target::Target,
};

/// Connections from one source address to one server address. Linux has about
/// 28,000 ports to give; the rest is left to connections that linger.
const PORTS_OF_AN_ADDRESS: usize = 20_000;
/// Addresses where each poll opens a connection of its own: their ports stay
/// in `TIME_WAIT` for a minute (RFC 9293, section 3.6.1).
const ADDRESSES_WHEN_CLOSING: usize = 64;
/// Most loopback addresses used: 127.0.0.1 to 127.0.0.250.
const MOST_ADDRESSES: usize = 250;
/// Descriptors for anything but people: runtimes, timers, files, the terminal.
const DESCRIPTORS_ASIDE: u64 = 128;

/// Raises the soft limit of descriptors to the hard one and returns it.
pub(crate) fn raise_descriptor_limit() -> io::Result<u64> {
    let (soft, hard) = Resource::NOFILE.get()?;
    if soft < hard {
        Resource::NOFILE.set(hard, hard)?;
    }
    Ok(hard)
}

/// Descriptors that `plan` needs: one a person, two more a speaker over HTTP
/// (one for its drafts, one in case that is busy).
pub(crate) fn descriptors_needed(plan: &Plan) -> u64 {
    let speakers = match plan.traffic.speak {
        Speak::Same if plan.variant.way().carries_drafts() => 0,
        _ => plan.rooms() * plan.traffic.publishers,
    };
    (plan.swarm.clients + 2 * speakers + 8 * (plan.swarm.shards + 1)) as u64 + DESCRIPTORS_ASIDE
}

/// The source addresses of a run.
#[derive(Debug)]
pub(crate) struct Sources {
    readers: SocketAddr,
    speakers: SocketAddr,
    /// The number from which on people only speak.
    clients: usize,
    addresses: usize,
}

impl Sources {
    /// Chooses enough source addresses for `plan`; more than one only where the server is on loopback,
    /// all of whose 127/8 is this machine.
    pub(crate) fn new(plan: &Plan, target: &Target) -> Self {
        let here = |address: SocketAddr| address.ip().is_loopback() && address.is_ipv4();
        let addresses = if !here(target.address) || !here(target.speakers) {
            1
        } else if plan.traffic.speak == Speak::PostClose || !plan.variant.keeps_connections() {
            ADDRESSES_WHEN_CLOSING
        } else {
            (descriptors_needed(plan) as usize).div_ceil(PORTS_OF_AN_ADDRESS)
        };
        Self {
            readers: target.address,
            speakers: target.speakers,
            clients: plan.swarm.clients,
            addresses: addresses.min(MOST_ADDRESSES),
        }
    }

    /// Returns the source address of person `person`; `None` leaves it to the kernel.
    fn of(&self, person: usize) -> Option<IpAddr> {
        (self.addresses > 1)
            .then(|| Ipv4Addr::new(127, 0, 0, 1 + (person % self.addresses) as u8).into())
    }

    /// Connects for `person`.
    pub(crate) async fn connect(&self, person: usize) -> io::Result<TcpStream> {
        let target = if person < self.clients {
            self.readers
        } else {
            self.speakers
        };
        let domain = Domain::for_address(target);
        let socket = Socket::new(domain, Type::STREAM, Some(Protocol::TCP))?;
        socket.set_nonblocking(true)?;
        // Without it Nagle's algorithm would be what is compared.
        socket.set_tcp_nodelay(true)?;
        socket.set_tcp_mss(tcp_info::MSS)?;
        if let Some(address) = self.of(person) {
            // Takes the port at connect, when it is known whom it must differ for.
            setsockopt(&socket, sockopt::IpBindAddressNoPort, &true)?;
            socket.bind(&SocketAddr::new(address, 0).into())?;
        }
        TcpSocket::from_std_stream(socket.into())
            .connect(target)
            .await
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{plan::Variant, sample};

    fn sources(variant: Variant, clients: usize, target: &str) -> Sources {
        let mut plan = sample::plan(variant);
        plan.swarm.clients = clients;
        Sources::new(&plan, &Target::at(target.parse().unwrap()))
    }

    #[test]
    fn many_connections_come_from_several_loopback_addresses() {
        let few = sources(Variant::Websocket, 1_000, "127.0.0.1:1");
        assert_eq!(few.of(7), None);
        let many = sources(Variant::Websocket, 90_000, "127.0.0.1:1");
        assert_eq!(many.of(0), Some(Ipv4Addr::LOCALHOST.into()));
        assert_eq!(many.of(4), Some(Ipv4Addr::new(127, 0, 0, 5).into()));
        assert_eq!(many.of(5), many.of(0));
        let elsewhere = sources(Variant::Websocket, 90_000, "192.0.2.1:1");
        assert_eq!(elsewhere.of(0), None);
        let closing = Variant::ShortPoll {
            interval: Duration::from_secs(1),
            keep_alive: false,
        };
        let closing = sources(closing, 10, "127.0.0.1:1");
        assert_eq!(closing.of(63), Some(Ipv4Addr::new(127, 0, 0, 64).into()));
    }

    #[tokio::test]
    async fn small_writes_leave_at_once() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let sources = sources(Variant::Websocket, 2, &address);
        for person in [0, 1, 2] {
            let stream = sources.connect(person).await.unwrap();
            assert!(stream.nodelay().unwrap());
        }
    }

    #[test]
    fn speakers_over_http_need_more_descriptors() {
        let mut plan = sample::plan(Variant::Websocket);
        let on_sockets = descriptors_needed(&plan);
        plan.variant = Variant::HttpStream {
            framing: wire::Framing::Sse,
        };
        let speakers = (plan.rooms() * plan.traffic.publishers) as u64;
        assert_eq!(descriptors_needed(&plan), on_sockets + 2 * speakers);
    }
}
