//! The form in which an outcome goes from one process to another: histograms as values and their
//! counts, ledgers as accounts. Nothing is rounded: what is read is what was written.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// A histogram as its bounds, and each value with the number of times that it was recorded.
pub(super) mod counted {
    use hdrhistogram::Histogram;

    use super::{Deserialize, Deserializer, Error, Serialize, Serializer};

    /// The most significant digits of a histogram here; more would take much memory.
    const MOST_DIGITS: u8 = 3;

    #[derive(Serialize, Deserialize)]
    struct Counted {
        low: u64,
        high: u64,
        digits: u8,
        counts: Vec<(u64, u64)>,
    }

    /// Writes a histogram.
    pub(crate) fn serialize<S: Serializer>(
        histogram: &Histogram<u64>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let recorded = histogram.iter_recorded();
        let counted = Counted {
            low: histogram.low(),
            high: histogram.high(),
            digits: histogram.sigfig(),
            counts: recorded
                .map(|value| (value.value_iterated_to(), value.count_at_value()))
                .collect(),
        };
        counted.serialize(serializer)
    }

    /// Reads a histogram.
    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Histogram<u64>, D::Error> {
        let counted = Counted::deserialize(deserializer)?;
        let digits = counted.digits.min(MOST_DIGITS);
        let mut histogram = Histogram::new_with_bounds(counted.low, counted.high, digits)
            .map_err(|error| D::Error::custom(format!("no histogram: {error}")))?;
        for (value, count) in counted.counts {
            histogram
                .record_n(value, count)
                .map_err(|error| D::Error::custom(format!("no value of it: {error}")))?;
        }
        Ok(histogram)
    }
}

/// A ledger as the accounts that hold something.
pub(super) mod accounts {
    use dissect::{Amount, Direction, Layer, Ledger, Purpose};

    use super::{Deserialize, Deserializer, Serialize, Serializer};

    type Account = (Direction, Purpose, Layer, u64, u64);

    /// Writes a ledger.
    pub(crate) fn serialize<S: Serializer>(
        ledger: &Ledger,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let entries = ledger.iter().map(|entry| {
            let amount = entry.amount;
            (
                entry.direction,
                entry.purpose,
                entry.layer,
                amount.bytes,
                amount.count,
            )
        });
        entries.collect::<Vec<Account>>().serialize(serializer)
    }

    /// Reads a ledger.
    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Ledger, D::Error> {
        let mut ledger = Ledger::new();
        for (direction, purpose, layer, bytes, count) in Vec::<Account>::deserialize(deserializer)?
        {
            ledger.enter(direction, purpose, layer, Amount { bytes, count });
        }
        Ok(ledger)
    }
}

/// A suite of TLS as the version, and whether the cipher is `ChaCha20`.
pub(super) mod suite {
    use tls::Suite;

    use super::{Deserialize, Deserializer, Error, Serialize, Serializer};

    /// Writes a suite.
    #[expect(
        clippy::ref_option,
        clippy::trivially_copy_pass_by_ref,
        reason = "serde's signature"
    )]
    pub(crate) fn serialize<S: Serializer>(
        suite: &Option<Suite>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let told = suite.map(|suite| (suite.version.to_string(), suite.is_chacha));
        told.serialize(serializer)
    }

    /// Reads a suite.
    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Suite>, D::Error> {
        let told = Option::<(String, bool)>::deserialize(deserializer)?;
        let Some((version, is_chacha)) = told else {
            return Ok(None);
        };
        let version = version.parse().map_err(D::Error::custom)?;
        Ok(Some(Suite { version, is_chacha }))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use dissect::{Amount, Direction, Layer, Purpose};
    use hdrhistogram::Histogram;

    use crate::outcome::{DraftAudit, Ending, Outcome, Waits};

    /// Values over the whole range of what a run's histograms tell apart.
    fn values() -> impl Iterator<Item = u64> {
        (0..4_000_u64).map(|n| 1_000 + n * n * 3_701)
    }

    #[test]
    fn an_outcome_is_read_as_it_was_written() {
        let mut outcome = Outcome::empty();
        for value in values() {
            outcome.due.saturating_record_n(value, value % 7);
        }
        outcome.due.saturating_record(u64::MAX);
        let amount = Amount {
            bytes: 77,
            count: 3,
        };
        outcome
            .ledger
            .enter(Direction::Up, Purpose::Say, Layer::Payload, amount);
        outcome.window = Duration::from_nanos(12_345_678_901);
        outcome.failures.insert("kind".to_owned(), 2);
        outcome.altered = 5;
        outcome.ended_early = Some(Ending::Interrupted);
        outcome.suite = Some(tls::Suite {
            version: tls::Version::V1_3,
            is_chacha: true,
        });
        outcome.audit = Some(DraftAudit {
            heard: vec![3, 0],
            said: vec![true, false],
        });
        let mut times = Waits::default();
        times.add(-7, 2);
        times.add(1_000_000, 5);
        outcome.crossed.insert(3, times);
        let text = serde_json::to_string(&outcome).unwrap();
        let read: Outcome = serde_json::from_str(&text).unwrap();
        assert_eq!(read.due, outcome.due);
        assert_eq!(
            (read.due.max(), read.due.min()),
            (outcome.due.max(), outcome.due.min())
        );
        assert_eq!(read.due.mean().to_bits(), outcome.due.mean().to_bits());
        assert_eq!(read.due.stdev().to_bits(), outcome.due.stdev().to_bits());
        assert_eq!((read.ledger, read.window), (outcome.ledger, outcome.window));
        assert_eq!((read.suite, read.audit), (outcome.suite, outcome.audit));
        assert_eq!(read.failures, outcome.failures);
        assert_eq!(read.altered, outcome.altered);
        assert_eq!(read.ended_early, outcome.ended_early);
        assert_eq!(read.crossed, outcome.crossed);
        assert!(read.sent.is_empty());
    }

    #[test]
    fn an_outcome_of_an_older_version_has_no_gaps() {
        let mut outcome = Outcome::empty();
        outcome.gaps.saturating_record(7_000);
        outcome.due.saturating_record(9_000);
        let mut kept = serde_json::to_value(&outcome).unwrap();
        let fields = kept.as_object_mut().unwrap();
        for field in ["gaps", "first_delivery"] {
            assert!(fields.remove(field).is_some(), "{field}");
        }
        let read: Outcome = serde_json::from_value(kept).unwrap();
        assert!(read.gaps.is_empty() && read.first_delivery.is_empty());
        assert_eq!(read.due, outcome.due);
    }

    #[test]
    fn spoiled_histograms_are_refused() {
        let read = |text: &str| {
            let mut reader = serde_json::Deserializer::from_str(text);
            super::counted::deserialize(&mut reader).map(|read: Histogram<u64>| read.len())
        };
        let whole = r#"{"low":1000,"high":60000000000,"digits":3,"counts":[[5000,2],[7000,1]]}"#;
        assert_eq!(read(whole).unwrap(), 3);
        for (from, to) in [
            ("60000000000", "1"),
            ("[7000,1]", "[700000000000000,1]"),
            ("[7000,1]", "[7000]"),
            ("\"digits\":3,", ""),
        ] {
            assert!(read(&whole.replace(from, to)).is_err(), "{to}");
        }
    }
}
