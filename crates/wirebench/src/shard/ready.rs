//! The moment at which a shard's first draft may be due.

use std::{
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use anyhow::bail;
use swarm::{Part, Starter, Stopper, Target, outcome::Look, plan::Plan};

use super::count::{Counted, Counter};

/// The time from the moment at which the last of all people came, which the server tells every shard
/// alike, to the first draft.
const AFTER_LAST: Duration = Duration::from_secs(2);
/// The time from the moment at which a shard notices that everybody is there to the first draft,
/// where no moment is the same for all.
const LEAD: Duration = Duration::from_millis(500);
/// The shortest time between two looks at the server's count.
const BETWEEN: Duration = Duration::from_millis(100);
/// The share of the time that looks at the count may take: one part in so many.
const LOOKS: u32 = 5;

/// The signal that a shard that is about to connect will wait for.
#[derive(Debug)]
pub(crate) struct Unready(Wait);

#[derive(Debug)]
enum Wait {
    AtOnce,
    At(Option<SystemTime>),
    Counted { counter: Counter, limit: Duration },
}

/// The signal that a shard whose people connect waits for.
#[derive(Debug)]
pub(crate) struct Ready {
    starter: Starter,
    stopper: Stopper,
    /// The step that is done once everybody here is connected.
    then: Then,
    /// True if there are other shards.
    has_others: bool,
    /// The look at the end of the window, which keeps people connected.
    look: Option<Look>,
}

#[derive(Debug)]
enum Then {
    /// The run begins.
    Begin,
    /// The server's count is awaited.
    Count(Counter, Duration),
    /// Nothing: the time is known.
    Nothing,
}

impl Unready {
    /// Waits for nothing.
    pub(crate) const fn at_once() -> Self {
        Self(Wait::AtOnce)
    }

    /// Waits for a time of day.
    pub(crate) const fn at(time: Option<SystemTime>) -> Self {
        Self(Wait::At(time))
    }

    /// Waits for so long until the server counts everybody of `plan`.
    ///
    /// # Errors
    /// Fails if the server cannot count these readers.
    pub(crate) fn counted(plan: &Plan, target: &Target, limit: Duration) -> anyhow::Result<Self> {
        if target.tls.is_some() {
            bail!("--barrier asks the server in the clear; under TLS give --start-at");
        }
        let counter = Counter::new(plan, target)?;
        Ok(Self(Wait::Counted { counter, limit }))
    }

    /// Goes on once the run has started.
    pub(crate) fn of(self, part: Part, starter: Starter, stopper: Stopper) -> Ready {
        let then = match self.0 {
            Wait::Counted { counter, limit } => Then::Count(counter, limit),
            Wait::AtOnce => Then::Begin,
            Wait::At(time) => {
                let wait = time.and_then(|time| time.duration_since(SystemTime::now()).ok());
                starter.begin(Instant::now() + wait.unwrap_or_default());
                Then::Nothing
            }
        };
        Ready {
            starter,
            stopper,
            then,
            has_others: !part.is_whole(),
            look: None,
        }
    }
}

impl Ready {
    /// Keeps people connected until the run closes their connections by itself.
    pub(crate) fn keep(&mut self, look: Look) {
        self.look = Some(look).filter(|_| self.has_others);
    }

    /// Notes that everybody in this process is connected: from now on the server's count decides.
    pub(crate) fn gathered(&mut self) {
        let (counter, limit) = match std::mem::replace(&mut self.then, Then::Nothing) {
            Then::Nothing => return,
            Then::Begin => return self.starter.begin(Instant::now() + LEAD),
            Then::Count(counter, limit) => (counter, limit),
        };
        let (starter, stopper) = (self.starter.clone(), self.stopper.clone());
        thread::spawn(move || match await_all(&counter, limit) {
            Ok(found) => {
                starter.begin(Instant::now() + lead(found.last_came, SystemTime::now()));
            }
            Err(why) => stopper.stop(why),
        });
    }
}

/// Returns the time to wait from `now` to the first draft, if the last of all people came at
/// `last_came`. A server whose clock is another gives no moment that is the same for all.
fn lead(last_came: Option<u64>, now: SystemTime) -> Duration {
    let last = last_came.and_then(|ms| UNIX_EPOCH.checked_add(Duration::from_millis(ms)));
    let at = last.and_then(|last| last.checked_add(AFTER_LAST));
    let wait = at.and_then(|at| at.duration_since(now).ok());
    wait.filter(|wait| *wait <= AFTER_LAST).unwrap_or(LEAD)
}

/// Waits until the server counts everybody.
fn await_all(counter: &Counter, limit: Duration) -> Result<Counted, String> {
    let began = Instant::now();
    loop {
        let asked = Instant::now();
        let seen = counter.count();
        if let Ok(seen) = &seen
            && seen.people >= counter.wanted()
        {
            return Ok(*seen);
        }
        if began.elapsed() >= limit {
            let waited = humantime::format_duration(limit);
            return Err(match seen {
                Ok(Counted { people, .. }) => format!(
                    "the barrier: after {waited} {people} of {} people were there, by the server's \
                     count of {}",
                    counter.wanted(),
                    counter.what()
                ),
                Err(error) => {
                    format!("the barrier: after {waited} the server does not count: {error:#}")
                }
            });
        }
        thread::sleep((asked.elapsed() * LOOKS).max(BETWEEN));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_that_notice_at_other_times_begin_at_the_same() {
        let at = |ms| UNIX_EPOCH + Duration::from_millis(ms);
        let begins = |now| at(now) + lead(Some(10_000), at(now));
        assert_eq!((begins(10_050), begins(11_400)), (at(12_000), at(12_000)));
        // A shard that notices too late begins after the lead, and so does one whose clock is not
        // the server's.
        for now in [12_001, 50_000, 9_000] {
            assert_eq!(begins(now), at(now) + LEAD);
        }
        assert_eq!(lead(None, at(10_000)), LEAD);
    }
}
