//! HTTP chunks of chosen sizes: what their ends take (RFC 9112, section 7.1).

use bytes::Bytes;
use dissect::{Direction, Layer};
use futures_util::stream;
use http_body_util::StreamBody;
use hyper::{Response, body::Frame, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{
    ExperimentError, Seen, pair, run,
    tap::{Tap, lengths},
};

/// The last chunk, of no bytes, with the empty line after it.
const LAST: u64 = b"0\r\n\r\n".len() as u64;

/// Has a server stream one chunk of each size, each in a response of its own.
///
/// # Errors
/// Fails if a socket fails.
pub fn chunks(sizes: &[usize]) -> Result<Vec<Seen>, ExperimentError> {
    run(async {
        let mut seen = Vec::new();
        for &size in sizes {
            let around = one(size).await?;
            seen.push(Seen::bytes(size.to_string(), "chunk", around));
        }
        Ok(seen)
    })
}

async fn one(size: usize) -> Result<u64, ExperimentError> {
    let (client, server) = pair().await?;
    let mut client = Tap::new(client);
    let view = client.view();
    let service = service_fn(|_| async move {
        let frame = Frame::data(Bytes::from(vec![b'x'; size]));
        let body = StreamBody::new(stream::iter([Ok::<_, hyper::Error>(frame)]));
        Ok::<_, hyper::Error>(Response::new(body))
    });
    let serving = http1::Builder::new().serve_connection(TokioIo::new(server), service);
    let asking = async {
        client
            .write_all(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            .await?;
        let mut rest = Vec::new();
        client.read_to_end(&mut rest).await
    };
    let (server_end, client_end) = tokio::join!(serving, asking);
    server_end?;
    client_end?;
    let spans = view.finish()?;
    let all: u64 = lengths(&spans, Direction::Down, Layer::Chunk).iter().sum();
    all.checked_sub(LAST)
        .ok_or_else(|| ExperimentError::Answer("the response was not chunked".to_owned()))
}
