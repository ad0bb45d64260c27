//! The way back of a reader whose connection was lost: when it tries again, and from which place
//! it goes on.

use std::{rc::Rc, time::Duration};

use rand::{RngExt, SeedableRng, rngs::Xoshiro256PlusPlus};
use tokio::{sync::Notify, time::timeout};
use wire::{Carrier, Seq};

use super::{enter, publish, shard::Shard};
use crate::{
    failure::Failure,
    foreign::Place,
    plan::{CutKind, KeptPlace, Plan, Policy, Reconnect},
    transport::{Listener, Opened, Sink, reader::Reader},
};

/// The time within which an attempt must be answered.
const ATTEMPT: Duration = Duration::from_secs(10);

/// The number of the stream of chance that waits are drawn from.
const WAITS: u64 = 7 << 32;

/// Waits for the signal to lose the connection.
pub(crate) async fn called(call: Option<Rc<Notify>>) {
    match call {
        Some(call) => call.notified().await,
        None => std::future::pending().await,
    }
}

/// Loses a reader's connection, in the way of the plan.
pub(crate) async fn lose(
    shard: &Rc<Shard>,
    reader: &Reader,
    listener: &mut Listener,
    sink: Option<Sink>,
) -> Failure {
    publish::remove(shard, reader.person);
    let listener = std::mem::replace(listener, Listener::Gone);
    let kind = shard.run.plan.cut.as_ref().map(|cut| cut.kind);
    if kind == Some(CutKind::Reset) {
        shard.network.reset(reader.person);
    } else {
        listener.close(sink).await;
    }
    Failure::Cut
}

/// Notes that a reader is heard again, if it was away.
pub(crate) fn is_back(shard: &Shard, reader: &Reader) {
    if let Some(since) = reader.resume.away_since.take() {
        let now = shard.run.clock.now();
        reader.resume.back_at.set(now);
        shard.tally.borrow_mut().comebacks.is_back(since, now);
        shard.look_whether_complete();
    }
}

/// The attempts of one reader.
#[derive(Debug)]
pub(crate) struct Comeback {
    attempts: u32,
    before: Option<Duration>,
    chance: Xoshiro256PlusPlus,
}

impl Comeback {
    /// Makes the attempts of `person`, of which none was made yet.
    pub(crate) fn new(plan: &Plan, person: usize) -> Self {
        let number = WAITS + person as u64;
        Self {
            attempts: 0,
            before: None,
            chance: Xoshiro256PlusPlus::seed_from_u64(plan.seed.rotate_left(17) ^ number),
        }
    }

    /// Notes that the connection was lost; `anew` if something was heard over it.
    pub(crate) fn lost(&mut self, shard: &Shard, reader: &Reader, anew: bool) {
        if anew {
            (self.attempts, self.before) = (0, None);
        }
        if let Some(place) = reader.foreign.as_deref() {
            place.forget_session();
        }
        if let Some(library) = &reader.library {
            library.forget();
        }
        let now = shard.run.clock.now();
        let mut tally = shard.tally.borrow_mut();
        if reader.resume.away_since.get().is_some() {
            // A poller whose first question was not answered.
            tally.comebacks.refused += 1;
        } else {
            reader.resume.away_since.set(Some(now));
            tally.comebacks.lost(now);
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
        if policy.policy == Policy::None {
            return None;
        }
        let place = place.filter(|_| policy.place == KeptPlace::Kept);
        while (self.attempts as usize) < policy.attempts {
            tokio::time::sleep(self.wait(policy, reader)).await;
            self.attempts += 1;
            match timeout(ATTEMPT, Box::pin(enter::open(shard, reader, place))).await {
                Ok(Ok(opened)) => {
                    if shard.run.plan.variant.way().carrier() != Carrier::Batch {
                        is_back(shard, reader);
                    }
                    return Some(opened);
                }
                Ok(Err(failure)) if !failure.passes() => {
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
        let told = reader.resume.told_to_wait.take();
        let told = told.or_else(|| reader.foreign.as_deref().and_then(Place::retry));
        let (least, most) = policy.bounds(self.attempts, self.before, told);
        let wait = self.chance.random_range(least..=most);
        self.before = Some(wait);
        wait
    }
}
