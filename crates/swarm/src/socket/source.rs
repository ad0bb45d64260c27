//! The sources of connections: descriptors, and source addresses with free ports.

mod ports;

use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::{TcpSocket, TcpStream};

use crate::{
    measure::tcp_info,
    part::Part,
    plan::{Plan, Speak, Swarm},
    target::Target,
};

/// The most connections from one source address to one server address. Linux has about 28,000 ports
/// to give; the rest is left to connections that linger.
const PORTS_OF_AN_ADDRESS: usize = 20_000;
/// The number of source addresses where each poll opens a connection of its own: the ports of
/// closed ones stay in `TIME_WAIT` for a minute (RFC 9293, section 3.6.1).
const ADDRESSES_WHEN_CLOSING: usize = 64;
/// The descriptors for anything but people: runtimes, timers, files, the terminal.
const DESCRIPTORS_ASIDE: u64 = 128;

/// Raises the soft limit of descriptors to the hard one and returns it.
pub(crate) fn raise_descriptor_limit() -> io::Result<u64> {
    // On macOS the hard one may be infinite, and more than the kernel gives is an error.
    rlimit::increase_nofile_limit(u64::MAX)
}

/// Returns the number of descriptors that a part of `plan` needs: one for each person, and two more
/// for each speaker over HTTP (one for its drafts, one in case that is busy).
pub(crate) fn descriptors_needed(plan: &Plan, part: Part) -> u64 {
    let speakers = match plan.traffic.speak {
        Speak::Same if plan.variant.way().carries_drafts() => 0,
        _ => part.speakers(plan),
    };
    (part.clients(plan) + 2 * speakers + 8 * (plan.swarm.shards + 1)) as u64 + DESCRIPTORS_ASIDE
}

/// The source addresses of a run.
#[derive(Debug)]
pub(crate) struct Sources {
    readers: SocketAddr,
    speakers: SocketAddr,
    /// The servers to which people go in turn; empty where there is one.
    nodes: Vec<SocketAddr>,
    /// The people who listen. Those numbered from `clients` on only speak.
    swarm: Swarm,
    addresses: usize,
}

impl Sources {
    /// Chooses enough source addresses for `plan`; more than one only where the server is on loopback,
    /// all of whose 127/8 is this machine. The addresses are those of the whole plan, whose other
    /// parts may be on this machine too.
    pub(crate) fn new(plan: &Plan, target: &Target) -> Self {
        let here = |address: SocketAddr| address.ip().is_loopback() && address.is_ipv4();
        let addresses = if !here(target.address) || !here(target.speakers) {
            1
        } else if plan.traffic.speak == Speak::PostClose || !plan.variant.keeps_connections() {
            ADDRESSES_WHEN_CLOSING
        } else {
            (descriptors_needed(plan, Part::WHOLE) as usize).div_ceil(PORTS_OF_AN_ADDRESS)
        };
        Self {
            readers: target.address,
            speakers: target.speakers,
            nodes: target.nodes.clone(),
            swarm: plan.swarm.clone(),
            addresses: addresses.min(ports::MOST_ADDRESSES),
        }
    }

    /// Returns the source address of person `person`; `None` leaves it to the kernel.
    fn of(&self, person: usize) -> Option<IpAddr> {
        (self.addresses > 1)
            .then(|| Ipv4Addr::new(127, 0, 0, 1 + (person % self.addresses) as u8).into())
    }

    /// Returns the address that `person` connects to. The people of one room go to the nodes in
    /// turn, and so do those who only speak there.
    fn target(&self, person: usize) -> SocketAddr {
        let listens = person < self.swarm.clients;
        if !self.nodes.is_empty() {
            let place = if listens {
                self.swarm.place_of(person)
            } else {
                person / self.swarm.room_count().max(1)
            };
            self.nodes[place % self.nodes.len()]
        } else if listens {
            self.readers
        } else {
            self.speakers
        }
    }

    /// Connects for `person`.
    pub(crate) async fn connect(&self, person: usize) -> io::Result<TcpStream> {
        let target = self.target(person);
        let domain = Domain::for_address(target);
        let socket = Socket::new(domain, Type::STREAM, Some(Protocol::TCP))?;
        socket.set_nonblocking(true)?;
        // Without it Nagle's algorithm would be what is compared.
        socket.set_tcp_nodelay(true)?;
        tcp_info::as_on_a_network(&socket)?;
        if let Some(address) = self.of(person) {
            // The kernel chooses the port at connect: there it has to differ only from ports to the
            // same server.
            ports::left_to_connect(&socket)?;
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

    #[cfg(target_os = "linux")]
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

    #[test]
    fn the_people_of_each_room_go_to_all_nodes_in_turn() {
        let address = |port| SocketAddr::from(([127, 0, 0, 1], port));
        let mut plan = sample::plan(Variant::Websocket);
        (plan.swarm.clients, plan.swarm.rooms) = (16, Some(4));
        plan.swarm.readers_per_room = None;
        let mut target = Target::at(address(1));
        target.nodes = vec![address(1), address(2)];
        let sources = Sources::new(&plan, &target);
        for room in 0..4 {
            let people = (0..16).filter(|person| person % 4 == room);
            let ports: Vec<u16> = people.map(|one| sources.target(one).port()).collect();
            assert_eq!(ports, [1, 2, 1, 2], "room {room}");
        }
        plan.swarm.room_sizes = Some(vec![3, 5]);
        let sources = Sources::new(&plan, &target);
        let ports: Vec<u16> = (0..8).map(|one| sources.target(one).port()).collect();
        assert_eq!(ports, [1, 2, 1, 1, 2, 1, 2, 1], "three people, then five");
        let one = Sources::new(&plan, &Target::at(address(3)));
        assert_eq!(one.target(5), address(3));
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
        let on_sockets = descriptors_needed(&plan, Part::WHOLE);
        plan.variant = Variant::HttpStream {
            framing: wire::Framing::Sse,
        };
        let speakers = (plan.rooms() * plan.traffic.publishers) as u64;
        assert_eq!(
            descriptors_needed(&plan, Part::WHOLE),
            on_sockets + 2 * speakers
        );
    }
}
