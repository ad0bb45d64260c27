//! A single HTTP/1.1 connection of one person, over a metered socket. Polls, streams and
//! speakers use it.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    os::fd::{AsRawFd, RawFd},
    rc::Rc,
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{
    Method, Request, Response, Uri,
    body::Incoming,
    client::conn::http1,
    header::{CONNECTION, CONTENT_LENGTH, HOST, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER},
};
use hyper_util::rt::TokioIo;
use nix::{
    errno::Errno,
    sys::socket::{MsgFlags, recv},
};
use tls::{Connector, Suite};

use crate::{
    arrival::{Stamp, Stamped},
    clock::{Clock, Nanos},
    content::Unpack,
    failure::{Failure, LONGEST_ANSWER},
    foreign::Session,
    ledger::Accountant,
    meter::{self, Allowance, Meter},
    plan::{self, Plan},
    schedule,
    source::Sources,
    target::Target,
    transport::Reader,
};

/// The smallest buffer that hyper allows; there is one per connection.
const BUFFER: usize = 8 * 1024;

/// A generous bound on the bytes around the text of an event of ours.
const AROUND_TEXT: usize = 256;

/// The resources that every connection of one shard is made from.
#[derive(Debug)]
pub(crate) struct Network {
    /// The server.
    pub(crate) target: Target,
    /// The source addresses and descriptors of connections.
    pub(crate) sources: Arc<Sources>,
    /// Host and the header profile.
    pub(crate) headers: Headers,
    /// The run's clock.
    pub(crate) clock: Clock,
    /// The counter of the bytes of all sockets.
    pub(crate) bytes: Rc<meter::Bytes>,
    /// The accountant that assigns the same bytes to purposes.
    pub(crate) accountant: Rc<Accountant>,
    /// Questions on their way that are answered at once.
    pub(crate) questions: Cell<usize>,
    /// Size of a WebSocket's read buffer, in bytes.
    pub(crate) read_buffer: usize,
    /// Exchanges that had to open a connection anew because the server had
    /// closed the idle one.
    pub(crate) retried: Cell<u64>,
    /// The sessions that people have opened on a foreign server.
    pub(crate) sessions: RefCell<HashMap<usize, Rc<Session>>>,
    /// The tickets that people keep of their earlier connections under TLS.
    pub(crate) remembered: RefCell<HashMap<usize, Connector>>,
    /// The suite that the latest handshake agreed on; none without TLS.
    pub(crate) suite: Cell<Option<Suite>>,
    /// The record of readers' connections that may be lost; absent where none comes back.
    pub(crate) lines: Option<RefCell<Lines>>,
}

/// The record of readers' connections that may be lost.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    /// The times at which they were begun.
    pub(crate) begun: Vec<Nanos>,
    /// The times at which they were made.
    pub(crate) made: Vec<Nanos>,
    /// The switch, for each person, that makes the connection end with a reset.
    resets: HashMap<usize, Rc<Cell<bool>>>,
}

/// The use of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    /// Polls, a stream, or a WebSocket.
    Read,
    /// Drafts.
    Say,
    /// The request that opens a session.
    Open,
}

/// A read buffer that takes one event of the plan's. tungstenite's default of
/// 128 KiB is cleared on each read and would cost more than everything else;
/// and there is one for each reader.
pub(crate) fn read_buffer(plan: &Plan) -> usize {
    let event = plan.traffic.payload.max + AROUND_TEXT;
    event.next_power_of_two().clamp(1024, 16 * 1024)
}

/// Counts a question while it is on its way, however that ends.
#[derive(Debug)]
pub(crate) struct Question<'a>(&'a Cell<usize>);

impl<'a> Question<'a> {
    /// Counts one more question of `network`.
    pub(crate) fn new(network: &'a Network) -> Self {
        let count = &network.questions;
        count.set(count.get() + 1);
        Self(count)
    }
}

impl Drop for Question<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

impl Network {
    /// A metered socket for `person`, whose arrivals are taken down in `stamp`.
    pub(crate) async fn connect(
        &self,
        person: usize,
        usage: Use,
        stamp: Option<Stamp>,
    ) -> Result<Meter, Failure> {
        let lines = self.lines.as_ref().filter(|_| usage == Use::Read);
        let resets = lines.map(|lines| {
            let mut lines = lines.borrow_mut();
            lines.begun.push(self.clock.now());
            let resets = Rc::default();
            lines.resets.insert(person, Rc::clone(&resets));
            resets
        });
        let stream = self
            .sources
            .connect(person)
            .await
            .map_err(|error| Failure::Connect(error.kind()))?;
        if let Some(lines) = lines {
            lines.borrow_mut().made.push(self.clock.now());
        }
        let tls = self.target.tls.as_ref();
        let account = self.accountant.open(person, usage, &stream, tls.is_some());
        let stamped = stamp.and_then(|stamp| Stamped::ask(&stream, stamp));
        let meter = Meter::new(stream, Rc::clone(&self.bytes), account);
        let mut meter = meter.stamped(stamped).resetting(resets);
        if let Some(tls) = tls {
            // Apart: a future without TLS has no room for its handshake.
            Box::pin(self.shake_hands(person, tls, &mut meter)).await?;
        }
        Ok(meter)
    }

