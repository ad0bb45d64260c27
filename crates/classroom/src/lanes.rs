//! The port of each lane, and the link behind it.
//!
//! A browser opens at most six HTTP/1.1 connections to one host and port, and five lanes at one
//! port would starve each other. So each lane has a port of its own: a link listens there and
//! carries bytes to the server's own listener, whose socket is the one that is tapped. A new delay
//! applies to new connections only, and so does the version of HTTP, which is agreed on in their
//! handshake: the link is set up again, which ends the connections that it carries, and every page
//! reconnects by itself.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::{Arc, Mutex},
    time::Duration,
};

use link::Guests;
use server::Behind;
use tokio::{net::TcpListener, sync::mpsc};
use wire::Way;

use crate::{
    door::Door,
    options::{ClassroomError, Practice},
    shared::Shared,
    state::{Path, State},
};

/// The interval between attempts to bind a port that was released a moment ago.
const AGAIN: Duration = Duration::from_millis(20);

/// The limit of open files that is taken where the system tells none.
const LEAST_FILES: u64 = 256;

/// The two ends of one lane.
#[derive(Debug)]
pub(crate) struct Bound {
    lane: Way,
    /// The delay of this lane alone, in milliseconds; `None` is the delay that the teacher sets.
    delay_ms: Option<u64>,
    /// The public end of the lane.
    entrance: TcpListener,
    /// The send buffer of the connections to it, in bytes.
    send_buffer: Option<usize>,
    /// The listener of the server for this lane.
    behind: TcpListener,
}

/// The lanes' public ports.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ports {
    /// The ports of the class's lanes, from left to right; none before they are opened.
    pub(crate) lanes: Vec<u16>,
    /// The lanes for students' own rooms, with their ports.
    pub(crate) own: Vec<(Practice, u16)>,
}

impl Ports {
    /// Returns all of the ports.
    pub(crate) fn all(&self) -> impl Iterator<Item = u16> {
        let own = self.own.iter().map(|(_, port)| *port);
        self.lanes.iter().copied().chain(own)
    }
}

/// The lanes' ports, which are bound when they are first needed.
#[derive(Debug)]
pub(crate) struct Lanes {
    main: SocketAddr,
    practice: Vec<Practice>,
    /// The send buffer of the connections to each lane, in bytes.
    send_buffer: Option<usize>,
    ports: Mutex<Ports>,
    bound: mpsc::UnboundedSender<Bound>,
}

impl Lanes {
    /// Creates the lanes without opening any; opened lanes come through the channel. They take the
    /// ports after `main`, if these are free.
    pub(crate) fn new(
        main: SocketAddr,
        practice: Vec<Practice>,
        send_buffer: Option<usize>,
    ) -> (Self, mpsc::UnboundedReceiver<Bound>) {
        let (bound, receiver) = mpsc::unbounded_channel();
        let lanes = Self {
            main,
            practice,
            send_buffer,
            ports: Mutex::default(),
            bound,
        };
        (lanes, receiver)
    }

    /// Returns the lanes' ports, as far as they are open.
    pub(crate) fn ports(&self) -> Ports {
        self.ports.lock().expect("no holder panics").clone()
    }

    /// Opens the lanes, unless they are open. It must be called within a tokio runtime.
    pub(crate) fn open(&self) -> io::Result<Ports> {
        let mut ports = self.ports.lock().expect("no holder panics");
        if ports.lanes.is_empty() {
            let shared = Way::ALL.into_iter().map(|lane| (lane, None));
            let own = self
                .practice
                .iter()
                .map(|one| (one.lane, Some(one.delay_ms)));
            let lanes: Vec<_> = (1..)
                .zip(shared.chain(own))
                .map(|(number, (lane, delay_ms))| self.bind(number, lane, delay_ms))
                .collect::<io::Result<_>>()?;
            let mut bound: Vec<u16> = lanes
                .iter()
                .map(|lane| Ok(lane.entrance.local_addr()?.port()))
                .collect::<io::Result<_>>()?;
            let own = bound.split_off(Way::ALL.len());
            *ports = Ports {
                lanes: bound,
                own: self.practice.iter().copied().zip(own).collect(),
            };
            for lane in lanes {
                // The receiver is gone only when the classroom is closing.
                let _ = self.bound.send(lane);
            }
        }
        Ok(ports.clone())
    }

