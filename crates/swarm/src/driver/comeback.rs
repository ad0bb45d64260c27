//! The way back of a reader whose connection was lost: when it tries again, and from which place
//! it goes on.

use std::{rc::Rc, time::Duration};

use rand::{RngExt, SeedableRng, rngs::Xoshiro256PlusPlus, seq::IteratorRandom};
use tokio::time::timeout;
use wire::{Carrier, Seq};

use super::{enter, publish, shard::Shard};
use crate::{
    failure::Failure,
    foreign::ReaderState,
    plan::{Churn, CutKind, KeptPlace, Plan, Policy, Reconnect},
    transport::{Listener, Opened, Sink, reader::Reader, resume::Call},
};

/// The time within which an attempt must be answered.
const ATTEMPT: Duration = Duration::from_secs(10);

/// The number of the stream of chance that waits are drawn from.
const WAITS: u64 = 7 << 32;

/// Waits for the signal to lose the connection, or to leave.
pub(crate) async fn called(call: Option<Rc<Call>>) {
    match call {
        Some(call) => call.given().await,
        None => std::future::pending().await,
    }
}

/// Waits until a reader has heard nothing for `patience`; for ever if there is none. The caller
/// begins anew whenever the reader hears something.
pub(crate) async fn silent(patience: Option<Duration>) {
    match patience {
        // Boxed, because most readers have no patience to run out of.
        Some(patience) => Box::pin(tokio::time::sleep(patience)).await,
        None => std::future::pending().await,
    }
}

/// Returns whether a reader tries again after `failure`. An `EventSource` does so also when a stream
/// ends in good order, and gives up for good after any status but 200 (WHATWG HTML, section 9.2.3).
pub(crate) fn tries_again(policy: &Reconnect, failure: &Failure) -> bool {
    match policy.policy {
        Policy::EventSource => {
            *failure == Failure::Ended
                || (failure.passes() && !matches!(failure, Failure::Status(_)))
        }
        _ => failure.passes(),
    }
}

/// Gives up the connection of a reader that heard nothing for too long.
pub(crate) fn give_up(shard: &Shard) -> Failure {
    shard.tally.borrow_mut().comebacks.silent += 1;
    Failure::Silent
}

/// Does what a reader was called to do: it loses its connection in the way of the plan, or leaves
/// in good order. A reader that was away and has not been heard since does not leave.
pub(crate) async fn answer_call(
    shard: &Rc<Shard>,
    reader: &Reader,
    listener: &mut Listener,
    sink: &mut Option<Sink>,
) -> Result<(), Failure> {
    let leaves = reader
        .resume
        .call
        .as_ref()
        .is_some_and(|call| call.is_to_leave());
    if leaves && reader.resume.away_since.get().is_some() {
        return Ok(());
    }
    publish::remove(shard, reader.person);
    let (listener, sink) = (std::mem::replace(listener, Listener::Gone), sink.take());
    let kind = shard.run.plan.cut.as_ref().map(|cut| cut.kind);
    if !leaves && kind == Some(CutKind::Reset) {
        shard.network.reset(reader.person);
    } else {
        listener.close(sink).await;
    }
    Err(if leaves { Failure::Left } else { Failure::Cut })
}

/// Goes on trying for a reader whose first connection was refused by a full server.
pub(crate) async fn from_the_door(shard: &Rc<Shard>, reader: &Reader) -> Option<Opened> {
    shard.tally.borrow_mut().comebacks.refused += 1;
    let mut comeback = Comeback::new(&shard.run.plan, reader.person);
    shard.stands_outside();
    let opened = comeback.attempt(shard, reader, None).await;
    shard.stands_outside_no_more();
    opened
}

/// Notes that a reader is heard again, if it was away.
pub(crate) fn is_back(shard: &Shard, reader: &Reader) {
    if let Some(since) = reader.resume.away_since.take() {
        let now = shard.run.clock.now();
        reader.resume.back_at.set(now);
        let has_left = reader.resume.has_left.take();
        let churn = shard.run.plan.churn.as_ref();
        let mut tally = shard.tally.borrow_mut();
        if has_left {
            tally
                .comebacks
                .came(churn.is_some_and(|churn| churn.changes));
        } else {
            tally.comebacks.is_back(since, now);
        }
        drop(tally);
        shard.look_whether_complete();
    }
}

/// The attempts of one reader.
#[derive(Debug)]
pub(crate) struct Comeback {
    attempts: u32,
    before: Option<Duration>,
    /// The time for which a reader that left stays away.
    stay: Option<Duration>,
    chance: Xoshiro256PlusPlus,
}

impl Comeback {
    /// Makes the attempts of `person`, of which none was made yet.
    pub(crate) fn new(plan: &Plan, person: usize) -> Self {
        let number = WAITS + person as u64;
        Self {
            attempts: 0,
            before: None,
            stay: None,
            chance: Xoshiro256PlusPlus::seed_from_u64(plan.seed.rotate_left(17) ^ number),
        }
    }

