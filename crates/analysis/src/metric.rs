//! The figures of a run: one list for tables, charts, pages, comparisons of runs and crossing
//! points, so that all of them use the same definitions.

mod list;
pub mod of;

pub use list::*;

use results::{RunRow, fields};

use crate::{chance::Sample, unit::Unit};

/// A function that computes a number from the row of a run; `None` if the row does not contain it.
pub type Of = fn(&RunRow) -> Option<f64>;

/// A figure of a run.
#[derive(Debug)]
pub struct Metric {
    /// The name in files: `p99`, `bytes_per_delivery`.
    pub key: &'static str,
    /// The name for readers.
    pub name: &'static str,
    /// The name for the head of a narrow column.
    pub short: &'static str,
    /// The unit of the values, which also decides how they are written.
    pub unit: Unit,
    /// The function that computes the figure.
    pub metric: Of,
    /// The direction in which the figure is better.
    pub better: Better,
    /// The column in the table; `None` if it has none.
    pub column: Option<Column>,
}

/// The direction in which a figure is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Better {
    /// Less of it is better.
    Less,
    /// More of it is better.
    More,
    /// Neither is better: the figure only describes a run.
    Neither,
}

/// The column of a figure in a table whose heads contain the units.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// The head of the column.
    pub head: &'static str,
    /// The unit, which is shown below the head.
    pub unit: &'static str,
    /// The size of the column's unit in the unit of the figure.
    pub scale: f64,
}

/// Returns the figure that a column of `runs.csv` holds: it has the name of the column, without the
/// unit of time at its end.
#[must_use]
pub fn of_column(column: &str) -> Option<&'static Metric> {
    let is_of = |key: &str| {
        let rest = column.strip_prefix(key);
        matches!(rest, Some("" | "_us" | "_ms"))
    };
    all().find(|metric| is_of(metric.key))
}

/// Returns the unit of a column of `runs.csv`, or `None` for a text and for an unknown column. A
/// column of time is named by its unit, which may be coarser than that of its figure; the unit of any
/// other is that of its figure, if it has one.
#[must_use]
pub fn unit_of_column(column: &str) -> Option<Unit> {
    let named = Unit::of_name(column, fields::of::<RunRow>().shape(column)?)?;
    let figure = of_column(column).filter(|_| !named.is_time());
    Some(figure.map_or(named, |figure| figure.unit))
}

/// Two figures are the same if they have the same key.
impl PartialEq for Metric {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for Metric {}

impl Metric {
    /// Returns a value with its unit.
    #[must_use]
    pub fn show(&self, value: f64) -> String {
        self.unit.show(value)
    }

    /// Returns the values of these runs that have one, each with its sitting; rows without a
    /// sitting belong to a single one.
    #[must_use]
    pub fn sample(&self, runs: &[&RunRow]) -> Sample {
        let value = |run: &&RunRow| Some((run.sitting.unwrap_or(0), (self.metric)(run)?));
        Sample::of(runs.iter().filter_map(value))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn shown() -> impl Iterator<Item = &'static Metric> {
        let groups: [&[&Metric]; 15] = [
            &LOOKED_AT,
            &TABLE,
            &COMPARED,
            &CROSSED,
            &RECEIVERS,
            &GENERATOR,
            &OF_LATENCY,
            &CONNECTION,
            &PACKED,
            &COMEBACKS,
            &PROXY,
            &BROKER,
            &PACE,
            &AGENT,
            &CROSS_SHARD,
        ];
        groups.into_iter().flatten().copied()
    }

    /// Checks that no two figures have one key, by which they would be mistaken for one.
    #[test]
    fn a_key_is_one_figure() {
        let keys: BTreeSet<_> = all().map(|metric| metric.key).collect();
        assert_eq!(keys.len(), all().count());
        for one in shown() {
            let listed = all().find(|other| other.key == one.key).expect(one.key);
            assert_eq!((listed.name, listed.short), (one.name, one.short));
        }
    }

    /// Checks that the registry does not contradict the file, which names its columns by their
    /// units.
    #[test]
    fn a_figure_has_the_unit_that_its_column_is_named_by() {
        let fields = fields::of::<RunRow>();
        let mut compared = 0;
        for (column, metric) in fields
            .columns
            .iter()
            .filter_map(|column| Some((column, of_column(column)?)))
        {
            let shape = fields.shape(column).expect("a column has a shape");
            let named = Unit::of_name(column, shape).expect("a figure is no text");
            assert_eq!(named.is_time(), metric.unit.is_time(), "{column}");
            assert!(
                named.is_time() || named.name() == metric.unit.name(),
                "{column}"
            );
            compared += 1;
        }
        assert!(compared > 25, "only {compared} columns have a figure");
    }

    /// Checks that less is better for every column of the table, whose smallest value is marked as
    /// the best.
    #[test]
    fn what_is_ranked_is_the_better_the_less() {
        for metric in LOOKED_AT {
            assert_eq!(metric.better, Better::Less, "{}", metric.key);
        }
        for metric in TABLE {
            assert!(
                LOOKED_AT
                    .iter()
                    .any(|looked_at| looked_at.key == metric.key)
            );
            assert!(metric.column.is_some(), "{}", metric.key);
        }
        assert_eq!(COHERENCE.better, Better::More);
    }
}
