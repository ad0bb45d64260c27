//! Connections of HTTP/2 (RFC 9113), each of which carries the requests of one simulated browser:
//! those of all readers that are its tabs, and their drafts.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    io,
    pin::Pin,
    rc::{Rc, Weak},
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{
    Request, Response, Uri,
    body::Incoming,
    client::conn::http2,
    header::HOST,
    http::uri::{Authority, PathAndQuery, Scheme},
    rt::Executor,
};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::Mutex,
};

use crate::{
    failure::Failure,
    measure::ledger::Use,
    socket::{arrival::Stamp, meter::Meter, network::Network},
};

/// The type of the frame that a server sends first (RFC 9113, sections 3.4 and 6.5).
const SETTINGS: u8 = 4;

/// The bytes of a frame's head up to its type.
const TO_TYPE: usize = 4;

/// A connection of HTTP/2.
#[derive(Debug)]
pub(crate) struct Shared {
    sender: RefCell<http2::SendRequest<Full<Bytes>>>,
    scheme: Scheme,
    greeting: Rc<Cell<Greeting>>,
}

/// The protocol in which a server begins to speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Greeting {
    /// Nothing came yet.
    #[default]
    None,
    /// HTTP/2.
    Http2,
    /// Another protocol.
    Other,
}

/// The connections of the simulated browsers of one shard.
#[derive(Debug, Default)]
pub(crate) struct Browsers {
    /// The browser of each person who listens.
    of: HashMap<usize, usize>,
    /// True if drafts have connections of their own: what is sent over one is known by its use.
    are_apart: bool,
    open: RefCell<HashMap<(usize, bool), Slot>>,
}

/// The place of a browser's connection, held while it is opened.
type Slot = Rc<Mutex<Weak<Shared>>>;

impl Browsers {
    /// Gives each of `people` a browser, `tabs` of them in a row the same.
    pub(crate) fn new(people: &[usize], tabs: usize, are_apart: bool) -> Self {
        let browser = |(place, &person): (usize, &usize)| (person, place / tabs.max(1));
        Self {
            of: people.iter().enumerate().map(browser).collect(),
            are_apart,
            open: RefCell::default(),
        }
    }

    fn slot(&self, person: usize, usage: Use) -> Option<Slot> {
        let browser = *self.of.get(&person)?;
        let key = (browser, self.are_apart && usage != Use::Read);
        Some(Rc::clone(self.open.borrow_mut().entry(key).or_default()))
    }
}

impl Shared {
    /// Returns the connection of `person`'s browser; opens one where there is none.
    pub(crate) async fn open(
        network: &Network,
        person: usize,
        usage: Use,
        stamp: Option<Stamp>,
    ) -> Result<Rc<Self>, Failure> {
        let Some(slot) = network.browsers.slot(person, usage) else {
            return Self::connect(network, person, usage, stamp).await;
        };
        let mut kept = slot.lock().await;
        if let Some(shared) = kept.upgrade()
            && !shared.is_closed()
        {
            return Ok(shared);
        }
        let shared = Self::connect(network, person, usage, stamp).await?;
        *kept = Rc::downgrade(&shared);
        Ok(shared)
    }

    async fn connect(
        network: &Network,
        person: usize,
        usage: Use,
        stamp: Option<Stamp>,
    ) -> Result<Rc<Self>, Failure> {
        let meter = network.connect(person, usage, stamp).await?;
        let scheme = match meter.session() {
            None => Scheme::HTTP,
            Some(_) => Scheme::HTTPS,
        };
        let greeting = Rc::default();
        let io = TokioIo::new(Greeted {
            meter,
            got: 0,
            greeting: Rc::clone(&greeting),
        });
        let (sender, connection) = http2::Builder::new(Local).handshake(io).await?;
        // Whatever ends the connection is told to the exchanges that it ends.
        tokio::task::spawn_local(async {
            let _ = connection.await;
        });
        Ok(Rc::new(Self {
            sender: RefCell::new(sender),
            scheme,
            greeting,
        }))
    }

