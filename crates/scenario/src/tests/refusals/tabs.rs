//! Readers that cannot be tabs of a browser with six connections.

use super::{SMALL, study};

const STREAM: &str = "transport=[{ kind = \"http_stream\" }]";
const LONG_POLL: &str = "transport=[{ kind = \"long_poll\" }]";
const WEBSOCKET: &str = "transport=[{ kind = \"websocket\" }]";
const CLOSES: &str = "transport=[{ kind = \"long_poll\", keep_alive = false }]";
const SOCKET_IO: &str = "transport=[{ kind = \"long_poll\", protocol = \"socket_io\" }]";
const POST: &str = "traffic.speak=post";

/// Returns why a scenario with these values, or one of its runs, is refused; nothing where all can
/// be run.
fn told(overrides: &[&str]) -> String {
    let checked = study(SMALL, overrides).and_then(|study| study.check_plans(&study.plans()));
    checked.map_or_else(|error| error.to_string(), |()| String::new())
}

#[test]
fn streams_leave_none_of_six_connections() {
    for (overrides, why) in [
        (
            [STREAM, POST, "swarm.tabs=7"],
            "swarm.tabs: a stream keeps one of the six connections that a browser opens to a server over HTTP/1.1, and a seventh tab would never load; tabs = 6 would work, or server.http = \"2\", or a poll",
        ),
        (
            [STREAM, "traffic.speak=same", "swarm.tabs=6"],
            "swarm.tabs: a stream keeps one of the six connections that a browser opens to a server over HTTP/1.1, and six tabs leave none for their drafts; tabs = 5 would work, or server.http = \"2\", or a poll",
        ),
    ] {
        let told = told(&overrides);
        assert!(told.ends_with(why), "{told}");
    }
    for right in [
        &[STREAM, POST, "swarm.tabs=6"][..],
        &[STREAM, "swarm.tabs=5"],
        &[STREAM, "swarm.tabs=7", "server.http=2"],
        &[WEBSOCKET, "swarm.tabs=20"],
        &["swarm.tabs=20"],
    ] {
        assert_eq!(told(right), "", "{right:?}");
    }
}

#[test]
fn a_drain_is_longer_than_held_questions_make_a_message_wait() {
    for (overrides, why) in [
        (
            &[LONG_POLL, POST, "swarm.tabs=8", "swarm.rooms=10"][..],
            "traffic.drain: with 8 tabs in a browser of six connections a message may wait 25s for questions that are held over HTTP/1.1; drain = \"50s\" would work, or a shorter hold",
        ),
        (
            &[LONG_POLL, "swarm.tabs=8"],
            "traffic.drain: with 8 tabs in a browser of six connections a message may wait 50s for questions that are held over HTTP/1.1; drain = \"1m 40s\" would work, or a shorter hold",
        ),
    ] {
        let told = told(overrides);
        assert!(told.ends_with(why), "{told}");
    }
    for right in [
        &[LONG_POLL, POST, "swarm.tabs=8"][..],
        &[LONG_POLL, "swarm.tabs=5", "swarm.rooms=10"],
        &[LONG_POLL, "swarm.tabs=8", "traffic.drain=60s"],
        &[LONG_POLL, "swarm.tabs=8", "traffic.publishers=0"],
    ] {
        assert_eq!(told(right), "", "{right:?}");
    }
}

#[test]
fn connections_that_are_used_in_turn_are_nobodys_own() {
    for (overrides, why) in [
        (
            &[CLOSES][..],
            "swarm.tabs: tabs share connections that stay open, and each question opens its own; keep_alive = true would work, or tabs = 1",
        ),
        (
            &[SOCKET_IO],
            "swarm.tabs: over HTTP/1.1 sessions of Socket.IO are not played as the tabs of a browser; server.http = \"2\" would work, or tabs = 1",
        ),
        (
            &["server.connections=50"],
            "swarm.tabs: over HTTP/1.1 the tabs of a browser use its connections in turn, and none of them has one of its own to lose and to come back over; tabs = 1 would work, or none of [cut], [churn], [reconnect], link.cut and server.connections",
        ),
        (
            &["link.cut.after=5s"],
            "tabs = 1 would work, or none of [cut], [churn], [reconnect], link.cut and server.connections",
        ),
        (
            &["server.store=redis", "server.nodes=2"],
            "server.nodes: a connection leads to one server, and tabs that use several in turn would read now from one server and now from another; nodes = 1 would work, or tabs = 1",
        ),
        (
            &["swarm.accounting={ sample = 3 }"],
            "swarm.accounting: the connection of one person is that of several tabs; \"all\" would work, or tabs = 1",
        ),
    ] {
        let told = told(&[overrides, &[POST, "swarm.tabs=2"]].concat());
        assert!(told.ends_with(why), "{told}");
    }
}
