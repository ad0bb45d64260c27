//! The recognition of polls by their times, and of those that brought nothing.

use std::time::Duration;

use crate::{Kind, exchange::Exchange, middle::median};

/// The fewest requests that can be recognised as polls.
const FEWEST_SHORT: usize = 4;
const FEWEST_LONG: usize = 3;
/// The share of intervals that must be near the median, and how near.
const REGULAR_SHARE: f64 = 0.7;
const NEAR: f64 = 0.2;
/// The shortest interval: requests that follow each other faster are no short polls.
const SHORTEST_INTERVAL: Duration = Duration::from_millis(50);
/// The shortest wait for an answer that shows that a server holds requests.
const SHORTEST_HOLD: Duration = Duration::from_millis(100);
/// The pause within which a client that asks again at once does so.
const AT_ONCE: Duration = Duration::from_millis(20);

/// Recognises requests for one target, which are in the order of time, as short or long polls;
/// returns `None` if they are neither.
pub(crate) fn poll(exchanges: &[Exchange]) -> Option<Kind> {
    if exchanges.len() < FEWEST_LONG || !asks_again(exchanges) {
        return None;
    }
    let starts: Vec<Duration> = exchanges.iter().map(|one| one.at).collect();
    let pauses = exchanges
        .windows(2)
        .map(|two| two[1].at.checked_sub(two[0].end));
    let pauses: Vec<Option<Duration>> = pauses.collect();
    let overlaps = pauses.iter().filter(|pause| pause.is_none()).count();
    if overlaps * 5 > pauses.len() {
        return None;
    }
    let pause = median(pauses.into_iter().flatten().collect())?;
    let holds: Vec<Duration> = exchanges.iter().filter_map(Exchange::hold).collect();
    let longest = holds.iter().max().copied().unwrap_or_default();
    let hold = median(holds)?;
    let is_held = hold >= SHORTEST_HOLD || longest >= 10 * SHORTEST_HOLD;
    if is_held && pause <= AT_ONCE.max(hold / 4) {
        return Some(Kind::LongPoll {
            hold: held_for(exchanges).unwrap_or(longest),
        });
    }
    let intervals: Vec<Duration> = starts
        .windows(2)
        .map(|two| two[1].saturating_sub(two[0]))
        .collect();
    let interval = median(intervals.clone())?;
    let near =
        |one: &&Duration| one.abs_diff(interval).as_secs_f64() <= NEAR * interval.as_secs_f64();
    let regular = intervals.iter().filter(near).count() as f64 / intervals.len() as f64;
    let is_short = exchanges.len() >= FEWEST_SHORT
        && interval >= SHORTEST_INTERVAL
        && regular >= REGULAR_SHARE;
    is_short.then_some(Kind::ShortPoll { interval })
}

/// Returns whether requests may be polls: none of them has content, or all have the same. Requests
/// with different contents say something.
fn asks_again(exchanges: &[Exchange]) -> bool {
    let sends: Vec<_> = exchanges.iter().filter(|one| one.sent.coded > 0).collect();
    sends.is_empty()
        || (sends.len() == exchanges.len()
            && sends
                .windows(2)
                .all(|two| two[0].sent.mark == two[1].sent.mark))
}

/// Returns the longest time that the server held a request that it answered with nothing.
fn held_for(exchanges: &[Exchange]) -> Option<Duration> {
    let brought = |one: &&Exchange| {
        one.answer
            .as_ref()
            .is_some_and(|answer| answer.brought.items > 0)
    };
    let empty = exchanges.iter().filter(|one| !brought(one));
    empty.filter_map(Exchange::hold).max()
}

/// Returns for each exchange whether it is a poll that brought nothing: no good answer, no content,
/// no member of any list or, to a short poll, the same as the poll before.
pub(crate) fn empties(kind: Kind, exchanges: &[Exchange]) -> Vec<bool> {
    let mut before = None;
    let mut is_empty = |exchange: &Exchange| {
        if !kind.is_poll() {
            return false;
        }
        let Some(answer) = exchange.answer.as_ref().filter(|_| exchange.is_good()) else {
            return true;
        };
        let brought = &answer.brought;
        let same = before.replace(brought.mark) == Some(brought.mark);
        let is_short = matches!(kind, Kind::ShortPoll { .. });
        brought.items == 0 || (is_short && same)
    };
    exchanges.iter().map(&mut is_empty).collect()
}
