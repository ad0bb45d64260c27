//! Any bytes to the server's front, and any frames after a handshake: no task panics, connections
//! end or are answered, and a bystander is served all the while.

use std::{
    collections::VecDeque,
    io,
    net::SocketAddr,
    panic,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use server::{Compress, Settings};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    runtime::Runtime,
    task::JoinSet,
    time::timeout,
};

use crate::fixture::{Server, get};

#[path = "../../../../fuzz/driver.rs"]
mod driver;

/// The inputs that are on their way at once: an answer may take as long as a poll is held. Each
/// takes two open files of this process.
const AT_ONCE: usize = 192;
/// The time after which a connection is given up that is neither ended nor spoken on.
const BEARS: Duration = Duration::from_millis(100);
/// The inputs between two looks at the bystander.
const LOOK: usize = 64;
/// The loopback addresses that inputs come from. One has some thirty thousand ports, and each is
/// kept for a minute by the side that ended first.
const ADDRESSES: usize = 250;

/// The panics of this process; those of a connection's task end nothing else, and would be missed.
static PANICS: AtomicUsize = AtomicUsize::new(0);

fn count_panics() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        PANICS.fetch_add(1, SeqCst);
        usual(info);
    }));
}

/// Connects from an address that the number of the input says.
async fn connect(address: SocketAddr, number: usize) -> io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    let host = 1 + (number % ADDRESSES) as u8;
    socket.bind(SocketAddr::from(([127, 0, 7, host], 0)))?;
    socket.connect(address).await
}

/// Sends these bytes, ends its side, and reads what comes.
async fn send(address: SocketAddr, number: usize, before: &'static [u8], input: Arc<[u8]>) {
    // One that cannot be sent must not count as tried: this panic counts, too.
    let mut stream = connect(address, number).await.expect("a connection");
    let exchange = async {
        stream.write_all(before).await.ok()?;
        // A server may end a connection before it has read all that is wrong with it.
        stream.write_all(&input).await.ok()?;
        stream.shutdown().await.ok()?;
        let mut rest = [0; 4096];
        while stream.read(&mut rest).await.ok()? > 0 {}
        Some(())
    };
    let _ = timeout(BEARS, exchange).await;
}

/// Checks that nothing has panicked; else leaves the last inputs, one of which it was.
fn found_none(target: &str, last: &VecDeque<Arc<[u8]>>) {
    if PANICS.load(SeqCst) > 0 {
        for input in last {
            driver::keep(target, input);
        }
        let count = last.len();
        panic!("a task panicked at one of the last {count} inputs, which are in target/fuzz");
    }
}

/// Sends all inputs of a target to a server, each behind `before`.
fn noise(target: &str, usual: u64, before: &'static [u8]) {
    count_panics();
    let runtime = Runtime::new().unwrap();
    let server = runtime.block_on(async {
        Server::with(Settings {
            echo: true,
            museum: true,
            compress: Compress::Shared,
            ..Settings::default()
        })
    });
    let mut sent = JoinSet::new();
    let mut bystander = runtime.block_on(server.connect());
    let mut last: VecDeque<Arc<[u8]>> = VecDeque::new();
    let mut number: usize = 0;
    driver::fuzz(target, usual, &[], |input| {
        let input: Arc<[u8]> = input.into();
        if last.len() > AT_ONCE + LOOK {
            last.pop_front();
        }
        last.push_back(Arc::clone(&input));
        let one = send(server.address, number, before, input);
        sent.spawn_on(one, runtime.handle());
        number += 1;
        // Nobody waits for the slowest: as one is through, the next is sent.
        while sent.len() >= AT_ONCE {
            let _ = runtime.block_on(sent.join_next());
        }
        if number.is_multiple_of(LOOK) {
            runtime.block_on(async {
                let answer = bystander.exchange(&get("/rooms/bystander/poll")).await;
                assert_eq!(answer.status(), 200);
            });
            found_none(target, &last);
        }
    });
    runtime.block_on(async { while sent.join_next().await.is_some() {} });
    found_none(target, &last);
    runtime.shutdown_background();
}

#[test]
fn fuzz_http() {
    noise("http", 1_500, b"");
}

#[test]
fn fuzz_websocket_frames() {
    const HANDSHAKE: &[u8] = b"GET /echo HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\n\
        connection: upgrade\r\nsec-websocket-version: 13\r\n\
        sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    noise("websocket", 750, HANDSHAKE);
}

#[test]
fn fuzz_compressed_websocket_frames() {
    const HANDSHAKE: &[u8] = b"GET /echo HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\n\
        connection: upgrade\r\nsec-websocket-version: 13\r\n\
        sec-websocket-extensions: permessage-deflate; server_max_window_bits=9\r\n\
        sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    noise("websocket", 750, HANDSHAKE);
}

#[test]
fn fuzz_drafts_over_a_websocket() {
    const HANDSHAKE: &[u8] = b"GET /rooms/a/ws?after=latest HTTP/1.1\r\nhost: x\r\n\
        upgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\n\
        sec-websocket-extensions: permessage-deflate\r\n\
        sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    noise("websocket", 750, HANDSHAKE);
}

/// Checks a session that has joined a room: what comes behind that is taken as from one of its
/// people.
#[test]
fn fuzz_packets_of_engine_io() {
    const JOINED: &[u8] = b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nhost: x\r\n\
        upgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\n\
        sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n\
        \x81\x8e\0\0\0\x0040{\"room\":\"a\"}";
    noise("engine-io", 750, JOINED);
}

#[test]
fn fuzz_frames_of_sockjs() {
    const HANDSHAKE: &[u8] = b"GET /sockjs/a/000/fuzz/websocket HTTP/1.1\r\nhost: x\r\n\
        upgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\n\
        sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    noise("sockjs", 750, HANDSHAKE);
}
