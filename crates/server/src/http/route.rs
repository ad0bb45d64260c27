//! The meaning of each path: the only place that knows the addresses.

use hyper::Method;
use wire::{Carrier, Way};

use crate::http::{
    page::{self, Asset},
    refusal::Refusal,
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
        let (room, what) = rest.split_once('/')?;
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
            // An opening handshake is a GET (RFC 6455, section 4.1).
            Self::Echo => "GET, OPTIONS",
            Self::Read(_, way) if way.carrier() == Carrier::Frame => "GET, OPTIONS",
            _ => "GET, HEAD, OPTIONS",
        }
    }

    /// Refuses a method that this route does not take.
    pub(crate) fn check(self, method: &Method) -> Result<(), Refusal> {
        check_method(self.allow(), method)
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
