//! The answers of macOS and the BSDs: sysctl(8) tells of the system, and nothing tells of other
//! processes as finely as a run needs.

use std::{
    convert::Infallible,
    io,
    process::{Child, Command, ExitStatus, Stdio},
    time::Duration,
};

use anyhow::bail;

/// The clock of another process's CPU time, of which there is none.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CpuClock(Infallible);

impl CpuClock {
    /// Says that there is none.
    pub(crate) fn of(pid: u32) -> anyhow::Result<Self> {
        bail!("cannot read the CPU clock of process {pid}: that needs Linux");
    }

    /// Is never called: there is no clock.
    pub(crate) fn read(self) -> Option<Duration> {
        match self.0 {}
    }
}

/// Returns the exit status of a process that has ended. Where it `waits`, it returns only after the end.
pub(crate) fn ended(child: &mut Child, waits: bool) -> io::Result<Option<ExitStatus>> {
    if waits {
        return child.wait().map(Some);
    }
    child.try_wait()
}

/// Returns false: no safe call tells whether a signal is ignored, so that a program under `nohup`
/// ends with its terminal here.
pub(crate) const fn hangup_is_ignored() -> bool {
    false
}

/// Returns the name of the processors.
pub(crate) fn processor() -> String {
    sysctl("machdep.cpu.brand_string")
}

/// Returns the size of the memory in bytes; 0 if it cannot be read.
pub(crate) fn memory_bytes() -> u64 {
    sysctl("hw.memsize").parse().unwrap_or_default()
}

/// Returns the first and the last port that the kernel gives by itself.
pub(crate) fn local_ports() -> String {
    let [first, last] =
        ["first", "last"].map(|end| sysctl(&format!("net.inet.ip.portrange.{end}")));
    format!("{first} to {last}")
}

/// Returns the most connections that may wait at a listening socket.
pub(crate) fn listen_backlog() -> String {
    sysctl("kern.ipc.somaxconn")
}

/// Returns the load averages over 1, 5 and 15 minutes; empty where they cannot be read.
pub(crate) fn load_average() -> Vec<f64> {
    // In braces: { 1.93 2.01 2.11 }
    sysctl("vm.loadavg")
        .split_whitespace()
        .filter_map(|word| word.parse().ok())
        .take(3)
        .collect()
}

/// Returns the number that this machine has until it is started anew.
pub(crate) fn boot() -> String {
    sysctl("kern.bootsessionuuid")
}

/// Returns a value of the kernel; empty if it has none of that name.
fn sysctl(name: &str) -> String {
    let told = Command::new("sysctl")
        .args(["-n", name])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output();
    told.map_or_else(
        |_| String::new(),
        |told| String::from_utf8_lossy(&told.stdout).trim().to_owned(),
    )
}
