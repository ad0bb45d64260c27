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
    /// The servers beside it that have the same rooms.
    pub(crate) others: &'a [Process],
    /// The processes of a server that was running already, as far as they were named.
    pub(crate) watched: Option<&'a ProcessTree>,
}

impl Seen<'_> {
    /// Samples CPU time and memory now.
    fn sample(self) -> Option<Sample> {
        let own = self.server.into_iter().chain(self.others);
        own.map(Process::sample)
            .reduce(Sample::and)
            .or_else(|| self.watched.and_then(ProcessTree::sample))
    }

    /// Returns the counts of the server's threads so far.
    fn threads(self) -> Option<Threads> {
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
    /// Looks at a server that nobody is connected to.
    pub(crate) fn before(seen: Seen<'_>) -> Self {
        let before = seen.sample().unwrap_or_default();
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

    /// Ends a second of the window with the CPU time since the look before, and memory
    /// now. Differences of whole microseconds since *measure* began, so that they
    /// add up to the window's.
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
    /// last second, like [`Self::second`]. Everybody is still connected.
    pub(crate) fn end(&mut self, seen: Seen<'_>) -> Option<Sample> {
        let rest = self.second(seen)?;
        self.end = Some((self.last, seen.threads()));
        Some(rest)
    }

    /// Takes the last sample, after everybody has left. Returns `None` if there is nothing to
    /// observe, or there was no window.
    pub(crate) fn closed(self, seen: Seen<'_>) -> Option<Observed> {
        let (end, threads) = self.end?;
        let mut closed = at_rest(seen)?;
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

/// Returns the first of two looks between which the server did next to nothing: who
/// closed a connection does not wait for the server to notice.
fn at_rest(seen: Seen<'_>) -> Option<Sample> {
    let began = Instant::now();
    let mut last = seen.sample()?;
    while began.elapsed() < REST {
        sleep(PAUSE);
        let now = seen.sample()?;
        // Less than a hundredth of a processor.
        if now.cpu.saturating_sub(last.cpu) * 100 < PAUSE {
            return Some(now);
        }
        last = now;
    }
    Some(last)
}
