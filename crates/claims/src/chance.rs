//! An exact permutation test on ranks (Wilcoxon, Individual Comparisons by Ranking Methods, 1945)
//! of whether two sets of runs differ by more than chance. It needs no model of the noise and suits
//! few runs.

/// The significance level: the largest probability with which a difference that counts as shown may
/// be due to chance.
pub(super) const LEVEL: f64 = 0.05;

/// The largest number of runs in both sets together; the splits of more are too many to count one
/// by one.
const MOST: usize = 20;

/// Returns the share of all splits of these runs in two whose ranks lie at least as far from the
/// middle as those of the given split, on either side. Returns `None` if a set is empty, if a value
/// is not a number, or if both sets together are too large.
pub(super) fn two_sided(subject: &[f64], baseline: &[f64]) -> Option<f64> {
    let all: Vec<f64> = subject.iter().chain(baseline).copied().collect();
    if subject.is_empty()
        || baseline.is_empty()
        || all.len() > MOST
        || all.iter().any(|value| !value.is_finite())
    {
        return None;
    }
    let ranks: Vec<u32> = all
        .iter()
        .map(|&value| twice_the_rank(&all, value))
        .collect();
    let sum: u32 = ranks.iter().sum();
    let (chosen, total) = (subject.len(), all.len());
    // All values are whole numbers: the distance of the sum of ranks from its mean, times `total`.
    let distance = |picked: u32| (picked * total as u32).abs_diff(sum * chosen as u32);
    let observed = distance(ranks[..chosen].iter().sum());
    let (mut as_far, mut splits) = (0_u32, 0_u32);
    for mask in 0_u32..1 << total {
        if mask.count_ones() as usize != chosen {
            continue;
        }
        let in_it = ranks
            .iter()
            .enumerate()
            .filter(|(at, _)| mask >> at & 1 == 1);
        splits += 1;
        as_far += u32::from(distance(in_it.map(|(_, rank)| rank).sum()) >= observed);
    }
    Some(f64::from(as_far) / f64::from(splits))
}

/// Returns twice the rank of a value, so that the mean rank of equal values is a
/// whole number.
fn twice_the_rank(all: &[f64], value: f64) -> u32 {
    let below = all.iter().filter(|other| **other < value).count() as u32;
    let equal = all
        .iter()
        .filter(|other| other.total_cmp(&value).is_eq())
        .count() as u32;
    2 * below + equal + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_against_five_that_do_not_overlap() {
        let p = two_sided(&[6.0, 7.0, 8.0, 9.0, 10.0], &[1.0, 2.0, 3.0, 4.0, 5.0]);
        assert_eq!(p, Some(2.0 / 252.0));
        let p = two_sided(&[1.0, 2.0, 3.0, 4.0, 5.0], &[6.0, 7.0, 8.0, 9.0, 10.0]);
        assert_eq!(p, Some(2.0 / 252.0), "either side");
    }

    #[test]
    fn few_runs_or_equal_runs_show_nothing() {
        assert_eq!(two_sided(&[9.0], &[1.0]), Some(1.0), "single runs");
        assert_eq!(two_sided(&[7.0, 8.0, 9.0], &[1.0, 2.0, 3.0]), Some(0.1));
        assert_eq!(two_sided(&[5.0; 5], &[5.0; 5]), Some(1.0));
        assert_eq!(two_sided(&[], &[1.0]), None);
        assert_eq!(two_sided(&[f64::NAN], &[1.0]), None);
    }

    /// A false alarm in at most one of twenty, over all orders of ten equal runs.
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
