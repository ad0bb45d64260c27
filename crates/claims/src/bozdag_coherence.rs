//! The claim about polls that are more or less frequent than the published messages.
//!
//! It is code because each interval has the formula that its ratio to the publish interval asks
//! for, and because misses are summed over runs.

use super::{
    Assessment, Claim, Evidence, Finding,
    evidence::{At, Run, Runs},
    figures::{Curve, Look, Plot},
    rule::{Comparison, Rule},
};
use analysis::model::latency;
use chart::{Figure, FigureError};

/// The part in which processor time is compared, with five runs of each transport.
const PROCESSOR: &str = "processor";
/// The part that sweeps the interval.
const SHARES: &str = "shares";
const NEAR: f64 = 0.10;
/// The tolerance of an order of magnitude: half of the published factor.
const ORDER: f64 = 0.5;

/// Returns the short polls, by the ratio of their interval to the publish interval.
fn by_ratio(evidence: &Evidence) -> Vec<(f64, Run<'_>)> {
    let at = At {
        part: SHARES,
        transport: "short_poll",
        ..At::default()
    };
    let mut runs: Vec<(f64, Run<'_>)> = evidence
        .runs(&at)
        .runs
        .into_iter()
        .map(|run| (run.interval_s() / run.period_s(), run))
        .collect();
    runs.sort_unstable_by(|one, other| one.0.total_cmp(&other.0));
    runs
}

/// Returns the share of polls that brought nothing, in percent.
fn redundant(run: &Run<'_>) -> f64 {
    run.run.empty_exchanges as f64 / run.run.exchanges.max(1) as f64 * 1e2
}

/// Returns the share of messages that came later than one publish interval, in percent.
fn late(run: &Run<'_>) -> Option<f64> {
    Some(run.share_later_than(run.period_s() * 1e3)? * 1e2)
}

pub(super) fn assess(claim: &Claim, evidence: &Evidence) -> Assessment {
    let mut findings = Vec::new();
    for (ratio, run) in by_ratio(evidence) {
        let (period, interval) = (run.period_s(), run.interval_s());
        let of = |what: &str, predicted: f64, measured: Option<f64>| {
            Finding::new(format!("{what}, T/P = {ratio}"), "%")
                .predicted(predicted * 1e2)
                .measured(measured)
                .within(NEAR)
                .judged_by_prediction()
        };
        findings.push(if ratio < 1.0 {
            let empty = latency::empty_share_constant(period, interval);
            of("redundant polls", empty, Some(redundant(&run)))
        } else if ratio > 1.0 {
            let behind = latency::late_share_constant(period, interval);
            of("messages later than P", behind, late(&run))
        } else {
            Finding::new("redundant polls, T/P = 1", "%")
                .predicted(NEAR * 1e2)
                .measured(Some(redundant(&run)))
                .at_most()
                .note("None but for polls that jitter across a message.")
        });
    }
    findings.push(missed(evidence));
    findings.push(processor(claim, evidence));
    Assessment::of(
        findings,
        "Redundant polls and late messages follow T/P. A poller that asks for all since its place \
         gets late what one that asks for the latest value alone would miss. The seven times of \
         processor time are of one server of 2007.",
    )
}

/// Checks the published statement that longer intervals miss messages.
fn missed(evidence: &Evidence) -> Finding {
    let longer = by_ratio(evidence);
    let mut longer = longer.iter().filter(|(ratio, _)| *ratio > 1.0).peekable();
    let any = longer.peek().is_some();
    let lost: u64 = longer.map(|(_, run)| run.run.lost + run.run.missed).sum();
    Finding::new("messages missed where T is longer than P", "messages")
        .published_as(1.0)
        .predicted(0.0)
        .measured(any.then_some(lost as f64))
        .judged(Rule::AtLeastPublished)
        .note("Published is that there are some. These readers ask for all since their place in the log.")
}

/// Compares the server's processor time for pushing and for polling at the publish interval.
fn processor(claim: &Claim, evidence: &Evidence) -> Finding {
    let cpu = |transport| {
        let at = At {
            part: PROCESSOR,
            transport,
            ..At::default()
        };
        evidence
            .runs(&at)
            .each(|run| run.run.server_cpu_us_per_delivery)
    };
    let factor = claim.published.get("cpu").map_or(f64::NAN, |one| one.value);
    let more = Comparison::more_than(factor * ORDER, cpu("long_poll"), &cpu("short_poll"));
    Finding::new(
        "server's processor time a message, long poll over short poll, T = P",
        "x",
    )
    .published(claim, "cpu")
    .compared(more)
    .note("Half of what was published counts as its order.")
}

pub(super) fn draw(_: &Claim, evidence: &Evidence) -> Result<Vec<Figure>, FigureError> {
    let runs = by_ratio(evidence);
    let empty = runs.iter().map(|(ratio, run)| (*ratio, redundant(run)));
    let behind = runs
        .iter()
        .filter_map(|(ratio, run)| Some((*ratio, late(run)?)));
    let ratios = || (0..=100).map(|at| 0.2 * 10f64.powf(f64::from(at) / 100.0 * 1.4));
    let curve = |share: fn(f64, f64) -> f64| -> Vec<(f64, f64)> {
        ratios()
            .map(|ratio| (ratio, share(1.0, ratio) * 1e2))
            .collect()
    };
    let (empty, behind) = (empty.collect(), behind.collect());
    let all = Runs {
        runs: runs.iter().map(|(_, run)| *run).collect(),
    };
    Plot {
        name: "shares",
        title: "Redundant polls and late messages by poll interval",
        reading: "T is the poll interval, P the publish interval. Late is later than P.",
        caption: &all.caption(),
        x: "poll interval over publish interval, T/P (log scale)",
        y: "share, %",
        log_x: true,
        log_y: false,
        curves: vec![
            Curve::new(
                "1 - T/P",
                Look::Formula,
                curve(latency::empty_share_constant),
            ),
            Curve::new("redundant polls", Look::FirstPoints, empty),
            Curve::new(
                "1 - P/T",
                Look::Formula,
                curve(latency::late_share_constant),
            ),
            Curve::new("late messages", Look::SecondPoints, behind),
        ],
    }
    .draw()
}
