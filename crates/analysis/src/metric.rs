//! The figures of a run: one list for tables, charts, pages, comparisons of runs and crossing
//! points, so that all of them use the same definitions.

mod list;
pub mod of;

pub use list::*;

use results::RunRow;

use crate::chance::Sample;

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
    /// The function that computes the figure.
    pub metric: Of,
    /// The function that formats a value, with its unit.
    pub show: fn(f64) -> String,
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

impl Metric {
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
    use super::*;

    fn all() -> impl Iterator<Item = &'static Metric> {
        let groups: [&[&Metric]; 8] = [
            &LOOKED_AT,
            &TABLE,
            &COMPARED,
            &CROSSED,
            &RECEIVERS,
            &GENERATOR,
            &OF_LATENCY,
            &CONNECTION,
        ];
        groups.into_iter().flatten().copied()
    }

    /// Two figures with one key would be mistaken for one.
    #[test]
    fn a_key_is_one_figure() {
        for one in all() {
            for other in all().filter(|other| other.key == one.key) {
                assert_eq!(
                    (one.name, one.short),
                    (other.name, other.short),
                    "{}",
                    one.key
                );
            }
        }
    }

    /// The smallest value is marked as the best, so less must be better for every column of the
    /// table.
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
