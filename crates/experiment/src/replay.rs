//! Fixed bytes, sent again over a real connection: a published exchange and a
//! standard's own example, counted at the socket and segment by segment.

use std::{os::fd::AsRawFd, time::Duration};

use dissect::{Direction, Layer};
use futures_util::{SinkExt, StreamExt};
use scenario::{Head, HeaderProfile};
use swarm::TcpInfo;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_tungstenite::tungstenite::{Message, protocol::Role};

use super::{
    ExperimentError, Seen, pair, run,
    tap::{Tap, View, lengths},
};

/// The number of times that an exchange is repeated, so that segments are counted in steady
/// state.
const TIMES: u64 = 20;
/// The pause after each exchange and each message. It is longer than Linux delays an
/// acknowledgement (40 ms), so that an acknowledgement that could travel with the next segment does
/// not.
const PAUSE: Duration = Duration::from_millis(100);

/// The opening handshake of RFC 6455, section 1.2, and the frames of section 5.7.
const HANDSHAKE: [&str; 2] = [
    "GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\n\
     Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
     Origin: http://example.com\r\nSec-WebSocket-Protocol: chat, superchat\r\n\
     Sec-WebSocket-Version: 13\r\n\r\n",
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
     Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\
     Sec-WebSocket-Protocol: chat\r\n\r\n",
];
const MASKED_HELLO: &[u8] = &[
    0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58,
];
const HELLO: &[u8] = &[0x81, 0x05, b'H', b'e', b'l', b'l', b'o'];

/// Replays the exchange of the published article `TIMES` times over one
/// connection, then sends as many WebSocket messages of `payload` bytes.
///
/// # Errors
/// Fails if a socket fails, or the profile has no response.
pub fn kaazing(profile: &HeaderProfile, payload: usize) -> Result<Vec<Seen>, ExperimentError> {
    let response = profile
        .response
        .as_ref()
        .ok_or(ExperimentError::NoResponse)?;
    let mut answer = bytes_of(response);
    answer.resize(answer.len() + payload, b'x');
    run(async {
        let mut seen = exchanges(&bytes_of(&profile.fetch), &answer).await?;
        seen.extend(messages(payload).await?);
        Ok(seen)
    })
}

/// Returns a head as it crosses the wire. Browsers' tools showed the version as `HTTP/1.x`; the
/// wire had a digit there.
fn bytes_of(head: &Head) -> Vec<u8> {
    let mut text = head.first.replace("HTTP/1.x", "HTTP/1.1");
    for (name, value) in &head.lines {
        text = format!("{text}\r\n{name}: {value}");
    }
    format!("{text}\r\n\r\n").into_bytes()
}

async fn exchanges(request: &[u8], answer: &[u8]) -> Result<Vec<Seen>, ExperimentError> {
    let (mut client, mut server) = pair().await?;
    let view = View::default();
    let before = TcpInfo::of(client.as_raw_fd())?;
    let mut line_ends = [0, 0];
    for _ in 0..TIMES {
        let at_server = carry(&mut client, &mut server, request).await?;
        view.push(Direction::Up, &at_server);
        line_ends[0] += line_ends_of(&at_server);
        let at_client = carry(&mut server, &mut client, answer).await?;
        view.push(Direction::Down, &at_client);
        line_ends[1] += line_ends_of(&at_client);
        tokio::time::sleep(PAUSE).await;
    }
    let after = TcpInfo::of(client.as_raw_fd())?;
    let spans = view.finish()?;
    let head = |direction| {
        lengths(&spans, direction, Layer::HttpHead)
            .iter()
            .sum::<u64>()
            / TIMES
    };
    let (up, down) = (head(Direction::Up), head(Direction::Down));
    Ok(vec![
        Seen::bytes("poll", "request_head", up),
        Seen::bytes("poll", "response_head", down),
        Seen::bytes("poll", "request_characters", up - 2 * line_ends[0] / TIMES),
        Seen::bytes(
            "poll",
            "response_characters",
            down - 2 * line_ends[1] / TIMES,
        ),
        per_exchange("poll", "segments", after.segments, before.segments),
        per_exchange(
            "poll",
            "data_segments",
            after.data_segments,
            before.data_segments,
        ),
    ])
}

