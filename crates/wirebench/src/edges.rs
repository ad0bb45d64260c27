//! The view of the server from outside, at the edges of what a run is made of: before the first
//! connection, when everybody is connected, at the beginning and the end of the window, and when
//! the last connection is closed.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use crate::{
    child::{Process, Sample},
    process_tree::ProcessTree,
    rows::Observed,
    switches::Threads,
};

/// The pause between two looks at a server that may still be closing connections.
const PAUSE: Duration = Duration::from_millis(10);
/// The longest time that the last look waits for a server that does not come to rest.
const REST: Duration = Duration::from_millis(300);

/// The server of a run, either this run's own or one that was running already.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen<'a> {
    /// The server process, if this run started it.
    pub(crate) server: Option<&'a Process>,
    /// The sample of the server that was there before it and is gone, if there was one.
    pub(crate) ended: Option<Sample>,
    /// The servers beside it that have the same rooms.
    pub(crate) others: &'a [Process],
    /// The processes of a server that was running already, as far as they were named.
    pub(crate) watched: Option<&'a ProcessTree>,
}

impl Seen<'_> {
    /// Samples CPU time, also that of a server that is gone, and memory now.
    fn sample(self) -> Option<Sample> {
        let own = self.server.into_iter().chain(self.others);
        let ended = self.ended.map(|ended| Sample {
            resident: 0,
            ..ended
        });
        own.filter_map(Process::sample)
            .chain(ended)
            .reduce(Sample::and)
            .or_else(|| self.watched.and_then(ProcessTree::sample))
    }

    /// Returns the counts of the server's threads so far; `None` if a server is gone, of which the
    /// system keeps none.
    fn threads(self) -> Option<Threads> {
        if self.ended.is_some() {
            return None;
        }
        let Some(server) = self.server else {
            return self.watched.and_then(ProcessTree::threads);
        };
        let others = self.others.iter().map(Process::threads);
        others.fold(server.threads(), |one, other| Some(one?.and(other?)))
    }
}

/// The samples taken at each edge of the window so far. A process that has ended keeps the CPU time
/// of the sample before.
#[derive(Debug, Default)]
pub(crate) struct Edges {
    before: Sample,
    gathered: Option<Sample>,
    /// The sample at the beginning of *measure*.
    measure: Option<Sample>,
    threads: Option<Threads>,
    /// The last sample in the window.
    last: Sample,
    /// The sample and thread counts at the end of the window.
    end: Option<(Sample, Option<Threads>)>,
}

impl Edges {
    /// Looks at a server that nobody is connected to. One that was just started is waited for: it says
    /// where it listens before it has set up all else, and what it does then is no client's.
    pub(crate) fn before(seen: Seen<'_>) -> Self {
        let before = match seen.server {
            Some(_) => at_rest(seen, has_begun),
            None => seen.sample(),
        };
        let before = before.unwrap_or_default();
        Self {
            before,
            last: before,
            ..Self::default()
        }
    }

    /// Takes the sample at the time when everybody is connected.
    pub(crate) fn gathered(&mut self, seen: Seen<'_>) {
        self.gathered = seen.sample();
    }

    /// Takes the sample at the beginning of *measure*. Returns whether there is anything to
    /// observe.
    pub(crate) fn measure(&mut self, seen: Seen<'_>) -> bool {
        self.measure = seen.sample();
        self.threads = seen.threads();
        self.last = self.measure.unwrap_or(self.last);
        self.measure.is_some()
    }

    /// Ends a second of the window. Returns the CPU time since the look before, and the memory now.
    /// The CPU time is a difference of whole microseconds since *measure* began, so that the
    /// seconds add up to the window.
    pub(crate) fn second(&mut self, seen: Seen<'_>) -> Option<Sample> {
        let began = self.measure?;
        let mut now = seen.sample()?;
        now.cpu = now.cpu.max(self.last.cpu);
        let cpu = micros(began, now) - micros(began, self.last);
        self.last = now;
        Some(Sample {
            cpu: Duration::from_micros(cpu),
            resident: now.resident,
        })
    }

    /// Takes the sample at the end of the window. Returns what was added since the sample of its
    /// last second, like [`Self::second`]. Everybody is still connected. Of two servers one after
    /// the other, the memory is that of the larger.
    pub(crate) fn end(&mut self, seen: Seen<'_>) -> Option<Sample> {
        let rest = self.second(seen)?;
        let before = seen.ended.map_or(0, |ended| ended.resident);
        let last = Sample {
            resident: self.last.resident.max(before),
            ..self.last
        };
        self.end = Some((last, seen.threads()));
        Some(rest)
    }

