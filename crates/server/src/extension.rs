//! Further addresses, answered by the program around the server: the
//! classroom's page and the lessons. No request of a chat reaches an extension,
//! so it costs a reader nothing; the server of a measured run has none.

use std::{fmt, pin::Pin, sync::Arc};

use bytes::Bytes;
use futures_util::StreamExt;
use hyper::{Method, Request};
use tokio::sync::watch;
use tokio_tungstenite::tungstenite::{Message, protocol::frame::coding::CloseCode};

use crate::{
    address::Address,
    http::{origin, page, refusal::Refusal, reply, route, upgrade},
    net::{
        handover::Handover,
        web_socket::{self, Socket},
    },
    room::entry::text_frame,
    settings::Settings,
    transport::{Answer, Running, Session},
};

/// The methods that each address takes, in the form of `Allow`.
const ALLOW: &str = "GET, HEAD, OPTIONS";

/// The length, in bytes, of the longest message that a channel takes.
const CHANNEL_LIMIT: usize = 64 * 1024;

/// A request that the extension may answer: a GET, or another method at an address
/// at which a GET is answered.
#[derive(Debug)]
pub struct ExtensionRequest<'a> {
    /// The path, such as `/classroom`.
    pub path: &'a str,
    /// The part behind the question mark; empty if there is none.
    pub query: &'a str,
}

/// The answer of an extension.
pub enum ExtensionResponse {
    /// A file of a page, under the same policy as the chat page's own.
    File {
        /// The media type.
        content_type: &'static str,
        /// The content.
        bytes: Bytes,
        /// The further sources that the extension's scripts may connect to, in the notation of a
        /// Content-Security-Policy; most often none.
        connect: String,
    },
    /// JSON that is not to be stored.
    Json(Bytes),
    /// A WebSocket of its own.
    Channel(Talk),
}

impl fmt::Debug for ExtensionResponse {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::File { .. } => "File",
            Self::Json(_) => "Json",
            Self::Channel(_) => "Channel",
        })
    }
}

/// A function that speaks on a channel until it ends.
pub type Talk = Box<dyn FnOnce(Channel) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send>;

/// A function that answers `/` and the addresses that the chat does not have.
#[derive(Clone)]
pub struct Extension(Arc<Answers>);

type Answers = dyn Fn(&ExtensionRequest<'_>) -> Option<ExtensionResponse> + Send + Sync;

impl Extension {
    /// Makes an extension that answers by this function; `None` leaves the
    /// request to the chat.
    pub fn new(
        answer: impl Fn(&ExtensionRequest<'_>) -> Option<ExtensionResponse> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(answer))
    }

    /// Returns the extension's answer, if it has one.
    pub(crate) fn answer(
        &self,
        request: &Request<impl Sized>,
        settings: &Settings,
        address: Address,
    ) -> Option<Result<Answer, Refusal>> {
        let uri = request.uri();
        if uri.path().starts_with("/rooms/") {
            return None;
        }
        // An extension may open ports. So no page of another site may make a browser ask it for
        // anything; a person may open its pages from anywhere.
        let headers = request.headers();
        let embeds = origin::is_cross_site(headers) && !origin::is_navigation(headers);
        if embeds && origin::check(headers, settings).is_err() {
            return Some(Err(Refusal::CrossSite));
        }
        let asked = ExtensionRequest {
            path: uri.path(),
            query: uri.query().unwrap_or(""),
        };
        let response = (self.0)(&asked)?;
        Some(response.check(request).and_then(|()| {
            if request.method() == Method::OPTIONS {
                return Ok(Answer::Http(origin::options(ALLOW)));
            }
            response.answer(request, settings, address)
        }))
    }
}

impl ExtensionResponse {
    /// Refuses a method that its address does not take.
    fn check(&self, request: &Request<impl Sized>) -> Result<(), Refusal> {
        match self {
            Self::File { .. } | Self::Json(_) => route::check_method(ALLOW, request.method()),
            Self::Channel(_) => route::check_handshake(ALLOW, request),
        }
    }

    fn answer(
        self,
        request: &Request<impl Sized>,
        settings: &Settings,
        address: Address,
    ) -> Result<Answer, Refusal> {
        match self {
            Self::File {
                content_type,
                bytes,
                connect,
            } => Ok(Answer::Http(page::file(
                content_type,
                bytes,
                page::policy(&connect),
            ))),
            Self::Json(json) => Ok(Answer::Http(reply::fresh_json(json))),
            Self::Channel(talk) => upgrade::accept(request, settings)
                .map(|reply| Answer::Session(reply, Box::new(ChannelSession { talk, address }))),
        }
    }
}

impl fmt::Debug for Extension {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Extension")
    }
}

/// A connection that goes on as a channel of the extension.
pub(crate) struct ChannelSession {
    talk: Talk,
    address: Address,
}

impl fmt::Debug for ChannelSession {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ChannelSession")
    }
}

impl Session for ChannelSession {
    /// Runs the extension's function, and ends with it.
    fn run(self: Box<Self>, handover: Handover, _leaving: watch::Receiver<bool>) -> Running {
        Box::pin(async move {
            let socket = web_socket::socket(handover, CHANNEL_LIMIT).await;
            let address = self.address;
            (self.talk)(Channel { socket, address }).await;
        })
    }
}

/// The server's end of a channel: texts in both directions.
#[derive(Debug)]
pub struct Channel {
    socket: Socket,
    address: Address,
}

impl Channel {
    /// Returns the address of the client, as limits count it.
    #[must_use]
    pub const fn address(&self) -> Address {
        self.address
    }

    /// Sends a text. Returns `None` if the other side is gone.
    pub async fn send(&mut self, text: &[u8]) -> Option<()> {
        web_socket::send(&mut self.socket, &text_frame(text))
            .await
            .ok()
    }

    /// Waits for the next text. Returns `None` if the other side left, or sent
    /// something else. Dropping the future loses nothing.
    pub async fn receive(&mut self) -> Option<String> {
        loop {
            match self.socket.next().await?.ok()? {
                Message::Text(text) => return Some(text.to_string()),
                Message::Ping(_) | Message::Pong(_) => {}
                _ => return None,
            }
        }
    }

    /// Closes a channel that is refused, with 1013 (IANA's registry of close codes: try again
    /// later).
    pub async fn refuse(self, reason: &'static str) {
        let close_frame = web_socket::close_frame(CloseCode::Again, reason);
        web_socket::close(self.socket, close_frame).await;
    }

    /// Closes the channel, with 1001 (RFC 6455, section 7.4.1) unless the other
    /// side has closed it before.
    pub async fn close(self) {
        let close_frame = web_socket::close_frame(CloseCode::Away, "the server is leaving");
        web_socket::close(self.socket, close_frame).await;
    }
}
