//! The end of a process of the run, and what it took until then.

use std::{
    process::ExitStatus,
    thread,
    time::{Duration, Instant},
};

use nix::sys::signal::{Signal, kill};

use super::{Process, Sample, pid_of};
use crate::system;

/// The time that a process may take to end before it is killed.
const GOODBYE: Duration = Duration::from_secs(10);

impl Process {
    /// Returns the exit status if the process has ended by itself. On Linux it is waited for only when
    /// this value is dropped, so that its number stays its own: a signal to it reaches no other process.
    pub(crate) fn has_died(&mut self) -> Option<ExitStatus> {
        system::ended(&mut self.child, false).ok()?
    }

    /// Asks the process to end, and kills it if it does not within ten seconds. Returns what it took,
    /// as [`Self::kill`] does.
    pub(crate) fn stop(mut self) -> Option<Sample> {
        self.go_on();
        let last = self.sample();
        let _ = kill(pid_of(&self.child), Signal::SIGTERM);
        let asked = Instant::now();
        while asked.elapsed() < GOODBYE {
            match system::ended(&mut self.child, false) {
                Ok(Some(_)) => return self.taken(last),
                Ok(None) => thread::sleep(Duration::from_millis(5)),
                Err(_) => return None,
            }
        }
        self.kill()
    }

    /// Kills the process. Returns the CPU time that it took in all, and its memory just before; `None`
    /// if the system does not tell.
    pub(crate) fn kill(mut self) -> Option<Sample> {
        let last = self.sample();
        let _ = kill(pid_of(&self.child), Signal::SIGKILL);
        match system::ended(&mut self.child, true) {
            Ok(Some(_)) => self.taken(last),
            Ok(None) | Err(_) => None,
        }
    }

    /// Returns what a process took that has ended and was not waited for yet; `last` is its last
    /// sample.
    fn taken(&self, last: Option<Sample>) -> Option<Sample> {
        let cpu = self.cpu_clock?.read()?;
        let resident = last?.resident;
        Some(Sample { cpu, resident })
    }
}

#[cfg(test)]
mod tests {
    use std::{
        net::SocketAddr,
        os::unix::process::ExitStatusExt,
        process::{Command, Stdio},
        sync::Arc,
    };

    use super::*;
    use crate::system::CpuClock;

    fn running(script: &str) -> Process {
        let child = Command::new("sh")
            .args(["-c", script])
            .stdin(Stdio::null())
            .spawn()
            .expect("a shell");
        Process {
            cpu_clock: Some(CpuClock::of(child.id()).expect("its clock")),
            child,
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            certificate: None,
            report: Arc::default(),
        }
    }

    /// Starts a process that is always busy, and waits until it has taken some time.
    fn busy() -> Process {
        let process = running("while :; do :; done");
        let cpu = || process.sample().expect("a clock").cpu;
        while cpu() < Duration::from_millis(20) {
            thread::sleep(Duration::from_millis(5));
        }
        process
    }

    /// Waits until a process is told to have died.
    fn status(process: &mut Process) -> ExitStatus {
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
        let mut process = busy();
        assert_eq!(process.has_died(), None);
        let (pid, folder) = (process.child.id(), format!("/proc/{}", process.child.id()));
        let _ = kill(pid_of(&process.child), Signal::SIGKILL);
        assert_eq!(status(&mut process).signal(), Some(Signal::SIGKILL as i32));
        assert!(std::fs::exists(&folder).expect("/proc"), "{pid} is free");
        assert_eq!(
            status(&mut process).signal(),
            Some(9),
            "also when asked again"
        );
        process.stop().expect("the system tells");
        assert!(!std::fs::exists(&folder).expect("/proc"));
    }

    #[test]
    fn the_code_of_a_process_that_ended_by_itself_is_told() {
        let mut process = running("exit 3");
        assert_eq!(status(&mut process).code(), Some(3));
    }

    #[test]
    fn what_a_process_took_is_told_after_its_end() {
        for end in [Process::kill, Process::stop] {
            let process = busy();
            let (pid, before) = (process.child.id(), process.sample().expect("a clock"));
            let taken = end(process).expect("the system tells");
            assert!(taken.cpu >= before.cpu, "{taken:?}, {before:?}");
            assert!(taken.resident > 0, "{taken:?}");
            assert!(!std::fs::exists(format!("/proc/{pid}")).expect("/proc"));
        }
    }
}
