//! A description of this machine, for the manifest.

use results::manifest::{Machine, Others};

use crate::system;

/// Asks the system; what it does not tell is empty.
pub(crate) fn describe() -> Machine {
    Machine {
        processor: Some(system::processor()),
        processors: Some(std::thread::available_parallelism().map_or(0, Into::into)),
        memory_bytes: Some(system::memory_bytes()),
        kernel: Some(system::kernel()),
        open_files: Some(rlimit::Resource::NOFILE.get_hard().unwrap_or_default()),
        local_ports: Some(system::local_ports()),
        listen_backlog: Some(system::listen_backlog()),
        io_uring: server::try_uring().err().map(|why| why.to_string()),
        others: Others::new(),
    }
}
