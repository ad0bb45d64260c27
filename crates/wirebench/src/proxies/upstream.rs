//! The server of a probe: it does for each request what the request's own address says, and keeps
//! when it did, and how many bytes it read and wrote.

use std::{
    collections::HashMap,
    net::{SocketAddr, TcpListener},
    sync::{Arc, Mutex, MutexGuard},
    thread,
    time::Instant,
};

use super::connection::Connection;

/// The record of what the server did for one probe.
#[derive(Debug, Clone, Default)]
pub(crate) struct Log {
    /// The time at which the head of the request was read.
    pub(crate) asked: Option<Instant>,
    /// The number of connections on which requests came.
    pub(crate) connections: u32,
    /// True if the last request asked for an upgrade to WebSocket.
    pub(crate) asks_upgrade: bool,
    /// True if the last request was in HTTP/1.1.
    pub(crate) is_new: bool,
    /// The time at which the head of the last answer was written.
    pub(crate) answered: Vec<Instant>,
    /// The time at which each event was written.
    pub(crate) events: Vec<Instant>,
    /// Bytes read, heads included.
    pub(crate) bytes_in: usize,
    /// Bytes of heads written.
    pub(crate) head_bytes: usize,
    /// Bytes written behind heads.
    pub(crate) body_bytes: usize,
    /// True once nothing more was taken.
    pub(crate) is_full: bool,
}

/// A server that runs as long as this value.
#[derive(Debug)]
pub(crate) struct Upstream {
    pub(crate) address: SocketAddr,
    logs: Arc<Logs>,
}

/// The records of all probes, by their numbers.
#[derive(Debug, Default)]
pub(super) struct Logs(Mutex<HashMap<u64, Log>>);

impl Logs {
    fn all(&self) -> MutexGuard<'_, HashMap<u64, Log>> {
        // A thread that panicked leaves counts behind that are whole.
        self.0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Changes what is kept of a probe.
    pub(super) fn note(&self, number: u64, change: impl FnOnce(&mut Log)) {
        change(self.all().entry(number).or_default());
    }
}

impl Upstream {
    /// Begins to serve on a free loopback port.
    pub(crate) fn start() -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let logs = Arc::new(Logs::default());
        let shared = Arc::clone(&logs);
        thread::Builder::new()
            .name("upstream".to_owned())
            .spawn(move || {
                for stream in listener.incoming().flatten() {
                    let logs = Arc::clone(&shared);
                    thread::spawn(move || {
                        // A connection that breaks is the client's to see.
                        let _ = Connection { stream, logs }.serve();
                    });
                }
            })?;
        Ok(Self { address, logs })
    }

    /// Returns what was done for a probe so far.
    pub(crate) fn log(&self, number: u64) -> Log {
        self.logs.all().get(&number).cloned().unwrap_or_default()
    }
}
