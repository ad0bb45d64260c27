//! Connections of which the caller knows how each stream is read, from their beginning or not.

use std::collections::BTreeMap;

use proptest::{collection::vec, prelude::*};

use super::*;

/// Returns the frames of a stream of events and of a poll, at addresses that say nothing.
fn strange() -> Talk {
    vec![
        up(frame(HEADERS, WHOLE, 1, &asks(GET, "/a"))),
        up(frame(HEADERS, WHOLE, 3, &asks(GET, "/b"))),
        down(frame(HEADERS, END_HEADERS, 3, OK)),
        down(frame(DATA, END_STREAM, 3, b"[]")),
        down(frame(HEADERS, END_HEADERS, 1, OK)),
        down(frame(DATA, 0, 1, b"data: hello\n\n")),
    ]
}

#[test]
fn each_stream_is_read_as_it_is_told() {
    let talk = [begun(), strange()].concat();
    let readings = BTreeMap::from([(1, Reading::Sse), (3, Reading::Batch)]);
    let (spans, fault) = dissect_with(Dissector::of_streams(readings, false), &talk);
    assert_eq!(fault, None);
    let down = of(&spans, Down);
    assert!(down.contains(&(Empty, Batch, 2)), "{down:?}");
    assert!(down.contains(&(Deliver, Payload, 5)), "{down:?}");
    assert!(down.contains(&(Setup, HttpHead, 1)), "{down:?}");
    assert!(spans.iter().all(|span| span.layer != Unparsed));
    assert_eq!(of(&spans, Up)[0], (Setup, H2Control, 24));
}

#[test]
fn a_connection_without_its_beginning_has_unparsed_bytes_in_their_places() {
    let mut talk = vec![down(frame(DATA, 0, 1, b"abc"))];
    // A request whose path stands in a block that is not there.
    talk.push(up(frame(HEADERS, WHOLE, 5, &[0x82, 0xc4])));
    talk.push(down(frame(HEADERS, END_HEADERS, 5, OK)));
    talk.push(down(frame(DATA, END_STREAM, 5, b"x")));
    talk.push(down(frame(DATA, END_STREAM, 1, b"d")));
    let cut = || Dissector::of_streams(BTreeMap::new(), true);
    let (spans, fault) = dissect_with(cut(), &talk);
    assert_eq!(fault, None);
    let unparsed: Vec<(u64, u64)> = spans
        .iter()
        .filter(|span| span.layer == Unparsed)
        .map(|span| (span.start, span.len))
        .collect();
    assert_eq!(unparsed, [(0, 9), (9, 3), (32, 9), (41, 1)]);
    assert_eq!(dissect_with(cut(), &by_the_byte(&talk)), (spans, None));
    let (_, fault) = dissect_with(Dissector::of_streams(BTreeMap::new(), false), &talk);
    assert!(fault.is_some());
}

proptest! {
    #[test]
    fn any_bytes_are_each_in_one_span(
        pieces in vec((any::<bool>(), vec(any::<u8>(), 0..40)), 0..20),
        is_cut in any::<bool>(),
        spoiled in vec((0_usize..200, any::<u8>()), 0..6),
    ) {
        let mut talk = if is_cut { strange() } else { [begun(), strange()].concat() };
        for (place, byte) in spoiled {
            let count = talk.len();
            let (_, bytes) = &mut talk[place % count];
            let len = bytes.len();
            bytes[place % len] = byte;
        }
        talk.extend(pieces.into_iter().map(|(is_up, bytes)| if is_up { up(bytes) } else { down(bytes) }));
        let readings = BTreeMap::from([(1, Reading::Sse), (3, Reading::Batch)]);
        // Checks that there is neither gap nor overlap.
        let (_, _) = dissect_with(Dissector::of_streams(readings, is_cut), &talk);
    }
}
