//! The record of readers' connections that may be lost in the course of a run.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    mem,
    rc::Rc,
};

use crate::clock::Nanos;

/// The record of readers' connections that may be lost.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    /// The times at which they were begun.
    begun: RefCell<Vec<Nanos>>,
    /// The times at which they were made.
    made: RefCell<Vec<Nanos>>,
    /// The switch, for each person, that makes the connection end with a reset.
    resets: RefCell<HashMap<usize, Rc<Cell<bool>>>>,
}

impl Lines {
    /// Notes that a connection of `person` was begun. Returns the switch that makes it end with a
    /// reset.
    pub(super) fn begin(&self, person: usize, now: Nanos) -> Rc<Cell<bool>> {
        self.begun.borrow_mut().push(now);
        let resets = Rc::default();
        let kept = Rc::clone(&resets);
        self.resets.borrow_mut().insert(person, kept);
        resets
    }

    /// Notes that a connection was made.
    pub(super) fn made(&self, now: Nanos) {
        self.made.borrow_mut().push(now);
    }

    /// Returns the number of connections that were made.
    pub(crate) fn made_so_far(&self) -> u64 {
        self.made.borrow().len() as u64
    }

    /// Makes the latest connection of `person` end with a reset.
    pub(super) fn reset(&self, person: usize) {
        if let Some(resets) = self.resets.borrow().get(&person) {
            resets.set(true);
        }
    }

    /// Takes the times at which connections were begun, and those at which they were made.
    pub(crate) fn take(&self) -> (Vec<Nanos>, Vec<Nanos>) {
        let take = |times: &RefCell<Vec<Nanos>>| mem::take(&mut *times.borrow_mut());
        (take(&self.begun), take(&self.made))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_latest_connection_of_a_person_is_reset() {
        let lines = Lines::default();
        let switches = [(0, 1), (1, 2), (0, 3)].map(|(person, now)| lines.begin(person, now));
        lines.made(4);
        assert_eq!(lines.made_so_far(), 1);
        lines.reset(0);
        assert_eq!(switches.map(|switch| switch.get()), [false, false, true]);
        assert_eq!(lines.take(), (vec![1, 2, 3], vec![4]));
        assert_eq!(lines.take(), (Vec::new(), Vec::new()));
    }
}
