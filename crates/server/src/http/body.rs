//! The two kinds of answer bodies, and taking in a request's.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::{
    Request,
    body::{Body as _, Frame, Incoming, SizeHint},
    header,
};

use crate::http::refusal::Refusal;

/// Most bytes of an oversized body that are read and thrown away.
const PATIENCE: usize = 16 * 1024 * 1024;

/// The body of an answer.
#[derive(Debug)]
pub(crate) enum Body {
    /// In one piece, once; then `None`.
    Whole(Option<Bytes>),
    /// Of no known length, and not ours to give: the connection is taken over
    /// once the head is out, see `connection.rs`.
    Open,
}

impl Body {
    pub(crate) fn whole(bytes: impl Into<Bytes>) -> Self {
        Self::Whole(Some(bytes.into()))
    }

    pub(crate) fn empty() -> Self {
        Self::Whole(None)
    }
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match &mut *self {
            Self::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::Open => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(None))
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(Some(bytes)) => SizeHint::with_exact(bytes.len() as u64),
            Self::Whole(None) => SizeHint::with_exact(0),
            Self::Open => SizeHint::default(),
        }
    }
}

/// Takes in a request's body of at most `limit` bytes.
///
/// What is over the limit is read and dropped, up to a point: a client that is
/// answered and cut off while it still writes may lose the answer to a reset.
/// With `Expect: 100-continue` it does not write yet, and is answered at once
/// (RFC 9110, section 10.1.1).
pub(crate) async fn take(request: Request<&mut Incoming>, limit: usize) -> Result<Bytes, Refusal> {
    let asks_first = request.headers().contains_key(header::EXPECT);
    let body = request.into_body();
    if asks_first && body.size_hint().lower() > limit as u64 {
        return Err(Refusal::LongBody(limit));
    }
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
