//! The measurement of a run that is no chat: the tokens of an answer, or the turns of an agent.
//!
//! Its source or server is a thread of this process, so that one clock tells both ends; what lies in
//! between is a process of its own, as in other runs.

mod answer;
mod turns;

use std::{net::SocketAddr, time::SystemTime};

use anyhow::{Context, ensure};
use experiment::ExperimentError;
use results::{Reason, Rows, RunRow};
use scenario::Cell;
use swarm::{outcome::Outcome, plan::Plan};

use super::{EndedBefore, Measured};
use crate::{
    child::Process, external_services::ExternalServices, generator::Swarming,
    histograms::Latencies, interrupt::Interrupt, ledger, progress::Line, route::path, rows,
};

/// The findings of a run: the outcome, and what its row has beside the columns of the outcome.
struct Found {
    outcome: Outcome,
    /// Adds the columns of its own.
    own: Box<dyn FnOnce(RunRow) -> RunRow>,
    /// The reasons why it may not be believed, beside those of any run.
    doubts: Vec<String>,
}

/// Measures one plan that is no chat.
pub(super) fn measure(
    plan: &Plan,
    cell: &Cell,
    given: ExternalServices<'_>,
    swarming: &Swarming,
    interrupt: &Interrupt,
    line: Line,
) -> anyhow::Result<Measured> {
    ensure!(
        given.server.is_none(),
        "[answer] and [agent] bring a server of their own; leave out --target"
    );
    ensure!(
        swarming.processes() == 1,
        "an answer and an agent's turns have one reader; leave out --processes and --shard"
    );
    let began = SystemTime::now();
    let stopped = || interrupt.seen();
    let found = if plan.answer.is_some() {
        answer::take(plan, cell, &stopped)
    } else {
        turns::take(plan, cell, &stopped)
    };
    let Found {
        outcome,
        own,
        doubts,
    } = found
        .map_err(|error| {
            let is_stopped = matches!(error.downcast_ref(), Some(ExperimentError::Stopped));
            if is_stopped {
                error.context(EndedBefore)
            } else {
                error
            }
        })
        .with_context(|| plan.id().to_string())?;
    let path = path(cell, false, "a");
    let row = own(rows::run_row(plan, &path, &outcome, None, None, &[]));
    let row = doubted(row, doubts);
    line.end(&row);
    Ok(Measured {
        rows: Rows {
            ladder: rows::ladder(plan, &outcome),
            ledger: ledger::rows(plan, &outcome),
            timeline: Vec::new(),
            runs: vec![row],
        },
        latencies: Latencies {
            began,
            measured: outcome.measured,
            due: outcome.due,
            sent: outcome.sent,
        },
        kept: None,
    })
}

/// Marks a run as not valid for these reasons.
fn doubted(mut row: RunRow, doubts: Vec<String>) -> RunRow {
    for words in doubts {
        row.valid = false;
        let code = Reason::Unaccounted.code();
        for (column, more, between) in [
            (&mut row.reasons, code, " "),
            (&mut row.error, words.as_str(), "; "),
        ] {
            if !column.is_empty() {
                column.push_str(between);
            }
            column.push_str(more);
        }
    }
    row
}

/// Puts the link of a cell before an address. Returns the address that a client goes to.
fn linked(
    plan: &Plan,
    cell: &Cell,
    to: SocketAddr,
) -> anyhow::Result<(SocketAddr, Option<Process>)> {
    let Some(link) = &cell.scenario.link else {
        return Ok((to, None));
    };
    let link = Process::link(&link.resolve(plan.seed)?, to)?;
    Ok((link.address, Some(link)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_doubt_makes_a_run_not_valid_and_stands_beside_others() {
        let row = RunRow {
            valid: true,
            ..RunRow::default()
        };
        let same = doubted(row.clone(), Vec::new());
        assert!(same.valid && same.error.is_empty());
        let row = doubted(row, vec!["one".to_owned(), "two".to_owned()]);
        assert!(!row.valid);
        assert_eq!(row.error, "one; two");
        assert_eq!(row.reasons, "unaccounted unaccounted");
    }
}
