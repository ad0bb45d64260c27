//! A stream and a draft on one connection, and what belongs to the connection itself.

use super::*;

const DRAFT: &[u8] = br#"{"from":"ann","text":"x"}"#;

/// Makes a stream, on which come a message and a join, and a draft beside it.
pub(super) fn stream_and_draft(line: &[u8], joined: &[u8]) -> Talk {
    let say = asks(POST, "/rooms/a/messages");
    let mut talk = begun();
    talk.extend([
        up(frame(HEADERS, WHOLE, 1, &asks(GET, "/rooms/a/stream"))),
        down(frame(HEADERS, END_HEADERS, 1, OK)),
        // With padding, and a priority before the fields.
        up(frame(
            HEADERS,
            END_HEADERS | PADDED | PRIORITY,
            3,
            &[&[2, 0, 0, 0, 0, 0][..], &say, &[0, 0]].concat(),
        )),
        up(frame(
            DATA,
            END_STREAM | PADDED,
            3,
            &[&[1], DRAFT, &[0]].concat(),
        )),
        // An event in two frames, and the answer between them.
        down(frame(DATA, 0, 1, &line[..9])),
        down(frame(HEADERS, END_HEADERS, 3, OK)),
        down(frame(DATA, END_STREAM, 3, b"{\"seq\":1}")),
        down(frame(DATA, 0, 1, &line[9..])),
        down(frame(DATA, 0, 1, joined)),
        down(frame(DATA, 0, 1, b"\n")),
        up(frame(WINDOW, 0, 1, &[0; 4])),
        down(frame(WINDOW, 0, 0, &[0; 4])),
        down(frame(PING, 0, 0, &[0; 8])),
        up(frame(PING, 1, 0, &[0; 8])),
        down(frame(DATA, END_STREAM, 1, &[])),
        up(frame(GO_AWAY, 0, 0, &[0; 8])),
    ]);
    talk
}

#[test]
fn streams_drafts_and_what_belongs_to_the_connection() {
    let (line, joined) = (message(1, "x") + "\n", join(2) + "\n");
    let say = asks(POST, "/rooms/a/messages");
    let spans = sound(&stream_and_draft(line.as_bytes(), joined.as_bytes()));
    // What frames cut is one element all the same.
    let mut ledger = Ledger::new();
    for span in &spans {
        ledger.add(*span);
    }
    let payload = ledger.amount(Down, Deliver, Payload);
    assert_eq!((payload.bytes, payload.count), (line.len() as u64 - 1, 1));
    assert_eq!(
        of(&spans, Up)[2..],
        [
            (Setup, H2Frame, 9),
            (Setup, HttpHead, asks(GET, "/rooms/a/stream").len() as u64),
            (Say, H2Frame, 9 + 6),
            (Say, HttpHead, say.len() as u64),
            (Say, H2Frame, 2),
            (Say, H2Frame, 10),
            (Say, Payload, DRAFT.len() as u64),
            (Say, H2Frame, 1),
            (Deliver, H2Control, 13),
            (Heartbeat, H2Control, 17),
            (Close, H2Control, 17),
        ]
    );
    assert_eq!(
        of(&spans, Down)[2..],
        [
            (Setup, H2Frame, 9),
            (Setup, HttpHead, 1),
            (Deliver, H2Frame, 9),
            (Deliver, Payload, 9),
            (Ack, H2Frame, 9),
            (Ack, HttpHead, 1),
            (Ack, H2Frame, 9),
            (Ack, Batch, 9),
            (Deliver, H2Frame, 9),
            (Deliver, Payload, line.len() as u64 - 10),
            (Deliver, TextFrame, 1),
            (Purpose::Presence, H2Frame, 9),
            (Purpose::Presence, Payload, joined.len() as u64 - 1),
            (Purpose::Presence, TextFrame, 1),
            (Heartbeat, H2Frame, 9),
            (Heartbeat, TextFrame, 1),
            (Say, H2Control, 13),
            (Heartbeat, H2Control, 17),
            (Close, H2Frame, 9),
        ]
    );
}
