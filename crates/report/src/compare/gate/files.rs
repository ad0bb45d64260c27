//! The checks of a folder's own files: what its rows say in two places must be the same.

use results::{RunRow, digest::Second};

use super::{Check, Kind, Outcome};
use crate::compare::{Compared, Side};

/// The words for the files of each of two folders.
const FIGURES: [&str; 2] = ["files before", "files after"];

/// Returns a check for each of two folders.
pub(in crate::compare) fn of_sides(sides: [&Side; 2]) -> [Check; 2] {
    std::array::from_fn(|at| {
        let (outcome, text) = of_side(sides[at]);
        Check {
            kind: Kind::Files,
            way: String::new(),
            cell: "-".to_owned(),
            figure: FIGURES[at],
            outcome,
            text: format!("{}: {text}", sides[at].name),
        }
    })
}

fn of_side(side: &Side) -> (Outcome, String) {
    let lost = side.digest.complaints.iter().find(|one| one.is_loss);
    if let Some(complaint) = lost {
        return (Outcome::NotValid, complaint.to_string());
    }
    let mut agreeing = 0;
    for (run, parts) in side.digest.of_runs() {
        if !run.valid || parts.seconds.is_empty() {
            continue;
        }
        if let Some(text) = contradiction(run, &parts.seconds) {
            return (Outcome::NotValid, text);
        }
        agreeing += 1;
    }
    if agreeing == 0 {
        return (
            Outcome::CannotTell,
            "no run has a timeline to hold its row against".to_owned(),
        );
    }
    let text = format!("{agreeing} rows agree with the sums of their seconds");
    (Outcome::Held, text)
}

impl Compared {
    /// Enters into the checks that another program writes to the folder before (0) or after (1) at
    /// this moment. Such a folder is not whole, so that no gate passes.
    pub fn enter_writing(&mut self, at: usize) {
        let mut own = self.checks.iter_mut();
        let own = own.find(|check| FIGURES.get(at) == Some(&check.figure));
        if let Some(check) = own {
            check.outcome = Outcome::NotValid;
            check.text = format!(
                "{}: another wirebench writes to it at this moment",
                self.names[at]
            );
        }
    }
}

/// Returns where a row of `runs.csv` and its seconds in `timeline.csv` contradict each other.
fn contradiction(run: &RunRow, seconds: &[Second]) -> Option<String> {
    let sum = |of: fn(&Second) -> u64| seconds.iter().map(of).sum::<u64>();
    let pairs = [
        ("delivered", run.delivered, sum(|one| one.delivered)),
        ("bytes_up", run.bytes_up, sum(|one| one.bytes_up)),
        ("bytes_down", run.bytes_down, sum(|one| one.bytes_down)),
    ];
    let (column, row, timeline) = pairs.into_iter().find(|(_, row, sum)| row != sum)?;
    Some(format!(
        "{} {} {} repeat {}: {column} is {row} in runs.csv, and {timeline} in timeline.csv",
        run.transport, run.variant, run.cell, run.repeat
    ))
}
