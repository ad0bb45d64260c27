//! Rows grouped for comparing: cell by cell, variant by variant.
//!
//! One pass over each file, so that a sweep of ten thousand rows is grouped in
//! no time; figures and tables then only look things up.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::{
    digest::{Account, Digest, Parts},
    row::RunRow,
    series::{Identity, identities},
    statistics::Spread,
    swept::{number, swept},
};

/// All that a results folder says, ready to be compared.
#[derive(Debug)]
pub struct Comparison<'a> {
    /// Every variant, in the order of telling.
    pub identities: Vec<Identity>,
    /// Every cell, sorted by its values.
    pub cells: Vec<Cell<'a>>,
}

/// One combination of swept values.
#[derive(Debug)]
pub struct Cell<'a> {
    /// The `cell` column.
    pub name: &'a str,
    /// The variants that were run in it, in the order of telling.
    pub variants: Vec<VariantRuns<'a>>,
}

/// The repeats of one variant in one cell.
///
/// Runs that are not valid are left out where there are valid ones beside them.
/// Where there are none, the others are shown, marked as what they are.
#[derive(Debug)]
pub struct VariantRuns<'a> {
    /// Index into [`Comparison::identities`].
    pub identity: usize,
    /// The runs that count.
    pub runs: Vec<&'a RunRow>,
    /// All runs, also those left out.
    pub all: Vec<&'a RunRow>,
    /// Whether the runs that count are valid.
    pub valid: bool,
    /// What else there is of the runs that count.
    pub(crate) parts: Vec<&'a Parts>,
    all_parts: Vec<&'a Parts>,
    digest: &'a Digest,
}

/// A number that one run yields; nothing where the run cannot say.
pub type Metric = fn(&RunRow) -> Option<f64>;

impl<'a> Comparison<'a> {
    /// Groups the runs.
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
        Self { identities, cells }
    }
}

/// A sweep of more cells than this gets figures for its two ends only.
const CELLS_IN_FULL: usize = 3;

/// Whether a cell's own figures are drawn: its place among so many.
pub(crate) const fn is_drawn(at: usize, of: usize) -> bool {
    of <= CELLS_IN_FULL || at == 0 || at + 1 == of
}

/// The cells whose own figures are drawn.
pub(crate) fn ends<'a>(cells: impl Iterator<Item = &'a str>) -> BTreeSet<&'a str> {
    let names: BTreeSet<&str> = cells.collect();
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

    /// The accounts of the runs that count, together.
    pub(crate) fn accounts(&self) -> Vec<Account<'a>> {
        self.digest.accounts(&self.parts)
    }

    /// Whether the runs that count have accounts.
    pub(crate) fn has_accounts(&self) -> bool {
        self.parts.iter().any(|parts| parts.has_accounts())
    }

    /// Median, least and most of a metric over the runs that count.
    #[must_use]
    pub fn spread(&self, metric: Metric) -> Option<Spread> {
        Spread::of(self.runs.iter().filter_map(|run| metric(run)))
    }
}

/// Cells sort by the values in their names: `clients=10` before `clients=9000`,
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

/// Numbers and times as integers of the same order (IEEE 754 has that property);
/// texts come last.
fn sortable(value: &str) -> u64 {
    number(value).map_or(u64::MAX, f64::to_bits)
}

/// The metrics that figures and tables share.
pub(crate) mod metric {
    use crate::row::RunRow;

    /// Events that the window brought, counted or not: a poll also brings what was
    /// said while settling, and pays for it in bytes and in processor time.
    pub(crate) fn brought(run: &RunRow) -> f64 {
        run.exchange_events.unwrap_or(0).max(run.delivered) as f64
    }

    /// What the window saw, for each event that it brought.
    pub(crate) fn per_message(run: &RunRow, amount: u64) -> Option<f64> {
        (run.delivered > 0).then(|| amount as f64 / brought(run))
    }

    /// The same of a column that is told for each counted delivery.
    fn shared(run: &RunRow, per_delivery: Option<f64>) -> Option<f64> {
        per_delivery.map(|amount| amount * run.delivered as f64 / brought(run).max(1.0))
    }

    pub(crate) fn p50_us(run: &RunRow) -> Option<f64> {
        run.p50_us.map(|us| us as f64)
    }

    pub(crate) fn p99_us(run: &RunRow) -> Option<f64> {
        run.p99_us.map(|us| us as f64)
    }

    pub(crate) fn max_us(run: &RunRow) -> Option<f64> {
        run.max_us.map(|us| us as f64)
    }

    pub(crate) fn bytes_up(run: &RunRow) -> Option<f64> {
        per_message(run, run.bytes_up)
    }

    pub(crate) fn bytes_down(run: &RunRow) -> Option<f64> {
        per_message(run, run.bytes_down)
    }

    pub(crate) fn bytes_both_ways(run: &RunRow) -> Option<f64> {
        per_message(run, run.bytes_up + run.bytes_down)
    }

    pub(crate) fn payload_bytes(run: &RunRow) -> Option<f64> {
        (run.delivered > 0).then(|| run.event_bytes as f64 / run.delivered as f64)
    }

    pub(crate) fn overhead_bytes(run: &RunRow) -> Option<f64> {
        shared(run, run.header_bytes_per_delivery)
    }

    pub(crate) fn requests(run: &RunRow) -> Option<f64> {
        per_message(run, run.exchanges)
    }

    pub(crate) fn empty_requests(run: &RunRow) -> Option<f64> {
        per_message(run, run.empty_exchanges)
    }

    pub(crate) fn server_cpu_us(run: &RunRow) -> Option<f64> {
        shared(run, run.server_cpu_us_per_delivery)
    }

    pub(crate) fn server_kib_per_client(run: &RunRow) -> Option<f64> {
        run.own_rss_bytes_per_client()
            .map(|bytes| bytes as f64 / 1024.0)
    }
}

#[cfg(test)]
mod tests {
    use super::metric;
    use crate::row::RunRow;

    /// A poll late in settling: 40 counted, 42 brought.
    #[test]
    fn what_the_window_brought_shares_what_the_window_saw() {
        let run = RunRow {
            delivered: 40,
            exchange_events: Some(42),
            bytes_up: 2_000,
            bytes_down: 2_200,
            exchanges: 21,
            header_bytes_per_delivery: Some(21.0),
            server_cpu_us_per_delivery: Some(10.5),
            ..RunRow::default()
        };
        assert_eq!(metric::bytes_both_ways(&run), Some(100.0));
        assert_eq!(metric::requests(&run), Some(0.5));
        assert_eq!(metric::overhead_bytes(&run), Some(20.0));
        assert_eq!(metric::server_cpu_us(&run), Some(10.0));
        let older = RunRow {
            exchange_events: None,
            ..run
        };
        assert_eq!(metric::bytes_both_ways(&older), Some(105.0));
        assert_eq!(metric::overhead_bytes(&older), Some(21.0));
    }
}
