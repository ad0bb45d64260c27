//! A summary of a results folder, computed while the folder is read.
//!
//! A run leaves one row in `runs.csv` and a hundred or more in the other files. Figures and tables
//! need the row of `runs.csv`, but only a summary of the others: the sum of each account, and, for
//! the few cells that have figures of their own, the rungs and seconds from which medians are
//! computed. So memory grows by about a kilobyte for each run, and not with the size of the other
//! files.

mod reduce;
mod row_source;

use std::collections::BTreeSet;

use crate::{
    complaint::Complaint,
    row::{LedgerRow, Rows, RunRow},
};

pub(crate) use self::{
    reduce::{Accounts, Ladders, Runs, Timelines, joined},
    row_source::{Ladder, Ledger, Timeline},
};

/// A function that chooses, from the names of all cells, those that have figures of their own, so
/// that their rungs and seconds are kept.
pub type Drawn = for<'a> fn(BTreeSet<&'a str>) -> BTreeSet<&'a str>;

/// The largest number of cells of which all keep their seconds, if readers came back in them: how they
/// do is another picture in each cell.
pub const MOST_TIMED: usize = 12;

/// The data of a results folder, as far as figures and tables need it.
#[derive(Debug, Default)]
pub struct Digest {
    /// The rows of `runs.csv`.
    pub runs: Vec<RunRow>,
    /// The complaints about what was left out.
    pub complaints: Vec<Complaint>,
    /// The summary of each run, in the order of `runs`.
    parts: Vec<Parts>,
    /// The names of the accounts.
    names: Vec<Name>,
}

/// The summaries of all runs, and the names of the accounts.
pub(crate) type Joined = (Vec<Parts>, Vec<Name>);

/// The summary of one run's rows in the other files.
#[derive(Debug, Default)]
pub struct Parts {
    /// The accounts: the index of each in the list of names, and its sum.
    sums: Vec<(usize, Sum)>,
    /// The 95th percentile of latency from the due time, in microseconds.
    pub p95_us: Option<u64>,
    /// The percentiles of latency from the due time; kept only for cells that are drawn.
    pub rungs: Vec<Rung>,
    /// The seconds of the timeline; kept only for cells that are drawn.
    pub seconds: Vec<Second>,
}

/// A number of bytes and a number of spans.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sum {
    /// The bytes of all spans.
    pub bytes: u64,
    /// The number of spans.
    pub count: u64,
}

/// A percentile of one run.
#[derive(Debug, Clone, Copy)]
pub struct Rung {
    /// The quantile, as in [`crate::LadderRow::quantile`].
    pub quantile: f64,
    /// The latency from the due time, in microseconds.
    pub latency_us: u64,
    /// The number of deliveries, as in [`crate::LadderRow::count`].
    pub count: u64,
}

/// A second of one run.
#[derive(Debug, Clone, Copy)]
pub struct Second {
    /// The second, as in [`crate::TimelineRow::second`].
    pub at: u32,
    /// The number of deliveries.
    pub delivered: u64,
    /// The median latency, in microseconds.
    pub p50_us: Option<u64>,
    /// The 99th percentile of latency, in microseconds.
    pub p99_us: Option<u64>,
    /// The socket bytes from clients to the server.
    pub bytes_up: u64,
    /// The socket bytes from the server to clients.
    pub bytes_down: u64,
    /// The number of readers connected at its end.
    pub connected: Option<u64>,
    /// The number of connections that readers made.
    pub connections: Option<u64>,
}

/// The direction, purpose, layer and window of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Name {
    direction: String,
    purpose: String,
    layer: String,
    window: String,
}

/// An account and its sums.
#[derive(Debug, Clone, Copy)]
pub struct Account<'a> {
    /// The direction, as in [`LedgerRow::direction`].
    pub direction: &'a str,
    /// The purpose, as in [`LedgerRow::purpose`].
    pub purpose: &'a str,
    /// The layer, as in [`LedgerRow::layer`].
    pub layer: &'a str,
    window: &'a str,
    /// The bytes of all spans.
    pub bytes: u64,
    /// The number of spans.
    pub count: u64,
}

impl Account<'_> {
    /// Returns whether the account covers the measured window alone, as [`LedgerRow::is_of_window`]
    /// does.
    #[must_use]
    pub fn is_of_window(&self) -> bool {
        self.window != "whole"
    }

    /// Returns whether the account covers all that the connections carried, as
    /// [`LedgerRow::is_whole`] does.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.window != "measure"
    }
}

impl Sum {
    /// Returns the mean number of bytes of a span, or `None` if there is no span.
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
    /// Summarises rows that are in memory, such as those of a few runs.
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
        // Rows that are refused here are no error, because they were never read from a file.
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

    /// Returns whether nothing was left out.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        !self.complaints.iter().any(|complaint| complaint.is_loss)
    }

    /// Returns each run with the summary of its rows in the other files.
    pub fn of_runs(&self) -> impl Iterator<Item = (&RunRow, &Parts)> {
        self.runs.iter().zip(&self.parts)
    }

    /// Returns the accounts of several runs together.
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

/// Returns the cells that have figures of their own when two folders are compared; `drawn` chooses
/// among the cells that both folders have.
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
