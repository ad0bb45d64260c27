//! The figures of a run that claims and lessons may name.

use super::{
    super::evidence::Run,
    expression::{Argument, ExpressionError, Scope},
    formula::formula,
};
use analysis::{
    metric::{self, Metric},
    model::{Situation, framing, per_hour},
};
use results::RunRow;

/// The bytes of `data: ` and the blank line of SSE.
const SSE_FIELDS: f64 = 8.0;

/// Returns a figure of a run by its name; `None` if the run has none. The suffix `_ms` stands for
/// milliseconds, `_us` for microseconds, `_s` for seconds.
///
/// # Errors
/// Fails if there is no figure of this name.
pub fn figure(name: &str, run: &RunRow) -> Result<Option<f64>, ExpressionError> {
    let ms = |micros: Option<u64>| micros.map(|micros| micros as f64 / 1e3);
    let of_list = |metric: &Metric| (metric.metric)(run).map(|micros| micros / 1e3);
    let count = |count: u64| Some(count as f64);
    let share = |part: u64, whole: u64| (whole > 0).then(|| part as f64 / whole as f64);
    Ok(match name {
        "p50_ms" => of_list(&metric::P50),
        "p90_ms" => ms(run.p90_us),
        "p99_ms" => ms(run.p99_us),
        "mean_ms" => ms(run.mean_us),
        "max_ms" => of_list(&metric::MAX),
        "deviation_ms" => ms(run.deviation_us),
        "sent_p50_ms" => ms(run.sent_p50_us),
        "sent_p99_ms" => ms(run.sent_p99_us),
        "spread_ms" => of_list(&metric::SPREAD_P50),
        "event_bytes" => share(run.event_bytes, run.delivered),
        "header_bytes" => run.header_bytes_per_delivery,
        "exchanges" => share(run.exchanges, run.delivered),
        "empty_percent" => share(run.empty_exchanges * 100, run.exchanges),
        "lost_percent" => share(run.lost * 100, run.expected),
        "server_cpu_us" => run.server_cpu_us_per_delivery,
        "memory_kib" => run
            .server_rss_bytes_per_client
            .map(|bytes| bytes as f64 / 1024.0),
        "clients" => count(run.clients),
        "rate" => Some(run.rate_per_s),
        "delivered" => count(run.delivered),
        "expected" => count(run.expected),
        "lost" => count(run.lost),
        "missed" => count(run.missed),
        "polls" => count(run.exchanges),
        "empty_polls" => count(run.empty_exchanges),
        "measured_s" => Some(run.measured_ms as f64 / 1e3),
        "opened_readers" => run.opened_readers.map(|readers| readers as f64),
        "link_workers" => run.link_workers.map(|workers| workers as f64),
        "cut_after_s" => ms(run.link_cut_after_ms),
        "cuts_per_hour" => per_hour(run, run.cut_connections),
        "cut_connections" => run.cut_connections.map(|cuts| cuts as f64),
        "peak_per_second" => run.reconnect_peak_per_s.map(|peak| peak as f64),
        "back_p50_ms" => run.back_p50_ms.map(|ms| ms as f64),
        "back_last_ms" => run.back_last_ms.map(|ms| ms as f64),
        "duplicated" => count(run.duplicated),
        "broker_bytes_out" => run.broker_bytes_out.map(|bytes| bytes as f64),
        "opening_ms" => ms(run.opening_p50_us),
        "setup_bytes" => run.setup_bytes_per_client,
        _ => return Err(ExpressionError::Name(name.to_owned())),
    })
}

/// The meaning of names and functions for one run; without a run nothing is known.
pub(super) struct OfRun<'a> {
    pub(super) run: Option<Run<'a>>,
    /// The scope of the names that are no figures of a run.
    pub(super) beside: &'a dyn Scope,
}

impl OfRun<'_> {
    /// Returns a figure that needs more than the run's row.
    fn more(&self, name: &str) -> Result<Option<f64>, ExpressionError> {
        let of = |value: fn(&Run<'_>) -> Option<f64>| self.run.as_ref().and_then(value);
        Ok(match name {
            "events" => of(|run| Some(run.events())),
            "window_s" => self.run.as_ref().and_then(Run::window_s),
            "interval_s" => of(|run| Some(run.interval_s())),
            "period_s" => of(|run| Some(run.period_s())),
            "read_delay_s" => of(|run| Some(run.read_delay_s())),
            "delay_s" => of(|run| Some(run.read_delay_s().max(run.say_delay_s()))),
            "sse_id_line" => of(|run| {
                let situation = Situation::of(run.run)?;
                Some(situation.mean_over_seqs(framing::sse) - SSE_FIELDS)
            }),
            _ => return Err(ExpressionError::Name(name.to_owned())),
        })
    }
}

impl Scope for OfRun<'_> {
    fn name(&self, name: &str) -> Result<Option<f64>, ExpressionError> {
        let of_row = |_| match &self.run {
            Some(run) => figure(name, run.run),
            // The set of names does not depend on the run.
            None => figure(name, &RunRow::default()).map(|_| None),
        };
        let known = self.more(name).or_else(of_row);
        known.or_else(|_| self.beside.name(name))
    }

    fn call(&self, name: &str, arguments: &[Argument]) -> Result<Option<f64>, ExpressionError> {
        let run = self.run.as_ref();
        match (name, arguments) {
            ("quantile_ms", [Argument::Of(share)]) => {
                let share = share.value(self)?;
                Ok(run
                    .zip(share)
                    .and_then(|(run, share)| run.quantile_ms(share)))
            }
            ("percent_later_than", [Argument::Of(ms)]) => {
                let ms = ms.value(self)?;
                let share = run.zip(ms).and_then(|(run, ms)| run.share_later_than(ms));
                Ok(share.map(|share| share * 1e2))
            }
            (
                "bytes" | "whole_bytes" | "count",
                [
                    Argument::Text(way),
                    Argument::Text(purpose),
                    Argument::Text(layer),
                ],
            ) => Ok(run.map(|run| match name {
                "bytes" => run.account(way, purpose, layer).0 as f64,
                "count" => run.account(way, purpose, layer).1 as f64,
                _ => run.whole_account(way, purpose, layer).0 as f64,
            })),
            _ if is_formula(name, arguments) => numbers(name, arguments, self),
            _ => self.beside.call(name, arguments),
        }
    }
}

/// Returns whether there is a formula of this name, which does not depend on what was measured.
pub(super) fn is_formula(name: &str, arguments: &[Argument]) -> bool {
    formula(name, &vec![1.0; arguments.len()]).is_some()
}

/// Calls a formula with numbers of a scope.
pub(super) fn numbers(
    name: &str,
    arguments: &[Argument],
    scope: &dyn Scope,
) -> Result<Option<f64>, ExpressionError> {
    let mut values = Vec::new();
    for argument in arguments {
        let Argument::Of(argument) = argument else {
            return Err(ExpressionError::Function(name.to_owned()));
        };
        values.push(argument.value(scope)?);
    }
    let values: Option<Vec<f64>> = values.into_iter().collect();
    Ok(values.and_then(|values| formula(name, &values)))
}
