//! Tests of the bytes that a buffering proxy passes on, and of the moment at which it does.

use proptest::prelude::*;

use super::*;

const CHUNKED_HEAD: &[u8] = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";

fn feed(hold: &mut Hold, bytes: impl AsRef<[u8]>) -> String {
    String::from_utf8(hold.feed(bytes.as_ref()).into_owned()).unwrap()
}

#[test]
fn without_buffering_everything_passes() {
    let mut hold = Hold::new(Buffering::None);
    assert_eq!(feed(&mut hold, "HTTP/1.1 200"), "HTTP/1.1 200");
}

#[test]
fn complete_answers_are_counted_and_nothing_is_kept_back() {
    let mut hold = Hold::following(Buffering::None);
    let mut count = |bytes: &str| {
        let passed = feed(&mut hold, bytes);
        (passed == bytes, hold.answers())
    };
    let interim = "HTTP/1.1 100 Continue\r\n\r\n";
    assert_eq!(count(interim), (true, 0));
    assert_eq!(count("HTTP/1.1 204 No Content\r\n\r\n"), (true, 1));
    assert_eq!(
        count("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhe"),
        (true, 1)
    );
    assert_eq!(count("llo"), (true, 2));
    assert_eq!(count(std::str::from_utf8(CHUNKED_HEAD).unwrap()), (true, 2));
    assert_eq!(count("1\r\nx\r\n"), (true, 2));
    assert_eq!(count("0\r\n\r\n"), (true, 3));
    assert_eq!(count("HTTP/1.1 101 Switching Protocols\r\n\r\n"), (true, 3));
    assert_eq!(count("HTTP/1.1 204 No Content\r\n\r\n"), (true, 3));
}

