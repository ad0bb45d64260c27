//! From what the swarm noticed to the rows that `report` stores.

mod agrees;
mod asked;
mod ladder;
mod noticed;
mod seen;

use report::{RunRow, row::TimelineRow};
use swarm::{outcome::Outcome, plan::Plan};

pub(crate) use self::{
    asked::Path,
    ladder::{ladder, timeline},
    seen::Observed,
};
use crate::{honesty, ledger};

/// The row of `runs.csv`. `observed` is absent for a server that is not ours.
pub(crate) fn run_row(
    plan: &Plan,
    path: &Path,
    outcome: &Outcome,
    observed: Option<&Observed>,
    timeline: &[TimelineRow],
) -> RunRow {
    let mut error = why_not_valid(outcome);
    let row = noticed::fill(asked::row(plan, path), plan, outcome);
    let row = match observed {
        Some(seen) => seen::fill(row, outcome, seen),
        None => row,
    };
    // A run that ended early has said so already.
    if outcome.ended_early.is_none() {
        let cpu = observed.map(Observed::window_us);
        for difference in agrees::differences(&row, cpu, timeline) {
            error.push_str(if error.is_empty() { "" } else { "; " });
            error.push_str(&difference);
        }
    }
    RunRow {
        valid: error.is_empty(),
        error,
        ..row
    }
}

/// Why a run may not be believed, in one line; empty if it may.
fn why_not_valid(outcome: &Outcome) -> String {
    let mut reasons = Vec::new();
    if let Some(reason) = &outcome.ended_early {
        reasons.push(format!("ended early: {reason}"));
    }
    let lost = outcome.expected.saturating_sub(outcome.delivered);
    for (count, what) in [
        (lost, "lost"),
        (outcome.duplicated, "duplicated"),
        (outcome.reordered, "reordered"),
        (outcome.missed, "missed"),
        (
            outcome.drafts_due.saturating_sub(outcome.drafts_said),
            "drafts never said",
        ),
    ] {
        if count > 0 {
            reasons.push(format!("{count} {what}"));
        }
    }
    for (failure, count) in &outcome.failures {
        reasons.push(format!("{count} x {failure}"));
    }
    reasons.extend(ledger::why_not_valid(outcome));
    reasons.extend(honesty::doubts(outcome));
    reasons.join("; ")
}
