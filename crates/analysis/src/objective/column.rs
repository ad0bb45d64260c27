//! The figure that an objective is about: a column of `runs.csv`, or one divided by the deliveries.

use super::error::{ObjectiveError, nearest};
use crate::unit;
use results::{
    RunRow,
    fields::{self, Shape},
};

/// The kind of a column's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A time, in microseconds.
    Micros,
    /// A time, in milliseconds.
    Millis,
    /// A number of bytes.
    Bytes,
    /// A truth value: 1 for true, 0 for false.
    Truth,
    /// A count.
    Count,
    /// A share, from 0 to 1.
    Share,
    /// A plain number, possibly with a fraction.
    Plain,
}

/// A figure of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The name as written in the key: `p99` or `p99_us`.
    pub name: String,
    /// The kind of its numbers.
    pub kind: Kind,
    source: Source,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Source {
    /// A column as it is.
    Whole(&'static str),
    /// A sum of columns, divided by the deliveries.
    PerDelivery(&'static [&'static str]),
}

/// The frequently used figures that are not columns: sums of columns for each delivery.
const PER_DELIVERY: [(&str, &[&str]); 5] = [
    ("bytes_per_delivery", &["bytes_up", "bytes_down"]),
    ("bytes_up_per_delivery", &["bytes_up"]),
    ("bytes_down_per_delivery", &["bytes_down"]),
    ("exchanges_per_delivery", &["exchanges"]),
    (
        "server_wakeups_per_delivery",
        &["server_voluntary_switches"],
    ),
];

impl Column {
    /// Finds a column by its name, with or without the unit at its end.
    pub(super) fn find(name: &str, key: &str) -> Result<Self, ObjectiveError> {
        let per_delivery = PER_DELIVERY.iter().find(|(known, _)| *known == name);
        let source = match (per_delivery, whole(name)) {
            (Some((_, columns)), _) => Source::PerDelivery(columns),
            (None, Some(column)) => Source::Whole(column),
            (None, None) => {
                return Err(ObjectiveError::Column {
                    key: key.to_owned(),
                    name: name.to_owned(),
                    nearest: nearest(name, spellings().iter().map(String::as_str)),
                });
            }
        };
        let full = match source {
            Source::Whole(column) => column,
            Source::PerDelivery(_) => name,
        };
        Ok(Self {
            name: name.to_owned(),
            kind: Kind::of(full),
            source,
        })
    }

    /// Returns whether the name contains the unit, so that a bound needs none.
    pub(super) fn says_unit(&self) -> bool {
        self.source == Source::Whole(whole(&self.name).unwrap_or_default())
            && whole(&self.name) == Some(self.name.as_str())
    }

    /// Returns whether the column is a share of a whole, which is at most 1.
    pub(super) fn is_at_most_one(&self) -> bool {
        matches!(
            self.source,
            Source::Whole(
                "coherence"
                    | "last_same_share"
                    | "generator_wait_share"
                    | "machine_steal_share"
                    | "machine_pressure_share"
            )
        )
    }

    /// Returns whether the column is a rate for each second.
    pub(super) fn is_rate(&self) -> bool {
        matches!(self.source, Source::Whole(column) if column.ends_with("_per_s"))
    }

    /// Returns whether a run that may not be believed can still prove that a bound on this column
    /// is missed, because the column counts faults such as losses.
    pub(super) fn counts_faults(&self) -> bool {
        matches!(
            self.source,
            Source::Whole("valid" | "lost" | "duplicated" | "reordered" | "missed")
        )
    }

    /// Returns the figure of a run, or `None` if the run does not report it.
    #[must_use]
    pub fn value(&self, run: &RunRow) -> Option<f64> {
        match self.source {
            Source::Whole(column) => fields::number(run, column),
            Source::PerDelivery(columns) => {
                let sum: Option<f64> = columns
                    .iter()
                    .map(|column| fields::number(run, column))
                    .sum();
                (run.delivered > 0).then_some(sum? / run.delivered as f64)
            }
        }
    }

    /// Returns a value of this column in words.
    #[must_use]
    pub fn show(&self, value: f64) -> String {
        match self.kind {
            Kind::Micros => unit::latency(value),
            Kind::Millis => unit::latency(value * 1e3),
            Kind::Bytes => unit::bytes(value),
            Kind::Share => unit::percent(value),
            Kind::Truth | Kind::Count | Kind::Plain => unit::count(value),
        }
    }
}

impl Kind {
    /// Returns the kind of a column's numbers. The type of the field determines whether they are
    /// fractions or truth values; the name of the column determines the unit, by the rule of
    /// [`RunRow`].
    fn of(column: &str) -> Self {
        let shape = fields::of::<RunRow>().shape(column);
        if shape == Some(Shape::Truth) {
            Self::Truth
        } else if column.contains("bytes") {
            Self::Bytes
        } else if column.ends_with("_ms") {
            Self::Millis
        } else if column.ends_with("_us") || column.contains("_us_per_") {
            Self::Micros
        } else if column == "coherence" || column.ends_with("_share") {
            Self::Share
        } else if shape == Some(Shape::Count) {
            Self::Count
        } else {
            Self::Plain
        }
    }
}

fn numbers() -> impl Iterator<Item = &'static str> {
    let fields = fields::of::<RunRow>();
    let named = fields.columns.iter().copied();
    named.filter(|column| fields.shape(column) != Some(Shape::Word))
}

/// Returns the column of that name, or of that name and a unit.
fn whole(name: &str) -> Option<&'static str> {
    numbers().find(|column| *column == name || short(column) == name)
}

/// Removes the unit from a name: `p99_us` becomes `p99`, and `server_cpu_us_per_delivery` becomes
/// `server_cpu_per_delivery`.
fn short(column: &str) -> String {
    let ends = ["_us", "_ms"]
        .iter()
        .find_map(|unit| column.strip_suffix(unit));
    ends.map_or_else(|| column.replace("_us_per_", "_per_"), str::to_owned)
}

/// Returns all names that a key may end with.
fn spellings() -> Vec<String> {
    let derived = PER_DELIVERY.iter().map(|(name, _)| (*name).to_owned());
    numbers().map(short).chain(derived).collect()
}
