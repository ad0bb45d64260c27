//! From rows that pass to what they come to.

use std::collections::{BTreeSet, HashMap};

use super::{
    Name, Parts, Rung, Second, Sum,
    passing::{LadderPass, LedgerPass, TimelinePass},
};
use crate::{
    column::{Record, RunKey},
    row::RunRow,
};

/// A row that is refused: its column and why.
type Refused = (&'static str, String);

/// The runs that rows may belong to.
pub(crate) struct Runs<'a> {
    rows: &'a [RunRow],
    places: HashMap<RunKey<'a>, usize>,
    /// Whether rungs and seconds are kept, run by run.
    drawn: Vec<bool>,
}

impl<'a> Runs<'a> {
    pub(crate) fn of(runs: &'a [RunRow], drawn: &BTreeSet<&str>) -> Self {
        let mut places = HashMap::with_capacity(runs.len());
        for (at, run) in runs.iter().enumerate() {
            places.entry(run.run()).or_insert(at);
        }
        let is_drawn = |run: &RunRow| drawn.contains(run.cell.as_str());
        Self {
            rows: runs,
            places,
            drawn: runs.iter().map(is_drawn).collect(),
        }
    }
}

/// Finds the run of each row. Rows of one run mostly follow each other.
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

/// What `ladder.csv` comes to.
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

    /// The error is for callers that read files; nothing is refused here.
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

    /// Rows of runs that are not known.
    pub(crate) const fn orphans(&self) -> u64 {
        self.finder.orphans
    }
}

/// What `ledger.csv` comes to.
pub(crate) struct Accounts<'k, 'a> {
    finder: Finder<'k, 'a>,
    names: Vec<Name>,
    /// Where among the names the last row's was.
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

    /// Refuses an account that the run has already: it would count twice.
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
        // Each run's accounts come in the same order.
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

    /// Rows of runs that are not known.
    pub(crate) const fn orphans(&self) -> u64 {
        self.finder.orphans
    }
}

/// What `timeline.csv` comes to.
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

    /// The error is for callers that read files; nothing is refused here.
    #[expect(clippy::unnecessary_wraps, reason = "as the other two")]
    pub(crate) fn take(&mut self, row: &TimelinePass<'_>) -> Result<(), Refused> {
        let key = (row.transport, row.variant, row.cell, row.repeat);
        if let Some(run) = self.finder.find(key)
            && self.finder.runs.drawn[run]
        {
            self.seconds[run].push(row.into());
        }
        Ok(())
    }

    /// Rows of runs that are not known.
    pub(crate) const fn orphans(&self) -> u64 {
        self.finder.orphans
    }
}

/// The three together, run by run, and what the accounts are called.
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
