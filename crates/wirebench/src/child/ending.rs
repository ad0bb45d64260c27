//! The end of a process of the run, and what it took until then.

use std::{
    thread,
    time::{Duration, Instant},
};

use nix::{
    sys::{
        signal::{Signal, kill},
        wait::{Id, WaitPidFlag, WaitStatus, waitid},
    },
    time::clock_gettime,
};

use super::{Process, Sample, pid_of};

/// The time that a process may take to end before it is killed.
const GOODBYE: Duration = Duration::from_secs(10);

impl Process {
    /// Asks the process to end, and kills it if it does not within ten seconds. Returns what it took,
    /// as [`Self::kill`] does.
    pub(crate) fn stop(self) -> Option<Sample> {
        self.go_on();
        let resident = self.sample().resident;
        let _ = kill(pid_of(&self.child), Signal::SIGTERM);
        let asked = Instant::now();
        while asked.elapsed() < GOODBYE {
            match self.has_ended(WaitPidFlag::WNOHANG) {
                Ok(true) => return self.taken(resident),
                Ok(false) => thread::sleep(Duration::from_millis(5)),
                Err(_) => return None,
            }
        }
        self.kill()
    }

    /// Kills the process. Returns the CPU time that it took in all, and its memory just before; `None`
    /// if the system does not tell.
    pub(crate) fn kill(self) -> Option<Sample> {
        let resident = self.sample().resident;
        let _ = kill(pid_of(&self.child), Signal::SIGKILL);
        match self.has_ended(WaitPidFlag::empty()) {
            Ok(true) => self.taken(resident),
            Ok(false) | Err(_) => None,
        }
    }

    /// Returns whether the process has ended, and leaves it to be waited for: until then, the system
    /// keeps its CPU clock (waitid(2), `WNOWAIT`).
    fn has_ended(&self, how: WaitPidFlag) -> nix::Result<bool> {
        let how = how | WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT;
        let status = waitid(Id::Pid(pid_of(&self.child)), how)?;
        Ok(status != WaitStatus::StillAlive)
    }

    /// Returns what a process took that has ended and was not waited for yet.
    fn taken(&self, resident: u64) -> Option<Sample> {
        let cpu = clock_gettime(self.cpu_clock).ok()?.into();
        Some(Sample { cpu, resident })
    }
}

#[cfg(test)]
mod tests {
    use std::{
        net::SocketAddr,
        process::{Command, Stdio},
        sync::Arc,
    };

    use super::*;
    use crate::child::cpu_clock;

    /// Starts a process that is always busy, and waits until it has taken some time.
    fn busy() -> Process {
        let child = Command::new("sh")
            .args(["-c", "while :; do :; done"])
            .stdin(Stdio::null())
            .spawn()
            .expect("a shell");
        let process = Process {
            cpu_clock: cpu_clock(child.id()).expect("its clock"),
            child,
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            certificate: None,
            report: Arc::default(),
        };
        while process.sample().cpu < Duration::from_millis(20) {
            thread::sleep(Duration::from_millis(5));
        }
        process
    }

    #[test]
    fn what_a_process_took_is_told_after_its_end() {
        for end in [Process::kill, Process::stop] {
            let process = busy();
            let (pid, before) = (process.child.id(), process.sample());
            let taken = end(process).expect("the system tells");
            assert!(taken.cpu >= before.cpu, "{taken:?}, {before:?}");
            assert!(taken.resident > 0, "{taken:?}");
            assert!(!std::fs::exists(format!("/proc/{pid}")).expect("/proc"));
        }
    }
}