    /// Returns whether no request can be sent any more.
    pub(crate) fn is_closed(&self) -> bool {
        self.sender.borrow().is_closed()
    }

    /// Sends `request` at once; the answer's head is awaited in what it returns.
    pub(crate) fn send(
        self: &Rc<Self>,
        request: Request<Full<Bytes>>,
    ) -> impl Future<Output = Result<Response<Incoming>, Failure>> + use<> {
        let shared = Rc::clone(self);
        let answer = self.absolute(request).map(|request| {
            let mut sender = shared.sender.borrow_mut();
            sender.send_request(request)
        });
        async move {
            let answer = answer?.await;
            answer.map_err(|error| shared.failure(error.into()))
        }
    }

    /// Returns the request with the whole address in it, which HTTP/2 sends in fields of its own
    /// (section 8.3.1).
    fn absolute(&self, mut request: Request<Full<Bytes>>) -> Result<Request<Full<Bytes>>, Failure> {
        let wrong = || Failure::Protocol("what was asked for is no path".to_owned());
        let host = request.headers_mut().remove(HOST).ok_or_else(wrong)?;
        let mut parts = request.uri().clone().into_parts();
        parts.scheme = Some(self.scheme.clone());
        parts.authority = Some(Authority::try_from(host.as_bytes()).map_err(|_| wrong())?);
        parts
            .path_and_query
            .get_or_insert_with(|| PathAndQuery::from_static("/"));
        *request.uri_mut() = Uri::from_parts(parts).map_err(|_| wrong())?;
        Ok(request)
    }

    /// Returns the reason for a failure: a server of another protocol sends no frames, or leaves at
    /// once.
    fn failure(&self, failure: Failure) -> Failure {
        match (self.greeting.get(), failure) {
            (Greeting::Other, _) => Failure::NoHttp2,
            (Greeting::None, Failure::Closed | Failure::Unsent | Failure::Lost(_)) => {
                Failure::NoFrame
            }
            (_, failure) => failure,
        }
    }
}

/// Runs hyper's futures on the thread of their shard.
#[derive(Debug, Clone)]
struct Local;

impl<F> Executor<F> for Local
where
    F: Future + 'static,
    F::Output: 'static,
{
    fn execute(&self, future: F) {
        tokio::task::spawn_local(future);
    }
}

/// A socket that looks whether the server begins in HTTP/2.
#[derive(Debug)]
struct Greeted {
    meter: Meter,
    /// The number of bytes that came, up to those that are looked at.
    got: usize,
    greeting: Rc<Cell<Greeting>>,
}

impl AsyncRead for Greeted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.meter).poll_read(context, buffer);
        if self.got < TO_TYPE {
            let piece = &buffer.filled()[before..];
            if let Some(kind) = piece.get(TO_TYPE - 1 - self.got) {
                self.greeting.set(match *kind {
                    SETTINGS => Greeting::Http2,
                    _ => Greeting::Other,
                });
            }
            self.got += piece.len();
        }
        polled
    }
}

impl AsyncWrite for Greeted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        piece: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.meter).poll_write(context, piece)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.meter).poll_write_vectored(context, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.meter.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.meter).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.meter).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tabs_in_a_row_are_one_browser() {
        let browsers = Browsers::new(&[4, 6, 8, 10, 12], 2, false);
        let slot = |person, usage| browsers.slot(person, usage).map(|slot| Rc::as_ptr(&slot));
        assert_eq!(slot(4, Use::Read), slot(6, Use::Read));
        assert_eq!(slot(4, Use::Read), slot(6, Use::Say));
        assert_ne!(slot(6, Use::Read), slot(8, Use::Read));
        assert_ne!(slot(12, Use::Read), slot(10, Use::Read));
        // Who only speaks is in no browser.
        assert_eq!(slot(13, Use::Say), None);
        let apart = Browsers::new(&[4], 2, true);
        let slot = |usage| apart.slot(4, usage).map(|slot| Rc::as_ptr(&slot));
        assert_ne!(slot(Use::Read), slot(Use::Say));
    }
}
