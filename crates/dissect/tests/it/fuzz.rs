//! Any bytes, both ways: no panic, every byte in exactly one span, and the same spans for whatever
//! cut. `crates/dissect/fuzz` has the same for a nightly compiler.

use dissect::{Direction, Dissector, Fault, Span};

#[path = "../../../../fuzz/driver.rs"]
mod driver;

/// Reads pieces out of an input: a byte of which the lowest bit is the direction, and the rest how
/// many times eight bytes follow.
fn pieces(mut rest: &[u8]) -> Vec<(Direction, &[u8])> {
    let mut pieces = Vec::new();
    while let Some((&first, after)) = rest.split_first() {
        let direction = Direction::ALL[usize::from(first & 1)];
        let length = (usize::from(first >> 1) * 8 + 1).min(after.len());
        pieces.push((direction, &after[..length]));
        rest = &after[length..];
    }
    pieces
}

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

#[test]
fn fuzz_connections() {
    driver::fuzz("connection", 5_000, &[], |input| {
        let pieces = pieces(input);
        let bytes: Vec<_> = pieces
            .iter()
            .flat_map(|(direction, piece)| piece.chunks(1).map(|byte| (*direction, byte)))
            .collect();
        assert_eq!(dissect(&pieces), dissect(&bytes));
    });
}
