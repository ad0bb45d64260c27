//! The activity of connections, and the watchman, which ends connections that are idle or slow for
//! too long. The watchman looks at all of them in rounds, so that no connection has a timer of its
//! own, and a poll costs one count here.

use std::{
    sync::{
        Mutex, Weak,
        atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering::Relaxed},
    },
    task::Waker,
    time::{Duration, Instant},
};

use tokio::{sync::watch, task::AbortHandle};

use crate::{
    connection::Client,
    net::counters::{Counters, Limit},
    settings::Settings,
};

/// The time that an evicted connection has to end by itself. It is longer than a goodbye may take
/// on any connection.
const GRACE: Duration = Duration::from_secs(3);
/// The divisor of the idle time-out: after one part in so many without a request, a connection
/// gives up the memory that pays only if the next request comes soon.
const QUIET_SHARE: u32 = 30;
/// The longest time between two rounds where connections are evicted.
const EVICTING_ROUND: Duration = Duration::from_millis(500);

/// The activity of a connection: the number of its requests and its phase. What each request changes
/// comes first ([`Client`]).
#[derive(Debug, Default)]
#[repr(C)]
pub(crate) struct Activity {
    /// A count that moves with each request.
    requests: AtomicU32,
    phase: AtomicU8,
    /// True if drafts come over the connection at any time.
    hears_drafts: AtomicBool,
    /// True while the connection keeps memory that pays only if the next request comes soon.
    keeps_much: AtomicBool,
    /// The connection's task, once it waits for plain requests or for the rest of a head.
    task: Mutex<Option<Waker>>,
}

/// The part of an exchange that a connection is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Phase {
    /// The connection waits for a request.
    Waiting = 0,
    /// A head has begun to arrive.
    Head = 1,
    /// A request is being answered, or the connection has become a stream or
    /// WebSocket: other limits hold for these.
    Busy = 2,
    /// The head that has begun took too long: it is answered with 408.
    Late = 3,
    /// A draft is being taken: a connection that ended now would leave its speaker in doubt.
    Taking = 4,
}

impl Activity {
    /// Records that a request came.
    pub(crate) fn request(&self) {
        // Only the connection's own task writes.
        let requests = self.requests.load(Relaxed);
        self.requests.store(requests.wrapping_add(1), Relaxed);
    }

    /// Records the phase that comes next.
    pub(crate) fn enter(&self, phase: Phase) {
        self.phase.store(phase as u8, Relaxed);
    }

    /// Records that drafts may come over the connection at any time. It is then asked to end before
    /// it is cut off, because a draft that is on its way would be lost with it.
    pub(crate) fn hear_drafts(&self) {
        self.hears_drafts.store(true, Relaxed);
    }

    /// Records whether the connection keeps memory that pays only if the next request comes soon.
    pub(crate) fn keep_much(&self, keeps_much: bool) {
        self.keeps_much.store(keeps_much, Relaxed);
    }

    /// Returns whether the connection may still keep that memory.
    pub(crate) fn may_keep_much(&self) -> bool {
        self.keeps_much.load(Relaxed)
    }

    /// Tells the connection's task to give up that memory, because nothing came for long.
    fn tell_quiet(&self) {
        if self.keeps_much.swap(false, Relaxed) {
            self.wake();
        }
    }

    /// Records the connection's task. It is woken when a head takes too long, when no request came
    /// for long, and when the server leaves.
    pub(crate) fn wait(&self, task: &Waker) {
        let mut waiting = self.task.lock().expect("no holder panics");
        if waiting.as_ref().is_none_or(|known| !known.will_wake(task)) {
            *waiting = Some(task.clone());
        }
    }

    /// Wakes the connection's task, if it waits.
    fn wake(&self) {
        if let Some(task) = &*self.task.lock().expect("no holder panics") {
            task.wake_by_ref();
        }
    }

    /// Records that `task` waits for the rest of a head. A head that is late already stays late.
    pub(crate) fn begin_head(&self, task: &Waker) {
        self.wait(task);
        if !self.is_late() {
            self.enter(Phase::Head);
        }
    }

    /// Returns whether the head that has begun took too long.
    pub(crate) fn is_late(&self) -> bool {
        self.phase() == Phase::Late
    }

    /// Tells the connection's task that its head took too long, unless it is whole by now. Returns
    /// whether the task was told.
    fn tell_late(&self) -> bool {
        let (head, late) = (Phase::Head as u8, Phase::Late as u8);
        let changed = self.phase.compare_exchange(head, late, Relaxed, Relaxed);
        if changed.is_ok() {
            self.wake();
        }
        changed.is_ok()
    }

    /// Returns the phase.
    pub(crate) fn phase(&self) -> Phase {
        match self.phase.load(Relaxed) {
            0 => Phase::Waiting,
            1 => Phase::Head,
            2 => Phase::Busy,
            4 => Phase::Taking,
            _ => Phase::Late,
        }
    }
}

/// The watchman of the connections that came in at one address.
#[derive(Debug)]
pub(crate) struct Watchman {
    head: Duration,
    idle: Duration,
    counters: Option<Counters>,
    evicts: bool,
    watched: Vec<WatchedConnection>,
    /// Connections that were asked to make room, and since when.
    leaving: Vec<(Instant, AbortHandle)>,
    most_leaving: usize,
}

