//! A row of `runs.csv`: the settings of one run, its results, and whether they may be believed.
//!
//! New columns are added at the end; older files may lack them.

use serde::{Deserialize, Serialize};

use super::digits;

/// A run: transport x cell x repeat (`runs.csv`).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct RunRow {
    /// The name of the scenario.
    pub scenario: String,
    /// The way in which readers read: `short_poll`, `long_poll`, `http_stream`, `websocket`.
    pub transport: String,
    /// The parameters of the transport, such as `250ms`, `hold 25s`, `sse`; `-` if there are none.
    pub variant: String,
    /// The values of the swept keys, such as `clients=100 rate=4`; `-` without a sweep.
    pub cell: String,
    /// The number of the repeat of the cell, from 1.
    pub repeat: u32,
    /// The number of people in all rooms together; each of them reads.
    pub clients: u64,
    /// The number of rooms that the clients are spread over.
    pub rooms: u64,
    /// The number of people in each room who also speak.
    pub publishers: u64,
    /// The number of drafts a second in each room.
    #[serde(serialize_with = "digits::three")]
    pub rate_per_s: f64,
    /// The mean number of bytes of text in a draft.
    pub payload_bytes: u64,
    /// The name of the header profile that each request carries.
    pub headers: String,
    /// The length of the phase whose drafts count, in milliseconds.
    pub measured_ms: u64,
    /// The number of deliveries that the plan requires.
    pub expected: u64,
    /// The number of deliveries of drafts that count.
    pub delivered: u64,
    /// The number of expected deliveries that never came.
    pub lost: u64,
    /// The number of deliveries of an event that the reader had already.
    pub duplicated: u64,
    /// The number of deliveries of an event older than the reader's newest.
    pub reordered: u64,
    /// The number of events that the log dropped before a reader saw them.
    pub missed: u64,
    /// The drafts a second that the schedule required, in all rooms together.
    #[serde(serialize_with = "digits::three")]
    pub offered_per_s: f64,
    /// The drafts a second that the server accepted, in all rooms together.
    #[serde(serialize_with = "digits::three")]
    pub achieved_per_s: f64,
    /// Latency from the due time: median.
    pub p50_us: Option<u64>,
    /// Latency from the due time: 90th percentile.
    pub p90_us: Option<u64>,
    /// Latency from the due time: 99th percentile, only if the run has at least 1,000 deliveries of
    /// 100 messages.
    pub p99_us: Option<u64>,
    /// Latency from the due time: 99.9th percentile, only if the run has at least 10,000 deliveries
    /// of 1,000 messages.
    pub p999_us: Option<u64>,
    /// Latency from the due time: maximum.
    pub max_us: Option<u64>,
    /// Latency from the sending time: median.
    pub sent_p50_us: Option<u64>,
    /// Latency from the sending time: 99th percentile.
    pub sent_p99_us: Option<u64>,
    /// Lateness of drafts against their schedule: median.
    pub late_p50_us: Option<u64>,
    /// Lateness of drafts against their schedule: 99th percentile.
    pub late_p99_us: Option<u64>,
    /// Lateness of drafts against their schedule: maximum.
    pub late_max_us: Option<u64>,
    /// Time from connecting to being ready to receive: median.
    pub opening_p50_us: Option<u64>,
    /// Time from connecting to being ready to receive: 99th percentile.
    pub opening_p99_us: Option<u64>,
    /// Time from the first to the last receiver of one draft: median.
    pub spread_p50_us: Option<u64>,
    /// Time from the first to the last receiver of one draft: 99th percentile.
    pub spread_p99_us: Option<u64>,
    /// The number of reading exchanges that finished in the window: polls, and pieces of streams or
    /// WebSockets that brought a delivery.
    pub exchanges: u64,
    /// The number of reading exchanges that brought no event.
    pub empty_exchanges: u64,
    /// Socket bytes from clients to the server.
    pub bytes_up: u64,
    /// Socket bytes from the server to clients.
    pub bytes_down: u64,
    /// Bytes of the delivered events' JSON alone.
    pub event_bytes: u64,
    /// The bytes of everything that is not an event's JSON on its way to a reader, in both
    /// directions, for each delivery: heads, framing, empty polls, and all that speakers send,
    /// their texts included. What is compressed counts as events as a whole.
    #[serde(serialize_with = "digits::three_or_empty")]
    pub header_bytes_per_delivery: Option<f64>,
    /// Processor time of the server process for each delivery, in microseconds. Where the server was
    /// started anew in the run (`[cut]`), that of both processes together.
    #[serde(serialize_with = "digits::three_or_empty")]
    pub server_cpu_us_per_delivery: Option<f64>,
    /// Resident memory that the clients added to the server, for each client.
    pub server_rss_bytes_per_client: Option<u64>,
    /// Processor time of the load generator for each delivery, in microseconds.
    #[serde(serialize_with = "digits::three_or_empty")]
    pub swarm_cpu_us_per_delivery: Option<f64>,
    /// True if the run may be believed.
    pub valid: bool,
    /// The reasons why the run may not be believed, or what went wrong; empty if nothing did.
    pub error: String,
    /// The path between people and server, in words for captions: `loopback`,
    /// `link 50 ms each way`, `target http://...`; empty if it was not recorded.
    #[serde(default)]
    pub path: String,
    /// The one-way delay between readers and the server.
    pub read_delay_us: Option<u64>,
    /// The one-way delay between speakers and the server.
    pub say_delay_us: Option<u64>,
    /// The pattern of the due times of drafts: `constant`, `poisson`, `burst 20`.
    #[serde(default)]
    pub arrivals: String,
    /// The connections that carried drafts: `same` (the readers'), `post`, `post_close`.
    #[serde(default)]
    pub speak: String,
    /// The pacing of drafts, which determines whether a draft waited for the one before: `open`,
    /// `closed`, `4 in flight`.
    #[serde(default)]
    pub pacing: String,
    /// Length of the phase before *measure*, whose drafts did not count, in milliseconds.
    pub settle_ms: Option<u64>,
    /// True if people gave names, and so caused presence traffic.
    pub named: Option<bool>,
    /// The number of bytes of the value of the `Host` header.
    pub host_bytes: Option<u64>,
    /// Bytes of the profile's header lines on each reading request, line ends included.
    pub read_line_bytes: Option<u64>,
    /// The bytes of the profile's header lines on each request that carries a draft; empty if
    /// drafts go over the reader's socket.
    pub say_line_bytes: Option<u64>,
    /// Latency from the due time: mean.
    pub mean_us: Option<u64>,
    /// Latency from the due time: standard deviation.
    pub deviation_us: Option<u64>,
    /// Latency from the sending time: mean.
    pub sent_mean_us: Option<u64>,
    /// Socket bytes from clients to the server before the first draft: handshakes, stream openings,
    /// and the first requests of pollers.
    pub connect_bytes_up: Option<u64>,
    /// Socket bytes from the server to clients before the first draft.
    pub connect_bytes_down: Option<u64>,
    /// Latency from the due time of each draft's first receiver: median over drafts.
    pub first_p50_us: Option<u64>,
    /// Latency from the due time of each draft's first receiver: 99th percentile, only if the run
    /// has at least 1,000 drafts.
    pub first_p99_us: Option<u64>,
    /// Latency from the due time of each draft's median receiver: median over drafts.
    pub middle_p50_us: Option<u64>,
    /// Latency from the due time of each draft's median receiver: 99th percentile, only if the run
    /// has at least 1,000 drafts.
    pub middle_p99_us: Option<u64>,
    /// Latency from the due time of each draft's last receiver: median over drafts.
    pub last_p50_us: Option<u64>,
    /// Latency from the due time of each draft's last receiver: 99th percentile, only if the run
    /// has at least 1,000 drafts.
    pub last_p99_us: Option<u64>,
    /// The age of the newest event that a reader holds, counted from its due time: median over
    /// samples of readers.
    pub staleness_p50_us: Option<u64>,
    /// The age of the newest event that a reader holds: 99th percentile, only if the run has at
    /// least 1,000 samples.
    pub staleness_p99_us: Option<u64>,
    /// The number of samples of readers.
    pub staleness_samples: Option<u64>,
    /// The share of those samples in which the reader held every event that was due
    /// `coherent_within_ms` ago or earlier.
    #[serde(serialize_with = "digits::six_or_empty")]
    pub coherence: Option<f64>,
    /// The age of an event from which on a reader without it is not coherent.
    pub coherent_within_ms: Option<u64>,
    /// The number of events that exchanges brought in the window, joins and leaves included.
    pub exchange_events: Option<u64>,
    /// The length of the window, from the beginning of *measure* to the end of *drain*, in
    /// milliseconds.
    pub window_ms: Option<u64>,
    /// The processor time of the load generator over the window, in processors: 1.5 is one and a
    /// half processors.
    #[serde(serialize_with = "digits::three_or_empty")]
    pub swarm_cpu_share: Option<f64>,
    /// The processor time of the busiest thread of the load generator over the window, in
    /// processors.
    #[serde(serialize_with = "digits::three_or_empty")]
    pub busiest_cpu_share: Option<f64>,
    /// The processor time of the thread that publishes the drafts over the window, in processors.
    #[serde(serialize_with = "digits::three_or_empty")]
    pub speaking_cpu_share: Option<f64>,
    /// The bytes of handshakes and stream openings, in both directions, for each client; without
    /// TCP and IP, and only if all clients were accounted for.
    #[serde(serialize_with = "digits::three_or_empty")]
    pub setup_bytes_per_client: Option<f64>,
    /// The bytes in the window that brought no event (exchanges without an event, heartbeats), in
    /// both directions, scaled to one client and one hour.
    pub silence_bytes_per_client_hour: Option<u64>,
    /// Resident memory that all clients together added to the server. Where it was started anew in the
    /// run, that of the process that had more: the first one just before its end, or the second.
    pub server_rss_added_bytes: Option<u64>,
    /// Threads of the server at the end of the window.
    pub server_threads: Option<u64>,
    /// The number of times that a thread of the server gave up its processor to wait, over the
    /// window; each of them is followed by one wake-up.
    pub server_voluntary_switches: Option<u64>,
    /// The number of times that a thread of the server was preempted with work left.
    pub server_involuntary_switches: Option<u64>,
    /// The share of drafts that the same reader of a room received last: in each room the reader
    /// who was last most often. It is about one divided by the readers of a room if the server
    /// takes turns.
    #[serde(serialize_with = "digits::six_or_empty")]
    pub last_same_share: Option<f64>,
    /// The number of events in an exchange that brought any: median over exchanges.
    pub batch_p50: Option<u64>,
    /// The number of events in an exchange that brought any: 99th percentile, only if the run has
    /// at least 1,000 such exchanges.
    pub batch_p99: Option<u64>,
    /// The number of events in an exchange: maximum.
    pub batch_max: Option<u64>,
    /// The number of the sitting in which the run was made, from 1: each start of the program that
    /// adds runs to the folder is one sitting.
    pub sitting: Option<u32>,
    /// Processor time of the server from before the first connection until everybody was
    /// connected, for each client, in microseconds.
    #[serde(serialize_with = "digits::three_or_empty")]
    pub opening_cpu_us_per_client: Option<f64>,
    /// Processor time of the server from the end of the window until the last connection was
    /// closed, for each client, in microseconds.
    #[serde(serialize_with = "digits::three_or_empty")]
    pub closing_cpu_us_per_client: Option<f64>,
    /// The time from the due time of a draft to the first sign that the server had it (its answer,
    /// or the first delivery, whichever came first): median over drafts.
    pub accepted_p50_us: Option<u64>,
    /// The time from the due time of a draft to the first sign that the server had it: 99th
    /// percentile, only if the run has at least 1,000 drafts.
    pub accepted_p99_us: Option<u64>,
    /// The time from that sign to the draft's median receiver: median over drafts.
    pub heard_p50_us: Option<u64>,
    /// The time from that sign to the draft's median receiver: 99th percentile, only if the run has
    /// at least 1,000 drafts.
    pub heard_p99_us: Option<u64>,
    /// Latency from the due time to the arrival of the bytes at the load generator, before it read
    /// them: median.
    pub arrived_p50_us: Option<u64>,
    /// Latency from the due time to the arrival of the bytes: 99th percentile, only if the run
    /// reports one of its latency.
    pub arrived_p99_us: Option<u64>,
    /// The time from the arrival of the bytes of a delivery until the load generator had decoded
    /// it: median.
    pub reading_p50_us: Option<u64>,
    /// The time from the arrival of the bytes until they were decoded: 99th percentile, only if the
    /// run reports one of its latency.
    pub reading_p99_us: Option<u64>,
    /// The lateness of timers in the load generator's threads: median over the window.
    pub generator_lag_p50_us: Option<u64>,
    /// The lateness of timers in the load generator's threads: 99th percentile.
    pub generator_lag_p99_us: Option<u64>,
    /// The lateness of timers in the load generator's threads: maximum.
    pub generator_lag_max_us: Option<u64>,
    /// The share of the window that a thread of the load generator was ready to run and not
    /// running, for the thread that waited longest for a processor.
    #[serde(serialize_with = "digits::six_or_empty")]
    pub generator_wait_share: Option<f64>,
    /// The share of the machine's processor time that its host took away during the window.
    #[serde(serialize_with = "digits::six_or_empty")]
    pub machine_steal_share: Option<f64>,
    /// The share of the window in which some task of the machine waited for a processor.
    #[serde(serialize_with = "digits::six_or_empty")]
    pub machine_pressure_share: Option<f64>,
    /// The reasons why the run may not be believed, as codes with a blank between them: `lost`,
    /// `late`, `busy`, `starved`, `interrupted` and others; empty for a valid run.
    #[serde(default)]
    pub reasons: String,
    /// The number of requests that needed a new connection because the server had closed the idle
    /// one, or had announced that it would.
    pub retried_exchanges: Option<u64>,
    /// The number of streams that the server ended properly and that were opened again.
    pub stream_ends: Option<u64>,
    /// The reason why the run reports no 99th percentile although it has enough messages and
    /// deliveries: the load generator may have affected it. Empty if the run reports one or has too
    /// few.
    #[serde(default)]
    pub p99_withheld: String,
    /// The protocol that was spoken: `plain` for the wire contract of this project, `in_page` for
    /// the same in scripts (JSONP, the forever iframe), or that of a library, `socket_io`, `sockjs`
    /// or `sockjs_in_page` (jsonp-polling, htmlfile). Empty in old results, which are plain.
    #[serde(default)]
    pub protocol: String,
    /// The version of TLS that connections were under: `off`, or the version that was agreed on
    /// (`1.2`, `1.3`), with ` ChaCha20` behind it if records were sealed with that and not with
    /// AES-GCM. Empty in files from before the column.
    #[serde(default)]
    pub tls: String,
    /// The loss of connections in the course of the run, such as `reset at 2s` or `kill at 2s for
    /// 3s`; empty if the scenario has no `[cut]`.
    #[serde(default)]
    pub cut: String,
    /// The way back of readers, such as `full_jitter 1s to 30s`; empty if the scenario does not
    /// say.
    #[serde(default)]
    pub reconnect: String,
    /// The number of readers' connections that were lost in the course of the run.
    pub cut_connections: Option<u64>,
    /// The number of times that a reader came back: a stream or WebSocket when its opening was
    /// answered, a poller when its first question was.
    pub comebacks: Option<u64>,
    /// The time from the loss of a connection until its reader was back: median over readers.
    pub back_p50_ms: Option<u64>,
    /// The time from the loss of a connection until its reader was back: 99th percentile, only if
    /// at least 1,000 came back.
    pub back_p99_ms: Option<u64>,
    /// The time from the first loss until the last reader was back; empty if one did not come back.
    pub back_last_ms: Option<u64>,
    /// The number of connections that readers began from the first loss on.
    pub reconnect_attempts: Option<u64>,
    /// The number of connections that the server took from readers in the second that has most of
    /// them, wherever that second begins, from the first loss on.
    pub reconnect_peak_per_s: Option<u64>,
    /// The number of attempts to come back that the server refused, or did not answer in time.
    pub reconnect_refused: Option<u64>,
    /// The number of events that reached a reader after it was back and were sent before.
    pub replayed_events: Option<u64>,
    /// The bytes of the JSON of those events.
    pub replayed_bytes: Option<u64>,
    /// The number of times that a reader was told that its place is of another log, because the
    /// server was started anew. What it missed of the first one is in `lost`.
    pub new_logs: Option<u64>,
    /// The proxy between people and server and its settings, such as `nginx right`; empty if there
    /// is none.
    #[serde(default)]
    pub proxy: String,
    /// Processor time of the proxy's processes over the window for each delivery, in microseconds.
    #[serde(serialize_with = "digits::three_or_empty")]
    pub proxy_cpu_us_per_delivery: Option<f64>,
    /// Resident memory of the proxy's processes together at the end of the window; pages that they
    /// share count in each of them.
    pub proxy_rss_bytes: Option<u64>,
    /// The number of readers who were ready to receive when the load generator stopped waiting for
    /// more.
    pub opened_readers: Option<u64>,
    /// The number of exchanges that the link carries at once, if it has such a limit.
    pub link_workers: Option<u64>,
    /// The age of an exchange at which the link closes its connection.
    pub link_cut_after_ms: Option<u64>,
    /// The silence within an exchange after which the link closes its connection.
    pub link_cut_idle_ms: Option<u64>,
    /// The compression of what readers were sent: `none`, `gzip`, `br`, `deflate` or
    /// `deflate_context`. Empty in files from before the column, in which nothing is compressed.
    #[serde(default)]
    pub compression: String,
    /// The source of the texts of drafts: `random` letters, the `corpus` of chat, or that with an
    /// `emoji` behind each sentence. Empty in files
    /// from before the column, in which they are random.
    #[serde(default)]
    pub text: String,
    /// The bytes of compressed content that brought events in the window, as they crossed the
    /// sockets; empty without compression, and if not all clients were accounted for.
    pub packed_bytes: Option<u64>,
    /// The version of HTTP that requests went over: `1.1` or `2`. Empty in files from before the
    /// column, which are of `1.1`.
    #[serde(default)]
    pub http: String,
    /// The number of readers that were the tabs of one browser: over HTTP/2 they shared one connection,
    /// over HTTP/1.1 six at most, a WebSocket's apart.
    pub tabs: Option<u64>,
    /// The number of servers that had the same rooms. Their processor time and memory are added up
    /// in the columns of the server. Empty for a server that was not started by the run.
    pub nodes: Option<u64>,
    /// The Redis that had the logs and its `appendfsync`, such as `redis everysec`; empty if there
    /// is none. With `given` behind it if the run did not start it; `no-file` stands for one that
    /// writes none. Its figures are empty where it runs on another machine, and hold what others did
    /// with it at the same time.
    #[serde(default)]
    pub broker: String,
    /// Processor time of the Redis over the window for each delivery, in microseconds.
    #[serde(serialize_with = "digits::three_or_empty")]
    pub broker_cpu_us_per_delivery: Option<f64>,
    /// Resident memory of the Redis at the end of the window.
    pub broker_rss_bytes: Option<u64>,
    /// The bytes that servers sent to the Redis in the window: its protocol (RESP) without TCP and
    /// IP.
    pub broker_bytes_in: Option<u64>,
    /// The bytes that the Redis sent to servers in the window.
    pub broker_bytes_out: Option<u64>,
    /// The way in which the run's own server wrote events to readers: `epoll`, a system call for
    /// each, or `uring`, sends submitted together (an `io_uring` was among its open files at the
    /// end). Empty for other servers, and in files from before the column, which are of `epoll`.
    #[serde(default)]
    pub io: String,
    /// The number of processes that the people of the run were in. With more than one, latencies are
    /// of the deliveries whose draft was due in the reader's own process.
    pub processes: Option<u64>,
    /// The number of connections that the server may have, and what becomes of more, such as `50
    /// evict` or `50 refuse`; empty if the scenario does not say.
    #[serde(default)]
    pub connection_cap: String,
    /// The departures of readers, such as `5/s away 2s`; empty if the scenario has no `[churn]`.
    #[serde(default)]
    pub churn: String,
    /// The number of connections that readers gave up because nothing came over them any more;
    /// they are among the `cut_connections`.
    pub silent_connections: Option<u64>,
    /// The number of times that a reader left by itself, as `[churn]` says; none of them is among
    /// the `cut_connections`.
    pub churn_left: Option<u64>,
    /// The number of times that a reader that had left was back.
    pub churn_came: Option<u64>,
    /// The number of times that it was back over another way than before.
    pub churn_changed: Option<u64>,
    /// The processor time that programs beside the run took in the window, as a share of one
    /// processor; empty if it is not known.
    #[serde(serialize_with = "digits::six_or_empty")]
    pub others_cpu_share: Option<f64>,
    /// The number of deliveries whose draft was due in another process than the reader's; empty for a
    /// run of one process. Their latency is in no column but those below.
    pub cross_shard_deliveries: Option<u64>,
    /// The number of those deliveries that were heard before they were due, by the calendar clocks of
    /// both processes; empty unless every shard states the largest error of its clock.
    pub cross_shard_negative: Option<u64>,
    /// Latency of those deliveries from the due time: the least that the median can be, which is
    /// negative where the clocks allow it; empty unless every shard states the largest error of its
    /// clock.
    #[serde(serialize_with = "digits::three_or_empty")]
    pub cross_shard_latency_p50_low_ms: Option<f64>,
    /// Latency of those deliveries from the due time: the most that the median can be.
    #[serde(serialize_with = "digits::three_or_empty")]
    pub cross_shard_latency_p50_high_ms: Option<f64>,
    /// Latency of those deliveries from the due time: the least that the 90th percentile can be.
    #[serde(serialize_with = "digits::three_or_empty")]
    pub cross_shard_latency_p90_low_ms: Option<f64>,
    /// Latency of those deliveries from the due time: the most that the 90th percentile can be.
    #[serde(serialize_with = "digits::three_or_empty")]
    pub cross_shard_latency_p90_high_ms: Option<f64>,
    /// The number of connections that readers began in the second that has most of them, from the
    /// first loss on: those that were refused, or that nobody answered, are among them.
    pub reconnect_attempts_peak_per_s: Option<u64>,
    /// Latency from the due time of messages that were due after a connection was lost for the first
    /// time, to readers that still had theirs: median. Empty if there are none.
    pub undisturbed_p50_us: Option<u64>,
    /// Latency of the same deliveries: 99th percentile. Empty if there are fewer than a thousand.
    pub undisturbed_p99_us: Option<u64>,
    /// Latency from the due time of the first delivery to each reader: median over readers. Of an
    /// answer's tokens: the time from the beginning of the connection to the first token. Empty if
    /// there are no deliveries. With several processes: of the readers whose first delivery was due in
    /// their own.
    pub first_delivery_us: Option<u64>,
    /// The time between one delivery and the next to the same reader, of drafts that count: median
    /// over all readers. Deliveries that come in one read have next to nothing between them, so that
    /// it is near 0 for polls that bring several, however long a reader waits for the next answer.
    /// Empty if no reader was delivered two.
    pub gap_p50_us: Option<u64>,
    /// The time between one delivery and the next to the same reader: 99th percentile, only if there
    /// are at least 1,000 such times and the run reports one of its latency. Of an answer's tokens: if
    /// there are at least 100.
    pub gap_p99_us: Option<u64>,
    /// Processor time of the server while readers were away: in the whole seconds of *measure* from the
    /// one in which connections were lost to the one in which the last was back. Empty if connections
    /// are not cut at one moment (`[cut]`), or one reader did not come back in the window.
    pub back_server_cpu_us: Option<u64>,
    /// Processor time of the server in that one of these seconds in which it took most. Empty if that
    /// of all of them is.
    pub back_server_cpu_peak_us: Option<u64>,
    /// The JSON around each token of the answer that was streamed in place of a chat: `raw`, `openai`
    /// or `anthropic`; empty for a chat.
    #[serde(default)]
    pub envelope: String,
    /// The turns of an agent that were taken in place of a chat, such as `20 turns, kept connection,
    /// whole history`; empty for a chat.
    #[serde(default)]
    pub agent: String,
    /// The time from the beginning of an agent's first turn to the end of its last answer. Empty for a
    /// chat and for an answer, like the columns of the parts.
    #[serde(serialize_with = "digits::three_or_empty")]
    pub agent_whole_ms: Option<f64>,
    /// The part of that time in which connections were set up, upgrades included.
    #[serde(serialize_with = "digits::three_or_empty")]
    pub agent_setup_ms: Option<f64>,
    /// The part of that time in which the server was receiving history that it had been sent before,
    /// by its share of the bytes.
    #[serde(serialize_with = "digits::three_or_empty")]
    pub agent_history_ms: Option<f64>,
    /// The part of that time in which requests and answers were made, written, received and read at
    /// either end, without resent history.
    #[serde(serialize_with = "digits::three_or_empty")]
    pub agent_framing_ms: Option<f64>,
    /// The part of that time in which bytes were on their way between both ends. The four parts differ
    /// from the whole by 5 % at most, or the run is not valid.
    #[serde(serialize_with = "digits::three_or_empty")]
    pub agent_waiting_ms: Option<f64>,
    /// The bytes of an agent's connections that set them up: heads of upgrades, both ways.
    pub agent_setup_bytes: Option<u64>,
    /// The bytes of history that an agent had sent before.
    pub agent_history_bytes: Option<u64>,
    /// The bytes of heads, chunks, frames and JSON around an agent's inputs and its answers, both ways.
    pub agent_framing_bytes: Option<u64>,
    /// The bytes of an agent's new inputs and of its answers. The four parts are all bytes of its
    /// sockets, or the run is not valid.
    pub agent_content_bytes: Option<u64>,
    /// The bytes that the sockets of the run's own servers received in the window, as the servers
    /// count them. Empty unless the scenario has a proxy, in this cell or in another; under TLS, over
    /// HTTP/2 and with `server.io` or `server.connections`; and if a server was ended in the course of
    /// the run.
    pub server_bytes_up: Option<u64>,
    /// The bytes that these sockets sent in the window.
    pub server_bytes_down: Option<u64>,
    /// The way in which the load generator read streams and WebSockets: `epoll`, a system call for
    /// what has come on each, or `uring`, the kernel received for those who only listen, but for the
    /// few of each shard whose arrivals it stamps. Empty for polls, and in files from before the
    /// column, which are of `epoll`.
    #[serde(default)]
    pub swarm_io: String,
}
