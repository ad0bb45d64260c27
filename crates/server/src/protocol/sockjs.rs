//! SockJS, protocol 0.3: <https://sockjs.github.io/sockjs-protocol/sockjs-protocol-0.3.3.html>.
//!
//! The prefix of a service is `/sockjs/{room}`, and the query is that of a
//! plain reader, which the library's client keeps on every request: so
//! `new SockJS('/sockjs/lobby?name=ann&after=5')` reads a room. Each message is
//! what a plain WebSocket would carry in a frame.

mod frame;
mod held;
mod pages;
mod poll;
mod send;
pub(crate) mod session;
mod socket;
mod stream;

use std::sync::Arc;

use hyper::{Method, Request};
use wire::room_name_is_valid;

pub(crate) use held::{is_poll, polled};

use crate::{
    address::Address,
    http::{
        callback::CallbackParameters,
        origin,
        query::Query,
        refusal::Refusal,
        request_body::Upload,
        route::{check_handshake, check_method},
        upgrade,
    },
    protocol::{
        Host,
        sockjs::{session::Session, socket::Opening, stream::Kind},
    },
    room::wrapping::Carrier,
    transport::{self, Answer, reading::Reading},
};

/// The beginning of every address.
pub(crate) const PREFIX: &str = "/sockjs/";
/// The length, in bytes, of the longest name of a server or session in an address; that of a session
/// is kept with it.
const LONGEST_PART: usize = 128;

/// The resource at an address of a room's service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Resource<'a> {
    Greeting,
    Info,
    Frame,
    RawSocket,
    Socket,
    /// A resource of the session with this id.
    Session(&'a str, Way),
}

/// The ways of a session that go by requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Xhr,
    Jsonp,
    Stream(Kind),
    XhrSend,
    JsonpSend,
}

impl<'a> Resource<'a> {
    /// Returns what is at `path`, behind the room's name.
    fn of(path: &'a str) -> Option<Self> {
        let mut parts = path.split('/');
        let (first, second, third) = (parts.next()?, parts.next(), parts.next());
        if parts.next().is_some() {
            return None;
        }
        let (Some(session), Some(way)) = (second, third) else {
            return match (first, second) {
                ("", None) => Some(Self::Greeting),
                ("info", None) => Some(Self::Info),
                ("websocket", None) => Some(Self::RawSocket),
                (page, None) if pages::is_frame(page) => Some(Self::Frame),
                _ => None,
            };
        };
        let is_part = |part: &str| (1..=LONGEST_PART).contains(&part.len()) && !part.contains('.');
        if !is_part(first) || !is_part(session) {
            return None;
        }
        let way = match way {
            "websocket" => return Some(Self::Socket),
            "xhr" => Way::Xhr,
            "jsonp" => Way::Jsonp,
            "xhr_streaming" => Way::Stream(Kind::Xhr),
            "eventsource" => Way::Stream(Kind::EventSource),
            "htmlfile" => Way::Stream(Kind::HtmlFile),
            "xhr_send" => Way::XhrSend,
            "jsonp_send" => Way::JsonpSend,
            _ => return None,
        };
        Some(Self::Session(session, way))
    }

    /// Returns the way to read a room that others see of a reader here.
    fn way(self) -> wire::Way {
        match self {
            Self::Session(_, Way::Stream(Kind::EventSource)) => wire::Way::Sse,
            Self::Session(_, Way::Stream(_)) => wire::Way::Ndjson,
            Self::Session(..) => wire::Way::LongPoll,
            _ => wire::Way::Websocket,
        }
    }

    /// Returns the methods that it takes, in the form of `Allow`.
    fn allow(self) -> &'static str {
        match self {
            Self::Session(_, Way::Xhr | Way::Stream(Kind::Xhr) | Way::XhrSend | Way::JsonpSend) => {
                "POST, OPTIONS"
            }
            Self::Session(..) => "GET, OPTIONS",
            _ => "GET, HEAD, OPTIONS",
        }
    }
}

