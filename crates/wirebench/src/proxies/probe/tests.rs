//! Tests of the probes without a proxy.

use std::{
    io::{Read, Write},
    net::TcpListener,
    thread,
};

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

/// Returns an endpoint that gives this answer to whatever is asked, and closes.
fn that_says(answer: &'static str) -> Endpoint {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            if stream.read(&mut [0; 4_096]).is_ok_and(|count| count > 0) {
                // Whoever asked may be gone.
                let _ = stream.write_all(answer.as_bytes());
            }
        }
    });
    Endpoint { address, tls: None }
}

#[test]
fn half_an_answer_does_not_pass_and_an_end_is_no_silence() {
    const HALF: &str = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf";
    const SAID: &str = "HTTP/1.1 201 Created\r\ncontent-length: 9\r\n\r\nhalf";
    let (upstream, _) = direct();
    let of = |answer, look: fn(&Bench<'_>) -> Finding| {
        let endpoint = that_says(answer);
        let bench = Bench {
            upstream: &upstream,
            endpoint: &endpoint,
            most: 1,
        };
        look(&bench).passes
    };
    let no = |why: &str| Passes::No(why.to_owned());
    let poll = |bench: &Bench<'_>| bench.way(Way::ShortPoll);
    let post = |bench: &Bench<'_>| bench.post();
    assert_eq!(of(HALF, poll), no("closed within an answer"));
    assert_eq!(of(SAID, post), no("closed within an answer"));
    assert_eq!(of("", poll), no("closed"));
    assert_eq!(of("", post), no("closed"));
}

#[test]
fn of_an_even_number_the_median_is_in_the_middle() {
    let times = [10, 1, 3, 2].map(Duration::from_secs);
    assert_eq!(median(times.to_vec()), Some(2_500_000.0));
    assert_eq!(median(Vec::new()), None);
}
