//! The check that a run's row agrees with the rows of its seconds. Both cover the same window, so
//! every quantity that both contain must be the same.

use results::{RunRow, row::TimelineRow};

/// Returns the differences between `row` and `timeline`, in words. There are none without a
/// timeline, as in a run that never reached its window.
pub(super) fn differences(
    row: &RunRow,
    cpu_us: Option<u64>,
    timeline: &[TimelineRow],
) -> Vec<String> {
    if timeline.is_empty() {
        return Vec::new();
    }
    let sum = |of: fn(&TimelineRow) -> Option<u64>| timeline.iter().map(of).sum::<Option<u64>>();
    let pairs = [
        (
            "deliveries",
            Some(row.delivered),
            sum(|second| Some(second.delivered)),
        ),
        (
            "bytes up",
            Some(row.bytes_up),
            sum(|second| Some(second.bytes_up)),
        ),
        (
            "bytes down",
            Some(row.bytes_down),
            sum(|second| Some(second.bytes_down)),
        ),
        (
            "microseconds of server CPU",
            cpu_us,
            sum(|second| second.server_cpu_us),
        ),
    ];
    let differs = |(what, whole, seconds): (&str, Option<u64>, Option<u64>)| {
        let (whole, seconds) = whole.zip(seconds)?;
        let words = format!("{whole} {what} in the window and {seconds} in its seconds");
        (whole != seconds).then_some(words)
    };
    pairs.into_iter().filter_map(differs).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(delivered: u64, cpu: u64) -> TimelineRow {
        TimelineRow {
            transport: String::new(),
            variant: String::new(),
            cell: String::new(),
            repeat: 1,
            second: 0,
            delivered,
            p50_us: None,
            p99_us: None,
            bytes_up: 3,
            bytes_down: 50,
            server_cpu_us: Some(cpu),
            server_rss_bytes: None,
            connected: None,
            connections: None,
        }
    }

    #[test]
    fn each_quantity_is_held_against_its_seconds() {
        let row = RunRow {
            delivered: 30,
            bytes_up: 6,
            bytes_down: 100,
            ..RunRow::default()
        };
        let seconds = [second(10, 700), second(20, 41)];
        assert!(differences(&row, Some(741), &seconds).is_empty());
        let found = differences(&row, Some(1_741), &seconds);
        assert_eq!(
            found,
            ["1741 microseconds of server CPU in the window and 741 in its seconds"]
        );
        let spoiled = RunRow {
            delivered: 31,
            bytes_up: 7,
            bytes_down: 99,
            ..RunRow::default()
        };
        assert_eq!(differences(&spoiled, None, &seconds).len(), 3);
        assert!(differences(&spoiled, None, &[]).is_empty());
    }
}