    /// Takes the last sample, after everybody has left. Returns `None` if there is nothing to
    /// observe, or there was no window.
    pub(crate) fn closed(self, seen: Seen<'_>) -> Option<Observed> {
        let (end, threads) = self.end?;
        let mut closed = at_rest(seen, is_idle)?;
        closed.cpu = closed.cpu.max(end.cpu);
        Some(Observed {
            before: self.before,
            gathered: self.gathered?,
            measure: self.measure?,
            end,
            closed,
            switches: self
                .threads
                .zip(threads)
                .map(|(then, now)| now.since(&then)),
        })
    }
}

/// Returns the CPU time between two samples, in whole microseconds.
pub(crate) fn micros(from: Sample, to: Sample) -> u64 {
    to.cpu.saturating_sub(from.cpu).as_micros() as u64
}

/// Returns whether a server did next to nothing in the pause between two looks.
fn is_idle(last: Sample, now: Sample) -> bool {
    // Less than a hundredth of a processor.
    now.cpu.saturating_sub(last.cpu) * 100 < PAUSE
}

/// Returns whether a server that was started has set up all that it needs to be there.
fn has_begun(last: Sample, now: Sample) -> bool {
    is_idle(last, now) && last.resident == now.resident
}

/// Returns the later of two looks between which the server was at rest: a client that closes a
/// connection does not wait until the server has noticed. Returns the last look if the server does
/// not come to rest in time.
fn at_rest(seen: Seen<'_>, rests: impl Fn(Sample, Sample) -> bool) -> Option<Sample> {
    let began = Instant::now();
    let first = seen.sample()?;
    let looks = std::iter::from_fn(|| {
        if began.elapsed() >= REST {
            return None;
        }
        sleep(PAUSE);
        seen.sample()
    });
    Some(first_rest(first, looks, rests))
}

/// Returns the first look that finds the server at rest since the one before it, or else the last.
fn first_rest(
    first: Sample,
    looks: impl IntoIterator<Item = Sample>,
    rests: impl Fn(Sample, Sample) -> bool,
) -> Sample {
    let mut last = first;
    for now in looks {
        if rests(last, now) {
            return now;
        }
        last = now;
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns looks at a server, a pause each, from its CPU time and its pages so far.
    fn looks(of: &[(u64, u64)]) -> Vec<Sample> {
        of.iter()
            .map(|&(cpu_us, pages)| Sample {
                cpu: Duration::from_micros(cpu_us),
                resident: pages * 4_096,
            })
            .collect()
    }

    /// Looks at a server of which another one is gone, by turns with and without one in its place.
    #[test]
    fn what_a_server_took_that_is_gone_is_added_to_the_next() {
        let ms = Duration::from_millis;
        let nobody = |ended| Seen {
            server: None,
            ended,
            others: &[],
            watched: None,
        };
        let gone = Sample {
            cpu: ms(900),
            resident: 8_000_000,
        };
        let mut edges = Edges {
            before: Sample::default(),
            gathered: Some(Sample::default()),
            measure: Some(Sample {
                cpu: ms(100),
                resident: 5_000_000,
            }),
            last: Sample {
                cpu: ms(700),
                resident: 6_000_000,
            },
            ..Edges::default()
        };
        let second = edges.second(nobody(Some(gone))).expect("it is known");
        assert_eq!((second.cpu, second.resident), (ms(200), 0));
        let rest = edges.end(nobody(Some(gone))).expect("it is known");
        assert_eq!(rest.cpu, Duration::ZERO);
        let observed = edges.closed(nobody(Some(gone))).expect("it is known");
        assert_eq!(micros(observed.measure, observed.end), 800_000);
        assert_eq!(observed.end.resident, gone.resident);
        assert!(observed.switches.is_none());
        // What is not known is not told.
        assert!(nobody(None).sample().is_none());
    }

    #[test]
    fn what_a_server_sets_up_after_it_has_said_where_it_listens_is_no_clients() {
        // It still takes time, then memory, and then it waits.
        let all = looks(&[
            (9_000, 1_900),
            (9_900, 2_000),
            (9_950, 2_200),
            (9_960, 2_200),
            (9_960, 2_300),
        ]);
        let of = |rests: fn(Sample, Sample) -> bool| {
            first_rest(all[0], all[1..].iter().copied(), rests).resident / 4_096
        };
        assert_eq!(of(has_begun), 2_200);
        // A server that is closing connections is waited for, as long as that takes processor time.
        assert_eq!(
            first_rest(all[0], [all[1]], is_idle).resident,
            all[1].resident
        );
        assert_eq!(of(is_idle), 2_200);
        let busy = looks(&[(0, 1), (900, 2), (1_800, 3)]);
        let last = first_rest(busy[0], busy[1..].iter().copied(), has_begun);
        assert_eq!(last.resident, 3 * 4_096);
    }
}
