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
        no_amount(self)
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

/// The columns of shares of a whole, which are at most 1.
const SHARES: [&str; 5] = [
    "coherence",
    "last_same_share",
    "generator_wait_share",
    "machine_steal_share",
    "machine_pressure_share",
];

/// The columns of numbers that may be negative.
const SIGNED: [&str; 4] = [
    "cross_shard_latency_p50_low_ms",
    "cross_shard_latency_p50_high_ms",
    "cross_shard_latency_p90_low_ms",
    "cross_shard_latency_p90_high_ms",
];

/// Checks each column of fractions that the struct has, so that a new one is checked as well.
fn no_amount(run: &RunRow) -> Option<(&'static str, String)> {
    let columns = &RunRow::fields().fractions;
    let values = fields::numbers(run, columns);
    let mut amounts = columns.iter().copied().zip(values);
    amounts.find_map(|(column, value)| {
        let value = value?;
        let (least, most) = if SHARES.contains(&column) {
            (0.0, 1.0)
        } else if SIGNED.contains(&column) {
            (-MOST, MOST)
        } else {
            (0.0, MOST)
        };
        within(column, value, least, most)
    })
}

/// Checks the intervals of latency between processes, whose numbers may be negative: the lower
/// bound must not be above the upper one.
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
        (low > high).then(|| (column, format!("is {high}, where the least is {low}")))
    })
}

/// Checks that the two columns that name the protocol, or the compression, name the same. A name
/// that this version does not know is not checked.
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
    within("quantile", quantile, 0.0, 1.0)
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

/// Checks that a value is a finite number from `least` to `most`; `NaN` and `inf` also parse as
/// numbers.
fn within(
    column: &'static str,
    value: f64,
    least: f64,
    most: f64,
) -> Option<(&'static str, String)> {
    let fine = value.is_finite() && (least..=most).contains(&value);
    let words = |bound: f64| {
        if bound.abs() < MOST {
            bound.to_string()
        } else {
            format!("{bound:e}")
        }
    };
    (!fine).then(|| {
        let (least, most) = (words(least), words(most));
        let why = format!("is {value}; it must be a number from {least} to {most}");
        (column, why)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::Shape;

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
        let [_, _, low, high] = SIGNED.map(Some);
        assert_eq!(of(2.0, 1.0), high);
        assert_eq!(of(f64::NAN, 1.0), low);
        assert_eq!(of(0.0, f64::INFINITY), high);
    }

    /// Reads a row that has `value` in `column`, and nothing or 0 in all others.
    fn row_with(column: &str, value: &str) -> RunRow {
        let fields = RunRow::fields();
        let texts = fields.columns.iter().map(|name| match fields.shape(name) {
            _ if *name == column => value,
            _ if fields.is_optional(name) => "",
            Some(Shape::Truth) => "false",
            Some(Shape::Count | Shape::Fraction) => "0",
            Some(Shape::Word) | None => "",
        });
        let record: csv::StringRecord = texts.collect();
        let header: csv::StringRecord = fields.columns.iter().collect();
        record.deserialize(Some(&header)).expect("a row")
    }

    /// Checks every column of fractions that the struct has, whether or not it is named here.
    #[test]
    fn a_column_of_fractions_refuses_what_is_no_amount() {
        let columns = &RunRow::fields().fractions;
        for named in SHARES.iter().chain(&SIGNED) {
            assert!(columns.contains(named), "{named} is no column");
        }
        for &column in columns {
            let told = |value: &str| row_with(column, value).impossible().map(|told| told.0);
            assert_eq!(told("0.5"), None, "{column}");
            for value in ["NaN", "inf", "-inf", "1e16"] {
                assert_eq!(told(value), Some(column), "{column} {value}");
            }
            let is_signed = SIGNED.contains(&column);
            assert_eq!(told("-3"), (!is_signed).then_some(column), "{column} -3");
            let is_share = SHARES.contains(&column);
            assert_eq!(told("1.5"), is_share.then_some(column), "{column} 1.5");
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
