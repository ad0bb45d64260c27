//! permessage-deflate (RFC 7692) on a small message said again and again.
//!
//! The chat's own WebSocket crate does not compress, so the client here is made
//! of bytes: a handshake, zlib as section 7.2.1 has it, and a frame around it.
//! The server is `yawc`, which says each message back; that it understands ours
//! shows that they are what the standard asks for.

use std::convert::Infallible;

use dissect::{Direction, Layer};
use flate2::{Compress, Compression, FlushCompress};
use futures_util::{SinkExt, StreamExt};
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use yawc::{DeflateOptions, Frame, Options, WebSocket};

use super::{
    ExperimentError, Seen, pair, run,
    tap::{Tap, lengths},
};

/// The number of times that the message is sent.
const TIMES: usize = 3;
/// The bytes that end a message's compressed data and are removed (RFC 7692, section
/// 7.2.1).
const TAIL: [u8; 4] = [0x00, 0x00, 0xff, 0xff];
/// A masking key; any will do.
const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// The agreement that the handshake reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Agreed {
    Nothing,
    Takeover,
    NoTakeover,
}

/// Says `text` (at most 100 bytes) three times, and hears it three times:
/// without compression, with it and the context kept, and with the context
/// thrown away after each message.
///
/// # Errors
/// A socket failed, or something else came back.
pub fn hello(text: &str) -> Result<Vec<Seen>, ExperimentError> {
    run(async {
        let mut seen = Vec::new();
        for (name, agreed) in [
            ("raw", Agreed::Nothing),
            ("takeover", Agreed::Takeover),
            ("no_takeover", Agreed::NoTakeover),
        ] {
            let (client, server) = pair().await?;
            let (echoed, payloads) = tokio::join!(echo(server, agreed), talk(client, text, agreed));
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
    agreed: Agreed,
) -> Result<[Vec<u64>; 2], ExperimentError> {
    let mut socket = Tap::new(client);
    let view = socket.view();
    let offer = match agreed {
        Agreed::Nothing => "",
        Agreed::Takeover => "Sec-WebSocket-Extensions: permessage-deflate\r\n",
        Agreed::NoTakeover => {
            "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; \
             client_no_context_takeover\r\n"
        }
    };
    let request = format!(
        "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{offer}\r\n"
    );
    socket.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        answer.push(socket.read_u8().await?);
    }
    let handshake = view.spans().len();
    let mut deflate = Compress::new(Compression::default(), false);
    for _ in 0..TIMES {
        let payload = match agreed {
            Agreed::Nothing => text.as_bytes().to_vec(),
            _ => compressed(&mut deflate, text)?,
        };
        if agreed == Agreed::NoTakeover {
            deflate.reset();
        }
        socket
            .write_all(&frame(&payload, agreed != Agreed::Nothing))
            .await?;
        // A short frame from a server: two bytes of head, no mask.
        let mut head = [0; 2];
        socket.read_exact(&mut head).await?;
        let mut echo = vec![0; head[1].into()];
        socket.read_exact(&mut echo).await?;
    }
    let spans = view.spans();
    Ok(Direction::ALL.map(|direction| lengths(&spans[handshake..], direction, Layer::Payload)))
}

/// Returns a text as RFC 7692, section 7.2.1, has it: flushed, and the flush's tail cut.
fn compressed(deflate: &mut Compress, text: &str) -> Result<Vec<u8>, ExperimentError> {
    let mut bytes = Vec::with_capacity(256);
    let broken = |error: String| ExperimentError::Answer(error);
    deflate
        .compress_vec(text.as_bytes(), &mut bytes, FlushCompress::Sync)
        .map_err(|error| broken(error.to_string()))?;
    let message = bytes.strip_suffix(&TAIL);
    message
        .map(<[u8]>::to_vec)
        .ok_or_else(|| broken("zlib did not flush".to_owned()))
}

/// Returns a masked text frame; RSV1 says that it is compressed (RFC 7692, section 6).
fn frame(payload: &[u8], is_compressed: bool) -> Vec<u8> {
    let first = if is_compressed { 0xc1 } else { 0x81 };
    // At most 125 bytes: the length is one byte.
    let mut frame = vec![first, 0x80 | payload.len() as u8];
    frame.extend(MASK);
    let masked = payload.iter().zip(MASK.iter().cycle());
    frame.extend(masked.map(|(byte, mask)| byte ^ mask));
    frame
}

/// Serves one WebSocket that hears itself.
async fn echo(server: TcpStream, agreed: Agreed) -> Result<(), ExperimentError> {
    let options = Options {
        // zlib's own level; the context is thrown away where the client asks for it.
        compression: (agreed != Agreed::Nothing).then(DeflateOptions::default),
        ..Options::default()
    };
    let service = service_fn(move |mut request: Request<Incoming>| {
        let upgraded = WebSocket::upgrade_with_options(&mut request, options.clone());
        async move {
            let Ok((response, upgrade)) = upgraded else {
                let mut refusal = hyper::Response::default();
                *refusal.status_mut() = hyper::StatusCode::BAD_REQUEST;
                return Ok::<_, Infallible>(refusal);
            };
            tokio::spawn(async move {
                let mut socket = upgrade.await?;
                while let Some(frame) = socket.next().await {
                    socket.send(Frame::text(frame.into_payload())).await?;
                }
                Ok::<_, yawc::WebSocketError>(())
            });
            Ok(response)
        }
    });
    http1::Builder::new()
        .serve_connection(TokioIo::new(server), service)
        .with_upgrades()
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bytes of RFC 7692, sections 7.2.3.1 and 7.2.3.2.
    #[test]
    fn hello_as_the_standard_has_it() {
        let mut deflate = Compress::new(Compression::default(), false);
        let [first, second, third] = [(); 3].map(|()| compressed(&mut deflate, "Hello"));
        assert_eq!(
            first.expect("flushed"),
            [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]
        );
        assert_eq!(second.expect("flushed"), [0xf2, 0x00, 0x11, 0x00, 0x00]);
        assert_eq!(third.expect("flushed").len(), 4);
    }

    #[test]
    fn a_server_understands_it() {
        let seen = hello("Hello").expect("sockets over loopback");
        let up: Vec<f64> = seen
            .iter()
            .filter(|seen| seen.subject.contains(" up "))
            .map(|seen| seen.value)
            .collect();
        assert_eq!(up, [5.0, 5.0, 5.0, 7.0, 5.0, 4.0, 7.0, 7.0, 7.0]);
    }
}
