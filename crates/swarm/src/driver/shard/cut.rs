//! The cut of readers' connections, at its moment or at its rate, and the departures of readers.

use std::{cell::RefCell, collections::HashMap, rc::Rc};

use rand::{RngExt, SeedableRng, rngs::Xoshiro256PlusPlus};
use rand_distr::{Distribution, Exp1};

use super::Shard;
use crate::{
    clock::Nanos,
    plan::{Cut, Plan},
    schedule,
    transport::resume::Call,
};

/// The number of the stream of chance that the moments of cuts are drawn from.
const MOMENTS: u64 = 8 << 32;

/// The number of the stream of chance that the moments of departures are drawn from.
const LEAVES: u64 = 9 << 32;

/// Returns the cut of readers' connections by themselves, if the plan has one.
fn of_readers(plan: &Plan) -> Option<&Cut> {
    plan.cut.as_ref().filter(|cut| cut.kind.is_of_readers())
}

/// Returns whether `person` is among the share that loses its connections: they are spread evenly
/// over all people.
fn is_among(share: f64, plan: &Plan, person: usize) -> bool {
    let count = (share * plan.swarm.clients as f64).round() as usize;
    person * count % plan.swarm.clients < count
}

/// Returns whether `person` is among those who leave by themselves and come again.
fn may_leave(plan: &Plan, person: usize) -> bool {
    let churn = plan.churn.as_ref();
    churn.is_some_and(|churn| is_among(churn.share, plan, person))
}

/// Random moments at which somebody of a shard is called.
struct Moments {
    /// The people who may be called, in order.
    people: Vec<usize>,
    chance: Xoshiro256PlusPlus,
    /// The mean time from one to the next, in nanoseconds.
    gap: f64,
    at: f64,
}

impl Moments {
    /// Makes the moments from `begin` on: `rate` a second among a `share` of all readers, of which
    /// this shard has those with a signal. `None` if it has none of them.
    fn new(
        plan: &Plan,
        calls: &HashMap<usize, Rc<Call>>,
        stream: u64,
        (rate, share): (f64, f64),
        begin: Nanos,
    ) -> Option<Self> {
        let mut people: Vec<usize> = calls.keys().copied().collect();
        people.sort_unstable();
        let first = *people.first()?;
        let seed = plan.seed.rotate_left(17) ^ (stream + first as u64);
        Some(Self {
            chance: Xoshiro256PlusPlus::seed_from_u64(seed),
            // This shard's part of the rate.
            gap: 1e9 * plan.swarm.clients as f64 * share / (rate * people.len() as f64),
            at: begin as f64,
            people,
        })
    }

    /// Returns the next moment.
    fn next(&mut self) -> f64 {
        let wait: f64 = Exp1.sample(&mut self.chance);
        self.at += wait * self.gap;
        self.at
    }

    /// Returns the person who is called at it.
    fn person(&mut self) -> usize {
        self.people[self.chance.random_range(0..self.people.len())]
    }
}

impl Shard {
    /// Returns the signal for `person`; `None` if the person is left alone.
    pub(crate) fn call(&self, person: usize) -> Option<Rc<Call>> {
        let plan = &self.run.plan;
        let loses = of_readers(plan).is_some_and(|cut| is_among(cut.share, plan, person));
        let leaves = may_leave(plan, person);
        if !loses && !leaves {
            return None;
        }
        let call = Rc::new(Call::default());
        for (takes_part, calls) in [(loses, &self.calls), (leaves, &self.leavers)] {
            if takes_part {
                calls.borrow_mut().insert(person, Rc::clone(&call));
            }
        }
        Some(call)
    }

    /// Gives the signals to lose connections while *measure* lasts.
    pub(super) async fn cut(&self) {
        let Some((cut, table)) = of_readers(&self.run.plan).zip(self.timetable.get()) else {
            return;
        };
        let begin = table.measure + schedule::nanos(cut.after);
        self.run.clock.sleep_until(begin).await;
        let Some(rate) = cut.rate else {
            for call in self.calls.borrow().values() {
                call.lose();
            }
            return;
        };
        let often = (rate, cut.share);
        let moments = Moments::new(&self.run.plan, &self.calls.borrow(), MOMENTS, often, begin);
        self.at_moments(moments, table.drain, &self.calls, Call::lose)
            .await;
    }

    /// Gives the signals to leave while *measure* lasts.
    pub(super) async fn churn(&self) {
        let plan = &self.run.plan;
        let Some((churn, table)) = plan.churn.as_ref().zip(self.timetable.get()) else {
            return;
        };
        let (often, begin) = ((churn.rate, churn.share), table.measure);
        let moments = Moments::new(plan, &self.leavers.borrow(), LEAVES, often, begin);
        self.at_moments(moments, table.drain, &self.leavers, Call::leave)
            .await;
    }

    /// Gives a signal at each of these moments before `end`.
    async fn at_moments(
        &self,
        moments: Option<Moments>,
        end: Nanos,
        calls: &RefCell<HashMap<usize, Rc<Call>>>,
        give: impl Fn(&Call),
    ) {
        let Some(mut moments) = moments else {
            return;
        };
        loop {
            let at = moments.next();
            if at >= end as f64 {
                return;
            }
            self.run.clock.sleep_until(at as Nanos).await;
            if let Some(call) = calls.borrow().get(&moments.person()) {
                give(call);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{plan::Variant, sample};

    #[test]
    fn a_share_is_spread_over_all_people() {
        let plan = sample::plan(Variant::Websocket);
        let count = |share| {
            (0..10)
                .filter(|&person| is_among(share, &plan, person))
                .count()
        };
        assert_eq!(count(0.3), 3);
        assert_eq!(count(1.0), 10);
        assert_eq!(count(0.01), 0);
    }

    #[test]
    fn moments_are_as_frequent_as_they_should_be_and_come_from_the_seed() {
        let plan = sample::plan(Variant::Websocket);
        // A shard with half of the ten people.
        let calls: HashMap<usize, Rc<Call>> =
            (0..5).map(|person| (person, Rc::default())).collect();
        let draw = |stream| {
            let mut moments = Moments::new(&plan, &calls, stream, (20.0, 1.0), 0).unwrap();
            let times: Vec<(f64, usize)> = (0..2_000)
                .map(|_| (moments.next(), moments.person()))
                .collect();
            times
        };
        let times = draw(LEAVES);
        let seconds = times[1_999].0 / 1e9;
        // Ten a second: of two thousand, the mean lies within a tenth.
        assert!((180.0..220.0).contains(&seconds), "{seconds}");
        assert_eq!(times, draw(LEAVES));
        assert_ne!(times, draw(MOMENTS));
        assert!(Moments::new(&plan, &HashMap::new(), LEAVES, (20.0, 1.0), 0).is_none());
    }
}
