//! The writing half of a connection that stays open: one owner for each socket.
//!
//! The sweep writes events, and the reader's own task answers and heartbeats,
//! both under one lock. What the socket did not take goes out before anything
//! else, so that frames and chunks never mix.
//!
//! While the socket is full nothing is added but what was begun. The reader
//! keeps its place in the log, and its own task goes on from there when there
//! is room again.

mod state;
mod together;

use std::{
    hint::black_box,
    io, mem,
    sync::{Arc, Mutex},
    task::{Context, Poll},
};

use bytes::Bytes;
use tokio::{task::yield_now, time::Instant};
use wire::Seq;

use self::state::{State, wake};
pub(crate) use self::{state::Flow, together::advance_together};
use crate::{
    net::stream::Stream,
    room::{
        answers::Form, coder::Coder, entry::Encoding, log::Portion, sweep_cache::SweepCache,
        wrapping::Carrier,
    },
};

#[cfg(test)]
use crate::room::planted::{Fault, altered};

/// The writing half of one connection, and its reader's place.
///
/// The socket, the lock and the beginning of the state are all that an answer to a poll needs, and they
/// lie side by side: when a connection polls again, no cache holds its state any more.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Writer {
    pub(crate) stream: Stream,
    state: Mutex<State>,
    /// The encoding of events; `None` for a poller, which is sent the whole
    /// answer to its poll.
    encoding: Option<Encoding>,
}

impl Writer {
    /// Makes the writer of a reader at `place`, to be sent all new events, through a coder if it
    /// has one.
    pub(crate) fn subscriber(
        stream: Stream,
        encoding: Encoding,
        coder: Option<Box<Coder>>,
        place: Seq,
    ) -> Self {
        Self::new(stream, Some(encoding), coder, place)
    }

    /// Makes the writer of a poller, to be sent an answer each time that it is
    /// held.
    pub(crate) fn poller(stream: Stream) -> Self {
        Self::new(stream, None, None, 0)
    }

    fn new(
        stream: Stream,
        encoding: Option<Encoding>,
        coder: Option<Box<Coder>>,
        place: Seq,
    ) -> Self {
        Self {
            stream,
            encoding,
            state: Mutex::new(State {
                place,
                waits: encoding.is_some(),
                wakes_on_reply: false,
                coder,
                form: Form::Batch(None),
                backlog: None,
                flow: Flow::Free,
                wrapped: 0,
                written: Instant::now(),
                task: None,
            }),
        }
    }

    /// Makes the processor fetch this writer while it does something else: the
    /// sweep's write to the reader before takes longer than a fetch from
    /// memory.
    pub(crate) fn prefetch(&self) {
        black_box((self.encoding, self.state.is_poisoned()));
    }

    /// Advances the reader to the newest event, unless its socket is full: then
    /// its own task will.
    pub(crate) fn advance(&self, cache: &mut SweepCache<'_>) {
        let mut state = self.state.lock().expect("no holder panics");
        if state.waits && state.flow == Flow::Free {
            self.carry(&mut state, cache);
            if state.conclude() {
                return;
            }
        }
        state.count_if_behind(cache);
    }

    /// Holds a poller until there is something after `place`, which is then sent in this form.
    pub(crate) fn hold(&self, place: Seq, form: Form) {
        let mut state = self.state.lock().expect("no holder panics");
        state.place = place;
        state.form = form;
        state.waits = true;
        state.wakes_on_reply = false;
    }

    /// Returns the place that a poller which was held has reached with its answer, and the time of
    /// that; `None` while it waits.
    pub(crate) fn answered(&self) -> Option<(Seq, Instant)> {
        let state = self.state.lock().expect("no holder panics");
        (!state.waits).then_some((state.place, state.written))
    }

