//! The checks of ratios: how the ways of one folder stand to each other, before and after.
//!
//! A slower machine slows all ways. So each two ways of a cell are divided by each other, repeat by
//! repeat, and the ratios of both folders are compared. A way fails if it became slower against most
//! of the others; when one way becomes faster, each of the others is slower against that one alone.
//! It cannot be said of two ways which of them changed, so either change fails.

use std::collections::BTreeMap;

use analysis::{
    cell::VariantRuns,
    chance::{Family, Sample},
    effect::{Effect, Shown},
    metric::{Metric, P50, P99, SERVER_CPU},
    series::Identity,
    statistics::Spread,
};
use results::RunRow;
use wire::Way;

use super::{Check, Kind, Outcome};

/// The figures whose ratios are judged. Latencies of short polls are those of their interval, and
/// have no ratio.
const RATED: [&Metric; 3] = [&P50, &P99, &SERVER_CPU];

/// The change of the ratio of two ways in one figure of one cell.
#[derive(Debug)]
pub(in crate::compare) struct Pair {
    cell: String,
    metric: &'static Metric,
    ways: [String; 2],
    /// The ratio of the ratios, after to before: above one if the first became slower against the
    /// second.
    effect: Effect,
}

/// A way of a cell, before and after.
type Both<'v, 'a> = (&'v Identity, [&'v VariantRuns<'a>; 2]);

/// Returns the changes of all pairs of ways of one cell that are valid in both folders.
pub(in crate::compare) fn of_cell(cell: &str, ways: &[Both<'_, '_>]) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for metric in RATED {
        let rated: Vec<_> = ways.iter().filter(|way| is_rated(way, metric)).collect();
        for (at, (one, own)) in rated.iter().copied().enumerate() {
            for (other, theirs) in rated[at + 1..].iter().copied() {
                let samples = [0, 1].map(|side| ratios(metric, own[side], theirs[side]));
                if let Some(effect) = change(&samples) {
                    pairs.push(Pair {
                        cell: cell.to_owned(),
                        metric,
                        ways: [one.style.name.clone(), other.style.name.clone()],
                        effect,
                    });
                }
            }
        }
    }
    pairs
}

fn is_rated((identity, sides): &Both<'_, '_>, metric: &Metric) -> bool {
    let way = Way::from_columns(&identity.transport, &identity.variant);
    let waits = way == Some(Way::ShortPoll) && metric != &SERVER_CPU;
    !waits && sides.iter().all(|side| side.valid)
}

/// Returns the ratio of two ways in each repeat that both have.
fn ratios(metric: &Metric, own: &VariantRuns<'_>, theirs: &VariantRuns<'_>) -> Sample {
    let moment = |run: &RunRow| (run.sitting.unwrap_or(0), run.repeat);
    let others: BTreeMap<(u32, u32), f64> = theirs
        .runs
        .iter()
        .filter_map(|run| Some((moment(run), (metric.metric)(run)?)))
        .collect();
    Sample::of(own.runs.iter().filter_map(|run| {
        let moment = moment(run);
        let ratio = (metric.metric)(run)? / others.get(&moment)?;
        ratio.is_finite().then_some((moment.0, ratio))
    }))
}

fn change([before, after]: &[Sample; 2]) -> Option<Effect> {
    let effect = if before.has_sittings_of(after) {
        Effect::between(after, before)
    } else {
        Effect::between(&after.pooled(), &before.pooled())
    };
    effect.filter(|effect| effect.ratio > 0.0)
}

/// Judges all pairs as one family of tests, and returns a check for each way, cell and figure.
pub(in crate::compare) fn judge(mut pairs: Vec<Pair>) -> Vec<Check> {
    let family = Family::of(
        pairs
            .iter()
            .map(|pair| (pair.effect.p, pair.effect.least_p)),
    );
    for pair in &mut pairs {
        pair.effect = pair.effect.clone().judged(&family);
    }
    let mut places: Vec<(&str, &str, &'static Metric)> = Vec::new();
    for pair in &pairs {
        for way in &pair.ways {
            let place = (pair.cell.as_str(), way.as_str(), pair.metric);
            if !places.contains(&place) {
                places.push(place);
            }
        }
    }
    let checks = places.into_iter();
    checks
        .map(|(cell, way, metric)| {
            let of_it = |pair: &&Pair| {
                pair.cell == cell && pair.metric == metric && pair.ways.iter().any(|one| one == way)
            };
            let own: Vec<&Pair> = pairs.iter().filter(of_it).collect();
            let (outcome, text) = of_way(way, &own);
            Check {
                kind: Kind::Ratios,
                way: way.to_owned(),
                cell: cell.to_owned(),
                figure: metric.key,
                outcome,
                text,
            }
        })
        .collect()
}

/// Judges one way by its ratios to all others.
fn of_way(way: &str, pairs: &[&Pair]) -> (Outcome, String) {
    let against = |pair: &Pair| {
        let is_first = pair.ways[0] == way;
        let ratio = pair.effect.ratio;
        let shown = match pair.effect.shown() {
            Shown::Less if !is_first => Shown::More,
            Shown::More if !is_first => Shown::Less,
            shown => shown,
        };
        (shown, if is_first { ratio } else { 1.0 / ratio })
    };
    let all: Vec<(Shown, f64)> = pairs.iter().map(|pair| against(pair)).collect();
    let count = |wanted: Shown| all.iter().filter(|(shown, _)| *shown == wanted).count();
    let (slower, unknown) = (count(Shown::More), count(Shown::TooFewRuns));
    let middle = Spread::of(all.iter().map(|(_, ratio)| *ratio)).map_or(1.0, |one| one.median);
    let text = format!(
        "{} of what it was against the others in the middle; slower against {slower} of {}",
        analysis::effect::times(middle),
        all.len()
    );
    if slower * 2 > all.len() {
        (Outcome::Failed, text)
    } else if unknown * 2 >= all.len() {
        (
            Outcome::CannotTell,
            format!("{text}; too few repeats to tell"),
        )
    } else {
        (Outcome::Held, text)
    }
}