async fn messages(payload: usize) -> Result<Vec<Seen>, ExperimentError> {
    let (client, server) = pair().await?;
    let socket = client.as_raw_fd();
    let tap = Tap::new(client);
    let view = tap.view();
    // The dissector has to see the upgrade; the frames after it are what counts.
    view.push(Direction::Up, HANDSHAKE[0].as_bytes());
    view.push(Direction::Down, HANDSHAKE[1].as_bytes());
    let handshake = view.spans().len();
    let mut reader =
        tokio_tungstenite::WebSocketStream::from_raw_socket(tap, Role::Client, None).await;
    let mut writer =
        tokio_tungstenite::WebSocketStream::from_raw_socket(server, Role::Server, None).await;
    let before = TcpInfo::of(socket)?;
    for _ in 0..TIMES {
        writer.send(Message::text("x".repeat(payload))).await?;
        reader
            .next()
            .await
            .ok_or_else(|| ExperimentError::Answer("the socket ended".to_owned()))??;
        tokio::time::sleep(PAUSE).await;
    }
    let after = TcpInfo::of(socket)?;
    let spans = view.finish()?;
    let heads = lengths(&spans[handshake..], Direction::Down, Layer::WsHead);
    Ok(vec![
        Seen::bytes("websocket", "ws_head", heads.iter().sum::<u64>() / TIMES),
        per_exchange("websocket", "segments", after.segments, before.segments),
        per_exchange(
            "websocket",
            "data_segments",
            after.data_segments,
            before.data_segments,
        ),
    ])
}

/// Returns the number of segments of both directions for each repetition, from the kernel's counts
/// after all repetitions (`then`) and before them.
fn per_exchange(subject: &str, quantity: &'static str, then: [u64; 2], before: [u64; 2]) -> Seen {
    let all = then.iter().sum::<u64>() - before.iter().sum::<u64>();
    Seen {
        subject: subject.to_owned(),
        quantity,
        value: all as f64 / TIMES as f64,
        unit: "segments",
    }
}

fn line_ends_of(bytes: &[u8]) -> u64 {
    bytes.windows(2).filter(|pair| pair == b"\r\n").count() as u64
}

/// Returns the RFC's own handshake and frames, as a dissector sees them pass.
///
/// # Errors
/// Fails if a socket fails.
pub fn handshake() -> Result<Vec<Seen>, ExperimentError> {
    run(async {
        let (mut client, mut server) = pair().await?;
        let view = View::default();
        for (direction, bytes) in [
            (Direction::Up, HANDSHAKE[0].as_bytes()),
            (Direction::Down, HANDSHAKE[1].as_bytes()),
            (Direction::Up, MASKED_HELLO),
            (Direction::Down, HELLO),
        ] {
            let arrived = match direction {
                Direction::Up => carry(&mut client, &mut server, bytes).await?,
                Direction::Down => carry(&mut server, &mut client, bytes).await?,
            };
            view.push(direction, &arrived);
        }
        let spans = view.finish()?;
        let total = |direction, is_head: bool| {
            spans
                .iter()
                .filter(|span| span.direction == direction)
                .filter(|span| (span.layer == Layer::HttpHead) == is_head)
                .map(|span| span.len)
                .sum()
        };
        Ok(vec![
            Seen::bytes("rfc6455", "request_head", total(Direction::Up, true)),
            Seen::bytes("rfc6455", "response_head", total(Direction::Down, true)),
            Seen::bytes("rfc6455", "hello_masked", total(Direction::Up, false)),
            Seen::bytes("rfc6455", "hello", total(Direction::Down, false)),
        ])
    })
}

/// Writes at one end and reads at the other.
async fn carry(
    from: &mut TcpStream,
    to: &mut TcpStream,
    bytes: &[u8],
) -> Result<Vec<u8>, ExperimentError> {
    from.write_all(bytes).await?;
    let mut arrived = vec![0; bytes.len()];
    to.read_exact(&mut arrived).await?;
    Ok(arrived)
}
