//! Tests of servers with paths and answers of their own, where the caller states what is read.

use dissect::{Direction::*, Dissector, Layer::*, Purpose::*, Reading, Reason};

use crate::talk::*;

/// The head with which nginx with nchan answers a request for an event stream or raw stream: it has
/// no length and no chunks, and the body lasts until the connection ends.
const OPEN: &str = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";

type Accounts = Vec<(dissect::Purpose, dissect::Layer, u64)>;

/// Returns the accounts of both directions, and asserts that there is no fault and that reading
/// byte by byte gives the same.
fn accounts(reading: Reading, talk: &Talk) -> (Accounts, Accounts) {
    let whole = dissect_with(Dissector::foreign(reading), talk);
    assert_eq!(whole.fault, None);
    let by_the_byte = dissect_with(Dissector::foreign(reading), &by_the_byte(talk));
    assert_eq!(by_the_byte.ledger(), whole.ledger());
    (whole.of(Up), whole.of(Down))
}

fn len(text: impl AsRef<str>) -> u64 {
    text.as_ref().len() as u64
}

fn answered(status: &str, body: &str) -> (String, String) {
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n\r\n");
    (head, body.to_owned())
}

#[test]
fn a_stream_may_last_as_long_as_its_connection() {
    let ask = get("/sub/a");
    let talk = vec![
        up(&ask),
        down(OPEN),
        down("{\"hello\":1}\n\n{\"text\":\"cut o"),
    ];
    let (asked, came) = accounts(Reading::Ndjson, &talk);
    assert_eq!(asked, [(Setup, HttpHead, len(&ask))]);
    let expected = [
        (Setup, HttpHead, len(OPEN)),
        (Deliver, Payload, 11),
        (Deliver, TextFrame, 1),
        (Heartbeat, TextFrame, 1),
        (Deliver, Payload, 14),
    ];
    assert_eq!(came, expected);
    let talk = vec![up(&ask), down(OPEN), down(": hi\n\nid: 7:0\ndata: x\n\n")];
    let (_, came) = accounts(Reading::Sse, &talk);
    let framed: u64 = came[1..]
        .iter()
        .filter(|span| span.1 == TextFrame)
        .map(|span| span.2)
        .sum();
    assert_eq!(framed, len(": hi\n\nid: 7:0\ndata: \n\n"));
    assert!(came.contains(&(Deliver, Payload, 1)));
    assert_eq!(came[1].0, Heartbeat);
}

#[test]
fn a_stream_of_ours_may_not() {
    let talk = vec![up(get("/rooms/a/stream")), down(OPEN)];
    assert!(dissect(&talk).fault.is_some());
}

#[test]
fn any_foreign_answer_may_end_with_the_connection() {
    let ask = get("/a");
    let head = "HTTP/1.0 200 OK\r\nServer: x\r\n\r\n";
    let talk = vec![up(&ask), down(head), down("{\"messages\":[{\"a\":1}]}")];
    let (asked, came) = accounts(Reading::Batch, &talk);
    assert_eq!(asked, [(Deliver, HttpHead, len(&ask))]);
    assert_eq!(came[0], (Deliver, HttpHead, len(head)));
    assert!(came.iter().any(|span| span.1 == Payload));
}

#[test]
fn polls_may_be_posts_and_drafts_patches() {
    let asked = |reading, method: &str| {
        let ask = format!("{method} /a HTTP/1.1\r\nContent-Length: 2\r\n\r\n{{}}");
        let (head, body) = answered("200 OK", "[{\"a\":1}]");
        let talk = vec![up(&ask), down(&head), down(&body)];
        let one = dissect_with(Dissector::of_one_kind(reading), &talk);
        assert_eq!(one.fault, None);
        one.of(Up)[0].0
    };
    assert_eq!(asked(Reading::Batch, "POST"), Deliver);
    assert_eq!(asked(Reading::Say, "PATCH"), Say);
    assert_eq!(asked(Reading::Say, "GET"), Say);
    assert_eq!(asked(Reading::Setup, "POST"), Setup);
}

#[test]
fn interim_responses_have_an_end() {
    let interim = "HTTP/1.1 100 Continue\r\n\r\n";
    let few = vec![
        up(get("/a")),
        down(interim.repeat(100)),
        down("HTTP/1.1 204 No Content\r\n\r\n"),
    ];
    assert_eq!(
        dissect_with(Dissector::foreign(Reading::Batch), &few).fault,
        None
    );
    let many = vec![up(get("/a")), down(interim.repeat(10_000))];
    let fault = dissect_with(Dissector::foreign(Reading::Batch), &many)
        .fault
        .unwrap();
    assert_eq!(fault.reason, Reason::Interim);
}

#[test]
fn polls_answered_with_messages_as_they_are() {
    let ask = get("/sub/a");
    let (nothing, _) = answered("304 Not Modified", "");
    let (over, _) = answered("408 Request Timeout", "");
    let (some, text) = answered("200 OK", "{\"text\":[1]}\nhello");
    let talk = vec![
        up(&ask),
        down(&nothing),
        up(&ask),
        down(&over),
        up(&ask),
        down(&some),
        down(&text),
    ];
    let (asked, came) = accounts(Reading::Answer, &talk);
    let head = |purpose| (purpose, HttpHead, len(&ask));
    assert_eq!(asked, [head(Empty), head(Empty), head(Deliver)]);
    let expected = [
        (Empty, HttpHead, len(&nothing)),
        (Empty, HttpHead, len(&over)),
        (Deliver, HttpHead, len(&some)),
        (Deliver, Payload, len(&text)),
    ];
    assert_eq!(came, expected);
}

#[test]
fn whatever_is_posted_is_said() {
    let (taken, text) = answered("202 Accepted", "queued: 1");
    let post = "POST /say/a HTTP/1.1\r\nContent-Length: 5\r\n\r\n";
    let talk = vec![up(post), up("hello"), down(&taken), down(&text)];
    for reading in [Reading::Batch, Reading::Sse, Reading::Websocket] {
        let (said, came) = accounts(reading, &talk);
        assert_eq!(said, [(Say, HttpHead, len(post)), (Say, Payload, 5)]);
        assert_eq!(
            came,
            [(Ack, HttpHead, len(&taken)), (Ack, Batch, len(&text))]
        );
    }
}

#[test]
fn a_list_in_json_is_told_from_what_is_around_it() {
    let (head, text) = answered("200 OK", "{\"page\":{\"next\":2},\"data\":[{\"a\":1}]}");
    let talk = vec![up(get("/sub/a")), down(&head), down(&text)];
    let (asked, came) = accounts(Reading::Batch, &talk);
    assert_eq!(asked[0].0, Deliver);
    let events: u64 = came
        .iter()
        .filter(|span| span.1 == Payload)
        .map(|span| span.2)
        .sum();
    assert_eq!(events, len("{\"a\":1}"));
}
