//! Tests of exchanges: the purpose of each, and the assignment of responses to requests.

use dissect::{Direction::*, Dissector, Layer::*, Purpose::*};

use crate::talk::*;

const POLL: &str = "/rooms/a/poll?after=8";

fn len(text: impl AsRef<str>) -> u64 {
    text.as_ref().len() as u64
}

#[test]
fn a_poll_is_for_what_it_brings() {
    let head = len("HTTP/1.1 200 X\r\nContent-Length: 34\r\n\r\n");
    let request = len(get(POLL));

    let talk = [up(get(POLL)), down(answer(200, &batch(&[])))];
    let dissected = sound(&talk);
    assert_eq!(dissected.of(Up), [(Empty, HttpHead, request)]);
    assert_eq!(
        dissected.of(Down),
        [(Empty, HttpHead, head), (Empty, Batch, 33)]
    );

    let talk = [
        up(get(POLL)),
        down(answer(200, &batch(&[join(8), join(9)]))),
    ];
    let dissected = sound(&talk);
    assert_eq!(dissected.of(Up), [(Presence, HttpHead, request)]);
    assert_eq!(dissected.of(Down)[2], (Presence, Payload, len(join(8))));

    // A message decides for all of it, what came before included; what looks
    // like JSON within its text does not.
    let said = message(9, r#"]}{\"\\"#);
    let talk = [
        up(get(POLL)),
        down(answer(200, &batch(&[join(8), said.clone(), join(9)]))),
    ];
    let dissected = sound(&talk);
    assert_eq!(dissected.of(Up), [(Deliver, HttpHead, request)]);
    assert_eq!(
        dissected.of(Down)[1..],
        [
            (Deliver, Batch, len(r#"{"events":["#)),
            (Deliver, Payload, len(join(8))),
            (Deliver, Batch, 1),
            (Deliver, Payload, len(said)),
            (Deliver, Batch, 1),
            (Deliver, Payload, len(join(9))),
            (Deliver, Batch, len(r#"],"next":9,"missed":0}"#)),
        ]
    );
}

#[test]
fn a_poll_is_held_back_until_its_answer_shows_something() {
    let mut dissector = Dissector::new();
    let mut spans = Vec::new();
    let body = batch(&[message(9, "hello")]);
    let response = answer(200, &body);
    let (before, event) = response.split_at(response.len() - body.len() + 11);
    dissector.push(Up, get(POLL).as_bytes(), &mut |span| spans.push(span));
    dissector.push(Down, before.as_bytes(), &mut |span| spans.push(span));
    assert_eq!(spans, []);
    assert_eq!(dissector.pending(Up), len(get(POLL)));
    assert_eq!(dissector.pending(Down), len(before));
    dissector.push(Down, event.as_bytes(), &mut |span| spans.push(span));
    assert_eq!(dissector.pending(Up) + dissector.pending(Down), 0);
    assert!(spans.iter().all(|span| span.purpose == Deliver));
}

#[test]
fn several_exchanges_on_one_connection() {
    let draft = r#"{"from":"ann","text":"hello"}"#;
    let post = format!(
        "POST /rooms/a/messages HTTP/1.1\r\nContent-Length: {}\r\n\r\n{draft}",
        draft.len()
    );
    let talk = [
        up(get("/")),
        down(answer(200, "<!doctype html>")),
        up(&post),
        down(answer(201, r#"{"seq":9}"#)),
        up(get(POLL)),
        down(answer(200, &batch(&[message(9, "hello")]))),
        up(get(POLL)),
        down(answer(200, &batch(&[]))),
        up(get("/rooms/a/people")),
        down(answer(200, r#"{"online":0,"people":[]}"#)),
        up("DELETE /rooms/a/leave HTTP/1.1\r\n\r\n"),
        down("HTTP/1.1 204 No Content\r\n\r\n"),
    ];
    let ledger = sound(&talk).ledger();
    let amount = |direction, purpose, layer| {
        let amount = ledger.amount(direction, purpose, layer);
        (amount.bytes, amount.count)
    };
    assert_eq!(amount(Up, Say, Payload), (len(draft), 1));
    assert_eq!(amount(Up, Say, HttpHead).1, 1);
    assert_eq!(amount(Down, Ack, Batch), (9, 1));
    assert_eq!(amount(Down, Setup, Payload), (15, 1));
    assert_eq!(amount(Up, Deliver, HttpHead).1, 1);
    assert_eq!(amount(Up, Empty, HttpHead).1, 1);
    assert_eq!(amount(Down, Empty, Batch).1, 1);
    assert_eq!(amount(Up, Presence, HttpHead).1, 2);
    assert_eq!(amount(Down, Presence, HttpHead).1, 2);
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let talk = [
        up([get(POLL), get("/rooms/a/people"), get(POLL)].concat()),
        down(
            [
                answer(200, &batch(&[])),
                answer(200, "{}"),
                answer(200, &batch(&[message(9, "x")])),
            ]
            .concat(),
        ),
    ];
    let dissected = sound(&talk);
    let purposes: Vec<_> = dissected.of(Up).iter().map(|span| span.0).collect();
    assert_eq!(purposes, [Empty, Presence, Deliver]);
}

#[test]
fn responses_without_a_body_end_at_their_head() {
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 33\r\n\r\n";
    let talk = [
        up("HEAD /rooms/a/poll HTTP/1.1\r\n\r\n"),
        down(head),
        up("POST /rooms/a/messages HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"),
        down("HTTP/1.1 100 Continue\r\n\r\n"),
        up("{}"),
        down("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n"),
        up(get(POLL)),
        down("HTTP/1.1 103 Early Hints\r\n\r\n"),
        down(answer(200, &batch(&[message(9, "x")]))),
    ];
    let dissected = sound(&talk);
    assert_eq!(
        dissected.of(Down)[..5],
        [
            (Empty, HttpHead, len(head)),
            (Ack, HttpHead, 25),
            (Ack, HttpHead, 48),
            (Deliver, HttpHead, 28),
            (Deliver, HttpHead, 38),
        ]
    );
}

#[test]
fn bodies_in_chunks_both_ways_with_extension_and_trailer() {
    let talk = [
        up("POST /rooms/a/messages HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"),
        up("5;a=b\r\nhello\r\n0\r\nA: b\r\n\r\n"),
        down(format!("{CHUNKED}{}0\r\n\r\n", chunk(r#"{"seq":9}"#))),
    ];
    let dissected = sound(&talk);
    assert_eq!(
        dissected.of(Up)[1..],
        [
            (Say, Chunk, 7),
            (Say, Payload, 5),
            (Say, Chunk, 2),
            (Say, Chunk, 3),
            (Say, HttpHead, 6),
            (Say, Chunk, 2),
        ]
    );
    assert_eq!(
        dissected.of(Down)[1..],
        [
            (Ack, Chunk, 3),
            (Ack, Batch, 9),
            (Ack, Chunk, 2),
            (Ack, Chunk, 5),
        ]
    );
}

#[test]
fn a_poll_in_chunks_is_for_what_it_brings_chunks_included() {
    let body = batch(&[join(8), message(9, "x")]);
    let (first, second) = body.split_at(40);
    let talk = [
        up(get(POLL)),
        down(CHUNKED),
        down(chunk(first)),
        down(chunk(second)),
        down("0\r\n\r\n"),
    ];
    let dissected = sound(&talk);
    assert!(dissected.spans.iter().all(|span| span.purpose == Deliver));
    let ledger = dissected.ledger();
    assert_eq!(ledger.layer(Down, Chunk), 6 + 6 + 5);
    assert_eq!(
        ledger.layer(Down, Payload),
        len(join(8)) + len(message(9, "x"))
    );
}

#[test]
fn a_refused_or_unanswered_poll_is_empty() {
    let refusal = r#"{"error":"no room is called [a]"}"#;
    let talk = [up(get(POLL)), down(answer(404, refusal)), up(get(POLL))];
    let dissected = sound(&talk);
    assert_eq!(dissected.of(Up)[1], (Empty, HttpHead, len(get(POLL))));
    assert_eq!(dissected.of(Down)[1], (Empty, Batch, len(refusal)));
}

#[test]
fn a_compressed_batch_is_delivered_unseen() {
    let talk = [
        up(get(POLL)),
        down("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc"),
    ];
    assert_eq!(sound(&talk).of(Down)[1], (Deliver, Payload, 3));
}

#[test]
fn a_long_batch_of_nothing_but_joins_is_not_held_back_without_end() {
    let events = vec![join(1); 10_000];
    let mut talk = vec![up(get(POLL)), down(answer(200, &batch(&events)))];
    let mut dissector = Dissector::new();
    let mut spans = 0;
    let (_, response) = &talk[1];
    dissector.push(Up, &talk[0].1, &mut |_| spans += 1);
    // Half of it tells nothing yet, but it is too much to keep.
    dissector.push(Down, &response[..response.len() / 2], &mut |_| spans += 1);
    assert!(spans > 9_000, "{spans}");
    let ledger = sound(&talk).ledger();
    assert_eq!(ledger.amount(Down, Presence, Payload).count, 10_000);
    // Neither are requests.
    talk = vec![up(get(POLL).repeat(1024))];
    assert_eq!(sound(&talk).of(Up).len(), 1024);
}

#[test]
fn a_farewell_on_an_idle_connection_is_for_its_closing() {
    let closing = answer(408, "{}");
    let head = len(&closing) - 2;
    let answered = answer(200, &batch(&[]));
    for talk in [
        vec![up(get(POLL)), down(&answered), down(&closing)],
        vec![up(get(POLL)), down(answered.clone() + &closing)],
    ] {
        for talk in [by_the_byte(&talk), talk] {
            let dissected = sound(&talk);
            let of = dissected.ledger();
            assert_eq!(of.amount(Down, Close, HttpHead).bytes, head);
            assert_eq!(of.amount(Down, Close, Batch).bytes, 2);
            assert_eq!(of.amount(Up, Close, HttpHead).bytes, 0);
        }
    }
}

#[test]
fn a_batch_in_a_script_is_in_an_envelope_padding_included() {
    let request = get("/rooms/a/jsonp?after=8&callback=f");
    for padding in [0, 2048] {
        let before = format!("/*{}*/f(", " ".repeat(padding));
        for (events, purpose) in [
            (vec![], Empty),
            (vec![join(8)], Presence),
            (vec![join(8), message(9, ")({")], Deliver),
        ] {
            let batch = batch(&events);
            let script = format!("{before}{batch});\n");
            let dissected = sound(&[up(&request), down(answer(200, &script))]);
            assert_eq!(dissected.of(Up), [(purpose, HttpHead, len(&request))]);
            let ledger = dissected.ledger();
            let of = |layer| ledger.amount(Down, purpose, layer).bytes;
            let payload: u64 = events.iter().map(len).sum();
            assert_eq!(of(Envelope), len(&before) + len(");\n"), "{script}");
            assert_eq!(of(Payload), payload, "{script}");
            assert_eq!(of(Batch), len(&batch) - payload, "{script}");
        }
    }
    // A refusal is JSON, and no script.
    let refusal = r#"{"error":"no (such) callback","code":"query"}"#;
    let dissected = sound(&[up(&request), down(answer(400, refusal))]);
    assert_eq!(dissected.of(Down)[1..], [(Empty, Batch, len(refusal))]);
    // A script that is cut off in its call.
    let cut = answer(200, "/**/f({\"events\":[]});\n");
    let dissected = sound(&[up(&request), down(&cut[..cut.len() - 22])]);
    assert_eq!(dissected.ledger().unparsed(), 0);
}
