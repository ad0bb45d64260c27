//! A results folder, reduced while it is read.
//!
//! A run leaves one row in `runs.csv` and a hundred or more in the other files.
//! Figures and tables need the row, and of the others only what they come to:
//! the sum of each account, and for the few cells whose own figures are drawn
//! the rungs and seconds of which medians are taken. So memory grows with the
//! number of runs by about a kilobyte each, and not with what they left.

mod passing;
mod reduce;

use std::collections::BTreeSet;

use crate::{
    complaint::Complaint,
    row::{LedgerRow, Rows, RunRow},
};

pub(crate) use self::{
    passing::{Ladder, Ledger, Timeline},
    reduce::{Accounts, Ladders, Runs, Timelines, joined},
};

/// A choice among the names of cells: those whose own figures are drawn, so that their
/// rungs and seconds are kept.
pub type Drawn = for<'a> fn(BTreeSet<&'a str>) -> BTreeSet<&'a str>;

/// All that a results folder says, as far as figures and tables need it.
#[derive(Debug, Default)]
pub struct Digest {
    /// The rows of `runs.csv`.
    pub runs: Vec<RunRow>,
    /// What was left out, and why.
    pub complaints: Vec<Complaint>,
    /// Of each run.
    parts: Vec<Parts>,
    /// What the accounts are called.
    names: Vec<Name>,
}

/// What all runs come to, and what the accounts are called.
pub(crate) type Joined = (Vec<Parts>, Vec<Name>);

/// What one run's rows in the other files come to.
#[derive(Debug, Default)]
pub struct Parts {
    /// Each account: its place among the names, and its sum.
    sums: Vec<(usize, Sum)>,
    /// The 95th percentile from the due time.
    pub p95_us: Option<u64>,
    /// Percentiles from the due time; kept only where they are drawn.
    pub rungs: Vec<Rung>,
    /// Kept only where they are drawn.
    pub seconds: Vec<Second>,
}

/// Bytes and spans.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sum {
    /// Bytes of all spans.
    pub bytes: u64,
    /// How many spans.
    pub count: u64,
}

/// One percentile of one run.
#[derive(Debug, Clone, Copy)]
pub struct Rung {
    /// As in [`crate::LadderRow::quantile`].
    pub quantile: f64,
    /// Latency from the due time, in microseconds.
    pub latency_us: u64,
    /// As in [`crate::LadderRow::count`].
    pub count: u64,
}

/// One second of one run.
#[derive(Debug, Clone, Copy)]
pub struct Second {
    /// As in [`crate::TimelineRow::second`].
    pub at: u32,
    /// Deliveries.
    pub delivered: u64,
    /// Median latency, in microseconds.
    pub p50_us: Option<u64>,
    /// 99th percentile of latency, in microseconds.
    pub p99_us: Option<u64>,
    /// Socket bytes from clients to the server.
    pub bytes_up: u64,
    /// Socket bytes from the server to clients.
    pub bytes_down: u64,
}

/// Direction, purpose, layer and window of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Name {
    direction: String,
    purpose: String,
    layer: String,
    window: String,
}

/// An account and what is in it.
#[derive(Debug, Clone, Copy)]
pub struct Account<'a> {
    /// As in [`LedgerRow::direction`].
    pub direction: &'a str,
    /// As in [`LedgerRow::purpose`].
    pub purpose: &'a str,
    /// As in [`LedgerRow::layer`].
    pub layer: &'a str,
    window: &'a str,
    /// Bytes of all spans.
    pub bytes: u64,
    /// How many spans.
    pub count: u64,
}

impl Account<'_> {
    /// As [`LedgerRow::is_of_window`].
    #[must_use]
    pub fn is_of_window(&self) -> bool {
        self.window != "whole"
    }

    /// As [`LedgerRow::is_whole`].
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.window != "measure"
    }
}

impl Sum {
    /// Returns the bytes of a span on average; nothing where there is none.
    #[must_use]
    pub fn each(self) -> Option<f64> {
        (self.count > 0).then(|| self.bytes as f64 / self.count as f64)
    }
}

impl<'a> From<&'a LedgerRow> for Account<'a> {
    fn from(row: &'a LedgerRow) -> Self {
        Self {
            direction: &row.direction,
            purpose: &row.purpose,
            layer: &row.layer,
            window: &row.window,
            bytes: row.bytes,
            count: row.count,
        }
    }
}

impl Digest {
    /// Reduces rows that are in memory, such as those of a few runs.
    #[must_use]
    pub fn of(rows: &Rows, drawn: Drawn) -> Self {
        let runs = rows.runs.clone();
        let drawn = drawn(runs.iter().map(|run| run.cell.as_str()).collect());
        let known = Runs::of(&runs, &drawn);
        let (mut ladders, mut accounts, mut timelines) = (
            Ladders::of(&known),
            Accounts::of(&known),
            Timelines::of(&known),
        );
        // What is not known is not wrong here: it was never read from a file.
        for row in &rows.ladder {
            let _ = ladders.take(&row.into());
        }
        for row in &rows.ledger {
            let _ = accounts.take(&row.into());
        }
        for row in &rows.timeline {
            let _ = timelines.take(&row.into());
        }
        let (parts, names) = joined(ladders, accounts, timelines);
        Self {
            runs,
            complaints: Vec::new(),
            parts,
            names,
        }
    }

    pub(crate) fn new(
        runs: Vec<RunRow>,
        complaints: Vec<Complaint>,
        (parts, names): Joined,
    ) -> Self {
        Self {
            runs,
            complaints,
            parts,
            names,
        }
    }

    /// Whether nothing was left out.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        !self.complaints.iter().any(|complaint| complaint.is_loss)
    }

    /// Each run with what its other rows come to.
    pub fn of_runs(&self) -> impl Iterator<Item = (&RunRow, &Parts)> {
        self.runs.iter().zip(&self.parts)
    }

    /// Returns the accounts of some runs together.
    #[must_use]
    pub fn accounts<'a>(&'a self, of: &[&Parts]) -> Vec<Account<'a>> {
        let mut sums: Vec<Option<Sum>> = vec![None; self.names.len()];
        for (at, sum) in of.iter().flat_map(|parts| &parts.sums) {
            let whole = sums[*at].get_or_insert_default();
            whole.bytes = whole.bytes.saturating_add(sum.bytes);
            whole.count = whole.count.saturating_add(sum.count);
        }
        let named = self.names.iter().zip(sums);
        named
            .filter_map(|(name, sum)| {
                let sum = sum?;
                Some(Account {
                    direction: &name.direction,
                    purpose: &name.purpose,
                    layer: &name.layer,
                    window: &name.window,
                    bytes: sum.bytes,
                    count: sum.count,
                })
            })
            .collect()
    }

    /// Returns whether any run has accounts.
    #[must_use]
    pub fn has_accounts(&self) -> bool {
        self.parts.iter().any(Parts::has_accounts)
    }
}

impl Parts {
    /// Returns whether the run has accounts.
    #[must_use]
    pub fn has_accounts(&self) -> bool {
        !self.sums.is_empty()
    }
}

/// The cells whose own figures are drawn where both folders are laid on top of
/// each other.
pub(crate) fn drawn_of_both<'a>(
    one: &'a [RunRow],
    other: &'a [RunRow],
    drawn: Drawn,
) -> BTreeSet<&'a str> {
    let cells = |runs: &'a [RunRow]| -> BTreeSet<&'a str> {
        runs.iter().map(|run| run.cell.as_str()).collect()
    };
    let (one, other) = (cells(one), cells(other));
    drawn(one.intersection(&other).copied().collect())
}
