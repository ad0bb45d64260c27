//! Tests of the probes without a proxy.

use super::*;

fn direct() -> (Upstream, Endpoint) {
    let upstream = Upstream::start().expect("a server");
    let endpoint = Endpoint {
        address: upstream.address,
        tls: None,
    };
    (upstream, endpoint)
}

/// Checks that without a proxy everything passes, nothing is added and nothing is cut.
#[test]
fn a_server_without_a_proxy_is_right() {
    let (upstream, endpoint) = direct();
    let bench = Bench {
        upstream: &upstream,
        endpoint: &endpoint,
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

/// Checks that an endpoint behind which nobody is makes no finding that looks like one.
#[test]
fn a_door_that_is_shut_is_said_to_be() {
    let (upstream, mut endpoint) = direct();
    endpoint.address.set_port(1);
    let bench = Bench {
        upstream: &upstream,
        endpoint: &endpoint,
        most: 1,
    };
    for found in Way::ALL.map(|way| bench.way(way)) {
        assert!(matches!(found.passes, Passes::No(_)), "{found:?}");
    }
    assert_eq!(bench.cut(Way::Sse, AT_ONCE), Seen::Unknown);
}
