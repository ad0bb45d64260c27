//! TLS that ends at the link, as a proxy ends it before a server in the clear.
//!
//! Under TLS a link sees connections and no requests. Where it ends TLS itself, what comes behind
//! that is in the clear: it can hold a request until there is a worker, keep an answer back, and
//! cut an exchange. So such a link is two, with the end of TLS between them: the path (delay, rate,
//! stalls), which carries TLS, and the proxy (buffering, workers, limits), which carries what was
//! in it.

use std::{
    future, io,
    net::{Ipv4Addr, SocketAddr},
    pin::pin,
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use tls::{Acceptor, LONGEST_CONTENT, Session};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{ReadHalf, WriteHalf},
    },
    sync::Notify,
    task::JoinSet,
    time::timeout,
};

use crate::{
    Buffering, Cut, LinkError, Settings, Silence,
    carry::{concerns_one_connection, run_silenced},
};

/// The longest time for a handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// The time that a client may take to leave once it was told that all was said.
const LINGER: Duration = Duration::from_secs(5);

/// Carries connections as [`run_silenced`] does, but people reach the link by
/// TLS, in HTTP/1.1, and `to` is reached in the clear.
///
/// # Errors
///
/// Returns the errors of [`run`](crate::run).
pub async fn run_sealed(
    listener: TcpListener,
    to: SocketAddr,
    settings: Settings,
    acceptor: Acceptor,
    silence: Silence,
    shutdown: impl Future<Output = ()>,
) -> Result<(), LinkError> {
    settings.check()?;
    let (path, proxy) = parts(&settings);
    let (opens, at_opening) = inner().await?;
    let (clear, in_the_clear) = inner().await?;
    let outside = run_silenced(
        listener,
        at_opening,
        path,
        silence.clone(),
        future::pending(),
    );
    let inside = run_silenced(clear, to, proxy, silence, future::pending());
    tokio::select! {
        () = shutdown => Ok(()),
        ended = outside => ended,
        ended = inside => ended,
        error = open_all(&opens, in_the_clear, &acceptor) => Err(error),
    }
}

/// Returns the part of the settings that is the path's, and the part of the proxy that ends TLS.
fn parts(settings: &Settings) -> (Settings, Settings) {
    let proxy = Settings {
        idle_cut: settings.idle_cut,
        buffer: settings.buffer,
        workers: settings.workers,
        cut: settings.cut,
        seed: settings.seed,
        ..Settings::default()
    };
    let path = Settings {
        idle_cut: None,
        buffer: Buffering::None,
        workers: None,
        cut: Cut::default(),
        ..settings.clone()
    };
    (path, proxy)
}

/// Listens on a loopback port for what one half of the link hands to the other.
async fn inner() -> Result<(TcpListener, SocketAddr), LinkError> {
    let listening = async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        io::Result::Ok((listener, address))
    };
    let failed = |error| LinkError::Accept { carried: 0, error };
    listening.await.map_err(failed)
}

/// Ends TLS on each connection until accepting itself fails.
async fn open_all(listener: &TcpListener, to: SocketAddr, acceptor: &Acceptor) -> LinkError {
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_) = connections.join_next() => continue,
        };
        match accepted {
            Ok((client, _)) => {
                if let Ok(session) = acceptor.session(false) {
                    connections.spawn(open(client, to, session));
                }
            }
            Err(error) if concerns_one_connection(&error) => {}
            Err(error) => {
                return LinkError::Accept {
                    carried: connections.len(),
                    error,
                };
            }
        }
    }
}

/// Shakes hands with a client, and carries what is under TLS to `to` and back until it ends.
async fn open(mut client: TcpStream, to: SocketAddr, mut session: Session) {
    let shaken = timeout(HANDSHAKE, shake(&mut client, &mut session)).await;
    if !matches!(shaken, Ok(Ok(()))) {
        return;
    }
    let Ok(mut server) = TcpStream::connect(to).await else {
        let _ = client.set_zero_linger();
        return;
    };
    let sealed = Sealed {
        session: Mutex::new(session),
        unsent: Notify::new(),
    };
    if sealed.carry(&mut client, &mut server).await.is_err() {
        // Neither side must take what went wrong for an orderly end.
        for socket in [&client, &server] {
            let _ = socket.set_zero_linger();
        }
    }
}

