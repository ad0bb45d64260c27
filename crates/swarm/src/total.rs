//! From the tally of all shards to the outcome: what was expected, and what is
//! lost.

use std::time::Duration;

use crate::{
    brief::{Run, Timetable},
    clock::Nanos,
    outcome::Outcome,
    plan::Plan,
    tally::{DraftRecord, Tally},
};

/// What a run came to that ended at `ended`; without a timetable it never got
/// beyond connecting.
pub(crate) fn outcome(
    run: &Run,
    mut tally: Tally,
    table: Option<Timetable>,
    ended: Nanos,
) -> Outcome {
    let counting = table.map_or(0..0, |table| table.counting(&run.schedule));
    let drafts = &run.schedule.drafts()[counting.clone()];
    let records = tally.drafts(drafts.len()).to_vec();
    let readers: Vec<u64> = drafts
        .iter()
        .map(|draft| room_size(&run.plan, draft.room as usize) as u64)
        .collect();
    let settle = table.map_or(0, |table| table.settle);
    let mut spread = tally.histogram_like();
    for ((draft, record), readers) in drafts.iter().zip(&records).zip(&readers) {
        if record.heard > 0 {
            spread.saturating_record(record.last - record.first);
        }
        let due = settle + draft.at;
        // What never left waits since it was due.
        let sent = if record.sent == Nanos::MAX {
            due
        } else {
            record.sent
        };
        let missing = readers.saturating_sub(u64::from(record.heard));
        tally.lost(
            ended.saturating_sub(due),
            ended.saturating_sub(sent),
            missing,
        );
    }
    let was_said = |record: &&DraftRecord| record.taken;
    let measured = table.map_or(0, |table| {
        table.drain.min(ended).saturating_sub(table.measure)
    });
    Outcome {
        expected: readers.iter().sum(),
        delivered: records.iter().map(|record| u64::from(record.heard)).sum(),
        duplicated: tally.duplicated,
        reordered: tally.reordered,
        missed: tally.window.missed,
        drafts_due: drafts.len() as u64,
        drafts_said: records.iter().filter(was_said).count() as u64,
        due: tally.due,
        sent: tally.sent,
        lateness: tally.lateness,
        opening: tally.opening,
        spread,
        exchanges: tally.window.exchanges,
        empty_exchanges: tally.window.empty_exchanges,
        bytes_up: tally.window.bytes_up,
        bytes_down: tally.window.bytes_down,
        payload_bytes: tally.payload_bytes,
        bytes_before: tally.before.bytes_up + tally.before.bytes_down,
        measured: Duration::from_nanos(measured),
        swarm_cpu: Duration::ZERO,
        extra_connections: tally.extra_connections,
        failures: tally.failures,
        ended_early: None,
    }
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
