//! Rows grouped for comparing: cell by cell, variant by variant.
//!
//! One pass over each file, so that a sweep of ten thousand rows is grouped in
//! no time; figures and tables then only look things up.

use std::collections::{BTreeMap, HashMap};

use crate::{
    column::Record,
    row::{LadderRow, LedgerRow, Rows, RunRow, TimelineRow},
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
    /// Percentiles from the due time, of the runs that count.
    pub ladder: Vec<&'a LadderRow>,
    /// Accounts of the runs that count.
    pub ledger: Vec<&'a LedgerRow>,
    /// Seconds of the runs that count.
    pub timeline: Vec<&'a TimelineRow>,
}

/// A number that one run yields; nothing where the run cannot say.
pub type Metric = fn(&RunRow) -> Option<f64>;

impl<'a> Comparison<'a> {
    /// Groups the rows.
    #[must_use]
    pub fn of(rows: &'a Rows) -> Self {
        let identities = identities(&rows.runs);
        let index: HashMap<(&str, &str), usize> = identities
            .iter()
            .enumerate()
            .map(|(at, identity)| ((identity.transport.as_str(), identity.variant.as_str()), at))
            .collect();
        let mut groups: BTreeMap<CellOrder<'a>, BTreeMap<usize, VariantRuns<'a>>> = BTreeMap::new();
        for run in &rows.runs {
            let identity = index[&(run.transport.as_str(), run.variant.as_str())];
            let cell = groups.entry(CellOrder::of(&run.cell)).or_default();
            cell.entry(identity)
                .or_insert_with(|| VariantRuns::new(identity))
                .all
                .push(run);
        }
        for variant in groups.values_mut().flat_map(BTreeMap::values_mut) {
            variant.choose();
        }
        let mut places: Places<'_, 'a> = HashMap::new();
        for variant in groups.values_mut().flat_map(BTreeMap::values_mut) {
            let run = variant.all[0];
            places.insert((&run.transport, &run.variant, &run.cell), variant);
        }
        for row in rows.ladder.iter().filter(|row| row.clock == "due") {
            if let Some(variant) = counted(&mut places, row) {
                variant.ladder.push(row);
            }
        }
        for row in &rows.ledger {
            if let Some(variant) = counted(&mut places, row) {
                variant.ledger.push(row);
            }
        }
        for row in &rows.timeline {
            if let Some(variant) = counted(&mut places, row) {
                variant.timeline.push(row);
            }
        }
        drop(places);
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

/// Variants by transport, variant and cell.
type Places<'m, 'a> = HashMap<(&'a str, &'a str, &'a str), &'m mut VariantRuns<'a>>;

/// Where a row belongs, if its run is one that counts.
fn counted<'p, 'a, R: Record>(
    places: &'p mut Places<'_, 'a>,
    row: &'a R,
) -> Option<&'p mut VariantRuns<'a>> {
    let (transport, variant, cell, repeat) = row.run();
    let place = places.get_mut(&(transport, variant, cell))?;
    let counts = place.runs.iter().any(|run| run.repeat == repeat);
    counts.then_some(&mut **place)
}

impl VariantRuns<'_> {
    fn new(identity: usize) -> Self {
        Self {
            identity,
            runs: Vec::new(),
            all: Vec::new(),
            valid: false,
            ladder: Vec::new(),
            ledger: Vec::new(),
            timeline: Vec::new(),
        }
    }

    fn choose(&mut self) {
        self.all.sort_by_key(|run| run.repeat);
        self.runs = self.all.iter().copied().filter(|run| run.valid).collect();
        self.valid = !self.runs.is_empty();
        if !self.valid {
            self.runs.clone_from(&self.all);
        }
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

    fn per_delivery(run: &RunRow, amount: u64) -> Option<f64> {
        (run.delivered > 0).then(|| amount as f64 / run.delivered as f64)
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
        per_delivery(run, run.bytes_up)
    }

    pub(crate) fn bytes_down(run: &RunRow) -> Option<f64> {
        per_delivery(run, run.bytes_down)
    }

    pub(crate) fn bytes_both_ways(run: &RunRow) -> Option<f64> {
        per_delivery(run, run.bytes_up + run.bytes_down)
    }

    pub(crate) fn payload_bytes(run: &RunRow) -> Option<f64> {
        per_delivery(run, run.event_bytes)
    }

    pub(crate) fn overhead_bytes(run: &RunRow) -> Option<f64> {
        run.header_bytes_per_delivery
    }

    pub(crate) fn requests(run: &RunRow) -> Option<f64> {
        per_delivery(run, run.exchanges)
    }

    pub(crate) fn empty_requests(run: &RunRow) -> Option<f64> {
        per_delivery(run, run.empty_exchanges)
    }

    pub(crate) fn server_cpu_us(run: &RunRow) -> Option<f64> {
        run.server_cpu_us_per_delivery
    }

    pub(crate) fn server_kib_per_client(run: &RunRow) -> Option<f64> {
        run.server_rss_bytes_per_client
            .map(|bytes| bytes as f64 / 1024.0)
    }
}
