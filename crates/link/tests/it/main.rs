//! A link between real sockets on loopback: what arrives, in which order, and never too soon.

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use rand::{RngExt, SeedableRng, rngs::SmallRng};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
    time::timeout,
};

mod ends;
mod exchanges;
mod fuzz;
mod proxy;
mod sealed;

/// The longest time that a test waits, even on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// Starts a link to `to`, as `--link` would, and says where it listens.
async fn link(to: SocketAddr, settings: &str) -> SocketAddr {
    let settings = link::settings_from(settings).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(link::run(listener, to, settings, std::future::pending()));
    address
}

/// Opens a connection through a link, and returns its client's and its server's end.
async fn through(settings: &str) -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = link(listener.local_addr().unwrap(), settings).await;
    let client = TcpStream::connect(address).await.unwrap();
    let (server, _) = within(listener.accept()).await.unwrap();
    client.set_nodelay(true).unwrap();
    server.set_nodelay(true).unwrap();
    (client, server)
}

/// Accepts connections for ever and echoes their bytes. Returns the address.
async fn echo_server() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut from, mut to) = stream.split();
                tokio::io::copy(&mut from, &mut to).await?;
                to.shutdown().await
            });
        }
    });
    address
}

async fn within<T>(what: impl Future<Output = T>) -> T {
    timeout(PATIENCE, what).await.expect("it should not hang")
}

fn random_bytes(seed: u64, size: usize) -> Vec<u8> {
    let mut bytes = vec![0; size];
    SmallRng::seed_from_u64(seed).fill(&mut bytes[..]);
    bytes
}

/// Says all of `said` in odd pieces and hears until the other end has said everything.
fn converse(stream: TcpStream, said: Vec<u8>) -> JoinHandle<Vec<u8>> {
    tokio::spawn(async move {
        let (mut from, mut to) = stream.into_split();
        let saying = tokio::spawn(async move {
            for piece in said.chunks(7919) {
                to.write_all(piece).await.unwrap();
            }
            to.shutdown().await.unwrap();
        });
        let mut heard = Vec::new();
        from.read_to_end(&mut heard).await.unwrap();
        saying.await.unwrap();
        heard
    })
}

#[tokio::test]
async fn bytes_arrive_as_they_were_both_ways_under_jitter() {
    for settings in ["", "delay=4ms,jitter=4ms,seed=3", "rate=200mbit,delay=1ms"] {
        let (client, server) = through(settings).await;
        let [up, down] = [1, 2].map(|seed| random_bytes(seed, 3 << 20));
        let at_client = converse(client, up.clone());
        let at_server = converse(server, down.clone());
        assert!(within(at_server).await.unwrap() == up, "{settings}");
        assert!(within(at_client).await.unwrap() == down, "{settings}");
    }
}

#[tokio::test]
async fn a_byte_takes_at_least_the_delay_each_way() {
    let (mut client, mut server) = through("delay=30ms").await;
    for _ in 0..5 {
        for up in [true, false] {
            let (from, to) = if up {
                (&mut client, &mut server)
            } else {
                (&mut server, &mut client)
            };
            let sent = Instant::now();
            from.write_u8(1).await.unwrap();
            within(to.read_u8()).await.unwrap();
            assert!(sent.elapsed() >= Duration::from_millis(30));
        }
    }
}

#[tokio::test]
async fn messages_travel_at_the_same_time() {
    // A link that moved one message at a time would need 100 delays, and lose patience.
    let (mut client, mut server) = through("delay=2s").await;
    let began = Instant::now();
    for number in 0..100 {
        client.write_u8(number).await.unwrap();
        tokio::task::yield_now().await;
    }
    let mut heard = [0; 100];
    within(server.read_exact(&mut heard)).await.unwrap();
    assert!(heard.into_iter().eq(0..100));
    assert!(began.elapsed() >= Duration::from_secs(2));
}

#[tokio::test]
async fn setting_up_costs_a_round_trip_once() {
    let address = link(echo_server().await, "delay=20ms,connect-rtt").await;
    let mut began = Instant::now();
    let mut client = TcpStream::connect(address).await.unwrap();
    // The first answer: three delays there, one back.
    for least in [80, 40, 40].map(Duration::from_millis) {
        client.write_u8(1).await.unwrap();
        within(client.read_u8()).await.unwrap();
        assert!(began.elapsed() >= least);
        began = Instant::now();
    }
}

#[tokio::test]
async fn a_rate_is_not_exceeded() {
    let (mut client, mut server) = through("rate=1mbit").await;
    let began = Instant::now();
    client.write_all(&vec![7; 25_000]).await.unwrap(); // 200 ms worth
    let mut heard = vec![0; 25_000];
    within(server.read_exact(&mut heard)).await.unwrap();
    assert!(began.elapsed() >= Duration::from_millis(200));
}

#[tokio::test]
async fn a_stall_stops_a_busy_conversation() {
    let address = link(echo_server().await, "stall=200ms,120ms").await;
    let mut client = TcpStream::connect(address).await.unwrap();
    let (began, mut longest) = (Instant::now(), Duration::ZERO);
    // Until a stall was felt: whoever is not late at its beginning feels most of it.
    while longest < Duration::from_millis(60) {
        assert!(began.elapsed() < PATIENCE);
        let sent = Instant::now();
        client.write_u8(1).await.unwrap();
        within(client.read_u8()).await.unwrap();
        longest = longest.max(sent.elapsed());
    }
}

#[tokio::test]
async fn a_sender_feels_a_receiver_who_does_not_read() {
    let (mut client, _server) = through("delay=1ms").await;
    let sent = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&sent);
    let sending = tokio::spawn(async move {
        let some = vec![0; 1 << 16];
        while client.write_all(&some).await.is_ok() {
            counter.fetch_add(some.len(), Ordering::Relaxed);
        }
    });
    // Kernel buffers take some megabytes; the link itself takes 256 KiB and no more.
    let mut before = usize::MAX;
    while before != sent.load(Ordering::Relaxed) {
        before = sent.load(Ordering::Relaxed);
        assert!(before < 256 << 20, "nothing held the sender back");
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    sending.abort();
}

#[tokio::test]
async fn two_hundred_connections_are_kept_apart() {
    let address = link(echo_server().await, "delay=5ms,jitter=5ms").await;
    let conversations: Vec<_> = (0..200)
        .map(|number| async move {
            let stream = TcpStream::connect(address).await?;
            let said = random_bytes(number, 20_000);
            let heard = converse(stream, said.clone()).await?;
            io::Result::Ok(heard == said)
        })
        .map(tokio::spawn)
        .collect();
    for conversation in conversations {
        assert!(within(conversation).await.unwrap().unwrap());
    }
}