/// Answers a request to SockJS.
pub(crate) async fn answer(
    host: &Arc<Host>,
    path: &str,
    request: Request<Upload<'_>>,
    address: Address,
) -> Result<Answer, Refusal> {
    let nothing = || Refusal::NoSuchPath(path.to_owned());
    let rest = path.strip_prefix(PREFIX).ok_or_else(nothing)?;
    let (room, rest) = rest.split_once('/').unwrap_or((rest, ""));
    let resource = Resource::of(rest).filter(|_| room_name_is_valid(room));
    let resource = resource.ok_or_else(nothing)?;
    if matches!(resource, Resource::RawSocket | Resource::Socket) {
        check_handshake(resource.allow(), &request)?;
    } else {
        check_method(resource.allow(), request.method())?;
    }
    if request.method() == Method::OPTIONS {
        return Ok(Answer::Http(origin::options(resource.allow())));
    }
    match resource {
        Resource::Greeting => return Ok(Answer::Http(pages::greeting())),
        Resource::Info => return Ok(Answer::Http(pages::info(&host.ids))),
        Resource::Frame => return Ok(Answer::Http(pages::frame(request.headers()))),
        _ => {}
    }
    origin::check(request.headers(), &host.settings)?;
    let text = request.uri().query().unwrap_or("").to_owned();
    let query = Query::read(&text, &host.settings)?;
    let way = resource.way();
    let open = || Reading::open(&host.rooms, &host.settings, room, way, query, address);
    match resource {
        Resource::RawSocket => {
            let mut reading = open()?;
            reading.request = Some(Box::new(request.map(|_| ())));
            transport::answer(reading)
        }
        Resource::Socket => {
            let reply = upgrade::accept(&request, &host.settings)?;
            let opening = Opening::new(open()?);
            Ok(Answer::Session(reply, Box::new(opening)))
        }
        Resource::Session(id, way) => {
            let id = format!("{room}/{id}");
            match way {
                Way::XhrSend | Way::JsonpSend => {
                    send::answer(host, &id, request, way == Way::JsonpSend).await
                }
                _ => {
                    let carrier = stream::carrier(request.version());
                    receive(host, id, way, carrier, &text, open).await
                }
            }
        }
        Resource::Greeting | Resource::Info | Resource::Frame => Err(nothing()),
    }
}

/// Answers a request that receives. The first of a session opens it.
async fn receive(
    host: &Arc<Host>,
    id: String,
    way: Way,
    carrier: Carrier,
    text: &str,
    open: impl FnOnce() -> Result<Reading, crate::room::reason::Reason>,
) -> Result<Answer, Refusal> {
    let in_page = matches!(way, Way::Jsonp | Way::Stream(Kind::HtmlFile));
    let callback = if in_page {
        let key = if text.split('&').any(|pair| pair.starts_with("c=")) {
            "c"
        } else {
            "callback"
        };
        match CallbackParameters::read(text, key) {
            Ok(CallbackParameters {
                callback: Some(callback),
                ..
            }) => callback,
            Ok(_) => return Ok(pages::error("\"callback\" parameter required")),
            Err(_) => return Ok(pages::error("invalid \"callback\" parameter")),
        }
    } else {
        String::new()
    };
    let (session, is_new) = match host.sockjs.find(&id) {
        Some(session) => (session, false),
        None => (Session::open(host, id, &open()?)?, true),
    };
    match way {
        Way::Stream(kind) => Ok(stream::answer(session, is_new, kind, carrier, &callback)),
        Way::Jsonp => Ok(poll::answer(&session, is_new, Some(&callback)).await),
        _ => Ok(poll::answer(&session, is_new, None).await),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_behind_a_room() {
        for (path, resource) in [
            ("", Some(Resource::Greeting)),
            ("info", Some(Resource::Info)),
            ("iframe.html", Some(Resource::Frame)),
            ("iframe-1.6.1.html", Some(Resource::Frame)),
            ("websocket", Some(Resource::RawSocket)),
            ("000/abc/websocket", Some(Resource::Socket)),
            ("000/abc/xhr", Some(Resource::Session("abc", Way::Xhr))),
            ("iframe", None),
            ("000/abc", None),
            ("000/abc/", None),
            ("000/abc/nothing", None),
            ("000/abc/xhr/", None),
            ("/abc/xhr", None),
            ("000//xhr", None),
            ("0.0/abc/xhr", None),
            ("000/a.c/xhr", None),
        ] {
            assert_eq!(Resource::of(path), resource, "{path}");
        }
        let long = |length: usize| format!("000/{}/xhr", "a".repeat(length));
        assert!(Resource::of(&long(LONGEST_PART)).is_some());
        assert!(Resource::of(&long(LONGEST_PART + 1)).is_none());
    }
}
