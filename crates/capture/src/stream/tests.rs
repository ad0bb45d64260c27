//! Tests of the putting together of segments.

use super::*;

const NOON: Duration = Duration::from_hours(12);

fn of(segments: &[(u32, &str)]) -> Vec<Run> {
    let mut stream = Stream::default();
    let mut budget = usize::MAX;
    for (sequence, text) in segments {
        let bytes = text.as_bytes();
        stream.take(*sequence, bytes, bytes.len() as u64, NOON, &mut budget);
    }
    stream.runs()
}

#[test]
fn segments_in_any_order_are_put_together_across_the_wrap() {
    let near = u32::MAX - 1;
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [1, 0, 2]] {
        let parts = [(near, "abc"), (1, "de"), (3, "f")];
        let runs = of(&order.map(|index| parts[index]));
        assert_eq!(runs.len(), 1);
        assert_eq!(runs[0].bytes, b"abcdef", "{order:?}");
        assert_eq!((runs[0].carried, runs[0].gap), (6, None));
    }
}

#[test]
fn overlaps_and_doubles_count_once() {
    let runs = of(&[
        (10, "abcd"),
        (12, "cdef"),
        (10, "abcdef"),
        (18, "ij"),
        (9, "_abcdefghij"),
    ]);
    assert_eq!(runs.len(), 1);
    assert_eq!(runs[0].bytes, b"_abcdefghij");
    assert_eq!(runs[0].carried, 11);
}

#[test]
fn a_hole_is_named_with_its_place_and_what_comes_behind_is_another_run() {
    let mut runs = of(&[(10, "abcd"), (20, "xyz")]);
    assert_eq!(runs[0].bytes, b"abcd");
    assert_eq!(runs[0].gap, Some((4, Why::Missing(6))));
    assert_eq!((runs[0].carried, runs[1].carried), (4, 3));
    assert_eq!(
        (runs[1].offset, runs[1].bytes.as_slice()),
        (10, &b"xyz"[..])
    );
    let rest = runs[0].split_off(0);
    assert_eq!((rest.carried, rest.gap), (4, Some((4, Why::Missing(6)))));
}

#[test]
fn a_cut_packet_ends_what_can_be_read() {
    let mut stream = Stream::default();
    stream.take(1, b"ab", 5, NOON, &mut 100);
    stream.take(6, b"fg", 2, NOON, &mut 100);
    let runs = stream.runs();
    let first = &runs[0];
    assert_eq!(
        (first.bytes.as_slice(), first.gap),
        (&b"ab"[..], Some((2, Why::Cut)))
    );
    assert_eq!(runs.iter().map(|run| run.carried).sum::<u64>(), 7);
}

#[test]
fn what_exceeds_the_budget_is_counted_alone() {
    let mut stream = Stream::default();
    let mut budget = 3;
    stream.take(1, b"abc", 3, NOON, &mut budget);
    for at in 0..1_000 {
        stream.take(4 + at, b"x", 1, NOON, &mut budget);
    }
    assert!(stream.pieces.len() <= 2);
    let runs = stream.runs();
    assert_eq!(runs.len(), 1);
    assert_eq!(runs[0].gap, Some((3, Why::NotKept)));
    assert_eq!(runs[0].carried, 1_003);
}
