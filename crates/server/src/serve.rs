//! The accept loops, from the first connection to the last close.

use std::{
    io,
    net::SocketAddr,
    pin::pin,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::{StreamExt, TryStreamExt, stream::FuturesUnordered};
use socket2::SockRef;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{mpsc, watch},
    time::{MissedTickBehavior, interval, sleep, timeout},
};

use crate::{
    address::{Address, Behind},
    chat::Chat,
    connection::{Client, Serving, Watchman},
    entrance::Admitted,
    net::{
        listen::socket_is_gone,
        notice::{Topic, tell},
        shutdown::shutdown_signalled,
        stream::Stream,
        tap::Tap,
    },
    room::leases::end_leases,
    settings::{Settings, SettingsError},
};

/// The pause after a failed accept, most often for want of descriptors: other
/// connections must close some before it can succeed.
const REST: Duration = Duration::from_millis(20);

/// The reason why a server could not go on.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// No chat can run with these settings.
    #[error("the server's settings cannot work: {0}")]
    Settings(#[from] SettingsError),
    /// The listening socket is broken.
    #[error("connections can no longer be accepted: {0}")]
    Accept(#[source] io::Error),
}

/// The place from which an endpoint has its connections.
#[derive(Debug)]
pub enum Source {
    /// A socket at which connections are accepted.
    Listener(TcpListener),
    /// A channel by which connections that were accepted elsewhere are handed over, with the
    /// addresses of their clients.
    Handed(mpsc::UnboundedReceiver<(TcpStream, SocketAddr)>),
}

impl Source {
    /// Waits for the next connection. Dropping the future loses none.
    async fn next(&mut self) -> io::Result<(TcpStream, SocketAddr)> {
        match self {
            Self::Listener(listener) => listener.accept().await,
            Self::Handed(handed) => match handed.recv().await {
                Some(connection) => Ok(connection),
                // No more connections are handed over; those that were are still served.
                None => std::future::pending().await,
            },
        }
    }
}

/// An address at which a chat is served.
#[derive(Debug)]
pub struct Endpoint {
    /// The place from which connections come.
    pub source: Source,
    /// The observer of the bytes of those connections, in place of
    /// [`Settings::tap`].
    pub tap: Option<Tap>,
    /// A way to learn who is behind those connections, if they come from a link: limits count
    /// clients, and not the link.
    pub behind: Option<Behind>,
}

impl Endpoint {
    /// Returns the address that is counted for a connection from `peer`.
    fn address(&self, peer: SocketAddr) -> Address {
        let own = || Address::of(peer.ip());
        self.behind
            .as_ref()
            .map_or_else(own, |behind| behind.address(peer))
    }
}

/// Serves a chat on `listener` until `shutdown` is ready, then closes all
/// connections: held polls are answered, streams end with their last chunk,
/// WebSockets are closed with 1001 (RFC 6455, section 7.4.1). Returns when all
/// are gone, at the latest after [`Settings::goodbye`].
///
/// # Errors
/// Returns an error if the settings cannot work, or if the listening socket breaks. An error of one
/// connection ends that connection only.
pub async fn serve(
    listener: TcpListener,
    settings: Settings,
    shutdown: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    let tap = settings.tap.clone();
    let chat = Chat::new(settings)?;
    let (open, endpoints) = mpsc::unbounded_channel();
    let source = Source::Listener(listener);
    // Sending does not fail: the receiver is still in this function.
    let _ = open.send(Endpoint {
        source,
        tap,
        behind: None,
    });
    serve_endpoints(&chat, endpoints, shutdown).await
}

/// Serves one chat at several addresses, as [`serve`] does at one: the clients
/// of all endpoints are in the same rooms. An endpoint is served from when it
/// comes through the channel.
///
/// # Errors
/// Returns an error if a listening socket breaks.
pub async fn serve_endpoints(
    chat: &Arc<Chat>,
    mut endpoints: mpsc::UnboundedReceiver<Endpoint>,
    shutdown: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    let leaving = watch::Sender::new(false);
    let mut open = FuturesUnordered::new();
    let mut leases = pin!(end_leases(&chat.rooms));
    let mut sessions = pin!(chat.host.end_sessions());
    let mut shutdown = pin!(shutdown);
    loop {
        tokio::select! {
            Some(endpoint) = endpoints.recv() => open.push(attend(endpoint, chat, &leaving)),
            Some(ended) = open.next() => ended?,
            never = &mut leases => never,
            never = &mut sessions => never,
            () = &mut shutdown => break,
        }
    }
    chat.rooms.close();
    chat.host.close();
    leaving.send_replace(true);
    let left: Result<(), ServeError> = open.try_collect().await;
    chat.rooms.end().await;
    left
}

/// Serves the clients of one endpoint, until the server is leaving and they are
/// gone.
async fn attend(
    mut endpoint: Endpoint,
    chat: &Arc<Chat>,
    leaving: &watch::Sender<bool>,
) -> Result<(), ServeError> {
    let mut watchman = Watchman::new(&chat.settings);
    let mut left = leaving.subscribe();
    tokio::select! {
        error = accept(&mut endpoint, chat, leaving, &mut watchman) => return Err(ServeError::Accept(error)),
        () = shutdown_signalled(&mut left) => {}
    }
    drop(endpoint);
    watchman.ask_all();
    // Clients that are not gone by then are cut off when the watchman is dropped.
    let _ = timeout(chat.settings.goodbye, chat.rooms.shares.all_gone()).await;
    Ok(())
}

/// Accepts connections until that fails for good.
async fn accept(
    endpoint: &mut Endpoint,
    chat: &Arc<Chat>,
    leaving: &watch::Sender<bool>,
    watchman: &mut Watchman,
) -> io::Error {
    let mut round = interval(watchman.round());
    round.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            accepted = endpoint.source.next() => match accepted {
                Ok((stream, peer)) => {
                    if let Some((stream, http2, admitted)) = let_in(stream, peer, endpoint, chat, watchman) {
                        // Where connections are evicted, each can be asked to end by itself. All are
                        // asked when the server leaves.
                        let ask = chat.settings.evict.then(|| watch::Sender::new(false));
                        let leaving = ask.as_ref().unwrap_or(leaving).subscribe();
                        let client = Client::new(Arc::clone(chat), http2, admitted, leaving);
                        let client = Arc::new(client);
                        let watched = Arc::downgrade(&client);
                        let task = tokio::spawn(Serving::new(stream, client)).abort_handle();
                        watchman.watch(watched, task, ask);
                    }
                }
                Err(error) if socket_is_gone(&error) => return error,
                Err(error) => {
                    tell(Topic::Accept, || format!("no connection can be accepted for now: {error}"));
                    sleep(REST).await;
                }
            },
            _ = round.tick() => watchman.end_overdue(Instant::now()),
        }
    }
}

