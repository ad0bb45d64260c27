//! The accounts of a connection: each byte in the ledger of the conversation of its stream, or in
//! that of the connection.

use std::collections::BTreeMap;

use dissect::{Direction, Dissector, Fault, Layer, Ledger, Purpose, Reading, Span};

use super::{
    Connection,
    frames::{self, Frame},
    order,
};
use crate::{leftover, stretch::Wire};

/// The place of a stream among the conversations.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StreamRole {
    /// The number of its conversation.
    pub(crate) group: usize,
    /// The way in which the dissector reads it.
    pub(crate) reading: Reading,
    /// True if it is a poll that brought nothing.
    pub(crate) is_empty: bool,
    /// True if it is a tunnel, through which nothing goes before the answer.
    pub(crate) is_tunnel: bool,
}

/// Enters a connection into the ledgers of conversations. Returns the ledger of what belongs to none,
/// and where the connection broke the protocol, if it did.
pub(crate) fn enter(
    wire: &Wire,
    connection: &Connection,
    places: &BTreeMap<u32, StreamRole>,
    ledgers: &mut [Ledger],
) -> (Ledger, Option<Fault>) {
    let bytes = [wire.up.bytes.as_slice(), wire.down.bytes.as_slice()];
    let firsts = connection.first_frames();
    let found =
        [0, 1].map(|side| frames::frames(bytes[side], firsts[side]).collect::<Vec<Frame>>());
    let readings = places
        .iter()
        .map(|(&stream, place)| (stream, place.reading));
    let mut dissector = Dissector::of_streams(readings.collect(), connection.is_cut);
    let mut own = Ledger::new();
    for (direction, start) in Direction::ALL.into_iter().zip(connection.starts) {
        leftover::unparsed(&mut own, direction, start as u64);
    }
    let mut sink = |span: Span| {
        let side = span.direction as usize;
        let at = connection.starts[side] + span.start as usize;
        // What broke the protocol lies in no certain place.
        let stream = (span.layer != Layer::Unparsed).then(|| stream(&found[side], at));
        let Some(place) = stream.and_then(|stream| places.get(&stream)) else {
            return own.add(span);
        };
        let purpose = if place.is_empty {
            Purpose::Empty
        } else {
            span.purpose
        };
        if let Some(ledger) = ledgers.get_mut(place.group) {
            ledger.add(Span { purpose, ..span });
        } else {
            own.add(span);
        }
    };
    let is_tunnel = |stream: u32| places.get(&stream).is_some_and(|place| place.is_tunnel);
    for (direction, bytes) in Direction::ALL.into_iter().zip(bytes) {
        let side = direction as usize;
        let preface = bytes.get(connection.starts[side]..firsts[side].min(bytes.len()));
        dissector.push(direction, preface.unwrap_or_default(), &mut sink);
    }
    for (direction, frame) in order::ordered(wire, [&found[0], &found[1]], is_tunnel) {
        let bytes = bytes[direction as usize];
        dissector.push(direction, &bytes[frame.begin..frame.end], &mut sink);
    }
    for (direction, bytes) in Direction::ALL.into_iter().zip(bytes) {
        let side = direction as usize;
        let end = found[side].last().map_or(firsts[side], |last| last.end);
        dissector.push(direction, bytes.get(end..).unwrap_or_default(), &mut sink);
    }
    dissector.finish(&mut sink);
    let fault = dissector.fault().map(|fault| {
        let side = fault.direction as usize;
        let before = [wire.up.offset, wire.down.offset][side] + connection.starts[side] as u64;
        Fault {
            at: fault.at + before,
            ..*fault
        }
    });
    (own, fault)
}

/// Returns the stream of the frame at this place; 0, which is the connection, if there is none.
fn stream(frames: &[Frame], at: usize) -> u32 {
    let behind = frames.partition_point(|frame| frame.begin <= at);
    let frame = behind.checked_sub(1).and_then(|place| frames.get(place));
    frame
        .filter(|frame| at < frame.end)
        .map_or(0, |frame| frame.stream)
}
