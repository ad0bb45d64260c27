//! The grouping of rows for comparison: cell by cell, variant by variant.
//!
//! Each file is read in one pass, so that a sweep of ten thousand rows is grouped quickly; figures
//! and tables then only look values up.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::OnceLock,
};

use crate::{
    chance::{self, Family},
    metric::{LOOKED_AT, Of},
    series::{Identity, identities},
    statistics::Spread,
    swept::{number, swept},
};
use results::{
    Digest, RunRow,
    digest::{Account, Parts},
};

/// The data of a results folder, grouped for comparison.
#[derive(Debug)]
pub struct CellTable<'a> {
    /// All variants, in the order of presentation.
    pub identities: Vec<Identity>,
    /// All cells, sorted by their values.
    pub cells: Vec<Cell<'a>>,
    /// The correction for all pairs that are compared, computed at its first use.
    family: OnceLock<Family>,
}

/// A combination of swept values.
#[derive(Debug)]
pub struct Cell<'a> {
    /// The value of the `cell` column.
    pub name: &'a str,
    /// The variants that were run in the cell, in the order of presentation.
    pub variants: Vec<VariantRuns<'a>>,
}

/// The repeats of one variant in one cell.
///
/// Runs that are not valid are left out if there are valid ones beside them. If there are none, the
/// others are shown and marked as not valid.
#[derive(Debug)]
pub struct VariantRuns<'a> {
    /// The index into [`CellTable::identities`].
    pub identity: usize,
    /// The runs that count.
    pub runs: Vec<&'a RunRow>,
    /// All runs, including those that are left out.
    pub all: Vec<&'a RunRow>,
    /// True if the runs that count are valid.
    pub valid: bool,
    /// The summaries of the other rows of the runs that count.
    pub parts: Vec<&'a Parts>,
    all_parts: Vec<&'a Parts>,
    digest: &'a Digest,
}

impl<'a> CellTable<'a> {
    /// Groups the runs of a digest.
    #[must_use]
    pub fn of(digest: &'a Digest) -> Self {
        let identities = identities(&digest.runs);
        let index: HashMap<(&str, &str), usize> = identities
            .iter()
            .enumerate()
            .map(|(at, identity)| ((identity.transport.as_str(), identity.variant.as_str()), at))
            .collect();
        let mut groups: BTreeMap<CellOrder<'a>, BTreeMap<usize, VariantRuns<'a>>> = BTreeMap::new();
        for (run, parts) in digest.of_runs() {
            let identity = index[&(run.transport.as_str(), run.variant.as_str())];
            let cell = groups.entry(CellOrder::of(&run.cell)).or_default();
            let variant = cell
                .entry(identity)
                .or_insert_with(|| VariantRuns::new(identity, digest));
            variant.all.push(run);
            variant.all_parts.push(parts);
        }
        for variant in groups.values_mut().flat_map(BTreeMap::values_mut) {
            variant.choose();
        }
        let cells = groups
            .into_iter()
            .map(|(order, variants)| Cell {
                name: order.name,
                variants: variants.into_values().collect(),
            })
            .collect();
        Self {
            identities,
            cells,
            family: OnceLock::new(),
        }
    }

    /// Returns the correction for all pairs that tables, charts and pages of this comparison
    /// compare: each two variants with valid runs, in each cell and figure.
    #[must_use]
    pub fn family(&self) -> &Family {
        self.family
            .get_or_init(|| Family::of(self.cells.iter().flat_map(Cell::pairs)))
    }

    /// Returns whether runs had several servers, whose figures are added up.
    #[must_use]
    pub fn has_several_servers(&self) -> bool {
        self.cells.iter().any(Cell::has_several_servers)
    }
}

