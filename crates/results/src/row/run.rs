//! A row of `runs.csv`: the settings of one run, its results, and whether they may be believed.
//!
//! New columns are added at the end; older files may lack them.

use serde::{Deserialize, Serialize};
use wire::Way;

use super::digits;

/// One run: transport x cell x repeat (`runs.csv`).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct RunRow {
    /// The scenario's name.
    pub scenario: String,
    /// How readers read: `short_poll`, `long_poll`, `http_stream`, `websocket`.
    pub transport: String,
    /// The transport's parameters, such as `250ms`, `hold 25s`, `sse`; `-` without any.
    pub variant: String,
    /// Values of the swept keys, such as `clients=100 rate=4`; `-` without a sweep.
    pub cell: String,
    /// Which repeat of the cell, from 1.
    pub repeat: u32,
    /// People in all; each of them listens.
    pub clients: u64,
    /// Rooms that the clients are spread over.
    pub rooms: u64,
    /// People in each room who also speak.
    pub publishers: u64,
    /// Drafts a second in each room.
    #[serde(serialize_with = "digits::three")]
    pub rate_per_s: f64,
    /// Mean bytes of text in a draft.
    pub payload_bytes: u64,
    /// Name of the header profile that each request carries.
    pub headers: String,
    /// Length of the phase whose drafts count, in milliseconds.
    pub measured_ms: u64,
    /// Deliveries that the plan demands.
    pub expected: u64,
    /// Deliveries of drafts that count.
    pub delivered: u64,
    /// Expected deliveries that never came.
    pub lost: u64,
    /// Deliveries of an event that the reader had already.
    pub duplicated: u64,
    /// Deliveries of an event older than the reader's newest.
    pub reordered: u64,
    /// Events that the log dropped before a reader saw them.
    pub missed: u64,
    /// Drafts a second that the schedule asked for, all rooms together.
    #[serde(serialize_with = "digits::three")]
    pub offered_per_s: f64,
    /// Drafts a second that the server took, all rooms together.
    #[serde(serialize_with = "digits::three")]
    pub achieved_per_s: f64,
    /// Latency from the due time: median.
    pub p50_us: Option<u64>,
    /// Latency from the due time: 90th percentile.
    pub p90_us: Option<u64>,
    /// Latency from the due time: 99th percentile, only where at least 1,000
    /// deliveries of 100 messages carry it.
    pub p99_us: Option<u64>,
    /// Latency from the due time: 99.9th percentile, only where at least 10,000
    /// deliveries of 1,000 messages carry it.
    pub p999_us: Option<u64>,
    /// Latency from the due time: the slowest delivery.
    pub max_us: Option<u64>,
    /// Latency from the sending time: median.
    pub sent_p50_us: Option<u64>,
    /// Latency from the sending time: 99th percentile.
    pub sent_p99_us: Option<u64>,
    /// How late drafts left against their schedule: median.
    pub late_p50_us: Option<u64>,
    /// How late drafts left against their schedule: 99th percentile.
    pub late_p99_us: Option<u64>,
    /// How late drafts left against their schedule: the worst.
    pub late_max_us: Option<u64>,
    /// From connecting to being ready to hear: median.
    pub opening_p50_us: Option<u64>,
    /// From connecting to being ready to hear: 99th percentile.
    pub opening_p99_us: Option<u64>,
    /// From first to last receiver of one draft: median.
    pub spread_p50_us: Option<u64>,
    /// From first to last receiver of one draft: 99th percentile.
    pub spread_p99_us: Option<u64>,
    /// Requests that readers made.
    pub exchanges: u64,
    /// Requests that brought no event.
    pub empty_exchanges: u64,
    /// Socket bytes from clients to the server.
    pub bytes_up: u64,
    /// Socket bytes from the server to clients.
    pub bytes_down: u64,
    /// Bytes of the delivered events' JSON alone.
    pub event_bytes: u64,
    /// Bytes of everything that is not an event's JSON on its way to a reader, both
    /// directions, for each delivery: heads, framing, empty polls, and all that
    /// speakers send, their texts included.
    #[serde(serialize_with = "digits::three_or_empty")]
    pub header_bytes_per_delivery: Option<f64>,
    /// Processor time of the server process for each delivery, in microseconds.
    #[serde(serialize_with = "digits::three_or_empty")]
    pub server_cpu_us_per_delivery: Option<f64>,
    /// Resident memory that the clients added to the server, for each client.
    pub server_rss_bytes_per_client: Option<u64>,
    /// Processor time of the load generator for each delivery, in microseconds.
    #[serde(serialize_with = "digits::three_or_empty")]
    pub swarm_cpu_us_per_delivery: Option<f64>,
    /// Whether the run may be believed.
    pub valid: bool,
    /// Why not, or what went wrong; empty when nothing did.
    pub error: String,
    /// What lies between people and server, in words for captions: `loopback`,
    /// `link 50 ms each way`, `target http://...`; empty where nobody said.
    #[serde(default)]
    pub path: String,
    /// One-way delay between readers and the server.
    pub read_delay_us: Option<u64>,
    /// One-way delay between speakers and the server.
    pub say_delay_us: Option<u64>,
    /// When drafts were due: `constant`, `poisson`, `burst 20`.
    #[serde(default)]
    pub arrivals: String,
    /// Whose connections drafts went over: `same` (the readers'), `post`, `post_close`.
    #[serde(default)]
    pub speak: String,
    /// Whether a draft waited for the one before: `open`, `closed`, `4 in flight`.
    #[serde(default)]
    pub pacing: String,
    /// Length of the phase before *measure*, whose drafts did not count, in milliseconds.
    pub settle_ms: Option<u64>,
    /// Whether people gave names, and so caused presence traffic.
    pub named: Option<bool>,
    /// Bytes of what the `Host` header said.
    pub host_bytes: Option<u64>,
    /// Bytes of the profile's header lines on each reading request, line ends included.
    pub read_line_bytes: Option<u64>,
    /// The same for a draft said by a request of its own; empty where drafts go
    /// over the reader's socket.
    pub say_line_bytes: Option<u64>,
    /// Latency from the due time: mean.
    pub mean_us: Option<u64>,
    /// Latency from the due time: standard deviation.
    pub deviation_us: Option<u64>,
    /// Latency from the sending time: mean.
    pub sent_mean_us: Option<u64>,
    /// Socket bytes from clients to the server up to the first draft: handshakes,
    /// stream openings, pollers' first questions.
    pub connect_bytes_up: Option<u64>,
    /// The same from the server to clients.
    pub connect_bytes_down: Option<u64>,
    /// Latency from the due time of each draft's first receiver: median over drafts.
    pub first_p50_us: Option<u64>,
    /// The same: 99th percentile, only where at least 1,000 drafts carry it.
    pub first_p99_us: Option<u64>,
    /// Latency from the due time of each draft's median receiver: median over drafts.
    pub middle_p50_us: Option<u64>,
    /// The same: 99th percentile, only where at least 1,000 drafts carry it.
    pub middle_p99_us: Option<u64>,
    /// Latency from the due time of each draft's last receiver: median over drafts.
    pub last_p50_us: Option<u64>,
    /// The same: 99th percentile, only where at least 1,000 drafts carry it.
    pub last_p99_us: Option<u64>,
    /// How long ago the newest event that a reader holds was due: median over
    /// looks at readers.
    pub staleness_p50_us: Option<u64>,
    /// The same: 99th percentile, only where at least 1,000 looks carry it.
    pub staleness_p99_us: Option<u64>,
    /// How often a reader was looked at.
    pub staleness_samples: Option<u64>,
    /// Share of those looks in which the reader held every event that was due
    /// `coherent_within_ms` ago or earlier.
    #[serde(serialize_with = "digits::six_or_empty")]
    pub coherence: Option<f64>,
    /// How late an event may be before a reader without it is not coherent.
    pub coherent_within_ms: Option<u64>,
    /// Events that exchanges brought in the window, joins and leaves among them.
    pub exchange_events: Option<u64>,
    /// From the beginning of *measure* to the end of *drain*, in milliseconds.
    pub window_ms: Option<u64>,
    /// Processor time of the load generator over the window, in processors: 1.5
    /// is one and a half of them.
    #[serde(serialize_with = "digits::three_or_empty")]
    pub swarm_cpu_share: Option<f64>,
    /// The same for the busiest of its threads.
    #[serde(serialize_with = "digits::three_or_empty")]
    pub busiest_cpu_share: Option<f64>,
    /// The same for the thread that says the drafts.
    #[serde(serialize_with = "digits::three_or_empty")]
    pub speaking_cpu_share: Option<f64>,
    /// Bytes of handshakes and stream openings, both directions, for each client;
    /// without TCP and IP, and only where everybody was accounted for.
    #[serde(serialize_with = "digits::three_or_empty")]
    pub setup_bytes_per_client: Option<f64>,
    /// Bytes of the window that told nobody anything (exchanges without an event,
    /// heartbeats), both directions, scaled to one client and one hour.
    pub silence_bytes_per_client_hour: Option<u64>,
    /// Resident memory that all clients together added to the server.
    pub server_rss_added_bytes: Option<u64>,
    /// Threads of the server at the end of the window.
    pub server_threads: Option<u64>,
    /// How often a thread of the server gave its processor up to wait, over the
    /// window; each of them is woken up once.
    pub server_voluntary_switches: Option<u64>,
    /// How often a thread of the server was put aside with work left.
    pub server_involuntary_switches: Option<u64>,
    /// Share of drafts that the same reader of their room was the last to hear, of
    /// each room the one who was last most often; about one in the readers of a
    /// room where the server takes turns.
    #[serde(serialize_with = "digits::six_or_empty")]
    pub last_same_share: Option<f64>,
    /// Events that an exchange brought which brought any: median over exchanges.
    pub batch_p50: Option<u64>,
    /// The same: 99th percentile, only where at least 1,000 exchanges carry it.
    pub batch_p99: Option<u64>,
    /// The same: the most.
    pub batch_max: Option<u64>,
    /// Sitting in which the run was made, from 1: each start of the program that adds runs to
    /// the folder is one.
    pub sitting: Option<u32>,
    /// Processor time of the server from before the first connection until everybody was
    /// connected, for each client, in microseconds.
    #[serde(serialize_with = "digits::three_or_empty")]
    pub opening_cpu_us_per_client: Option<f64>,
    /// Processor time of the server from the end of the window until the last connection was
    /// closed, for each client, in microseconds.
    #[serde(serialize_with = "digits::three_or_empty")]
    pub closing_cpu_us_per_client: Option<f64>,
    /// From when a draft was due to the first sign that the server had it (its answer, or the
    /// first delivery, whichever came first): median over drafts.
    pub accepted_p50_us: Option<u64>,
    /// The same: 99th percentile, only where at least 1,000 drafts carry it.
    pub accepted_p99_us: Option<u64>,
    /// From that sign to the draft's median receiver: median over drafts.
    pub heard_p50_us: Option<u64>,
    /// The same: 99th percentile, only where at least 1,000 drafts carry it.
    pub heard_p99_us: Option<u64>,
    /// Latency from the due time to when the bytes had arrived at the load generator, before it
    /// read them: median.
    pub arrived_p50_us: Option<u64>,
    /// The same: 99th percentile, only where the run reports one of its latency.
    pub arrived_p99_us: Option<u64>,
    /// From when the bytes of a delivery had arrived to when the load generator had decoded it:
    /// median.
    pub reading_p50_us: Option<u64>,
    /// The same: 99th percentile, only where the run reports one of its latency.
    pub reading_p99_us: Option<u64>,
    /// How late a timer rang in the load generator's threads: median over the window.
    pub generator_lag_p50_us: Option<u64>,
    /// The same: 99th percentile.
    pub generator_lag_p99_us: Option<u64>,
    /// The same: the worst.
    pub generator_lag_max_us: Option<u64>,
    /// Share of the window that the load generator's thread that waited longest for a processor
    /// spent ready to run and not running.
    #[serde(serialize_with = "digits::six_or_empty")]
    pub generator_wait_share: Option<f64>,
    /// Share of the machine's processor time that its host took away during the window.
    #[serde(serialize_with = "digits::six_or_empty")]
    pub machine_steal_share: Option<f64>,
    /// Share of the window in which some task of the machine waited for a processor.
    #[serde(serialize_with = "digits::six_or_empty")]
    pub machine_pressure_share: Option<f64>,
    /// Why the run may not be believed, as codes with a blank between them: `lost`, `late`,
    /// `busy`, `starved`, `interrupted` and others; empty for a valid run.
    #[serde(default)]
    pub reasons: String,
    /// Requests that needed a new connection because the server had closed the idle one, or had
    /// said that it would.
    pub retried_exchanges: Option<u64>,
    /// Streams that the server ended in good order and that were opened again.
    pub stream_ends: Option<u64>,
    /// Why the run reports no 99th percentile although it has messages and deliveries enough: the
    /// load generator can have moved it. Empty where it reports one or has too few.
    #[serde(default)]
    pub p99_withheld: String,
}

impl RunRow {
    /// Returns the way in which readers read, or `None` if this version does not know it.
    #[must_use]
    pub fn way(&self) -> Option<Way> {
        Way::from_columns(&self.transport, &self.variant)
    }

    /// Returns whether the run shared its server with other runs, as it does with a server given by
    /// `--target`: memory that the first run made it allocate is still allocated in the later ones.
    #[must_use]
    pub fn shares_its_server(&self) -> bool {
        self.path.starts_with("target")
    }

    /// Returns the memory that the clients added to the server, for each client, if the server
    /// served this run alone.
    #[must_use]
    pub fn own_rss_bytes_per_client(&self) -> Option<u64> {
        self.server_rss_bytes_per_client
            .filter(|_| !self.shares_its_server())
    }
}
