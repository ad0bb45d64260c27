//! Faults that tests plant in a room, to see whether the simulation of it finds them. There is none
//! of this in a program.

use std::cell::Cell;

/// A fault, each of a kind that a change could bring in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A stream or WebSocket is told of one event fewer than it missed.
    ShortGap,
    /// A poller is not told what it missed.
    UntoldGap,
    /// A batch that was made before an event came is given out after it.
    StaleBatch,
    /// The first event after a gap is left out.
    SkippedEvent,
    /// A sweep ends although an event came meanwhile.
    TiredSweep,
    /// A seat that was left is given to two readers.
    SharedSeat,
    /// A reader's place moves on though its socket took nothing.
    MovedPlace,
    /// A connection ends another stay of its person than its own.
    WrongVisit,
    /// The end of a connection shortens what a poll was promised.
    ShortLease,
    /// The lease of a person who has a connection ends.
    EndedThere,
    /// A draft pushes out what readers who keep up were not given.
    NoPressure,
    /// A draft is taken after readers were said goodbye.
    AfterGoodbye,
    /// A draft is answered, and given to readers, before the disk has it.
    EarlyAnswer,
    /// A log that is made anew has the epoch of the one that is gone.
    OldEpoch,
    /// A log that was stored has another epoch after a crash.
    NewEpoch,
    /// The newest event of a log is not brought back after a crash.
    ShortRestore,
    /// The leave of a person is stored, and the person stays stored as well.
    StoredGhost,
}

impl Fault {
    /// All of them.
    pub(crate) const ALL: [Self; 17] = [
        Self::ShortGap,
        Self::UntoldGap,
        Self::StaleBatch,
        Self::SkippedEvent,
        Self::TiredSweep,
        Self::SharedSeat,
        Self::MovedPlace,
        Self::WrongVisit,
        Self::ShortLease,
        Self::EndedThere,
        Self::NoPressure,
        Self::AfterGoodbye,
        Self::EarlyAnswer,
        Self::OldEpoch,
        Self::NewEpoch,
        Self::ShortRestore,
        Self::StoredGhost,
    ];
}

thread_local! {
    static PLANTED: Cell<Option<Fault>> = const { Cell::new(None) };
}

/// A fault that is there for as long as this value is.
#[derive(Debug)]
pub(crate) struct Planted(());

/// Plants a fault in all that runs on this thread.
pub(crate) fn plant(fault: Fault) -> Planted {
    PLANTED.set(Some(fault));
    Planted(())
}

impl Drop for Planted {
    fn drop(&mut self) {
        PLANTED.set(None);
    }
}

/// Returns whether this fault is planted.
pub(crate) fn is(fault: Fault) -> bool {
    PLANTED.get() == Some(fault)
}

/// Returns what the fault makes of a value, or the value itself.
pub(crate) fn altered<T>(fault: Fault, value: T, wrong: impl FnOnce(T) -> T) -> T {
    if is(fault) { wrong(value) } else { value }
}
