//! The figures of a run: one list for tables, charts, pages, comparisons of runs and
//! crossing points, so that all of them speak of the same.

mod list;
pub mod of;

pub use list::*;

use results::RunRow;

use crate::chance::Sample;

/// A number that one run yields; nothing where the run cannot say.
pub type Of = fn(&RunRow) -> Option<f64>;

/// A figure of a run.
#[derive(Debug)]
pub struct Metric {
    /// Its name in files: `p99`, `bytes_per_delivery`.
    pub key: &'static str,
    /// What a reader calls it.
    pub name: &'static str,
    /// The same for the head of a narrow column.
    pub short: &'static str,
    /// Where it comes from.
    pub metric: Of,
    /// A value in words, with its unit.
    pub show: fn(f64) -> String,
    /// Which way is better.
    pub better: Better,
    /// Its column in the table; nothing where it has none.
    pub column: Option<Column>,
}

/// Which way is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Better {
    /// Less of it is better.
    Less,
    /// More of it is better.
    More,
    /// Neither: it only says how something was done.
    Neither,
}

/// How a figure stands in a table whose heads say the unit.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// The head.
    pub head: &'static str,
    /// The unit below it.
    pub unit: &'static str,
    /// What one of the unit is in the figure.
    pub scale: f64,
}

impl Metric {
    /// Returns the values of these runs that have one, each with its sitting; rows that name no
    /// sitting are of one.
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

    /// Two figures of one key would be told as one.
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

    /// A best is marked by the least value, and every column of the table can have one.
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
