//! Tests of the probes without a proxy.

use super::*;

fn direct() -> (Upstream, Door) {
    let upstream = Upstream::start().expect("a server");
    let door = Door {
        address: upstream.address,
        tls: None,
    };
    (upstream, door)
}

/// Checks that without a proxy everything passes, nothing is added and nothing is cut.
#[test]
fn a_server_without_a_proxy_is_right() {
    let (upstream, door) = direct();
    let bench = Bench {
        upstream: &upstream,
        door: &door,
        most: 1,
    };
    for way in Way::ALL {
        let found = bench.way(way);
        assert_eq!(found.passes, Passes::Yes, "{found:?}");
        assert_eq!(found.added_bytes, Some(0.0), "{found:?}");
        assert_eq!(found.first_bytes.is_some(), !way.polls(), "{found:?}");
    }
    let found = bench.post();
    assert_eq!((found.passes, found.added_bytes), (Passes::Yes, Some(0.0)));
    assert_eq!(found.note, "");
    let within = Duration::from_millis(300);
    assert_eq!(bench.cut(Way::Sse, within), Seen::Not(within));
}

/// Checks that a door behind which nobody is makes no finding that looks like one.
#[test]
fn a_door_that_is_shut_is_said_to_be() {
    let (upstream, mut door) = direct();
    door.address.set_port(1);
    let bench = Bench {
        upstream: &upstream,
        door: &door,
        most: 1,
    };
    for found in Way::ALL.map(|way| bench.way(way)) {
        assert!(matches!(found.passes, Passes::No(_)), "{found:?}");
    }
    assert_eq!(bench.cut(Way::Sse, AT_ONCE), Seen::Unknown);
}
