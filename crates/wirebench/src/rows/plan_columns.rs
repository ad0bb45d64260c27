//! The columns of a run's plan, and of the path between people and server.

use std::time::Duration;

use results::{RunRow, row};
use scenario::{LinkSettings, Side};
use swarm::plan::{Arrivals, Plan, Speak, value_for};

/// The path between people and server.
#[derive(Debug, Clone)]
pub(crate) struct Path {
    /// The parts of the path, of which the column is made.
    pub(crate) way: row::Path,
    /// The one-way delay between readers and the server.
    pub(crate) read_delay: Duration,
    /// The one-way delay between speakers and the server.
    pub(crate) say_delay: Duration,
    /// The value of the `Host` header.
    pub(crate) host: String,
    /// The word for TLS as it was asked for: `off`, or the version.
    pub(crate) tls: &'static str,
    /// The version of HTTP.
    pub(crate) http: &'static str,
    /// The word for how the server wrote to readers: `epoll` or `uring`; empty if it is not known.
    pub(crate) io: &'static str,
    /// The words for the proxy before the server, such as `nginx right`; empty without one.
    pub(crate) proxy: String,
    /// The limits of a link that lets in, and ends, exchanges.
    pub(crate) limits: Limits,
    /// The bound of the server's connections, and what becomes of more; empty without one.
    pub(crate) cap: String,
}

/// The limits of a link that lets in, and ends, exchanges, as far as readers meet them.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Limits {
    workers: Option<u64>,
    cut_after_ms: Option<u64>,
    cut_idle_ms: Option<u64>,
}

impl Limits {
    /// Returns the limits that a scenario's link has for readers.
    pub(crate) fn of(link: &LinkSettings) -> Self {
        if link.side == Side::Speakers {
            return Self::default();
        }
        let ms = |limit: Option<Duration>| limit.map(|limit| limit.as_millis() as u64);
        Self {
            workers: link.workers.map(|workers| workers as u64),
            cut_after_ms: ms(link.cut.after),
            cut_idle_ms: ms(link.cut.idle),
        }
    }
}

impl Path {
    /// Returns the path over the loopback interface, without a link.
    pub(crate) fn loopback(host: &str) -> Self {
        Self {
            way: row::Path::default(),
            read_delay: Duration::ZERO,
            say_delay: Duration::ZERO,
            host: host.to_owned(),
            tls: "off",
            proxy: String::new(),
            limits: Limits::default(),
            cap: String::new(),
            http: "1.1",
            io: "",
        }
    }

    /// Returns the length of header lines as they are sent, line ends included, in bytes.
    fn line_bytes(&self, lines: &[(String, String)]) -> u64 {
        let line = |(name, value): &(String, String)| {
            let value = value_for(value, &self.host, self.tls != "off");
            name.len() + value.len() + ": \r\n".len()
        };
        lines.iter().map(line).sum::<usize>() as u64
    }
}

/// Returns the word for the arrivals in `runs.csv`.
fn arrivals(plan: &Plan) -> String {
    match plan.traffic.arrivals {
        Arrivals::Constant => "constant".to_owned(),
        Arrivals::Poisson => "poisson".to_owned(),
        Arrivals::Burst { size } => format!("burst {size}"),
    }
}

/// Returns the word of the `speak` column: as a scenario writes it.
const fn speak(speak: Speak) -> &'static str {
    match speak {
        Speak::Same => "same",
        Speak::Post => "post",
        Speak::PostClose => "post_close",
    }
}

/// Returns the columns that are known before the run.
pub(super) fn row(plan: &Plan, path: &Path) -> RunRow {
    RunRow {
        scenario: plan.scenario.clone(),
        transport: plan.variant.transport().to_string(),
        variant: plan.variant.to_string(),
        cell: plan.cell.clone(),
        repeat: plan.repeat as u32,
        clients: plan.swarm.clients as u64,
        rooms: plan.rooms() as u64,
        publishers: plan.traffic.publishers as u64,
        rate_per_s: plan.traffic.rate,
        payload_bytes: u64::midpoint(
            plan.traffic.payload.min as u64,
            plan.traffic.payload.max as u64,
        ),
        headers: plan.headers.profile.clone(),
        path: path.way.to_string(),
        read_delay_us: Some(path.read_delay.as_micros() as u64),
        say_delay_us: Some(path.say_delay.as_micros() as u64),
        arrivals: arrivals(plan),
        speak: speak(plan.traffic.speak).to_owned(),
        pacing: plan.traffic.pacing.label(),
        settle_ms: Some(plan.traffic.settle.as_millis() as u64),
        named: Some(plan.swarm.presence),
        tls: path.tls.to_owned(),
        host_bytes: Some(path.host.len() as u64),
        read_line_bytes: Some(path.line_bytes(&plan.read_headers)),
        // Over the reader's WebSocket drafts need no request of their own.
        say_line_bytes: (!plan.variant.way().carries_drafts() || plan.traffic.speak != Speak::Same)
            .then(|| path.line_bytes(&plan.say_headers)),
        protocol: plan.variant.protocol().name().to_owned(),
        compression: plan.variant.compression().name().to_owned(),
        text: plan.traffic.text.name().to_owned(),
        coherent_within_ms: Some(plan.traffic.coherent_within.as_millis() as u64),
        cut: plan
            .cut
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        reconnect: plan
            .reconnect
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        proxy: path.proxy.clone(),
        link_workers: path.limits.workers,
        link_cut_after_ms: path.limits.cut_after_ms,
        link_cut_idle_ms: path.limits.cut_idle_ms,
        http: path.http.to_owned(),
        tabs: Some(plan.swarm.tabs as u64),
        io: path.io.to_owned(),
        connection_cap: path.cap.clone(),
        churn: plan
            .churn
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        envelope: plan
            .answer
            .as_ref()
            .map_or_else(String::new, |answer| answer.envelope.name().to_owned()),
        agent: plan
            .turns
            .as_ref()
            .map_or_else(String::new, |turns| turns.agent.to_string()),
        ..RunRow::default()
    }
}
