//! The test of the figures that claims name: those of the registry have the numbers of the columns
//! that claims were published with, and those of another definition differ as they should.

use analysis::metric::of;
use claims::figure;
use results::RunRow;

use super::spoiled::recorded;

/// A name of a figure, and its value as it follows from the columns of a row.
type FromColumns = (&'static str, fn(&RunRow) -> Option<f64>);

/// The figures that claims take from the registry.
const SAME: [FromColumns; 10] = [
    ("p50_ms", |run| Some(run.p50_us? as f64 / 1e3)),
    ("p99_ms", |run| Some(run.p99_us? as f64 / 1e3)),
    ("max_ms", |run| Some(run.max_us? as f64 / 1e3)),
    ("spread_ms", |run| Some(run.spread_p50_us? as f64 / 1e3)),
    ("opening_ms", |run| Some(run.opening_p50_us? as f64 / 1e3)),
    ("back_p50_ms", |run| Some(run.back_p50_ms? as f64)),
    ("back_last_ms", |run| Some(run.back_last_ms? as f64)),
    ("setup_bytes", |run| run.setup_bytes_per_client),
    ("peak_per_second", |run| {
        Some(run.reconnect_peak_per_s? as f64)
    }),
    ("empty_percent", |run| {
        let exchanges = (run.exchanges > 0).then_some(run.exchanges)?;
        Some(run.empty_exchanges as f64 * 1e2 / exchanges as f64)
    }),
];

/// The figures that claims divide by the deliveries that count, with the registry's figure, which is
/// divided by the events that the window brought.
const OTHERWISE: [[&str; 2]; 3] = [
    ["header_bytes", "header_bytes_per_delivery"],
    ["exchanges", "exchanges_per_delivery"],
    ["server_cpu_us", "server_cpu_us_per_delivery"],
];

/// Returns the runs that were recorded for all claims.
fn runs() -> Vec<RunRow> {
    let mut runs = Vec::new();
    for name in claims::names() {
        let (_, evidence) = recorded(name);
        for rows in evidence.parts.into_values() {
            runs.extend(rows.runs);
        }
    }
    runs
}

/// Returns a figure by its name.
fn named(name: &str, run: &RunRow) -> Option<f64> {
    figure(name, run).expect("a figure")
}

#[test]
fn a_figure_of_the_registry_has_the_number_that_claims_had() {
    // The order of two factors changes the last of sixteen digits.
    let digits = |value: Option<f64>| value.map(|value| format!("{value:.6}"));
    let runs = runs();
    for (name, from_columns) in SAME {
        let mut compared = 0;
        for run in &runs {
            let expected = from_columns(run);
            assert_eq!(digits(named(name, run)), digits(expected), "{name}");
            compared += usize::from(expected.is_some_and(|value| value > 0.0));
        }
        assert!(compared > 10, "{name}: only {compared} runs have one");
    }
}

#[test]
fn a_figure_of_another_divisor_is_another_figure() {
    let runs = runs();
    for [own, key] in OTHERWISE {
        let mut compared = 0;
        for run in runs.iter().filter(|run| run.delivered > 0) {
            let more = of::brought(run) / run.delivered as f64;
            let values = named(own, run).zip(named(key, run));
            let Some((own_value, by_key)) = values.filter(|_| more > 1.0) else {
                continue;
            };
            let ratio = own_value / by_key;
            assert!((ratio / more - 1.0).abs() < 1e-9, "{own}: {ratio}, {more}");
            compared += 1;
        }
        assert!(compared > 5, "{own}: only {compared} runs brought more");
    }
}
