//! A stream of HTTP/2 in the form of a socket: what a session writes to one end is taken at the
//! other as content, and content that came is given to the session to read.
//!
//! Pieces are kept whole and shared, so that an event costs no copy and is one frame. A pipe that
//! is full takes no more, as a full socket does: a slow reader then costs its place in the log, and
//! at most [`MOST_HELD`] bytes and one piece here. What the client of a WebSocket sent waits here
//! up to about [`MOST_HEARD`] bytes; the rest waits in hyper, where the window of the stream bounds
//! it.

use std::{
    collections::VecDeque,
    io,
    sync::{Arc, Mutex, MutexGuard},
    task::{Context, Poll, Waker},
};

use bytes::{Buf, Bytes, BytesMut};

/// The number of bytes that wait for the client before the pipe is full.
const MOST_HELD: usize = 64 * 1024;

/// The number of bytes that wait for the session before no more are taken from the client.
const MOST_HEARD: usize = 8 * 1024;

/// The end that a session has in place of a socket. Dropping it without [`end`](Self::end) breaks
/// the stream.
pub(crate) struct Pipe(Arc<Shared>);

/// The end from which the content is taken. It is dropped when the client has left the stream.
pub(crate) struct PipeReader(Arc<Shared>);

#[derive(Default)]
struct Shared(Mutex<State>);

#[derive(Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each end can be over by itself, in each direction"
)]
struct State {
    pieces: VecDeque<Bytes>,
    held: usize,
    has_ended: bool,
    is_broken: bool,
    is_gone: bool,
    /// The bytes that came from the client and were not read yet; without an allocation where
    /// nothing comes.
    heard: BytesMut,
    /// True once the client sends nothing more.
    has_heard_all: bool,
    /// True once the session is over.
    is_over: bool,
    /// The tasks that wait: for a piece, for room, for the client to send or leave, and for the
    /// session to read.
    takes: Option<Waker>,
    writes: Option<Waker>,
    reads: Option<Waker>,
    hears: Option<Waker>,
}

/// Makes a pipe.
pub(crate) fn pipe() -> (Pipe, PipeReader) {
    let shared = Arc::<Shared>::default();
    (Pipe(Arc::clone(&shared)), PipeReader(shared))
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no holder panics")
    }
}

impl State {
    fn write(&mut self, piece: Bytes) -> io::Result<usize> {
        if self.is_gone {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        if self.held >= MOST_HELD {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let count = piece.len();
        if count > 0 {
            self.held += count;
            self.pieces.push_back(piece);
            wake(&mut self.takes);
        }
        Ok(count)
    }

    /// Returns whether there is something to read: bytes, or the end.
    fn is_readable(&self) -> bool {
        !self.heard.is_empty() || self.has_heard_all || self.is_gone
    }

    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !self.is_readable() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let count = self.heard.len().min(buffer.len());
        buffer[..count].copy_from_slice(&self.heard[..count]);
        self.heard.advance(count);
        if self.heard.len() < MOST_HEARD {
            wake(&mut self.hears);
        }
        Ok(count)
    }
}

impl Pipe {
    /// Writes a piece whole, without copying it, or not at all.
    pub(super) fn try_give(&self, piece: &Bytes) -> io::Result<usize> {
        self.0.state().write(piece.clone())
    }

    /// Writes a piece whole, or not at all.
    pub(super) fn try_write(&self, piece: &[u8]) -> io::Result<usize> {
        self.0.state().write(Bytes::copy_from_slice(piece))
    }

    /// Waits until there is room.
    pub(super) fn poll_write_ready(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut state = self.0.state();
        if state.is_gone || state.held < MOST_HELD {
            return Poll::Ready(Ok(()));
        }
        wait(&mut state.writes, context);
        Poll::Pending
    }

    /// Writes bytes, and waits while the pipe is full.
    pub(super) fn poll_write(
        &self,
        context: &mut Context<'_>,
        piece: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.try_write(piece) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                wait(&mut self.0.state().writes, context);
                // Room may have come in between.
                match self.try_write(piece) {
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => Poll::Pending,
                    done => Poll::Ready(done),
                }
            }
            done => Poll::Ready(done),
        }
    }

    /// Waits until the client has sent something or has left.
    pub(super) fn poll_read_ready(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut state = self.0.state();
        if state.is_readable() {
            return Poll::Ready(Ok(()));
        }
        wait(&mut state.reads, context);
        Poll::Pending
    }

    /// Reads what the client has sent, and waits while there is nothing; 0 is the end.
    pub(super) fn poll_read(
        &self,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let mut state = self.0.state();
        if state.is_readable() {
            return Poll::Ready(state.read(buffer));
        }
        wait(&mut state.reads, context);
        Poll::Pending
    }

    /// Reads without waiting.
    pub(super) fn try_read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.state().read(buffer)
    }

    /// Ends the content in good order.
    pub(super) fn end(&self) {
        let mut state = self.0.state();
        state.has_ended = true;
        wake(&mut state.takes);
    }
}

impl Drop for Pipe {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.is_broken = !state.has_ended;
        state.is_over = true;
        wake(&mut state.takes);
        wake(&mut state.hears);
    }
}

