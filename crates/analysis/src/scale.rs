//! The figures of loads that nobody has run, on paper: 100,000 readers and more, on servers each of
//! which has as many readers as the largest run that was measured.
//!
//! Nothing is extrapolated within a server beyond the readers that one was seen to have; only the
//! number of servers grows. What is typical is the run with the most readers; for bytes it is the
//! formula. The range reaches to the lowest and the highest figure of all runs with
//! [`LEAST_READERS`] readers or more, and for memory to the interval of a line over all runs.

use crate::{
    model::{Quantity, of_run},
    slope::Line,
};
use results::RunRow;

/// The fewest readers of a run from which processor time is taken. In smaller runs the server's own
/// timers and system calls weigh on each message.
pub const LEAST_READERS: u64 = 1_000;
/// The days of a month.
pub const MONTH: f64 = 30.0;
/// The ports that Linux gives to connections from one address to one server
/// (`net.ipv4.ip_local_port_range`, 32768 to 60999): as many readers may come by one address of a
/// proxy.
pub const PORTS: f64 = 28_232.0;
/// The longest time from the first receiver of a message to the last that is not called a failure
/// here, in microseconds.
pub const LONGEST_SPREAD: f64 = 1e6;
const DAY: f64 = 86_400.0;

/// A figure, with the lowest and the highest that it may be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range {
    /// The lowest.
    pub low: f64,
    /// The figure.
    pub typical: f64,
    /// The highest.
    pub high: f64,
}

/// The figures of one transport, as they were measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    /// The transport.
    pub transport: String,
    /// The variant of the largest run.
    pub variant: String,
    /// The readers of the largest run: no server is given more.
    pub readers: f64,
    /// The messages a second that reach one reader in that run.
    pub rate: f64,
    /// The answers or pieces a second that one reader is sent in that run.
    pub pieces: f64,
    /// The memory that readers added to the server of the largest run.
    pub added: f64,
    /// The memory that readers add to a server, over all runs.
    pub memory: Line,
    /// The processor time of an answer or piece, in microseconds.
    pub piece_us: Range,
    /// The processor time until a reader is connected and in its room, in microseconds.
    pub opening_us: Range,
    /// The bytes until a reader is connected, both ways, without those of TCP.
    pub opening_bytes: f64,
    /// The time from the first receiver of a message to the last in the largest run, in
    /// microseconds; `None` for a way whose readers ask when they like.
    pub spread_us: Option<f64>,
    /// The bytes a second of one reader, both ways, by formula.
    pub bytes: f64,
    /// The bytes that runs took, as a share of those by formula; 1 is typical.
    pub share: Range,
}

/// The figures of a number of readers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OnPaper {
    /// The number of servers.
    pub servers: f64,
    /// The memory of all servers, in bytes.
    pub memory: Range,
    /// The processors that all servers keep busy.
    pub processors: Range,
    /// The connections that are open at once.
    pub sockets: f64,
    /// The traffic of all readers, in bits a second.
    pub bits: Range,
    /// The bytes of all readers in a month.
    pub month: Range,
    /// The processor time that all readers take to come back, in seconds.
    pub storm_s: Range,
    /// The bytes that all readers take to come back.
    pub storm_bytes: f64,
}

/// A bound, and the number of readers on one server that reaches it.
#[derive(Debug, Clone, PartialEq)]
pub struct Bound {
    /// The bound in words.
    pub what: &'static str,
    /// The readers on one server.
    pub readers: f64,
}

/// The figures of a run over several servers, each beside what the formulas say of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OverServers {
    /// The memory that readers added to all servers, in bytes, as measured.
    pub memory: f64,
    /// The same by the line over runs with one server.
    pub memory_computed: Range,
    /// The processor time of an answer or piece, in microseconds, as measured.
    pub piece_us: f64,
    /// The processor time until a reader is connected and in its room, in microseconds, as measured.
    pub opening_us: f64,
    /// The bytes that the run took, as a share of those by formula.
    pub share: f64,
}