#[test]
fn a_response_waits_until_it_is_complete() {
    let mut hold = Hold::new(Buffering::Response);
    assert_eq!(
        feed(&mut hold, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"),
        ""
    );
    assert_eq!(feed(&mut hold, "hell"), "");
    assert_eq!(
        feed(&mut hold, "oHTTP/1.1 2"),
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
    );
    assert_eq!(
        feed(&mut hold, "01 Created\r\ncontent-length: 0\r\n\r\n"),
        "HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n"
    );
}

#[test]
fn a_stream_waits_for_ever_or_until_it_ends() {
    let mut hold = Hold::new(Buffering::Response);
    assert_eq!(feed(&mut hold, CHUNKED_HEAD), "");
    for _ in 0..1000 {
        assert_eq!(feed(&mut hold, "A;x=y\r\n0123456789\r\n"), "");
    }
    let end = feed(&mut hold, "0\r\ntrailer: 1\r\n\r\n");
    assert_eq!(end.len(), CHUNKED_HEAD.len() + 1000 * 19 + 17);
    assert!(hold.finish().is_empty());
}

#[test]
fn a_stream_passes_in_lumps_of_the_buffer() {
    let mut hold = Hold::new(Buffering::Bytes(100));
    assert_eq!(feed(&mut hold, CHUNKED_HEAD), ""); // 47 bytes
    assert_eq!(feed(&mut hold, "14\r\nabcdefghijklmnopqrst\r\n"), ""); // 73
    assert_eq!(feed(&mut hold, "14\r\nabcdefghijklmnopqrst\r"), ""); // 98
    assert_eq!(feed(&mut hold, "\n"), ""); // 99
    assert_eq!(feed(&mut hold, "1").len(), 100);
    assert_eq!(feed(&mut hold, "4\r\nabcdefghijklmnopqrst\r\n"), "");
    assert_eq!(hold.finish().len(), 25);
}

#[test]
fn nothing_gathers_beyond_the_limit() {
    let mut hold = Hold::new(Buffering::Response);
    assert_eq!(feed(&mut hold, "HTTP/1.1 200 OK\r\n\r\n"), "");
    let body = vec![b'x'; HOLD_LIMIT];
    assert_eq!(feed(&mut hold, &body).len(), HOLD_LIMIT + 19);
}

#[test]
fn websocket_is_never_kept_back() {
    for buffering in [Buffering::Bytes(1 << 16), Buffering::Response] {
        let mut hold = Hold::new(buffering);
        let head = "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\n\r\n";
        assert_eq!(feed(&mut hold, head), head);
        assert_eq!(feed(&mut hold, "\u{1}"), "\u{1}");
        assert_eq!(
            feed(&mut hold, "HTTP/1.1 200 OK\r\n"),
            "HTTP/1.1 200 OK\r\n"
        );
    }
}

#[test]
fn what_needs_no_body_is_complete_with_its_head() {
    let mut hold = Hold::new(Buffering::Response);
    for head in [
        "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n",
    ] {
        assert_eq!(feed(&mut hold, head), head);
    }
}

#[test]
fn what_is_not_http_passes() {
    for odd in [
        "SSH-2.0-x\r\n".to_owned(),
        "HTTP/1.1 200 OK\r\ncontent-length: -3\r\n\r\n".to_owned(),
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nfffffffffffffffff".to_owned(),
        format!("HTTP/1.1 200 OK\r\nx: {}", "y".repeat(HEAD_LIMIT)),
    ] {
        let mut hold = Hold::new(Buffering::Response);
        assert_eq!(feed(&mut hold, &odd), odd);
        assert_eq!(feed(&mut hold, "more"), "more");
    }
}

/// Makes a few responses, one behind the other.
fn responses() -> impl Strategy<Value = Vec<u8>> {
    let body = prop::collection::vec(any::<u8>(), 0..200);
    let sized = body.clone().prop_map(|body| {
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
        [head.into_bytes(), body].concat()
    });
    let chunked = prop::collection::vec(body, 0..4).prop_map(|bodies| {
        let mut bytes = CHUNKED_HEAD.to_vec();
        for body in bodies.iter().filter(|body| !body.is_empty()) {
            bytes.extend(format!("{:x}\r\n", body.len()).into_bytes());
            bytes.extend_from_slice(body);
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(b"0\r\n\r\n");
        bytes
    });
    prop::collection::vec(prop_oneof![sized, chunked], 0..5).prop_map(|parts| parts.concat())
}

/// Feeds `bytes` in pieces. Returns the bytes passed on, and the largest number kept back.
fn in_pieces(hold: &mut Hold, bytes: &[u8], sizes: &[usize]) -> (Vec<u8>, usize) {
    let (mut out, mut rest, mut most) = (Vec::new(), bytes, 0);
    let mut sizes = sizes.iter().cycle();
    while !rest.is_empty() {
        let size = sizes.next().map_or(1, |size| *size).min(rest.len());
        let (piece, after) = rest.split_at(size);
        out.extend_from_slice(&hold.feed(piece));
        most = most.max(hold.read);
        rest = after;
    }
    (out, most)
}

proptest! {
    #[test]
    fn complete_responses_pass_whole_however_they_are_cut(
        bytes in responses(),
        sizes in prop::collection::vec(1..300_usize, 1..20),
        limit in 1..2000_usize,
    ) {
        let mut hold = Hold::new(Buffering::Bytes(limit));
        let (out, most) = in_pieces(&mut hold, &bytes, &sizes);
        prop_assert!(most < limit);
        prop_assert_eq!(out, bytes);
        prop_assert!(hold.held.is_empty());
        prop_assert_eq!(hold.state, State::Head);
    }

    #[test]
    fn no_byte_is_lost_or_moved_whatever_comes(
        bytes in prop::collection::vec(any::<u8>(), 0..500),
        head in prop::sample::select(vec![&b""[..], b"HTTP/1.1 200 OK\r\n\r\n", CHUNKED_HEAD]),
        sizes in prop::collection::vec(1..50_usize, 1..20),
        limit in 1..200_usize,
    ) {
        let bytes = [head, &bytes].concat();
        let mut hold = Hold::new(Buffering::Bytes(limit));
        let (mut out, _) = in_pieces(&mut hold, &bytes, &sizes);
        out.extend(hold.finish());
        prop_assert_eq!(out, bytes);
    }
}
