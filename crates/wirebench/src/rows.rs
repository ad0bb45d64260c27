//! The conversion of the swarm's observations to the rows that `report` stores.

mod agrees;
mod back;
mod generator;
mod ladder;
mod outcome_columns;
mod plan_columns;
mod server_columns;

use results::{Reason, RunRow, row::TimelineRow};
use swarm::{
    outcome::{Ending, Outcome},
    plan::Plan,
};

pub(crate) use self::{
    ladder::{ladder, memory, timeline},
    plan_columns::{Limits, Path},
    server_columns::Observed,
};
use crate::{
    interrupt::CTRL_C,
    ledger,
    validity::{self, Doubt},
};

/// Returns the columns of a run that are known before it is made.
pub(crate) fn planned(plan: &Plan, path: &Path) -> RunRow {
    plan_columns::row(plan, path)
}

/// Makes the row of `runs.csv`. `others` is the share of a processor that other programs took;
/// `observed` is absent for a server that is not ours.
pub(crate) fn run_row(
    plan: &Plan,
    path: &Path,
    outcome: &Outcome,
    others: Option<f64>,
    observed: Option<&Observed>,
    timeline: &[TimelineRow],
) -> RunRow {
    let row = RunRow {
        others_cpu_share: others,
        ..plan_columns::row(plan, path)
    };
    let doubts = validity::doubts(outcome, others);
    filled(row, plan, outcome, observed, timeline, doubts)
}

/// Makes the row of a run whose columns of the plan are those of `row`; `doubts` are about the
/// generator.
pub(crate) fn filled(
    row: RunRow,
    plan: &Plan,
    outcome: &Outcome,
    observed: Option<&Observed>,
    timeline: &[TimelineRow],
    doubts: Vec<Doubt>,
) -> RunRow {
    let mut why = why_not_valid(outcome);
    why.extend(doubts);
    let row = outcome_columns::fill(row, plan, outcome);
    let row = match observed {
        Some(seen) => server_columns::fill(row, outcome, seen),
        None => row,
    };
    let row = back::fill(row, plan, timeline);
    // A run that ended early has said so already.
    if outcome.ended_early.is_none() {
        let cpu = observed.map(Observed::window_us);
        let differences = agrees::differences(&row, cpu, timeline).into_iter();
        why.extend(differences.map(|words| (Reason::Unaccounted, words)));
    }
    RunRow {
        valid: why.is_empty(),
        reasons: Reason::codes(why.iter().map(|(reason, _)| *reason)),
        error: why
            .into_iter()
            .map(|(_, words)| words)
            .collect::<Vec<_>>()
            .join("; "),
        ..row
    }
}

/// Returns the reasons for which what was heard is not right, each with its code.
fn why_not_valid(outcome: &Outcome) -> Vec<Doubt> {
    let ended = outcome.ended_early.as_ref().map(|ending| {
        let (reason, why) = match ending {
            Ending::Interrupted => (Reason::Interrupted, CTRL_C),
            Ending::Broken(why) => (Reason::Ended, why.as_str()),
        };
        (reason, format!("ended early: {why}"))
    });
    let mut reasons: Vec<Doubt> = ended.into_iter().collect();
    let lost = outcome.expected.saturating_sub(outcome.delivered);
    for (count, what, reason) in [
        (lost, "lost", Reason::Lost),
        (outcome.duplicated, "duplicated", Reason::Duplicated),
        (outcome.reordered, "reordered", Reason::Reordered),
        (outcome.missed, "missed", Reason::Missed),
        (
            outcome.drafts_due.saturating_sub(outcome.drafts_said),
            "drafts never said",
            Reason::Unsaid,
        ),
        (
            outcome.altered,
            "x a message whose text was altered or left out",
            Reason::Altered,
        ),
    ] {
        if count > 0 {
            reasons.push((reason, format!("{count} {what}")));
        }
    }
    for (failure, count) in &outcome.failures {
        reasons.push((Reason::Failed, format!("{count} x {failure}")));
    }
    let accounts = ledger::why_not_valid(outcome).into_iter();
    reasons.extend(accounts.map(|words| (Reason::Unaccounted, words)));
    reasons
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks words that look like those of another kind.
    #[test]
    fn a_code_follows_from_the_kind_and_never_from_the_words() {
        let codes = |ending: Ending, altered: u64| -> Vec<Reason> {
            let mut outcome = Outcome::empty();
            outcome.ended_early = Some(ending);
            outcome.altered = altered;
            let failure = "a message whose text was altered or left out";
            outcome.failures.insert(failure.to_owned(), 1);
            let doubts = why_not_valid(&outcome).into_iter();
            doubts.map(|(reason, _)| reason).collect()
        };
        let broken = codes(CTRL_C.into(), 0);
        assert!(broken.starts_with(&[Reason::Ended, Reason::Failed]));
        let asked = codes(Ending::Interrupted, 2);
        assert!(asked.starts_with(&[Reason::Interrupted, Reason::Altered, Reason::Failed]));
    }
}
