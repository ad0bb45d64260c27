//! Counters that only a server with `/metrics` keeps.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use dissect::{Content, Direction};

use crate::net::tap::{Tap, Watch};

/// The longest times of the classes of sweeps, in seconds; those of the last class are longer.
pub(crate) const SWEEP_ENDS: [f64; 9] = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0];
/// The number of classes of sweeps.
const SWEEPS: usize = SWEEP_ENDS.len() + 1;

/// A limit of time, or of patience, at which a connection is ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limit {
    /// A handshake under TLS was not over in time.
    Handshake,
    /// A head did not come, or was not whole, in time.
    Head,
    /// No further request came.
    Idle,
    /// A reader with a seat took nothing.
    Write,
    /// Pings were not answered.
    Pings,
}

impl Limit {
    /// All of them.
    pub(crate) const ALL: [Self; 5] = [
        Self::Handshake,
        Self::Head,
        Self::Idle,
        Self::Write,
        Self::Pings,
    ];

    /// Returns the name in the metrics, which is the beginning of its flag's.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Handshake => "handshake",
            Self::Head => "head",
            Self::Idle => "idle",
            Self::Write => "write",
            Self::Pings => "pings",
        }
    }
}

/// The counters of a server since it was started.
#[derive(Clone, Default)]
pub struct Counters(Arc<Inner>);

#[derive(Default)]
struct Inner {
    connections: AtomicU64,
    evicted: AtomicU64,
    /// The connections that were ended at each limit.
    ended: [AtomicU64; Limit::ALL.len()],
    bytes: [AtomicU64; Direction::ALL.len()],
    /// The sweeps of each class, and the time of all of them.
    sweeps: [AtomicU64; SWEEPS],
    sweep_nanos: AtomicU64,
    /// The refusals by their code.
    refused: Mutex<BTreeMap<&'static str, u64>>,
}

impl Counters {
    /// Makes counters at zero.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the tap that counts connections and bytes, for [`crate::Settings::tap`].
    #[must_use]
    pub fn tap(&self) -> Tap {
        let counters = self.clone();
        Tap::new(move |_| {
            counters.0.connections.fetch_add(1, Relaxed);
            Some(Box::new(Count(counters.clone())))
        })
    }

    /// Counts a refusal.
    pub(crate) fn refuse(&self, code: &'static str) {
        let mut refused = self.0.refused.lock().expect("no holder panics");
        *refused.entry(code).or_default() += 1;
    }

    /// Counts a connection that was ended to make room for another.
    pub(crate) fn evict(&self) {
        self.0.evicted.fetch_add(1, Relaxed);
    }

    /// Counts a connection that is ended at a limit.
    pub(crate) fn end(&self, limit: Limit) {
        self.0.ended[limit as usize].fetch_add(1, Relaxed);
    }

    /// Counts a sweep that took so long.
    pub(crate) fn sweep(&self, time: Duration) {
        let seconds = time.as_secs_f64();
        let class = SWEEP_ENDS.iter().position(|end| seconds <= *end);
        let class = class.unwrap_or(SWEEP_ENDS.len());
        self.0.sweeps[class].fetch_add(1, Relaxed);
        let nanos = time.as_nanos() as u64;
        self.0.sweep_nanos.fetch_add(nanos, Relaxed);
    }

    /// Returns the number of sweeps of each class, and the time of all of them.
    pub(crate) fn sweeps(&self) -> ([u64; SWEEPS], Duration) {
        let nanos = self.0.sweep_nanos.load(Relaxed);
        let classes = self.0.sweeps.each_ref().map(|count| count.load(Relaxed));
        (classes, Duration::from_nanos(nanos))
    }

    /// Returns the number of connections that were ended to make room for others.
    pub(crate) fn evicted(&self) -> u64 {
        self.0.evicted.load(Relaxed)
    }

    /// Returns the number of connections that were ended at a limit.
    pub(crate) fn ended(&self, limit: Limit) -> u64 {
        self.0.ended[limit as usize].load(Relaxed)
    }

    /// Returns the number of connections that were let in.
    pub(crate) fn connections(&self) -> u64 {
        self.0.connections.load(Relaxed)
    }

    /// Returns the number of bytes that crossed the sockets in a direction.
    pub(crate) fn bytes(&self, direction: Direction) -> u64 {
        self.0.bytes[direction as usize].load(Relaxed)
    }

    /// Returns the number of refusals of each code.
    pub(crate) fn refused(&self) -> BTreeMap<&'static str, u64> {
        self.0.refused.lock().expect("no holder panics").clone()
    }

    fn add(&self, direction: Direction, bytes: usize) {
        self.0.bytes[direction as usize].fetch_add(bytes as u64, Relaxed);
    }
}

impl fmt::Debug for Counters {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Counters")
    }
}

/// Two values are equal if they are the same counters.
impl PartialEq for Counters {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Counters {}

/// The observer of one connection.
struct Count(Counters);

impl Watch for Count {
    fn passed(&mut self, direction: Direction, _at: Instant, bytes: &[u8]) {
        self.0.add(direction, bytes.len());
    }

    fn crossed(&mut self, direction: Direction, _at: Instant, wire: &[u8]) {
        self.0.add(direction, wire.len());
    }

    /// Does nothing: what is in a record was counted as it crossed.
    fn content(&mut self, _direction: Direction, _at: Instant, _content: Content<'_>) {}
}
