//! The answers of Linux: processes have clocks and files in `/proc`, and so has the system.

use std::{
    fs, io,
    os::unix::process::ExitStatusExt,
    process::{Child, ExitStatus},
    time::Duration,
};

use anyhow::Context;
use nix::{
    sys::wait::{Id, WaitPidFlag, WaitStatus, waitid},
    time::{ClockId, clock_getcpuclockid, clock_gettime},
    unistd::Pid,
};

/// The clock of a process's CPU time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CpuClock(ClockId);

impl CpuClock {
    /// Returns the clock of a process.
    pub(crate) fn of(pid: u32) -> anyhow::Result<Self> {
        clock_getcpuclockid(pid_from(pid))
            .map(Self)
            .with_context(|| format!("cannot read the CPU clock of process {pid}"))
    }

    /// Returns the CPU time of all its threads so far, including those that ended; `None` once the
    /// process has gone.
    pub(crate) fn read(self) -> Option<Duration> {
        clock_gettime(self.0).ok().map(Duration::from)
    }
}

/// Returns the exit status of a process that has ended, and leaves it to be waited for: until then, the
/// system keeps its number and its CPU clock (waitid(2), `WNOWAIT`). Where it `waits`, it returns only
/// after the end.
pub(crate) fn ended(child: &mut Child, waits: bool) -> io::Result<Option<ExitStatus>> {
    let now = if waits {
        WaitPidFlag::empty()
    } else {
        WaitPidFlag::WNOHANG
    };
    let how = now | WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT;
    let raw = match waitid(Id::Pid(pid_from(child.id())), how)? {
        WaitStatus::Exited(_, code) => (code & 0xff) << 8,
        WaitStatus::Signaled(_, signal, _) => signal as i32,
        _ => return Ok(None),
    };
    Ok(Some(ExitStatus::from_raw(raw)))
}

fn pid_from(pid: u32) -> Pid {
    // Process ids are positive and fit i32 on every kernel we run on.
    Pid::from_raw(i32::try_from(pid).unwrap_or(i32::MAX))
}

/// Returns whether this process was started with SIGHUP ignored (`nohup`). It is then meant to
/// outlive its terminal.
pub(crate) fn hangup_is_ignored() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    // Bit 0 is signal 1, which is SIGHUP (proc(5), signal(7)).
    mask.is_some_and(|mask| mask & 1 == 1)
}

/// Returns the name of the processors.
pub(crate) fn processor() -> String {
    field("/proc/cpuinfo", "model name")
}

/// Returns the size of the memory in bytes; 0 if it cannot be read.
pub(crate) fn memory_bytes() -> u64 {
    let told = field("/proc/meminfo", "MemTotal");
    let kib = told.split_whitespace().next();
    let kib = kib.and_then(|kib| kib.parse::<u64>().ok());
    kib.unwrap_or_default() * 1024
}

/// Returns the first and the last port that the kernel gives by itself.
pub(crate) fn local_ports() -> String {
    whole("/proc/sys/net/ipv4/ip_local_port_range").replace('\t', " to ")
}

/// Returns the most connections that may wait at a listening socket.
pub(crate) fn listen_backlog() -> String {
    whole("/proc/sys/net/core/somaxconn")
}

/// Returns the load averages over 1, 5 and 15 minutes; empty where they cannot be read.
pub(crate) fn load_average() -> Vec<f64> {
    whole("/proc/loadavg")
        .split_whitespace()
        .take(3)
        .filter_map(|number| number.parse().ok())
        .collect()
}

/// Returns the number that this machine has until it is started anew.
pub(crate) fn boot() -> String {
    whole("/proc/sys/kernel/random/boot_id")
}

fn whole(file: &str) -> String {
    fs::read_to_string(file)
        .unwrap_or_default()
        .trim()
        .to_owned()
}

fn field(file: &str, name: &str) -> String {
    let text = fs::read_to_string(file).unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with(name));
    line.and_then(|line| line.split_once(':'))
        .map(|(_, value)| value.trim().to_owned())
        .unwrap_or_default()
}
