//! Any bytes, both ways: no panic, and every byte in exactly one span, the same
//! spans for whatever cut.
//!
//! `cargo +nightly fuzz run connection`, in `crates/dissect`. The input is a
//! list of pieces: a byte of which the lowest bit is the direction, and the
//! rest how many times eight bytes follow.

#![no_main]

use dissect::{Direction, Dissector, Fault, Span};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let mut pieces = Vec::new();
    let mut rest = input;
    while let Some((&first, after)) = rest.split_first() {
        let direction = Direction::ALL[usize::from(first & 1)];
        let len = (usize::from(first >> 1) * 8 + 1).min(after.len());
        pieces.push((direction, &after[..len]));
        rest = &after[len..];
    }
    let whole = dissect(&pieces);
    let bytes: Vec<_> = pieces
        .iter()
        .flat_map(|(direction, piece)| piece.chunks(1).map(|byte| (*direction, byte)))
        .collect();
    assert_eq!(whole, dissect(&bytes));
});

fn dissect(pieces: &[(Direction, &[u8])]) -> (Vec<Span>, Option<Fault>) {
    let mut dissector = Dissector::new();
    let mut spans = Vec::new();
    for (direction, bytes) in pieces {
        dissector.push(*direction, bytes, &mut |span| spans.push(span));
    }
    dissector.finish(&mut |span| spans.push(span));
    for direction in Direction::ALL {
        let mut end = 0;
        for span in spans.iter().filter(|span| span.direction == direction) {
            assert_eq!(span.start, end);
            end += span.len;
        }
        assert_eq!(end, dissector.pushed(direction));
    }
    (spans, dissector.fault().copied())
}