/// Shakes hands. A client that speaks something else is told so.
async fn shake(client: &mut TcpStream, session: &mut Session) -> io::Result<()> {
    client.set_nodelay(true)?;
    let mut buffer = vec![0; LONGEST_CONTENT];
    while session.is_handshaking() {
        let size = client.read(&mut buffer).await?;
        if size == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let understood = session.receive(&buffer[..size], &mut |_| {});
        client.write_all(&to_send(session)?).await?;
        understood.map_err(io::Error::other)?;
    }
    Ok(())
}

/// Returns what a session has to send.
fn to_send(session: &mut Session) -> io::Result<Vec<u8>> {
    let mut wire = Vec::new();
    session.send(&mut wire)?;
    Ok(wire)
}

/// A connection under TLS, after its handshake.
struct Sealed {
    session: Mutex<Session>,
    /// Signals that the session has something to send that nobody wrote.
    unsent: Notify,
}

impl Sealed {
    /// Carries both directions until both have ended.
    async fn carry(&self, client: &mut TcpStream, server: &mut TcpStream) -> io::Result<()> {
        server.set_nodelay(true)?;
        let (from_client, to_client) = client.split();
        let (from_server, to_server) = server.split();
        let mut up = pin!(self.open_up(from_client, to_server));
        let mut down = pin!(self.seal_down(from_server, to_client));
        tokio::select! {
            ended = &mut up => {
                ended?;
                down.await
            }
            ended = &mut down => {
                ended?;
                timeout(LINGER, up).await?
            }
        }
    }

    /// Opens what the client says, until it ends.
    async fn open_up(&self, mut from: ReadHalf<'_>, mut to: WriteHalf<'_>) -> io::Result<()> {
        let mut buffer = vec![0; LONGEST_CONTENT];
        loop {
            // The first of it may have come with the end of the handshake.
            let (content, has_ended) = self.opened();
            to.write_all(&content).await?;
            let size = if has_ended {
                0
            } else {
                from.read(&mut buffer).await?
            };
            if size == 0 {
                return to.shutdown().await;
            }
            self.receive(&buffer[..size])?;
        }
    }

    /// Seals what the server says, until it ends.
    async fn seal_down(&self, mut from: ReadHalf<'_>, mut to: WriteHalf<'_>) -> io::Result<()> {
        let mut buffer = vec![0; LONGEST_CONTENT];
        loop {
            let size = tokio::select! {
                size = from.read(&mut buffer) => Some(size?),
                () = self.unsent.notified() => None,
            };
            let wire = self.sealed(size.map(|size| &buffer[..size]))?;
            to.write_all(&wire).await?;
            if size == Some(0) {
                return to.shutdown().await;
            }
        }
    }

    /// Takes bytes of the client.
    fn receive(&self, wire: &[u8]) -> io::Result<()> {
        let mut session = self.session();
        session
            .receive(wire, &mut |_| {})
            .map_err(io::Error::other)?;
        if session.has_to_send() {
            self.unsent.notify_one();
        }
        Ok(())
    }

    /// Returns what was opened, and whether nothing follows it.
    fn opened(&self) -> (Vec<u8>, bool) {
        let mut session = self.session();
        let content = session.content().to_vec();
        session.take(content.len());
        (content, session.has_ended())
    }

    /// Returns the bytes for the client: content under TLS, the last word if there is no content
    /// left, and what the session itself has to say.
    fn sealed(&self, content: Option<&[u8]>) -> io::Result<Vec<u8>> {
        let mut session = self.session();
        match content {
            Some([]) => {
                session.end();
            }
            Some(mut rest) => {
                while !rest.is_empty() {
                    let count = session.seal(rest)?;
                    rest = &rest[count..];
                }
            }
            None => {}
        }
        to_send(&mut session)
    }

    fn session(&self) -> MutexGuard<'_, Session> {
        // One task holds both loops of a connection; nothing panics with the lock in hand.
        self.session
            .lock()
            .expect("no panic while holding a session")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings_from;

    #[test]
    fn each_setting_is_on_one_side_of_the_end_of_tls() {
        let path = "delay=9ms,jitter=3ms,rate=2mbit,stall=10s,1400ms,reset-after=30s,connect-rtt";
        let proxy = "idle-cut=60s,buffer=4KiB,workers=150,cut-after=5m,cut-idle=100s";
        let of = |text: &str| settings_from(&format!("{text},seed=7")).unwrap();
        let both = of(&format!("{path},{proxy}"));
        assert_eq!(parts(&both), (of(path), of(proxy)));
    }
}
