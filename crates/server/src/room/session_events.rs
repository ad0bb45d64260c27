//! The questions that a session with a place of its own asks of a room: what
//! comes after the place, when there will be something, and whether the log
//! still reaches back to it.

use wire::Seq;

use crate::room::{
    Room,
    entry::Encoding,
    log::{Portion, Start},
};

impl Room {
    /// Returns the events after a reader's place that go out together, and moves the place behind
    /// them; `None` at the newest event. A reader that has no place yet is given one.
    pub(crate) fn next_portion(&self, start: &mut Start, encoding: Encoding) -> Option<Portion> {
        if !start.is_new && start.place >= self.newest() {
            return None;
        }
        let mut log = self.log.lock().expect("no holder panics");
        log.settle(start);
        let portion = log.portion(start.place, encoding, self.coalesce)?;
        start.place = portion.next;
        Some(portion)
    }

    /// Returns the events after `place` that go out together; `None` at the
    /// newest event.
    pub(crate) fn portion(&self, place: Seq, encoding: Encoding) -> Option<Portion> {
        if place >= self.newest() {
            return None;
        }
        let mut log = self.log.lock().expect("no holder panics");
        log.portion(place, encoding, self.coalesce)
    }

    /// Waits until there is something after `place`, or nothing more will come.
    ///
    /// Dropping the future is fine at any time.
    pub(crate) async fn news(&self, place: Seq) {
        let mut bell = self.bell.listen();
        while self.newest() <= place && !self.is_closed() {
            bell.rung().await;
        }
    }

    /// Returns whether the log still keeps all that came after `place`.
    pub(crate) fn reaches(&self, place: Seq) -> bool {
        let log = self.log.lock().expect("no holder panics");
        (log.before_oldest()..=log.newest()).contains(&place)
    }
}