/// Prepares the socket of a client that may come in. The second value is true if it may speak HTTP/2.
fn let_in(
    stream: TcpStream,
    peer: SocketAddr,
    endpoint: &Endpoint,
    chat: &Arc<Chat>,
    watchman: &mut Watchman,
) -> Option<(Stream, bool, Admitted)> {
    // A socket that cannot be prepared is already gone.
    prepare(&stream, &chat.settings).ok()?;
    let address = endpoint.address(peer);
    let admitted = Admitted::new(&stream, chat, address, || watchman.evict())?;
    let http2 = endpoint.tap.as_ref().is_none_or(Tap::reads_http2);
    // Without random numbers there is no TLS: the client is let go rather than served in the clear.
    let session = match &chat.settings.tls {
        None => None,
        Some(acceptor) => Some(acceptor.session(http2).ok()?),
    };
    let stream = Stream::new(stream, peer, endpoint.tap.as_ref(), session);
    Some((stream, http2, admitted))
}

fn prepare(stream: &TcpStream, settings: &Settings) -> io::Result<()> {
    // Small writes leave at once. With Nagle's algorithm an event would wait for
    // the acknowledgement of the one before, and the comparison would be about that.
    stream.set_nodelay(true)?;
    if let Some(bytes) = settings.send_buffer {
        SockRef::from(stream).set_send_buffer_size(bytes)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn small_writes_leave_at_once() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (stream, accepted) = tokio::join!(TcpStream::connect(address), listener.accept());
        let _keep = stream.expect("connected");
        let (accepted, _) = accepted.expect("accepted");
        prepare(&accepted, &Settings::default()).expect("prepared");
        assert!(accepted.nodelay().expect("a socket"));
    }
}
