//! The write side of a connection that stays open: one owner for each socket.
//!
//! Whoever writes (the sweep its events, the reader's own task its answers and
//! heartbeats) does so under one lock, and what the socket did not take goes
//! out before anything else: frames and chunks never mix.
//!
//! While the socket is full nothing is added but what was begun. The reader
//! keeps its place in the log, and its own task goes on from there when there
//! is room again.

use std::{
    io,
    sync::Mutex,
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use tokio::time::Instant;
use wire::Seq;

use crate::{entry::Shape, room::Portions, tap::Stream};

/// The write side of one connection, and its reader's place.
#[derive(Debug)]
pub(crate) struct Outlet {
    pub(crate) stream: Stream,
    shape: Shape,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    place: Seq,
    /// What the socket did not take of what was begun; only while it is full.
    rest: Bytes,
    flow: Flow,
    /// When something was last written.
    written: Instant,
    /// The reader's own task, told when the flow changes.
    task: Option<Waker>,
}

/// How writing stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flow {
    /// The socket took everything.
    Free,
    /// The socket takes no more for now.
    Full,
    /// The socket takes no more, ever.
    Broken,
}

impl Outlet {
    /// For a reader at `place`.
    pub(crate) fn new(stream: Stream, shape: Shape, place: Seq) -> Self {
        Self {
            stream,
            shape,
            state: Mutex::new(State {
                place,
                rest: Bytes::new(),
                flow: Flow::Free,
                written: Instant::now(),
                task: None,
            }),
        }
    }

    /// Carries the reader on to the head, unless its socket is full: then its
    /// own task will.
    pub(crate) fn advance(&self, portions: &mut Portions<'_>) {
        let mut state = self.state.lock().expect("no holder panics");
        if state.flow == Flow::Free && self.carry(&mut state, portions) != Flow::Free {
            wake(&mut state);
        }
    }

    /// Sends something that is no event, whole.
    pub(crate) fn send(&self, bytes: &Bytes, now: Instant) {
        let mut state = self.state.lock().expect("no holder panics");
        state.written = now;
        match state.flow {
            Flow::Free => {
                if self.write(&mut state, bytes, true) != Flow::Free {
                    wake(&mut state);
                }
            }
            // Bounded by its callers: they hear no more drafts while it is full.
            Flow::Full => state.rest = Bytes::from([&state.rest[..], bytes].concat()),
            Flow::Broken => {}
        }
    }

    /// Asked by the reader's own task: how writing stands, after going on with
    /// it if the socket has room again. From now on the task is woken when that
    /// changes.
    pub(crate) fn poll_flow(&self, context: &mut Context<'_>, portions: &mut Portions<'_>) -> Flow {
        let mut state = self.state.lock().expect("no holder panics");
        while state.flow == Flow::Full {
            match self.stream.poll_write_ready(context) {
                Poll::Ready(Ok(())) => _ = self.carry(&mut state, portions),
                Poll::Ready(Err(_)) => state.flow = Flow::Broken,
                Poll::Pending => break,
            }
        }
        match &state.task {
            Some(task) if task.will_wake(context.waker()) => {}
            _ => state.task = Some(context.waker().clone()),
        }
        state.flow
    }

    /// Whether all was written up to `newest`.
    pub(crate) fn has_sent(&self, newest: Seq) -> bool {
        let state = self.state.lock().expect("no holder panics");
        state.flow == Flow::Free && state.place >= newest
    }

    /// How writing stands.
    pub(crate) fn flow(&self) -> Flow {
        self.state.lock().expect("no holder panics").flow
    }

    /// When something was last written.
    pub(crate) fn written(&self) -> Instant {
        self.state.lock().expect("no holder panics").written
    }

    /// Wakes the reader's own task.
    pub(crate) fn wake(&self) {
        wake(&mut self.state.lock().expect("no holder panics"));
    }

    /// The socket, and what it has yet to take.
    pub(crate) fn into_parts(self) -> (Stream, Bytes) {
        let state = self.state.into_inner().expect("no holder panics");
        (self.stream, state.rest)
    }

    fn carry(&self, state: &mut State, portions: &mut Portions<'_>) -> Flow {
        state.flow = Flow::Free;
        state.written = portions.now;
        if !state.rest.is_empty() {
            let rest = std::mem::take(&mut state.rest);
            self.write(state, &rest, true);
        }
        while state.flow == Flow::Free
            && let Some(portion) = portions.behind(state.place, self.shape)
        {
            if self.write(state, &portion.bytes, false) == Flow::Free || !state.rest.is_empty() {
                state.place = portion.next;
            }
        }
        state.flow
    }

    /// Writes what the socket takes. Of what it takes a part of, or `all` of
    /// what it takes nothing of, the rest is kept.
    fn write(&self, state: &mut State, bytes: &Bytes, all: bool) -> Flow {
        state.flow = match self.stream.try_write(bytes) {
            Ok(count) if count == bytes.len() => Flow::Free,
            Ok(count) => {
                state.rest = bytes.slice(count..);
                Flow::Full
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                if all {
                    state.rest = bytes.clone();
                }
                Flow::Full
            }
            Err(_) => Flow::Broken,
        };
        state.flow
    }
}

fn wake(state: &mut State) {
    if let Some(task) = &state.task {
        task.wake_by_ref();
    }
}

/// tungstenite's view of the socket: it reads for itself, and what it writes
/// (pongs and close frames, each whole) goes through the outlet.
#[derive(Debug)]
pub(crate) struct Wire<'a>(pub(crate) &'a Outlet);

impl io::Read for Wire<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.stream.try_read(buffer)
    }
}

impl io::Write for Wire<'_> {
    fn write(&mut self, frames: &[u8]) -> io::Result<usize> {
        self.0.send(&Bytes::copy_from_slice(frames), Instant::now());
        match self.0.flow() {
            Flow::Broken => Err(io::ErrorKind::BrokenPipe.into()),
            _ => Ok(frames.len()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
