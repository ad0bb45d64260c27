//! The selection of the drafts that count, with the record of each over all shards.

use std::collections::BTreeMap;

use crate::{
    clock::Nanos,
    driver::{
        config::{Run, Timetable},
        launched,
    },
    measure::tally::{DraftRecord, Tally},
    plan::Swarm,
    schedule::Due,
};

/// A draft that counts, and what became of it.
#[derive(Debug)]
pub(super) struct Draft {
    /// The draft's index among all of the run; `None` for one that never left.
    pub(super) index: Option<usize>,
    pub(super) due: Nanos,
    /// True if it is sent here, and not by another part.
    pub(super) is_own: bool,
    /// The number of people here who should hear it.
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
    let readers = run.part.readers_by_room(&run.plan);
    let draft = |(place, (due, record)): (usize, (&Due, &DraftRecord))| Draft {
        index: Some(first + place),
        due: table.settle + due.at,
        is_own: run.has_speaker_of(*due),
        readers: readers[due.room as usize],
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
        let readers = run.plan.swarm.listeners_in(room) as u64;
        if record.sent != Nanos::MAX {
            stuck[room] = stuck[room].saturating_sub(1);
            drafts.push(Draft {
                index: Some(index),
                due: record.sent,
                is_own: true,
                readers,
                record: *record,
            });
        }
    }
    // These were due and never sent, because their speaker was not there.
    for (room, count) in stuck.into_iter().enumerate() {
        drafts.extend((0..count).map(|_| Draft {
            index: None,
            due: table.drain,
            is_own: true,
            readers: run.plan.swarm.listeners_in(room) as u64,
            record: DraftRecord::UNHEARD,
        }));
    }
    drafts
}

/// Returns the share of drafts whose last receiver was the person who is last most often in that
/// room. Drafts that fewer than two people heard are left out; `None` if no others remain.
pub(super) fn last_same(drafts: &[Draft], swarm: &Swarm) -> Option<f64> {
    let mut last: BTreeMap<u32, u64> = BTreeMap::new();
    let shared = drafts.iter().filter(|draft| draft.record.heard > 1);
    for draft in shared {
        *last.entry(draft.record.last_by).or_default() += 1;
    }
    let mut most = vec![0; swarm.room_count()];
    for (person, times) in &last {
        let room = &mut most[swarm.room_of(*person as usize)];
        *room = (*room).max(*times);
    }
    let all: u64 = last.values().sum();
    (all > 0).then(|| most.iter().sum::<u64>() as f64 / all as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{plan::Variant, sample};

    /// Makes a draft heard by so many, last by `last_by`.
    fn draft(heard: u32, last_by: u32) -> Draft {
        Draft {
            index: None,
            due: 0,
            is_own: true,
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
        let swarm = &sample::plan(Variant::Websocket).swarm;
        // Two rooms: 0, 2 and 4 in one, 1, 3 and 5 in the other.
        let drafts = [0, 2, 0, 4, 1, 1, 3, 3].map(|person| draft(3, person));
        assert_eq!(last_same(&drafts, swarm), Some(0.5));
        assert_eq!(
            last_same(&[2; 5].map(|person| draft(3, person)), swarm),
            Some(1.0)
        );
        // A person who alone hears a draft is its first and its last receiver.
        assert_eq!(last_same(&[draft(1, 0), draft(0, 0)], swarm), None);
    }
}
