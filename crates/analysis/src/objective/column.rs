//! The figure that an objective is about: one of the registry, or else a column of `runs.csv`.

use super::error::{ObjectiveError, alike};
use crate::{
    metric::{self, Better, Metric},
    unit::Unit,
};
use results::{RunRow, fields};

/// A figure of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The name as written in the key: `p99` or `p99_us`.
    pub name: String,
    /// The unit of its values.
    pub unit: Unit,
    /// The direction in which it is better.
    pub better: Better,
    source: Source,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Source {
    /// A figure of the registry, computed as tables and charts compute it.
    Metric(&'static Metric),
    /// A column as it is.
    Column(&'static str),
}

/// The columns that count faults.
const FAULTS: [&str; 5] = ["valid", "lost", "duplicated", "reordered", "missed"];

impl Column {
    /// Finds a figure by its key, or a column by its name, with or without the unit of time at its
    /// end.
    pub(super) fn find(name: &str, key: &str) -> Result<Self, ObjectiveError> {
        if let Some(metric) = metric::all().find(|one| one.key == name || short(one.key) == name) {
            return Ok(Self {
                name: name.to_owned(),
                unit: metric.unit,
                better: metric.better,
                source: Source::Metric(metric),
            });
        }
        let column = numbers().find(|(column, _)| *column == name || short(column) == name);
        let Some((column, unit)) = column else {
            if fields::of::<RunRow>().shape(name).is_some() {
                return Err(ObjectiveError::Text {
                    key: key.to_owned(),
                    name: name.to_owned(),
                });
            }
            return Err(ObjectiveError::Column {
                key: key.to_owned(),
                name: name.to_owned(),
                nearest: alike(name, spellings().iter().map(String::as_str)).map(str::to_owned),
            });
        };
        // The registry knows the direction also of a column that is named with its unit.
        let known = metric::of_column(column);
        Ok(Self {
            name: name.to_owned(),
            unit,
            better: known.map_or_else(|| direction(column, unit), |metric| metric.better),
            source: Source::Column(column),
        })
    }

    /// Returns whether the name contains the unit, so that a bound needs none.
    pub(super) fn says_unit(&self) -> bool {
        numbers().any(|(column, _)| column == self.name)
    }

    /// Returns whether a run that may not be believed can still prove that a bound on this column
    /// is missed, because the column counts faults such as losses.
    pub(super) fn counts_faults(&self) -> bool {
        matches!(self.source, Source::Column(column) if FAULTS.contains(&column))
    }

    /// Returns the figure of a run, or `None` if the run does not report it.
    #[must_use]
    pub fn value(&self, run: &RunRow) -> Option<f64> {
        match self.source {
            Source::Metric(metric) => (metric.metric)(run),
            Source::Column(column) => fields::number(run, column),
        }
    }

    /// Returns a value of this column in words.
    #[must_use]
    pub fn show(&self, value: f64) -> String {
        self.unit.show(value)
    }
}

/// Returns the direction of a column that no figure of the registry describes: the fewer faults and
/// the less time, the better.
fn direction(column: &str, unit: Unit) -> Better {
    match column {
        "valid" => Better::More,
        _ if unit.is_time() || FAULTS.contains(&column) => Better::Less,
        _ => Better::Neither,
    }
}

/// Returns the columns that hold numbers, with their units.
fn numbers() -> impl Iterator<Item = (&'static str, Unit)> {
    let columns = fields::of::<RunRow>().columns.iter().copied();
    columns.filter_map(|column| Some((column, metric::unit_of_column(column)?)))
}

/// Removes the unit from a name: `p99_us` becomes `p99`, and `swarm_cpu_us_per_delivery` becomes
/// `swarm_cpu_per_delivery`.
fn short(column: &str) -> String {
    let ends = ["_us", "_ms"]
        .iter()
        .find_map(|unit| column.strip_suffix(unit));
    ends.map_or_else(|| column.replace("_us_per_", "_per_"), str::to_owned)
}

/// Returns all names that a key may end with.
fn spellings() -> Vec<String> {
    let figures = metric::all().map(|metric| metric.key.to_owned());
    numbers()
        .map(|(column, _)| short(column))
        .chain(figures)
        .collect()
}