    /// Records that the poller's next request has arrived, so that its task is woken when it is
    /// answered. Returns whether it still waits for the answer to the request before.
    pub(crate) fn wake_on_reply(&self) -> bool {
        let mut state = self.state.lock().expect("no holder panics");
        state.wakes_on_reply = true;
        state.waits
    }

    /// Ends the holding of a poller. Returns its place if it still waited.
    pub(crate) fn release(&self) -> Option<Seq> {
        let mut state = self.state.lock().expect("no holder panics");
        mem::take(&mut state.waits).then_some(state.place)
    }

    /// Ends the sending of new events. Returns the place that was reached.
    pub(crate) fn stop(&self) -> Seq {
        let mut state = self.state.lock().expect("no holder panics");
        state.waits = false;
        state.place
    }

    /// Returns how events are encoded; `None` for a poller that is sent batches.
    pub(crate) fn encoding(&self) -> Option<Encoding> {
        let form = || self.state.lock().expect("no holder panics").form;
        self.encoding.or_else(|| form().encoding())
    }

    /// Returns whether new events are to be sent.
    pub(crate) fn waits(&self) -> bool {
        self.state.lock().expect("no holder panics").waits
    }

    /// Sends bytes that are not an event, whole.
    pub(crate) fn send(&self, bytes: &Bytes, now: Instant) {
        let mut state = self.state.lock().expect("no holder panics");
        self.put(&mut state, bytes, now);
    }

    /// Sends a poller its answer, whole, and returns the state of the writing. The time of the
    /// write is not recorded, because nobody asks for that of a poller without a seat.
    pub(crate) fn answer(&self, bytes: &Bytes) -> Flow {
        let mut state = self.state.lock().expect("no holder panics");
        self.put_untimed(&mut state, bytes);
        state.flow
    }

    /// Sends a text that is not an event as events are sent: through the coder, if there is one.
    pub(crate) fn send_coded(&self, text: &Bytes, now: Instant) {
        let mut state = self.state.lock().expect("no holder panics");
        let packed = state.coder.as_mut().map(|coder| coder.pack(text));
        self.put(&mut state, packed.as_ref().unwrap_or(text), now);
    }

    /// Sends the end of a stream: that of its coder, or else `end`.
    pub(crate) fn send_end(&self, end: &Bytes, now: Instant) {
        let mut state = self.state.lock().expect("no holder panics");
        let coded = state.coder.as_mut().map(|coder| coder.end());
        self.put(&mut state, coded.as_ref().unwrap_or(end), now);
    }

    fn put(&self, state: &mut State, bytes: &Bytes, now: Instant) {
        state.written = now;
        self.put_untimed(state, bytes);
    }

    fn put_untimed(&self, state: &mut State, bytes: &Bytes) {
        match state.flow {
            Flow::Free => {
                self.write(state, bytes, true);
                if state.flow != Flow::Free {
                    wake(state);
                }
            }
            // Callers bound the backlog: they read no more drafts while the socket is full.
            Flow::Full => state.append(bytes),
            Flow::Broken => {}
        }
    }

