//! The two kinds of answer bodies, and taking in a request's.

use std::{
    convert::Infallible,
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use futures_util::Stream;
use http_body_util::BodyExt;
use hyper::{
    Request,
    body::{Body as _, Frame, Incoming, SizeHint},
    header,
};

use crate::{pieces::Pieces, refusal::Refusal};

/// Most bytes of an oversized body that are read and thrown away.
const PATIENCE: usize = 16 * 1024 * 1024;

/// The body of an answer.
pub(crate) enum Body {
    /// In one piece, once; then `None`.
    Whole(Option<Bytes>),
    /// Piece by piece, polled by the connection itself: a reader that is gone
    /// drops it, a reader that is slow does not poll it. Boxed once per stream,
    /// not per event, because its type has no name.
    Live(Pin<Box<dyn Stream<Item = Pieces> + Send>>),
}

impl Body {
    pub(crate) fn whole(bytes: impl Into<Bytes>) -> Self {
        Self::Whole(Some(bytes.into()))
    }

    pub(crate) fn live(pieces: impl Stream<Item = Pieces> + Send + 'static) -> Self {
        Self::Live(Box::pin(pieces))
    }

    pub(crate) fn empty() -> Self {
        Self::Whole(None)
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Whole(_) => "Whole",
            Self::Live(_) => "Live",
        })
    }
}

impl hyper::body::Body for Body {
    type Data = Pieces;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Pieces>, Infallible>>> {
        let pieces = match &mut *self {
            Self::Whole(bytes) => bytes.take().map(Pieces::from),
            Self::Live(pieces) => ready!(pieces.as_mut().poll_next(context)),
        };
        Poll::Ready(pieces.map(|pieces| Ok(Frame::data(pieces))))
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(None))
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(Some(bytes)) => SizeHint::with_exact(bytes.len() as u64),
            Self::Whole(None) => SizeHint::with_exact(0),
            Self::Live(_) => SizeHint::default(),
        }
    }
}

/// Takes in a request's body of at most `limit` bytes.
///
/// What is over the limit is read and dropped, up to a point: a client that is
/// answered and cut off while it still writes may lose the answer to a reset.
/// With `Expect: 100-continue` it does not write yet, and is answered at once
/// (RFC 9110, section 10.1.1).
pub(crate) async fn take(request: Request<Incoming>, limit: usize) -> Result<Bytes, Refusal> {
    let asks_first = request.headers().contains_key(header::EXPECT);
    let mut body = request.into_body();
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
