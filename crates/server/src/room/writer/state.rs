//! The state of a writer: the place of its reader, and what its socket has yet to take.

use std::{mem, task::Waker, time::Duration};

use bytes::Bytes;
use tokio::time::Instant;
use wire::Seq;

use crate::room::{answers::Form, coder::Coder, sweep_cache::SweepCache};

/// The time for which a reader that could not be written to, or is between two polls,
/// counts as one who keeps up.
const KEEPS_UP: Duration = Duration::from_secs(1);

/// The state of a writer. What an answer to a poll looks at comes first ([`Writer`]), and then what a
/// sweep does.
///
/// [`Writer`]: super::Writer
#[derive(Debug)]
#[repr(C)]
pub(super) struct State {
    pub(super) flow: Flow,
    /// True if new events are to be sent: for a poller only while it is held.
    pub(super) waits: bool,
    /// True if its task is to be woken once a poller is answered: most often
    /// the next request wakes it, but that may have arrived already.
    pub(super) wakes_on_reply: bool,
    /// The form of the answer to the poll that is held.
    pub(super) form: Form,
    /// The number of bytes of wrapped events that an answer holds so far.
    pub(super) wrapped: u32,
    pub(super) place: Seq,
    /// The compressor of this reader alone, through which everything goes that is not a whole frame
    /// already; `None` for most readers.
    pub(super) coder: Option<Box<Coder>>,
    /// The time of the last write.
    pub(super) written: Instant,
    /// The backlog of a socket that is full; boxed, because few are.
    pub(super) backlog: Option<Box<Backlog>>,
    /// The reader's own task, woken when the flow changes.
    pub(super) task: Option<Waker>,
}

/// The backlog of a socket that is full.
#[derive(Debug)]
pub(super) struct Backlog {
    /// The bytes that were begun and that the socket did not take.
    rest: Bytes,
    /// The time since when the socket has been full.
    since: Instant,
}

/// The state of the writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flow {
    /// The socket took everything.
    Free,
    /// The socket takes no more for now.
    Full,
    /// The socket takes no more, ever.
    Broken,
}

impl State {
    /// Records that the socket is full. `rest` is what it has yet to take; `None` if that is as
    /// before.
    pub(super) fn fill(&mut self, rest: Option<Bytes>) {
        let backlog = self.backlog.get_or_insert_with(|| {
            Box::new(Backlog {
                rest: Bytes::new(),
                since: Instant::now(),
            })
        });
        if let Some(rest) = rest {
            backlog.rest = rest;
        }
    }

    /// Adds bytes to those that the socket, which is full, has yet to take.
    pub(super) fn append(&mut self, bytes: &Bytes) {
        let rest = self.take_rest();
        self.fill(Some(Bytes::from([&rest[..], bytes].concat())));
    }

    /// Takes the bytes that the socket has yet to take. The time since when it is full stays.
    pub(super) fn take_rest(&mut self) -> Bytes {
        let backlog = self.backlog.as_mut();
        backlog.map_or_else(Bytes::new, |backlog| mem::take(&mut backlog.rest))
    }

    /// Ends the writing of events: wakes the reader's task if it has something to do now. Returns
    /// whether the socket took everything.
    #[inline]
    pub(super) fn conclude(&mut self) -> bool {
        let is_free = self.flow == Flow::Free;
        if !is_free || (self.wakes_on_reply && !self.waits) {
            wake(self);
        }
        is_free
    }

    /// Tells the sweep of a reader who keeps up, but could not be written to.
    #[inline]
    pub(super) fn count_if_behind(&self, cache: &mut SweepCache<'_>) {
        if let Some(place) = self.place_if_behind(cache.now) {
            cache.behind = Some(cache.behind.map_or(place, |behind| behind.min(place)));
        }
    }

    /// Returns the place of a reader who keeps up, but could not be written to at this
    /// moment: its socket became full a moment ago, or it is between two polls.
    fn place_if_behind(&self, now: Instant) -> Option<Seq> {
        let since = match self.flow {
            Flow::Broken => return None,
            Flow::Full => self.backlog.as_ref()?.since,
            Flow::Free => self.written,
        };
        (now.saturating_duration_since(since) < KEEPS_UP).then_some(self.place)
    }
}

/// Wakes the reader's own task.
pub(super) fn wake(state: &mut State) {
    if let Some(task) = &state.task {
        task.wake_by_ref();
    }
}
