//! A server that somebody else started, looked at from outside: its processes
//! by their ids, and those that they started.

use std::fs;

use anyhow::{Context, ensure};
use swarm::Target;

use crate::{
    child::Sample,
    switches::Threads,
    system::{self, CpuClock},
};

/// A server that runs already.
#[derive(Debug)]
pub(crate) struct RunningServer {
    /// The server's address.
    pub(crate) target: Target,
    /// The server's processes, as far as they were named.
    pub(crate) watched: ProcessTree,
    /// The authorities whose certificates it may show.
    pub(crate) trust: tls::Trust,
}

/// The processes whose CPU time and memory count as the server's.
#[derive(Debug)]
pub(crate) struct ProcessTree(Vec<(u32, CpuClock)>);

impl ProcessTree {
    /// Finds the processes `named` and all that they have started so far, such as a
    /// master's workers.
    pub(crate) fn find(named: &[u32]) -> anyhow::Result<Self> {
        if !named.is_empty() {
            system::tells_of_processes(
                "--target-pid",
                "leave it out, and everything but the server's processor time and memory is measured",
            )?;
        }
        Self::of(named).context(
            "--target-pid: the server's processes cannot be looked at; \
             `ss -ltnp` tells who listens on its port",
        )
    }

    /// Finds the process `pid` and all that it has started so far; `None` if it is not there.
    pub(crate) fn below(pid: u32) -> Option<Self> {
        Self::of(&[pid]).ok()
    }

    fn of(named: &[u32]) -> anyhow::Result<Self> {
        let mut pids = named.to_vec();
        let mut next = 0;
        while let Some(&pid) = pids.get(next) {
            let started = children(pid);
            pids.extend(started.into_iter().filter(|child| !named.contains(child)));
            next += 1;
        }
        pids.sort_unstable();
        pids.dedup();
        let with_clock = |pid: u32| {
            // The clock's own number is made of the id, and wraps for a large one.
            ensure!(is_there(pid), "there is no process {pid}");
            Ok((pid, CpuClock::of(pid)?))
        };
        let found: anyhow::Result<Vec<_>> = pids.into_iter().map(with_clock).collect();
        found.map(Self)
    }

    /// Returns the ids of the processes.
    pub(crate) fn pids(&self) -> impl Iterator<Item = u32> {
        self.0.iter().map(|(pid, _)| *pid)
    }

    /// Samples the CPU time and memory of all of them; returns `None` if no process was named.
    pub(crate) fn sample(&self) -> Option<Sample> {
        let samples = self.0.iter().map(|&(pid, clock)| Sample::of(pid, clock));
        samples.reduce(Sample::and)
    }

    /// Returns the counts of the threads of all these processes so far; `None` if no process was
    /// named, or the system does not report them.
    pub(crate) fn threads(&self) -> Option<Threads> {
        let all: Option<Vec<Threads>> = self.0.iter().map(|(pid, _)| Threads::of(*pid)).collect();
        all?.into_iter().reduce(Threads::and)
    }

    /// Returns a process that has ended, if any: from then on the figures would be incomplete.
    pub(crate) fn ended(&self) -> Option<u32> {
        let mut pids = self.0.iter().map(|(pid, _)| *pid);
        pids.find(|pid| !is_there(*pid))
    }
}

fn is_there(pid: u32) -> bool {
    fs::exists(format!("/proc/{pid}")).unwrap_or(false)
}

/// Returns the children that the threads of a process have started and not yet reaped.
fn children(pid: u32) -> Vec<u32> {
    let Ok(threads) = fs::read_dir(format!("/proc/{pid}/task")) else {
        return Vec::new();
    };
    let lists = threads
        .flatten()
        .filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    lists
        .flat_map(|list| {
            let pids = list.split_whitespace().filter_map(|pid| pid.parse().ok());
            pids.collect::<Vec<u32>>()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::{
        io::Read,
        process::{Command, Stdio},
        time::Duration,
    };

    use super::*;

    #[test]
    fn a_process_is_watched_with_what_it_started() {
        // A shell that waits for a child, which says that it is there.
        let mut shell = Command::new("sh")
            .args(["-c", "sh -c 'echo; read line'; true"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        shell.stdout.take().unwrap().read_exact(&mut [0]).unwrap();
        let watched = ProcessTree::find(&[shell.id()]).unwrap();
        assert_eq!(watched.0.len(), 2);
        let sample = watched.sample().unwrap();
        assert!(sample.resident > 0 && sample.cpu < Duration::from_mins(1));
        assert_eq!(watched.ended(), None);
        let threads = watched.threads().unwrap();
        assert_eq!(threads.since(&threads).threads, 2);
        shell.kill().unwrap();
        shell.wait().unwrap();
        assert!(watched.ended().is_some());
    }

    #[test]
    fn nothing_named_is_nothing_seen_and_a_wrong_id_is_refused() {
        assert!(ProcessTree::find(&[]).unwrap().sample().is_none());
        assert!(ProcessTree::find(&[]).unwrap().threads().is_none());
        assert!(ProcessTree::find(&[u32::MAX >> 1]).is_err());
    }
}
