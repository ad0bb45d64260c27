//! Rows grouped for comparing: cell by cell, variant by variant.
//!
//! One pass over each file, so that a sweep of ten thousand rows is grouped in
//! no time; figures and tables then only look things up.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::OnceLock,
};

use crate::{
    chance::{self, Family},
    quantity::LOOKED_AT,
    series::{Identity, identities},
    statistics::Spread,
    swept::{number, swept},
};
use results::{
    Digest, RunRow,
    digest::{Account, Parts},
};

/// All that a results folder says, ready to be compared.
#[derive(Debug)]
pub struct Comparison<'a> {
    /// Every variant, in the order of telling.
    pub identities: Vec<Identity>,
    /// Every cell, sorted by its values.
    pub cells: Vec<Cell<'a>>,
    /// All pairs that are looked at, found when the first of them is.
    family: OnceLock<Family>,
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
    pub parts: Vec<&'a Parts>,
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
        Self {
            identities,
            cells,
            family: OnceLock::new(),
        }
    }

    /// Returns what all pairs that tables, charts and pages of this comparison look at come to
    /// together: each two variants with valid runs, in each cell and figure.
    #[must_use]
    pub fn family(&self) -> &Family {
        self.family
            .get_or_init(|| Family::of(self.cells.iter().flat_map(Cell::pairs)))
    }
}

impl Cell<'_> {
    /// The p of each pair of variants in each figure, and the least that it could be.
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

/// A sweep of more cells than this gets figures for its two ends only.
const CELLS_IN_FULL: usize = 3;

/// Whether a cell's own figures are drawn: its place among so many.
#[must_use]
pub const fn is_drawn(at: usize, of: usize) -> bool {
    of <= CELLS_IN_FULL || at == 0 || at + 1 == of
}

