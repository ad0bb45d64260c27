//! permessage-deflate (RFC 7692) on a small message said again and again.
//!
//! The chat's own WebSocket crate does not compress; `yawc` does, and is used
//! for this experiment alone.

use std::convert::Infallible;

use dissect::{Direction, Layer};
use futures_util::{SinkExt, StreamExt};
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use yawc::{DeflateOptions, Frame, Options, WebSocket};

use super::{
    ExperimentError, Seen, pair, run,
    tap::{Tap, lengths},
};

/// How often it is said.
const TIMES: usize = 3;

/// Says `text` three times both ways, without compression, with it and the
/// context kept, and with the context thrown away after each message.
///
/// # Errors
/// A socket failed, or the text did not come back.
pub fn hello(text: &str) -> Result<Vec<Seen>, ExperimentError> {
    let plain = || Options::default().without_compression();
    // zlib's own level, 6; the context is kept unless an option says otherwise.
    let kept = || Options {
        compression: Some(DeflateOptions::default()),
        ..Options::default()
    };
    let thrown = || kept().server_no_context_takeover().client_no_context_takeover();
    run(async {
        let mut seen = said("raw", text, &plain).await?;
        seen.extend(said("takeover", text, &kept).await?);
        seen.extend(said("no_takeover", text, &thrown).await?);
        Ok(seen)
    })
}

async fn said(
    how: &str,
    text: &str,
    options: &(impl Fn() -> Options + Sync),
) -> Result<Vec<Seen>, ExperimentError> {
    let (client, server) = pair().await?;
    let echoing = echo(server, options());
    let talking = talk(client, text, options());
    let (echoed, payloads) = tokio::join!(echoing, talking);
    echoed?;
    let mut seen = Vec::new();
    for (direction, lengths) in Direction::ALL.into_iter().zip(payloads?) {
        for (at, length) in lengths.into_iter().enumerate() {
            let subject = format!("{how} {} {}", direction.name(), at + 1);
            seen.push(Seen::bytes(subject, "payload", length));
        }
    }
    Ok(seen)
}

/// Payload bytes of each message on the wire, up and down.
async fn talk(
    client: TcpStream,
    text: &str,
    options: Options,
) -> Result<[Vec<u64>; 2], ExperimentError> {
    let tap = Tap::new(client);
    let view = tap.view();
    // A constant that is a URL.
    let url = "ws://127.0.0.1/".parse().expect("a URL");
    let mut socket = WebSocket::handshake(url, tap, options).await?;
    let handshake = view.spans().len();
    for _ in 0..TIMES {
        socket.send(Frame::text(text.to_owned())).await?;
        let echo = socket.next_frame().await?;
        if echo.payload() != text.as_bytes() {
            return Err(ExperimentError::Answer("another text came back".to_owned()));
        }
    }
    let spans = view.spans();
    Ok(Direction::ALL.map(|direction| lengths(&spans[handshake..], direction, Layer::Payload)))
}

/// Serves one WebSocket that hears itself.
async fn echo(server: TcpStream, options: Options) -> Result<(), ExperimentError> {
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
                for _ in 0..TIMES {
                    let Some(frame) = socket.next().await else {
                        break;
                    };
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
