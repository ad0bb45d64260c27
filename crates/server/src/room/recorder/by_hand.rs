//! A recorder without a thread, for tests that say when something is written.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64},
        mpsc,
    },
    time::Duration,
};

use super::{Recorder, Task, thread::Writer};
use crate::store::disk::Disk;

/// The writer of a recorder, which writes when it is told to.
#[derive(Debug)]
pub(in crate::room) struct ByHand {
    writer: Writer,
    tasks: mpsc::Receiver<Task>,
}

impl ByHand {
    /// Makes a recorder that writes to `disk`, and its writer.
    pub(in crate::room) fn over(disk: Disk, log_events: usize) -> (Arc<Recorder>, Self) {
        let (queue, tasks) = mpsc::channel();
        let epochs = disk.epochs();
        let has_failed = Arc::new(AtomicBool::new(false));
        let writer = Writer::new(disk, Duration::ZERO, log_events, &has_failed);
        let recorder = Recorder {
            queue,
            has_failed,
            epochs,
            generation: AtomicU64::new(epochs.generation),
            shared: None,
        };
        (Arc::new(recorder), Self { writer, tasks })
    }

    /// Writes what was handed over, at most so many changes, in one transaction.
    pub(in crate::room) fn write(&mut self, most: usize) {
        self.writer
            .write(self.tasks.try_iter().take(most).collect());
    }
}
