//! Latency between parts: a draft was due by the calendar clock of one part, and heard by that of
//! another.

use std::collections::BTreeMap;

use crate::{
    outcome::{ByClocks, CrossShard, Outcome, Waits},
    part::Part,
};

/// The calendar clock of one part, in nanoseconds.
#[derive(Debug, Clone, Copy)]
struct Calendar {
    /// The time at which *settle* began.
    began: i64,
    /// The largest error of that time.
    error: i64,
}

impl Calendar {
    /// Returns the clock of a part that began and states an error. A clock that was set in the course
    /// of the run is wrong by as much.
    fn of(outcome: &Outcome) -> Option<Self> {
        let error = outcome.clock_error?.saturating_add(outcome.clock_moved);
        Some(Self {
            began: outcome.began_unix_ns?.cast_signed(),
            error: i64::try_from(error.as_nanos()).unwrap_or(i64::MAX),
        })
    }
}

/// Returns the deliveries between parts; `None` where there is one part.
pub(super) fn cross_shard(parts: &[(Part, Outcome)]) -> Option<CrossShard> {
    let crossed = parts
        .iter()
        .flat_map(|(_, outcome)| outcome.crossed.values());
    (parts.len() > 1).then(|| CrossShard {
        deliveries: crossed.map(Waits::count).sum(),
        latency: by_clocks(parts),
    })
}

/// Returns the latency of those deliveries, if each part states the error of its clock. Times count
/// from the beginning of the reader's part; a draft was due by that of its sender's.
fn by_clocks(parts: &[(Part, Outcome)]) -> Option<ByClocks> {
    let mut calendars = BTreeMap::new();
    for (part, outcome) in parts {
        calendars.insert(part.number(), Calendar::of(outcome)?);
    }
    let mut latency = ByClocks::default();
    for (part, outcome) in parts {
        let own = calendars.get(&part.number())?;
        for (sender, times) in &outcome.crossed {
            let other = calendars.get(sender)?;
            let later = own.began.saturating_sub(other.began);
            latency.add(times, later, own.error.saturating_add(other.error));
        }
    }
    Some(latency)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const MS: i64 = 1_000_000;
    const BEGAN: u64 = 1_700_000_000_000_000_000;

    /// Makes two parts whose clocks are off by at most 1 ms and 2 ms. The first hears drafts of the
    /// second after 10, 20, ... 100 ms, the second those of the first after 5 ms each.
    fn parts() -> Vec<(Part, Outcome)> {
        let part = |part: Part| {
            let mut outcome = Outcome::empty();
            outcome.began_unix_ns = Some(BEGAN);
            outcome.clock_error = Some(Duration::from_millis(part.number() as u64));
            let mut times = Waits::default();
            for place in 1..=10 {
                let wait = if part.number() == 1 { place * 10 } else { 5 };
                times.add(wait * MS, 1);
            }
            outcome.crossed.insert(3 - part.number(), times);
            (part, outcome)
        };
        Part::all(2).map(part).collect()
    }

    /// Asserts that a time is `ms` milliseconds, but for what rounding adds to the error.
    #[track_caller]
    fn near(found: Option<i64>, ms: i64) {
        let found = found.expect("a time");
        assert!((found - ms * MS).abs() < MS / 5, "{found} {ms}");
    }

    fn latency(parts: &[(Part, Outcome)]) -> ByClocks {
        cross_shard(parts)
            .and_then(|told| told.latency)
            .expect("clocks")
    }

    #[test]
    fn an_interval_is_as_wide_as_both_errors() {
        let told = latency(&parts());
        near(told.low.at(0.5), 5 - 3);
        near(told.high.at(0.5), 5 + 3);
        near(told.low.at(0.9), 80 - 3);
        near(told.high.at(0.9), 80 + 3);
        assert_eq!((told.low.count(), told.negative), (20, 0));
    }

    #[test]
    fn a_clock_that_is_ahead_shifts_what_is_heard_by_it_and_nothing_is_clamped() {
        let mut parts = parts();
        parts[1].1.began_unix_ns = Some(BEGAN + 30_000_000);
        let told = latency(&parts);
        // 35 ms ten times, and -20, -10, ... 70 ms.
        near(told.low.at(0.05), -20 - 3);
        near(told.high.at(0.05), -20 + 3);
        near(told.low.at(0.5), 35 - 3);
        near(told.high.at(0.9), 50 + 3);
        assert_eq!(told.negative, 2);
        parts[1].1.clock_moved = Duration::from_millis(40);
        let told = latency(&parts);
        near(told.low.at(0.5), 35 - 43);
        near(told.high.at(0.5), 35 + 43);
        assert_eq!(told.negative, 2);
    }

    #[test]
    fn without_a_stated_error_only_the_number_is_told() {
        let mut parts = parts();
        parts[0].1.clock_error = None;
        let told = cross_shard(&parts).expect("two parts");
        assert_eq!((told.deliveries, told.latency), (20, None));
        assert_eq!(cross_shard(&parts[..1]), None);
    }
}
