//! The bodies of requests.

use std::{pin::pin, time::Duration};

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::{
    Request,
    body::{Body as _, Incoming},
    header,
};
use tokio::time::timeout;

use crate::http::refusal::Refusal;

/// The number of bytes of an oversized body that are read and thrown away.
const PATIENCE: usize = 16 * 1024 * 1024;

/// Reads a request's body of at most `limit` bytes, all of which must come in `time`.
///
/// Bytes over the limit are read and dropped, up to a point: a client that is answered and cut off
/// while it still writes may lose the answer to a reset. A client that sent `Expect: 100-continue`
/// does not write yet, and is answered at once (RFC 9110, section 10.1.1).
pub(crate) async fn take(
    request: Request<&mut Incoming>,
    limit: usize,
    time: Duration,
) -> Result<Bytes, Refusal> {
    let asks_first = request.headers().contains_key(header::EXPECT);
    let body = request.into_body();
    if asks_first && body.size_hint().lower() > limit as u64 {
        return Err(Refusal::LongBody(limit));
    }
    // Pinned here, so that it is not moved into what waits for it.
    timeout(time, pin!(collect(body, limit)))
        .await
        .unwrap_or(Err(Refusal::SlowBody))
}

async fn collect(body: &mut Incoming, limit: usize) -> Result<Bytes, Refusal> {
    let mut taken = Vec::new();
    let mut length = 0;
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else {
            return Err(Refusal::CutBody);
        };
        let Some(data) = frame.data_ref() else {
            continue;
        };
        length += data.len();
        if length <= limit {
            taken.extend_from_slice(data);
        } else if length > PATIENCE {
            break;
        }
    }
    if length > limit {
        return Err(Refusal::LongBody(limit));
    }
    Ok(Bytes::from(taken))
}
