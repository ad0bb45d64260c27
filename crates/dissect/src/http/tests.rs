//! Routes, lengths and upgrades of single heads.

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
        (
            "/sockjs/a/000/s/jsonp?c=_jp.a",
            false,
            Route::Fetch(Protocol::SockjsInPage),
        ),
        (
            "/sockjs/a/000/s/jsonp_send",
            true,
            Route::Post(Protocol::SockjsInPage),
        ),
        (
            "/sockjs/a/000/s/htmlfile",
            false,
            Route::Frames(Protocol::SockjsInPage, Framing::Ndjson),
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
    // Of a request this is refused, of a response it is read over (RFC 9112 section 5.1).
    assert_eq!(parse("Content-Length : 5\r\n"), Ok(Length::Bytes(5)));
    let request = RequestHead::parse(b"POST / HTTP/1.1\r\nContent-Length : 5\r\n\r\n");
    assert_eq!(request.map(|head| head.length), Err(Reason::RequestHead));
    assert_eq!(parse("Transfer-Encoding: Chunked\r\n"), Ok(Length::Chunked));
    // Likewise a line that goes on behind its end (section 5.2).
    for folded in [
        "A: b\r\n c\r\nContent-Length:\r\n\t5 \r\n",
        "Content-Length: 5,\r\n 5\r\n",
    ] {
        assert_eq!(parse(folded), Ok(Length::Bytes(5)), "{folded}");
    }
    let request = RequestHead::parse(b"POST / HTTP/1.1\r\nContent-Length:\r\n 5\r\n\r\n");
    assert_eq!(request.map(|head| head.length), Err(Reason::RequestHead));
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

/// Checks that of a server that is not ours chunks count more than a length beside them, as for clients
/// (RFC 9112 section 6.3); lengths that differ are none.
#[test]
fn lengths_of_responses_of_other_servers() {
    let parse = |fields: &str| {
        let head = format!("HTTP/1.1 200 OK\r\n{fields}\r\n");
        ResponseHead::parse(head.as_bytes(), false, true).map(|head| head.length)
    };
    assert_eq!(parse(""), Ok(Length::Open));
    assert_eq!(parse("Content-Length: 5\r\n"), Ok(Length::Bytes(5)));
    for both in [
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
    ] {
        assert_eq!(parse(both), Ok(Length::Chunked), "{both}");
    }
    let two = "Content-Length: 5\r\nContent-Length: 6\r\n";
    assert_eq!(parse(two), Err(Reason::BodyLength));
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

#[test]
fn a_list_of_codings_names_one_unless_all_are_identity() {
    for (lines, is) in [
        ("", false),
        ("Content-Encoding: Identity\r\n", false),
        ("Content-Encoding: identity, identity\r\n", false),
        ("Content-Encoding:\r\n", false),
        ("Content-Encoding: identity, gzip\r\n", true),
        (
            "Content-Encoding: identity\r\nContent-Encoding: br\r\n",
            true,
        ),
    ] {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n{lines}\r\n");
        let parsed = ResponseHead::parse(head.as_bytes(), false, false).unwrap();
        assert_eq!(parsed.encoded, is, "{lines}");
    }
}
