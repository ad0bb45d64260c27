//! The parsing of heads, as far as they determine the bytes after them (RFC 9112 sections 3, 4 and
//! 6).

use std::mem::MaybeUninit;

use httparse::{Request, Response};
use wire::{Carrier, Framing, Protocol, Way, hixie_76::KEY_3};

use crate::{Purpose, Reason, fields::Fields};

/// The length of the longest head that is followed, in bytes.
pub(crate) const LONGEST_HEAD: usize = 64 * 1024;
/// The largest number of fields in a head; hyper's own limit is the same.
const MOST_FIELDS: usize = 100;

/// The methods by which the beginning of a request is recognised (RFC 9110 section 9.3, RFC 5789).
const METHODS: [&str; 7] = [
    "GET ", "POST ", "HEAD ", "PUT ", "DELETE ", "OPTIONS ", "PATCH ",
];

/// The subject of a request: the last segment of its path, as the wire contract defines it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Route {
    /// A draft is sent.
    Say,
    /// A batch is fetched, by short or long poll.
    Poll,
    /// A stream of lines is opened.
    Ndjson,
    /// A stream of server-sent events is opened.
    Sse,
    /// A batch is fetched in a script.
    Script,
    /// A page without end is opened, in which each event is a script element.
    Page,
    /// The list of people is fetched, or a lease is given back.
    Presence,
    /// A poll that is answered with a message as it is, not with a batch. It is used only if a
    /// caller asks for it.
    Answer,
    /// A session of a library is opened.
    Opening,
    /// Packets of a library are fetched.
    Fetch(Protocol),
    /// Packets of a library are sent.
    Post(Protocol),
    /// A stream of frames of a library is opened; as server-sent events or as lines.
    Frames(Protocol, Framing),
    /// A WebSocket is opened that speaks the protocol of a library.
    Upgrade(Protocol),
    /// Any other request, including a WebSocket handshake.
    Other,
    /// No request at all: the server says why it closes an idle connection.
    Closing,
}

impl Route {
    pub(crate) fn of(target: &str, brings: bool) -> Self {
        let (path, query) = target.split_once(['?', '#']).unwrap_or((target, ""));
        if path.ends_with("/socket.io/") {
            return Self::engine_io(query, brings);
        }
        if let Some(route) = Self::sockjs(path) {
            return route;
        }
        match path.rsplit('/').next().unwrap_or(path) {
            "messages" => Self::Say,
            "people" | "leave" => Self::Presence,
            "jsonp" => Self::Script,
            "iframe" => Self::Page,
            last => Way::from_path(last).map_or(Self::Other, Self::read),
        }
    }

    fn engine_io(query: &str, brings: bool) -> Self {
        let has = |pair: &str| query.split('&').any(|one| one.starts_with(pair));
        if has("transport=websocket") {
            Self::Upgrade(Protocol::SocketIo)
        } else if brings {
            Self::Post(Protocol::SocketIo)
        } else if has("sid=") {
            Self::Fetch(Protocol::SocketIo)
        } else {
            Self::Opening
        }
    }

    /// Returns the route of `/sockjs/ROOM/SERVER/SESSION/WAY`.
    fn sockjs(path: &str) -> Option<Self> {
        let mut parts = path.rsplit('/');
        let way = parts.next()?;
        if parts.nth(3)? != "sockjs" {
            return None;
        }
        Some(match way {
            "xhr" => Self::Fetch(Protocol::Sockjs),
            "xhr_send" => Self::Post(Protocol::Sockjs),
            "xhr_streaming" => Self::Frames(Protocol::Sockjs, Framing::Ndjson),
            "eventsource" => Self::Frames(Protocol::Sockjs, Framing::Sse),
            "jsonp" => Self::Fetch(Protocol::SockjsInPage),
            "jsonp_send" => Self::Post(Protocol::SockjsInPage),
            "htmlfile" => Self::Frames(Protocol::SockjsInPage, Framing::Ndjson),
            "websocket" => Self::Upgrade(Protocol::Sockjs),
            _ => Self::Other,
        })
    }

    const fn read(way: Way) -> Self {
        match way.carrier() {
            Carrier::Batch => Self::Poll,
            Carrier::Stream(Framing::Ndjson) => Self::Ndjson,
            Carrier::Stream(Framing::Sse) => Self::Sse,
            Carrier::Frame => Self::Other,
        }
    }

    /// Returns the purpose of the request. That of a poll is known only from its answer.
    pub(crate) const fn purpose_up(self) -> Option<Purpose> {
        match self {
            Self::Say => Some(Purpose::Say),
            Self::Poll | Self::Script | Self::Answer | Self::Fetch(_) | Self::Post(_) => None,
            Self::Presence => Some(Purpose::Presence),
            Self::Closing => Some(Purpose::Close),
            Self::Ndjson
            | Self::Sse
            | Self::Page
            | Self::Opening
            | Self::Frames(..)
            | Self::Upgrade(_)
            | Self::Other => Some(Purpose::Setup),
        }
    }

    /// Returns the purpose of the response, if its head determines it.
    pub(crate) const fn purpose_down(self) -> Option<Purpose> {
        match self {
            Self::Say => Some(Purpose::Ack),
            other => other.purpose_up(),
        }
    }
}

