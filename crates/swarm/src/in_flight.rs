//! Pacing without a schedule: in each room so many drafts are on their way, and
//! the next leaves as soon as one has come back: to its speaker, or to everyone.
//!
//! The offered load then follows from the speed of the server; such a run measures the
//! throughput, not the latency under a load that somebody chose.

use std::{
    rc::Rc,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::{
    brief::Timetable,
    clock::Nanos,
    draft::MOST_DRAFTS,
    plan::{Back, Pacing, Plan},
    shard::Shard,
    voice::{self, Utterance},
};

/// The number of drafts that count and that left in each room. The speaking shard counts
/// them, and the others read the counts when no more drafts leave, to know what to wait for.
#[derive(Debug)]
pub(crate) struct Launched {
    by_room: Vec<AtomicU64>,
    /// Absent where a draft is back with its speaker, who knows by himself.
    to_everyone: Option<ToEveryone>,
}

/// Drafts that are back when everyone has heard them, whichever thread it is in.
#[derive(Debug)]
struct ToEveryone {
    /// The number of people who have heard a draft; each room has the same number of slots,
    /// used in turn.
    heard: Vec<AtomicUsize>,
    slots: usize,
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
                (
                    plan.rooms(),
                    everyone.then(|| ToEveryone::new(plan.rooms(), count)),
                )
            }
        };
        Self {
            by_room: (0..rooms).map(|_| AtomicU64::new(0)).collect(),
            to_everyone,
        }
    }

    /// Drafts that count, by room; empty where there is a schedule.
    pub(crate) fn by_room(&self) -> impl Iterator<Item = u64> {
        self.by_room
            .iter()
            .map(|count| count.load(Ordering::Acquire))
    }

    /// Returns whether there is a schedule, and therefore nothing to count here.
    pub(crate) fn is_scheduled(&self) -> bool {
        self.by_room.is_empty()
    }

    fn count(&self, room: usize) {
        self.by_room[room].fetch_add(1, Ordering::Release);
    }

    /// Takes the channel that tells the speaking shard of drafts that everyone has heard.
    fn awaited(&self) -> Option<UnboundedReceiver<usize>> {
        let awaited = &self.to_everyone.as_ref()?.awaited;
        awaited
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }
}

impl ToEveryone {
    fn new(rooms: usize, count: usize) -> Self {
        let slots = SLOTS * count;
        let (back, awaited) = unbounded_channel();
        Self {
            heard: (0..rooms * slots).map(|_| AtomicUsize::new(0)).collect(),
            slots,
            back,
            awaited: Mutex::new(Some(awaited)),
        }
    }

    /// Counts one more person who has heard a draft. The last of the room notifies the
    /// speaking shard.
    fn heard(&self, plan: &Plan, index: usize) {
        let room = room_of(plan, index);
        let readers = (room..plan.swarm.clients).step_by(plan.rooms()).len();
        let slot = room * self.slots + index / plan.rooms() % self.slots;
        if self.heard[slot].fetch_add(1, Ordering::AcqRel) + 1 == readers {
            self.heard[slot].store(0, Ordering::Release);
            // Nobody waits for it any more at the end of a run.
            let _ = self.back.send(index);
        }
    }
}

/// The room of a draft, by its index.
pub(crate) const fn room_of(plan: &Plan, index: usize) -> usize {
    index % plan.rooms()
}

/// Returns the utterance of a draft without a schedule. Its index determines its room and
/// its speaker: rooms take turns, and so do the publishers of each.
fn unscheduled(plan: &Plan, index: usize, due: Nanos) -> Utterance {
    let room = room_of(plan, index);
    let publisher = index / plan.rooms() % plan.traffic.publishers;
    Utterance {
        index,
        due,
        person: publisher * plan.rooms() + room,
        room,
        overlaps: false,
    }
}

/// Sends the first `count` drafts of each room on their way.
pub(crate) fn launch(shard: &Rc<Shard>, count: usize) {
    let plan = &shard.run.plan;
    if plan.traffic.publishers == 0 {
        return;
    }
    for room in 0..plan.rooms() {
        shard.launched.borrow_mut()[room] = count;
    }
    for index in 0..count * plan.rooms() {
        leave(shard, index);
    }
}

/// Sends the next of a room on its way for each draft that everyone has heard.
/// Does nothing where drafts come back to their speakers.
pub(crate) async fn follow(shard: &Rc<Shard>) {
    let Some(mut awaited) = shard.run.launched.awaited() else {
        return;
    };
    while let Some(index) = awaited.recv().await {
        next(shard, index);
    }
}

/// Draft `index` came to `person`; if it is back by that, the room's next leaves.
pub(crate) fn heard(shard: &Rc<Shard>, person: usize, index: usize) {
    let plan = &shard.run.plan;
    match (&plan.traffic.pacing, &shard.run.launched.to_everyone) {
        (Pacing::Open | Pacing::Closed, _) => {}
        (Pacing::InFlight { .. }, Some(to_everyone)) => to_everyone.heard(plan, index),
        (Pacing::InFlight { .. }, None) => {
            if unscheduled(plan, index, 0).person == person {
                next(shard, index);
            }
        }
    }
}

/// Draft `index` is back: the room's next leaves.
fn next(shard: &Rc<Shard>, index: usize) {
    let plan = &shard.run.plan;
    let room = room_of(plan, index);
    let launched = {
        let mut launched = shard.launched.borrow_mut();
        launched[room] += 1;
        launched[room]
    };
    leave(shard, (launched - 1) * plan.rooms() + room);
}

fn leave(shard: &Rc<Shard>, index: usize) {
    let now = shard.run.clock.now();
    let Some(Timetable { measure, drain, .. }) = shard.timetable.get() else {
        return;
    };
    if now >= drain || index >= MOST_DRAFTS {
        return;
    }
    let utterance = unscheduled(&shard.run.plan, index, now);
    if now >= measure {
        shard.run.launched.count(utterance.room);
    }
    voice::say(shard, utterance);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{plan::Variant, sample};

    #[test]
    fn without_a_schedule_rooms_and_publishers_take_turns() {
        let plan = sample::plan(Variant::Websocket);
        let who = |index| {
            let utterance = unscheduled(&plan, index, 0);
            (utterance.room, utterance.person)
        };
        let turns: Vec<_> = (0..6).map(who).collect();
        assert_eq!(turns, [(0, 0), (1, 1), (0, 2), (1, 3), (0, 0), (1, 1)]);
    }
}
