//! The rebuilt packets, put together and dissected again as anybody's capture is.

use std::fs;

use capture::{Kind, Over};
use dissect::Direction;
use trace::Traced;
use wire::{Protocol, Way};

use crate::lives::lives;

/// Returns the kind of the conversation over which a life listens, where one life is enough to tell.
fn expected(way: Traced) -> Option<Kind> {
    Some(match way {
        Traced::Today(Way::Sse) => Kind::Sse,
        Traced::Today(Way::Ndjson) => Kind::Ndjson,
        Traced::Today(Way::Websocket) | Traced::Hixie76 => Kind::WebSocket,
        Traced::Spoken(Protocol::SocketIo, Way::Websocket) => Kind::SocketIo(Over::WebSocket),
        Traced::Spoken(Protocol::SocketIo, _) => Kind::SocketIo(Over::Polling),
        Traced::Spoken(Protocol::Sockjs, Way::Websocket) => Kind::SockJs(Over::WebSocket),
        Traced::Spoken(Protocol::Sockjs, Way::LongPoll) => Kind::SockJs(Over::Polling),
        Traced::Spoken(Protocol::Sockjs, _) => Kind::SockJs(Over::Streaming),
        _ => return None,
    })
}

#[test]
fn a_capture_of_every_life_adds_up_and_is_recognised() {
    let folder = tempfile::tempdir().unwrap();
    for (number, record) in lives().iter().enumerate() {
        let file = folder.path().join(format!("{number}.pcapng"));
        fs::write(&file, trace::pcapng(record)).unwrap();
        let captured = capture::read(&file, &capture::Keys::default()).unwrap();
        assert_eq!(captured.remarks, [], "{}", record.way);
        let conversations = &captured.conversations;
        for direction in Direction::ALL {
            let total: u64 = conversations.iter().map(|one| one.total(direction)).sum();
            assert_eq!(total, record.total(direction), "{}", record.way);
        }
        let unparsed: u64 = conversations.iter().map(|one| one.ledger.unparsed()).sum();
        assert_eq!(unparsed, 0, "{}: {conversations:?}", record.way);
        let kinds: Vec<Kind> = conversations.iter().map(|one| one.kind).collect();
        if let Some(kind) = expected(record.way) {
            assert!(kinds.contains(&kind), "{}: {kinds:?}", record.way);
        }
    }
}
