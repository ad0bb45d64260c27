//! `[churn]`: readers that leave in the course of a run and come again.

use std::{fmt, time::Duration};

use humantime_serde::re::humantime::format_duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wire::Way;

use crate::plan::Variant;

/// `[churn]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Churn {
    /// Departures in a second, of all readers together, at random moments of *measure*.
    pub rate: f64,
    /// Share of the readers who leave and come again, from 0 to 1. Default 1.
    #[serde(default = "one")]
    pub share: f64,
    /// Mean time for which a reader is away; each time is anything from 0 to twice that. Default
    /// 2s.
    #[serde(with = "humantime_serde", default = "two_seconds")]
    #[schemars(with = "String")]
    pub away: Duration,
    /// True if a reader comes again over another of the five plain ways, drawn at random. Default
    /// false.
    #[serde(default)]
    pub changes: bool,
}

impl Churn {
    /// Returns the longest time for which a reader is away.
    #[must_use]
    pub const fn longest(&self) -> Duration {
        self.away.saturating_mul(2)
    }

    /// Returns the ways over which a reader may come again that read over `way`, each with the
    /// parameters that a scenario gets without saying more.
    pub fn other_ways(way: Way) -> impl Iterator<Item = Variant> {
        let others = Way::ALL.into_iter().filter(move |other| *other != way);
        others.map(Variant::usual)
    }
}

/// The word of the `churn` column: `5/s away 2s`, `5/s away 2s share 0.3 changing ways`.
impl fmt::Display for Churn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let away = format_duration(self.away);
        write!(formatter, "{}/s away {away}", self.rate)?;
        if self.share < 1.0 {
            write!(formatter, " share {}", self.share)?;
        }
        if self.changes {
            formatter.write_str(" changing ways")?;
        }
        Ok(())
    }
}

const fn one() -> f64 {
    1.0
}

const fn two_seconds() -> Duration {
    Duration::from_secs(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_may_come_again_over_every_way_but_its_own() {
        for way in Way::ALL {
            let others: Vec<Way> = Churn::other_ways(way).map(|other| other.way()).collect();
            assert_eq!(others.len(), Way::ALL.len() - 1);
            assert!(!others.contains(&way), "{way}");
        }
    }

    #[test]
    fn the_column_says_what_was_done() {
        let mut churn = Churn {
            rate: 0.5,
            share: 1.0,
            away: Duration::from_secs(2),
            changes: false,
        };
        assert_eq!(churn.to_string(), "0.5/s away 2s");
        (churn.share, churn.changes) = (0.3, true);
        assert_eq!(churn.to_string(), "0.5/s away 2s share 0.3 changing ways");
        assert_eq!(churn.longest(), Duration::from_secs(4));
    }
}
