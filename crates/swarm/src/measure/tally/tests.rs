//! Exact numbers: what is put in comes out, added up.

use super::*;

const MS: Nanos = 1_000_000;

fn tally() -> Tally {
    Tally::new(10, 3, Duration::from_secs(5))
}

fn tag(index: usize) -> Tag {
    Tag {
        overlaps: false,
        index,
        due: 100 * MS,
        sent: 101 * MS,
    }
}

#[test]
fn only_drafts_due_in_measure_count() {
    let mut tally = tally();
    for index in [9, 10, 12, 13] {
        tally.heard(0, 0, tag(index), 105 * MS, 50);
        tally.left(tag(index), 0);
    }
    assert_eq!((tally.delivered, tally.payload_bytes), (2, 100));
    assert_eq!((tally.due.len(), tally.sent.len()), (2, 2));
    assert_eq!(tally.lateness.len(), 2);
    assert!(tally.due.equivalent(tally.due.max(), 5 * MS));
    assert!(tally.sent.equivalent(tally.sent.max(), 4 * MS));
    assert!(tally.lateness.equivalent(tally.lateness.max(), MS));
}

#[test]
fn shards_add_up_and_the_spread_is_over_all_of_them() {
    let (mut one, mut other) = (tally(), tally());
    one.heard(3, 0, tag(11), 105 * MS, 50);
    one.heard(4, 0, tag(11), 107 * MS, 50);
    other.heard(5, 0, tag(11), 103 * MS, 50);
    other.taken(tag(12), 104 * MS);
    other.exchange(0);
    other.exchange(2);
    one.failed("kind", 1);
    other.failed("kind", 2);
    one.merge(&other);
    assert_eq!(one.delivered, 3);
    assert_eq!(one.due.len(), 3);
    assert_eq!((one.counts.exchanges, one.counts.empty_exchanges), (2, 1));
    assert_eq!(one.failures, [("kind".to_owned(), 3)].into());
    let [unheard, heard, taken] = one.drafts(3) else {
        panic!("three records");
    };
    assert_eq!(*unheard, DraftRecord::UNHEARD);
    assert_eq!((heard.first, heard.last), (103 * MS, 107 * MS));
    assert_eq!(heard.last_by, 4);
    assert_eq!((heard.heard, heard.sent), (3, 101 * MS));
    assert!(taken.taken && taken.heard == 0);
    assert_eq!(
        (heard.sign(), taken.sign()),
        (Some(103 * MS), Some(104 * MS))
    );
    assert_eq!(unheard.sign(), None);
    assert_eq!(one.drafts(2).len(), 2);
}

#[test]
fn what_crosses_is_counted_apart_and_moves_no_latency() {
    let (mut one, mut other) = (tally(), tally());
    for tally in [&mut one, &mut other] {
        // The drafts 10 and 12 are sent here.
        tally.elsewhere = Some([false, true, false].into());
        for index in [9, 10, 11, 13] {
            tally.heard(0, 0, tag(index), 105 * MS, 50);
            tally.crossed(tag(index), 2, -3);
        }
    }
    one.crossed(tag(11), 4, 8);
    one.merge(&other);
    assert_eq!((one.delivered, one.due.len()), (4, 2));
    let told = one.crossed.iter();
    let told = told.map(|(part, times)| (*part, times.count(), times.at(0.5)));
    assert_eq!(
        told.collect::<Vec<_>>(),
        [(2, 2, Some(-3)), (4, 1, Some(8))]
    );
    one.close(Counts::default());
    one.crossed(tag(11), 4, 8);
    assert_eq!(one.crossed[&4].count(), 1);
}

#[test]
fn the_window_is_what_lies_between() {
    let mut tally = tally();
    tally.exchange(7);
    tally.batches.begin();
    tally.counts = Counts::default();
    tally.exchange(0);
    tally.counts.bytes_up = 100;
    tally.counts.bytes_down = 1_000;
    let before = tally.counts;
    tally.exchange(1);
    tally.counts.bytes_up = 130;
    tally.close(before);
    let window = Counts {
        exchanges: 1,
        events: 1,
        bytes_up: 30,
        ..Counts::default()
    };
    assert_eq!((tally.before, tally.window), (before, window));
    // What comes now is lost already.
    tally.heard(0, 0, tag(10), 105 * MS, 50);
    tally.exchange(2);
    assert_eq!(tally.delivered, 0);
    let sizes = tally.batches.sizes();
    assert_eq!((sizes.len(), sizes.max()), (1, 1));
}

#[test]
fn a_second_holds_what_happened_in_it() {
    let mut tally = tally();
    (tally.counts.bytes_down, tally.counts.made) = (500, 9);
    tally.begin_seconds();
    tally.heard(0, 0, tag(10), 105 * MS, 50);
    (tally.counts.bytes_down, tally.counts.made) = (700, 12);
    let first = tally.end_second(4);
    assert_eq!((first.second, first.delivered, first.due.len()), (0, 1, 1));
    assert_eq!((first.bytes_down, first.connected, first.made), (200, 4, 3));
    let second = tally.end_second(3);
    assert_eq!(
        (second.second, second.delivered, second.due.len()),
        (1, 0, 0)
    );
    assert_eq!(
        (second.bytes_down, second.connected, second.made),
        (0, 3, 0)
    );
}

#[test]
fn what_is_lost_waits_until_the_end() {
    let mut tally = tally();
    tally.lost(4_500 * MS, 4_499 * MS, 0);
    assert_eq!((tally.due.max(), tally.sent.max()), (0, 0));
    tally.lost(4_000 * MS, 3_999 * MS, 7);
    assert_eq!((tally.due.len(), tally.sent.len()), (7, 7));
    assert!(tally.due.equivalent(tally.due.min(), 4_000 * MS));
    // Longer than the longest is told as the longest.
    tally.lost(Nanos::MAX, Nanos::MAX, 1);
    assert_eq!(tally.due.len(), 8);
    tally.lost(1, 1, 0);
    assert_eq!(tally.due.len(), 8);
}

#[test]
fn gaps_are_between_deliveries_that_count() {
    let mut tally = tally();
    tally.gaps = Gaps::new(2, &tally.due);
    for (index, at) in [(9, 103), (10, 105), (11, 115), (13, 117)] {
        tally.heard(7, 0, tag(index), at * MS, 50);
    }
    tally.heard(7, 1, tag(12), 109 * MS, 50);
    let Gaps { between, first, .. } = &tally.gaps;
    assert_eq!((between.len(), first.len()), (1, 2));
    assert!(between.equivalent(between.max(), 10 * MS));
    assert!(first.equivalent(first.min(), 5 * MS));
    assert!(first.equivalent(first.max(), 9 * MS));
    // What comes when the window is over makes no gap.
    tally.close(Counts::default());
    tally.heard(7, 0, tag(12), 500 * MS, 50);
    assert_eq!(tally.gaps.between.len(), 1);
}

#[test]
fn what_crosses_makes_gaps_and_is_no_first_delivery() {
    let mut tally = tally();
    tally.elsewhere = Some([true, false, false].into());
    tally.gaps = Gaps::new(2, &tally.due);
    tally.heard(7, 0, tag(10), 105 * MS, 50);
    tally.heard(7, 0, tag(11), 107 * MS, 50);
    tally.heard(7, 1, tag(11), 107 * MS, 50);
    tally.heard(7, 1, tag(10), 108 * MS, 50);
    assert_eq!(
        (tally.gaps.between.len(), tally.gaps.first.len()),
        (2, 1),
        "only the second reader begins with a draft of this process"
    );
}
