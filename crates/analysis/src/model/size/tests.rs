use super::*;

/// Returns the prediction of an empty answer in a run of twenty seconds at six messages a second:
/// their numbers are from 7 to 126.
fn empty(interval: &str, arrivals: &str) -> Prediction {
    let mut row = crate::model::tests::row("short_poll", interval, 6.0, 20_000);
    arrivals.clone_into(&mut row.arrivals);
    let mut situation = Situation::of(&row).expect("known");
    situation.settled = 1.0;
    let first = polls(&situation).swap_remove(0);
    assert_eq!(first.quantity, Quantity::EmptyBatch);
    first
}

fn with_digits(digits: u32) -> f64 {
    framing::batch(0, 10_u64.pow(digits - 1)) as f64
}

#[test]
fn an_empty_answer_has_the_digits_of_its_moment() {
    // By chance an interval brings nothing, and so does one that is shorter than a period.
    for empty in [empty("500ms", "poisson"), empty("100ms", "constant")] {
        let holds = |size| empty.tolerance.holds(empty.predicted, size);
        assert!(holds(with_digits(1)) && holds(with_digits(3)));
        assert!(!holds(with_digits(4)) && !holds(with_digits(1) - 1.0));
        // One, two and three digits: 2.2 in the mean.
        assert!((empty.predicted - with_digits(1) - 1.2).abs() < 1e-9);
    }
}

/// Checks the answers of a run in which each interval brings three messages: those that bring
/// none came after the last, and had 35 bytes, where the mean over all moments is 34.2.
#[test]
fn where_each_interval_brings_a_message_an_empty_answer_comes_after_the_last() {
    let empty = empty("500ms", "constant");
    assert!((empty.predicted - 35.0).abs() < 1e-9, "{empty:?}");
    assert!(!empty.tolerance.holds(empty.predicted, 34.2));
    assert_eq!(empty.source, LAST);
}

/// Checks that a number which may have a digit more or less is said to.
#[test]
fn the_last_number_may_be_off_by_one() {
    let mut row = crate::model::tests::row("short_poll", "1s", 5.0, 18_000);
    row.settle_ms = Some(1_800);
    let situation = Situation::of(&row).expect("known");
    assert_eq!(*situation.seqs().end(), 99);
    let empty = polls(&situation).swap_remove(0);
    let holds = |size| empty.tolerance.holds(empty.predicted, size);
    assert!(holds(with_digits(2)) && holds(with_digits(3)));
    assert!(!holds(with_digits(4)));
}
