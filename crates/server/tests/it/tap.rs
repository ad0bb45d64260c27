//! Tests that a tap sees exactly the bytes that crossed the socket.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Instant,
};

use dissect::Direction;
use server::{Bookkeeper, Settings, Tap, Watch};

use crate::fixture::{Server, get, soon};

/// The pieces of one connection, each with its time.
type Pieces = Arc<Mutex<Vec<(Direction, Instant, Vec<u8>)>>>;

struct Notes(Pieces);

impl Watch for Notes {
    fn passed(&mut self, direction: Direction, at: Instant, bytes: &[u8]) {
        let piece = (direction, at, bytes.to_vec());
        self.0.lock().unwrap().push(piece);
    }
}

/// Returns all bytes of one direction.
fn heard(pieces: &Pieces, direction: Direction) -> String {
    let pieces = pieces.lock().unwrap();
    let of_it = pieces.iter().filter(|piece| piece.0 == direction);
    let bytes = of_it.flat_map(|piece| piece.2.iter().copied()).collect();
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn every_byte_in_order_with_its_time_and_only_where_it_is_wanted() {
    let pieces = Pieces::default();
    let peers: Arc<Mutex<Vec<SocketAddr>>> = Arc::default();
    let (notes, known) = (Arc::clone(&pieces), Arc::clone(&peers));
    let tap = Tap::new(move |peer| {
        known.lock().unwrap().push(peer);
        let is_first = known.lock().unwrap().len() == 1;
        is_first.then(|| Box::new(Notes(Arc::clone(&notes))) as Box<dyn Watch>)
    });
    let began = Instant::now();
    let server = Server::with(Settings {
        tap: Some(tap),
        ..Settings::default()
    });
    let mut watched = server.connect().await;
    let request = get("/rooms/a/poll?after=0");
    let first = watched.exchange(&request).await;
    let second = watched.exchange(&request).await;
    server.say("nobody watches this").await;
    assert_eq!((first.status(), second.status()), (200, 200));
    assert_eq!(heard(&pieces, Direction::Up), request.repeat(2));
    let down = heard(&pieces, Direction::Down);
    assert_eq!(down.matches("HTTP/1.1 200 OK\r\n").count(), 2);
    assert_eq!(down.matches("{\"events\":[]").count(), 2);
    assert_eq!(peers.lock().unwrap().len(), 2);
    let times: Vec<Instant> = pieces.lock().unwrap().iter().map(|piece| piece.1).collect();
    assert!(times.is_sorted() && times[0] >= began);
}

#[tokio::test]
async fn a_bookkeeper_tells_what_it_could_not_understand() {
    let keeper = Bookkeeper::new();
    let server = Server::with(Settings {
        tap: Some(keeper.tap()),
        ..Settings::default()
    });
    server.get("/healthz").await;
    let mut wire = server.connect().await;
    wire.write(b"no request at all\r\n\r\n").await;
    wire.rest().await;
    drop(wire);
    let accounts = soon(async {
        loop {
            let accounts = keeper.accounts();
            if (accounts.open, accounts.connections) == (0, 2) {
                return accounts;
            }
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(
        accounts.faults,
        ["byte 0 up: not the head of an HTTP/1.1 request"]
    );
    assert_eq!(accounts.difference, 0);
    assert!(accounts.ledger.unparsed() >= 21, "{accounts:?}");
}
