//! The exchange that hyper is busy with, and the socket that observes how far it has come.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::{
    connection::activity::{Activity, Phase},
    net::{handover::Handover, stream::Stream},
};

/// The state of the exchange that hyper is busy with.
#[derive(Debug, Default)]
pub(super) struct Exchange {
    /// True while a request was read and its answer is not made yet.
    is_open: AtomicBool,
    /// True if both sides leave the connection open after the answer.
    stays_open: AtomicBool,
    /// True if a connection that stays open is given back when the answer is out.
    may_return: AtomicBool,
    /// True if hyper has flushed everything that it wrote.
    pub(super) flushed: AtomicBool,
    /// True if the end of the client's side was seen while a request was open.
    was_deferred: AtomicBool,
    /// True while the end of the client's side is kept from hyper until the
    /// answer is out.
    is_hidden: AtomicBool,
    /// True once the body of the open request was read to its end.
    pub(super) is_whole: AtomicBool,
    /// True if the connection ends before the body of its last request was read.
    cuts_body: AtomicBool,
}

impl Exchange {
    /// Notes that a request was read.
    pub(super) fn begin(&self) {
        self.is_open.store(true, Relaxed);
        self.stays_open.store(false, Relaxed);
        self.may_return.store(false, Relaxed);
        self.was_deferred.store(false, Relaxed);
        self.is_whole.store(false, Relaxed);
    }

    /// Notes that the answer is made.
    pub(super) fn end(&self, stays_open: bool, may_return: bool, cuts_body: bool) {
        self.cuts_body.store(cuts_body, Relaxed);
        self.is_open.store(false, Relaxed);
        self.stays_open.store(stays_open, Relaxed);
        self.may_return.store(may_return, Relaxed);
        // The answer is not out before hyper has flushed it.
        self.flushed.store(false, Relaxed);
    }

    /// Returns whether the connection ends before the body of its last request was read.
    pub(super) fn cuts_body(&self) -> bool {
        self.cuts_body.load(Relaxed)
    }

    /// Returns whether the connection is given back now.
    pub(super) fn returns(&self) -> bool {
        self.may_return.load(Relaxed) && self.is_idle()
    }

    /// Returns whether the connection can be given back: an answer is out, and the next request has not
    /// come.
    pub(super) fn is_idle(&self) -> bool {
        self.stays_open.load(Relaxed) && !self.is_open.load(Relaxed) && self.flushed.load(Relaxed)
    }

    /// Returns whether the end of the client's side is kept from hyper, which drops the open
    /// request once it sees that end. A request that came whole is to be answered all the same (RFC
    /// 9112, section 9.6). If its body was read, the end is hidden until the answer is out, because
    /// a draft may have to wait for its turn. For any other request it is hidden for one more round
    /// of the task. Only a held poll, or a request whose body was cut, is not answered by then; a
    /// client that ends its side while its poll is held has left, as a page that is closed has.
    fn hides_end(&self, context: &Context<'_>) -> bool {
        let is_open = self.is_open.load(Relaxed);
        if is_open && self.is_whole.load(Relaxed) {
            self.is_hidden.store(true, Relaxed);
            return true;
        }
        if is_open && !self.was_deferred.swap(true, Relaxed) {
            context.waker().wake_by_ref();
            return true;
        }
        let hides = !is_open && !self.flushed.load(Relaxed);
        self.is_hidden.store(hides, Relaxed);
        hides
    }

    /// Makes hyper look again for the end of the client's side, once it is no longer hidden.
    pub(super) fn let_end(&self, context: &Context<'_>) {
        let is_out = !self.is_open.load(Relaxed) && self.flushed.load(Relaxed);
        if is_out && self.is_hidden.swap(false, Relaxed) {
            context.waker().wake_by_ref();
        }
    }
}

/// A socket that knows whether hyper has written all that it wanted to, and when
/// hyper may know that the client's side has ended.
pub(super) struct FlushTracker<'a> {
    pub(super) stream: Stream,
    /// The bytes that were read before hyper took over, and that it has yet to be given.
    pub(super) early: Vec<u8>,
    pub(super) exchange: &'a Exchange,
    pub(super) activity: &'a Activity,
}

impl FlushTracker<'_> {
    /// Returns the socket with all that was read from it and not used; `read` is what hyper has of
    /// that.
    pub(super) fn into_handover(self, read: &[u8]) -> Handover {
        Handover {
            early: [read, &self.early].concat(),
            stream: self.stream,
        }
    }
}

impl AsyncRead for FlushTracker<'_> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.early.is_empty() {
            let count = self.early.len().min(buffer.remaining());
            buffer.put_slice(&self.early[..count]);
            self.early.drain(..count);
            return Poll::Ready(Ok(()));
        }
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        let has_ended = matches!(read, Poll::Ready(Ok(()))) && buffer.filled().len() == before;
        match self.activity.phase() {
            // Bytes that come while no request is open are the beginning of a head.
            Phase::Waiting if !has_ended && read.is_ready() => self.activity.enter(Phase::Head),
            Phase::Head if read.is_pending() => self.activity.begin_head(context.waker()),
            _ => {}
        }
        if has_ended && self.exchange.hides_end(context) {
            return Poll::Pending;
        }
        read
    }
}

impl AsyncWrite for FlushTracker<'_> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        piece: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.exchange.flushed.store(false, Relaxed);
        Pin::new(&mut self.stream).poll_write(context, piece)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.exchange.flushed.store(false, Relaxed);
        Pin::new(&mut self.stream).poll_write_vectored(context, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// Records that hyper has written everything: only then does it flush.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.exchange.flushed.store(true, Relaxed);
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_is_idle_from_an_answer_that_is_out_to_the_next_request() {
        let exchange = Exchange::default();
        assert!(!exchange.is_idle());
        exchange.begin();
        exchange.end(true, false, false);
        assert!(!exchange.is_idle(), "the answer is not out");
        exchange.flushed.store(true, Relaxed);
        assert!(exchange.is_idle() && !exchange.returns());
        exchange.begin();
        assert!(!exchange.is_idle(), "a request came");
        exchange.end(false, true, false);
        exchange.flushed.store(true, Relaxed);
        assert!(!exchange.is_idle() && !exchange.returns(), "it ends");
        exchange.begin();
        exchange.end(true, true, false);
        exchange.flushed.store(true, Relaxed);
        assert!(exchange.returns());
    }
}