impl PipeReader {
    /// Waits for the next piece; `None` at the end.
    pub(crate) fn poll_take(&self, context: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        let mut state = self.0.state();
        if let Some(piece) = state.pieces.pop_front() {
            state.held -= piece.len();
            if state.held < MOST_HELD {
                wake(&mut state.writes);
            }
            return Poll::Ready(Some(Ok(piece)));
        }
        if state.is_broken {
            return Poll::Ready(Some(Err(io::ErrorKind::BrokenPipe.into())));
        }
        if state.has_ended {
            return Poll::Ready(None);
        }
        wait(&mut state.takes, context);
        Poll::Pending
    }

    /// Returns whether all was taken and no more comes.
    pub(crate) fn has_ended(&self) -> bool {
        let state = self.0.state();
        state.has_ended && state.pieces.is_empty()
    }

    /// Waits until the session is over: it wrote all that it will, and reads no more.
    pub(crate) fn poll_over(&self, context: &mut Context<'_>) -> Poll<()> {
        let mut state = self.0.state();
        if state.is_over {
            return Poll::Ready(());
        }
        wait(&mut state.takes, context);
        Poll::Pending
    }

    /// Waits until the session has read most of what came.
    pub(crate) fn poll_hear(&self, context: &mut Context<'_>) -> Poll<()> {
        let mut state = self.0.state();
        if state.is_over || state.heard.len() < MOST_HEARD {
            return Poll::Ready(());
        }
        wait(&mut state.hears, context);
        Poll::Pending
    }

    /// Gives the session what the client sent, or drops it if the session is over.
    pub(crate) fn hear(&self, bytes: &[u8]) {
        let mut state = self.0.state();
        if !state.is_over {
            state.heard.extend_from_slice(bytes);
            wake(&mut state.reads);
        }
    }

    /// Tells the session that the client sends nothing more.
    pub(crate) fn hear_end(&self) {
        let mut state = self.0.state();
        state.has_heard_all = true;
        wake(&mut state.reads);
    }
}

impl Drop for PipeReader {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.is_gone = true;
        state.pieces.clear();
        wake(&mut state.writes);
        wake(&mut state.reads);
    }
}

fn wait(waiting: &mut Option<Waker>, context: &Context<'_>) {
    match waiting {
        Some(task) if task.will_wake(context.waker()) => {}
        _ => *waiting = Some(context.waker().clone()),
    }
}

fn wake(waiting: &mut Option<Waker>) {
    if let Some(task) = waiting.take() {
        task.wake();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context() -> Context<'static> {
        Context::from_waker(Waker::noop())
    }

    #[test]
    fn what_goes_in_comes_out_and_a_full_pipe_says_so() {
        let (pipe, pipe_reader) = pipe();
        let piece = Bytes::from(vec![7; MOST_HELD]);
        assert_eq!(pipe.try_give(&piece).unwrap(), MOST_HELD);
        let full = pipe.try_write(b"x").unwrap_err();
        assert_eq!(full.kind(), io::ErrorKind::WouldBlock);
        assert!(pipe.poll_write_ready(&mut context()).is_pending());
        let Poll::Ready(Some(Ok(taken))) = pipe_reader.poll_take(&mut context()) else {
            panic!("a piece is there");
        };
        // The same bytes, not a copy.
        assert_eq!(taken.as_ptr(), piece.as_ptr());
        assert!(pipe.poll_write_ready(&mut context()).is_ready());
        pipe.end();
        assert!(pipe_reader.poll_over(&mut context()).is_pending());
        drop(pipe);
        assert!(pipe_reader.has_ended());
        assert!(pipe_reader.poll_over(&mut context()).is_ready());
        assert!(matches!(
            pipe_reader.poll_take(&mut context()),
            Poll::Ready(None)
        ));
    }

    #[test]
    fn what_the_client_sends_is_read_in_order_up_to_a_bound_and_then_its_end() {
        let (pipe, pipe_reader) = pipe();
        let mut buffer = [0; 4];
        let nothing = pipe.try_read(&mut buffer).unwrap_err();
        assert_eq!(nothing.kind(), io::ErrorKind::WouldBlock);
        pipe_reader.hear(b"hello");
        assert!(pipe.poll_read_ready(&mut context()).is_ready());
        assert_eq!(pipe.try_read(&mut buffer).unwrap(), 4);
        assert_eq!(&buffer, b"hell");
        pipe_reader.hear(&[b'x'; MOST_HEARD]);
        assert!(pipe_reader.poll_hear(&mut context()).is_pending());
        let mut all = [0; MOST_HEARD];
        assert_eq!(pipe.try_read(&mut all).unwrap(), MOST_HEARD);
        assert_eq!(&all[..2], b"ox");
        assert!(pipe_reader.poll_hear(&mut context()).is_ready());
        pipe_reader.hear_end();
        // The last byte comes before the end.
        assert_eq!(pipe.try_read(&mut buffer).unwrap(), 1);
        assert_eq!(pipe.try_read(&mut buffer).unwrap(), 0);
    }

    #[test]
    fn each_end_learns_that_the_other_is_gone() {
        let (one, pipe_reader) = pipe();
        drop(one);
        let taken = pipe_reader.poll_take(&mut context());
        assert!(matches!(taken, Poll::Ready(Some(Err(_)))));
        let (other, pipe_reader) = pipe();
        let mut buffer = [0; 4];
        assert!(other.poll_read(&mut context(), &mut buffer).is_pending());
        drop(pipe_reader);
        assert_eq!(other.try_read(&mut buffer).unwrap(), 0);
        let gone = other.try_write(b"x").unwrap_err();
        assert_eq!(gone.kind(), io::ErrorKind::BrokenPipe);
    }
}
