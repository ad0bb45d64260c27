//! The evidence for a claim: rows by part, and facts of experiments.

use std::{collections::BTreeMap, path::Path};

use serde::{Deserialize, Serialize};

use analysis::{series::milliseconds, statistics::Spread};
use results::{LadderRow, LedgerRow, Rows, RunRow};

/// A single observation of an experiment (`facts.csv`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    /// The subject of the observation, such as `up 126`.
    pub subject: String,
    /// The quantity that was counted or timed, such as `ws_head`.
    pub quantity: String,
    /// The observed value.
    pub value: f64,
    /// The unit of the value.
    pub unit: String,
}

/// All measurements for one claim.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// The rows of each part; the only part of a claim without any is `""`.
    pub parts: BTreeMap<String, Rows>,
    /// Facts of the experiment, if there is one.
    pub facts: Vec<Fact>,
}

/// The reasons why facts cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum FactsError {
    /// The file cannot be read or written.
    #[error("{path}: {source}")]
    Csv {
        /// The path of the file.
        path: String,
        /// The error of the CSV reader or writer.
        source: csv::Error,
    },
}

impl Evidence {
    /// Returns a fact by its name; the median if the experiment was repeated.
    #[must_use]
    pub fn fact(&self, subject: &str, quantity: &str) -> Option<f64> {
        Spread::of(self.each_fact(subject, quantity)).map(|spread| spread.median)
    }

    /// Returns the fact of each repeat of the experiment.
    #[must_use]
    pub fn each_fact(&self, subject: &str, quantity: &str) -> Vec<f64> {
        self.facts
            .iter()
            .filter(|fact| fact.subject == subject && fact.quantity == quantity)
            .map(|fact| fact.value)
            .collect()
    }

    /// Returns the repeats of one cell and variant of a part.
    pub(super) fn runs(&self, at: &At<'_>) -> Runs<'_> {
        let runs = self.parts.get(at.part).map_or_else(Vec::new, |rows| {
            rows.runs
                .iter()
                .filter(|run| at.is(run))
                .map(|run| Run { run, rows })
                .collect()
        });
        Runs { runs }
    }

    /// Writes the facts as CSV.
    ///
    /// # Errors
    /// Fails if the file cannot be written.
    pub fn write_facts(&self, path: &Path) -> Result<(), FactsError> {
        let failed = |source| FactsError::Csv {
            path: path.display().to_string(),
            source,
        };
        let mut writer = csv::Writer::from_path(path).map_err(failed)?;
        for fact in &self.facts {
            writer.serialize(fact).map_err(failed)?;
        }
        writer.flush().map_err(|error| failed(error.into()))
    }

    /// Reads facts that were written before.
    ///
    /// # Errors
    /// Fails if the file cannot be read or is no such file.
    pub fn read_facts(path: &Path) -> Result<Vec<Fact>, FactsError> {
        let failed = |source| FactsError::Csv {
            path: path.display().to_string(),
            source,
        };
        let mut reader = results::reader(path).map_err(|error| failed(error.into()))?;
        reader
            .deserialize()
            .collect::<Result<_, _>>()
            .map_err(failed)
    }
}

/// A selection of runs: an empty field fits all.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct At<'a> {
    pub(super) part: &'a str,
    pub(super) transport: &'a str,
    /// The `variant` column.
    pub(super) variant: &'a str,
    /// The words of the cell, such as `delay=50ms`, all of which must be present.
    pub(super) cell: &'a str,
}

impl At<'_> {
    fn is(&self, run: &RunRow) -> bool {
        let mut wanted = self.cell.split_whitespace();
        (self.transport.is_empty() || run.transport == self.transport)
            && (self.variant.is_empty() || run.variant == self.variant)
            && wanted.all(|word| run.cell.split_whitespace().any(|has| has == word))
    }
}

/// A run with all rows of its part.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run<'a> {
    pub(super) run: &'a RunRow,
    rows: &'a Rows,
}

/// The repeats of one cell and variant.
#[derive(Debug, Clone, Default)]
pub(super) struct Runs<'a> {
    pub(super) runs: Vec<Run<'a>>,
}

impl<'a> Runs<'a> {
    /// Returns the median over the repeats. Runs that are not valid count only if no run is valid.
    pub(super) fn median(&self, value: impl Fn(&Run<'a>) -> Option<f64>) -> Option<f64> {
        Spread::of(self.counting().filter_map(value)).map(|spread| spread.median)
    }

    /// Returns the valid runs, or all runs if none is valid.
    pub(super) fn counting(&self) -> impl Iterator<Item = &Run<'a>> {
        let any_valid = self.runs.iter().any(|run| run.run.valid);
        self.runs
            .iter()
            .filter(move |run| run.run.valid || !any_valid)
    }

    /// Returns the first of the runs, which is the one that is drawn.
    pub(super) fn first(&self) -> Option<Run<'a>> {
        self.runs.first().copied()
    }

    /// Describes the runs, for a figure's foot.
    pub(super) fn caption(&self) -> String {
        let runs: Vec<&RunRow> = self.runs.iter().map(|run| run.run).collect();
        analysis::caption::of_all(&runs)
    }

    /// Returns the median of a latency column, in milliseconds.
    pub(super) fn milliseconds(&self, column: fn(&RunRow) -> Option<u64>) -> Option<f64> {
        self.median(|run| column(run.run).map(|us| us as f64 / 1e3))
    }
}

