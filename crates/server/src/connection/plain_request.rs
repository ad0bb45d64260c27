//! The recognition of plain requests by their heads: polls, polls of libraries' sessions, and
//! drafts.

use std::{mem::MaybeUninit, sync::Arc};

use httparse::{Header, Status};
use wire::Coding;

use crate::{
    address::Address,
    chat::Chat,
    connection::{
        plain_draft::PlainDraft,
        recall::{recall, remember},
    },
    http::{
        coding,
        head::{host_is_known, host_is_valid},
        origin,
        query::{Query, split_short},
        route::Route,
    },
    protocol::{self, held::Polled},
    room::Room,
    transport::reading::Reading,
};

/// The number of header lines that a plain request has at most; hyper reads those with more, if a
/// head may have more.
const HEADERS: usize = 100;
/// The beginning of every address in a room.
const ROOMS: &str = "/rooms/";

/// The head of a request, as far as the fast path distinguishes heads.
pub(super) enum Head {
    /// A plain request, and the number of its bytes.
    Plain(usize, Plain),
    /// The beginning of a head.
    Partial,
    /// Any other input, for hyper.
    Other,
}

/// A plain request.
pub(super) enum Plain {
    /// A poll.
    Poll(Reading),
    /// A poll of a library's session.
    Session(Arc<dyn Polled>),
    /// A draft.
    Draft(PlainDraft),
}

/// The client that sends requests, and the chat that it asks.
#[derive(Clone, Copy)]
pub(super) struct Asker<'a> {
    pub(super) chat: &'a Chat,
    pub(super) address: Address,
    /// The room that was last read.
    pub(super) room: Option<&'a Arc<Room>>,
}

/// Reads the head that `received` begins with.
pub(super) fn read_head(received: &[u8], asker: Asker<'_>) -> Head {
    if let Some((length, reading)) = recall(received, asker) {
        return Head::Plain(length, Plain::Poll(reading));
    }
    let mut headers = [const { MaybeUninit::uninit() }; HEADERS];
    let mut request = httparse::Request::new(&mut []);
    match request.parse_with_uninit_headers(received, &mut headers) {
        // hyper refuses it.
        Ok(Status::Complete(length)) if is_long(&request, length, asker.chat) => Head::Other,
        Ok(Status::Complete(length)) => match plain(&request, &received[length..], asker) {
            Some((content, plain)) => {
                if let Plain::Poll(reading) = &plain {
                    remember(&received[..length], asker.chat, reading);
                }
                Head::Plain(length + content, plain)
            }
            None => Head::Other,
        },
        Ok(Status::Partial) => Head::Partial,
        Err(_) => Head::Other,
    }
}

/// Returns whether a head of so many bytes is longer, or has more lines, than a head may.
fn is_long(request: &httparse::Request<'_, '_>, length: usize, chat: &Chat) -> bool {
    length > chat.settings.head_bytes || request.headers.len() > chat.settings.head_lines
}

/// Returns the request and the length of its content, with which `rest` begins; `None` if it is
/// anything but a plain request that came whole.
fn plain(
    request: &httparse::Request<'_, '_>,
    rest: &[u8],
    asker: Asker<'_>,
) -> Option<(usize, Plain)> {
    let (method, target) = (request.method?, request.path?);
    let is_plain =
        request.version == Some(1) && target.bytes().all(|byte| PLAIN[usize::from(byte)]);
    if !is_plain {
        return None;
    }
    let Asker { chat, address, .. } = asker;
    let length = content_length(request.headers, chat)?;
    let (path, query) = split_short(target, b'?').unwrap_or((target, ""));
    let in_room = path.starts_with(ROOMS);
    let plain = match method {
        "GET" if length > 0 => return None,
        "GET" if in_room => Plain::Poll(poll(path, query, request.headers, asker)?),
        "POST" if in_room => {
            let content = rest.get(..length)?;
            Plain::Draft(PlainDraft::read(path, query, content, chat, address)?)
        }
        "GET" | "POST" if length == 0 => {
            let host = &chat.host;
            Plain::Session(protocol::polled(host, method == "POST", path, query)?)
        }
        _ => return None,
    };
    Some((length, plain))
}

