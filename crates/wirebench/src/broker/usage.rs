//! The processor time, memory and traffic of a run's Redis over the window, as it says itself.

use std::time::Duration;

use results::RunRow;
use swarm::outcome::Outcome;

use super::Broker;

/// The figures that a Redis gives of itself at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sample {
    /// The processor time of all its threads since it began.
    cpu: Duration,
    /// The resident memory, in bytes.
    resident: u64,
    /// The bytes that it was sent since it began, and that it sent.
    received: u64,
    sent: u64,
    /// The bytes of the answer with these figures, and of a question for them: they are no part of
    /// the traffic of servers.
    answer: u64,
    question: u64,
}

impl Sample {
    /// Reads what a Redis said of itself in an answer of so many bytes; a question has `question`.
    pub(super) fn read(about: &str, answer: usize, question: usize) -> Option<Self> {
        let value = |name: &str| {
            let mut lines = about.lines().filter_map(|line| line.split_once(':'));
            lines.find_map(|(key, value)| (key == name).then_some(value.trim()))
        };
        let seconds = |name| value(name)?.parse().ok().map(Duration::from_secs_f64);
        let number = |name| value(name)?.parse().ok();
        Some(Self {
            cpu: seconds("used_cpu_sys")? + seconds("used_cpu_user")?,
            resident: number("used_memory_rss")?,
            received: number("total_net_input_bytes")?,
            sent: number("total_net_output_bytes")?,
            answer: answer as u64,
            question: question as u64,
        })
    }
}

/// The samples at the beginning of *measure* and at the end of the window.
#[derive(Debug, Default)]
pub(crate) struct Usage {
    words: String,
    measure: Option<Sample>,
    end: Option<Sample>,
}

impl Usage {
    /// Takes the sample at the beginning of *measure*.
    pub(crate) fn measure(&mut self, broker: Option<&Broker>) {
        self.words = broker
            .map(|broker| broker.words().to_owned())
            .unwrap_or_default();
        self.measure = broker.and_then(Broker::sample);
    }

    /// Takes the sample at the end of the window.
    pub(crate) fn end(&mut self, broker: Option<&Broker>) {
        self.end = broker.and_then(Broker::sample);
    }

    /// Returns `row` with the columns of the Redis.
    pub(crate) fn fill(self, row: RunRow, outcome: &Outcome) -> RunRow {
        let row = RunRow {
            broker: self.words,
            ..row
        };
        let Some((measure, end)) = self.measure.zip(self.end) else {
            return row;
        };
        let us = end.cpu.saturating_sub(measure.cpu).as_micros() as f64;
        // Of both samples only the first one's answer and the second one's question lie between the
        // two counts.
        let received = end.received.saturating_sub(measure.received + end.question);
        let sent = end.sent.saturating_sub(measure.sent + measure.answer);
        RunRow {
            broker_cpu_us_per_delivery: (outcome.delivered > 0)
                .then(|| us / outcome.delivered as f64),
            broker_rss_bytes: Some(end.resident),
            broker_bytes_in: Some(received),
            broker_bytes_out: Some(sent),
            ..row
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ABOUT: &str = "# CPU\r\nused_cpu_sys:0.250000\r\nused_cpu_user:0.500000\r\n\
         used_cpu_sys_children:9.0\r\n# Memory\r\nused_memory:1\r\nused_memory_rss:4000\r\n\
         # Stats\r\ntotal_net_input_bytes:100\r\ntotal_net_output_bytes:200\r\n";

    #[test]
    fn the_questions_are_no_part_of_the_traffic() {
        let measure = Sample::read(ABOUT, 70, 10).unwrap();
        assert_eq!(measure.cpu, Duration::from_millis(750));
        let end = Sample {
            cpu: Duration::from_millis(950),
            received: 100 + 10 + 40,
            sent: 200 + 70 + 90,
            resident: 5_000,
            ..measure
        };
        let mut outcome = Outcome::empty();
        outcome.delivered = 100;
        let usage = |end| Usage {
            words: "redis everysec".to_owned(),
            measure: Some(measure),
            end,
        };
        let row = usage(Some(end)).fill(RunRow::default(), &outcome);
        assert_eq!(row.broker, "redis everysec");
        assert_eq!(row.broker_cpu_us_per_delivery, Some(2_000.0));
        assert_eq!(row.broker_rss_bytes, Some(5_000));
        assert_eq!(
            (row.broker_bytes_in, row.broker_bytes_out),
            (Some(40), Some(90))
        );
        // A Redis that did not answer at the end has no figure.
        let row = usage(None).fill(RunRow::default(), &outcome);
        assert_eq!((row.broker_bytes_in, row.broker_rss_bytes), (None, None));
    }

    #[test]
    fn what_is_not_said_is_no_zero() {
        for line in ["used_cpu_sys", "used_memory_rss", "total_net_output_bytes"] {
            let without = ABOUT.replace(&format!("{line}:"), "other:");
            assert_eq!(Sample::read(&without, 70, 10), None, "{line}");
        }
    }
}
