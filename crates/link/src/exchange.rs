//! The exchange that a connection is in: it holds a worker, and has an age.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

/// Stands for "in no exchange".
const NONE: u64 = u64::MAX;

/// The exchange of one connection, if it is in one.
#[derive(Debug)]
pub(crate) struct Exchange {
    /// The workers that all connections of the link share; `None` if there is no limit.
    workers: Option<Arc<Semaphore>>,
    /// The worker that the exchange holds.
    worker: Mutex<Option<OwnedSemaphorePermit>>,
    /// The time at which the exchange began, in nanoseconds since the link's start.
    began: AtomicU64,
    changed: Notify,
}

impl Exchange {
    /// Makes the state of a connection that is in no exchange.
    pub(crate) fn new(workers: Option<Arc<Semaphore>>) -> Self {
        Self {
            workers,
            worker: Mutex::new(None),
            began: AtomicU64::new(NONE),
            changed: Notify::new(),
        }
    }

    /// Waits for a worker, unless the exchange has one or needs none. Exchanges get workers in the
    /// order in which they asked.
    pub(crate) async fn admit(&self) {
        let Some(workers) = &self.workers else {
            return;
        };
        if self.lock().is_some() {
            return;
        }
        // The semaphore is never closed.
        if let Ok(permit) = Arc::clone(workers).acquire_owned().await {
            *self.lock() = Some(permit);
        }
    }

    /// Notes that bytes of a request came at `now`: they begin an exchange if there is none.
    pub(crate) fn asked(&self, now: Duration) {
        if self.began.load(Ordering::Relaxed) == NONE {
            self.began.store(now.as_nanos() as u64, Ordering::Relaxed);
            self.changed.notify_waiters();
        }
    }

    /// Notes that an answer is complete: its worker is free.
    pub(crate) fn answered(&self) {
        self.began.store(NONE, Ordering::Relaxed);
        self.lock().take();
    }

    /// Returns the time at which the exchange began; `None` if there is none.
    pub(crate) fn began(&self) -> Option<Duration> {
        let began = self.began.load(Ordering::Relaxed);
        (began != NONE).then(|| Duration::from_nanos(began))
    }

    /// Waits until an exchange begins.
    pub(crate) async fn begins(&self) {
        self.changed.notified().await;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<OwnedSemaphorePermit>> {
        // One task holds all loops of a connection; nothing panics with the lock in hand.
        self.worker.lock().expect("no panic while holding a worker")
    }
}
