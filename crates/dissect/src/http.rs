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
    Farewell,
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
            Self::Farewell => Some(Purpose::Close),
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
}

impl ResponseHead {
    /// Reads the response to a request; `to_head` if that was a HEAD, `may_stay`
    /// if it may last as long as its connection.
    pub(crate) fn parse(head: &[u8], to_head: bool, may_stay: bool) -> Result<Self, Reason> {
        let mut fields = [const { MaybeUninit::uninit() }; MOST_FIELDS];
        let mut response = Response::new(&mut []);
        let parsed = httparse::ParserConfig::default().parse_response_with_uninit_headers(
            &mut response,
            head,
            &mut fields,
        );
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
                match fields.length()? {
                    Some(length) => length,
                    None if may_stay => Length::Open,
                    None => return Err(Reason::NoLength),
                }
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_tells_the_route() {
        for (target, route) in [
            ("/rooms/a/messages", Route::Say),
            ("/rooms/a/poll?after=7", Route::Poll),
            ("/rooms/a/long-poll?after=7&hold=25", Route::Poll),
            ("http://127.0.0.1/rooms/a/stream", Route::Ndjson),
            ("/rooms/a/sse", Route::Sse),
            ("/rooms/a/jsonp?callback=f", Route::Script),
            ("/rooms/a/iframe", Route::Page),
            ("/rooms/a/people", Route::Presence),
            ("/rooms/poll/ws", Route::Other),
            ("/", Route::Other),
            ("/?next=/poll", Route::Other),
            ("*", Route::Other),
        ] {
            assert_eq!(Route::of(target, false), route, "{target}");
        }
    }

    #[test]
    fn the_path_of_a_library_tells_the_route() {
        let (socket_io, sockjs) = (Protocol::SocketIo, Protocol::Sockjs);
        for (target, brings, route) in [
            ("/socket.io/?EIO=4&transport=polling", false, Route::Opening),
            (
                "/socket.io/?EIO=4&transport=polling&sid=ab",
                false,
                Route::Fetch(socket_io),
            ),
            (
                "/socket.io/?EIO=4&transport=polling&sid=ab",
                true,
                Route::Post(socket_io),
            ),
            (
                "/socket.io/?EIO=4&transport=websocket",
                false,
                Route::Upgrade(socket_io),
            ),
            ("/sockjs/a/000/s/xhr?name=b", true, Route::Fetch(sockjs)),
            ("/x/sockjs/a/000/s/xhr_send", true, Route::Post(sockjs)),
            (
                "/sockjs/a/000/s/eventsource",
                false,
                Route::Frames(sockjs, Framing::Sse),
            ),
            (
                "/sockjs/a/000/s/xhr_streaming",
                true,
                Route::Frames(sockjs, Framing::Ndjson),
            ),
            ("/sockjs/a/000/s/websocket", false, Route::Upgrade(sockjs)),
            // The plain WebSocket, what the service can do, and a room of that name.
            ("/sockjs/a/websocket", false, Route::Other),
            ("/sockjs/a/info", false, Route::Other),
            ("/rooms/sockjs/poll", false, Route::Poll),
        ] {
            assert_eq!(Route::of(target, brings), route, "{target}");
        }
    }

    #[test]
    fn every_way_to_read_has_its_route() {
        for way in Way::ALL {
            let route = Route::of(&format!("/rooms/a/{}?after=7", way.path()), false);
            let expected = match way.framing() {
                Some(Framing::Ndjson) => Route::Ndjson,
                Some(Framing::Sse) => Route::Sse,
                None if way.polls() => Route::Poll,
                None => Route::Other,
            };
            assert_eq!(route, expected, "{way}");
        }
    }

    #[test]
    fn lengths_of_responses() {
        let parse = |fields: &str| {
            let head = format!("HTTP/1.1 200 OK\r\n{fields}\r\n");
            ResponseHead::parse(head.as_bytes(), false, false).map(|head| head.length)
        };
        assert_eq!(parse(""), Err(Reason::NoLength));
        assert_eq!(parse("content-LENGTH:  21 \r\n"), Ok(Length::Bytes(21)));
        assert_eq!(
            parse("Content-Length: 5\r\nContent-Length: 5\r\n"),
            Ok(Length::Bytes(5))
        );
        assert_eq!(parse("Content-Length: 5, 5\r\n"), Ok(Length::Bytes(5)));
        assert_eq!(parse("Transfer-Encoding: Chunked\r\n"), Ok(Length::Chunked));
        for bad in [
            "Content-Length: 5\r\nContent-Length: 6\r\n",
            "Content-Length: 5, 6\r\n",
            "Content-Length: 5,\r\n",
            "Content-Length: +5\r\n",
            "Content-Length: \r\n",
            "Content-Length: 99999999999999999999\r\n",
            "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        ] {
            assert_eq!(parse(bad), Err(Reason::BodyLength), "{bad}");
        }
        assert_eq!(
            parse("Transfer-Encoding: gzip, chunked\r\n"),
            Err(Reason::TransferCoding)
        );
    }

    #[test]
    fn responses_without_a_body() {
        for (status, to_head) in [(100, false), (204, false), (304, false), (200, true)] {
            let head = format!("HTTP/1.1 {status} X\r\nContent-Length: 9\r\n\r\n");
            let parsed = ResponseHead::parse(head.as_bytes(), to_head, false).unwrap();
            assert_eq!(parsed.length, Length::Bytes(0), "{status}");
        }
    }

    #[test]
    fn deflate_is_negotiated_by_its_name_alone() {
        let parse = |value: &str| {
            let head = format!(
                "HTTP/1.1 101 X\r\nUpgrade: WebSocket\r\nSec-WebSocket-Extensions: {value}\r\n\r\n"
            );
            ResponseHead::parse(head.as_bytes(), false, false)
                .unwrap()
                .deflate
        };
        assert!(parse("permessage-deflate"));
        assert!(parse("x, permessage-deflate; server_no_context_takeover"));
        assert!(!parse("x; y=permessage-deflate"));
    }
}
