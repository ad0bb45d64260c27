//! The bodies of requests.

use std::{
    pin::pin,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    time::Duration,
};

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

/// The body of a request on its way.
#[derive(Debug)]
pub(crate) struct Upload<'a> {
    body: &'a mut Incoming,
    /// Becomes true once the body was read to its end.
    is_whole: &'a AtomicBool,
}

impl<'a> Upload<'a> {
    /// Wraps a body; `is_whole` becomes true once it was read to its end.
    pub(crate) fn new(body: &'a mut Incoming, is_whole: &'a AtomicBool) -> Self {
        Self { body, is_whole }
    }
}

/// Reads a request's body of at most `limit` bytes, all of which must come in `time`.
///
/// Bytes over the limit are read and dropped, up to a point: a client that is answered and cut off
/// while it still writes may lose the answer to a reset. A client that sent `Expect: 100-continue`
/// does not write yet, and is answered at once (RFC 9110, section 10.1.1).
pub(crate) async fn take(
    request: Request<Upload<'_>>,
    limit: usize,
    time: Duration,
) -> Result<Bytes, Refusal> {
    let asks_first = request.headers().contains_key(header::EXPECT);
    let Upload { body, is_whole } = request.into_body();
    if asks_first && body.size_hint().lower() > limit as u64 {
        return Err(Refusal::LongBody(limit));
    }
    // Pinned here, so that it is not moved into what waits for it.
    let taken = timeout(time, pin!(collect(body, limit))).await;
    is_whole.store(matches!(taken, Ok(Ok(_))), Relaxed);
    taken.unwrap_or(Err(Refusal::SlowBody))
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
