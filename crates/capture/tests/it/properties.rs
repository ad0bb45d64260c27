//! No bytes make it panic, and the order in which segments were captured changes nothing.

use dissect::Direction;
use proptest::prelude::*;

use crate::{
    h2,
    packets::{Link, Segment, Talk, captured, pcap, read, sent},
};

/// Returns connections of several kinds.
fn talks() -> Vec<Segment> {
    let mut polls = Talk::open(40_001);
    for _ in 0..5 {
        polls.get("/poll");
        polls.wait(3);
        polls.answer("application/json", "{\"events\":[{\"a\":1}]}");
        polls.wait(400);
    }
    let mut socket = Talk::open(40_002);
    socket.upgrade("/ws");
    for text in ["one", "two"] {
        socket.wait(900);
        socket.frame(true, text);
        socket.frame(false, text);
    }
    let mut stream = Talk::open(40_003).over_6();
    stream.get("/sse");
    stream.begin("text/event-stream");
    for _ in 0..3 {
        stream.wait(700);
        stream.chunk("data: {\"long\":\"................................................................\"}\n\n");
    }
    let mut late = h2::joined_late();
    for segment in &mut late {
        segment.ports[0] = 40_005;
    }
    let mut mixed = h2::mixed();
    for segment in &mut mixed {
        segment.ports[0] = 40_004;
    }
    [polls.close(), socket.close(), stream.close(), mixed, late].concat()
}

/// Returns what is told, as text, but for how many packets there are: those that came twice count.
fn told(segments: &[Segment]) -> String {
    let mut told = capture::json("", &captured(segments));
    for number in ["packets", "segments"] {
        let counted = told["totals"][number].take();
        assert!(counted.as_u64().is_some_and(|count| count > 0), "{counted}");
    }
    told.to_string()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&bytes);
    }

    #[test]
    fn any_packets_are_read_without_panic(
        link in 0_usize..Link::ALL.len(),
        places in proptest::collection::vec((24_usize..12_000, any::<u8>()), 1..20),
        cut in 24_usize..16_000,
    ) {
        let mut file = pcap(Link::ALL[link], &talks(), 65_535);
        for (place, byte) in places {
            let place = place % file.len();
            file[place] = byte;
        }
        let cut = cut.min(file.len());
        if let Ok(captured) = read(&file[..cut]) {
            let _ = capture::json("", &captured);
            let files = [(String::new(), captured)];
            let _ = capture::conversations(&files, true).csv();
            let _ = capture::accounts(&files).csv();
        }
    }

    #[test]
    fn any_order_and_any_doubles_tell_the_same(
        order in Just((0..talks().len()).collect::<Vec<_>>()).prop_shuffle(),
        doubles in proptest::collection::vec(any::<prop::sample::Index>(), 0..10),
    ) {
        let segments = talks();
        let mut shuffled: Vec<Segment> = order.iter().map(|&index| segments[index].clone()).collect();
        for index in doubles {
            shuffled.insert(index.index(shuffled.len()), index.get(&segments).clone());
        }
        prop_assert_eq!(told(&shuffled), told(&segments));
    }

    #[test]
    fn segments_that_overlap_tell_the_same(
        cuts in proptest::collection::vec((any::<prop::sample::Index>(), 0_usize..100, 1_usize..150), 1..12),
    ) {
        let segments = talks();
        let mut more = segments.clone();
        for (index, from, len) in cuts {
            // Sent again in other pieces, some of which are captured first.
            let mut again = index.get(&segments).clone();
            let from = from.min(again.data.len());
            let to = (from + len).min(again.data.len());
            again.sequence = again.sequence.wrapping_add(from as u32);
            again.data = again.data[from..to].to_vec();
            again.flags = 16;
            again.at = segments.iter().map(|one| one.at).filter(|at| *at >= again.at).min().unwrap();
            more.push(again);
        }
        more.reverse();
        prop_assert_eq!(told(&more), told(&segments));
    }

    #[test]
    fn spoiled_frames_are_each_counted_once(
        is_late in any::<bool>(),
        spoiled in proptest::collection::vec(
            (any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<u8>()),
            1..12,
        ),
    ) {
        let mut segments = if is_late { h2::joined_late() } else { h2::mixed() };
        for (segment, place, byte) in spoiled {
            let count = segments.len();
            let data = &mut segments[segment.index(count)].data;
            if !data.is_empty() {
                let len = data.len();
                data[place.index(len)] = byte;
            }
        }
        let captured = captured(&segments);
        for way in Direction::ALL {
            let total: u64 = captured.conversations.iter().map(|one| one.total(way)).sum();
            prop_assert_eq!(total, sent(&segments)[way as usize]);
        }
    }
}
