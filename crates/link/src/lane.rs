//! A direction of a connection: the bytes that are kept back, those that are under way, and the
//! reads that add to them.

use std::{
    io,
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use tokio::{net::tcp::ReadHalf, sync::Notify};

use crate::{buffering::Hold, carry::Link, line::Line};

/// The number of bytes that may wait in one direction before the link stops reading and the sender
/// is slowed, as with a TCP window. It caps a connection's throughput at this much per one-way
/// delay: 5 MiB a second at 50 ms.
const QUEUE_LIMIT: usize = 256 << 10;
/// The largest number of bytes that one read takes.
const READ_SIZE: usize = 16 << 10;

/// A direction of a connection: the bytes kept back, the bytes under way, and the signals that
/// announce a change of either.
pub(crate) struct Lane {
    belt: Mutex<Belt>,
    pub(crate) came: Notify,
    pub(crate) went: Notify,
}

/// The order of one direction: a proxy's buffer, next to the server behind it, and then the line.
pub(crate) struct Belt {
    pub(crate) hold: Hold,
    pub(crate) line: Line,
}

impl Lane {
    /// Makes an empty direction.
    pub(crate) fn new(hold: Hold, line: Line) -> Self {
        Self {
            belt: Mutex::new(Belt { hold, line }),
            came: Notify::new(),
            went: Notify::new(),
        }
    }

    pub(crate) fn belt(&self) -> MutexGuard<'_, Belt> {
        // One task holds all four loops, so it is never contended; poisoned only if that
        // task has already panicked.
        self.belt.lock().expect("no panic while holding a line")
    }

    /// Waits until fewer than [`QUEUE_LIMIT`] bytes are on the line.
    pub(crate) async fn room(&self) {
        while self.belt().line.waiting() >= QUEUE_LIMIT {
            self.went.notified().await;
        }
    }

    /// Reads once and stamps the bytes; 0 bytes are the end. Not `async`, so that an idle
    /// connection holds no buffer.
    pub(crate) fn read(&self, from: &ReadHalf<'_>, link: &Link) -> io::Result<usize> {
        let mut buffer = [0; READ_SIZE];
        let size = from.try_read(&mut buffer)?;
        let now = link.timer.now();
        if size == 0 {
            self.end(now);
        } else {
            let belt = &mut *self.belt();
            belt.line.push(now, &belt.hold.feed(&buffer[..size]));
            self.came.notify_one();
        }
        Ok(size)
    }

    /// Puts on the line what is kept back, and the end behind it.
    pub(crate) fn end(&self, now: Duration) {
        let belt = &mut *self.belt();
        belt.line.push(now, &belt.hold.finish());
        belt.line.end(now);
        self.came.notify_one();
    }
}
