//! Properties that hold for any order of streams, any bytes and any cuts.

use proptest::{collection::vec, prelude::*, sample::Index};

use super::{sockets::connects, *};
use crate::talk::frame as ws;

/// Makes the frames of a WebSocket on which these events come and are said, cut into pieces.
fn socket(events: &[String], stream: u32, piece: usize) -> Talk {
    let fields = connects("websocket", "/rooms/a/ws");
    let mut frames = vec![
        up(frame(HEADERS, END_HEADERS, stream, &fields)),
        down(frame(HEADERS, END_HEADERS, stream, OK)),
    ];
    for event in events {
        for direction in Direction::ALL {
            let text = ws(direction, 0x81, event.as_bytes());
            let pieces = text.chunks(piece);
            frames.extend(pieces.map(|piece| (direction, frame(DATA, 0, stream, piece))));
        }
    }
    for direction in Direction::ALL {
        frames.push((direction, frame(DATA, END_STREAM, stream, &[])));
    }
    frames
}

/// Makes the frames of some exchanges, mixed as they may cross.
fn mixed() -> impl Strategy<Value = Talk> {
    let event = || (0..u64::MAX, "[a-z]{0,60}").prop_map(|(seq, text)| message(seq, &text));
    let exchange = (vec(event(), 0..4), 0..3_u8, 1..40_usize);
    (vec(exchange, 1..5), vec(any::<Index>(), 40)).prop_map(|(exchanges, order)| {
        let mut waiting: Vec<Talk> = Vec::new();
        for (place, (events, kind, piece)) in exchanges.into_iter().enumerate() {
            let stream = 2 * place as u32 + 1;
            if kind == 2 {
                let mut frames = socket(&events, stream, piece);
                frames.reverse();
                waiting.push(frames);
                continue;
            }
            let (path, body) = if kind == 1 {
                ("/rooms/a/stream", events.join("\n") + "\n")
            } else {
                ("/rooms/a/poll", batch(&events))
            };
            let mut frames = vec![down(frame(HEADERS, END_HEADERS, stream, OK))];
            let pieces = body.as_bytes().chunks(piece);
            frames.extend(pieces.map(|piece| down(frame(DATA, 0, stream, piece))));
            frames.push(down(frame(DATA, END_STREAM, stream, &[])));
            frames.insert(0, up(frame(HEADERS, WHOLE, stream, &asks(GET, path))));
            frames.reverse();
            waiting.push(frames);
        }
        let mut talk = begun();
        // The numbers of streams only grow (RFC 9113, section 5.1.1).
        talk.extend(waiting.iter_mut().filter_map(Vec::pop));
        let mut order = order.into_iter().cycle();
        while !waiting.is_empty() {
            let next = order.next().map_or(0, |next| next.index(waiting.len()));
            match waiting[next].pop() {
                Some(frame) => talk.push(frame),
                None => _ = waiting.swap_remove(next),
            }
        }
        talk
    })
}

/// Returns the same bytes in the same order with other cuts.
fn cut(talk: &Talk, sizes: &[usize]) -> Talk {
    let mut sizes = sizes.iter().copied().cycle();
    let mut pieces = Vec::new();
    for (direction, bytes) in talk {
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(sizes.next().unwrap_or(1).min(rest.len()));
            pieces.push((*direction, piece.to_vec()));
            rest = after;
        }
    }
    pieces
}

proptest! {
    #[test]
    fn any_cut_of_mixed_streams_gives_the_same_spans(
        talk in mixed(),
        sizes in vec(1..50_usize, 1..20),
    ) {
        let (spans, fault) = dissect(&talk);
        prop_assert_eq!(fault, None);
        prop_assert!(spans.iter().all(|span| span.layer != Unparsed));
        prop_assert_eq!(dissect(&cut(&talk, &sizes)), (spans, None));
    }

    #[test]
    fn a_connection_of_mixed_streams_may_end_at_any_byte(talk in mixed(), end in any::<Index>()) {
        let bytes = by_the_byte(&talk);
        let end = end.index(bytes.len() + 1);
        let (spans, fault) = dissect(&bytes[..end].to_vec());
        prop_assert!(fault.is_none_or(|fault| fault.reason == Reason::Truncated));
        prop_assert!(spans.iter().all(|span| span.layer != Unparsed));
    }

    /// Checks by `dissect` that there is neither gap nor overlap.
    #[test]
    fn any_frames_and_any_bytes_are_accounted_for(
        mut talk in mixed(),
        wrong in vec((any::<Index>(), any::<Index>(), any::<u8>()), 1..6),
        sizes in vec(1..50_usize, 1..20),
    ) {
        for (piece, place, byte) in wrong {
            let bytes = &mut piece.get_mut(&mut talk).1;
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        prop_assert_eq!(dissect(&talk), dissect(&cut(&talk, &sizes)));
    }
}
