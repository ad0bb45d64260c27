//! The counts of the kernel: the time that a thread waited for a processor, and the
//! activity of the machine's processors. They are absent if the kernel was built without
//! them.

use std::{fs, fs::File, os::unix::fs::FileExt};

use crate::{clock::Nanos, outcome::Machine};

/// A reader of the time that the thread that opened it waited, ready to run, for a
/// processor (`/proc/PID/task/TID/schedstat`, second field, in nanoseconds; see the
/// kernel's sched-stats documentation).
#[derive(Debug)]
pub(super) struct WaitClock(Option<File>);

impl WaitClock {
    /// Opens the clock of the calling thread.
    pub(super) fn of_this_thread() -> Self {
        Self(File::open("/proc/thread-self/schedstat").ok())
    }

    /// Returns the wait so far; `None` where the kernel does not count it.
    pub(super) fn read(&self) -> Option<Nanos> {
        let mut text = [0; 96];
        let length = self.0.as_ref()?.read_at(&mut text, 0).ok()?;
        waited(std::str::from_utf8(&text[..length]).ok()?)
    }
}

/// Returns the second of three fields; a kernel without the statistics says three zeros.
fn waited(schedstat: &str) -> Option<Nanos> {
    let mut fields = schedstat.split_ascii_whitespace();
    let ran: Nanos = fields.next()?.parse().ok()?;
    let waited = fields.next()?.parse().ok()?;
    (ran > 0).then_some(waited)
}

/// The activity of the machine's processors so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct MachineCounts {
    /// Ticks that the host took away, and ticks in all.
    ticks: Option<[u64; 2]>,
    /// The microseconds since boot in which some task waited for a processor, and all microseconds
    /// since boot.
    pressure: Option<[u64; 2]>,
}

impl MachineCounts {
    /// Reads `/proc/stat` and `/proc/pressure/cpu`.
    pub(super) fn read() -> Self {
        let text = |file| fs::read_to_string(file).ok();
        let uptime = text("/proc/uptime").and_then(|text| micros(&text));
        let stalled = text("/proc/pressure/cpu").and_then(|text| stalled(&text));
        Self {
            ticks: text("/proc/stat").and_then(|text| ticks(&text)),
            pressure: stalled.zip(uptime).map(|(stalled, now)| [stalled, now]),
        }
    }

    /// Returns the shares since `before`; `None` in place of a share that the kernel does not tell.
    pub(super) fn since(&self, before: &Self) -> Machine {
        let share = |now: Option<[u64; 2]>, then: Option<[u64; 2]>| {
            let ([part, whole], [part_then, whole_then]) = now.zip(then)?;
            let whole = whole.saturating_sub(whole_then);
            let part = part.saturating_sub(part_then) as f64;
            (whole > 0).then(|| (part / whole as f64).min(1.0))
        };
        Machine {
            steal: share(self.ticks, before.ticks),
            pressure: share(self.pressure, before.pressure),
        }
    }
}

/// Returns the stolen ticks and all ticks of the line of all processors (proc(5), `/proc/stat`):
/// user, nice, system, idle, iowait, irq, softirq, steal; the guests' are in user.
fn ticks(stat: &str) -> Option<[u64; 2]> {
    let line = stat.lines().find_map(|line| line.strip_prefix("cpu "))?;
    let fields: Vec<u64> = line
        .split_ascii_whitespace()
        .map_while(|field| field.parse().ok())
        .collect();
    let first = fields.get(..8)?;
    Some([first[7], first.iter().sum()])
}

/// Returns `total` of the line `some`, in microseconds (the kernel's documentation of pressure
/// stall information).
fn stalled(pressure: &str) -> Option<u64> {
    let some = pressure
        .lines()
        .find_map(|line| line.strip_prefix("some "))?;
    some.split_once("total=")?.1.trim().parse().ok()
}

/// Returns the first field of `/proc/uptime`, in microseconds.
fn micros(uptime: &str) -> Option<u64> {
    let seconds: f64 = uptime.split_ascii_whitespace().next()?.parse().ok()?;
    Some((seconds * 1e6) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_the_kernel() {
        assert_eq!(waited("5201 103734 17\n"), Some(103_734));
        assert_eq!(waited("0 0 0\n"), None);
        assert_eq!(waited(""), None);
        let stat = "cpu  100 20 30 400 5 0 6 39 7 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n";
        assert_eq!(ticks(stat), Some([39, 600]));
        assert_eq!(ticks("cpu  1 2 3\n"), None);
        let pressure = "some avg10=1.00 avg60=0.50 avg300=0.10 total=205865284\n\
                        full avg10=0.00 avg60=0.00 avg300=0.00 total=9\n";
        assert_eq!(stalled(pressure), Some(205_865_284));
        assert_eq!(stalled(""), None);
        assert_eq!(micros("12.34 20.00\n"), Some(12_340_000));
    }

    #[test]
    fn shares_of_the_time_between_and_nothing_where_nothing_is_told() {
        let at = |ticks, pressure| MachineCounts { ticks, pressure };
        let before = at(Some([10, 1_000]), Some([500, 10_000]));
        let after = at(Some([35, 1_100]), Some([1_500, 14_000]));
        let shares = after.since(&before);
        assert_eq!((shares.steal, shares.pressure), (Some(0.25), Some(0.25)));
        let silent = after.since(&at(None, Some([500, 14_000])));
        assert_eq!((silent.steal, silent.pressure), (None, None));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn this_kernel_tells_something_of_itself() {
        assert!(MachineCounts::read().ticks.is_some());
    }
}