    /// Puts a connection of `person` under TLS.
    async fn shake_hands(
        &self,
        person: usize,
        tls: &Connector,
        meter: &mut Meter,
    ) -> Result<(), Failure> {
        let session = if tls.remembers() {
            let mut remembered = self.remembered.borrow_mut();
            let own = remembered.entry(person);
            own.or_insert_with(|| tls.of_one_person()).session()?
        } else {
            tls.session()?
        };
        meter.handshake(session).await?;
        self.suite
            .set(meter.session().and_then(tls::Session::suite));
        Ok(())
    }

    /// Makes the connection over which `person` reads end with a reset, whenever it ends.
    pub(crate) fn reset(&self, person: usize) {
        if let Some(lines) = &self.lines
            && let Some(resets) = lines.borrow().resets.get(&person)
        {
            resets.set(true);
        }
    }

    /// Counts an exchange whose idle connection the server had closed.
    pub(crate) fn retry(&self) {
        self.retried.set(self.retried.get() + 1);
    }

    /// `path` as the server knows it.
    pub(crate) fn path(&self, path: &str) -> String {
        format!("{}{path}", self.target.prefix)
    }
}

/// The headers of requests that read and of requests that speak.
#[derive(Debug, Clone)]
pub(crate) struct Headers {
    /// The headers of polls, streams and handshakes.
    pub(crate) read: HeaderMap,
    /// The headers of drafts over HTTP.
    pub(crate) say: HeaderMap,
}

impl Headers {
    /// Creates the headers of `plan`.
    ///
    /// # Errors
    /// Fails with the first line of the profile that is no HTTP header.
    pub(crate) fn new(plan: &Plan, target: &Target) -> Result<Self, String> {
        Ok(Self {
            read: header_map(&plan.read_headers, target)?,
            say: header_map(&plan.say_headers, target)?,
        })
    }
}

/// `Host`, then the profile's lines; a captured profile may bring its own
/// `Host`, which then counts.
fn header_map(lines: &[(String, String)], target: &Target) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    let host = HeaderValue::from_str(&target.host).map_err(|_| format!("Host: {}", target.host))?;
    headers.insert(HOST, host);
    for (name, value) in lines {
        let line = || format!("{name}: {value}");
        let key = HeaderName::from_bytes(name.as_bytes()).map_err(|_| line())?;
        let value = plan::value_for(value, &target.host, target.tls.is_some());
        let value = HeaderValue::from_str(&value).map_err(|_| line())?;
        if key == HOST {
            headers.insert(key, value);
        } else {
            headers.append(key, value);
        }
    }
    Ok(headers)
}

/// An HTTP connection. Dropping it closes the socket once its exchange is over.
#[derive(Debug)]
pub(crate) struct Connection {
    sender: http1::SendRequest<Full<Bytes>>,
    socket: RawFd,
    /// True under TLS, where a ticket may have arrived that nobody asked for.
    is_sealed: bool,
    allowance: Allowance,
    /// The time until which the server promised to keep the connection.
    kept_until: Option<Nanos>,
}

impl Connection {
    /// Opens a connection for `person`; see [`Network::connect`].
    pub(crate) async fn open(
        network: &Network,
        person: usize,
        usage: Use,
        stamp: Option<Stamp>,
    ) -> Result<Self, Failure> {
        let stream = network.connect(person, usage, stamp).await?;
        let (socket, allowance) = (stream.as_raw_fd(), stream.allowance());
        let is_sealed = stream.session().is_some();
        let (sender, connection) = http1::Builder::new()
            .max_buf_size(BUFFER)
            .handshake(TokioIo::new(stream))
            .await?;
        // Whatever ends the connection is told to the exchange it ends.
        tokio::task::spawn_local(async {
            let _ = connection.await;
        });
        Ok(Self {
            sender,
            socket,
            is_sealed,
            allowance,
            kept_until: None,
        })
    }

    /// Returns whether the connection, which was idle, can take another request. A
    /// server that is not ours may have closed it: then the socket itself is
    /// asked as well, for its end may have arrived a moment ago.
    pub(crate) fn is_open(&self, network: &Network, is_foreign: bool) -> bool {
        let is_kept = || {
            self.kept_until
                .is_none_or(|until| network.clock.now() < until)
        };
        !self.sender.is_closed()
            && (!is_foreign || (is_kept() && !has_ended(self.socket, self.is_sealed)))
    }

    /// Keeps what an answer's head says of how long the connection stays.
    pub(crate) fn note_head(&mut self, network: &Network, headers: &HeaderMap) {
        self.kept_until = kept_for(headers).map(|kept| network.clock.now() + schedule::nanos(kept));
    }

    /// The answer may last: there is no bound to its bytes from here on.
    pub(crate) fn may_last(&self) {
        self.allowance.set(u64::MAX);
    }

