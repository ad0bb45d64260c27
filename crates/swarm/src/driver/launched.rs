//! The counts of the drafts that left without a schedule, which all shards of a run share.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicU64, AtomicUsize, Ordering},
};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::plan::{Back, Pacing, Plan};

/// The number of drafts that count and that left in each room. The speaking shard counts
/// them, and the others read the counts when no more drafts leave, to know what to wait for.
#[derive(Debug)]
pub(crate) struct Launched {
    by_room: Vec<AtomicU64>,
    /// Absent where a draft is back with its speaker, who knows by himself.
    pub(super) to_everyone: Option<ToEveryone>,
}

/// The counts of the drafts that are back when everyone has heard them, in whichever thread.
#[derive(Debug)]
pub(super) struct ToEveryone {
    /// The number of people who have heard a draft; each room has the same number of slots,
    /// used in turn.
    heard: Vec<AtomicUsize>,
    slots: usize,
    /// The number of people who listen, by room.
    listeners: Vec<usize>,
    back: UnboundedSender<usize>,
    /// The receiver, until the speaking shard takes it.
    awaited: Mutex<Option<UnboundedReceiver<usize>>>,
}

/// Slots for each draft in flight. Each reader hears drafts in order, so that
/// one cannot be on its way while many later ones have come back.
const SLOTS: usize = 4;

impl Launched {
    /// Creates the counts, all at zero.
    pub(crate) fn new(plan: &Plan) -> Self {
        let (rooms, to_everyone) = match plan.traffic.pacing {
            Pacing::Open | Pacing::Closed => (0, None),
            Pacing::InFlight { count, back } => {
                let everyone = back == Back::Everyone;
                (plan.rooms(), everyone.then(|| ToEveryone::new(plan, count)))
            }
        };
        Self {
            by_room: (0..rooms).map(|_| AtomicU64::new(0)).collect(),
            to_everyone,
        }
    }

    /// Returns the number of drafts that count, for each room; empty if there is a schedule.
    pub(crate) fn by_room(&self) -> impl Iterator<Item = u64> {
        self.by_room
            .iter()
            .map(|count| count.load(Ordering::Acquire))
    }

    /// Returns whether there is a schedule, and therefore nothing to count here.
    pub(crate) fn is_scheduled(&self) -> bool {
        self.by_room.is_empty()
    }

    pub(super) fn count(&self, room: usize) {
        self.by_room[room].fetch_add(1, Ordering::Release);
    }

    /// Takes the channel that tells the speaking shard of drafts that everyone has heard.
    pub(super) fn awaited(&self) -> Option<UnboundedReceiver<usize>> {
        let awaited = &self.to_everyone.as_ref()?.awaited;
        awaited
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }
}

impl ToEveryone {
    fn new(plan: &Plan, count: usize) -> Self {
        let rooms = plan.rooms();
        let slots = SLOTS * count;
        let (back, awaited) = unbounded_channel();
        Self {
            heard: (0..rooms * slots).map(|_| AtomicUsize::new(0)).collect(),
            slots,
            listeners: (0..rooms)
                .map(|room| plan.swarm.listeners_in(room))
                .collect(),
            back,
            awaited: Mutex::new(Some(awaited)),
        }
    }

    /// Counts one more person who has heard a draft. The last of the room notifies the
    /// speaking shard.
    pub(super) fn heard(&self, plan: &Plan, index: usize) {
        let room = room_of(plan, index);
        let slot = room * self.slots + index / plan.rooms() % self.slots;
        if self.heard[slot].fetch_add(1, Ordering::AcqRel) + 1 == self.listeners[room] {
            self.heard[slot].store(0, Ordering::Release);
            // Nobody waits for it any more at the end of a run.
            let _ = self.back.send(index);
        }
    }
}

/// Returns the room of a draft, by its index.
pub(crate) fn room_of(plan: &Plan, index: usize) -> usize {
    index % plan.rooms()
}
