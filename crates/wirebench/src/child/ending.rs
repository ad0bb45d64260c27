//! The end of a process of the run, and what it took until then.

use std::{
    os::unix::process::ExitStatusExt,
    process::ExitStatus,
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
    /// Returns the exit status if the process has ended by itself. It is waited for only when this
    /// value is dropped, so that its number stays its own: a signal to it reaches no other process.
    pub(crate) fn has_died(&self) -> Option<ExitStatus> {
        match self.state(WaitPidFlag::WNOHANG).ok()? {
            WaitStatus::Exited(_, code) => Some(ExitStatus::from_raw((code & 0xff) << 8)),
            WaitStatus::Signaled(_, signal, _) => Some(ExitStatus::from_raw(signal as i32)),
            _ => None,
        }
    }

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
        Ok(self.state(how)? != WaitStatus::StillAlive)
    }

    fn state(&self, how: WaitPidFlag) -> nix::Result<WaitStatus> {
        let how = how | WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT;
        waitid(Id::Pid(pid_of(&self.child)), how)
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

    fn running(script: &str) -> Process {
        let child = Command::new("sh")
            .args(["-c", script])
            .stdin(Stdio::null())
            .spawn()
            .expect("a shell");
        Process {
            cpu_clock: cpu_clock(child.id()).expect("its clock"),
            child,
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            certificate: None,
            report: Arc::default(),
        }
    }

    /// Starts a process that is always busy, and waits until it has taken some time.
    fn busy() -> Process {
        let process = running("while :; do :; done");
        while process.sample().cpu < Duration::from_millis(20) {
            thread::sleep(Duration::from_millis(5));
        }
        process
    }

    /// Waits until a process is told to have died.
    fn status(process: &Process) -> ExitStatus {
        loop {
            if let Some(status) = process.has_died() {
                return status;
            }
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Checks that the number of a process that has died stays its own until the end, when it is
    /// signalled once more.
    #[test]
    fn a_process_that_has_died_keeps_its_number_until_it_is_stopped() {
        let process = busy();
        assert_eq!(process.has_died(), None);
        let (pid, folder) = (process.child.id(), format!("/proc/{}", process.child.id()));
        let _ = kill(pid_of(&process.child), Signal::SIGKILL);
        assert_eq!(status(&process).signal(), Some(Signal::SIGKILL as i32));
        assert!(std::fs::exists(&folder).expect("/proc"), "{pid} is free");
        assert_eq!(status(&process).signal(), Some(9), "also when asked again");
        process.stop().expect("the system tells");
        assert!(!std::fs::exists(&folder).expect("/proc"));
    }

    #[test]
    fn the_code_of_a_process_that_ended_by_itself_is_told() {
        let process = running("exit 3");
        assert_eq!(status(&process).code(), Some(3));
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
