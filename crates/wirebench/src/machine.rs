//! What machine this is, for the manifest.

use std::fs;

use serde::Serialize;

/// The machine and the limits that matter to a run.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Machine {
    processor: String,
    processors: usize,
    memory_bytes: u64,
    kernel: String,
    /// Open files a process may have, after raising.
    open_files: u64,
    /// First and last port of outgoing connections.
    local_ports: String,
    /// Longest queue of connections not yet accepted.
    listen_backlog: String,
}

impl Machine {
    /// Reads `/proc`; what cannot be read is empty.
    pub(crate) fn look() -> Self {
        Self {
            processor: field("/proc/cpuinfo", "model name"),
            processors: std::thread::available_parallelism().map_or(0, Into::into),
            memory_bytes: field("/proc/meminfo", "MemTotal")
                .split_whitespace()
                .next()
                .and_then(|kib| kib.parse::<u64>().ok())
                .unwrap_or_default()
                * 1024,
            kernel: whole("/proc/sys/kernel/osrelease"),
            open_files: rlimit::Resource::NOFILE.get_hard().unwrap_or_default(),
            local_ports: whole("/proc/sys/net/ipv4/ip_local_port_range").replace('\t', " to "),
            listen_backlog: whole("/proc/sys/net/core/somaxconn"),
        }
    }

    /// What matters most of it, in one line.
    pub(crate) fn in_words(&self) -> String {
        format!(
            "{} x {}, {} MiB, Linux {}",
            self.processors,
            self.processor,
            self.memory_bytes >> 20,
            self.kernel
        )
    }
}

/// Returns the load averages over 1, 5 and 15 minutes; nothing where they cannot be read.
pub(crate) fn load_average() -> Vec<f64> {
    whole("/proc/loadavg")
        .split_whitespace()
        .take(3)
        .filter_map(|number| number.parse().ok())
        .collect()
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