/// Reads the poll that a GET in a room makes; `None` if hyper has to read the request.
fn poll(path: &str, query: &str, headers: &[Header<'_>], asker: Asker<'_>) -> Option<Reading> {
    let Asker { chat, address, .. } = asker;
    let Ok(Route::Read(room, way)) = Route::of(path, false) else {
        return None;
    };
    if !way.polls() {
        return None;
    }
    let may = chat.settings.compress.may(Some(query));
    let coding = if may { coding_of(headers) } else { None };
    // A request that must be refused is left to hyper, and refused in `answer.rs`.
    let query = Query::read(query, &chat.settings).ok()?;
    let (rooms, settings, room) = (&chat.rooms, &chat.settings, (room, asker.room));
    let reading = Reading::open_known(rooms, settings, room, way, query, address);
    let mut reading = reading.ok()?;
    reading.coding = coding;
    Some(reading)
}

/// Returns the coding that a request asks for.
fn coding_of(headers: &[Header<'_>]) -> Option<Coding> {
    let is_it = |header: &&Header<'_>| header.name.eq_ignore_ascii_case("accept-encoding");
    coding::of_lines(headers.iter().filter(is_it).map(|header| header.value))
}

/// The table of the bytes that every parser of a target takes as they are, each as true. Each byte
/// of the target of each poll is looked up here.
const PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte = 0;
    while byte < plain.len() {
        plain[byte] = is_plain(byte as u8);
        byte += 1;
    }
    plain
};

/// Returns whether every parser of a target takes this byte as it is.
const fn is_plain(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'?' | b'=' | b'&' | b'_' | b'.'
        | b'%' | b'+' | b'-' | b'~' | b'!' | b'$' | b'\'' | b'(' | b')' | b'*' | b',' | b';' | b':' | b'@')
}

