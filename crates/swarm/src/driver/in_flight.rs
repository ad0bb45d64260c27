//! Pacing without a schedule: in each room a fixed number of drafts are on their way, and the next
//! one leaves as soon as one has come back, either to its speaker or to everyone.
//!
//! The offered load then follows from the speed of the server; such a run measures the
//! throughput, not the latency under a load that somebody chose.

use std::rc::Rc;

use super::{config::Timetable, launched::room_of, publish, publisher::QueuedDraft, shard::Shard};
use crate::{
    clock::Nanos,
    draft::MOST_DRAFTS,
    plan::{Pacing, Plan},
};

/// Returns the queued form of a draft without a schedule. Its index determines its room and
/// its speaker: rooms take turns, and so do the publishers of each.
fn unscheduled(plan: &Plan, index: usize, due: Nanos) -> QueuedDraft {
    let room = room_of(plan, index);
    let publisher = index / plan.rooms() % plan.traffic.publishers;
    QueuedDraft {
        index,
        due,
        person: plan.swarm.listener(room, publisher),
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

/// Sends the next draft of a room on its way for each draft that everyone has heard.
/// Does nothing where drafts come back to their speakers.
pub(crate) async fn follow(shard: &Rc<Shard>) {
    let Some(mut awaited) = shard.run.launched.awaited() else {
        return;
    };
    while let Some(index) = awaited.recv().await {
        next(shard, index);
    }
}

/// Notes that draft `index` came to `person`. If the draft is back by that, the room's next one
/// leaves.
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

/// Notes that draft `index` is back: the room's next one leaves.
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
    let queued = unscheduled(&shard.run.plan, index, now);
    if now >= measure {
        shard.run.launched.count(queued.room);
    }
    publish::say(shard, queued);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{plan::Variant, sample};

    #[test]
    fn without_a_schedule_rooms_and_publishers_take_turns() {
        let plan = sample::plan(Variant::Websocket);
        let who = |index| {
            let queued = unscheduled(&plan, index, 0);
            (queued.room, queued.person)
        };
        let turns: Vec<_> = (0..6).map(who).collect();
        assert_eq!(turns, [(0, 0), (1, 1), (0, 2), (1, 3), (0, 0), (1, 1)]);
    }
}
