//! The errors of RFC 9113 that a client can send: each ends its own stream or its own connection,
//! and disturbs nobody else.

use super::*;

const PRIORITY: u8 = 2;
const PUSH_PROMISE: u8 = 5;
const PING: u8 = 6;
/// A kind that no RFC has given away.
const UNKNOWN: u8 = 0xbb;
const ACK: u8 = 1;
const PADDED: u8 = 8;

/// The stream of the request behind each error, which nothing may answer.
const BEHIND: u32 = 101;

/// The fate of a stream.
#[derive(Debug, PartialEq, Eq)]
enum End {
    /// It has an answer, whose head begins with this byte: its status.
    Answered(u8),
    /// It was reset.
    Reset,
    /// The connection was ended.
    Connection,
}

impl Client {
    /// Reads until a stream has an answer or is reset, or until the connection ends. A GOAWAY without
    /// an error is no end.
    async fn end_of(&mut self, stream: u32) -> End {
        while let Some(frame) = self.frame().await {
            match frame.kind {
                GO_AWAY if frame.payload[4..8] != [0; 4] => return End::Connection,
                HEADERS if frame.stream == stream => return End::Answered(frame.payload[0]),
                RESET if frame.stream == stream => return End::Reset,
                _ => {}
            }
        }
        End::Connection
    }
}

/// Returns a frame of one setting.
fn setting(number: u16, value: u32) -> Vec<u8> {
    let payload = [&number.to_be_bytes()[..], &value.to_be_bytes()].concat();
    frame(SETTINGS, 0, 0, &payload)
}

/// Returns the head of a request for a poll, without its end.
fn begun(flags: u8, stream: u32) -> Vec<u8> {
    let fields = fields(0x82, "/rooms/a/poll?after=0", "127.0.0.1");
    frame(HEADERS, flags, stream, &fields)
}

/// Returns a whole head whose block is these bytes.
fn head(block: &[u8]) -> Vec<u8> {
    frame(HEADERS, END_STREAM | END_HEADERS, 1, block)
}

/// Returns fields as literals, without a table and without Huffman coding (RFC 7541, section 6.2.2).
fn block(fields: &[(&str, &str)]) -> Vec<u8> {
    let text = |text: &str| [&[text.len() as u8][..], text.as_bytes()].concat();
    let literal = |(name, value): &(&str, &str)| [vec![0], text(name), text(value)].concat();
    fields.iter().flat_map(literal).collect()
}