impl Run<'_> {
    /// Returns the rungs of one clock, `due` or `sent`, in rising order.
    pub(super) fn ladder(&self, clock: &str) -> Vec<&LadderRow> {
        let run = self.run;
        self.rows
            .ladder
            .iter()
            .filter(|row| {
                row.clock == clock
                    && row.repeat == run.repeat
                    && row.transport == run.transport
                    && row.variant == run.variant
                    && row.cell == run.cell
            })
            .collect()
    }

    /// Returns the accounts of the run.
    pub(super) fn ledger(&self) -> impl Iterator<Item = &LedgerRow> {
        let run = self.run;
        self.rows.ledger.iter().filter(move |row| {
            row.repeat == run.repeat
                && row.transport == run.transport
                && row.variant == run.variant
                && row.cell == run.cell
        })
    }

    /// Returns the bytes and the count in the window of all accounts of this name; an empty word
    /// fits all, but the estimate of TCP and IP only its own.
    pub(super) fn account(&self, direction: &str, purpose: &str, layer: &str) -> (u64, u64) {
        self.summed(LedgerRow::is_of_window, direction, purpose, layer)
    }

    /// Returns the same from the first connection to the last.
    pub(super) fn whole_account(&self, direction: &str, purpose: &str, layer: &str) -> (u64, u64) {
        self.summed(LedgerRow::is_whole, direction, purpose, layer)
    }

    /// Returns the number of events that the ledger saw delivered in the window, which is the
    /// divisor for its accounts, since both end at the same byte.
    pub(super) fn events(&self) -> f64 {
        self.account("down", "deliver", "payload").1.max(1) as f64
    }

    fn summed(
        &self,
        window: fn(&LedgerRow) -> bool,
        direction: &str,
        purpose: &str,
        layer: &str,
    ) -> (u64, u64) {
        let fits = |wanted: &str, has: &str| wanted.is_empty() || wanted == has;
        self.ledger()
            .filter(|row| window(row))
            .filter(|row| {
                fits(direction, &row.direction)
                    && fits(purpose, &row.purpose)
                    && fits(layer, &row.layer)
                    && (row.layer != "tcp_ip" || layer == "tcp_ip")
            })
            .fold((0, 0), |(bytes, count), row| {
                (bytes + row.bytes, count + row.count)
            })
    }

    /// Returns the seconds from the beginning of *measure* to the end of *drain*, over which bytes
    /// and exchanges were counted.
    pub(super) fn window_s(&self) -> Option<f64> {
        let run = self.run;
        let seconds = self.rows.timeline.iter().filter(|row| {
            row.repeat == run.repeat
                && row.transport == run.transport
                && row.variant == run.variant
                && row.cell == run.cell
        });
        let drained = seconds.count() as f64;
        let measured = run.measured_ms as f64 / 1e3;
        (measured > 0.0).then(|| measured.max(drained))
    }

    /// Returns the one-way delay of the readers' link, in seconds.
    pub(super) fn read_delay_s(&self) -> f64 {
        self.run.read_delay_us.unwrap_or(0) as f64 / 1e6
    }

    /// Returns the one-way delay of the publishers' link, in seconds.
    pub(super) fn say_delay_s(&self) -> f64 {
        self.run.say_delay_us.unwrap_or(0) as f64 / 1e6
    }

    /// Returns the interval of a short poll, in seconds.
    pub(super) fn interval_s(&self) -> f64 {
        milliseconds(&self.run.variant) as f64 / 1e3
    }

    /// Returns the seconds from one message of a room to the next, at a constant rate.
    pub(super) fn period_s(&self) -> f64 {
        1.0 / self.run.rate_per_s
    }

    /// Describes the run, for a figure's foot.
    pub(super) fn caption(&self) -> String {
        analysis::caption::of_run(self.run)
    }

    /// Returns the latency from the due time at a quantile, in milliseconds, interpolated between
    /// the two rungs around it.
    pub(super) fn quantile_ms(&self, quantile: f64) -> Option<f64> {
        let mut below = (0.0, 0.0);
        for rung in self.ladder("due") {
            let here = (rung.quantile, rung.latency_us as f64 / 1e3);
            if here.0 >= quantile {
                let share = if here.0 > below.0 {
                    (quantile - below.0) / (here.0 - below.0)
                } else {
                    1.0
                };
                return Some(below.1 + (here.1 - below.1) * share);
            }
            below = here;
        }
        None
    }

    /// Returns the share of deliveries whose latency from the due time exceeds `ms` milliseconds.
    pub(super) fn share_later_than(&self, ms: f64) -> Option<f64> {
        let ladder = self.ladder("due");
        let total = ladder.last()?.count as f64;
        let mut below = (0.0, 0.0);
        for rung in ladder {
            let here = (rung.latency_us as f64 / 1e3, rung.count as f64 / total);
            if here.0 > ms {
                let share = (ms - below.0) / (here.0 - below.0).max(f64::EPSILON);
                return Some(1.0 - (below.1 + (here.1 - below.1) * share.clamp(0.0, 1.0)));
            }
            below = here;
        }
        Some(0.0)
    }
}
