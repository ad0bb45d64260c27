//! The state that a reader keeps from one connection to the next.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};

use tokio::sync::Notify;
use wire::{Epoch, Seq, Way};

use crate::{
    clock::Nanos,
    plan::{Plan, Policy, Variant},
};

/// The signal to a reader to lose its connection, or to leave.
#[derive(Debug, Default)]
pub(crate) struct Call {
    given: Notify,
    leaves: Cell<bool>,
}

impl Call {
    /// Lets the reader lose its connection. A reader that is away has nothing to lose.
    pub(crate) fn lose(&self) {
        self.leaves.set(false);
        self.given.notify_waiters();
    }

    /// Lets the reader leave. A reader that is away does not hear this.
    pub(crate) fn leave(&self) {
        self.leaves.set(true);
        self.given.notify_waiters();
    }

    /// Waits until one of the two signals is given.
    pub(crate) async fn given(&self) {
        self.given.notified().await;
    }

    /// Returns whether the last signal was to leave.
    pub(crate) fn is_to_leave(&self) -> bool {
        self.leaves.get()
    }
}

/// The state that a reader keeps from one connection to the next.
#[derive(Debug, Default)]
pub(crate) struct Resume {
    /// True if readers come back by a policy: their places then name the log that they are of.
    pub(crate) is_on: bool,
    /// True if readers come back as an `EventSource` does, which takes no content but server-sent events.
    pub(crate) is_event_source: bool,
    /// The epoch of the log that the reader's place is of, once it is known.
    pub(crate) epoch: Cell<Option<Epoch>>,
    /// The time that the server told the reader to wait.
    pub(crate) told_to_wait: Cell<Option<Duration>>,
    /// The time since which the reader has been away; absent while it is not.
    pub(crate) away_since: Cell<Option<Nanos>>,
    /// The time at which the reader came back last: what was sent before is given again to it. 0
    /// if it never was away.
    pub(crate) back_at: Cell<Nanos>,
    /// The signal to lose its connection; absent where nobody gives it.
    pub(crate) call: Option<Rc<Call>>,
    /// True from when the reader leaves by itself until it is back.
    pub(crate) has_left: Cell<bool>,
    /// The way over which it reads since it came again; absent as long as that is the plan's.
    pub(crate) changed: RefCell<Option<Variant>>,
}

impl Resume {
    /// Makes the state of a reader that was never away.
    pub(crate) fn new(plan: &Plan, call: Option<Rc<Call>>) -> Self {
        Self {
            is_on: plan.reconnect.is_some()
                && plan.foreign.is_none()
                && !plan.variant.protocol().is_library(),
            is_event_source: plan
                .reconnect
                .as_ref()
                .is_some_and(|reconnect| reconnect.policy == Policy::EventSource),
            call,
            ..Self::default()
        }
    }

    /// Returns whether the reader has lost no connection so far.
    pub(crate) fn is_undisturbed(&self) -> bool {
        self.back_at.get() == 0 && self.away_since.get().is_none()
    }

    /// Returns the way over which the reader reads.
    pub(crate) fn way(&self, plan: &Plan) -> Way {
        let changed = self.changed.borrow();
        changed.as_ref().unwrap_or(&plan.variant).way()
    }

    /// Returns the place as it is asked for: with its epoch, or with the question for it.
    pub(crate) fn place(&self, place: Option<Seq>) -> String {
        match (place, self.epoch.get()) {
            (Some(seq), Some(epoch)) => format!("{seq}-{epoch}"),
            (Some(seq), None) if self.is_on => format!("{seq}&epoch=1"),
            (Some(seq), None) => seq.to_string(),
            (None, _) if self.is_on => "latest&epoch=1".to_owned(),
            (None, _) => "latest".to_owned(),
        }
    }

    /// Takes the epoch of the log that the reader was told. Returns whether it followed another log
    /// before.
    pub(crate) fn is_told(&self, epoch: Option<Epoch>) -> bool {
        let Some(epoch) = epoch.filter(|_| self.is_on) else {
            return false;
        };
        self.epoch
            .replace(Some(epoch))
            .is_some_and(|known| known != epoch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        plan::{Reconnect, Variant},
        sample,
    };

    #[test]
    fn a_place_names_its_log_once_readers_come_back() {
        let mut plan = sample::plan(Variant::Websocket);
        let resume = Resume::new(&plan, None);
        assert_eq!(
            (resume.place(None), resume.place(Some(7))),
            ("latest".into(), "7".into())
        );
        assert!(!resume.is_told(Some(Epoch::from_bits(1))));
        assert_eq!(resume.place(Some(7)), "7");
        plan.reconnect = Some(Reconnect::default());
        let resume = Resume::new(&plan, None);
        assert_eq!(resume.place(None), "latest&epoch=1");
        assert_eq!(resume.place(Some(7)), "7&epoch=1");
        assert!(!resume.is_told(Some(Epoch::from_bits(1))));
        assert_eq!(resume.place(Some(7)), "7-000001");
        assert!(!resume.is_told(Some(Epoch::from_bits(1))) && !resume.is_told(None));
        assert!(resume.is_told(Some(Epoch::from_bits(2))));
    }
}
