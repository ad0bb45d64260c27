//! The exact test of [`analysis::chance`] of whether two sets of runs differ by more than chance
//! explains, for runs of one sitting.

use analysis::chance::{self, Sample};

/// The significance level: the largest probability with which a difference that counts as shown may
/// be due to chance.
pub(super) const LEVEL: f64 = chance::ALPHA;

/// Returns the probability of a difference at least as large, on either side, if there is none.
/// Returns `None` if a set is empty or if a value is not a number.
pub(super) fn two_sided(subject: &[f64], baseline: &[f64]) -> Option<f64> {
    let is_whole = |runs: &[f64]| !runs.is_empty() && runs.iter().all(|value| value.is_finite());
    let sides = [subject, baseline];
    sides.into_iter().all(is_whole).then(|| {
        let [subject, baseline] = sides.map(Sample::once);
        chance::test(&subject, &baseline).p
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_against_five_that_do_not_overlap() {
        let near = |p: Option<f64>| p.is_some_and(|p| (p - 2.0 / 252.0).abs() < 1e-12);
        let (more, less) = ([6.0, 7.0, 8.0, 9.0, 10.0], [1.0, 2.0, 3.0, 4.0, 5.0]);
        assert!(near(two_sided(&more, &less)));
        assert!(near(two_sided(&less, &more)), "either side");
    }

    #[test]
    fn few_runs_or_equal_runs_show_nothing() {
        assert_eq!(two_sided(&[9.0], &[1.0]), Some(1.0), "single runs");
        assert_eq!(two_sided(&[7.0, 8.0, 9.0], &[1.0, 2.0, 3.0]), Some(0.1));
        assert_eq!(two_sided(&[5.0; 5], &[5.0; 5]), Some(1.0));
        assert_eq!(two_sided(&[], &[1.0]), None);
        assert_eq!(two_sided(&[f64::NAN], &[1.0]), None);
    }

    /// Checks for a false alarm in at most one of twenty, over all orders of ten equal runs.
    #[test]
    fn chance_alone_is_found_different_at_most_once_in_twenty() {
        let (mut alarms, mut all) = (0, 0);
        for mask in 0_u32..1 << 10 {
            if mask.count_ones() != 5 {
                continue;
            }
            let side = |wanted: u32| -> Vec<f64> {
                let runs = (0..10).filter(|at| mask >> at & 1 == wanted);
                runs.map(f64::from).collect()
            };
            all += 1;
            let p = two_sided(&side(1), &side(0)).expect("two sets of five");
            alarms += u32::from(p <= LEVEL);
        }
        assert!(alarms * 20 <= all, "{alarms} of {all}");
        assert!(alarms > 0);
    }
}
