//! Any bytes to the server's front, and any frames after a handshake: no task panics, connections
//! end or are answered, and a bystander is served all the while.

use std::{
    panic,
    sync::atomic::{AtomicUsize, Ordering::SeqCst},
    time::Duration,
};

use server::{Compress, Settings};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    runtime::Runtime,
    task::JoinSet,
    time::timeout,
};

use crate::fixture::{Server, get};

#[path = "../../../../fuzz/driver.rs"]
mod driver;

/// The inputs that are on their way at once: an answer may take as long as a poll is held.
const AT_ONCE: usize = 64;
/// The time after which a connection is given up that is neither ended nor spoken on.
const BEARS: Duration = Duration::from_millis(300);

/// The panics of this process; those of a connection's task end nothing else, and would be missed.
static PANICS: AtomicUsize = AtomicUsize::new(0);

fn count_panics() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        PANICS.fetch_add(1, SeqCst);
        usual(info);
    }));
}

/// Sends these bytes, ends its side, and reads what comes.
async fn send(address: std::net::SocketAddr, before: &'static [u8], input: Vec<u8>) {
    let Ok(mut stream) = TcpStream::connect(address).await else {
        return;
    };
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
    driver::fuzz(target, usual, &[], |input| {
        let one = send(server.address, before, input.to_vec());
        sent.spawn_on(one, runtime.handle());
        if sent.len() >= AT_ONCE {
            runtime.block_on(async {
                while sent.join_next().await.is_some() {}
                let answer = bystander.exchange(&get("/rooms/bystander/poll")).await;
                assert_eq!(answer.status(), 200);
            });
            assert_eq!(PANICS.load(SeqCst), 0, "among the last {AT_ONCE} inputs");
        }
    });
    runtime.block_on(async { while sent.join_next().await.is_some() {} });
    assert_eq!(PANICS.load(SeqCst), 0);
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