    /// Returns the state of the writing to the reader's own task, after going
    /// on with it if the socket has room again. From now on the task is woken
    /// when that state changes.
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
            if state.flow == Flow::Free {
                state.backlog = None;
            }
        }
        match &state.task {
            Some(task) if task.will_wake(context.waker()) => {}
            _ => state.task = Some(context.waker().clone()),
        }
        state.flow
    }

    /// Returns whether all events up to `newest` were written.
    pub(crate) fn has_sent(&self, newest: Seq) -> bool {
        let state = self.state.lock().expect("no holder panics");
        state.flow == Flow::Free && state.place >= newest
    }

    /// Returns the state of the writing.
    pub(crate) fn flow(&self) -> Flow {
        self.state.lock().expect("no holder panics").flow
    }

    /// Returns the time of the last write.
    pub(crate) fn written(&self) -> Instant {
        self.state.lock().expect("no holder panics").written
    }

    /// Wakes the reader's own task.
    pub(crate) fn wake(&self) {
        wake(&mut self.state.lock().expect("no holder panics"));
    }

    /// Returns the socket, and the bytes that it has yet to take.
    fn into_parts(self) -> (Stream, Bytes) {
        let mut state = self.state.into_inner().expect("no holder panics");
        (self.stream, state.take_rest())
    }

    fn carry(&self, state: &mut State, cache: &mut SweepCache<'_>) {
        state.written = cache.now;
        while state.waits
            && state.flow == Flow::Free
            && let Some(portion) = self.portion(state, cache)
        {
            let is_begun = match &mut state.coder {
                None => self.write(state, &portion.bytes, self.encoding.is_none()),
                Some(coder) => {
                    // What went through a coder has changed its state, and is kept until it is
                    // written.
                    let packed = coder.pack(&portion.bytes);
                    self.write(state, &packed, true)
                }
            };
            #[cfg(test)]
            let is_begun = altered(Fault::MovedPlace, is_begun, |_| true);
            if is_begun {
                self.has_written(state, portion.next, portion.bytes.len());
            }
        }
    }

    /// Records that a portion of `length` bytes, before any coder, was written or is kept.
    #[inline]
    fn has_written(&self, state: &mut State, next: Seq, length: usize) {
        state.place = next;
        state.waits = match self.encoding {
            None => false,
            Some(Encoding::Wrapped(wrapping, Carrier::Chunk | Carrier::Bare)) => {
                state.wrapped = state.wrapped.saturating_add(length as u32);
                let goes_on = (state.wrapped as usize) < wrapping.longest_answer();
                state.wakes_on_reply = !goes_on;
                goes_on
            }
            Some(_) => true,
        };
    }

    /// Returns the bytes to write next, before any coder.
    fn portion<'a>(&self, state: &State, cache: &'a mut SweepCache<'_>) -> Option<&'a Portion> {
        match (self.encoding, state.form) {
            (None, Form::Batch(Some(coding))) => cache.coded_answer(state.place, coding),
            (None, form @ (Form::Packets | Form::Frame)) => cache.wrapped_answer(state.place, form),
            (encoding, _) => cache.behind(state.place, encoding),
        }
    }

    /// Writes the rest of what was begun.
    fn flush(&self, state: &mut State) {
        let rest = state.take_rest();
        state.flow = Flow::Free;
        if !rest.is_empty() || self.stream.is_behind() {
            self.write(state, &rest, true);
        }
    }

    /// Writes as much as the socket takes. If it takes only a part, the rest is
    /// kept; if it takes nothing, the bytes are kept only if `all` is set. Returns
    /// whether the bytes were written or are kept.
    fn write(&self, state: &mut State, bytes: &Bytes, all: bool) -> bool {
        self.took(state, bytes, all, self.stream.try_give(bytes))
    }

    /// Does what [`Self::write`] does, after the socket was given the bytes.
    #[inline]
    fn took(&self, state: &mut State, bytes: &Bytes, all: bool, given: io::Result<usize>) -> bool {
        let (flow, is_begun) = match given {
            Ok(count) if count == bytes.len() && !self.stream.is_behind() => (Flow::Free, true),
            Ok(count) => {
                state.fill(Some(bytes.slice(count..)));
                (Flow::Full, true)
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                state.fill(all.then(|| bytes.clone()));
                (Flow::Full, all)
            }
            Err(_) => (Flow::Broken, false),
        };
        state.flow = flow;
        is_begun
    }
}

/// Takes the socket from a writer that has no seat any more, with the bytes
/// that it has yet to take. A sweep on another thread may just be passing.
pub(crate) async fn take_back(mut writer: Arc<Writer>) -> (Stream, Bytes) {
    loop {
        match Arc::try_unwrap(writer) {
            Ok(writer) => return writer.into_parts(),
            Err(shared) => writer = shared,
        }
        yield_now().await;
    }
}
