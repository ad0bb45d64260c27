//! Receives over real sockets.

use std::{
    fs::File,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    os::{fd::AsFd, unix::net::UnixStream},
    time::Duration,
};

use socket2::SockRef;

use super::{
    buffers::{FEW, SIZE},
    *,
};
use crate::socket::io::tests::has_uring;

fn pair() -> (UnixStream, UnixStream) {
    UnixStream::pair().expect("a pair")
}

/// Looks until something has come.
fn look(ring: &mut Ring) {
    while !ring.look().expect("a ring") {
        std::thread::yield_now();
    }
}

/// Takes the next that comes, in words: the place, the bytes or what there is of them, and whether
/// more comes.
fn next(ring: &mut Ring) -> (usize, String, bool) {
    look(ring);
    let told = |arrival: Arrival<'_>| {
        let said = match arrival.came {
            Came::Bytes(bytes) => String::from_utf8(bytes.to_vec()).expect("a text"),
            other => format!("{other:?}"),
        };
        (arrival.place, said, arrival.goes_on)
    };
    ring.take_next(told).expect("something")
}

/// Stops the receive of a place and returns the bytes that it had brought.
fn stop(ring: &mut Ring, place: usize) -> Vec<u8> {
    let mut brought = Vec::new();
    let stopped = ring.stop(place, |arrival| {
        if let Came::Bytes(bytes) = arrival.came {
            brought.extend_from_slice(bytes);
        }
    });
    stopped.expect("a ring");
    brought
}

#[test]
fn what_comes_is_told_with_its_place_and_in_order() {
    if !has_uring() {
        return;
    }
    let mut ring = Ring::open(2).expect("a ring");
    let ([mut one, mut other], [a, b]) = {
        let (a, one) = pair();
        let (b, other) = pair();
        ([one, other], [a, b])
    };
    // What lies there already is received as well.
    one.write_all(b"first").expect("room");
    ring.begin(0, a.as_fd()).expect("a ring");
    ring.begin(1, b.as_fd()).expect("a ring");
    assert_eq!(next(&mut ring), (0, "first".to_owned(), true));
    other.write_all(b"second").expect("room");
    assert_eq!(next(&mut ring), (1, "second".to_owned(), true));
    one.write_all(b"third").expect("room");
    assert_eq!(next(&mut ring), (0, "third".to_owned(), true));
    drop(other);
    assert_eq!(next(&mut ring), (1, "End".to_owned(), false));
    assert!(!ring.look().expect("a ring"), "there is nothing more");
}

#[tokio::test]
async fn the_bell_rings_for_a_thread_that_waits_for_it() {
    if !has_uring() {
        return;
    }
    let mut ring = Ring::open(1).expect("a ring");
    let (near, mut far) = pair();
    let bell = ring.bell().expect("a descriptor");
    ring.begin(0, near.as_fd()).expect("a ring");
    for text in ["one", "two", "three"] {
        far.write_all(text.as_bytes()).expect("room");
        let waits = tokio::time::timeout(Duration::from_secs(20), bell.readable());
        waits
            .await
            .expect("a bell")
            .expect("a runtime")
            .clear_ready();
        assert_eq!(next(&mut ring).1, text);
        assert!(!ring.look().expect("a ring"), "there is nothing more");
    }
}

#[test]
fn a_reset_is_told_with_its_number() {
    if !has_uring() {
        return;
    }
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let near = TcpStream::connect(listener.local_addr().expect("one")).expect("a server");
    let (far, _) = listener.accept().expect("a client");
    let mut ring = Ring::open(1).expect("a ring");
    ring.begin(0, near.as_fd()).expect("a ring");
    // A socket closes with a reset if it may not linger.
    SockRef::from(&far)
        .set_linger(Some(Duration::ZERO))
        .expect("a socket");
    drop(far);
    let reset = format!("Failed({})", libc::ECONNRESET);
    assert_eq!(next(&mut ring), (0, reset, false));
}

#[test]
fn buffers_that_run_out_are_made_more_and_nothing_is_lost() {
    if !has_uring() {
        return;
    }
    // More than there are buffers at first.
    let count = usize::from(FEW) + 72;
    let mut ring = Ring::open(count).expect("a ring");
    let pairs: Vec<_> = (0..count).map(|_| pair()).collect();
    for (place, (near, far)) in pairs.iter().enumerate() {
        let mut far = far;
        ring.begin(place, near.as_fd()).expect("a ring");
        far.write_all(format!("to {place}").as_bytes())
            .expect("room");
    }
    // Nothing is taken until the kernel has nothing more to do.
    while ring.has_work() {
        ring.look().expect("a ring");
    }
    let (mut heard, mut starved) = (vec![String::new(); count], 0);
    while heard.iter().any(String::is_empty) {
        let (place, said, goes_on) = next(&mut ring);
        if said == "Nothing" {
            starved += 1;
            assert!(!goes_on);
            let (near, _) = &pairs[place];
            ring.begin_soon(place, near.as_fd()).expect("a ring");
        } else {
            heard[place].push_str(&said);
        }
    }
    assert!(starved > 0, "there were buffers enough");
    for (place, said) in heard.iter().enumerate() {
        assert_eq!(*said, format!("to {place}"));
    }
}

