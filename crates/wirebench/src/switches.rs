//! The context switches of a process's threads, as counted by the kernel
//! (`/proc/PID/task/TID/status`, see proc(5)).

use std::{collections::BTreeMap, fs};

use serde::{Deserialize, Serialize};

/// The context switches of a process's threads over a period of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Switches {
    /// The number of threads at the end of that period.
    pub(crate) threads: u64,
    /// The number of times that a thread went to wait, and so had to be woken up.
    pub(crate) voluntary: u64,
    /// The number of times that a thread was preempted with work left.
    pub(crate) involuntary: u64,
}

/// The counts of every thread at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Threads(BTreeMap<u32, [u64; 2]>);

impl Threads {
    /// Reads the counts of a process's threads; returns `None` if the system does not report them.
    pub(crate) fn of(pid: u32) -> Option<Self> {
        let tasks = fs::read_dir(format!("/proc/{pid}/task")).ok()?;
        let mut threads = BTreeMap::new();
        for task in tasks {
            let task = task.ok()?;
            let id = task.file_name().to_str()?.parse().ok()?;
            // A thread may end between the listing and this.
            let Ok(status) = fs::read_to_string(task.path().join("status")) else {
                continue;
            };
            threads.insert(id, counts(&status)?);
        }
        (!threads.is_empty()).then_some(Self(threads))
    }

    /// Merges the counts of two processes; no two threads of a machine share an id.
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Returns the switches since `before`. Those of a thread that has ended in between are lost;
    /// the server's threads last as long as the server.
    pub(crate) fn since(&self, before: &Self) -> Switches {
        let sum = |which: usize| {
            let own = self.0.iter().map(|(id, counts)| {
                let then = before.0.get(id).map_or(0, |counts| counts[which]);
                counts[which].saturating_sub(then)
            });
            own.sum()
        };
        Switches {
            threads: self.0.len() as u64,
            voluntary: sum(0),
            involuntary: sum(1),
        }
    }
}

/// Parses the voluntary and involuntary switches of one thread.
fn counts(status: &str) -> Option<[u64; 2]> {
    let number = |name: &str| {
        let mut lines = status.lines();
        lines.find_map(|line| line.strip_prefix(name)?.trim().parse().ok())
    };
    Some([
        number("voluntary_ctxt_switches:")?,
        number("nonvoluntary_ctxt_switches:")?,
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_file_of_the_kernel() {
        let status = "Name:\twirebench\nThreads:\t3\nvoluntary_ctxt_switches:\t150\n\
                      nonvoluntary_ctxt_switches:\t7\n";
        assert_eq!(counts(status), Some([150, 7]));
        assert_eq!(counts("Name:\twirebench\n"), None);
    }

    #[test]
    fn exact_differences_over_threads_that_come_and_go() {
        let at = |threads: &[(u32, [u64; 2])]| Threads(threads.iter().copied().collect());
        let before = at(&[(1, [10, 1]), (2, [100, 5])]);
        let after = at(&[(1, [15, 1]), (3, [4, 2])]);
        let found = after.since(&before);
        let wanted = Switches {
            threads: 2,
            voluntary: 9,
            involuntary: 2,
        };
        assert_eq!(found, wanted);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_thread_that_sleeps_gives_its_processor_up() {
        let threads = || Threads::of(std::process::id()).expect("Linux tells of threads");
        let before = threads();
        for _ in 0..5 {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        let did = threads().since(&before);
        assert!(did.threads >= 1 && did.voluntary >= 5, "{did:?}");
    }
}
