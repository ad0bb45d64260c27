//! Tests of exact figures: the numbers of bytes in published claims and in the standards.

use dissect::{Direction::*, Layer, Ledger, Purpose};
use wire::{Event, Framing, Kind};

use crate::talk::*;

/// The exchange of the Kaazing article of 2009, a header a line. Its status
/// line is printed with `HTTP/1.x`, as a browser plug-in of that time showed
/// it; on the wire it was as long.
const KAAZING_UP: [&str; 11] = [
    "GET /PollingStock//PollingStock HTTP/1.1",
    "Host: localhost:8080",
    "User-Agent: Mozilla/5.0 (Windows; U; Windows NT 5.1; en-US; rv:1.9.1.5) Gecko/20091102 Firefox/3.5.5",
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language: en-us",
    "Accept-Encoding: gzip,deflate",
    "Accept-Charset: ISO-8859-1,utf-8;q=0.7,*;q=0.7",
    "Keep-Alive: 300",
    "Connection: keep-alive",
    "Referer: http://www.example.com/PollingStock/",
    "Cookie: showInheritedConstant=false; showInheritedProtectedConstant=false; showInheritedProperty=false; showInheritedProtectedProperty=false; showInheritedMethod=false; showInheritedProtectedMethod=false; showInheritedEvent=false; showInheritedStyle=false; showInheritedEffect=false",
];
const KAAZING_DOWN: [&str; 6] = [
    "HTTP/1.x 200 OK",
    "X-Powered-By: Servlet/2.5",
    "Server: Sun Java System Application Server 9.1_02",
    "Content-Type: text/html;charset=UTF-8",
    "Content-Length: 21",
    "Date: Sat, 07 Nov 2009 00:32:46 GMT",
];

fn head(lines: &[&str]) -> String {
    lines.join("\r\n").replace("HTTP/1.x", "HTTP/1.1") + "\r\n\r\n"
}

fn http_heads(ledger: &Ledger) -> (u64, u64) {
    (
        ledger.layer(Up, Layer::HttpHead),
        ledger.layer(Down, Layer::HttpHead),
    )
}

#[test]
fn kaazing_871_characters_are_909_bytes() {
    let characters = |lines: &[&str]| lines.iter().map(|line| line.len()).sum::<usize>();
    assert_eq!(characters(&KAAZING_UP), 692);
    assert_eq!(characters(&KAAZING_DOWN), 179);
    let talk = [
        up(head(&KAAZING_UP)),
        down(head(&KAAZING_DOWN) + "a stock's price: 9.81"),
    ];
    let ledger = sound(&talk).ledger();
    assert_eq!(http_heads(&ledger), (716, 193));
    assert_eq!(ledger.layer(Down, Layer::Payload), 21);
}

#[test]
fn the_sample_handshake_is_230_and_159_bytes() {
    let ledger = sound(&upgraded()).ledger();
    assert_eq!(http_heads(&ledger), (230, 159));
    assert_eq!(ledger.purpose(Up, Purpose::Setup), 230);
    assert_eq!(ledger.purpose(Down, Purpose::Setup), 159);
}

#[test]
fn websocket_heads_by_payload() {
    for (payload, head) in [(125, 2), (126, 4), (65_535, 4), (65_536, 10)] {
        let text = vec![b'x'; payload];
        let mut talk = upgraded();
        talk.push((Up, frame(Up, 0x81, &text)));
        talk.push((Down, frame(Down, 0x81, &text)));
        let ledger = sound(&talk).ledger();
        assert_eq!(ledger.layer(Down, Layer::WsHead), head, "{payload}");
        assert_eq!(ledger.layer(Up, Layer::WsHead), head, "{payload}");
        assert_eq!(ledger.layer(Up, Layer::WsMask), 4);
        let said = ledger.amount(Up, Purpose::Say, Layer::Payload);
        assert_eq!((said.bytes, said.count), (payload as u64, 1));
        assert_eq!(ledger.layer(Down, Layer::Payload), payload as u64);
    }
}

#[test]
fn chunks_cost_5_to_8_bytes() {
    for (content, overhead) in [
        (1, 5),
        (15, 5),
        (16, 6),
        (255, 6),
        (256, 7),
        (4095, 7),
        (4096, 8),
        (65_535, 8),
    ] {
        // The line end is the stream's, not the chunk's.
        let line = "x".repeat(content - 1) + "\n";
        let talk = [
            up(get("/rooms/a/stream")),
            down(CHUNKED),
            down(chunk(&line)),
        ];
        let ledger = sound(&talk).ledger();
        assert_eq!(ledger.layer(Down, Layer::Chunk), overhead, "{content}");
        assert_eq!(ledger.layer(Down, Layer::TextFrame), 1);
    }
}

#[test]
fn an_sse_event_costs_8_bytes_and_its_id() {
    let talk = [
        up(get("/rooms/a/sse")),
        down(CHUNKED),
        down(chunk("data: hello\n\n")),
    ];
    let ledger = sound(&talk).ledger();
    assert_eq!(ledger.layer(Down, Layer::TextFrame), 8);
    assert_eq!(ledger.layer(Down, Layer::Payload), 5);
    let talk = [
        up(get("/rooms/a/sse")),
        down(CHUNKED),
        down(chunk("id: 7\ndata: hello\n\n")),
    ];
    let ledger = sound(&talk).ledger();
    assert_eq!(ledger.layer(Down, Layer::TextFrame), 8 + 6);
}

#[test]
fn what_the_codec_writes_is_recognised() {
    for (kind, purpose) in [
        (Kind::Message, Purpose::Deliver),
        (Kind::Join, Purpose::Presence),
        (Kind::Leave, Purpose::Presence),
    ] {
        let json = wire::codec::encode(&Event {
            seq: 123_456_789,
            kind,
            from: "\u{4e2d}".repeat(64),
            text: Some("x".into()),
            tag: None,
            online: None,
            at: 1,
        });
        let mut socket = upgraded();
        socket.push((Down, frame(Down, 0x81, &json)));
        let mut talks = vec![socket];
        for framing in Framing::ALL {
            let route = match framing {
                Framing::Ndjson => "/rooms/a/stream",
                Framing::Sse => "/rooms/a/sse",
            };
            let piece = wire::lines::frame(framing, 123_456_789, &json);
            let silence = wire::lines::heartbeat(framing);
            talks.push(vec![
                up(get(route)),
                down("HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"),
                down(silence),
                down(piece),
            ]);
        }
        let poll = wire::codec::join_batch([&json[..]], 123_456_789, 0);
        let poll = answer(200, str::from_utf8(&poll).unwrap());
        talks.push(vec![up(get("/rooms/a/poll")), down(poll)]);
        for talk in talks {
            let ledger = sound(&talk).ledger();
            let event = ledger.amount(Down, purpose, Layer::Payload);
            assert_eq!((event.bytes, event.count), (json.len() as u64, 1));
        }
    }
}
