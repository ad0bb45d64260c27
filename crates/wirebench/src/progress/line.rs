//! The line of one run: what is known of it so far, and in the end its result.

use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use indicatif::{ProgressBar, ProgressStyle};
use results::RunRow;
use swarm::outcome::{Phase, Second};

use super::{
    columns::{self, Cells},
    screen::{put, reasons, said},
    view::Overall,
};

/// The time between two plain lines if there is no terminal.
const BETWEEN_LINES: Duration = Duration::from_secs(5);

/// The line of one run.
#[derive(Debug)]
pub(crate) struct Line {
    /// The title `[3/12] websocket clients=100`, for plain lines.
    title: String,
    /// The transport and its parameters, for the view.
    name: String,
    how: How,
    /// Runs of this transport before this one, and how many there will be.
    before: usize,
    of: Option<usize>,
    phase: Phase,
    latency: Histogram<u64>,
    seconds: u32,
    /// The number of deliveries in the last second.
    last: u64,
    bytes_up: u64,
    bytes_down: u64,
    server_cpu: Option<Duration>,
}

/// The destination of a line.
#[derive(Debug)]
pub(super) enum How {
    Quiet,
    Plain { last: Instant },
    Live { bar: ProgressBar, overall: Overall },
}

impl Line {
    pub(super) fn new(
        title: String,
        name: String,
        (before, of): (usize, Option<usize>),
        how: How,
    ) -> Self {
        let line = Self {
            title,
            name,
            how,
            before,
            of,
            phase: Phase::Connect,
            // Bounds as in the swarm's own seconds; two digits are enough to look at.
            latency: Histogram::new(2).expect("two digits are a valid precision"),
            seconds: 0,
            last: 0,
            bytes_up: 0,
            bytes_down: 0,
            server_cpu: None,
        };
        if let How::Live { bar, .. } = &line.how {
            bar.set_style(plain());
        }
        line
    }

    /// Begins a phase.
    pub(crate) fn phase(&mut self, phase: Phase) {
        self.phase = phase;
        self.show();
    }

    /// Ends a second, in which the server took so much processor time.
    pub(crate) fn second(&mut self, second: &Second, server_cpu: Option<Duration>) {
        // The histogram resizes itself: adding cannot fail.
        let _ = self.latency.add(&second.due);
        self.seconds += 1;
        self.last = second.delivered;
        self.bytes_up += second.bytes_up;
        self.bytes_down += second.bytes_down;
        if let Some(cpu) = server_cpu {
            *self.server_cpu.get_or_insert_default() += cpu;
        }
        self.show();
    }

    /// Ends the line of a run with the run's results.
    pub(crate) fn end(mut self, row: &RunRow) {
        let verdict = if row.valid {
            said("all heard")
        } else {
            format!("{}: {}", said("NOT VALID"), reasons(&row.error))
        };
        self.before += 1;
        let seconds = row.measured_ms as f64 / 1e3;
        let rate = (seconds > 0.0).then(|| row.delivered as f64 / seconds);
        let phase = if row.valid { "valid" } else { "INVALID" };
        let cells = self.cells(phase, rate);
        match &self.how {
            How::Quiet => {}
            How::Plain { .. } => {
                put(&self.told());
                put(&format!("{:<32} {verdict}", self.title));
            }
            How::Live { bar, overall } => {
                if !row.valid {
                    bar.set_style(red());
                }
                let remark = if row.valid {
                    String::new()
                } else {
                    reasons(&row.error)
                };
                bar.set_message(columns::fitted(&cells, &remark, overall.width()));
                overall.run_ended();
            }
        }
    }

    fn show(&mut self) {
        match &self.how {
            How::Quiet => {}
            How::Plain { last } if last.elapsed() < BETWEEN_LINES => {}
            How::Plain { .. } => {
                put(&self.told());
                self.how = How::Plain {
                    last: Instant::now(),
                };
            }
            How::Live { bar, overall } => {
                let rate = (self.seconds > 0).then_some(self.last as f64);
                let cells = self.cells(phase_name(self.phase), rate);
                bar.set_message(columns::fitted(&cells, "", overall.width()));
                overall.show();
            }
        }
    }

    /// Returns the columns of the view.
    fn cells(&self, phase: &str, rate: Option<f64>) -> Cells {
        let known = |text: String| {
            if self.seconds > 0 {
                text
            } else {
                String::new()
            }
        };
        let quantile = |quantile: f64| {
            if self.latency.is_empty() {
                return String::new();
            }
            columns::latency(self.latency.value_at_quantile(quantile))
        };
        let time = Duration::from_secs(u64::from(self.seconds));
        [
            self.name.clone(),
            counted(self.before, self.of),
            said(phase),
            rate.map(columns::rate).unwrap_or_default(),
            quantile(0.5),
            quantile(0.99),
            known(columns::bytes(self.bytes_up)),
            known(columns::bytes(self.bytes_down)),
            self.server_cpu
                .map(|cpu| columns::share(cpu, time))
                .unwrap_or_default(),
        ]
    }

    /// Returns the plain line: the run, its phase and its figures.
    fn told(&self) -> String {
        let phase = sheet::padded(&said(phase_name(self.phase)), 8);
        format!("{:<32} {phase} {}", self.title, self.figures())
    }

    /// Returns the same figures for a plain line.
    fn figures(&self) -> String {
        let quantile = |quantile: f64| {
            if self.latency.is_empty() {
                return "\u{2013}".to_owned();
            }
            columns::latency(self.latency.value_at_quantile(quantile))
        };
        let server = self.server_cpu.map(|cpu| {
            let time = Duration::from_secs(u64::from(self.seconds));
            format!("  {} {}", said("server"), columns::share(cpu, time))
        });
        format!(
            "{:>8} {}  p50 {:>7}  p99 {:>7}  {} {:>7}  {} {:>7}{}",
            self.latency.len(),
            said("delivered"),
            quantile(0.5),
            quantile(0.99),
            said("up"),
            columns::bytes(self.bytes_up),
            said("down"),
            columns::bytes(self.bytes_down),
            server.unwrap_or_default(),
        )
    }
}

/// Formats a count as `3/12`, or as `3` if the total is not known.
pub(super) fn counted(done: usize, of: Option<usize>) -> String {
    of.map_or_else(|| done.to_string(), |of| format!("{done}/{of}"))
}

/// Returns the style of a line of a view: a text that was made to fit.
pub(super) fn plain() -> ProgressStyle {
    style("{msg}")
}

/// Returns the style of the line of a run that is not valid. The colour is not essential, because
/// the text of the line states it as well.
fn red() -> ProgressStyle {
    style("{msg:.red}")
}

fn style(template: &str) -> ProgressStyle {
    // The templates are constants and known to be right.
    ProgressStyle::with_template(template).expect("a right template")
}

const fn phase_name(phase: Phase) -> &'static str {
    match phase {
        Phase::Connect => "connect",
        Phase::Settle => "settle",
        Phase::Measure => "measure",
        Phase::Drain => "drain",
    }
}
