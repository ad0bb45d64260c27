//! The speaker, who says each draft when it is due.
//!
//! All speakers of a run share one loop with one timer: tokio's own timer would be a
//! millisecond late. The loop never waits for an answer, so a slow server delays no draft
//! that is due after it; where a draft is to wait for the one before, its speaker's own
//! queue does that.

use std::rc::Rc;

use tokio::sync::watch;

use crate::{
    clock::Nanos,
    driver::{config::Command, in_flight, publish, publisher::QueuedDraft, shard::Shard},
    plan::{Pacing, Plan},
    schedule::Due,
};

/// Says all drafts of the run, each at its time, until commands end it.
pub(crate) async fn speak(shard: Rc<Shard>, mut commands: watch::Receiver<Command>) {
    let clock = shard.run.clock;
    let mut timer = match link::Delay::new(clock.instant(0)) {
        Ok(timer) => timer,
        Err(error) => {
            let kind = format!("no timer to speak by: {}", error.kind());
            return shard.tally.borrow_mut().failed(&kind, 1);
        }
    };
    if let Pacing::InFlight { count, .. } = shard.run.plan.traffic.pacing {
        let Command::Follow(table) = *commands.borrow_and_update() else {
            return;
        };
        timer.reset(clock.instant(table.settle));
        if timer.await.is_ok() {
            in_flight::launch(&shard, count);
            in_flight::follow(&shard).await;
        }
        return;
    }
    for (index, draft) in shard.run.schedule.drafts().iter().enumerate() {
        let Command::Follow(table) = *commands.borrow_and_update() else {
            return;
        };
        let due = table.settle + draft.at;
        if !shard.run.has_speaker_of(*draft) {
            continue;
        }
        timer.reset(clock.instant(due));
        loop {
            let Command::Follow(table) = *commands.borrow_and_update() else {
                return;
            };
            if due >= table.drain {
                return;
            }
            tokio::select! {
                _ = &mut timer => break,
                changed = commands.changed() => if changed.is_err() { return },
            }
        }
        let queued = scheduled(&shard.run.plan, index, due, *draft);
        publish::say(&shard, queued);
        // Lets the draft reach its socket before the next one of a burst is
        // stamped as sent.
        tokio::task::yield_now().await;
    }
}

/// Returns the queued form of a draft of the schedule, with the person who speaks.
fn scheduled(plan: &Plan, index: usize, due: Nanos, draft: Due) -> QueuedDraft {
    QueuedDraft {
        index,
        due,
        person: draft.person(plan),
        room: draft.room as usize,
        overlaps: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        plan::{Speak, Variant},
        sample,
    };

    #[test]
    fn who_only_speaks_is_numbered_after_who_listens() {
        let mut plan = sample::plan(Variant::Websocket);
        let draft = Due {
            at: 0,
            room: 1,
            publisher: 1,
        };
        assert_eq!(scheduled(&plan, 5, 7, draft).person, 3);
        plan.traffic.speak = Speak::Post;
        let queued = scheduled(&plan, 5, 7, draft);
        assert_eq!((queued.person, queued.room), (13, 1));
    }
}
