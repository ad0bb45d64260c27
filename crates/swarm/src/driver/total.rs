//! The outcome of a run, computed from the tally of all shards: what was expected, and what
//! was lost.

mod drafts;
mod receivers;

use std::time::Duration;

use self::{
    drafts::Draft,
    receivers::{Receivers, receivers},
};
use crate::{
    clock::Nanos,
    driver::config::{Run, Timetable},
    measure::tally::{DraftRecord, MedianReceivers, Tally},
    outcome::{CrossShard, DraftAudit, Outcome, Waits},
};

/// Returns the outcome of a run that ended at `ended`; a run without a timetable never got
/// beyond connecting.
pub(crate) fn outcome(
    run: &Run,
    mut tally: Tally,
    table: Option<Timetable>,
    ended: Nanos,
) -> Outcome {
    let drafts = drafts::that_count(run, &tally, table);
    // Who was first or last over all parts nobody knows here.
    let known: &[Draft] = if run.part.is_whole() {
        &drafts
    } else {
        tally.middles = MedianReceivers::new(0);
        &[]
    };
    let receivers = receivers(known, &mut tally);
    count_lost(&drafts, &mut tally, ended);
    let cross_shard = (!run.part.is_whole()).then(|| CrossShard {
        deliveries: tally.crossed.values().map(Waits::count).sum(),
        latency: None,
    });
    let taken_over = tally.window_took;
    let added_up = added_up(&drafts, receivers, tally);
    let mut outcome = Outcome {
        last_same: drafts::last_same(known, &run.plan.swarm),
        audit: run.is_held.then(|| audit(&drafts)),
        cross_shard,
        measured: Duration::from_nanos(table.map_or(0, |table| {
            table.drain.min(ended).saturating_sub(table.measure)
        })),
        window: table.map_or(Duration::ZERO, |table| table.window(ended, taken_over)),
        comebacks: added_up.comebacks.filter(|_| run.plan.reconnect.is_some()),
        ..added_up
    };
    name_unfilled(run, &mut outcome);
    outcome
}

/// Adds up what the shards counted. What follows from the run and its times is not filled in.
fn added_up(drafts: &[Draft], receivers: Receivers, tally: Tally) -> Outcome {
    let count = |what: fn(&DraftRecord) -> bool| {
        let own = drafts.iter().filter(|draft| draft.is_own);
        own.filter(|draft| what(&draft.record)).count() as u64
    };
    Outcome {
        expected: drafts.iter().map(|draft| draft.readers).sum(),
        delivered: drafts
            .iter()
            .map(|draft| u64::from(draft.record.heard))
            .sum(),
        duplicated: tally.duplicated,
        reordered: tally.reordered,
        missed: tally.window.missed,
        drafts_due: count(|_| true),
        drafts_said: count(|record| record.taken),
        drafts_unsent: count(|record| record.sent == Nanos::MAX),
        due: tally.due,
        sent: tally.sent,
        arrived: tally.arrived,
        reading: tally.reading,
        lateness: tally.lateness,
        opening: tally.opening,
        spread: receivers.spread,
        first: receivers.first,
        middle: receivers.middle,
        last: receivers.last,
        accepted: receivers.accepted,
        heard: receivers.heard,
        first_delivery: tally.gaps.first,
        gaps: tally.gaps.between,
        last_same: None,
        staleness: tally.staleness,
        coherent_samples: tally.coherence.coherent,
        samples: tally.coherence.samples,
        exchanges: tally.window.exchanges,
        empty_exchanges: tally.window.empty_exchanges,
        events: tally.window.events,
        batches: tally.batches.sizes(),
        bytes_up: tally.window.bytes_up,
        bytes_down: tally.window.bytes_down,
        payload_bytes: tally.payload_bytes,
        bytes_before: tally.before.bytes_up + tally.before.bytes_down,
        connect_bytes_up: tally.connecting.bytes_up,
        connect_bytes_down: tally.connecting.bytes_down,
        measured: Duration::ZERO,
        swarm_cpu: Duration::ZERO,
        shards_cpu: tally.shards_cpu,
        speaking_cpu: tally.speaking_cpu,
        busiest_cpu: tally.busiest_cpu,
        speaks_first: tally.speaks_first,
        window: Duration::ZERO,
        ledger: tally.accounts.whole,
        window_ledger: tally.accounts.window,
        accounted: tally.accounts.connections,
        metered: tally.accounts.metered,
        ledger_difference: tally.accounts.difference,
        unparsed: tally.accounts.faults,
        cut_off: tally.accounts.cut_off,
        extra_connections: tally.extra_connections,
        hindrance: tally.hindrance,
        retried_exchanges: tally.retried,
        received_by_ring: tally.received_by_ring,
        suite: tally.suite,
        stream_ends: tally.stream_ends,
        comebacks: Some(tally.comebacks.outcome()),
        altered: tally.altered,
        failures: tally.failures,
        ended_early: None,
        began_unix_ns: None,
        audit: None,
        crossed: tally.crossed,
        cross_shard: None,
        clock_error: None,
        clock_moved: Duration::ZERO,
    }
}

/// Returns the account of each draft, for the audit over all parts.
fn audit(drafts: &[Draft]) -> DraftAudit {
    DraftAudit {
        heard: drafts.iter().map(|draft| draft.record.heard).collect(),
        said: drafts
            .iter()
            .map(|draft| draft.is_own && draft.record.taken)
            .collect(),
    }
}

/// Names the holes of a foreign server's description that no answer filled. An
/// id that events lack is missed only by who comes back, or loses something.
fn name_unfilled(run: &Run, outcome: &mut Outcome) {
    let Some(description) = &run.description else {
        return;
    };
    if outcome.expected == 0 || outcome.exchanges == 0 {
        return;
    }
    let whole = outcome.lost() == 0 && outcome.duplicated == 0 && !outcome.has_failures();
    let needed = !whole || outcome.stream_ends > 0;
    for hole in description.holes().unfilled(needed) {
        let kind = format!("no answer filled {{{hole}}}");
        outcome.failures.insert(kind, 1);
    }
}

/// Puts what never came into the histograms, as having waited until `ended`.
fn count_lost(drafts: &[Draft], tally: &mut Tally, ended: Nanos) {
    for Draft {
        due,
        readers,
        record,
        ..
    } in drafts.iter().filter(|draft| draft.is_own)
    {
        // What never left waits since it was due.
        let sent = if record.sent == Nanos::MAX {
            *due
        } else {
            record.sent
        };
        let missing = readers.saturating_sub(u64::from(record.heard));
        let wait = |since: Nanos| ended.saturating_sub(since);
        tally.lost(wait(*due), wait(sent), missing);
    }
}