impl Range {
    /// Returns the range over these values and a typical one.
    fn over(values: impl IntoIterator<Item = f64>, typical: f64) -> Self {
        let start = Self {
            low: typical,
            typical,
            high: typical,
        };
        values.into_iter().fold(start, |range, value| Self {
            low: range.low.min(value),
            high: range.high.max(value),
            ..range
        })
    }

    /// Returns a multiple of the range.
    #[must_use]
    pub fn times(self, factor: f64) -> Self {
        self.map(|value| value * factor)
    }

    fn map(self, each: impl Fn(f64) -> f64) -> Self {
        Self {
            low: each(self.low),
            typical: each(self.typical),
            high: each(self.high),
        }
    }
}

impl Calibration {
    /// Returns the figures of a transport by these runs; `None` if none of them is plain enough, or
    /// too few numbers of readers were measured for a line of memory.
    #[must_use]
    pub fn of<'a>(runs: impl IntoIterator<Item = &'a RunRow>, transport: &str) -> Option<Self> {
        let runs: Vec<&RunRow> = runs
            .into_iter()
            .filter(|run| run.transport == transport && is_plain(run))
            .collect();
        let large = || runs.iter().filter(|run| run.clients >= LEAST_READERS);
        let largest = large().max_by_key(|run| run.clients)?;
        let added = |run: &&RunRow| Some((run.clients as f64, run.server_rss_added_bytes? as f64));
        let points: Vec<(f64, f64)> = runs.iter().filter_map(added).collect();
        let range = |of: fn(&RunRow) -> Option<f64>| {
            let values = large().filter_map(|run| of(run));
            Some(Range::over(values, of(largest)?))
        };
        // Its readers ask when they like.
        let asks = largest.transport == "short_poll";
        Some(Self {
            transport: largest.transport.clone(),
            variant: largest.variant.clone(),
            readers: largest.clients as f64,
            rate: largest.delivered as f64 / largest.clients as f64 / seconds(largest.measured_ms),
            pieces: largest.exchanges as f64 / largest.clients as f64 / seconds(largest.window_ms?),
            added: largest.server_rss_added_bytes? as f64,
            memory: Line::through(&points)?,
            piece_us: range(piece_us)?,
            opening_us: range(|run| run.opening_cpu_us_per_client)?,
            opening_bytes: largest.setup_bytes_per_client.unwrap_or_default(),
            spread_us: largest.spread_p50_us.filter(|_| !asks).map(|us| us as f64),
            bytes: predicted(largest)? * largest.delivered as f64
                / largest.clients as f64
                / seconds(largest.measured_ms),
            // In a month there are no edges of a window, which only make runs take more.
            share: Range::over(large().filter_map(|run| share_of_formula(run)), 1.0),
        })
    }

    /// Returns the figures of so many readers, on servers of which none has more than one that was
    /// measured.
    #[must_use]
    pub fn at(&self, readers: f64) -> OnPaper {
        let servers = (readers / self.readers).ceil();
        let each = readers / servers;
        let bytes = self.share.times(readers * self.bytes);
        let line = self.memory_of(each);
        let memory = Range::over([line.low, line.high], self.added * each / self.readers);
        OnPaper {
            servers,
            memory: memory.times(servers),
            processors: self.piece_us.times(readers * self.pieces / 1e6),
            sockets: readers,
            bits: bytes.times(8.0),
            month: bytes.times(DAY * MONTH),
            storm_s: self.opening_us.times(readers / 1e6),
            storm_bytes: readers * self.opening_bytes,
        }
    }

    /// Returns the memory that so many readers add to one server, by the line over all runs.
    #[must_use]
    pub fn memory_of(&self, readers: f64) -> Range {
        let Line {
            slope,
            base,
            interval,
            ..
        } = self.memory;
        let slopes = Range {
            low: interval.map_or(slope, |interval| interval.low),
            typical: slope,
            high: interval.map_or(slope, |interval| interval.high),
        };
        slopes.map(|slope| base + slope * readers)
    }

    /// Returns the figures of a run over several servers beside those that the formulas give for its
    /// readers, spread evenly over its servers; `None` if the run has not all of them.
    ///
    /// Unlike [`Self::at`] this has as many servers as the run had, so that each may have more
    /// readers than one was seen to have alone: the run is what says whether that may be done.
    #[must_use]
    pub fn over_servers(&self, run: &RunRow) -> Option<OverServers> {
        let (readers, servers) = (run.clients as f64, run.nodes? as f64);
        Some(OverServers {
            memory: run.server_rss_added_bytes? as f64,
            memory_computed: self.memory_of(readers / servers).times(servers),
            piece_us: piece_us(run)?,
            opening_us: run.opening_cpu_us_per_client?,
            share: share_of_formula(run)?,
        })
    }

    /// Returns the bounds that readers on one server meet, the first to be met first. `files` is the
    /// number of files that it may have open.
    #[must_use]
    pub fn bounds(&self, files: f64) -> Vec<Bound> {
        let bound = |what, readers: f64| Bound { what, readers };
        let mut bounds = vec![
            bound(
                "readers of the largest run: the cost of a message is not known beyond",
                self.readers,
            ),
            bound("open files", files),
            bound("ports of one address of a proxy", PORTS),
            bound(
                "one processor, if the cost of a message stayed as it is",
                1e6 / (self.pieces * self.piece_us.typical),
            ),
        ];
        if let Some(spread) = self.spread_us {
            bounds.push(bound(
                "a second from the first receiver of a message to the last",
                self.readers * LONGEST_SPREAD / spread,
            ));
        }
        bounds.sort_by(|one, other| one.readers.total_cmp(&other.readers));
        bounds
    }
}

