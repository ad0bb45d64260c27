//! The activity of connections, and the watchman who ends those that keep everybody waiting. A poll
//! costs one count here; no connection has a timer of its own.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU8, AtomicU32, Ordering::Relaxed},
    },
    task::Waker,
    time::{Duration, Instant},
};

use tokio::task::AbortHandle;

use crate::settings::Settings;

/// The activity of a connection: the number of its requests and its phase.
#[derive(Debug, Default)]
pub(crate) struct Activity {
    /// A count that moves with each request.
    requests: AtomicU32,
    phase: AtomicU8,
    /// The connection's task while it waits for the rest of a head.
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

    /// Records that a head has begun, whose rest `task` waits for. A head that is late stays so.
    pub(crate) fn begin_head(&self, task: &Waker) {
        let mut waiting = self.task.lock().expect("no holder panics");
        if waiting.as_ref().is_none_or(|known| !known.will_wake(task)) {
            *waiting = Some(task.clone());
        }
        if !self.is_late() {
            self.enter(Phase::Head);
        }
    }

    /// Returns whether the head that has begun took too long.
    pub(crate) fn is_late(&self) -> bool {
        self.phase() == Phase::Late
    }

    /// Tells the connection's task that its head took too long, unless it is whole by now.
    fn tell_late(&self) {
        let (head, late) = (Phase::Head as u8, Phase::Late as u8);
        let changed = self.phase.compare_exchange(head, late, Relaxed, Relaxed);
        if changed.is_ok()
            && let Some(task) = self.task.lock().expect("no holder panics").take()
        {
            task.wake();
        }
    }

    /// Returns the phase.
    pub(crate) fn phase(&self) -> Phase {
        match self.phase.load(Relaxed) {
            0 => Phase::Waiting,
            1 => Phase::Head,
            2 => Phase::Busy,
            _ => Phase::Late,
        }
    }
}

/// The watchman of the connections that came in at one address.
#[derive(Debug)]
pub(crate) struct Watchman {
    head: Duration,
    idle: Duration,
    watched: Vec<Watched>,
}

/// A connection as it was seen last.
#[derive(Debug)]
struct Watched {
    activity: Arc<Activity>,
    task: AbortHandle,
    requests: u32,
    phase: Phase,
    since: Instant,
}

impl Watchman {
    /// Makes a watchman who keeps the time-outs of these settings.
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            head: settings.head_timeout,
            idle: settings.idle_timeout,
            watched: Vec::new(),
        }
    }

    /// Returns the time between two rounds: a connection ends that much too late at
    /// most.
    pub(crate) fn round(&self) -> Duration {
        let shortest = self.head.min(self.idle);
        (shortest / 8).clamp(Duration::from_millis(10), Duration::from_secs(5))
    }

    /// Watches a connection that was accepted now.
    pub(crate) fn watch(&mut self, activity: Arc<Activity>, task: AbortHandle) {
        self.watched.push(Watched {
            activity,
            task,
            requests: 0,
            phase: Phase::Waiting,
            since: Instant::now(),
        });
    }

    /// Ends the connections that have been at the same point for too long, and
    /// forgets those that are over.
    pub(crate) fn look(&mut self, now: Instant) {
        let (head, idle) = (self.head, self.idle);
        self.watched.retain_mut(|watched| {
            if watched.task.is_finished() {
                return false;
            }
            let requests = watched.activity.requests.load(Relaxed);
            let phase = watched.activity.phase();
            if (requests, phase) != (watched.requests, watched.phase) {
                (watched.requests, watched.phase, watched.since) = (requests, phase, now);
            }
            let most = match phase {
                Phase::Busy => return true,
                Phase::Waiting if requests > 0 => idle,
                // Whoever was told has as long again to take its answer.
                Phase::Waiting | Phase::Head | Phase::Late => head,
            };
            let mut is_over = now.saturating_duration_since(watched.since) > most;
            if is_over && phase == Phase::Head {
                watched.activity.tell_late();
                is_over = false;
            }
            if is_over {
                watched.task.abort();
            }
            !is_over
        });
    }
}
