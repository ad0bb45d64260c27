//! The processor time that programs beside the run took in the window.
//!
//! A generator that had to wait for a processor may have waited for the server, which is part of
//! what one machine measures, or for a stranger, which is not. The kernel tells how long it waited
//! and not for whom. What strangers took is the rest: the time in which the machine's processors
//! were busy, less what this process and those that it started took.

use std::{
    fs, process,
    time::{Duration, Instant},
};

use crate::process_tree::ProcessTree;

/// The ticks of `/proc/stat` in a second (`USER_HZ`): 100 on all that this program is built for.
const TICKS_PER_SECOND: f64 = 100.0;

/// The looks at both ends of the window.
#[derive(Debug, Default)]
pub(crate) struct Others {
    began: Option<Look>,
    ended: Option<Look>,
}

/// The processor time taken so far.
#[derive(Debug, Clone, Copy)]
struct Look {
    at: Instant,
    /// The time that all processors together ran something.
    machine: Duration,
    /// The part of it that was the run's own.
    run: Duration,
}

impl Others {
    /// Looks at the beginning of the window. `named` are processes of a server that this one did
    /// not start.
    pub(crate) fn begin(&mut self, named: Option<&ProcessTree>) {
        self.began = Look::now(named, Duration::ZERO);
    }

    /// Looks at the end of the window. `gone` is the processor time of a server of the run that has
    /// ended in it.
    pub(crate) fn end(&mut self, named: Option<&ProcessTree>, gone: Duration) {
        self.ended = Look::now(named, gone);
    }

    /// Returns the processor time that other programs took in the window, as a share of one
    /// processor; `None` if it is not known.
    pub(crate) fn share(&self) -> Option<f64> {
        let (began, ended) = (self.began?, self.ended?);
        let window = ended.at.duration_since(began.at).as_secs_f64();
        let machine = ended.machine.checked_sub(began.machine)?;
        let run = ended.run.checked_sub(began.run)?;
        (window > 0.0).then(|| machine.saturating_sub(run).as_secs_f64() / window)
    }
}

impl Look {
    fn now(named: Option<&ProcessTree>, gone: Duration) -> Option<Self> {
        let mut own = ProcessTree::below(process::id())?.sample()?;
        own.cpu += gone;
        let named = named.and_then(ProcessTree::sample);
        Some(Self {
            at: Instant::now(),
            machine: busy(&fs::read_to_string("/proc/stat").ok()?)?,
            run: named.map_or(own.cpu, |named| own.cpu + named.cpu),
        })
    }
}

/// Returns the time that all processors ran something: user, nice, system, irq and softirq of the
/// line of all processors (proc(5), `/proc/stat`). Idle time and what a host took away are none.
fn busy(stat: &str) -> Option<Duration> {
    let line = stat.lines().find_map(|line| line.strip_prefix("cpu "))?;
    let fields: Vec<u64> = line
        .split_ascii_whitespace()
        .map_while(|field| field.parse().ok())
        .collect();
    let [user, nice, system, _idle, _iowait, irq, softirq] = *fields.first_chunk()?;
    let ticks = user + nice + system + irq + softirq;
    Some(Duration::from_secs_f64(ticks as f64 / TICKS_PER_SECOND))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn idle_and_stolen_time_is_not_busy() {
        let stat = "cpu  100 20 30 400 5 1 6 39 7 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n";
        assert_eq!(busy(stat), Some(Duration::from_millis(1_570)));
        assert_eq!(busy("cpu  1 2 3\n"), None);
        assert_eq!(busy(""), None);
    }

    #[test]
    fn what_the_run_took_is_no_other_programs() {
        let began = Instant::now();
        let look = |at, machine, run| Look {
            at: began + Duration::from_secs(at),
            machine: Duration::from_secs(machine),
            run: Duration::from_secs(run),
        };
        let share = |ended| {
            let others = Others {
                began: Some(look(0, 100, 10)),
                ended,
            };
            others.share()
        };
        assert_eq!(share(Some(look(4, 106, 12))), Some(1.0));
        // Ticks are coarser than the clocks of processes.
        assert_eq!(share(Some(look(4, 101, 12))), Some(0.0));
        assert_eq!(share(None), None);
        // A process that was counted before has ended.
        assert_eq!(share(Some(look(4, 106, 9))), None);
    }
}
