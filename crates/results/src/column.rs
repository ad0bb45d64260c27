//! The requirements on each CSV file: its name, its columns, and the values that a column may not
//! hold.

use serde::{Serialize, de::DeserializeOwned};
use wire::{Compression, Protocol};

use crate::{
    fields::{self, Fields},
    row::{LadderRow, LedgerRow, RunRow, TimelineRow},
};

/// The key of the run that a row belongs to: transport, variant, cell, repeat.
pub type RunKey<'a> = (&'a str, &'a str, &'a str, u32);

/// A row of one of the CSV files.
pub trait Record: Serialize + DeserializeOwned + 'static {
    /// The file's name within the results folder.
    const FILE: &'static str;

    /// Returns the columns, in the order of the fields of the struct.
    #[must_use]
    fn fields() -> &'static Fields {
        fields::of::<Self>()
    }

    /// Returns the key of the run that the row belongs to.
    fn run(&self) -> RunKey<'_>;

    /// Returns the first column that holds an impossible value, and the reason.
    fn impossible(&self) -> Option<(&'static str, String)>;
}

impl Record for RunRow {
    const FILE: &'static str = "runs.csv";

    fn run(&self) -> RunKey<'_> {
        (&self.transport, &self.variant, &self.cell, self.repeat)
    }

    fn impossible(&self) -> Option<(&'static str, String)> {
        [
            ("rate_per_s", Some(self.rate_per_s)),
            ("offered_per_s", Some(self.offered_per_s)),
            ("achieved_per_s", Some(self.achieved_per_s)),
            ("header_bytes_per_delivery", self.header_bytes_per_delivery),
            (
                "server_cpu_us_per_delivery",
                self.server_cpu_us_per_delivery,
            ),
            ("swarm_cpu_us_per_delivery", self.swarm_cpu_us_per_delivery),
            ("swarm_cpu_share", self.swarm_cpu_share),
            ("busiest_cpu_share", self.busiest_cpu_share),
            ("speaking_cpu_share", self.speaking_cpu_share),
            ("setup_bytes_per_client", self.setup_bytes_per_client),
            ("opening_cpu_us_per_client", self.opening_cpu_us_per_client),
            ("closing_cpu_us_per_client", self.closing_cpu_us_per_client),
            ("proxy_cpu_us_per_delivery", self.proxy_cpu_us_per_delivery),
            (
                "broker_cpu_us_per_delivery",
                self.broker_cpu_us_per_delivery,
            ),
        ]
        .into_iter()
        .find_map(|(column, value)| within(column, value?, MOST))
        .or_else(|| within("coherence", self.coherence?, 1.0))
        .or_else(|| within("last_same_share", self.last_same_share?, 1.0))
        .or_else(|| within("generator_wait_share", self.generator_wait_share?, 1.0))
        .or_else(|| within("machine_steal_share", self.machine_steal_share?, 1.0))
        .or_else(|| within("machine_pressure_share", self.machine_pressure_share?, 1.0))
        .or_else(|| no_interval(self))
        .or_else(|| contradiction(self))
    }
}

impl Record for LadderRow {
    const FILE: &'static str = "ladder.csv";

    fn run(&self) -> RunKey<'_> {
        (&self.transport, &self.variant, &self.cell, self.repeat)
    }

    fn impossible(&self) -> Option<(&'static str, String)> {
        impossible_rung(&self.clock, self.quantile)
    }
}

impl Record for LedgerRow {
    const FILE: &'static str = "ledger.csv";

    fn run(&self) -> RunKey<'_> {
        (&self.transport, &self.variant, &self.cell, self.repeat)
    }

    fn impossible(&self) -> Option<(&'static str, String)> {
        impossible_account(&self.direction)
    }
}

impl Record for TimelineRow {
    const FILE: &'static str = "timeline.csv";

    fn run(&self) -> RunKey<'_> {
        (&self.transport, &self.variant, &self.cell, self.repeat)
    }

    fn impossible(&self) -> Option<(&'static str, String)> {
        None
    }
}

