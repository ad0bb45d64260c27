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
};
use tokio::time::timeout;

use crate::http::{coding, refusal::Refusal};

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
/// A body that is declared to be longer is refused before any of it is read, and one in chunks as
/// soon as it is longer (RFC 9110, section 15.5.14). The connection ends then, and what still comes
/// over it is dropped for a while: see `connection/by_hand.rs`.
pub(crate) async fn take(
    request: Request<Upload<'_>>,
    limit: usize,
    time: Duration,
) -> Result<Bytes, Refusal> {
    let is_packed = coding::is_packed(request.headers());
    let Upload { body, is_whole } = request.into_body();
    if body.size_hint().lower() > limit as u64 {
        return Err(Refusal::LongBody(limit));
    }
    if is_packed {
        return Err(Refusal::Packed);
    }
    // Pinned here, so that it is not moved into what waits for it.
    let taken = timeout(time, pin!(collect(body, limit))).await;
    is_whole.store(matches!(taken, Ok(Ok(_))), Relaxed);
    taken.unwrap_or(Err(Refusal::SlowBody))
}

async fn collect(body: &mut Incoming, limit: usize) -> Result<Bytes, Refusal> {
    let mut taken = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else {
            return Err(Refusal::CutBody);
        };
        let Some(data) = frame.data_ref() else {
            continue;
        };
        if taken.len() + data.len() > limit {
            return Err(Refusal::LongBody(limit));
        }
        taken.extend_from_slice(data);
    }
    Ok(Bytes::from(taken))
}