impl Cell<'_> {
    /// Returns whether runs of the cell had several servers, whose figures are added up.
    #[must_use]
    pub fn has_several_servers(&self) -> bool {
        let runs = self.variants.iter().flat_map(|variant| &variant.all);
        runs.filter_map(|run| run.nodes).any(|nodes| nodes > 1)
    }

    /// Returns the p of each pair of variants in each figure, and the smallest value that it could
    /// have had.
    fn pairs(&self) -> Vec<(f64, f64)> {
        let valid = || self.variants.iter().filter(|variant| variant.valid);
        let mut pairs = Vec::new();
        for quantity in LOOKED_AT {
            let samples: Vec<chance::Sample> = valid()
                .map(|variant| quantity.sample(&variant.runs))
                .filter(|sample| !sample.is_empty())
                .collect();
            for (at, one) in samples.iter().enumerate() {
                let others = samples[at + 1..].iter();
                pairs.extend(others.map(|other| {
                    let chance = chance::test(one, other);
                    (chance.p, chance.least)
                }));
            }
        }
        pairs
    }
}

/// The number of cells above which a sweep gets figures for its two ends only.
const CELLS_IN_FULL: usize = 3;

/// Returns whether a cell has figures of its own, from its place among all cells.
#[must_use]
pub const fn is_drawn(at: usize, of: usize) -> bool {
    of <= CELLS_IN_FULL || at == 0 || at + 1 == of
}

/// Returns the cells that have figures of their own.
#[must_use]
pub fn ends(names: BTreeSet<&str>) -> BTreeSet<&str> {
    let ordered: BTreeSet<CellOrder<'_>> = names.into_iter().map(CellOrder::of).collect();
    let count = ordered.len();
    let drawn = ordered.into_iter().enumerate();
    drawn
        .filter(|(at, _)| is_drawn(*at, count))
        .map(|(_, order)| order.name)
        .collect()
}

impl<'a> VariantRuns<'a> {
    const fn new(identity: usize, digest: &'a Digest) -> Self {
        Self {
            identity,
            runs: Vec::new(),
            all: Vec::new(),
            valid: false,
            parts: Vec::new(),
            all_parts: Vec::new(),
            digest,
        }
    }

    fn choose(&mut self) {
        let mut pairs: Vec<(&RunRow, &Parts)> = std::mem::take(&mut self.all)
            .into_iter()
            .zip(std::mem::take(&mut self.all_parts))
            .collect();
        pairs.sort_by_key(|(run, _)| run.repeat);
        self.valid = pairs.iter().any(|(run, _)| run.valid);
        let counting = pairs.iter().filter(|(run, _)| run.valid || !self.valid);
        (self.runs, self.parts) = counting.copied().unzip();
        (self.all, self.all_parts) = pairs.into_iter().unzip();
    }

    /// Returns the accounts of the runs that count, together.
    #[must_use]
    pub fn accounts(&self) -> Vec<Account<'a>> {
        self.digest.accounts(&self.parts)
    }

    /// Returns whether the runs that count have accounts.
    #[must_use]
    pub fn has_accounts(&self) -> bool {
        self.parts.iter().any(|parts| parts.has_accounts())
    }

    /// Returns the median, minimum and maximum of a metric over the runs that count.
    #[must_use]
    pub fn spread(&self, metric: Of) -> Option<Spread> {
        Spread::of(self.runs.iter().filter_map(|run| metric(run)))
    }
}

/// The order of cells by the values in their names: `clients=10` before `clients=9000`,
/// `link.delay=20ms` before `link.delay=1s`.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct CellOrder<'a> {
    values: Vec<(&'a str, u64, &'a str)>,
    name: &'a str,
}

impl<'a> CellOrder<'a> {
    fn of(name: &'a str) -> Self {
        let values = swept(name)
            .map(|(key, value)| (key, sortable(value), value))
            .collect();
        Self { values, name }
    }
}

/// Returns numbers and times as integers of the same order (a property of IEEE 754); what is switched
/// off comes first, and other texts last.
fn sortable(value: &str) -> u64 {
    if value == "false" {
        return 0;
    }
    number(value).map_or(u64::MAX, f64::to_bits)
}
