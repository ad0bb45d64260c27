//! A crowd behind a browser's limit of connections.

use std::time::Duration;

use experiment::{Crowd, draft, heard};
use swarm::Target;
use wire::Transport;

use crate::server;

fn crowd(transport: Transport, readers: usize, hold: Duration) -> Crowd {
    Crowd {
        transport,
        readers,
        cap: 6,
        hold,
    }
}

#[test]
fn a_draft_waits_only_where_every_place_is_held() {
    let server = server();
    let port = [Target::at(server)];
    let short = Duration::from_secs(1);
    let took = draft(&port, crowd(Transport::LongPoll, 6, short)).unwrap();
    assert!(took >= short, "{took:?}");
    // With one place left the draft is there first, however slow the machine.
    let long = Duration::from_secs(20);
    let took = draft(&port, crowd(Transport::LongPoll, 5, long)).unwrap();
    assert!(took < long, "{took:?}");
}

#[test]
fn who_has_no_place_hears_nothing() {
    let server = server();
    let ports = [Target::at(server), Target::at(server)];
    for transport in [Transport::HttpStream, Transport::Websocket] {
        let crowd = crowd(transport, 8, Duration::ZERO);
        assert_eq!(heard(&ports[..1], crowd).unwrap(), 6, "{transport:?}");
        assert_eq!(heard(&ports, crowd).unwrap(), 8, "{transport:?}");
    }
    let polls = crowd(Transport::ShortPoll, 8, Duration::ZERO);
    let why = heard(&ports, polls).unwrap_err().to_string();
    assert!(why.contains("name a transport that stays"), "{why}");
}
