//! The reduction of rows to summaries, one row at a time.

use std::collections::{BTreeSet, HashMap};

use super::{
    MOST_TIMED, Name, Parts, Rung, Second, Sum,
    row_source::{LadderPass, LedgerPass, TimelinePass},
};
use crate::{
    column::{Record, RunKey},
    row::RunRow,
};

/// The column because of which a row is refused, and the reason.
type Refused = (&'static str, String);

/// The runs that rows may belong to.
pub(crate) struct Runs<'a> {
    rows: &'a [RunRow],
    places: HashMap<RunKey<'a>, usize>,
    /// True for each run whose rungs and seconds are kept.
    drawn: Vec<bool>,
    /// True for each run whose seconds are kept.
    timed: Vec<bool>,
}

impl<'a> Runs<'a> {
    pub(crate) fn of(runs: &'a [RunRow], drawn: &BTreeSet<&str>) -> Self {
        let mut places = HashMap::with_capacity(runs.len());
        for (at, run) in runs.iter().enumerate() {
            places.entry(run.run()).or_insert(at);
        }
        let is_drawn = |run: &RunRow| drawn.contains(run.cell.as_str());
        let cells: BTreeSet<&str> = runs.iter().map(|run| run.cell.as_str()).collect();
        let is_timed = |run: &RunRow| is_drawn(run) || (cells.len() <= MOST_TIMED && returns(run));
        Self {
            rows: runs,
            places,
            drawn: runs.iter().map(is_drawn).collect(),
            timed: runs.iter().map(is_timed).collect(),
        }
    }
}

/// Returns whether readers of a run lost their connections or left, and came again.
fn returns(run: &RunRow) -> bool {
    let counts = [run.comebacks, run.churn_came, run.cut_connections];
    counts.into_iter().flatten().any(|count| count > 0)
}

/// A search for the run of each row. Rows of one run mostly follow each other.
struct Finder<'k, 'a> {
    runs: &'k Runs<'a>,
    last: Option<usize>,
    orphans: u64,
}

impl<'k, 'a> Finder<'k, 'a> {
    const fn of(runs: &'k Runs<'a>) -> Self {
        Self {
            runs,
            last: None,
            orphans: 0,
        }
    }

    fn find(&mut self, key: RunKey<'_>) -> Option<usize> {
        let is_same = |at: &usize| self.runs.rows[*at].run() == key;
        if !self.last.as_ref().is_some_and(is_same) {
            self.last = self.runs.places.get(&key).copied();
            self.orphans += u64::from(self.last.is_none());
        }
        self.last
    }

    fn empty<T: Default + Clone>(&self) -> Vec<T> {
        vec![T::default(); self.runs.drawn.len()]
    }
}

/// The summary of `ladder.csv`.
pub(crate) struct Ladders<'k, 'a> {
    finder: Finder<'k, 'a>,
    rungs: Vec<Vec<Rung>>,
    p95_us: Vec<Option<u64>>,
}

impl<'k, 'a> Ladders<'k, 'a> {
    pub(crate) fn of(runs: &'k Runs<'a>) -> Self {
        let finder = Finder::of(runs);
        Self {
            rungs: finder.empty(),
            p95_us: finder.empty(),
            finder,
        }
    }

    /// Adds a row. It is never refused; the error exists for the callers that read files.
    #[expect(clippy::unnecessary_wraps, reason = "as the other two")]
    pub(crate) fn take(&mut self, row: &LadderPass<'_>) -> Result<(), Refused> {
        let key = (row.transport, row.variant, row.cell, row.repeat);
        let Some(run) = self.finder.find(key) else {
            return Ok(());
        };
        if row.clock == "due" {
            if (row.quantile - 0.95).abs() < 1e-6 {
                self.p95_us[run].get_or_insert(row.latency_us);
            }
            if self.finder.runs.drawn[run] {
                self.rungs[run].push(row.into());
            }
        }
        Ok(())
    }

    /// Returns the number of rows of unknown runs.
    pub(crate) const fn orphans(&self) -> u64 {
        self.finder.orphans
    }
}

