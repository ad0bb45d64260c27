//! One HTTP/1.1 connection of one person, over a metered socket. Polls, streams
//! and speakers use it.

use std::{cell::Cell, rc::Rc, sync::Arc};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{
    Method, Request, Response,
    body::Incoming,
    client::conn::http1,
    header::{CONNECTION, HOST, HeaderMap, HeaderName, HeaderValue},
};
use hyper_util::rt::TokioIo;

use crate::{
    arrival::{Stamp, Stamped},
    failure::Failure,
    ledger::Accountant,
    meter::{self, Meter},
    plan::{self, Plan},
    source::Sources,
    target::Target,
    transport::Reader,
};

/// The smallest buffer that hyper allows; there is one per connection.
const BUFFER: usize = 8 * 1024;

/// What stands around the text of an event of ours, generously.
const AROUND_TEXT: usize = 256;

/// What every connection of one shard is made from.
#[derive(Debug)]
pub(crate) struct Network {
    /// The server.
    pub(crate) target: Target,
    /// Where connections come from.
    pub(crate) sources: Arc<Sources>,
    /// Host and the header profile.
    pub(crate) headers: Headers,
    /// Where the bytes of all sockets are counted.
    pub(crate) bytes: Rc<meter::Bytes>,
    /// Where the same bytes are accounted for.
    pub(crate) accountant: Rc<Accountant>,
    /// Questions on their way that are answered at once.
    pub(crate) questions: Cell<usize>,
    /// Size of a WebSocket's read buffer, in bytes.
    pub(crate) read_buffer: usize,
}

/// A read buffer that takes one event of the plan's. tungstenite's default of
/// 128 KiB is cleared on each read and would cost more than everything else;
/// and there is one for each reader.
pub(crate) fn read_buffer(plan: &Plan) -> usize {
    let event = plan.payload.max + AROUND_TEXT;
    event.next_power_of_two().clamp(1024, 16 * 1024)
}

/// Counts a question while it is on its way, however that ends.
#[derive(Debug)]
pub(crate) struct Question<'a>(&'a Cell<usize>);

impl<'a> Question<'a> {
    /// One more of `network`.
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
        stamp: Option<Stamp>,
    ) -> Result<Meter, Failure> {
        let stream = self
            .sources
            .connect(person)
            .await
            .map_err(|error| Failure::Connect(error.kind()))?;
        let account = self.accountant.open(person, &stream);
        let stamped = stamp.and_then(|stamp| Stamped::ask(&stream, stamp));
        Ok(Meter::new(stream, Rc::clone(&self.bytes), account).stamped(stamped))
    }

    /// `path` as the server knows it.
    pub(crate) fn path(&self, path: &str) -> String {
        format!("{}{path}", self.target.prefix)
    }
}

/// The headers of requests that read and of requests that speak.
#[derive(Debug, Clone)]
pub(crate) struct Headers {
    /// Of polls, streams and handshakes.
    pub(crate) read: HeaderMap,
    /// Of drafts over HTTP.
    pub(crate) say: HeaderMap,
}

impl Headers {
    /// Those of `plan`.
    ///
    /// # Errors
    /// The first line of the profile that is no HTTP header.
    pub(crate) fn new(plan: &Plan, target: &Target) -> Result<Self, String> {
        Ok(Self {
            read: header_map(&plan.headers, target)?,
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
        let value = value.replace(plan::HOST, &target.host);
        let value = HeaderValue::from_str(&value).map_err(|_| line())?;
        if key == HOST {
            headers.insert(key, value);
        } else {
            headers.append(key, value);
        }
    }
    Ok(headers)
}

/// One connection. Dropping it closes the socket once its exchange is over.
#[derive(Debug)]
pub(crate) struct Connection {
    sender: http1::SendRequest<Full<Bytes>>,
}

impl Connection {
    /// Opens a connection for `person`; see [`Network::connect`].
    pub(crate) async fn open(
        network: &Network,
        person: usize,
        stamp: Option<Stamp>,
    ) -> Result<Self, Failure> {
        let stream = TokioIo::new(network.connect(person, stamp).await?);
        let (sender, connection) = http1::Builder::new()
            .max_buf_size(BUFFER)
            .handshake(stream)
            .await?;
        // Whatever ends the connection is told to the exchange it ends.
        tokio::task::spawn_local(async {
            let _ = connection.await;
        });
        Ok(Self { sender })
    }

    /// Sends `request` at once; the answer's head is awaited in what it returns.
    pub(crate) fn send(
        &mut self,
        request: Request<Full<Bytes>>,
    ) -> impl Future<Output = Result<Response<Incoming>, Failure>> + use<> {
        let answer = self.sender.send_request(request);
        async move { Ok(answer.await?) }
    }

    /// Asks for `path` and returns the answer's head once it is there.
    pub(crate) async fn get(
        &mut self,
        reader: &Reader,
        path: &str,
        keep_alive: bool,
    ) -> Result<Response<Incoming>, Failure> {
        let network = &reader.network;
        let mut request = request(network, path, Bytes::new())?;
        request.headers_mut().clone_from(&network.headers.read);
        if let Some(place) = &reader.foreign {
            place.add_headers(request.headers_mut());
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
        }
        if status == 200 || foreign.is_some_and(|place| place.description().is_empty(status)) {
            return Ok(response);
        }
        Err(Failure::Status(status))
    }

    /// Waits until the next request can be sent; false if there will be none.
    pub(crate) async fn is_free(&mut self) -> bool {
        self.sender.ready().await.is_ok()
    }
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

fn request(network: &Network, path: &str, body: Bytes) -> Result<Request<Full<Bytes>>, Failure> {
    let mut request = Request::new(Full::new(body));
    *request.uri_mut() = network
        .path(path)
        .parse()
        .map_err(|_| Failure::Protocol("the target's prefix is no path".to_owned()))?;
    Ok(request)
}

/// All of an answer's body.
pub(crate) async fn whole_body(response: Response<Incoming>) -> Result<Bytes, Failure> {
    Ok(response.into_body().collect().await?.to_bytes())
}
