//! The kind of a request, and the person it belongs to, both from its first line.

use serde::Serialize;

use wire::Way;

/// The kind of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum What {
    /// The request reads a room over this transport.
    Read(Way),
    /// The request publishes a draft.
    Say,
    /// The request asks who is present, or leaves.
    Presence,
    /// The request is a browser's preflight: whether a page from another port may send a request.
    Preflight,
    /// The request is for the page's own files or channel: no part of the chat, and not counted.
    Page,
}

/// A request, as described by its first line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) what: What,
    /// The token of the person who sent the request.
    pub(crate) person: Option<String>,
}

impl Request {
    /// Reads the first line of a head. A line that cannot be read counts as a page's.
    pub(crate) fn parse(head: &[u8]) -> Self {
        let line = head.split(|&byte| byte == b'\r').next().unwrap_or(head);
        let line = String::from_utf8_lossy(line);
        let mut words = line.split(' ');
        let method = words.next().unwrap_or("").to_owned();
        let target = words.next().unwrap_or("").to_owned();
        let (path, query) = target.split_once('?').unwrap_or((target.as_str(), ""));
        let person = form_urlencoded::parse(query.as_bytes())
            .find(|(key, _)| key == "person")
            .map(|(_, token)| token.into_owned())
            .filter(|token| wire::room_name_is_valid(token));
        let what = if method == "OPTIONS" && path.starts_with("/rooms/") {
            What::Preflight
        } else {
            what(path)
        };
        Self {
            method,
            target,
            what,
            person,
        }
    }
}

fn what(path: &str) -> What {
    if of_a_library(path) {
        return What::Read(Way::Websocket);
    }
    let Some((_, last)) = path
        .strip_prefix("/rooms/")
        .and_then(|rest| rest.split_once('/'))
    else {
        return What::Page;
    };
    match last {
        "messages" => What::Say,
        "people" | "leave" => What::Presence,
        way => Way::from_path(way).map_or(What::Page, What::Read),
    }
}

/// Returns whether a path is that of a library's WebSocket, the only one of its ways that a lane
/// reads over.
fn of_a_library(path: &str) -> bool {
    let is_sockjs = path.starts_with("/sockjs/") && path.ends_with("/websocket");
    path == "/socket.io/" || is_sockjs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_tells() {
        let request = Request::parse(b"GET /rooms/hall/sse?name=a&person=p-1 HTTP/1.1\r\nHost: x");
        assert_eq!(request.what, What::Read(Way::Sse));
        assert_eq!(request.person.as_deref(), Some("p-1"));
        for (line, what) in [
            ("OPTIONS /rooms/hall/messages HTTP/1.1", What::Preflight),
            ("POST /rooms/hall/messages HTTP/1.1", What::Say),
            ("GET /classroom/channel HTTP/1.1", What::Page),
            ("GET /page/poll HTTP/1.1", What::Page),
            (
                "GET /socket.io/?EIO=4&transport=websocket&person=p HTTP/1.1",
                What::Read(Way::Websocket),
            ),
            (
                "GET /sockjs/hall/000/a/websocket HTTP/1.1",
                What::Read(Way::Websocket),
            ),
            ("GET /sockjs/hall/info HTTP/1.1", What::Page),
            ("GET /rooms/hall HTTP/1.1", What::Page),
            ("\u{1}\u{2}", What::Page),
            ("", What::Page),
        ] {
            assert_eq!(Request::parse(line.as_bytes()).what, what, "{line}");
        }
        let hostile = Request::parse(b"GET /rooms/hall/ws?person=a%20b HTTP/1.1\r\n");
        assert_eq!(hostile.person, None);
    }
}