/// Returns the length of a request's content; `None` if its headers may change the answer. A plain
/// request has one valid `Host` (RFC 9112, section 3.2), at most one length, no coding of its
/// content, neither `Expect` nor `Upgrade`, and no `Connection` but `keep-alive`; and it comes from
/// no page of another site and from none that needs a grant. All other headers mean nothing here.
fn content_length(headers: &[Header<'_>], chat: &Chat) -> Option<usize> {
    let (mut host, mut from, mut page, mut length) = (None, None, None, None);
    let settings = &*chat.settings;
    for Header { name, value } in headers {
        let is = |other: &str| name.eq_ignore_ascii_case(other);
        // By length first, as most names differ in it.
        let is_plain = match name.len() {
            4 if is("host") => host.replace(*value).is_none() && host_is_right(value, chat),
            6 if is("origin") => from.replace(*value).is_none(),
            6 if is("accept") => !origin::wants_image(value),
            6 => !is("expect"),
            7 if is("referer") => page.replace(*value).is_none(),
            7 => !is("upgrade"),
            10 if is("connection") => value.eq_ignore_ascii_case(b"keep-alive"),
            14 if is("content-length") => match digits(value) {
                Some(given) => length.replace(given).is_none(),
                None => false,
            },
            14 if is("sec-fetch-site") => origin::site_is_own(value),
            // A draft with a coding is left to hyper, and refused with the reason in `answer.rs`.
            16 => !is("content-encoding"),
            17 => !is("transfer-encoding"),
            _ => true,
        };
        if !is_plain {
            return None;
        }
    }
    let is_own = host.is_some_and(|host| {
        page.is_none_or(|page| origin::refers_to(page, host))
            && from.is_none_or(|from| origin::needs_no_grant(from, host, settings))
    });
    is_own.then_some(length.unwrap_or(0))
}

/// Reads a number of at most nine digits, which is enough for any plain request; `None` for
/// everything else.
fn digits(value: &[u8]) -> Option<usize> {
    let is_number = matches!(value.len(), 1..=9) && value.iter().all(u8::is_ascii_digit);
    let add = |number: usize, digit: &u8| number * 10 + usize::from(digit - b'0');
    is_number.then(|| value.iter().fold(0, add))
}

/// Returns whether a `Host` is valid and one of this server's names.
fn host_is_right(host: &[u8], chat: &Chat) -> bool {
    if chat.usual_host.get().is_some_and(|usual| **usual == *host) {
        return true;
    }
    let is_right = host_is_valid(host) && host_is_known(host, &chat.settings);
    if is_right {
        // The first host that was found right stays.
        let _ = chat.usual_host.set(host.into());
    }
    is_right
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;

    fn is_plain(head: &str) -> bool {
        let settings = Settings {
            allow_origins: vec!["http://lane.test".into()],
            ..Settings::default()
        };
        let chat = Chat::new(settings).unwrap();
        let asker = Asker {
            chat: &chat,
            address: Address::of([127, 0, 0, 1].into()),
            room: None,
        };
        matches!(read_head(head.as_bytes(), asker), Head::Plain(length, _) if length == head.len())
    }

    /// Checks that a head is plain up to its longest and its most lines, and not beyond.
    #[test]
    fn a_head_that_is_too_long_is_not_plain() {
        let read = |settings: Settings, head: &str| {
            let chat = Chat::new(settings).unwrap();
            let asker = Asker {
                chat: &chat,
                address: Address::of([127, 0, 0, 1].into()),
                room: None,
            };
            matches!(read_head(head.as_bytes(), asker), Head::Plain(..))
        };
        let head = with(&format!("cookie: {}", "x".repeat(2000)));
        let bytes = |head_bytes| Settings {
            head_bytes,
            ..Settings::default()
        };
        assert!(read(bytes(head.len()), &head));
        assert!(!read(bytes(head.len() - 1), &head));
        let lines = |head_lines| Settings {
            head_lines,
            ..Settings::default()
        };
        // With the host.
        let head = with(&["x-more: 1"; 11].join("\r\n"));
        assert!(read(lines(12), &head));
        assert!(!read(lines(11), &head));
    }

    fn with(header: &str) -> String {
        format!("GET /rooms/a/poll?after=0 HTTP/1.1\r\nhost: x\r\n{header}\r\n\r\n")
    }

    #[test]
    fn a_header_that_means_nothing_keeps_a_poll_plain() {
        for header in [
            "authorization: Bearer x",
            "x-requested-with: XMLHttpRequest",
            "if-none-match: \"x\"",
            "origin: http://x",
            "dnt: 1",
            "pragma: no-cache",
            "range: bytes=0-1",
            "x-request-id: 7",
            "content-length: 0",
            "connection: keep-alive",
            "te: trailers",
            "sec-fetch-site: same-origin",
            "accept: */*",
            "referer: http://x/lessons",
            "priority: u=1",
        ] {
            assert!(is_plain(&with(header)), "{header}");
        }
        assert!(is_plain(&with(&format!("cookie: {}", "x".repeat(9000)))));
        assert!(is_plain(&with(&["x-more: 1"; 90].join("\r\n"))));
    }

    #[test]
    fn what_changes_the_answer_is_not_plain() {
        for header in [
            "connection: close",
            "connection: upgrade",
            "upgrade: websocket",
            "expect: 100-continue",
            "transfer-encoding: chunked",
            "content-length: 5",
            "origin: http://evil.test",
            "origin: http://lane.test",
            "origin: null",
            "host: x",
            "sec-fetch-site: cross-site",
            "sec-fetch-site: same-site",
            "accept: image/avif,*/*",
            "referer: http://evil.test/",
        ] {
            assert!(!is_plain(&with(header)), "{header}");
        }
        for head in [
            with("x: 1").replace("HTTP/1.1", "HTTP/1.0"),
            with("x: 1").replace("host: x\r\n", ""),
            with("x: 1").replace("host: x\r\n", "host: a b\r\n"),
            with("x: 1").replace("host: x\r\n", "host: evil.test\r\n"),
            with("x: 1").replace("GET", "HEAD"),
            with("x: 1").replace("/poll", "/people"),
            with("x: 1").replace("after=0", "after=x"),
        ] {
            assert!(!is_plain(&head), "{head}");
        }
    }

    fn draft(header: &str) -> String {
        format!(
            "POST /rooms/a/messages HTTP/1.1\r\nhost: x\r\n{header}\r\n\r\n{{\"from\":\"ann\"}}"
        )
    }

    #[test]
    fn a_draft_is_plain_if_it_came_whole() {
        for header in [
            "content-length: 14",
            "Content-Length: 014\r\ncontent-type: application/json",
            "content-length: 14\r\norigin: http://x",
            "content-length: 14\r\nconnection: Keep-Alive",
        ] {
            assert!(is_plain(&draft(header)), "{header}");
        }
        let with_person = draft("content-length: 14").replace("messages", "messages?person=p");
        assert!(is_plain(&with_person));
        for header in [
            // Cut, and with more behind it.
            "content-length: 15",
            "content-length: 13",
            "x: 1",
            "content-length: 14\r\ncontent-length: 14",
            "content-length: +14",
            "content-length: 14, 14",
            "content-length:",
            "content-length: 99999999999999999999",
            "transfer-encoding: chunked",
            "content-length: 14\r\nexpect: 100-continue",
            "content-length: 14\r\ncontent-encoding: gzip",
            "content-length: 14\r\nconnection: close",
            "content-length: 14\r\norigin: http://lane.test",
            "content-length: 14\r\nsec-fetch-site: cross-site",
        ] {
            assert!(!is_plain(&draft(header)), "{header}");
        }
        let whole = draft("content-length: 14");
        for other in [
            whole.replace("POST", "PUT"),
            whole.replace("HTTP/1.1", "HTTP/1.0"),
            whole.replace("messages", "leave"),
            whole.replace("messages", "messages?person=a%20b"),
        ] {
            assert!(!is_plain(&other), "{other}");
        }
    }
}