/// The length of a body (RFC 9112 section 6.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Length {
    /// A body of this many bytes; 0 if there is no body.
    Bytes(u64),
    /// A body that lasts until its last chunk.
    Chunked,
    /// A body that lasts until the connection ends.
    Open,
}

/// The parts of a request's head that determine how the following bytes are read.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own about the head"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RequestHead {
    pub(crate) route: Route,
    /// True if the request has a method that brings content.
    pub(crate) brings: bool,
    /// True if the response will have no body, whatever its head states.
    pub(crate) is_head: bool,
    /// True if the request asks for a WebSocket.
    pub(crate) upgrade: bool,
    /// True if that is one of hixie-76: eight bytes follow, which no field announces.
    pub(crate) old: bool,
    pub(crate) length: Length,
}

/// The parts of a response's head that determine how the following bytes are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ResponseHead {
    pub(crate) status: u16,
    /// True if the connection changes to a WebSocket.
    pub(crate) upgrade: bool,
    /// True if frames may be compressed (RFC 7692).
    pub(crate) deflate: bool,
    /// True if the content is compressed, so that nothing in it can be recognised.
    pub(crate) encoded: bool,
    pub(crate) length: Length,
}

impl RequestHead {
    pub(crate) fn parse(head: &[u8]) -> Result<Self, Reason> {
        let mut fields = [const { MaybeUninit::uninit() }; MOST_FIELDS];
        let mut request = Request::new(&mut []);
        let parsed = request.parse_with_uninit_headers(head, &mut fields);
        let (Ok(httparse::Status::Complete(end)), Some(method), Some(target)) =
            (parsed, request.method, request.path)
        else {
            return Err(Reason::RequestHead);
        };
        if end != head.len() {
            return Err(Reason::RequestHead);
        }
        if method == "CONNECT" {
            return Err(Reason::Upgrade);
        }
        let fields = Fields::read(request.headers)?;
        let old = fields.websocket && fields.old_keys;
        let nothing = if old { KEY_3 as u64 } else { 0 };
        let brings = matches!(method, "POST" | "PUT" | "PATCH");
        Ok(Self {
            route: Route::of(target, brings),
            brings,
            is_head: method == "HEAD",
            upgrade: fields.websocket,
            old,
            length: fields.length()?.unwrap_or(Length::Bytes(nothing)),
        })
    }

    /// Reads the beginning of a head of which nothing more came; `None` if no request begins so. What
    /// is not known of it is as in a request for `/`.
    pub(crate) fn parse_beginning(head: &[u8]) -> Option<Self> {
        let mut methods = METHODS.iter();
        if !methods.any(|method| head.iter().zip(method.bytes()).all(|(&a, b)| a == b)) {
            return None;
        }
        let mut fields = [const { MaybeUninit::uninit() }; MOST_FIELDS];
        let mut request = Request::new(&mut []);
        let parsed = request.parse_with_uninit_headers(head, &mut fields);
        if !matches!(parsed, Ok(httparse::Status::Partial)) {
            return None;
        }
        let brings = matches!(request.method, Some("POST" | "PUT" | "PATCH"));
        Some(Self {
            route: Route::of(request.path.unwrap_or("/"), brings),
            brings,
            is_head: request.method == Some("HEAD"),
            upgrade: false,
            old: false,
            length: Length::Bytes(0),
        })
    }
}

impl ResponseHead {
    /// Reads the response to a request; `to_head` if that was a HEAD, `may_stay`
    /// if it may last as long as its connection.
    pub(crate) fn parse(head: &[u8], to_head: bool, may_stay: bool) -> Result<Self, Reason> {
        let mut fields = [const { MaybeUninit::uninit() }; MOST_FIELDS];
        let mut response = Response::new(&mut []);
        let mut lenient = httparse::ParserConfig::default();
        // Some servers send it, and clients take it as if it were not there (RFC 9112 section 5.1).
        lenient.allow_spaces_after_header_name_in_responses(true);
        // Clients have to read a line that goes on behind its end (section 5.2).
        lenient.allow_obsolete_multiline_headers_in_responses(true);
        let parsed = lenient.parse_response_with_uninit_headers(&mut response, head, &mut fields);
        let (Ok(httparse::Status::Complete(end)), Some(status)) = (parsed, response.code) else {
            return Err(Reason::ResponseHead);
        };
        if end != head.len() || status < 100 {
            return Err(Reason::ResponseHead);
        }
        let fields = Fields::read(response.headers)?;
        let bodiless = to_head || status < 200 || matches!(status, 204 | 304);
        Ok(Self {
            status,
            upgrade: fields.websocket,
            deflate: fields.deflate,
            encoded: fields.encoded,
            length: if bodiless {
                Length::Bytes(0)
            } else {
                // HTTP/1.1 lets such a body last until the connection ends
                // (RFC 9112 section 6.3), and then a connection cut short
                // looks like a whole answer. Nothing of ours answers so: better
                // to say that the bytes were not understood. A foreign server
                // may answer so: whoever reads it knows how the connection
                // ended.
                match fields.length() {
                    Ok(Some(length)) => length,
                    Ok(None) if may_stay => Length::Open,
                    Ok(None) => return Err(Reason::NoLength),
                    // A foreign server may tell both, and clients read the chunks (RFC 9112 section 6.3).
                    Err(_) if may_stay => Length::Chunked,
                    Err(reason) => return Err(reason),
                }
            },
        })
    }
}

#[cfg(test)]
mod tests;
