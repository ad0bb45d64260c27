//! The recognition of a plain poll by its head.

use std::mem::MaybeUninit;

use httparse::{Header, Status};
use wire::Coding;

use crate::{
    address::Address,
    chat::Chat,
    http::{
        coding,
        head::{host_is_known, host_is_valid},
        origin,
        query::Query,
        route::Route,
    },
    settings::Compress,
    transport::reading::Reading,
};

/// The number of headers that a plain request has at most; hyper takes as many.
const HEADERS: usize = 100;

/// A head, in the distinction that the fast path needs.
pub(super) enum Head {
    /// A plain poll, and the number of bytes of its request.
    Poll(usize, Reading),
    /// The beginning of a head.
    Partial,
    /// Any other input, for hyper.
    Other,
}

/// Reads the head that `received` begins with.
pub(super) fn read_head(received: &[u8], chat: &Chat, address: Address) -> Head {
    let mut headers = [const { MaybeUninit::uninit() }; HEADERS];
    let mut request = httparse::Request::new(&mut []);
    match request.parse_with_uninit_headers(received, &mut headers) {
        Ok(Status::Complete(length)) => match plain_poll(&request, chat, address) {
            Some(reading) => Head::Poll(length, reading),
            None => Head::Other,
        },
        Ok(Status::Partial) => Head::Partial,
        Err(_) => Head::Other,
    }
}

/// Returns the poll that a request is; `None` if it is anything but a plain one.
fn plain_poll(
    request: &httparse::Request<'_, '_>,
    chat: &Chat,
    address: Address,
) -> Option<Reading> {
    let target = request.path?;
    let is_plain = request.method == Some("GET")
        && request.version == Some(1)
        && target.bytes().all(is_plain)
        && headers_are_plain(request.headers, chat);
    if !is_plain {
        return None;
    }
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let Ok(Route::Read(room, way)) = Route::of(path, false) else {
        return None;
    };
    if !way.polls() {
        return None;
    }
    // What is refused, hyper's way refuses again.
    let query = Query::read(query, &chat.settings).ok()?;
    let coding = match chat.settings.compress {
        Compress::Off => None,
        _ => coding_of(request.headers),
    };
    let reading = Reading::open(&chat.rooms, &chat.settings, room, way, query, address);
    reading.ok().map(|reading| Reading { coding, ..reading })
}

/// Returns the coding that a request asks for.
fn coding_of(headers: &[Header<'_>]) -> Option<Coding> {
    let is_it = |header: &&Header<'_>| header.name.eq_ignore_ascii_case("accept-encoding");
    coding::of_lines(headers.iter().filter(is_it).map(|header| header.value))
}

/// Returns whether a byte of a target means itself to every reader of it.
fn is_plain(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'?' | b'=' | b'&' | b'_' | b'.'
        | b'%' | b'+' | b'-' | b'~' | b'!' | b'$' | b'\'' | b'(' | b')' | b'*' | b',' | b';' | b':' | b'@')
}

/// Returns whether the headers change nothing about the answer to a poll: one
/// valid `Host` (RFC 9112, section 3.2), no body, no wish for the connection but
/// that it stays, and no page from elsewhere. All others mean nothing here.
fn headers_are_plain(headers: &[Header<'_>], chat: &Chat) -> bool {
    let (mut host, mut from, mut page) = (None, None, None);
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
            14 if is("content-length") => *value == b"0",
            14 if is("sec-fetch-site") => origin::site_is_own(value),
            17 => !is("transfer-encoding"),
            _ => true,
        };
        if !is_plain {
            return false;
        }
    }
    host.is_some_and(|host| {
        page.is_none_or(|page| origin::refers_to(page, host))
            && from.is_none_or(|from| origin::needs_no_grant(from, host, settings))
    })
}

/// Returns whether a `Host` is valid and one of this server's names.
fn host_is_right(host: &[u8], chat: &Chat) -> bool {
    if chat.usual_host.get().is_some_and(|usual| **usual == *host) {
        return true;
    }
    let is_right = host_is_valid(host) && host_is_known(host, &chat.settings);
    if is_right {
        // Whichever came first stays.
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
        let address = Address::of([127, 0, 0, 1].into());
        matches!(read_head(head.as_bytes(), &chat, address), Head::Poll(length, ..) if length == head.len())
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
}
