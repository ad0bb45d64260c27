//! The measurement of a run that is no chat: the tokens of an answer, or the turns of an agent.
//!
//! Its source or server is a thread of this process, so that one clock tells both ends; what lies in
//! between is a process of its own, as in other runs.

mod answer;
mod turns;

use std::{net::SocketAddr, time::SystemTime};

use anyhow::{Context, ensure};
use dissect::{Direction, Ledger};
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
        .or_else(|error| broken(plan, error, stopped()))
        .with_context(|| plan.id().to_string())?;
    let host = if plan.answer.is_some() {
        experiment::ANSWER_HOST
    } else {
        experiment::AGENT_HOST
    };
    let row = rows::run_row(plan, &path(cell, false, host), &outcome, None, None, &[]);
    let row = doubted(own(without_chat(row)), doubts);
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

/// Returns what is told of a run that came to no end: a row with its failure, so that other runs go
/// on. One that was asked to end has none, and one that could not begin is an error.
fn broken(plan: &Plan, error: anyhow::Error, was_stopped: bool) -> anyhow::Result<Found> {
    let failure = error.downcast_ref::<ExperimentError>();
    // A terminal's Ctrl-C also reaches the link, whose end breaks the run.
    if was_stopped || matches!(failure, Some(ExperimentError::Stopped)) {
        return Err(error.context(EndedBefore));
    }
    let Some(failure) = failure else {
        return Err(error);
    };
    let mut outcome = Outcome::empty();
    let turns = plan.turns.as_ref().map(|turns| turns.agent.turns);
    let tokens = plan.answer.as_ref().map(|answer| answer.tokens);
    outcome.expected = turns.or(tokens).unwrap_or_default() as u64;
    outcome.failures.insert(failure.to_string(), 1);
    Ok(Found {
        outcome,
        own: Box::new(|row| row),
        doubts: Vec::new(),
    })
}

/// Returns by how many bytes the accounts of a run differ from what its sockets counted.
fn difference(metered: [u64; 2], ledger: &Ledger) -> u64 {
    let entered = Direction::ALL.map(|direction| ledger.total(direction));
    let sides = metered.into_iter().zip(entered);
    sides
        .map(|(counted, entered)| counted.abs_diff(entered))
        .sum()
}

/// Returns a row without the values of what only a chat has: a phase before the first draft that
/// counts, drafts over requests of their own, and readers that are looked at.
fn without_chat(row: RunRow) -> RunRow {
    RunRow {
        settle_ms: None,
        say_line_bytes: None,
        coherent_within_ms: None,
        staleness_samples: None,
        ..row
    }
}

/// Marks a run as not valid for these reasons.
fn doubted(mut row: RunRow, doubts: Vec<String>) -> RunRow {
    for words in doubts {
        row.valid = false;
        if !row.error.is_empty() {
            row.error.push_str("; ");
        }
        row.error.push_str(&words);
        let codes = row.reasons.split_whitespace().map(Reason::from_code);
        row.reasons = Reason::codes(codes.chain([Reason::Unaccounted]));
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
        assert_eq!(row.reasons, "unaccounted");
    }

    #[test]
    fn a_run_that_breaks_has_a_row_and_one_that_was_asked_to_end_has_none() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scenarios/tokens.toml");
        let study = scenario::Study::load(file.as_ref(), &[]).expect("a scenario");
        let plan = study.plans().remove(0);
        let cut = ExperimentError::Answer("the answer was cut short".to_owned());
        let found = broken(&plan, cut.into(), false).expect("a row");
        let row = rows::run_row(
            &plan,
            &rows::Path::loopback("a"),
            &found.outcome,
            None,
            None,
            &[],
        );
        assert!(
            !row.valid && row.error.contains("500 lost"),
            "{}",
            row.error
        );
        assert!(row.error.contains("cut short"), "{}", row.error);
        let asked = broken(&plan, ExperimentError::Stopped.into(), false);
        assert!(asked.err().is_some_and(|error| error.is::<EndedBefore>()));
        let link = ExperimentError::Answer("the answer was cut short".to_owned());
        let asked = broken(&plan, link.into(), true);
        assert!(asked.err().is_some_and(|error| error.is::<EndedBefore>()));
        let never = broken(&plan, anyhow::Error::msg("no port"), false);
        assert!(never.err().is_some_and(|error| !error.is::<EndedBefore>()));
    }
}
