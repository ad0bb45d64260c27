//! Connections of HTTP/2 (RFC 9113), each of which carries the requests of one simulated browser:
//! those of all readers that are its tabs, and their drafts.

use std::{
    cell::RefCell,
    collections::HashMap,
    rc::{Rc, Weak},
};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{
    Method, Request, Response, Uri,
    body::Incoming,
    client::conn::http2,
    ext::Protocol,
    header::HOST,
    http::uri::{Authority, PathAndQuery, Scheme},
    rt::Executor,
};
use hyper_util::rt::TokioIo;
use tokio::sync::Mutex;

use crate::{
    failure::Failure,
    measure::ledger::Use,
    plan::Swarm,
    socket::{
        arrival::Stamp,
        browser::{Browser, browser},
        greeting::{Greeted, Greeting},
        network::Network,
    },
};

/// A connection of HTTP/2.
#[derive(Debug)]
pub(crate) struct Shared {
    sender: RefCell<http2::SendRequest<Full<Bytes>>>,
    scheme: Scheme,
    greeting: Rc<Greeting>,
}

/// The connections of the simulated browsers of one shard.
#[derive(Debug, Default)]
pub(crate) struct Browsers {
    /// The browser of each person who listens.
    of: HashMap<usize, Browser>,
    /// True if drafts have connections of their own: what is sent over one is known by its use.
    are_apart: bool,
    open: RefCell<HashMap<(Browser, bool), Slot>>,
}

/// The place of a browser's connection, held while it is opened.
type Slot = Rc<Mutex<Weak<Shared>>>;

impl Browsers {
    /// Gives each of `people`, the people of one shard, a browser.
    pub(crate) fn new(people: &[usize], swarm: &Swarm, are_apart: bool) -> Self {
        let own = |(place, &person): (usize, &usize)| (person, browser(swarm, person, place));
        Self {
            of: people.iter().enumerate().map(own).collect(),
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
        let io = TokioIo::new(Greeted::new(meter, &greeting));
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

    /// Asks for a WebSocket by an extended CONNECT (RFC 8441), once the server has said that it takes
    /// one. If the answer is 200, its stream is the WebSocket.
    pub(crate) async fn connect_web_socket(
        self: &Rc<Self>,
        mut request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, Failure> {
        self.greeting.check_takes_web_sockets().await?;
        *request.method_mut() = Method::CONNECT;
        let protocol = Protocol::from_static("websocket");
        request.extensions_mut().insert(protocol);
        self.send(request).await
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
            answer.map_err(|error| shared.greeting.failure(error.into()))
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
}

/// An executor that runs hyper's futures on the thread of their shard.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{plan::Variant, sample};

    /// Returns twenty people in two rooms, of whose tabs two are one browser.
    fn swarm() -> Swarm {
        Swarm {
            clients: 20,
            tabs: 2,
            ..sample::plan(Variant::Websocket).swarm
        }
    }

    #[test]
    fn tabs_in_a_row_are_one_browser() {
        let browsers = Browsers::new(&[4, 6, 8, 10, 12], &swarm(), false);
        let slot = |person, usage| browsers.slot(person, usage).map(|slot| Rc::as_ptr(&slot));
        assert_eq!(slot(4, Use::Read), slot(6, Use::Read));
        assert_eq!(slot(4, Use::Read), slot(6, Use::Say));
        assert_ne!(slot(6, Use::Read), slot(8, Use::Read));
        assert_ne!(slot(12, Use::Read), slot(10, Use::Read));
        // Who only speaks is in no browser.
        assert_eq!(slot(13, Use::Say), None);
        let apart = Browsers::new(&[4], &swarm(), true);
        let slot = |usage| apart.slot(4, usage).map(|slot| Rc::as_ptr(&slot));
        assert_ne!(slot(Use::Read), slot(Use::Say));
    }
}