    /// Notes that the connection was lost, by `failure`. If something was heard over it (`anew`),
    /// attempts are counted from the beginning again.
    pub(crate) fn lost(&mut self, shard: &Shard, reader: &Reader, failure: &Failure, anew: bool) {
        if anew {
            (self.attempts, self.before) = (0, None);
        }
        let has_ended = *failure == Failure::Ended;
        if let Some(place) = reader.foreign.as_deref().filter(|_| !has_ended) {
            place.forget_session();
        }
        if let Some(library) = &reader.library {
            library.forget();
        }
        let now = shard.run.clock.now();
        let mut tally = shard.tally.borrow_mut();
        tally.stream_ends += u64::from(has_ended);
        if let Some(churn) = &shard.run.plan.churn
            && *failure == Failure::Left
        {
            reader.resume.away_since.set(Some(now));
            tally.comebacks.leaves(now);
            self.leaves(churn, shard, reader);
        } else if reader.resume.away_since.get().is_some() {
            // This is a poller whose first question was not answered.
            tally.comebacks.refused += 1;
        } else {
            reader.resume.away_since.set(Some(now));
            tally.comebacks.lost(now);
        }
    }

    /// Draws the time for which a reader that leaves stays away, and the way over which it comes
    /// again.
    fn leaves(&mut self, churn: &Churn, shard: &Shard, reader: &Reader) {
        reader.resume.has_left.set(true);
        let stay = self.chance.random_range(Duration::ZERO..=churn.longest());
        self.stay = Some(stay);
        if churn.changes {
            let others = Churn::other_ways(reader.resume.way(&shard.run.plan));
            let changed = others.choose(&mut self.chance);
            reader.resume.changed.replace(changed);
        }
    }

    /// Tries until the server answers; `None` when the reader gives up.
    pub(crate) async fn come_back(
        &mut self,
        shard: &Rc<Shard>,
        reader: &Reader,
        place: Option<Seq>,
    ) -> Option<Opened> {
        let opened = self.attempt(shard, reader, place).await;
        if opened.is_none() {
            shard.tally.borrow_mut().comebacks.stayed_away += 1;
        }
        opened
    }

    async fn attempt(
        &mut self,
        shard: &Rc<Shard>,
        reader: &Reader,
        place: Option<Seq>,
    ) -> Option<Opened> {
        let policy = shard.run.plan.reconnect.as_ref()?;
        if policy.policy == Policy::None && self.stay.is_none() {
            return None;
        }
        let place = place.filter(|_| policy.place == KeptPlace::Kept);
        while (self.attempts as usize) < policy.attempts {
            tokio::time::sleep(self.wait(policy, reader)).await;
            self.attempts += 1;
            match timeout(ATTEMPT, Box::pin(enter::open(shard, reader, place))).await {
                Ok(Ok(opened)) => {
                    if reader.resume.way(&shard.run.plan).carrier() != Carrier::Batch {
                        is_back(shard, reader);
                    }
                    return Some(opened);
                }
                Ok(Err(failure)) if !tries_again(policy, &failure) => {
                    shard.tally.borrow_mut().comebacks.refused += u64::from(failure.passes());
                    shard.failed(&failure);
                    return None;
                }
                Ok(Err(_)) | Err(_) => shard.tally.borrow_mut().comebacks.refused += 1,
            }
        }
        shard.failed(&Failure::GaveUp);
        None
    }

    /// Draws the wait before the next attempt.
    fn wait(&mut self, policy: &Reconnect, reader: &Reader) -> Duration {
        if let Some(stay) = self.stay.take() {
            return stay;
        }
        let told = reader.resume.told_to_wait.take();
        let told = told.filter(|_| policy.policy.heeds_refusals());
        let told = told.or_else(|| reader.foreign.as_deref().and_then(ReaderState::retry));
        let (least, most) = policy.bounds(self.attempts, self.before, told);
        let wait = self.chance.random_range(least..=most);
        self.before = Some(wait);
        wait
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_source_gives_up_for_good_where_others_try_again() {
        let tries = |policy, failure: &Failure| {
            let policy = Reconnect {
                policy,
                ..Reconnect::default()
            };
            tries_again(&policy, failure)
        };
        for (failure, by_event_source, by_others) in [
            (Failure::Closed, true, true),
            (
                Failure::Connect(std::io::ErrorKind::ConnectionRefused),
                true,
                true,
            ),
            (Failure::Ended, true, false),
            (Failure::Status(503), false, true),
            (Failure::Status(204), false, false),
            (Failure::NoStream("text/html".to_owned()), false, false),
        ] {
            assert_eq!(
                tries(Policy::EventSource, &failure),
                by_event_source,
                "{failure}"
            );
            assert_eq!(tries(Policy::Server, &failure), by_others, "{failure}");
        }
    }
}
