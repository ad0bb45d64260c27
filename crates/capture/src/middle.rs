//! The median of times, as it is reported.

use std::time::Duration;

/// Returns the median: of an even number of times the mean of the two in the middle.
pub(crate) fn median(mut times: Vec<Duration>) -> Option<Duration> {
    times.sort_unstable();
    let upper = *times.get(times.len() / 2)?;
    let lower = times[(times.len() - 1) / 2];
    // The sum of two times of a damaged file may be more than a duration holds.
    Some(lower + upper.saturating_sub(lower) / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_an_even_number_the_median_is_between_the_two_in_the_middle() {
        let of = |seconds: &[u64]| {
            let times = seconds.iter().map(|seconds| Duration::from_secs(*seconds));
            median(times.collect())
        };
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[7]), Some(Duration::from_secs(7)));
        assert_eq!(of(&[9, 1, 3]), Some(Duration::from_secs(3)));
        assert_eq!(of(&[9, 1, 4, 3]), Some(Duration::from_millis(3_500)));
        let most = u64::MAX;
        assert_eq!(of(&[most, most]), Some(Duration::from_secs(most)));
    }
}
