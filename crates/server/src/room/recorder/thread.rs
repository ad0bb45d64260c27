//! The thread that writes: one transaction after the other, for all rooms.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
        mpsc::{Receiver, RecvTimeoutError},
    },
    time::{Duration, Instant},
};

use tokio::sync::oneshot;

use crate::{
    net::notice::{Topic, tell},
    room::recorder::{Task, plan::Plan},
    store::{StoreError, disk::Disk, stored::Step},
};

#[cfg(test)]
use crate::room::planted::{Fault, is};

/// The largest number of changes that share a transaction.
const MOST: usize = 4096;
/// The time between two attempts to open a store again that has failed.
const RETRY: Duration = Duration::from_secs(1);

/// The thread's state.
#[derive(Debug)]
pub(super) struct Writer {
    disk: Disk,
    delay: Duration,
    log_events: usize,
    has_failed: Arc<AtomicBool>,
    /// The steps that take back what nobody was given, once the store is open again.
    take_back: Vec<Step>,
    /// The time at which a store that has failed is opened again.
    retry_at: Instant,
}

/// The changes that share a transaction, and whether there will be more.
pub(in crate::room) struct Gathered {
    pub(in crate::room) tasks: Vec<Task>,
    pub(in crate::room) end: Option<oneshot::Sender<()>>,
}

/// A guard of the thread that writes. It is dropped however the thread ends, and then marks that
/// nothing is written any more.
pub(in crate::room) struct Over(pub(in crate::room) Arc<AtomicBool>);

impl Drop for Over {
    fn drop(&mut self) {
        self.0.store(true, SeqCst);
    }
}

impl Writer {
    pub(super) fn new(
        disk: Disk,
        delay: Duration,
        log_events: usize,
        has_failed: &Arc<AtomicBool>,
    ) -> Self {
        Self {
            disk,
            delay,
            log_events,
            has_failed: Arc::clone(has_failed),
            take_back: Vec::new(),
            retry_at: Instant::now(),
        }
    }

    /// Writes what is handed over, until the server leaves or nobody is there to hand over.
    pub(super) fn run(mut self, tasks: &Receiver<Task>) {
        let _over = Over(Arc::clone(&self.has_failed));
        loop {
            let task = if self.has_failed.load(SeqCst) {
                tasks.recv_timeout(self.retry_at.saturating_duration_since(Instant::now()))
            } else {
                tasks.recv().map_err(RecvTimeoutError::from)
            };
            let gathered = match task {
                Ok(task) => gather(task, tasks, self.delay),
                Err(RecvTimeoutError::Timeout) => Gathered {
                    tasks: Vec::new(),
                    end: None,
                },
                Err(RecvTimeoutError::Disconnected) => return,
            };
            self.write(gathered.tasks);
            if let Some(end) = gathered.end {
                // The file is closed, and its lock free, before anybody is told.
                drop(self.disk);
                let _ = end.send(());
                return;
            }
            if self.has_failed.load(SeqCst) && self.retry_at <= Instant::now() {
                self.mend();
            }
        }
    }

    pub(super) fn write(&mut self, tasks: Vec<Task>) {
        let mut plan = Plan::new(self.log_events);
        for task in tasks {
            match task {
                Task::Change(room, change) => plan.add(room, change),
                Task::Forget(label, generation) => plan.forget(label, generation),
                // Where there is only one server, the room itself is asked for its people.
                Task::People(..) | Task::End(_) => {}
            }
        }
        if plan.is_empty() {
            return;
        }
        #[cfg(test)]
        if is(Fault::EarlyAnswer) {
            let steps = std::mem::take(&mut plan.steps);
            plan.publish();
            return drop(self.disk.commit(&steps));
        }
        match self.disk.commit(&plan.steps) {
            Ok(()) => plan.publish(),
            Err(error) => {
                // Marked before `give_up` answers speakers, so that they hand over nothing more.
                let is_first = !self.has_failed.swap(true, SeqCst);
                self.take_back.extend(plan.give_up());
                if is_first {
                    self.retry_at = Instant::now() + RETRY;
                    refuses(&error);
                }
            }
        }
    }

    /// Opens a store that has failed again, and takes back what nobody was given.
    fn mend(&mut self) {
        let mended = self
            .disk
            .reopen()
            .and_then(|()| self.disk.commit(&self.take_back));
        match mended {
            Ok(()) => {
                self.take_back.clear();
                self.has_failed.store(false, SeqCst);
            }
            Err(error) => {
                self.retry_at = Instant::now() + RETRY;
                refuses(&error);
            }
        }
    }
}

/// Tells that drafts are refused.
fn refuses(error: &StoreError) {
    tell(Topic::Store, || {
        format!("the store takes nothing for now: {error}; drafts are refused, reading goes on")
    });
}

/// Takes what follows a change within `delay`, and what is there already.
pub(in crate::room) fn gather(first: Task, tasks: &Receiver<Task>, delay: Duration) -> Gathered {
    let until = Instant::now() + delay;
    let mut gathered = Gathered {
        tasks: Vec::new(),
        end: None,
    };
    let mut next = Some(first);
    while let Some(task) = next {
        if let Task::End(end) = task {
            gathered.end = Some(end);
            break;
        }
        gathered.tasks.push(task);
        if gathered.tasks.len() >= MOST {
            break;
        }
        let left = until.saturating_duration_since(Instant::now());
        next = if left.is_zero() {
            tasks.try_recv().ok()
        } else {
            tasks.recv_timeout(left).ok()
        };
    }
    gathered
}
