//! What a person sees while a run goes on.
//!
//! On a terminal: one line per transport that moves. Elsewhere: a plain line
//! every few seconds and one at the end. Both go to standard error, so that
//! standard output holds the results alone.

use std::{
    io::{IsTerminal, Write},
    time::{Duration, Instant},
};

use hdrhistogram::Histogram;
use indicatif::{ProgressBar, ProgressStyle};
use swarm::{
    outcome::{Phase, Second},
    plan::Plan,
};

/// Between two plain lines where there is no terminal.
const BETWEEN_LINES: Duration = Duration::from_secs(5);

/// Prints one line for a person.
pub(crate) fn say(text: &str) {
    // A closed standard error is no reason to end a run.
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Columns of the terminal; wide where there is none, so that nothing is cut in a file.
pub(crate) fn width() -> u16 {
    terminal_size::terminal_size_of(std::io::stdout()).map_or(u16::MAX, |(width, _)| width.0)
}

/// The line of one run.
#[derive(Debug)]
pub(crate) struct Line {
    title: String,
    how: How,
    phase: Phase,
    latency: Histogram<u64>,
    bytes_up: u64,
    bytes_down: u64,
    connected: usize,
}

#[derive(Debug)]
enum How {
    Quiet,
    Plain { last: Instant },
    Bar(ProgressBar),
}

impl Line {
    /// A line for `plan`, run `number` of `total`.
    pub(crate) fn new(plan: &Plan, number: usize, total: usize, quiet: bool) -> Self {
        let cell = if plan.cell == "-" {
            String::new()
        } else {
            format!(" {}", plan.cell)
        };
        let variant = if plan.variant.to_string() == "-" {
            String::new()
        } else {
            format!(" {}", plan.variant)
        };
        let title = format!(
            "[{number}/{total}] {}{variant}{cell}",
            plan.variant.transport()
        );
        let seconds = (plan.ramp + plan.settle + plan.measure).as_secs();
        let how = if quiet {
            How::Quiet
        } else if std::io::stderr().is_terminal() {
            let bar = ProgressBar::new(seconds);
            // The template is a constant and known to be right.
            let style = ProgressStyle::with_template("{prefix:<32} {bar:16} {msg}")
                .expect("a right template");
            bar.set_style(style);
            bar.set_prefix(title.clone());
            How::Bar(bar)
        } else {
            How::Plain {
                last: Instant::now(),
            }
        };
        Self {
            title,
            how,
            phase: Phase::Connect,
            // Bounds as in the swarm's own seconds; two digits are enough to look at.
            latency: Histogram::new(2).expect("two digits are a valid precision"),
            bytes_up: 0,
            bytes_down: 0,
            connected: 0,
        }
    }

    /// A phase begins.
    pub(crate) fn phase(&mut self, phase: Phase) {
        self.phase = phase;
        self.show(false);
    }

    /// A second is over.
    pub(crate) fn second(&mut self, second: &Second) {
        // The histogram resizes itself: adding cannot fail.
        let _ = self.latency.add(&second.due);
        self.bytes_up += second.bytes_up;
        self.bytes_down += second.bytes_down;
        self.connected = second.connected;
        self.show(false);
    }

    /// The run is over; `error` says why it is not valid, if it is not.
    pub(crate) fn end(mut self, valid: bool, error: &str) {
        let verdict = if valid {
            "all heard".to_owned()
        } else {
            format!("NOT VALID: {error}")
        };
        match &self.how {
            How::Quiet => {}
            How::Plain { .. } => self.show(true),
            How::Bar(bar) => bar.set_position(bar.length().unwrap_or_default()),
        }
        match &self.how {
            How::Bar(bar) => bar.finish_with_message(format!("{}  {verdict}", self.figures())),
            How::Plain { .. } => say(&format!("{:<32} {verdict}", self.title)),
            How::Quiet => {}
        }
    }

    fn show(&mut self, now: bool) {
        let figures = format!("{:<8} {}", phase_name(self.phase), self.figures());
        match &mut self.how {
            How::Quiet => {}
            How::Bar(bar) => {
                bar.set_message(figures);
                bar.inc(1);
            }
            How::Plain { last } => {
                if now || last.elapsed() >= BETWEEN_LINES {
                    say(&format!("{:<32} {figures}", self.title));
                    *last = Instant::now();
                }
            }
        }
    }

    fn figures(&self) -> String {
        let quantile = |quantile: f64| milliseconds(self.latency.value_at_quantile(quantile));
        format!(
            "{:>8} delivered  p50 {:>9}  p99 {:>9}  up {:>9}  down {:>9}",
            grouped(self.latency.len()),
            quantile(0.5),
            quantile(0.99),
            bytes(self.bytes_up),
            bytes(self.bytes_down),
        )
    }
}

const fn phase_name(phase: Phase) -> &'static str {
    match phase {
        Phase::Connect => "connect",
        Phase::Settle => "settle",
        Phase::Measure => "measure",
        Phase::Drain => "drain",
    }
}

fn milliseconds(nanoseconds: u64) -> String {
    let value = nanoseconds as f64 / 1e6;
    if value < 10.0 {
        format!("{value:.2} ms")
    } else {
        format!("{value:.0} ms")
    }
}

/// Bytes in decimal units, as bandwidth is told.
fn bytes(count: u64) -> String {
    match count {
        0..1_000 => format!("{count} B"),
        1_000..1_000_000 => format!("{:.1} kB", count as f64 / 1e3),
        _ => format!("{:.1} MB", count as f64 / 1e6),
    }
}

fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_for_a_person() {
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(grouped(12), "12");
        assert_eq!(bytes(12_345), "12.3 kB");
        assert_eq!(milliseconds(1_234_567), "1.23 ms");
        assert_eq!(milliseconds(501_234_567), "501 ms");
    }
}
