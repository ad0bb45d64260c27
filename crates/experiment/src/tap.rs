//! A socket whose bytes a dissector sees as they pass.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
};

use dissect::{Direction, Dissector, Fault, Layer, Span};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A client's socket with a dissector behind it. Clones of [`Tap::view`] outlive it.
#[derive(Debug)]
pub(super) struct Tap<S> {
    stream: S,
    view: View,
}

/// The traffic that has passed so far.
#[derive(Debug, Clone, Default)]
pub(super) struct View(Arc<Mutex<Passed>>);

#[derive(Debug, Default)]
struct Passed {
    dissector: Dissector,
    spans: Vec<Span>,
    /// The bytes that passed, up and down, whatever the dissector makes of them.
    bytes: [u64; 2],
}

impl<S> Tap<S> {
    pub(super) fn new(stream: S) -> Self {
        Self {
            stream,
            view: View::default(),
        }
    }

    pub(super) fn view(&self) -> View {
        self.view.clone()
    }
}

impl View {
    /// Shows the dissector the next bytes of one direction.
    pub(super) fn push(&self, direction: Direction, bytes: &[u8]) {
        // Poisoned only if a dissector panicked, which then is the error to see.
        let mut passed = self.0.lock().expect("a dissector does not panic");
        passed.bytes[usize::from(direction == Direction::Down)] += bytes.len() as u64;
        let Passed {
            dissector, spans, ..
        } = &mut *passed;
        dissector.push(direction, bytes, &mut |span| spans.push(span));
    }

    /// Returns the bytes so far, up and down, as the socket counts them.
    pub(super) fn bytes(&self) -> [u64; 2] {
        let passed = self.0.lock().expect("a dissector does not panic");
        passed.bytes
    }

    /// Returns the spans so far.
    pub(super) fn spans(&self) -> Vec<Span> {
        let passed = self.0.lock().expect("a dissector does not panic");
        passed.spans.clone()
    }

    /// Returns all spans, now that the connection is over.
    ///
    /// # Errors
    /// Fails with the first break of the protocol.
    pub(super) fn finish(&self) -> Result<Vec<Span>, Fault> {
        let mut passed = self.0.lock().expect("a dissector does not panic");
        let Passed {
            dissector, spans, ..
        } = &mut *passed;
        dissector.finish(&mut |span| spans.push(span));
        dissector
            .fault()
            .map_or(Ok(spans.clone()), |fault| Err(*fault))
    }
}

/// Returns the lengths of the spans of one direction and layer, in order.
pub(super) fn lengths(spans: &[Span], direction: Direction, layer: Layer) -> Vec<u64> {
    spans
        .iter()
        .filter(|span| span.direction == direction && span.layer == layer)
        .map(|span| span.len)
        .collect()
}

impl<S: AsyncRead + Unpin> AsyncRead for Tap<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        self.view.push(Direction::Down, &buffer.filled()[before..]);
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Tap<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(context, bytes);
        if let Poll::Ready(Ok(count)) = polled {
            self.view.push(Direction::Up, &bytes[..count]);
        }
        polled
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
