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
    hint::black_box,
    io, mem,
    sync::{Arc, Mutex},
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use tokio::{task::yield_now, time::Instant};
use wire::Seq;

use crate::{
    net::stream::Stream,
    room::{SweepCache, entry::Encoding},
};

/// The write side of one connection, and its reader's place.
#[derive(Debug)]
pub(crate) struct Writer {
    pub(crate) stream: Stream,
    /// How events are dressed for it; `None` for a poller, which is sent the
    /// whole answer to its poll.
    encoding: Option<Encoding>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    place: Seq,
    /// Whether it is to be sent what comes: a poller only while it is held.
    waits: bool,
    /// Whether its task is to be woken once a poller is answered: most often the
    /// next request wakes it, but that may be there already.
    wakes_on_reply: bool,
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

impl Writer {
    /// For a reader at `place`, to be sent all that comes.
    pub(crate) fn subscriber(stream: Stream, encoding: Encoding, place: Seq) -> Self {
        Self::new(stream, Some(encoding), place)
    }

    /// For a poller, to be sent an answer each time that it is held.
    pub(crate) fn poller(stream: Stream) -> Self {
        Self::new(stream, None, 0)
    }

    fn new(stream: Stream, encoding: Option<Encoding>, place: Seq) -> Self {
        Self {
            stream,
            encoding,
            state: Mutex::new(State {
                place,
                waits: encoding.is_some(),
                wakes_on_reply: false,
                rest: Bytes::new(),
                flow: Flow::Free,
                written: Instant::now(),
                task: None,
            }),
        }
    }

    /// Has the processor fetch this writer while it does something else: the
    /// sweep's write to the reader before takes longer than memory does.
    pub(crate) fn prefetch(&self) {
        black_box((self.encoding, self.state.is_poisoned()));
    }

    /// Carries the reader on to the head, unless its socket is full: then its
    /// own task will.
    pub(crate) fn advance(&self, cache: &mut SweepCache<'_>) {
        let mut state = self.state.lock().expect("no holder panics");
        if state.waits && state.flow == Flow::Free {
            let flow = self.carry(&mut state, cache);
            if flow != Flow::Free || (state.wakes_on_reply && !state.waits) {
                wake(&mut state);
            }
        }
    }

    /// A poller waits for what comes after `place`.
    pub(crate) fn hold(&self, place: Seq) {
        let mut state = self.state.lock().expect("no holder panics");
        state.place = place;
        state.waits = true;
        state.wakes_on_reply = false;
    }

    /// The next request of a poller is there already. Whether it still waits for
    /// the answer to the one before.
    pub(crate) fn wake_on_reply(&self) -> bool {
        let mut state = self.state.lock().expect("no holder panics");
        state.wakes_on_reply = true;
        state.waits
    }

    /// A poller waits no longer. Whether it still did, and from where.
    pub(crate) fn release(&self) -> Option<Seq> {
        let mut state = self.state.lock().expect("no holder panics");
        mem::take(&mut state.waits).then_some(state.place)
    }

    /// Whether it is to be sent what comes.
    pub(crate) fn waits(&self) -> bool {
        self.state.lock().expect("no holder panics").waits
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
    pub(crate) fn poll_flow(
        &self,
        context: &mut Context<'_>,
        mut cache: Option<&mut SweepCache<'_>>,
    ) -> Flow {
        let mut state = self.state.lock().expect("no holder panics");
        while state.flow == Flow::Full {
            match self.stream.poll_write_ready(context) {
                Poll::Ready(Ok(())) => {
                    self.flush(&mut state);
                    if let Some(cache) = &mut cache {
                        self.carry(&mut state, cache);
                    }
                }
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
    fn into_parts(self) -> (Stream, Bytes) {
        let state = self.state.into_inner().expect("no holder panics");
        (self.stream, state.rest)
    }

    fn carry(&self, state: &mut State, cache: &mut SweepCache<'_>) -> Flow {
        state.written = cache.now;
        while state.waits
            && state.flow == Flow::Free
            && let Some(portion) = cache.behind(state.place, self.encoding)
        {
            let whole = self.encoding.is_none();
            if self.write(state, &portion.bytes, whole) == Flow::Free || !state.rest.is_empty() {
                state.place = portion.next;
                state.waits = !whole;
            }
        }
        state.flow
    }

    /// Writes what was begun.
    fn flush(&self, state: &mut State) {
        let rest = mem::take(&mut state.rest);
        state.flow = Flow::Free;
        if !rest.is_empty() {
            self.write(state, &rest, true);
        }
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

/// The socket of an writer that has no seat any more, and what it has yet to
/// take. A sweep on another thread may just be passing.
pub(crate) async fn take_back(mut writer: Arc<Writer>) -> (Stream, Bytes) {
    loop {
        match Arc::try_unwrap(writer) {
            Ok(writer) => return writer.into_parts(),
            Err(shared) => writer = shared,
        }
        yield_now().await;
    }
}

fn wake(state: &mut State) {
    if let Some(task) = &state.task {
        task.wake_by_ref();
    }
}

/// tungstenite's view of the socket: it reads for itself, and what it writes
/// (pongs and close frames, each whole) goes through the writer.
#[derive(Debug)]
pub(crate) struct Wire<'a>(pub(crate) &'a Writer);

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