    /// Sends `request` at once; the answer's head is awaited in what it returns.
    pub(crate) fn send(
        &mut self,
        request: Request<Full<Bytes>>,
    ) -> impl Future<Output = Result<Response<Incoming>, Failure>> + use<> {
        self.allowance.set(LONGEST_ANSWER);
        let answer = self.sender.send_request(request);
        async move { Ok(answer.await?) }
    }

    /// Asks for `path`, with `posted` in a POST if that is given, and returns the answer's head
    /// once it is there.
    pub(crate) async fn ask(
        &mut self,
        reader: &Reader,
        path: &str,
        posted: Option<&Bytes>,
        keep_alive: bool,
    ) -> Result<Response<Incoming>, Failure> {
        let network = &reader.network;
        let mut request = request(network, path, posted.cloned().unwrap_or_default())?;
        request.headers_mut().clone_from(&network.headers.read);
        if let Some(posted) = posted {
            *request.method_mut() = Method::POST;
            if posted.is_empty() {
                // As browsers do, and hyper does not by itself.
                let none = HeaderValue::from_static("0");
                request.headers_mut().insert(CONTENT_LENGTH, none);
            }
        }
        if let Some(place) = &reader.foreign {
            place.dress(&mut request);
        }
        if !keep_alive {
            request
                .headers_mut()
                .insert(CONNECTION, HeaderValue::from_static("close"));
        }
        let response = self.send(request).await?;
        let status = response.status().as_u16();
        let foreign = reader.foreign.as_ref();
        if let Some(place) = foreign {
            place.note_head(response.headers());
            self.note_head(network, response.headers());
        }
        if status == 200 || foreign.is_some_and(|place| place.description().is_empty(status)) {
            return Ok(response);
        }
        reader
            .resume
            .told_to_wait
            .set(retry_after(response.headers()));
        let room = reader.room_name();
        Err(Failure::status(status, response.headers(), &room))
    }

    /// Waits until the next request can be sent; false if there will be none.
    pub(crate) async fn is_free(&mut self) -> bool {
        self.sender.ready().await.is_ok()
    }
}

/// Returns whether the other side has ended an idle connection. What it sent unasked
/// (408, as some do before they close) ends it as well, except under TLS, where it may be a ticket.
fn has_ended(socket: RawFd, is_sealed: bool) -> bool {
    let look = MsgFlags::MSG_PEEK | MsgFlags::MSG_DONTWAIT;
    match recv(socket, &mut [0], look) {
        Err(Errno::EAGAIN) => false,
        Ok(count) => count == 0 || !is_sealed,
        Err(_) => true,
    }
}

/// Returns how long the server keeps the connection by its own words (`Keep-Alive:
/// timeout=5`, RFC 2068, section 19.7.1.1), less a fifth: a request must not
/// cross the end on its way.
fn kept_for(headers: &HeaderMap) -> Option<Duration> {
    let line = headers.get("keep-alive")?.to_str().ok()?;
    let timeout = line.split(',').find_map(|part| {
        let (name, seconds) = part.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("timeout")
            .then_some(seconds)
    })?;
    let seconds: u32 = timeout.trim().parse().ok()?;
    Some(Duration::from_secs(seconds.into()) * 4 / 5)
}

/// Returns how long a refusal asks its client to wait (RFC 9110, section 10.2.3), where it says so
/// in seconds.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds: u32 = headers
        .get(RETRY_AFTER)?
        .to_str()
        .ok()?
        .trim()
        .parse()
        .ok()?;
    Some(Duration::from_secs(seconds.into()))
}

/// A request that says `draft` in a room.
pub(crate) fn say(
    network: &Network,
    path: &str,
    draft: Bytes,
) -> Result<Request<Full<Bytes>>, Failure> {
    let mut request = request(network, path, draft)?;
    *request.method_mut() = Method::POST;
    request.headers_mut().clone_from(&network.headers.say);
    Ok(request)
}

/// A request for `path` with nothing in it but `body`.
pub(crate) fn request(
    network: &Network,
    path: &str,
    body: Bytes,
) -> Result<Request<Full<Bytes>>, Failure> {
    let mut request = Request::new(Full::new(body));
    *request.uri_mut() = uri(&network.path(path))?;
    Ok(request)
}

fn uri(path: &str) -> Result<Uri, Failure> {
    path.parse()
        .map_err(|_| Failure::Protocol("what was asked for is no path".to_owned()))
}

/// All of an answer's body, unpacked.
pub(crate) async fn whole_body(response: Response<Incoming>) -> Result<Bytes, Failure> {
    let unpack = Unpack::of(response.headers())?;
    let body = response.into_body().collect().await?.to_bytes();
    match unpack {
        None => Ok(body),
        Some(unpack) => unpack.whole(&body),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_tells_how_long_it_keeps_a_connection() {
        let kept = |line: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert("keep-alive", HeaderValue::from_static(line));
            kept_for(&headers)
        };
        assert_eq!(kept("timeout=5"), Some(Duration::from_secs(4)));
        assert_eq!(kept("max=100, Timeout = 10"), Some(Duration::from_secs(8)));
        assert_eq!(kept("max=100"), None);
        assert_eq!(kept("timeout=soon"), None);
        assert_eq!(kept_for(&HeaderMap::new()), None);
    }
}
