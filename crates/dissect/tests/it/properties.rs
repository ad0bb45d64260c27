//! Properties that hold for any bytes and any cuts.

use dissect::Direction::{self, *};
use proptest::{collection::vec, prelude::*, sample::Index};

use crate::talk::*;

/// Makes an event of a room, with text that looks like what surrounds it.
fn event() -> impl Strategy<Value = String> {
    (
        0..u64::MAX,
        prop_oneof!["[a-z{}\\[\\], ]{0,200}", Just("\\\"\\\\".to_owned())],
        any::<bool>(),
    )
        .prop_map(|(seq, text, said)| if said { message(seq, &text) } else { join(seq) })
}

/// Makes a whole exchange on a connection that goes on.
fn exchange() -> impl Strategy<Value = Talk> {
    let in_chunks = |body: String, cuts: &[Index]| {
        let mut places: Vec<_> = cuts.iter().map(|cut| cut.index(body.len() + 1)).collect();
        places.extend([0, body.len()]);
        places.sort_unstable();
        places.dedup();
        let mut text = CHUNKED.to_owned();
        for ends in places.windows(2) {
            text += &chunk(&body[ends[0]..ends[1]]);
        }
        text + "0\r\n\r\n"
    };
    let cuts = || vec(any::<Index>(), 0..4);
    prop_oneof![
        vec(event(), 0..4)
            .prop_map(|events| vec![up(get("/rooms/a/poll")), down(answer(200, &batch(&events)))]),
        (vec(event(), 0..4), cuts()).prop_map(move |(events, cuts)| vec![
            up(get("/rooms/a/long-poll?hold=1")),
            down(in_chunks(batch(&events), &cuts))
        ]),
        (vec(event(), 0..4), cuts()).prop_map(move |(events, cuts)| vec![
            up(get("/rooms/a/stream")),
            down(in_chunks(events.join("\n\n") + "\n", &cuts))
        ]),
        (vec(event(), 0..4), "\r?\n", cuts()).prop_map(move |(events, end, cuts)| {
            let events = events
                .into_iter()
                .map(|event| format!("id: 7{end}data: {event}{end}{end}:{end}{end}"));
            let body = format!(":{end}{end}retry: 1{end}{end}") + &events.collect::<String>();
            vec![up(get("/rooms/a/sse")), down(in_chunks(body, &cuts))]
        }),
        (vec(event(), 0..4), 0..80_usize, cuts()).prop_map(move |(events, padding, cuts)| {
            let script = format!("/*{}*/f({});\n", " ".repeat(padding), batch(&events));
            vec![
                up(get("/rooms/a/jsonp?callback=f")),
                down(in_chunks(script, &cuts)),
            ]
        }),
        (vec(event(), 0..4), cuts()).prop_map(move |(events, cuts)| {
            let elements = events
                .into_iter()
                .map(|event| format!("<script>e({event})</script>\n\n"));
            let page = "<!doctype html><script>e({\"kind\":\"open\"})</script>\n".to_owned();
            let page = page + &elements.collect::<String>();
            vec![up(get("/rooms/a/iframe")), down(in_chunks(page, &cuts))]
        }),
        Just(vec![
            up("POST /rooms/a/messages HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"),
            up(chunk("{\"from\":\"a\",") + &chunk("\"text\":\"b\"}") + "0\r\nA: b\r\n\r\n"),
            down("HTTP/1.1 100 Continue\r\n\r\n"),
            down(answer(201, "{\"seq\":1}")),
        ]),
        Just(vec![
            up(get("/").repeat(2) + &get("/rooms/a/poll").repeat(2)),
            down(answer(200, "x") + "HTTP/1.1 204 X\r\n\r\n" + &answer(200, &batch(&[])).repeat(2)),
        ]),
    ]
}

