//! The comparison of tokens.

/// Compares in constant time, so that the duration does not reveal how far the two agree.
pub(crate) fn same(given: &str, right: &str) -> bool {
    let differences = given.bytes().zip(right.bytes()).map(|(a, b)| a ^ b);
    given.len() == right.len() && differences.fold(0, |all, one| all | one) == 0
}

#[cfg(test)]
mod tests {
    use std::{
        hint::black_box,
        time::{Duration, Instant},
    };

    use super::*;

    #[test]
    fn only_the_very_token_is_the_same() {
        assert!(same("a-token", "a-token") && same("", ""));
        for other in ["", "a-toke", "a-tokem", "b-token", "a-token1", "A-token"] {
            assert!(
                !same(other, "a-token") && !same("a-token", other),
                "{other}"
            );
        }
    }

    /// Returns the shortest of many times that it takes to compare these.
    fn takes(compare: fn(&str, &str) -> bool, given: &str, right: &str) -> Duration {
        let once = || {
            let began = Instant::now();
            for _ in 0..5 {
                black_box(compare(black_box(given), black_box(right)));
            }
            began.elapsed()
        };
        (0..100).map(|_| once()).min().unwrap_or_default()
    }

    /// Checks that it takes as long for a token that is wrong at once as for one that is wrong at
    /// its end. The comparison of texts does not, which shows that the test would see it.
    #[test]
    fn how_far_two_tokens_agree_takes_no_time() {
        let right = "x".repeat(20_000);
        let early = format!("y{}", &right[1..]);
        let late = format!("{}y", &right[1..]);
        let ratio = |compare: fn(&str, &str) -> bool| {
            let late: Duration = takes(compare, &late, &right);
            late.as_secs_f64() / takes(compare, &early, &right).as_secs_f64()
        };
        let own = ratio(same);
        assert!((0.5..2.0).contains(&own), "{own}");
        let plain = ratio(|given, right| given == right);
        assert!(plain > 4.0, "{plain}");
    }
}