/// Checks the intervals of latency between processes: numbers that may be negative, the least first.
fn no_interval(run: &RunRow) -> Option<(&'static str, String)> {
    [
        (
            "cross_shard_latency_p50_high_ms",
            run.cross_shard_latency_p50_low_ms,
            run.cross_shard_latency_p50_high_ms,
        ),
        (
            "cross_shard_latency_p90_high_ms",
            run.cross_shard_latency_p90_low_ms,
            run.cross_shard_latency_p90_high_ms,
        ),
    ]
    .into_iter()
    .find_map(|(column, low, high)| {
        let (low, high) = low.zip(high)?;
        let fine = low.abs() <= MOST && high.abs() <= MOST && low <= high;
        (!fine).then(|| (column, format!("is {high}, where the least is {low}")))
    })
}

/// Checks that the two columns that name the protocol, or the compression, name the same. One that
/// this version does not know is none of its business.
fn contradiction(run: &RunRow) -> Option<(&'static str, String)> {
    let protocols = Protocol::ALL.map(Protocol::name);
    let compressions = Compression::ALL.map(Compression::name);
    let differs = |column: &'static str, named: &str, known: &[&str], other: &str| {
        (known.contains(&named) && named != other).then(|| {
            let why = format!("is {named}, and the variant {:?} is {other}", run.variant);
            (column, why)
        })
    };
    differs("protocol", &run.protocol, &protocols, run.spoken().name()).or_else(|| {
        let packed = run.packed().name();
        differs("compression", &run.compression, &compressions, packed)
    })
}

/// Checks a row of `ladder.csv`, as [`Record::impossible`] does.
pub(crate) fn impossible_rung(clock: &str, quantile: f64) -> Option<(&'static str, String)> {
    if !matches!(clock, "due" | "sent") {
        return Some(("clock", format!("is {clock:?}, neither due nor sent")));
    }
    within("quantile", quantile, 1.0)
}

/// Checks a row of `ledger.csv`, as [`Record::impossible`] does.
pub(crate) fn impossible_account(direction: &str) -> Option<(&'static str, String)> {
    let known = matches!(direction, "up" | "down");
    (!known).then(|| {
        let why = format!("is {direction:?}, neither up nor down");
        ("direction", why)
    })
}

/// The largest value that a column of fractions may hold.
const MOST: f64 = 1e15;

/// Checks that a value is a finite number from 0 to `most`; `NaN` and `inf` also parse as numbers.
fn within(column: &'static str, value: f64, most: f64) -> Option<(&'static str, String)> {
    let fine = value.is_finite() && (0.0..=most).contains(&value);
    let most = if most < MOST {
        most.to_string()
    } else {
        format!("{most:e}")
    };
    (!fine).then(|| {
        let why = format!("is {value}; it must be a number from 0 to {most}");
        (column, why)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Asserts that the columns that serde writes are those of [`Record::fields`].
    fn assert_columns<R: Record>(text: &str) {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let row: R = reader
            .deserialize()
            .next()
            .expect("a row")
            .expect("a whole row");
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.serialize(&row).expect("a row");
        let written = String::from_utf8(writer.into_inner().expect("flushed")).expect("text");
        let columns = R::fields().columns.join(",");
        assert_eq!(written.lines().next(), Some(columns.as_str()));
    }

    #[test]
    fn an_interval_may_be_negative_and_must_not_be_upside_down() {
        let of = |low: f64, high: f64| {
            let run = RunRow {
                cross_shard_latency_p90_low_ms: Some(low),
                cross_shard_latency_p90_high_ms: Some(high),
                ..RunRow::default()
            };
            run.impossible().map(|(column, _)| column)
        };
        assert_eq!((of(-3.5, -1.0), of(-2.0, 2.0)), (None, None));
        let column = Some("cross_shard_latency_p90_high_ms");
        for (low, high) in [(2.0, 1.0), (f64::NAN, 1.0), (0.0, f64::INFINITY)] {
            assert_eq!(of(low, high), column, "{low} {high}");
        }
    }

    #[test]
    fn columns_are_the_fields_in_their_order() {
        let fixture = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixture/one_cell/");
        let read = |file| std::fs::read_to_string(format!("{fixture}{file}")).expect("the fixture");
        assert_columns::<RunRow>(&read(RunRow::FILE));
        assert_columns::<LadderRow>(&read(LadderRow::FILE));
        assert_columns::<LedgerRow>(&read(LedgerRow::FILE));
        assert_columns::<TimelineRow>(&read(TimelineRow::FILE));
    }
}
