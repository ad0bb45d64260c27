//! A description of this machine, for the manifest.

use std::fs;

use results::manifest::{Machine, Others};

/// Reads `/proc`; what cannot be read is empty.
pub(crate) fn describe() -> Machine {
    Machine {
        processor: Some(field("/proc/cpuinfo", "model name")),
        processors: Some(std::thread::available_parallelism().map_or(0, Into::into)),
        memory_bytes: Some(
            field("/proc/meminfo", "MemTotal")
                .split_whitespace()
                .next()
                .and_then(|kib| kib.parse::<u64>().ok())
                .unwrap_or_default()
                * 1024,
        ),
        kernel: Some(whole("/proc/sys/kernel/osrelease")),
        open_files: Some(rlimit::Resource::NOFILE.get_hard().unwrap_or_default()),
        local_ports: Some(whole("/proc/sys/net/ipv4/ip_local_port_range").replace('\t', " to ")),
        listen_backlog: Some(whole("/proc/sys/net/core/somaxconn")),
        io_uring: server::try_uring().err().map(|why| why.to_string()),
        others: Others::new(),
    }
}

/// Returns the load averages over 1, 5 and 15 minutes; empty where they cannot be read.
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
