//! The processor time and memory of a proxy over the window, looked at from outside, those of the
//! processes that it started among them.

use results::RunRow;
use swarm::outcome::Outcome;

use super::Proxy;
use crate::{child::Sample, edges::micros, process_tree::ProcessTree};

/// The samples at the beginning of *measure* and at the end of the window.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Usage {
    measure: Option<Sample>,
    end: Option<Sample>,
}

impl Usage {
    /// Takes the sample at the beginning of *measure*.
    pub(crate) fn measure(&mut self, proxy: Option<&Proxy>) {
        self.measure = proxy.and_then(sample);
    }

    /// Takes the sample at the end of the window.
    pub(crate) fn end(&mut self, proxy: Option<&Proxy>) {
        self.end = proxy.and_then(sample);
    }

    /// Returns `row` with the columns of the proxy's processor time and memory.
    pub(crate) fn fill(self, row: RunRow, outcome: &Outcome) -> RunRow {
        let Some((measure, end)) = self.measure.zip(self.end) else {
            return row;
        };
        let us = micros(measure, end) as f64;
        RunRow {
            proxy_cpu_us_per_delivery: (outcome.delivered > 0)
                .then(|| us / outcome.delivered as f64),
            proxy_rss_bytes: Some(end.resident),
            ..row
        }
    }
}

/// Samples the proxy and what it has started so far.
fn sample(proxy: &Proxy) -> Option<Sample> {
    let sample = ProcessTree::below(proxy.pid)?.sample()?;
    // A process that is gone has no memory.
    (sample.resident > 0).then_some(sample)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_window_is_what_lies_between_two_samples() {
        let at = |cpu_ms, resident| {
            Some(Sample {
                cpu: Duration::from_millis(cpu_ms),
                resident,
            })
        };
        let mut outcome = Outcome::empty();
        outcome.delivered = 100;
        let usage = Usage {
            measure: at(50, 4_000),
            end: at(70, 5_000),
        };
        let row = usage.fill(RunRow::default(), &outcome);
        assert_eq!(row.proxy_cpu_us_per_delivery, Some(200.0));
        assert_eq!(row.proxy_rss_bytes, Some(5_000));
        let usage = Usage { end: None, ..usage };
        let row = usage.fill(RunRow::default(), &outcome);
        assert_eq!(
            (row.proxy_cpu_us_per_delivery, row.proxy_rss_bytes),
            (None, None)
        );
    }
}