/// The summary of `ledger.csv`.
pub(crate) struct Accounts<'k, 'a> {
    finder: Finder<'k, 'a>,
    names: Vec<Name>,
    /// The index of the last row's account among the names.
    last: usize,
    sums: Vec<Vec<(usize, Sum)>>,
}

impl<'k, 'a> Accounts<'k, 'a> {
    pub(crate) fn of(runs: &'k Runs<'a>) -> Self {
        let finder = Finder::of(runs);
        Self {
            sums: finder.empty(),
            names: Vec::new(),
            last: 0,
            finder,
        }
    }

    /// Adds a row. Refuses an account that the run has already, because it would count twice.
    pub(crate) fn take(&mut self, row: &LedgerPass<'_>) -> Result<(), Refused> {
        let key = (row.transport, row.variant, row.cell, row.repeat);
        let Some(run) = self.finder.find(key) else {
            return Ok(());
        };
        let name = self.name(row);
        if self.sums[run].iter().any(|(known, _)| *known == name) {
            let why = "and what stands before it: the run has this account already".to_owned();
            return Err(("layer", why));
        }
        let (bytes, count) = (row.bytes, row.count);
        self.sums[run].push((name, Sum { bytes, count }));
        Ok(())
    }

    fn name(&mut self, row: &LedgerPass<'_>) -> usize {
        let is_it = |name: &Name| {
            name.layer == row.layer
                && name.purpose == row.purpose
                && name.direction == row.direction
                && name.window == row.window
        };
        // The accounts of each run come in the same order.
        let next = self.last + 1;
        let found = if self.names.get(next).is_some_and(is_it) {
            Some(next)
        } else {
            self.names.iter().position(is_it)
        };
        self.last = found.unwrap_or_else(|| {
            self.names.push(Name {
                direction: row.direction.to_owned(),
                purpose: row.purpose.to_owned(),
                layer: row.layer.to_owned(),
                window: row.window.to_owned(),
            });
            self.names.len() - 1
        });
        self.last
    }

    /// Returns the number of rows of unknown runs.
    pub(crate) const fn orphans(&self) -> u64 {
        self.finder.orphans
    }
}

/// The summary of `timeline.csv`.
pub(crate) struct Timelines<'k, 'a> {
    finder: Finder<'k, 'a>,
    seconds: Vec<Vec<Second>>,
}

impl<'k, 'a> Timelines<'k, 'a> {
    pub(crate) fn of(runs: &'k Runs<'a>) -> Self {
        let finder = Finder::of(runs);
        Self {
            seconds: finder.empty(),
            finder,
        }
    }

    /// Adds a row. It is never refused; the error exists for the callers that read files.
    #[expect(clippy::unnecessary_wraps, reason = "as the other two")]
    pub(crate) fn take(&mut self, row: &TimelinePass<'_>) -> Result<(), Refused> {
        let key = (row.transport, row.variant, row.cell, row.repeat);
        if let Some(run) = self.finder.find(key)
            && self.finder.runs.timed[run]
        {
            self.seconds[run].push(row.into());
        }
        Ok(())
    }

    /// Returns the number of rows of unknown runs.
    pub(crate) const fn orphans(&self) -> u64 {
        self.finder.orphans
    }
}

/// Joins the three summaries, run by run. Also returns the names of the accounts.
pub(crate) fn joined(
    ladders: Ladders<'_, '_>,
    accounts: Accounts<'_, '_>,
    timelines: Timelines<'_, '_>,
) -> (Vec<Parts>, Vec<Name>) {
    let ladders = ladders.rungs.into_iter().zip(ladders.p95_us);
    let others = accounts.sums.into_iter().zip(timelines.seconds);
    let parts = ladders.zip(others);
    let parts = parts.map(|((rungs, p95_us), (mut sums, seconds))| {
        sums.shrink_to_fit();
        Parts {
            sums,
            p95_us,
            rungs,
            seconds,
        }
    });
    (parts.collect(), accounts.names)
}
