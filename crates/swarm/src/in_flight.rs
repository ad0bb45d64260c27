//! Pacing without a schedule: in each room so many drafts are on their way, and
//! the next leaves as soon as one has come back to its speaker.
//!
//! What is offered then follows from how fast the server is; such a run says how
//! much passes, not how long a message takes under a load that somebody chose.

use std::{
    rc::Rc,
    sync::atomic::{AtomicU64, Ordering},
};

use crate::{
    brief::Timetable,
    clock::Nanos,
    draft::MOST_DRAFTS,
    plan::{Pacing, Plan},
    shard::Shard,
    voice::{self, Utterance},
};

/// How many drafts that count left in each room. The speaking shard counts, and
/// the others read it when no more drafts leave: then they know what to wait for.
#[derive(Debug)]
pub(crate) struct Launched(Vec<AtomicU64>);

impl Launched {
    /// None yet.
    pub(crate) fn new(plan: &Plan) -> Self {
        let rooms = match plan.pacing {
            Pacing::Open | Pacing::Closed => 0,
            Pacing::InFlight { .. } => plan.rooms,
        };
        Self((0..rooms).map(|_| AtomicU64::new(0)).collect())
    }

    /// Drafts that count, by room; empty where there is a schedule.
    pub(crate) fn by_room(&self) -> impl Iterator<Item = u64> {
        self.0.iter().map(|count| count.load(Ordering::Acquire))
    }

    /// Whether there is a schedule, and nothing to count here.
    pub(crate) fn is_scheduled(&self) -> bool {
        self.0.is_empty()
    }

    fn count(&self, room: usize) {
        self.0[room].fetch_add(1, Ordering::Release);
    }
}

/// The room of a draft, by its index.
pub(crate) const fn room_of(plan: &Plan, index: usize) -> usize {
    index % plan.rooms
}

/// Without a schedule a draft's index tells its room and its speaker: rooms
/// take turns, and so do the publishers of each.
fn unscheduled(plan: &Plan, index: usize, due: Nanos) -> Utterance {
    let room = room_of(plan, index);
    let publisher = index / plan.rooms % plan.publishers;
    Utterance {
        index,
        due,
        person: publisher * plan.rooms + room,
        room,
        overlaps: false,
    }
}

/// Sends the first `count` drafts of each room on their way.
pub(crate) fn launch(shard: &Rc<Shard>, count: usize) {
    let plan = &shard.run.plan;
    if plan.publishers == 0 {
        return;
    }
    for room in 0..plan.rooms {
        shard.launched.borrow_mut()[room] = count;
    }
    for index in 0..count * plan.rooms {
        leave(shard, index);
    }
}

/// Draft `index` came to `person`; if that is its speaker, the room's next leaves.
pub(crate) fn heard(shard: &Rc<Shard>, person: usize, index: usize) {
    let plan = &shard.run.plan;
    let unpaced = !matches!(plan.pacing, Pacing::InFlight { .. });
    if unpaced || unscheduled(plan, index, 0).person != person {
        return;
    }
    let room = room_of(plan, index);
    let launched = {
        let mut launched = shard.launched.borrow_mut();
        launched[room] += 1;
        launched[room]
    };
    leave(shard, (launched - 1) * plan.rooms + room);
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
