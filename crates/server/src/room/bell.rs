//! The bell of a room, for those who wait outside the seats: held polls that hyper answers.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use tokio::sync::watch;

/// The bell of a room. In most rooms nobody listens, and then an event is put into the log without
/// a ring: tokio takes a lock for each of the eight lists of a channel's waiting tasks, even if all
/// are empty.
#[derive(Debug)]
pub(crate) struct Bell {
    rung: watch::Sender<()>,
    /// The number of those who listen.
    listening: AtomicUsize,
}

/// One of those who listen for a bell; dropping it ends the listening.
#[derive(Debug)]
pub(crate) struct Listener<'a> {
    bell: &'a Bell,
    rung: watch::Receiver<()>,
}

impl Bell {
    /// Makes a bell that nobody listens for.
    pub(crate) fn new() -> Self {
        Self {
            rung: watch::Sender::new(()),
            listening: AtomicUsize::new(0),
        }
    }

    /// Listens for the bell. A listener that looks for a change only after this call misses none:
    /// each change is made before its ring, and all of this happens in one order (`SeqCst`), so
    /// either the listener sees the change or the ring sees the listener.
    pub(crate) fn listen(&self) -> Listener<'_> {
        self.listening.fetch_add(1, SeqCst);
        Listener {
            bell: self,
            rung: self.rung.subscribe(),
        }
    }

    /// Wakes those who listen, if there are any.
    pub(crate) fn ring(&self) {
        if self.listening.load(SeqCst) > 0 {
            self.rung.send_replace(());
        }
    }
}

impl Listener<'_> {
    /// Waits until the bell was rung since the last time, or since this listens.
    pub(crate) async fn rung(&mut self) {
        // The sender is in the bell, which outlives this.
        let _ = self.rung.changed().await;
    }
}

impl Drop for Listener<'_> {
    fn drop(&mut self) {
        self.bell.listening.fetch_sub(1, SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn whoever_listens_hears_each_ring_once() {
        let bell = Bell::new();
        // Nobody is there to hear it, and whoever comes later was not meant.
        bell.ring();
        let mut listener = bell.listen();
        assert!(
            timeout(Duration::from_millis(5), listener.rung())
                .await
                .is_err()
        );
        bell.ring();
        assert!(
            timeout(Duration::from_secs(20), listener.rung())
                .await
                .is_ok()
        );
        assert!(
            timeout(Duration::from_millis(5), listener.rung())
                .await
                .is_err()
        );
        drop(listener);
        assert_eq!(bell.listening.load(SeqCst), 0);
    }
}
