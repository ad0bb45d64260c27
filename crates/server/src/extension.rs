//! Further addresses, answered by the program around the server: the
//! classroom's page and the lessons. No request of a chat reaches an extension,
//! so it costs a reader nothing; the server of a measured run has none.

use std::{fmt, future, pin::Pin, sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use hyper::{Method, Request};
use tokio::{
    sync::watch,
    time::{Instant, timeout, timeout_at},
};
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
    /// A file like that, whose content is still being made. A request for it waits, and nothing else
    /// does.
    Later {
        /// The media type.
        content_type: &'static str,
        /// The content, once it is there.
        bytes: Pin<Box<dyn Future<Output = Bytes> + Send>>,
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
            Self::Later { .. } => "Later",
            Self::Json(_) => "Json",
            Self::Channel(_) => "Channel",
        })
    }
}

/// An answer that may still be in the making. It is in a box, so that the tasks of connections that
/// ask for no page are not larger for it.
pub(crate) type Coming = Pin<Box<dyn Future<Output = Answer> + Send>>;

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
    ) -> Option<Result<Coming, Refusal>> {
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
                return Ok(at_once(Answer::Http(origin::options(ALLOW))));
            }
            response.answer(request, settings, address)
        }))
    }
}

impl ExtensionResponse {
    /// Refuses a method that its address does not take.
    fn check(&self, request: &Request<impl Sized>) -> Result<(), Refusal> {
        match self {
            Self::File { .. } | Self::Later { .. } | Self::Json(_) => {
                route::check_method(ALLOW, request.method())
            }
            Self::Channel(_) => route::check_handshake(ALLOW, request),
        }
    }

    fn answer(
        self,
        request: &Request<impl Sized>,
        settings: &Settings,
        address: Address,
    ) -> Result<Coming, Refusal> {
        Ok(match self {
            Self::File {
                content_type,
                bytes,
                connect,
            } => at_once(file(content_type, bytes, &connect)),
            Self::Later {
                content_type,
                bytes,
            } => Box::pin(async move { file(content_type, bytes.await, "") }),
            Self::Json(json) => at_once(Answer::Http(reply::fresh_json(json))),
            Self::Channel(talk) => {
                let reply = upgrade::accept(request, settings)?;
                let session = ChannelSession {
                    talk,
                    address,
                    patience: Patience::of(settings),
                };
                at_once(Answer::Session(reply, Box::new(session)))
            }
        })
    }
}

/// Returns an answer that is there.
fn at_once(answer: Answer) -> Coming {
    Box::pin(future::ready(answer))
}

/// Returns the answer with a file.
fn file(content_type: &'static str, bytes: Bytes, connect: &str) -> Answer {
    Answer::Http(page::file(content_type, bytes, page::policy(connect)))
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
    patience: Patience,
}

/// The limits of a channel's client that takes nothing, or says nothing.
#[derive(Debug, Clone, Copy)]
struct Patience {
    write_timeout: Duration,
    heartbeat: Duration,
    max_pings: u32,
}

impl Patience {
    fn of(settings: &Settings) -> Self {
        Self {
            write_timeout: settings.write_timeout,
            heartbeat: settings.heartbeat,
            max_pings: settings.max_pings,
        }
    }
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
            let Self {
                talk,
                address,
                patience,
            } = *self;
            let channel = Channel {
                socket: web_socket::socket(handover, CHANNEL_LIMIT).await,
                address,
                patience,
                due: Instant::now() + patience.heartbeat,
                pings: 0,
            };
            talk(channel).await;
        })
    }
}

/// The server's end of a channel: texts in both directions. A client that takes nothing, or answers
/// no ping, is let go as a reader of a room is.
#[derive(Debug)]
pub struct Channel {
    socket: Socket,
    address: Address,
    patience: Patience,
    /// The time at which the next ping is due, if nothing is heard before.
    due: Instant,
    /// The number of pings since something was heard.
    pings: u32,
}

impl Channel {
    /// Returns the address of the client, as limits count it.
    #[must_use]
    pub const fn address(&self) -> Address {
        self.address
    }

    /// Sends a text. Returns `None` if the other side is gone, or takes nothing for too long.
    pub async fn send(&mut self, text: &[u8]) -> Option<()> {
        let frame = text_frame(text);
        web_socket::send(&mut self.socket, &frame, self.patience.write_timeout).await
    }

    /// Waits for the next text. Returns `None` if the other side left, sent something else, or
    /// answered no ping. Dropping the future loses nothing.
    pub async fn receive(&mut self) -> Option<String> {
        loop {
            let Ok(received) = timeout_at(self.due, self.socket.next()).await else {
                self.ping().await?;
                continue;
            };
            self.due = Instant::now() + self.patience.heartbeat;
            self.pings = 0;
            match received?.ok()? {
                Message::Text(text) => return Some(text.to_string()),
                Message::Ping(_) | Message::Pong(_) => {}
                _ => return None,
            }
        }
    }

    /// Asks a client that was silent whether it is still there. Returns `None` if it has been asked
    /// often enough.
    async fn ping(&mut self) -> Option<()> {
        // Counted before the ping is sent, which may be given up half-way.
        self.pings += 1;
        if self.is_lost() {
            return None;
        }
        self.due = Instant::now() + self.patience.heartbeat;
        let ping = self.socket.send(Message::Ping(Bytes::new()));
        timeout(self.patience.write_timeout, ping).await.ok()?.ok()
    }

    /// Returns whether the client left too many pings unanswered.
    fn is_lost(&self) -> bool {
        self.pings > self.patience.max_pings
    }

    /// Closes a channel that is refused, with 1013 (IANA's registry of close codes: try again
    /// later).
    pub async fn refuse(self, reason: &'static str) {
        let close_frame = web_socket::close_frame(CloseCode::Again, reason);
        web_socket::close(self.socket, close_frame).await;
    }

    /// Closes the channel, with 1001 (RFC 6455, section 7.4.1) unless the other
    /// side has closed it before; with 1008 if it answered no ping.
    pub async fn close(self) {
        let (code, why) = if self.is_lost() {
            let why = "no ping was answered; come back when you can";
            (CloseCode::Policy, why)
        } else {
            (CloseCode::Away, "the server is leaving")
        };
        web_socket::close(self.socket, web_socket::close_frame(code, why)).await;
    }
}