/// The cells whose own figures are drawn.
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

    /// The accounts of the runs that count, together.
    #[must_use]
    pub fn accounts(&self) -> Vec<Account<'a>> {
        self.digest.accounts(&self.parts)
    }

    /// Whether the runs that count have accounts.
    #[must_use]
    pub fn has_accounts(&self) -> bool {
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
pub mod metric {
    use results::RunRow;
    use wire::Way;

    /// Events that the window brought, counted or not: a poll also brings what was
    /// said while settling, and pays for it in bytes and in processor time.
    #[must_use]
    pub fn brought(run: &RunRow) -> f64 {
        run.exchange_events.unwrap_or(0).max(run.delivered) as f64
    }

    /// What the window saw, for each event that it brought.
    #[must_use]
    pub fn per_message(run: &RunRow, amount: u64) -> Option<f64> {
        (run.delivered > 0).then(|| amount as f64 / brought(run))
    }

    /// The same of a column that is told for each counted delivery.
    fn shared(run: &RunRow, per_delivery: Option<f64>) -> Option<f64> {
        per_delivery.map(|amount| amount * run.delivered as f64 / brought(run).max(1.0))
    }

    /// Returns the median latency, in microseconds.
    #[must_use]
    pub fn p50_us(run: &RunRow) -> Option<f64> {
        run.p50_us.map(|us| us as f64)
    }

    /// Messages below which the hundredth of deliveries is the word of a few.
    const P99_MESSAGES: f64 = 100.0;

    /// Latency that 99 of 100 deliveries stay below, only where a hundred messages carry it too:
    /// each goes to all readers of a room, so that a thousand deliveries may be those of three
    /// messages. Older files have it all the same.
    #[must_use]
    pub fn p99_us(run: &RunRow) -> Option<f64> {
        let us = run.p99_us.filter(|_| messages(run) >= P99_MESSAGES)?;
        Some(us as f64)
    }

    /// Messages that were due while it was measured; the rate has three digits.
    #[must_use]
    pub fn messages(run: &RunRow) -> f64 {
        (run.offered_per_s * run.measured_ms as f64 / 1e3).round()
    }

    /// Returns the longest latency, in microseconds.
    #[must_use]
    pub fn max_us(run: &RunRow) -> Option<f64> {
        run.max_us.map(|us| us as f64)
    }

    /// Returns the socket bytes from clients to the server for each message.
    #[must_use]
    pub fn bytes_up(run: &RunRow) -> Option<f64> {
        per_message(run, run.bytes_up)
    }

    /// Returns the socket bytes from the server to clients for each message.
    #[must_use]
    pub fn bytes_down(run: &RunRow) -> Option<f64> {
        per_message(run, run.bytes_down)
    }

    /// Returns the socket bytes of both directions for each message.
    #[must_use]
    pub fn bytes_both_ways(run: &RunRow) -> Option<f64> {
        per_message(run, run.bytes_up + run.bytes_down)
    }

    /// Returns the bytes of the events themselves for each delivery.
    #[must_use]
    pub fn payload_bytes(run: &RunRow) -> Option<f64> {
        (run.delivered > 0).then(|| run.event_bytes as f64 / run.delivered as f64)
    }

    /// Returns the bytes that are no payload for each message.
    #[must_use]
    pub fn overhead_bytes(run: &RunRow) -> Option<f64> {
        shared(run, run.header_bytes_per_delivery)
    }

    /// Requests of readers for each message. What a stream or WebSocket brings is an exchange
    /// too, but nobody asked for it.
    #[must_use]
    pub fn requests(run: &RunRow) -> Option<f64> {
        per_message(run, if asks(run) { run.exchanges } else { 0 })
    }

    /// The same of those that ask.
    #[must_use]
    pub fn polls(run: &RunRow) -> Option<f64> {
        requests(run).filter(|_| asks(run))
    }

    /// Tells if readers ask for what they get.
    #[must_use]
    pub fn asks(run: &RunRow) -> bool {
        run.way().is_some_and(Way::polls)
    }

    /// Returns the requests of readers that brought nothing, for each message.
    #[must_use]
    pub fn empty_requests(run: &RunRow) -> Option<f64> {
        per_message(run, if asks(run) { run.empty_exchanges } else { 0 })
    }

    /// Returns the server's processor time for each message, in microseconds.
    #[must_use]
    pub fn server_cpu_us(run: &RunRow) -> Option<f64> {
        shared(run, run.server_cpu_us_per_delivery)
    }

    /// Returns the memory that the clients added to the server, for each of them, in bytes.
    #[must_use]
    pub fn server_memory(run: &RunRow) -> Option<f64> {
        run.own_rss_bytes_per_client().map(|bytes| bytes as f64)
    }

    /// Returns the same in KiB.
    #[must_use]
    pub fn server_kib_per_client(run: &RunRow) -> Option<f64> {
        run.own_rss_bytes_per_client()
            .map(|bytes| bytes as f64 / 1024.0)
    }
}

#[cfg(test)]
mod tests {
    use super::metric;
    use results::RunRow;

    /// A poll late in settling: 40 counted, 42 brought.
    #[test]
    fn what_the_window_brought_shares_what_the_window_saw() {
        let run = RunRow {
            transport: "short_poll".to_owned(),
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

    #[test]
    fn a_stream_makes_no_request() {
        let run = |transport: &str| RunRow {
            transport: transport.to_owned(),
            delivered: 40,
            exchanges: 40,
            ..RunRow::default()
        };
        let requests = |transport| metric::requests(&run(transport));
        assert_eq!(requests("long_poll"), Some(1.0));
        assert_eq!(requests("http_stream"), Some(0.0));
        assert_eq!(requests("websocket"), Some(0.0));
    }

    /// A thousand readers of three messages make 3,000 deliveries.
    #[test]
    fn three_messages_carry_no_p99() {
        let run = |offered_per_s: f64| RunRow {
            offered_per_s,
            measured_ms: 30_000,
            delivered: 100_000,
            p99_us: Some(7),
            ..RunRow::default()
        };
        assert_eq!(metric::p99_us(&run(0.1)), None);
        assert_eq!(metric::p99_us(&run(3.3)), None);
        // A hundred messages in 30 s, with the three digits of the column.
        assert_eq!(metric::p99_us(&run(3.333)), Some(7.0));
    }
}
