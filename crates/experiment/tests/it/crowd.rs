//! A crowd behind a browser's limit of connections.

use std::time::Duration;

use experiment::{Crowd, draft, heard, tabs};
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

/// Returns a port whose readers share one connection of HTTP/2.
fn shared(server: std::net::SocketAddr) -> Target {
    Target {
        http2: true,
        ..Target::at(server)
    }
}

#[test]
fn over_http2_the_limit_is_the_servers() {
    let port = [shared(server())];
    let streams = |readers| crowd(Transport::HttpStream, readers, Duration::ZERO);
    assert_eq!(heard(&port, streams(8)).unwrap(), 8);
    assert_eq!(heard(&port, streams(140)).unwrap(), 128);
    let sockets = crowd(Transport::Websocket, 8, Duration::ZERO);
    let why = heard(&port, sockets).unwrap_err().to_string();
    assert!(why.contains("name a stream"), "{why}");
    // Six polls would hold all six connections; here none is in the draft's way.
    let long = Duration::from_secs(20);
    let took = draft(&port, crowd(Transport::LongPoll, 6, long)).unwrap();
    assert!(took < long, "{took:?}");
}

/// Returns the number of the first tab that never loads.
fn first(target: &Target, cap: usize, streams: usize) -> String {
    let seen = tabs(target, cap, streams).unwrap();
    assert_eq!(seen[0].quantity, "first that never loads");
    seen[0].value.to_string()
}

#[test]
fn the_first_tab_that_never_loads_follows_from_the_limit() {
    let server = server();
    let alone = Target::at(server);
    for (cap, streams, tab) in [(6, 1, "7"), (6, 2, "4"), (6, 4, "3"), (4, 1, "5")] {
        let found = first(&alone, cap, streams);
        assert_eq!(found, tab, "{streams} streams and {cap} connections");
    }
    // 128 requests, whatever the queue of HTTP/1.1 would be.
    assert_eq!(first(&shared(server), 6, 3), "44");
}