#[test]
fn what_is_longer_than_a_buffer_comes_in_several() {
    if !has_uring() {
        return;
    }
    let mut ring = Ring::open(1).expect("a ring");
    let (near, mut far) = pair();
    ring.begin(0, near.as_fd()).expect("a ring");
    let long: String = (0..10_000)
        .map(|n| char::from(b'a' + (n % 23) as u8))
        .collect();
    far.write_all(long.as_bytes()).expect("room");
    let mut heard = String::new();
    while heard.len() < long.len() {
        let (_, said, goes_on) = next(&mut ring);
        assert!(goes_on && said.len() <= SIZE);
        heard += &said;
    }
    assert_eq!(heard, long);
}

#[test]
fn a_receive_that_is_stopped_gives_what_it_had_and_leaves_the_rest() {
    if !has_uring() {
        return;
    }
    for [looked_at, brought, left] in [
        ["", "", "abc"],
        ["abc", "", "def"],
        ["abc", "def", ""],
        ["", "abc", "def"],
    ] {
        let mut ring = Ring::open(2).expect("a ring");
        let (mut near, mut far) = pair();
        let (bystander, mut others) = pair();
        ring.begin(0, near.as_fd()).expect("a ring");
        ring.begin(1, bystander.as_fd()).expect("a ring");
        others.write_all(b"for another").expect("room");
        far.write_all(looked_at.as_bytes()).expect("room");
        if !looked_at.is_empty() {
            look(&mut ring);
        }
        far.write_all(brought.as_bytes()).expect("room");
        let mut heard = stop(&mut ring, 0);
        assert!(heard.starts_with(looked_at.as_bytes()));
        far.write_all(left.as_bytes()).expect("room");
        drop(far);
        near.read_to_end(&mut heard).expect("a socket");
        assert_eq!(heard, [looked_at, brought, left].concat().as_bytes());
        // Whoever is not stopped hears on.
        assert_eq!(next(&mut ring), (1, "for another".to_owned(), true));
        // To stop what is stopped already brings nothing.
        assert_eq!(stop(&mut ring, 0), b"");
    }
}

#[test]
fn nobody_hears_what_an_earlier_receive_of_the_place_brought() {
    if !has_uring() {
        return;
    }
    let mut ring = Ring::open(1).expect("a ring");
    let (early, mut to_early) = pair();
    let (late, mut to_late) = pair();
    ring.begin(0, early.as_fd()).expect("a ring");
    to_early.write_all(b"for the first").expect("room");
    look(&mut ring);
    ring.begin(0, late.as_fd()).expect("a ring");
    to_early.write_all(b"also for the first").expect("room");
    to_late.write_all(b"for the second").expect("room");
    drop(to_early);
    assert_eq!(next(&mut ring), (0, "for the second".to_owned(), true));
    while ring.has_work() {
        ring.look().expect("a ring");
    }
    assert!(ring.take_next(|_| ()).is_none(), "the rest is for nobody");
    assert_eq!(stop(&mut ring, 0), b"");
}

#[test]
fn all_that_came_is_there_when_all_are_stopped() {
    if !has_uring() {
        return;
    }
    let count = 3 * ENTRIES as usize;
    let mut ring = Ring::open(count).expect("a ring");
    let pairs: Vec<_> = (0..count).map(|_| pair()).collect();
    for (place, (near, _)) in pairs.iter().enumerate() {
        ring.begin(place, near.as_fd()).expect("a ring");
    }
    let (_, far) = &pairs[7];
    let mut far = far;
    far.write_all(b"before").expect("room");
    look(&mut ring);
    ring.stop_all().expect("a ring");
    assert_eq!(ring.open, 0);
    let mut came = Vec::new();
    while let Some(one) = ring.take_next(|arrival| match arrival.came {
        Came::Bytes(bytes) => bytes.to_vec(),
        _ => Vec::new(),
    }) {
        came.extend(one);
    }
    assert_eq!(came, b"before");
}

#[test]
fn a_ring_that_fails_says_so_and_keeps_its_buffers() {
    if !has_uring() {
        return;
    }
    let (near, _far) = pair();
    let mut ring = Ring::open(1).expect("a ring");
    let null = File::open("/dev/null").expect("it is there");
    // SAFETY: both are open, and the ring is asked for nothing but to fail.
    let replaced = unsafe { libc::dup2(null.as_raw_fd(), ring.uring.as_raw_fd()) };
    assert_eq!(replaced, ring.uring.as_raw_fd());
    assert!(ring.begin(0, near.as_fd()).is_err(), "it is no ring");
    assert!(ring.stop(0, |_| ()).is_err());
}
