//! A shard whose readers are the tabs of simulated browsers: the sockets that they share, and the
//! moment from which on they listen.

use wire::{BROWSER_CONNECTIONS, Carrier, Exchange};

use super::Shard;

impl Shard {
    /// Returns whether a reader's socket also brings what other tabs of its browser read: over HTTP/2
    /// at any time, over HTTP/1.1 in turn, where they poll.
    pub(crate) fn shares_sockets(&self) -> bool {
        let plan = &self.run.plan;
        let polls = plan.variant.way().carrier() == Carrier::Batch;
        plan.swarm.tabs > 1 && (polls || self.run.target.http2)
    }

    /// Returns whether nobody listens before everybody has a place. Where a browser has more tabs than
    /// connections, questions that are held would keep the other tabs from opening.
    pub(crate) fn begins_together(&self) -> bool {
        let plan = &self.run.plan;
        let is_held = plan.variant.way().exchange() == Exchange::Held;
        is_held && plan.swarm.tabs > BROWSER_CONNECTIONS && !self.run.target.http2
    }

    /// Notes that nobody who connects is in time any more.
    pub(super) fn begin(&self) {
        self.has_begun.set(true);
        self.begins.notify_waiters();
    }

    /// Waits until nobody who connects is in time any more.
    pub(crate) async fn until_begun(&self) {
        while !self.has_begun.get() {
            self.begins.notified().await;
        }
    }
}
