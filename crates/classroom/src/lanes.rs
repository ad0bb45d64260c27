//! A port for each lane, and the link behind it.
//!
//! A browser opens six HTTP/1.1 connections to one host and port at most, and
//! five lanes at one port would starve each other. So each lane has a port of
//! its own: there a link listens and carries bytes to the server's own listener,
//! whose socket is the one that is tapped. A new delay is for new connections
//! only: the link is set up anew, which ends those that it carries, and every
//! page comes back by itself.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use tokio::net::TcpListener;

use crate::{open::ClassroomError, shared::Shared};

/// How often to try for a port that was given back this moment.
const AGAIN: Duration = Duration::from_millis(20);

/// The public end of one lane.
#[derive(Debug)]
pub(crate) struct Entrance {
    pub(crate) listener: TcpListener,
    /// Where the server listens for this lane.
    pub(crate) to: SocketAddr,
}

/// Binds a lane: its public port, the one wanted if that is free, and the
/// server's listener behind it.
pub(crate) fn bind(ip: IpAddr, wanted: u16) -> io::Result<(Entrance, TcpListener)> {
    let listener = server::listen(SocketAddr::new(ip, wanted))
        .or_else(|_| server::listen(SocketAddr::new(ip, 0)))?;
    let inside: IpAddr = match ip {
        IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
    };
    let behind = server::listen(SocketAddr::new(inside, 0))?;
    let to = behind.local_addr()?;
    Ok((Entrance { listener, to }, behind))
}

/// Carries a lane's bytes, each time anew when the delay changes.
pub(crate) async fn carry(
    entrance: Entrance,
    base: link::Settings,
    shared: Arc<Shared>,
) -> Result<(), ClassroomError> {
    let mut state = shared.state.subscribe();
    let address = entrance.listener.local_addr()?;
    let mut listener = entrance.listener;
    loop {
        let delay_ms = state.borrow_and_update().delay_ms;
        let settings = link::Settings {
            delay: Duration::from_millis(delay_ms),
            jitter: base.jitter.min(Duration::from_millis(delay_ms)),
            ..base.clone()
        };
        let changed = async {
            let _ = state.wait_for(|state| state.delay_ms != delay_ms).await;
        };
        link::run(listener, entrance.to, settings, changed).await?;
        listener = loop {
            match server::listen(address) {
                Ok(listener) => break listener,
                // The kernel may need a moment to let go of it.
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                    tokio::time::sleep(AGAIN).await;
                }
                Err(error) => return Err(error.into()),
            }
        };
    }
}