/// An error, by its section of RFC 9113 or RFC 7541, and the bytes that make it.
type Fault = (&'static str, Vec<u8>);

/// Returns the errors of frames that end a connection.
fn of_frames() -> Vec<Fault> {
    let promise = frame(PUSH_PROMISE, END_HEADERS, 1, &[0, 0, 0, 2, 0x82]);
    let long_poll = asks(1, "/rooms/a/long-poll?after=0&hold=60");
    let short_reset = [long_poll, frame(RESET, 0, 1, &[0; 3])].concat();
    let padded = frame(DATA, PADDED, 1, &[5, b'x']);
    vec![
        ("4.2 a long frame", frame(UNKNOWN, 0, 0, &[0; 16_385])),
        ("6.1 data of no stream", frame(DATA, 0, 0, b"x")),
        ("6.1 data of an idle stream", frame(DATA, 0, 1, b"x")),
        ("6.1 more padding than content", padded),
        ("6.4 a reset of no stream", frame(RESET, 0, 0, &[0; 4])),
        ("6.4 a reset of an idle stream", frame(RESET, 0, 1, &[0; 4])),
        ("6.4 a reset of three bytes", short_reset),
        ("6.6 a promise by a client", promise),
        ("6.7 a ping of seven bytes", frame(PING, 0, 0, &[0; 7])),
        ("6.7 a ping of a stream", frame(PING, 0, 1, &[0; 8])),
    ]
}

/// Returns the errors of settings and windows, each of which ends a connection.
fn of_settings() -> Vec<Fault> {
    let largest = 0x7fff_ffff_u32.to_be_bytes();
    vec![
        ("6.5 settings of a stream", frame(SETTINGS, 0, 1, &[])),
        ("6.5 settings of five bytes", frame(SETTINGS, 0, 0, &[0; 5])),
        ("6.5 settings in ACK", frame(SETTINGS, ACK, 0, &[0; 6])),
        ("6.5.2 a push neither on nor off", setting(2, 2)),
        ("6.5.2 a window of 2^31", setting(4, 1 << 31)),
        ("6.5.2 frames of one byte", setting(5, 1)),
        ("6.9 a window wider by 0", frame(WINDOW, 0, 0, &[0; 4])),
        ("6.9 a window in three bytes", frame(WINDOW, 0, 0, &[0; 3])),
        ("6.9.1 a window beyond 2^31", frame(WINDOW, 0, 0, &largest)),
    ]
}

/// Returns the errors of heads and their compression, each of which ends a connection.
fn of_heads() -> Vec<Fault> {
    let nothing = frame(CONTINUATION, END_HEADERS, 1, b"");
    let ping_within = [begun(END_STREAM, 1), frame(PING, 0, 0, &[0; 8])].concat();
    vec![
        (
            "6.2 a head of no stream",
            begun(END_STREAM | END_HEADERS, 0),
        ),
        (
            "5.1.1 a head of stream 2",
            begun(END_STREAM | END_HEADERS, 2),
        ),
        ("6.10 a continuation of nothing", nothing),
        ("6.10 a ping within a head", ping_within),
        ("RFC 7541, 6.1 field 0", head(&[0x80])),
        ("RFC 7541, 2.3.3 field 255", head(&[0xff, 0x80, 0x01])),
        (
            "RFC 7541, 6.3 a large table",
            head(&[0x3f, 0xe1, 0xff, 0x03]),
        ),
    ]
}

#[tokio::test]
async fn an_error_of_a_connection_ends_that_one_and_no_other() {
    let server = Server::start();
    let mut other = Client::connect(&server, &[]).await;
    let all = [of_frames(), of_settings(), of_heads()].concat();
    for (number, (name, bytes)) in (0_u32..).zip(all) {
        let mut client = Client::connect(&server, &[]).await;
        let sent = [bytes, asks(BEHIND, "/rooms/a/poll?after=0")].concat();
        // The server may have closed before it has read all of it.
        let _ = soon(client.0.write_all(&sent)).await;
        assert_eq!(client.end_of(BEHIND).await, End::Connection, "{name}");
        let stream = 2 * number + 1;
        other.send(&asks(stream, "/rooms/a/poll?after=0")).await;
        assert_eq!(other.answer(stream).await.0, OK, "{name}");
    }
}

/// Returns requests that are none (RFC 9113, sections 8.1 to 8.3): the fields of each.
fn malformed() -> Vec<Fault> {
    let usual = [
        (":method", "GET"),
        (":scheme", "http"),
        (":path", "/rooms/a/poll?after=0"),
        (":authority", "127.0.0.1"),
    ];
    let and = |name, value| block(&[&usual[..], &[(name, value)]].concat());
    let without = |name: &str| {
        let kept: Vec<_> = usual.into_iter().filter(|(own, _)| *own != name).collect();
        block(&kept)
    };
    let late = [&[usual[0], usual[1], ("x", "y")][..], &usual[2..]].concat();
    let no_path = [usual[0], usual[1], (":path", ""), usual[3]];
    vec![
        ("8.2.1 a name in capitals", and("X-Loud", "1")),
        ("8.2.1 a value of two lines", and("x", "a\r\nb")),
        (
            "8.2.2 a field about the connection",
            and("connection", "close"),
        ),
        ("8.2.2 chunks", and("transfer-encoding", "chunked")),
        ("8.2.2 another TE than trailers", and("te", "gzip")),
        ("8.3 a field of answers", and(":status", "200")),
        ("8.3 a field that nobody knows", and(":odd", "x")),
        ("8.3 the same field twice", and(":path", "/rooms/b/poll")),
        ("8.3 a field before those of the request", block(&late)),
        ("8.3.1 no method", without(":method")),
        ("8.3.1 no scheme", without(":scheme")),
        ("8.3.1 no path", without(":path")),
        ("8.3.1 an empty path", block(&no_path)),
    ]
}

#[tokio::test]
async fn a_request_that_is_none_is_not_served() {
    let server = Server::start();
    let mut other = Client::connect(&server, &[]).await;
    for (number, (name, block)) in (0_u32..).zip(malformed()) {
        let mut client = Client::connect(&server, &[]).await;
        client.send(&head(&block)).await;
        let end = client.end_of(1).await;
        assert_ne!(end, End::Answered(OK), "{name}");
        let stream = 2 * number + 1;
        other.send(&asks(stream, "/rooms/a/poll?after=0")).await;
        assert_eq!(other.answer(stream).await.0, OK, "{name}");
    }
}

/// Checks that a stream that is older than another is no new one, and that content ends where its
/// length says (RFC 9113, sections 5.1.1 and 8.1.1).
#[tokio::test]
async fn streams_come_in_order_and_contents_whole() {
    let server = Server::start();
    let mut client = Client::connect(&server, &[]).await;
    client.send(&asks(5, "/rooms/a/poll?after=0")).await;
    assert_eq!(client.answer(5).await.0, OK);
    let _ = soon(client.0.write_all(&asks(3, "/rooms/a/poll?after=0"))).await;
    assert_ne!(client.end_of(3).await, End::Answered(OK));

    let draft = br#"{"from":"ann","text":"cut"}"#;
    for length in [draft.len() + 1, draft.len() - 1] {
        let mut client = Client::connect(&server, &[]).await;
        let length = length.to_string();
        let block = block(&[
            (":method", "POST"),
            (":scheme", "http"),
            (":path", "/rooms/a/messages"),
            (":authority", "127.0.0.1"),
            ("content-length", length.as_str()),
        ]);
        let opened = frame(HEADERS, END_HEADERS, 1, &block);
        let all = [opened, frame(DATA, END_STREAM, 1, draft)].concat();
        client.send(&all).await;
        client.end_of(1).await;
    }
    let said = server.get("/rooms/a/poll?after=0").await.json();
    assert_eq!(said["next"], 0, "a draft that was cut was taken: {said}");
}

/// Checks that what a receiver has to pass over is passed over (RFC 9113, sections 4.1, 5.1, 5.5, 6.3
/// and 6.5.2).
#[tokio::test]
async fn what_is_to_be_ignored_is_ignored() {
    let server = Server::start();
    let mut client = Client::connect(&server, &[]).await;
    let harmless = [
        frame(UNKNOWN, 0xff, 0, b"whatever"),
        frame(UNKNOWN, 0xff, 1, b"whatever"),
        frame(PRIORITY, 0, 1, &[0, 0, 0, 0, 15]),
        frame(PING, ACK, 0, &[7; 8]),
        setting(0x4a4a, 1),
    ];
    client.send(&harmless.concat()).await;
    client.send(&asks(1, "/rooms/a/poll?after=0")).await;
    assert_eq!(client.answer(1).await.0, OK);
    // Of a stream that is over.
    client.send(&frame(WINDOW, 0, 1, &[0, 0, 0, 1])).await;
    client.send(&frame(PING, 0, 0, &[9; 8])).await;
    let answered = async {
        loop {
            let frame = client.frame().await.expect("an answer to the ping");
            if frame.kind == PING && frame.flags == ACK && frame.payload == [9; 8] {
                return;
            }
        }
    };
    soon(answered).await;
    client.send(&asks(3, "/rooms/a/poll?after=0")).await;
    assert_eq!(client.answer(3).await.0, OK);
}
