//! The measurement of one plan, from starting a server to the rows. A session does this for each
//! plan.

mod bench;
#[cfg_attr(not(feature = "claims"), path = "measure/no_chat_missing.rs")]
mod no_chat;

use std::{fmt, path::Path};

use anyhow::Context;

use results::{Rows, RunRow, row::TimelineRow};
use scenario::Cell;
use swarm::{outcome::Second, plan::Plan};

use self::bench::Bench;
use crate::{
    external_services::ExternalServices,
    generator::Swarming,
    histograms::Latencies,
    interrupt::Interrupt,
    ledger,
    progress::Line,
    route::path,
    rows,
    shard::kept::{self, Kept, KeptSecond, Server},
};

/// A run that was measured: its rows, and the histograms that they are taken from.
#[derive(Debug)]
pub(crate) struct Measured {
    /// The row of `runs.csv`, and the rows that belong to it.
    pub(crate) rows: Rows,
    /// The histograms for the folder's log.
    pub(crate) latencies: Latencies,
    /// All that a shard knows of the run; `None` where the run is no shard's.
    pub(crate) kept: Option<Kept>,
}

/// Measures one plan of `cell`. Unless a server is `given` it starts one of its own, whose store, if
/// it has one, is in `folder` or in a Redis that is given.
pub(crate) fn measure(
    plan: &Plan,
    cell: &Cell,
    folder: &Path,
    given: ExternalServices<'_>,
    swarming: &Swarming,
    interrupt: &Interrupt,
    mut line: Line,
) -> anyhow::Result<Measured> {
    if !plan.is_chat() {
        return no_chat::measure(plan, cell, given, swarming, interrupt, line);
    }
    let which = || plan.id().to_string();
    swarming.check(cell)?;
    if let Some(shard) = swarming.shard() {
        shard.wait_to_connect(plan, interrupt);
    }
    let bench = Bench::start(plan, cell, folder, given).with_context(which);
    // A terminal's Ctrl-C also reaches a server that is just being started.
    let mut bench = bench.map_err(|error| {
        if interrupt.seen() {
            return error.context(EndedBefore);
        }
        error
    })?;
    let mut path = path_to(&bench, cell, given.server.is_some());
    let generator = swarming.start(plan, &bench.target).with_context(which);
    let mut generator = generator?;
    let (mut timeline, seconds) = bench.watch(plan, &mut generator, interrupt, &mut line);
    let mut outcome = swarming.finish(generator);
    // What failed to clients is told with what the server knows of it.
    if let Some(report) = bench.report().filter(|_| !outcome.failures.is_empty()) {
        let report = format!("a report of the server: {report}");
        outcome.failures.insert(report, 1);
    }
    path.io = bench.io(&cell.scenario.server);
    let (began, usage, server_bytes) = (bench.measure_began, bench.usage, bench.server_bytes);
    let (nodes, of_broker) = (bench.nodes.count(), std::mem::take(&mut bench.of_broker));
    let pids = bench.pids();
    // To a shard, the other shards are strangers, and so is a server that nobody named.
    let is_known = given.server.is_none() || !pids.is_empty();
    let others = bench
        .others
        .share()
        .filter(|_| is_known && swarming.shard().is_none());
    let mut observed = bench.end();
    // The server serves all shards: what it did is told of all of them together.
    let known = swarming.shard().map(|shard| {
        let server = observed.take().map(|seen| Server { pids, seen });
        (shard.part, keep(&mut timeline, seconds), server)
    });
    let own = swarming.shard().map(|shard| shard.told(plan));
    let plan = own.as_ref().unwrap_or(plan);
    let row = rows::run_row(plan, &path, &outcome, others, observed.as_ref(), &timeline);
    let row = of_broker.fill(usage.fill(server_bytes.fill(row), &outcome), &outcome);
    let row = RunRow {
        nodes,
        processes: Some(swarming.processes() as u64),
        ..row
    };
    line.end(&row);
    let rows = Rows {
        ladder: rows::ladder(plan, &outcome),
        ledger: ledger::rows(plan, &outcome),
        timeline,
        runs: vec![row],
    };
    let latencies = Latencies {
        began,
        measured: outcome.measured,
        due: outcome.due.clone(),
        sent: outcome.sent.clone(),
    };
    let kept = known.map(|(shard, seconds, server)| Kept {
        run: plan.id(),
        shard,
        machine: kept::machine(),
        outcome,
        seconds,
        server,
    });
    Ok(Measured {
        rows,
        latencies,
        kept,
    })
}

/// Returns the path from the readers to the server of a run, with what they speak on it.
fn path_to(bench: &Bench, cell: &Cell, is_given: bool) -> rows::Path {
    let mut path = path(cell, is_given, &bench.target.host);
    if bench.target.tls.is_some() {
        // A target may choose the version, and tells its choice only in a handshake.
        path.tls = cell.scenario.server.tls.version().unwrap_or_default();
    }
    path.http = cell.scenario.server.http.version();
    path
}

/// Takes what was seen of the server out of a shard's rows, and keeps it with the seconds.
fn keep(timeline: &mut [TimelineRow], seconds: Vec<Second>) -> Vec<KeptSecond> {
    let rows = timeline.iter_mut().zip(seconds);
    rows.map(|(row, second)| KeptSecond {
        second,
        server_cpu_us: row.server_cpu_us.take(),
        server_rss_bytes: row.server_rss_bytes.take(),
    })
    .collect()
}

/// The program was asked to end before a run had a server: there is nothing to keep of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EndedBefore;

impl fmt::Display for EndedBefore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("asked to end before the run had a server")
    }
}