fn frames() -> impl Strategy<Value = Talk> {
    let some = prop_oneof![
        event().prop_map(|event| vec![(Down, frame(Down, 0x81, event.as_bytes()))]),
        vec(any::<u8>(), 0..300).prop_map(|bytes| vec![(Up, frame(Up, 0x82, &bytes))]),
        (event(), any::<Index>()).prop_map(|(event, cut)| {
            let (first, second) = event.as_bytes().split_at(cut.index(event.len()));
            vec![
                (Down, frame(Down, 0x01, first)),
                (Down, frame(Down, 0x89, b"ping")),
                (Up, frame(Up, 0x8a, b"ping")),
                (Down, frame(Down, 0x80, second)),
            ]
        }),
        Just(vec![(
            Down,
            frame(Down, 0x81, message(1, &"x".repeat(70_000)).as_bytes())
        )]),
        Just(vec![(Down, frame(Down, 0x81, b"{\"kind\":\"said\"}"))]),
    ];
    vec(some, 0..6).prop_map(|frames| [vec![upgraded()], frames].concat().concat())
}

/// Makes a connection that breaks nothing: exchanges, then perhaps a WebSocket.
fn talk() -> impl Strategy<Value = Talk> {
    (vec(exchange(), 0..5), proptest::option::of(frames())).prop_map(|(exchanges, frames)| {
        let mut talk = exchanges.concat();
        talk.extend(frames.unwrap_or_default());
        talk
    })
}

/// Returns the same bytes in the same order with other cuts: neighbours of one direction are
/// joined, and pieces that are long enough are cut.
fn cut(talk: &Talk, cuts: &[usize]) -> Talk {
    let mut joined: Talk = Vec::new();
    for (direction, bytes) in talk {
        match joined.last_mut() {
            Some((last, before)) if last == direction => before.extend_from_slice(bytes),
            _ => joined.push((*direction, bytes.clone())),
        }
    }
    let mut sizes = cuts.iter().copied().cycle();
    let mut pieces = Vec::new();
    for (direction, bytes) in joined {
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(sizes.next().unwrap_or(1).min(rest.len()));
            pieces.push((direction, piece.to_vec()));
            rest = after;
        }
    }
    pieces
}

fn cuts() -> impl Strategy<Value = Vec<usize>> {
    vec(
        prop_oneof![1..4_usize, 1..100_usize, 1..100_000_usize],
        1..20,
    )
}

fn direction() -> impl Strategy<Value = Direction> {
    prop_oneof![Just(Up), Just(Down)]
}

proptest! {
    #[test]
    fn any_cut_gives_the_same_spans(talk in talk(), cuts in cuts()) {
        let whole = dissect(&talk);
        prop_assert_eq!(whole.fault, None);
        prop_assert_eq!(whole, dissect(&cut(&talk, &cuts)));
    }

    /// Checks by `dissect` that spans are in order and add up.
    #[test]
    fn any_bytes_are_accounted_for(
        pieces in vec((direction(), vec(any::<u8>(), 0..100)), 0..20),
        cuts in cuts(),
    ) {
        prop_assert_eq!(dissect(&pieces), dissect(&cut(&pieces, &cuts)));
    }

    #[test]
    fn a_connection_with_a_few_wrong_bytes_is_accounted_for_the_same_for_any_cut(
        mut talk in talk(),
        wrong in vec((any::<Index>(), any::<Index>(), prop_oneof![any::<u8>(), Just(b'\r'), Just(b'\n'), Just(b'0')]), 1..6),
        lost in proptest::option::of((any::<Index>(), any::<Index>())),
        cuts in cuts(),
    ) {
        if talk.is_empty() {
            return Ok(());
        }
        for (piece, place, byte) in wrong {
            let bytes = &mut piece.get_mut(&mut talk).1;
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        if let Some((piece, from)) = lost {
            let bytes = &mut piece.get_mut(&mut talk).1;
            let from = from.index(bytes.len());
            bytes.truncate(from);
        }
        prop_assert_eq!(dissect(&talk), dissect(&cut(&talk, &cuts)));
    }

    #[test]
    fn any_end_of_a_connection_is_accounted_for_the_same_for_any_cut(
        mut talk in talk(),
        end in any::<Index>(),
        cuts in cuts(),
    ) {
        if talk.is_empty() {
            return Ok(());
        }
        talk.truncate(end.index(talk.len()) + 1);
        if let Some((_, bytes)) = talk.last_mut() {
            let from = end.index(bytes.len());
            bytes.truncate(from);
        }
        let ended = dissect(&talk);
        prop_assert_eq!(ended.ledger().unparsed(), 0);
        prop_assert_eq!(ended, dissect(&cut(&talk, &cuts)));
    }
}
