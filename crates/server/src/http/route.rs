//! The meaning of each path: the only place that knows the addresses.

use hyper::{Method, Request};
use wire::{Carrier, Way};

use crate::http::{
    page::{self, Asset},
    query::split_short,
    refusal::Refusal,
    upgrade::is_extended,
};

/// The meaning of a path.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Route<'a> {
    /// A file of the page.
    Page(&'static Asset),
    /// The question whether the server is alive.
    Live,
    /// The question whether the server takes drafts.
    Ready,
    /// The echo of WebSocket messages.
    Echo,
    /// A draft for this room.
    Say(&'a str),
    /// A person who leaves this room.
    Leave(&'a str),
    /// The list of people in this room.
    People(&'a str),
    /// A reader of this room by script.
    Jsonp(&'a str),
    /// A reader of this room by a page that never ends.
    Iframe(&'a str),
    /// A reader of this room.
    Read(&'a str, Way),
}

impl<'a> Route<'a> {
    /// Returns the meaning of `path`; `/echo` has one only if `echo` is set.
    pub(crate) fn of(path: &'a str, echo: bool) -> Result<Self, Refusal> {
        let route = match path {
            "/healthz" | "/healthz/live" => Some(Self::Live),
            "/healthz/ready" => Some(Self::Ready),
            "/echo" if echo => Some(Self::Echo),
            _ => match path.strip_prefix("/rooms/") {
                Some(rest) => Self::in_room(rest),
                None => page::asset(path).map(Self::Page),
            },
        };
        route.ok_or_else(|| Refusal::NoSuchPath(path.to_owned()))
    }

    fn in_room(rest: &'a str) -> Option<Self> {
        let (room, what) = split_short(rest, b'/')?;
        if !wire::room_name_is_valid(room) {
            return None;
        }
        match what {
            "messages" => Some(Self::Say(room)),
            "jsonp" => Some(Self::Jsonp(room)),
            "iframe" => Some(Self::Iframe(room)),
            "people" => Some(Self::People(room)),
            "leave" => Some(Self::Leave(room)),
            way => Way::from_path(way).map(|way| Self::Read(room, way)),
        }
    }

    /// Returns the methods that this route takes, in the form of `Allow`.
    pub(crate) fn allow(self) -> &'static str {
        match self {
            Self::Say(_) | Self::Leave(_) => "POST, OPTIONS",
            // HEAD is where GET is (RFC 9110, section 9.1); at a WebSocket both are asked to upgrade.
            _ => "GET, HEAD, OPTIONS",
        }
    }

    /// Refuses a method that this route does not take.
    pub(crate) fn check(self, request: &Request<impl Sized>) -> Result<(), Refusal> {
        match self {
            Self::Echo => check_handshake(self.allow(), request),
            Self::Read(_, way) if way.carrier() == Carrier::Frame => {
                check_handshake(self.allow(), request)
            }
            _ => check_method(self.allow(), request.method()),
        }
    }
}

/// Refuses a method that is not among those that `allow` lists.
pub(crate) fn check_method(allow: &'static str, method: &Method) -> Result<(), Refusal> {
    if allow.split(", ").any(|allowed| allowed == method.as_str()) {
        return Ok(());
    }
    let method = method.to_string();
    Err(Refusal::Method { method, allow })
}

/// Refuses a method that the address of a WebSocket does not take: it takes the handshake of HTTP/2 as
/// well, which stands for a GET.
pub(crate) fn check_handshake(
    allow: &'static str,
    request: &Request<impl Sized>,
) -> Result<(), Refusal> {
    if is_extended(request) {
        return Ok(());
    }
    check_method(allow, request.method())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        let of = |path| Route::of(path, false).ok();
        assert_eq!(of("/rooms/a/messages"), Some(Route::Say("a")));
        assert_eq!(of("/rooms/a/sse"), Some(Route::Read("a", Way::Sse)));
        assert!(matches!(of("/"), Some(Route::Page(_))));
        for nothing in [
            "/echo",
            "/rooms",
            "/rooms/",
            "/rooms/a",
            "/rooms/a/",
            "/rooms//poll",
            "/rooms/a%20b/poll",
            "/rooms/a/poll/",
            "/rooms/a/b/poll",
            "/rooms/a/Poll",
            "*",
            "",
        ] {
            assert_eq!(of(nothing), None, "{nothing}");
        }
        assert_eq!(Route::of("/echo", true).ok(), Some(Route::Echo));
    }
}
