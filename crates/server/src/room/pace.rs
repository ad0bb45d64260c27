//! The limit on how fast people may speak: a number of drafts a second over
//! time, twice as many at once. A speaker who is too fast is asked to wait;
//! nobody else notices.

use std::{
    collections::HashMap,
    sync::Mutex,
    time::{Duration, Instant},
};

/// The ratio of a whole room's limit to that of one person: names are free, so a limit on each name
/// alone would have no effect.
const ROOM: u32 = 20;
/// The number of people whose pace is kept. Beyond it, those who have rested
/// are forgotten.
const MOST_PEOPLE: usize = 1024;
/// The time after which a speaker may again send as much at once as one who was silent so far.
const RESTED: Duration = Duration::from_secs(2);

/// The pace of everybody in a room.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    speakers: Mutex<Speakers>,
}

#[derive(Debug, Default)]
struct Speakers {
    by_name: HashMap<String, Instant>,
    room: Option<Instant>,
}

impl Pace {
    /// Takes one more draft of `speaker`, where each person may send `per_second`; `None` if that is
    /// too fast. What else a draft needs is taken by `take_rest` after that. If that fails, nothing
    /// is taken here: a draft that is refused must not use up what others in the room may send.
    pub(crate) fn take<T, E>(
        &self,
        speaker: &str,
        per_second: u32,
        now: Instant,
        take_rest: impl FnOnce() -> Result<T, E>,
    ) -> Option<Result<T, E>> {
        let mut speakers = self.speakers.lock().expect("no holder panics");
        if speakers.by_name.len() >= MOST_PEOPLE {
            let rested = |last: &Instant| now.saturating_duration_since(*last) > RESTED;
            speakers.by_name.retain(|_, last| !rested(last));
        }
        let room = speakers.room.unwrap_or(now);
        let own = speakers.by_name.get(speaker).copied().unwrap_or(now);
        let room = step(room, per_second.saturating_mul(ROOM), now)?;
        let own = step(own, per_second, now)?;
        let rest = take_rest();
        if rest.is_ok() {
            speakers.room = Some(room);
            if speakers.by_name.len() < MOST_PEOPLE || speakers.by_name.contains_key(speaker) {
                speakers.by_name.insert(speaker.to_owned(), own);
            }
        }
        Some(rest)
    }
}

/// Returns the time at which this draft will have been earned, or `None` if that is too far ahead:
/// two seconds' worth may be sent at once.
pub(crate) fn step(earned: Instant, per_second: u32, now: Instant) -> Option<Instant> {
    step_of(earned, per_second, now, RESTED)
}

/// Does what [`step`] does where as much may come at once as is earned in `burst`.
pub(crate) fn step_of(
    earned: Instant,
    per_second: u32,
    now: Instant,
    burst: Duration,
) -> Option<Instant> {
    let next = earned.max(now) + Duration::from_secs(1) / per_second.max(1);
    (next.saturating_duration_since(now) <= burst).then_some(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Pace {
        fn allows(&self, speaker: &str, per_second: u32, now: Instant) -> bool {
            let taken = self.take(speaker, per_second, now, || Ok::<(), ()>(()));
            taken.is_some()
        }
    }

    #[test]
    fn two_seconds_worth_at_once_and_then_the_pace() {
        let pace = Pace::default();
        let start = Instant::now();
        let said = (0..100).filter(|_| pace.allows("ann", 10, start)).count();
        assert_eq!(said, 20);
        let later = start + Duration::from_secs(1);
        let said = (0..100).filter(|_| pace.allows("ann", 10, later)).count();
        assert_eq!(said, 10);
        // Somebody else has a pace of their own.
        assert!(pace.allows("ben", 10, start));
    }

    #[test]
    fn changing_names_does_not_help_for_long() {
        let pace = Pace::default();
        let now = Instant::now();
        let names = (0..5000).map(|name| name.to_string());
        let said = names.filter(|name| pace.allows(name, 10, now)).count();
        assert_eq!(said, 10 * 20 * 2);
    }

    #[test]
    fn a_draft_that_is_refused_elsewhere_uses_up_nothing() {
        let pace = Pace::default();
        let now = Instant::now();
        for number in 0..5000 {
            let taken = pace.take(&number.to_string(), 10, now, || Err::<(), ()>(()));
            assert_eq!(taken, Some(Err(())));
        }
        assert!(pace.allows("ann", 10, now));
    }
}
