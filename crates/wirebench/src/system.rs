//! The differences between the systems that the program is compiled for: each is a function in `linux`
//! and one of the same signature in `elsewhere`. The words with which Linux is asked for are here.

#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(target_os = "linux")]
mod linux;

#[cfg(not(target_os = "linux"))]
pub(crate) use elsewhere::{
    CpuClock, boot, ended, hangup_is_ignored, listen_backlog, load_average, local_ports,
    memory_bytes, processor,
};
#[cfg(target_os = "linux")]
pub(crate) use linux::{
    CpuClock, boot, ended, hangup_is_ignored, listen_backlog, load_average, local_ports,
    memory_bytes, processor,
};
use nix::sys::utsname::uname;

/// True if the system tells of other processes: their processor time, memory, threads and ports.
pub(crate) const TELLS_OF_PROCESSES: bool = cfg!(target_os = "linux");

/// Refuses what needs a system that tells of other processes. `what` is what was asked for, and
/// `instead` says what works everywhere.
///
/// # Errors
/// Fails on any system but Linux.
pub(crate) fn tells_of_processes(what: &str, instead: &str) -> anyhow::Result<()> {
    anyhow::ensure!(TELLS_OF_PROCESSES, refusal(what, instead));
    Ok(())
}

fn refusal(what: &str, instead: &str) -> String {
    format!("{what} needs Linux, whose kernel tells of other processes (/proc); {instead}")
}

/// Returns the release of the kernel; empty if the system does not tell.
pub(crate) fn kernel() -> String {
    uname().map_or_else(
        |_| String::new(),
        |told| told.release().to_string_lossy().into_owned(),
    )
}

/// Returns the name of this machine; empty if the system does not tell.
pub(crate) fn host() -> String {
    uname().map_or_else(
        |_| String::new(),
        |told| told.nodename().to_string_lossy().into_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_what_is_missing_and_what_works() {
        let told = refusal("--target-pid", "leave it out");
        assert_eq!(
            told,
            "--target-pid needs Linux, whose kernel tells of other processes (/proc); leave it out"
        );
        let asked = tells_of_processes("--target-pid", "leave it out");
        assert_eq!(asked.is_ok(), cfg!(target_os = "linux"));
    }

    #[test]
    fn a_machine_tells_what_it_is() {
        assert!(!kernel().is_empty() && !host().is_empty() && !boot().is_empty());
        assert!(memory_bytes() > 0);
        assert_eq!(load_average().len(), 3);
        assert!(local_ports().contains(" to "), "{}", local_ports());
        assert!(listen_backlog().parse::<u64>().is_ok());
    }
}