/// A connection as it was seen last.
#[derive(Debug)]
struct WatchedConnection {
    /// The client, until its connection is over.
    client: Weak<Client>,
    task: AbortHandle,
    requests: u32,
    phase: Phase,
    since: Instant,
    /// The signal that asks this connection alone to end, by being dropped; present where
    /// connections are evicted.
    ask: Option<watch::Sender<bool>>,
}

/// Dropping the watchman ends the connections that are left.
impl Drop for Watchman {
    fn drop(&mut self) {
        let watched = self.watched.iter().map(|watched| &watched.task);
        for task in watched.chain(self.leaving.iter().map(|(_, task)| task)) {
            task.abort();
        }
    }
}

impl Watchman {
    /// Makes a watchman who keeps the time-outs of these settings.
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            head: settings.head_timeout,
            idle: settings.idle_timeout,
            counters: settings.counters.clone(),
            evicts: settings.evict,
            watched: Vec::new(),
            leaving: Vec::new(),
            // Connections that are leaving hold descriptors beyond `max_connections`.
            most_leaving: settings.max_connections / 8 + 8,
        }
    }

    /// Returns the time between two rounds. A connection ends by at most that much too late.
    pub(crate) fn round(&self) -> Duration {
        let shortest = self.head.min(self.idle);
        let longest = if self.evicts {
            EVICTING_ROUND
        } else {
            Duration::from_secs(5)
        };
        (shortest / 8).clamp(Duration::from_millis(10), longest)
    }

    /// Watches a connection that was accepted now. Dropping `ask` asks it to end.
    pub(crate) fn watch(
        &mut self,
        client: Weak<Client>,
        task: AbortHandle,
        ask: Option<watch::Sender<bool>>,
    ) {
        self.watched.push(WatchedConnection {
            client,
            task,
            requests: 0,
            phase: Phase::Waiting,
            since: Instant::now(),
            ask,
        });
    }

    /// Ends the oldest connection that is not taking a draft, to make room for another. It is cut
    /// off at once, unless drafts may come over it at any time: then it is asked to end, as long as
    /// not too many are leaving already. Returns whether there was one.
    pub(crate) fn evict(&mut self) -> bool {
        let may_end = |watched: &WatchedConnection| {
            let client = watched.client.upgrade();
            client.is_some_and(|client| client.activity.phase() != Phase::Taking)
        };
        // `watched` is in the order in which the connections came.
        let Some(oldest) = self.watched.iter().position(may_end) else {
            return false;
        };
        let oldest = self.watched.remove(oldest);
        self.leaving.retain(|(_, task)| !task.is_finished());
        let client = oldest.client.upgrade();
        let asks = client.is_some_and(|client| client.activity.hears_drafts.load(Relaxed));
        if asks && self.leaving.len() < self.most_leaving {
            self.leaving.push((Instant::now(), oldest.task));
        } else {
            oldest.task.abort();
        }
        true
    }

    /// Asks all connections to end, because the server leaves. Those that wait for plain requests are
    /// not woken by anything else.
    pub(crate) fn ask_all(&mut self) {
        for watched in &mut self.watched {
            // Before the task is woken, because it looks then whether it was asked.
            drop(watched.ask.take());
            if let Some(client) = watched.client.upgrade() {
                client.activity.wake();
            }
        }
    }

    /// Ends the connections that were asked to end and did not, and forgets those that did.
    fn abort_leaving(&mut self, now: Instant) {
        self.leaving.retain(|(since, task)| {
            if now.saturating_duration_since(*since) > GRACE {
                task.abort();
            }
            !task.is_finished()
        });
    }

    /// Ends the connections that have been at the same point for too long, and
    /// forgets those that are over.
    pub(crate) fn end_overdue(&mut self, now: Instant) {
        self.abort_leaving(now);
        let (head, idle) = (self.head, self.idle);
        let count = |limit| {
            if let Some(counters) = &self.counters {
                counters.end(limit);
            }
        };
        self.watched.retain_mut(|watched| {
            let Some(client) = watched.client.upgrade() else {
                return false;
            };
            let requests = client.activity.requests.load(Relaxed);
            let phase = client.activity.phase();
            if (requests, phase) != (watched.requests, watched.phase) {
                (watched.requests, watched.phase, watched.since) = (requests, phase, now);
            }
            let quiet_for = now.saturating_duration_since(watched.since);
            if phase == Phase::Waiting && quiet_for > idle / QUIET_SHARE {
                client.activity.tell_quiet();
            }
            let (limit, most) = match phase {
                Phase::Busy | Phase::Taking => return true,
                Phase::Waiting if requests > 0 => (Limit::Idle, idle),
                // A client that is told with a 408 (`Late`) has as long again to take the answer.
                Phase::Waiting | Phase::Head | Phase::Late => (Limit::Head, head),
            };
            let is_over = quiet_for > most;
            if is_over && phase == Phase::Head {
                if client.activity.tell_late() {
                    count(limit);
                }
                return true;
            }
            if is_over {
                // Who was told with a 408 is counted already.
                if phase != Phase::Late {
                    count(limit);
                }
                watched.task.abort();
            }
            !is_over
        });
    }
}
