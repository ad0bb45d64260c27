//! The short poll: asks each interval; the answer comes at once and is often empty.

use std::{fmt::Write, future::pending, time::Duration};

use wire::{Seq, Way};

use super::{
    poll::Poll,
    reader::{Heard, Reader},
};
use crate::{clock::Nanos, failure::Failure, schedule, socket::network::Question};

/// A reader that asks each interval.
#[derive(Debug)]
pub(crate) struct Listener {
    poll: Poll,
    interval: Duration,
    /// The time at which the next question is due.
    due: Nanos,
}

impl Listener {
    /// Connects and takes a place.
    pub(crate) async fn open(
        reader: &Reader,
        place: Option<Seq>,
        interval: Duration,
        keep_alive: bool,
    ) -> Result<(Self, Option<Seq>), Failure> {
        let mut poll = Poll::new(keep_alive);
        let first = path(reader, None, interval);
        let place = poll.take_place(reader, &first, place).await?;
        let due = first_due(reader.clock.now(), reader.phase, nanos(interval));
        Ok((
            Self {
                poll,
                interval,
                due,
            },
            place,
        ))
    }

    /// Waits until the next question is due, asks it, and returns the answer.
    pub(crate) async fn next(
        &mut self,
        reader: &Reader,
        place: Option<Seq>,
    ) -> Result<Heard, Failure> {
        if let Some(body) = self.poll.unheard.take() {
            return Ok(Heard::Batch(body));
        }
        reader.clock.sleep_until(self.due).await;
        if reader.network.accountant.is_leaving() {
            // A question that nobody waits for would be half an exchange.
            return pending().await;
        }
        let _question = Question::new(&reader.network);
        let path = path(reader, place, self.interval);
        let body = self.poll.ask(reader, &path).await?;
        self.due = next_due(self.due, nanos(self.interval), reader.clock.now());
        Ok(Heard::Batch(body))
    }
}

/// Returns the path of a poller, which with a name also tells its interval, by which the server
/// knows when to count it as gone.
fn path(reader: &Reader, place: Option<Seq>, interval: Duration) -> String {
    let mut path = reader.path(Way::ShortPoll, place);
    if reader.name.is_some() {
        // Writing to a String cannot fail.
        let _ = write!(path, "&interval={}", interval.as_secs_f64());
    }
    path
}

/// Returns an interval on the run's clock; never zero, for it is divided by.
fn nanos(interval: Duration) -> Nanos {
    schedule::nanos(interval).max(1)
}

/// Returns the first instant from `now` on at which a poller with this phase asks.
fn first_due(now: Nanos, phase: Nanos, interval: Nanos) -> Nanos {
    let since = (now + interval - phase % interval) % interval;
    now + (interval - since) % interval
}

/// Returns the time one interval after the last question was due, so that a slow answer is
/// taken off the wait. If that time has passed, the question is due at once and the next is
/// counted from there: a stalled server is not made up for by a storm of questions.
const fn next_due(due: Nanos, interval: Nanos, now: Nanos) -> Nanos {
    if due + interval < now {
        now
    } else {
        due + interval
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_poller_keeps_its_phase() {
        assert_eq!(first_due(1_000, 30, 100), 1_030);
        assert_eq!(first_due(1_030, 30, 100), 1_030);
        assert_eq!(first_due(1_031, 30, 100), 1_130);
        assert_eq!(first_due(5, 30, 100), 30);
    }

    #[test]
    fn a_slow_answer_is_taken_off_the_wait_and_a_stall_is_not_made_up_for() {
        assert_eq!(next_due(1_000, 100, 1_020), 1_100);
        assert_eq!(next_due(1_000, 100, 1_100), 1_100);
        assert_eq!(next_due(1_000, 100, 1_450), 1_450);
    }
}
