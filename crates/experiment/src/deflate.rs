//! permessage-deflate (RFC 7692) on a small message said again and again.
//!
//! Both ends are made of bytes: a handshake, a frame, and between them the compression that server
//! and swarm use, which is held against the standard's own examples.

use dissect::{Direction, Layer};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use wire::deflate::{
    Deflater, Inflater, Window,
    frames::text_frame,
    offer::{self, Agreement},
};

use super::{
    ExperimentError, Seen, pair, run,
    tap::{Tap, lengths},
};

/// The number of times that the message is sent.
const TIMES: usize = 3;
/// A masking key; any will do.
const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
/// The key of the handshake; any will do.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
/// The most bytes of a message.
const LIMIT: usize = 125;

/// The offer of the handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Offered {
    Nothing,
    Takeover,
    NoTakeover,
}

/// Says `text` (at most 100 bytes) three times, and hears it three times:
/// without compression, with it and the context kept, and with the context
/// thrown away after each message.
///
/// # Errors
/// Fails if a socket fails, or something else comes back.
pub fn hello(text: &str) -> Result<Vec<Seen>, ExperimentError> {
    run(async {
        let mut seen = Vec::new();
        for (name, offered) in [
            ("raw", Offered::Nothing),
            ("takeover", Offered::Takeover),
            ("no_takeover", Offered::NoTakeover),
        ] {
            let (client, server) = pair().await?;
            let (echoed, payloads) = tokio::join!(echo(server), talk(client, text, offered));
            echoed?;
            for (direction, lengths) in Direction::ALL.into_iter().zip(payloads?) {
                for (at, length) in lengths.into_iter().enumerate() {
                    let subject = format!("{name} {} {}", direction.name(), at + 1);
                    seen.push(Seen::bytes(subject, "payload", length));
                }
            }
        }
        Ok(seen)
    })
}

/// Returns the payload bytes of each message on the wire, up and down.
async fn talk(
    client: TcpStream,
    text: &str,
    offered: Offered,
) -> Result<[Vec<u64>; 2], ExperimentError> {
    let mut socket = Tap::new(client);
    let view = socket.view();
    let keeps_context = offered == Offered::Takeover;
    let line = match offered {
        Offered::Nothing => String::new(),
        _ => format!(
            "Sec-WebSocket-Extensions: {}\r\n",
            offer::offer(keeps_context)
        ),
    };
    let request = format!(
        "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: {KEY}\r\nSec-WebSocket-Version: 13\r\n{line}\r\n"
    );
    socket.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        answer.push(socket.read_u8().await?);
    }
    let handshake = view.spans().len();
    let mut ends = (offered != Offered::Nothing).then(|| {
        let inflater = Inflater::new(keeps_context, LIMIT);
        (Deflater::new(keeps_context), inflater)
    });
    for _ in 0..TIMES {
        let payload = match &mut ends {
            None => text.as_bytes().to_vec(),
            Some((deflater, _)) => deflater.message(text.as_bytes()),
        };
        socket.write_all(&masked(&payload, ends.is_some())).await?;
        // A short frame from a server: two bytes of head, no mask.
        let mut head = [0; 2];
        socket.read_exact(&mut head).await?;
        let mut echo = vec![0; head[1].into()];
        socket.read_exact(&mut echo).await?;
        if let Some((_, inflater)) = &mut ends {
            echo = inflater.message(&echo).map_err(broken)?;
        }
        if echo != text.as_bytes() {
            return Err(ExperimentError::Answer("another text".to_owned()));
        }
    }
    let spans = view.spans();
    Ok(Direction::ALL.map(|direction| lengths(&spans[handshake..], direction, Layer::Payload)))
}

fn broken(fault: wire::deflate::Fault) -> ExperimentError {
    ExperimentError::Answer(fault.to_string())
}

/// Returns a masked text frame; RSV1 says that it is compressed (RFC 7692, section 6).
fn masked(payload: &[u8], is_compressed: bool) -> Vec<u8> {
    let first = if is_compressed { 0xc1 } else { 0x81 };
    // At most 125 bytes: the length is one byte.
    let mut frame = vec![first, 0x80 | payload.len() as u8];
    frame.extend(MASK);
    frame.extend(payload.iter().zip(MASK.iter().cycle()).map(xor));
    frame
}

fn xor((byte, mask): (&u8, &u8)) -> u8 {
    byte ^ mask
}

/// Serves one WebSocket that hears itself, until its client leaves.
async fn echo(mut socket: TcpStream) -> Result<(), ExperimentError> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        request.push(socket.read_u8().await?);
    }
    let agreed = accepted(&request);
    let line = agreed.as_ref().map_or(String::new(), |(_, value)| {
        format!("Sec-WebSocket-Extensions: {value}\r\n")
    });
    let accept = derive_accept_key(KEY.as_bytes());
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\n{line}\r\n"
    );
    socket.write_all(answer.as_bytes()).await?;
    let mut ends = agreed.map(|(agreement, _)| {
        let inflater = Inflater::new(agreement.client_keeps, LIMIT);
        (Deflater::new(agreement.server_keeps), inflater)
    });
    for _ in 0..TIMES {
        let mut head = [0; 6];
        socket.read_exact(&mut head).await?;
        let mut payload = vec![0; usize::from(head[1] & 0x7f)];
        socket.read_exact(&mut payload).await?;
        let payload: Vec<u8> = payload
            .iter()
            .zip(head[2..].iter().cycle())
            .map(xor)
            .collect();
        let frame = match &mut ends {
            None => [&[0x81, payload.len() as u8][..], &payload].concat(),
            Some((deflater, inflater)) => {
                let text = inflater.message(&payload).map_err(broken)?;
                text_frame(&deflater.message(&text))
            }
        };
        socket.write_all(&frame).await?;
    }
    Ok(())
}

/// Returns what a request's offer of permessage-deflate comes to.
fn accepted(request: &[u8]) -> Option<(Agreement, String)> {
    let request = String::from_utf8_lossy(request);
    let mut lines = request.lines();
    let offers = lines.find_map(|line| line.strip_prefix("Sec-WebSocket-Extensions: "))?;
    offer::accept([offers], true, Window::LARGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_context_makes_the_second_hello_shorter() {
        let seen = hello("Hello").expect("sockets over loopback");
        for direction in [" up ", " down "] {
            let lengths: Vec<f64> = seen
                .iter()
                .filter(|seen| seen.subject.contains(direction))
                .map(|seen| seen.value)
                .collect();
            assert_eq!(lengths, [5.0, 5.0, 5.0, 7.0, 5.0, 4.0, 7.0, 7.0, 7.0]);
        }
    }
}
