//! The cut of readers' connections, at its moment or at its rate.

use std::rc::Rc;

use rand::{RngExt, SeedableRng, rngs::Xoshiro256PlusPlus};
use rand_distr::{Distribution, Exp1};
use tokio::sync::Notify;

use super::Shard;
use crate::{
    clock::Nanos,
    plan::{Cut, Plan},
    schedule,
};

/// The number of the stream of chance that the moments of cuts are drawn from.
const MOMENTS: u64 = 8 << 32;

/// Returns the cut of readers' connections by themselves, if the plan has one.
fn of_readers(plan: &Plan) -> Option<&Cut> {
    plan.cut.as_ref().filter(|cut| cut.kind.is_of_readers())
}

/// Returns whether `person` is among the share that loses its connections: they are spread evenly
/// over all people.
fn is_among(cut: &Cut, plan: &Plan, person: usize) -> bool {
    let count = (cut.share * plan.swarm.clients as f64).round() as usize;
    person * count % plan.swarm.clients < count
}

impl Shard {
    /// Returns the signal for `person`; `None` if the person is left alone.
    pub(crate) fn call(&self, person: usize) -> Option<Rc<Notify>> {
        let plan = &self.run.plan;
        of_readers(plan).filter(|cut| is_among(cut, plan, person))?;
        let call = Rc::new(Notify::new());
        self.calls.borrow_mut().insert(person, Rc::clone(&call));
        Some(call)
    }

    /// Gives the signals while *measure* lasts.
    pub(super) async fn cut(&self) {
        let Some((cut, table)) = of_readers(&self.run.plan).zip(self.timetable.get()) else {
            return;
        };
        let clock = self.run.clock;
        let begin = table.measure + schedule::nanos(cut.after);
        clock.sleep_until(begin).await;
        let Some(rate) = cut.rate else {
            for call in self.calls.borrow().values() {
                // Whoever is away has nothing to lose.
                call.notify_waiters();
            }
            return;
        };
        let mut people: Vec<usize> = self.calls.borrow().keys().copied().collect();
        people.sort_unstable();
        let Some(first) = people.first() else {
            return;
        };
        let plan = &self.run.plan;
        let seed = plan.seed.rotate_left(17) ^ (MOMENTS + *first as u64);
        let mut chance = Xoshiro256PlusPlus::seed_from_u64(seed);
        // This shard's part of the rate.
        let gap = 1e9 * plan.swarm.clients as f64 * cut.share / (rate * people.len() as f64);
        let mut at = begin as f64;
        loop {
            let wait: f64 = Exp1.sample(&mut chance);
            at += wait * gap;
            if at >= table.drain as f64 {
                return;
            }
            clock.sleep_until(at as Nanos).await;
            let person = people[chance.random_range(0..people.len())];
            if let Some(call) = self.calls.borrow().get(&person) {
                call.notify_waiters();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        plan::{CutKind, Variant},
        sample,
    };

    #[test]
    fn a_share_is_spread_over_all_people() {
        let plan = sample::plan(Variant::Websocket);
        let mut cut = Cut {
            kind: CutKind::Reset,
            after: std::time::Duration::ZERO,
            rate: None,
            share: 0.3,
            duration: std::time::Duration::ZERO,
        };
        let count = |cut: &Cut| {
            (0..10)
                .filter(|&person| is_among(cut, &plan, person))
                .count()
        };
        assert_eq!(count(&cut), 3);
        cut.share = 1.0;
        assert_eq!(count(&cut), 10);
        cut.share = 0.01;
        assert_eq!(count(&cut), 0);
    }
}