    /// Binds a lane: its public port, which is the wanted one if that is free, and the server's
    /// listener behind it.
    fn bind(&self, number: u16, lane: Way, delay_ms: Option<u64>) -> io::Result<Bound> {
        let ip = self.main.ip();
        let wanted = self.main.port().checked_add(number).unwrap_or(0);
        let listen = |port| server::listen_with(SocketAddr::new(ip, port), self.send_buffer);
        let entrance = listen(wanted).or_else(|_| listen(0))?;
        let inside: IpAddr = match ip {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        };
        let behind = server::listen(SocketAddr::new(inside, 0))?;
        Ok(Bound {
            lane,
            delay_ms,
            entrance,
            send_buffer: self.send_buffer,
            behind,
        })
    }
}

/// The public end of a lane, and the address to which its bytes go.
#[derive(Debug)]
pub(crate) struct Entrance {
    listener: TcpListener,
    to: SocketAddr,
    delay_ms: Option<u64>,
    send_buffer: Option<usize>,
}

impl Bound {
    /// Returns the public end, and the door behind it, at which the guests count as themselves.
    pub(crate) fn split(self, guests: &Guests) -> io::Result<(Entrance, Door)> {
        let entrance = Entrance {
            to: self.behind.local_addr()?,
            delay_ms: self.delay_ms,
            send_buffer: self.send_buffer,
            listener: self.entrance,
        };
        // A lane with a delay of its own is for students' own rooms.
        let is_own = self.delay_ms.is_some();
        let book = guests.clone();
        let clients = Behind::new(move |near| book.behind(near));
        Ok((
            entrance,
            Door::behind(self.lane, is_own, self.behind, clients),
        ))
    }
}

/// Returns the guests of all lanes, and so the places of connections that they carry at once. Each
/// takes three descriptors, its two ends in the lane and the server's own, so that a quarter of them
/// is left for the server's port, whatever comes to the lanes.
pub(crate) fn guests() -> Guests {
    Guests::new(usize::try_from(open_files() / 4).unwrap_or(usize::MAX))
}

/// Returns the limit of open files.
#[cfg(unix)]
fn open_files() -> u64 {
    rlimit::Resource::NOFILE.get_soft().unwrap_or(LEAST_FILES)
}

/// Returns the limit of open files that is taken on Windows, which has none for sockets.
#[cfg(not(unix))]
fn open_files() -> u64 {
    64 * LEAST_FILES
}

/// Carries a lane's bytes, and starts again whenever the delay changes, what stands in the path, or
/// the version of HTTP.
pub(crate) async fn carry(
    entrance: Entrance,
    base: link::Settings,
    guests: Guests,
    shared: Arc<Shared>,
) -> Result<(), ClassroomError> {
    let mut state = shared.state.subscribe();
    let address = entrance.listener.local_addr()?;
    let mut listener = entrance.listener;
    loop {
        let (everybodys, path, http2) = {
            let state = state.borrow_and_update();
            (state.delay_ms, state.path, state.http2)
        };
        let delay_ms = entrance.delay_ms.unwrap_or(everybodys);
        // What a student measures alone is not disturbed.
        let is_own = entrance.delay_ms.is_some();
        let path = if is_own { Path::Open } else { path };
        let settings = link::Settings {
            delay: Duration::from_millis(delay_ms),
            jitter: base.jitter.min(Duration::from_millis(delay_ms)),
            ..path.settings(&base)
        };
        let changed = async {
            if is_own {
                return std::future::pending().await;
            }
            let is_other = |state: &State| {
                (state.delay_ms, state.path, state.http2) != (delay_ms, path, http2)
            };
            let _ = state.wait_for(is_other).await;
        };
        link::run_on(listener, entrance.to, settings, guests.clone(), changed).await?;
        listener = loop {
            match server::listen_with(address, entrance.send_buffer) {
                Ok(listener) => break listener,
                // The kernel may need a moment to let go of it, and others of their
                // descriptors. It is an address that could be listened on before.
                Err(_) => tokio::time::sleep(AGAIN).await,
            }
        };
    }
}
