//! The selection of the drafts that count, with the record of each over all shards.

use std::collections::BTreeMap;

use crate::{
    clock::Nanos,
    driver::{
        config::{Run, Timetable},
        launched,
    },
    measure::tally::{DraftRecord, Tally},
    plan::Plan,
    schedule::Due,
};

/// A draft that counts, and what became of it.
#[derive(Debug)]
pub(super) struct Draft {
    /// The draft's index among all of the run; `None` for one that never left.
    pub(super) index: Option<usize>,
    pub(super) due: Nanos,
    /// The number of people who should hear it.
    pub(super) readers: u64,
    pub(super) record: DraftRecord,
}

/// Returns the drafts that the schedule made due in *measure*; without a schedule, those
/// that left in it.
pub(super) fn that_count(run: &Run, tally: &Tally, table: Option<Timetable>) -> Vec<Draft> {
    let Some(table) = table else {
        return Vec::new();
    };
    if !run.launched.is_scheduled() {
        return launched(run, tally, table);
    }
    let counting = table.counting(&run.schedule);
    let first = counting.start;
    let drafts = &run.schedule.drafts()[counting];
    let draft = |(place, (due, record)): (usize, (&Due, &DraftRecord))| Draft {
        index: Some(first + place),
        due: table.settle + due.at,
        readers: room_size(&run.plan, due.room as usize) as u64,
        record: *record,
    };
    drafts
        .iter()
        .zip(tally.drafts(drafts.len()))
        .enumerate()
        .map(draft)
        .collect()
}

fn launched(run: &Run, tally: &Tally, table: Timetable) -> Vec<Draft> {
    let mut stuck: Vec<u64> = run.launched.by_room().collect();
    let mut drafts = Vec::new();
    for (index, record) in tally.drafts(usize::MAX).iter().enumerate() {
        let room = launched::room_of(&run.plan, index);
        let readers = room_size(&run.plan, room) as u64;
        if record.sent != Nanos::MAX {
            stuck[room] = stuck[room].saturating_sub(1);
            drafts.push(Draft {
                index: Some(index),
                due: record.sent,
                readers,
                record: *record,
            });
        }
    }
    // Due and never sent: their speaker was not there.
    for (room, count) in stuck.into_iter().enumerate() {
        drafts.extend((0..count).map(|_| Draft {
            index: None,
            due: table.drain,
            readers: room_size(&run.plan, room) as u64,
            record: DraftRecord::UNHEARD,
        }));
    }
    drafts
}

/// Returns the share of drafts whose last receiver was the one who was last most often of those in
/// the room.
pub(super) fn last_same(drafts: &[Draft], rooms: usize) -> Option<f64> {
    let mut last: BTreeMap<u32, u64> = BTreeMap::new();
    let shared = drafts.iter().filter(|draft| draft.record.heard > 1);
    for draft in shared {
        *last.entry(draft.record.last_by).or_default() += 1;
    }
    let mut most = vec![0; rooms];
    for (person, times) in &last {
        let room = &mut most[*person as usize % rooms];
        *room = (*room).max(*times);
    }
    let all: u64 = last.values().sum();
    (all > 0).then(|| most.iter().sum::<u64>() as f64 / all as f64)
}

/// Returns the number of people in `room`: person `i` is in room `i % rooms`.
fn room_size(plan: &Plan, room: usize) -> usize {
    (plan.swarm.clients + plan.rooms() - 1 - room) / plan.rooms()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{plan::Variant, sample};

    /// A draft heard by so many, last by `last_by`.
    fn draft(heard: u32, last_by: u32) -> Draft {
        Draft {
            index: None,
            due: 0,
            readers: 3,
            record: DraftRecord {
                last_by,
                heard,
                ..DraftRecord::UNHEARD
            },
        }
    }

    #[test]
    fn who_is_last_is_counted_room_by_room() {
        // Two rooms: 0, 2 and 4 in one, 1, 3 and 5 in the other.
        let drafts = [0, 2, 0, 4, 1, 1, 3, 3].map(|person| draft(3, person));
        assert_eq!(last_same(&drafts, 2), Some(0.5));
        assert_eq!(
            last_same(&[2; 5].map(|person| draft(3, person)), 2),
            Some(1.0)
        );
        // Who alone hears it is first and last.
        assert_eq!(last_same(&[draft(1, 0), draft(0, 0)], 2), None);
    }

    #[test]
    fn rooms_hold_everybody() {
        let mut plan = sample::plan(Variant::Websocket);
        (plan.swarm.clients, plan.swarm.rooms) = (11, Some(4));
        let sizes: Vec<_> = (0..4).map(|room| room_size(&plan, room)).collect();
        assert_eq!(sizes, [3, 3, 3, 2]);
    }
}
