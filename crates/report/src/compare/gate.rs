//! A gate for CI: what must hold between two folders, check by check.
//!
//! A gate judges by default what repeats on any machine: that the files agree, that everything was
//! delivered, bytes and requests, formulas, and how the ways of one folder stand to each other.
//! Absolute times are those of one machine, and are judged when they are asked for.

mod counts;
mod files;
mod formulas;
mod ratios;
mod show;

use std::fmt;

use super::{Compared, Difference, Gate, Verdict};
use crate::Lang;
use analysis::metric::{Metric, P50, P99, SERVER_CPU, SERVER_MEMORY};

pub use self::show::{markdown, markdown_in, suites, terminal, terminal_in};
pub(super) use self::{
    counts::of_pair, files::of_sides, formulas::of_formulas, ratios::judge, ratios::of_cell,
    show::json,
};

/// The figures of one machine.
const TIMES: [&Metric; 4] = [&P50, &P99, &SERVER_CPU, &SERVER_MEMORY];

/// The extent of a gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scope {
    /// The quantities that repeat on any machine: files, deliveries, bytes, requests, formulas, and
    /// ratios of ways that were measured in one folder.
    #[default]
    Repeatable,
    /// These, and absolute times, processor time and memory.
    Times,
}

/// The group of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The files of a folder agree with each other.
    Files,
    /// Runs are valid, and nothing was lost, doubled or reordered.
    Deliveries,
    /// Bytes and requests.
    Counts,
    /// Bytes are those that formulas say.
    Formulas,
    /// Latency and processor time of a way, as ratios to the other ways of the same repeat.
    Ratios,
    /// Latency, processor time and memory as they are.
    Times,
}

/// The outcome of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing became worse.
    Held,
    /// Something became worse.
    Failed,
    /// There is nothing valid to judge where there was before, or files contradict each other.
    NotValid,
    /// There are too few repeats for a verdict.
    CannotTell,
}

/// A check of a gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// The group of the check.
    pub kind: Kind,
    /// The name of the way; empty if the check is about a folder.
    pub way: String,
    /// The cell; `-` if nothing is swept.
    pub cell: String,
    /// The key of the figure, or a word for what is checked.
    pub figure: &'static str,
    /// The outcome.
    pub outcome: Outcome,
    /// The reason for the outcome, in words.
    pub text: String,
}

impl Kind {
    /// All groups, in the order in which they are shown.
    pub const ALL: [Self; 6] = [
        Self::Files,
        Self::Deliveries,
        Self::Counts,
        Self::Formulas,
        Self::Ratios,
        Self::Times,
    ];

    /// Returns the word for the group.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Files => "files",
            Self::Deliveries => "deliveries",
            Self::Counts => "bytes and requests",
            Self::Formulas => "formulas",
            Self::Ratios => "ratios",
            Self::Times => "times",
        }
    }

    /// Returns whether a gate of this extent judges the group.
    #[must_use]
    pub const fn is_judged(self, scope: Scope) -> bool {
        !matches!((self, scope), (Self::Times, Scope::Repeatable))
    }
}

impl Outcome {
    /// All outcomes, the worst last.
    pub const ALL: [Self; 4] = [Self::Held, Self::CannotTell, Self::NotValid, Self::Failed];

    /// Returns the outcome in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Failed => "failed",
            Self::NotValid => "not valid",
            Self::CannotTell => "cannot tell",
        }
    }

    const fn is_bad(self) -> bool {
        matches!(self, Self::Failed | Self::NotValid)
    }
}

/// `WebSocket at clients=100: bytes_up_per_delivery`.
impl fmt::Display for Check {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.place(Lang::En))
    }
}

impl Check {
    /// Returns what is checked in one of the languages: the way, the cell and the figure.
    fn place(&self, lang: Lang) -> String {
        let figure = lang.say(self.figure);
        match (self.way.as_str(), self.cell.as_str()) {
            ("", _) => figure,
            (way, "-") => format!("{}: {figure}", lang.say(way)),
            (way, cell) => format!("{}: {figure}", lang.say(&format!("{way} at {cell}"))),
        }
    }
}

impl Compared {
    /// Returns the checks that a gate of this extent judges.
    pub fn judged(&self, scope: Scope) -> impl Iterator<Item = &Check> {
        let checks = self.checks.iter();
        checks.filter(move |check| check.kind.is_judged(scope))
    }

    /// Returns the verdict of a gate. A gate in which nothing but files held cannot tell, and does
    /// not pass.
    #[must_use]
    pub fn verdict(&self, scope: Scope) -> Gate {
        let all = match scope {
            Scope::Repeatable => Gate::Passed,
            Scope::Times => self.gate(),
        };
        if self.judged(scope).any(|check| check.outcome.is_bad()) {
            return Gate::Regression;
        }
        let held = |check: &Check| check.kind != Kind::Files && check.outcome == Outcome::Held;
        if all == Gate::Passed && !self.judged(scope).any(held) {
            return Gate::CannotTell;
        }
        all
    }
}

/// Returns the checks of the figures that are those of one machine.
pub(super) fn of_times(differences: &[Difference]) -> impl Iterator<Item = Check> {
    let timed = differences
        .iter()
        .filter(|one| TIMES.contains(&one.quantity));
    timed.map(|one| {
        let show = one.quantity.unit.format();
        let [before, after] = one.spreads.map(|spread| show(spread.median));
        let outcome = match one.verdict {
            Verdict::Worse => Outcome::Failed,
            Verdict::Better | Verdict::WithinNoise => Outcome::Held,
            Verdict::CannotTell => Outcome::CannotTell,
        };
        let words = one.verdict.words().to_lowercase();
        let text = format!("{words}: {before} before, {after} after");
        Check {
            kind: Kind::Times,
            way: one.name.clone(),
            cell: one.cell.clone(),
            figure: one.quantity.key,
            outcome,
            text,
        }
    })
}

#[cfg(test)]
mod tests;