/// Returns the line of the bytes that a Redis sends for each message over the number of servers: its
/// slope is what one more server costs. `None` if fewer than three numbers of servers were measured.
#[must_use]
pub fn broker<'a>(runs: impl IntoIterator<Item = &'a RunRow>) -> Option<Line> {
    let point = |run: &RunRow| {
        let messages = run.delivered as f64 * run.rooms as f64 / run.clients as f64;
        let sent = run.broker_bytes_out? as f64;
        (run.valid && messages > 0.0).then_some((run.nodes? as f64, sent / messages))
    };
    let points: Vec<(f64, f64)> = runs.into_iter().filter_map(point).collect();
    Line::through(&points)
}

/// Returns whether a run is one of the built-in server alone over plain loopback, and valid.
fn is_plain(run: &RunRow) -> bool {
    let is_one = run.nodes.is_none_or(|nodes| nodes == 1) && run.broker.is_empty();
    let words = [
        (&run.protocol, "plain"),
        (&run.tls, "off"),
        (&run.compression, "none"),
        (&run.http, "1.1"),
    ];
    let is_usual = words
        .iter()
        .all(|(word, usual)| word.is_empty() || *word == usual);
    let is_left_alone = run.cut.is_empty() && run.churn.is_empty() && run.is_direct();
    run.valid && is_one && is_usual && is_left_alone && run.delivered > 0
}

fn seconds(ms: u64) -> f64 {
    ms as f64 / 1e3
}

/// Returns the processor time of an answer or piece.
fn piece_us(run: &RunRow) -> Option<f64> {
    let all = run.server_cpu_us_per_delivery? * run.delivered as f64;
    (run.exchanges > 0).then(|| all / run.exchanges as f64)
}

/// Returns the bytes of a delivery by formula, both ways, with its share of the draft.
fn predicted(run: &RunRow) -> Option<f64> {
    let predictions = of_run(run);
    let of = |quantity| {
        let mut all = predictions.iter();
        all.find_map(|one| (one.quantity == quantity).then_some(one.predicted))
    };
    Some(of(Quantity::BytesUp)? + of(Quantity::BytesDown)?)
}

/// Returns the bytes that a run took, as a share of those by formula.
fn share_of_formula(run: &RunRow) -> Option<f64> {
    let measured = (run.bytes_up + run.bytes_down) as f64 / run.delivered as f64;
    Some(measured / predicted(run)?)
}

#[cfg(test)]
mod tests;
