//! The order in which the frames of both directions are dissected.

use std::collections::HashMap;

use dissect::Direction;

use super::frames::{DATA, Frame, HEADERS};
use crate::stretch::Wire;

/// Returns the frames of both directions in the order of time, with two exceptions, because the
/// times of different directions may be the same, or wrong: an answer always comes behind its
/// request, and what a client sends through a tunnel behind the answer that opens the tunnel.
pub(super) fn ordered(
    wire: &Wire,
    [up, down]: [&[Frame]; 2],
    is_tunnel: impl Fn(u32) -> bool,
) -> Vec<(Direction, Frame)> {
    let first = |frames: &[Frame]| {
        let mut places: HashMap<u32, usize> = HashMap::new();
        for (place, frame) in frames.iter().enumerate() {
            if frame.kind == HEADERS {
                places.entry(frame.stream).or_insert(place);
            }
        }
        places
    };
    let (asked, answered) = (first(up), first(down));
    let mut ordered = Vec::with_capacity(up.len() + down.len());
    let (mut next_up, mut next_down) = (0, 0);
    loop {
        let is_up = match (up.get(next_up), down.get(next_down)) {
            (None, None) => return ordered,
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (Some(one), Some(other)) => {
                let is_early = asked
                    .get(&other.stream)
                    .is_some_and(|&place| place >= next_up);
                let waits = one.kind == DATA
                    && is_tunnel(one.stream)
                    && answered
                        .get(&one.stream)
                        .is_some_and(|&place| place >= next_down);
                // The last byte decides: a request was there before anything answers it.
                let time = |side: &crate::stream::Run, frame: &Frame| {
                    side.time(frame.end.saturating_sub(1))
                };
                is_early || (!waits && time(&wire.up, one) <= time(&wire.down, other))
            }
        };
        if is_up {
            ordered.push((Direction::Up, up[next_up]));
            next_up += 1;
        } else {
            ordered.push((Direction::Down, down[next_down]));
            next_down += 1;
        }
    }
}
