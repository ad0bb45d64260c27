//! The checks of what is counted: deliveries, bytes and requests.

use analysis::{
    cell::VariantRuns,
    metric::{BYTES_DOWN, BYTES_UP, HEADER_BYTES, Metric, REQUESTS},
    series::Identity,
    statistics::Spread,
};
use results::{Reason, RunRow};

use super::{Check, Kind, Outcome};

/// The figures that are counted, and not timed.
const COUNTED: [&Metric; 4] = [&BYTES_UP, &BYTES_DOWN, &HEADER_BYTES, &REQUESTS];

/// The share by which a figure that varies may leave the range of its repeats.
const DRIFT: f64 = 0.02;

/// The rounding error of a mean, which must not decide.
const ROUNDING: f64 = 1e-9;

/// Returns the checks of one way in one cell.
pub(in crate::compare) fn of_pair(
    identity: &Identity,
    cell: &str,
    pair: [Option<&VariantRuns<'_>>; 2],
) -> Vec<Check> {
    let check = |kind, figure, (outcome, text)| Check {
        kind,
        way: identity.style.name.clone(),
        cell: cell.to_owned(),
        figure,
        outcome,
        text,
    };
    let mut checks: Vec<Check> = deliveries(pair)
        .map(|found| check(Kind::Deliveries, "deliveries", found))
        .into_iter()
        .collect();
    if let [Some(before), Some(after)] = pair
        && before.valid
        && after.valid
    {
        let other = other_work(before, after).map(|text| (Outcome::NotValid, text));
        checks.extend(other.map(|found| check(Kind::Deliveries, "work", found)));
        let found = COUNTED
            .iter()
            .filter_map(|metric| Some((metric.key, counted(metric, before, after)?)));
        checks.extend(found.map(|(key, found)| check(Kind::Counts, key, found)));
    }
    checks
}

/// Judges what was delivered; `None` if the way is new and nothing is wrong with it.
fn deliveries([before, after]: [Option<&VariantRuns<'_>>; 2]) -> Option<(Outcome, String)> {
    let was_valid = before.is_some_and(|side| side.valid);
    let Some(after) = after else {
        return was_valid.then(|| (Outcome::NotValid, "was run before, and not now".to_owned()));
    };
    if !after.valid {
        let reason = after.all.iter().find(|run| !run.valid);
        let reason = reason.map_or("no reason given", |run| run.error.as_str());
        let text = format!("none of {} runs is valid: {reason}", after.all.len());
        let outcome = if was_valid {
            Outcome::NotValid
        } else {
            Outcome::CannotTell
        };
        return Some((outcome, text));
    }
    let (wrong, runs) = faults(after);
    let (known, known_runs) = before.map_or((0, 0), faults);
    // Run by run: the folders may have different numbers of repeats.
    let is_worse =
        u128::from(wrong) * u128::from(known_runs.max(1)) > u128::from(known) * u128::from(runs);
    if is_worse {
        let text = format!(
            "{wrong} deliveries are wrong in {runs} runs (lost, doubled, out of order, altered), \
             were {known} in {known_runs}"
        );
        return Some((Outcome::Failed, text));
    }
    before?;
    let delivered: u64 = after.runs.iter().map(|run| run.delivered).sum();
    Some((
        Outcome::Held,
        format!("{delivered} deliveries, {wrong} wrong"),
    ))
}

/// Returns what was asked of one side and not of the other: figures of different work cannot be
/// compared, whatever came out.
fn other_work(before: &VariantRuns<'_>, after: &VariantRuns<'_>) -> Option<String> {
    let (before, after) = (work(before.runs.first()?), work(after.runs.first()?));
    let pairs = before.into_iter().zip(after);
    let other: Vec<String> = pairs
        .filter(|(one, other)| one != other)
        .map(|((key, was), (_, is))| format!("{key} {was} before, {is} after"))
        .collect();
    (!other.is_empty()).then(|| format!("other work was asked for: {}", other.join("; ")))
}

/// Returns what a run was asked to do, by the names of its columns.
fn work(run: &RunRow) -> [(&'static str, String); 7] {
    [
        ("clients", run.clients.to_string()),
        ("rooms", run.rooms.to_string()),
        ("publishers", run.publishers.to_string()),
        ("rate_per_s", run.rate_per_s.to_string()),
        ("payload_bytes", run.payload_bytes.to_string()),
        ("headers", run.headers.clone()),
        ("measured_ms", run.measured_ms.to_string()),
    ]
}

/// Returns the number of wrong deliveries of all runs that were not cut short, and the number of these
/// runs. Nobody counted which messages were altered: a run that has any has one at least.
fn faults(side: &VariantRuns<'_>) -> (u64, u64) {
    let whole = |run: &&&RunRow| !has(run, Reason::Interrupted);
    let all = side.all.iter().filter(whole);
    all.fold((0, 0), |(wrong, runs), run| {
        let altered = u64::from(has(run, Reason::Altered));
        let own = run.lost + run.duplicated + run.reordered + run.missed + altered;
        (wrong + own, runs + 1)
    })
}

fn has(run: &RunRow, reason: Reason) -> bool {
    Reason::of(run).contains(&reason)
}

/// Judges a figure that is counted: one that is the same in every repeat must stay the same or
/// fall; one that varies may leave the range of its repeats by [`DRIFT`].
fn counted(
    metric: &Metric,
    before: &VariantRuns<'_>,
    after: &VariantRuns<'_>,
) -> Option<(Outcome, String)> {
    let samples = [before, after].map(|side| metric.sample(&side.runs));
    let was = samples[0].spread()?;
    let Some(is) = samples[1].spread() else {
        let text = "was counted before, and not now".to_owned();
        return Some((Outcome::NotValid, text));
    };
    let is_steady = |at: usize, spread: Spread| samples[at].len() > 1 && spread.is_flat();
    let steady = is_steady(0, was) && is_steady(1, is);
    let most = if steady {
        was.median * (1.0 + ROUNDING)
    } else {
        was.max * (1.0 + DRIFT)
    };
    let unit = match metric.unit.name() {
        "" => String::new(),
        name => format!("{name}; "),
    };
    let [from, to] = [was.median, is.median].map(exact);
    let how = if steady {
        "the same in each repeat".to_owned()
    } else {
        format!("at most {} is allowed", exact(most))
    };
    let outcome = if is.median > most {
        Outcome::Failed
    } else {
        Outcome::Held
    };
    Some((outcome, format!("{from} before, {to} after ({unit}{how})")))
}

/// Returns a number with the digits that a byte in many messages needs.
fn exact(value: f64) -> String {
    let text = format!("{value:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
