//! The way back of a reader whose connection was lost: when it tries again, and from which place
//! it goes on.

use std::{cell::Cell, rc::Rc, time::Duration};

use rand::{RngExt, SeedableRng, rngs::Xoshiro256PlusPlus};
use tokio::{sync::Notify, time::timeout};
use wire::{Carrier, Epoch, Protocol, Seq};

use crate::{
    clock::Nanos,
    failure::Failure,
    foreign::Place,
    person,
    plan::{CutKind, KeptPlace, Plan, Policy, Reconnect},
    shard::Shard,
    transport::{Listener, Opened, Reader, Sink},
    voice,
};

/// The time within which an attempt must be answered.
const ATTEMPT: Duration = Duration::from_secs(10);

/// The number of the stream of chance that waits are drawn from.
const WAITS: u64 = 7 << 32;

/// The state that a reader keeps from one connection to the next.
#[derive(Debug, Default)]
pub(crate) struct Resume {
    /// True if readers come back by a policy: their places then name the log that they are of.
    pub(crate) is_on: bool,
    /// The epoch of the log that the reader's place is of, once it is known.
    pub(crate) epoch: Cell<Option<Epoch>>,
    /// The time that the server told the reader to wait.
    pub(crate) told_to_wait: Cell<Option<Duration>>,
    /// The time since which the reader has been away; absent while it is not.
    away_since: Cell<Option<Nanos>>,
    /// The time at which the reader came back last: what was sent before is given again to it. 0
    /// if it never was away.
    pub(crate) back_at: Cell<Nanos>,
    /// The signal to lose its connection; absent where nobody gives it.
    pub(crate) call: Option<Rc<Notify>>,
}

impl Resume {
    /// Makes the state of a reader that was never away.
    pub(crate) fn new(plan: &Plan, call: Option<Rc<Notify>>) -> Self {
        Self {
            is_on: plan.reconnect.is_some()
                && plan.foreign.is_none()
                && plan.variant.protocol() == Protocol::Plain,
            call,
            ..Self::default()
        }
    }

    /// Returns the place as it is asked for: with its epoch, or with the question for it.
    pub(crate) fn place(&self, place: Option<Seq>) -> String {
        match (place, self.epoch.get()) {
            (Some(seq), Some(epoch)) => format!("{seq}-{epoch}"),
            (Some(seq), None) if self.is_on => format!("{seq}&epoch=1"),
            (Some(seq), None) => seq.to_string(),
            (None, _) if self.is_on => "latest&epoch=1".to_owned(),
            (None, _) => "latest".to_owned(),
        }
    }

    /// Takes the epoch of the log that the reader was told. Returns whether it followed another log
    /// before.
    pub(crate) fn is_told(&self, epoch: Option<Epoch>) -> bool {
        let Some(epoch) = epoch.filter(|_| self.is_on) else {
            return false;
        };
        self.epoch
            .replace(Some(epoch))
            .is_some_and(|known| known != epoch)
    }
}

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
    voice::fall_silent(shard, reader.person);
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
            match timeout(ATTEMPT, Box::pin(person::open(shard, reader, place))).await {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{plan::Variant, sample};

    #[test]
    fn a_place_names_its_log_once_readers_come_back() {
        let mut plan = sample::plan(Variant::Websocket);
        let resume = Resume::new(&plan, None);
        assert_eq!(
            (resume.place(None), resume.place(Some(7))),
            ("latest".into(), "7".into())
        );
        assert!(!resume.is_told(Some(Epoch::from_bits(1))));
        assert_eq!(resume.place(Some(7)), "7");
        plan.reconnect = Some(Reconnect::default());
        let resume = Resume::new(&plan, None);
        assert_eq!(resume.place(None), "latest&epoch=1");
        assert_eq!(resume.place(Some(7)), "7&epoch=1");
        assert!(!resume.is_told(Some(Epoch::from_bits(1))));
        assert_eq!(resume.place(Some(7)), "7-000001");
        assert!(!resume.is_told(Some(Epoch::from_bits(1))) && !resume.is_told(None));
        assert!(resume.is_told(Some(Epoch::from_bits(2))));
    }
}
