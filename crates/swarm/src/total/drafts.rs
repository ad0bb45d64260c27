//! Which drafts count, and what became of each over all shards.

use crate::{
    brief::{Run, Timetable},
    clock::Nanos,
    in_flight,
    plan::Plan,
    schedule::Due,
    tally::{DraftRecord, Tally},
};

/// A draft that counts, and what became of it.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) due: Nanos,
    /// Who should hear it.
    pub(super) readers: u64,
    pub(super) record: DraftRecord,
}

/// What the schedule says was due in *measure*; without a schedule, what left in it.
pub(super) fn that_count(run: &Run, tally: &Tally, table: Option<Timetable>) -> Vec<Draft> {
    let Some(table) = table else {
        return Vec::new();
    };
    if !run.launched.is_scheduled() {
        return launched(run, tally, table);
    }
    let drafts = &run.schedule.drafts()[table.counting(&run.schedule)];
    let draft = |(due, record): (&Due, &DraftRecord)| Draft {
        due: table.settle + due.at,
        readers: room_size(&run.plan, due.room as usize) as u64,
        record: *record,
    };
    drafts
        .iter()
        .zip(tally.drafts(drafts.len()))
        .map(draft)
        .collect()
}

fn launched(run: &Run, tally: &Tally, table: Timetable) -> Vec<Draft> {
    let mut stuck: Vec<u64> = run.launched.by_room().collect();
    let mut drafts = Vec::new();
    for (index, record) in tally.drafts(usize::MAX).iter().enumerate() {
        let room = in_flight::room_of(&run.plan, index);
        let readers = room_size(&run.plan, room) as u64;
        if record.sent != Nanos::MAX {
            stuck[room] = stuck[room].saturating_sub(1);
            drafts.push(Draft {
                due: record.sent,
                readers,
                record: *record,
            });
        }
    }
    // Due and never sent: their speaker was not there.
    for (room, count) in stuck.into_iter().enumerate() {
        drafts.extend((0..count).map(|_| Draft {
            due: table.drain,
            readers: room_size(&run.plan, room) as u64,
            record: DraftRecord::UNHEARD,
        }));
    }
    drafts
}

/// People in `room`: person `i` is in room `i % rooms`.
fn room_size(plan: &Plan, room: usize) -> usize {
    (plan.clients + plan.rooms - 1 - room) / plan.rooms
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{plan::Variant, sample};

    #[test]
    fn rooms_hold_everybody() {
        let mut plan = sample::plan(Variant::Websocket);
        (plan.clients, plan.rooms) = (11, 4);
        let sizes: Vec<_> = (0..4).map(|room| room_size(&plan, room)).collect();
        assert_eq!(sizes, [3, 3, 3, 2]);
    }
}
