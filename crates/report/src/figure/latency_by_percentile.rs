//! The latency of deliveries by percentile, from the median to the tail.
//!
//! The horizontal axis is 1/(1-p) on a logarithmic scale: each step to the right
//! is a ten times rarer delivery, so the tail gets as much room as the middle.
//! The vertical axis is logarithmic too, because polling and pushing lie three
//! powers of ten apart.

use std::collections::BTreeMap;

use analysis::{
    caption,
    cell::{Cell, CellTable, VariantRuns},
    statistics::Spread,
    unit,
};
use chart::{
    FigureError,
    axis::Scale,
    border,
    canvas::{self, Canvas, INK, PAPER, WIDTH},
    legend::{self, EndLabel, Notes},
    panel::Panel,
};
use palette::Style;
use results::RunRow;

const TITLE: &str = "How long a message takes to arrive, by percentile";

/// The least number of deliveries beyond a percentile that is drawn; fewer show only chance.
const BEYOND: f64 = 10.0;

/// A curve of the latency over one divided by the share of slower deliveries.
struct Curve<'a> {
    identity: &'a Style,
    valid: bool,
    rungs: Vec<(f64, Spread)>,
}

pub(super) fn draw(
    cell_table: &CellTable<'_>,
    cell: &Cell<'_>,
) -> Result<Option<String>, FigureError> {
    let curves: Vec<Curve<'_>> = cell
        .variants
        .iter()
        .map(|variant| Curve {
            identity: &cell_table.identities[variant.identity].style,
            valid: variant.valid,
            rungs: rungs(variant),
        })
        .filter(|curve| !curve.rungs.is_empty())
        .collect();
    if curves.is_empty() {
        return Ok(None);
    }
    let caption = caption::of_cell(cell_table, cell);
    canvas::sheet(TITLE, |canvas| {
        let reading = reading(rarest(&curves)) + " Lower is better.";
        border::head(canvas, TITLE, &reading);
        border::foot(canvas, &caption);
        let panel = frame(canvas, &curves);
        for curve in &curves {
            line(canvas, &panel, curve);
        }
        marks(canvas, &panel, &curves);
        let labels: Vec<EndLabel<'_>> = curves.iter().map(|curve| label(&panel, curve)).collect();
        legend::label_ends(canvas, &panel, &labels, Notes::Below);
    })
    .map(Some)
}

/// Returns the median over the repeats at each percentile that most of them carry. Each repeat
/// carries what its row reports, as in the table: a thousand deliveries of three messages have no
/// 99th percentile, because three events made all of them, and a run withholds a percentile that
/// the generator may have moved.
pub(super) fn rungs(variant: &VariantRuns<'_>) -> Vec<(f64, Spread)> {
    let mut at: BTreeMap<u64, Vec<f64>> = BTreeMap::new();
    let mut repeats = 0;
    for (ladder, run) in variant
        .parts
        .iter()
        .map(|parts| &parts.rungs)
        .zip(&variant.runs)
    {
        let unreported = unreported(run);
        let Some(deliveries) = ladder.iter().map(|rung| rung.count).max() else {
            continue;
        };
        repeats += 1;
        for rung in ladder {
            let beyond = (1.0 - rung.quantile) * deliveries as f64;
            // The counts of a ladder are whole, its quantiles are rounded.
            if beyond > BEYOND - 0.5 && rung.quantile < unreported {
                at.entry(rung.quantile.to_bits())
                    .or_default()
                    .push(rung.latency_us.max(1) as f64);
            }
        }
    }
    at.into_iter()
        .filter(|(_, values)| values.len() * 2 > repeats)
        .filter_map(|(quantile, values)| {
            Some((1.0 / (1.0 - f64::from_bits(quantile)), Spread::of(values)?))
        })
        .collect()
}

/// Returns the first quantile that a run does not report.
fn unreported(run: &RunRow) -> f64 {
    if run.p99_us.is_none() {
        0.99
    } else if run.p999_us.is_none() {
        0.999
    } else {
        1.0
    }
}

/// Says how the axis is read, by a percentile that is on it: `rarest` is where the axis ends.
pub(super) fn reading(rarest: f64) -> String {
    let (tick, one_in) = match rarest * 1.001 {
        rarest if rarest >= 100.0 => ("99", "a hundred"),
        rarest if rarest >= 10.0 => ("90", "ten"),
        _ => ("50", "two"),
    };
    format!("At {tick}, one delivery in {one_in} took longer than the line shows.")
}

/// The least place at which an axis ends: the median.
pub(super) const NEAREST: f64 = 2.0;

/// Returns where the axis ends: at the rarest delivery of all curves.
fn rarest(curves: &[Curve<'_>]) -> f64 {
    let rungs = curves.iter().flat_map(|curve| &curve.rungs);
    rungs.map(|(rarity, _)| *rarity).fold(NEAREST, f64::max)
}

fn frame(canvas: &mut Canvas<'_>, curves: &[Curve<'_>]) -> Panel {
    let rungs = || curves.iter().flat_map(|curve| &curve.rungs);
    let least = rungs()
        .map(|(_, spread)| spread.min)
        .fold(f64::MAX, f64::min);
    let most = rungs().map(|(_, spread)| spread.max).fold(0.0, f64::max);
    let rarest = rarest(curves);
    let identities = curves.iter().map(|curve| (curve.identity, curve.valid));
    let gutter = legend::gutter(canvas, identities, Notes::Below);
    let panel = Panel {
        left: 150.0,
        top: 178.0,
        right: WIDTH - gutter,
        bottom: 714.0,
        x: Scale::Log {
            low: 1.0,
            high: rarest,
        },
        y: Scale::log_around(least, most),
    };
    panel.grid_y(canvas, Some(unit::latency));
    panel.title_y(canvas, "latency from when the message was due (log scale)");
    let ticks: Vec<(f64, String)> = TICKS
        .iter()
        .filter(|(rarity, _)| *rarity <= rarest * 1.001)
        .map(|(rarity, label)| (*rarity, (*label).to_owned()))
        .collect();
    panel.grid_x(canvas, &ticks);
    panel.title_x(canvas, "percentile of deliveries");
    panel
}

/// The ticks: one divided by the share of slower deliveries, and the percentile's name.
pub(super) const TICKS: [(f64, &str); 8] = [
    (1.0, "0"),
    (2.0, "50"),
    (10.0, "90"),
    (100.0, "99"),
    (1e3, "99.9"),
    (1e4, "99.99"),
    (1e5, "99.999"),
    (1e6, "99.9999"),
];

fn line(canvas: &mut Canvas<'_>, panel: &Panel, curve: &Curve<'_>) {
    let points: Vec<_> = curve
        .rungs
        .iter()
        .map(|(rarity, spread)| panel.at(*rarity, spread.median))
        .collect();
    canvas.series(&points, curve.identity, curve.valid);
}

/// Draws a marker at each named percentile, with whiskers where there are repeats. The highest is
/// drawn first, so that the lowest latency is in front where markers overlap.
fn marks(canvas: &mut Canvas<'_>, panel: &Panel, curves: &[Curve<'_>]) {
    for (tick, _) in TICKS.iter().skip(1) {
        let mut here: Vec<(&Curve<'_>, Spread)> = curves
            .iter()
            .filter_map(|curve| Some((curve, curve.rung(*tick)?)))
            .collect();
        here.sort_by(|one, other| other.1.median.total_cmp(&one.1.median));
        for (curve, spread) in here {
            mark(canvas, curve, panel, (*tick, spread));
        }
    }
}

/// The size of a marker.
const MARKER: f64 = 18.0;

fn mark(canvas: &mut Canvas<'_>, curve: &Curve<'_>, panel: &Panel, (tick, spread): (f64, Spread)) {
    let (x, y) = panel.at(tick, spread.median);
    if !spread.is_flat() {
        let (low, high) = (panel.down(spread.min), panel.down(spread.max));
        canvas.line((x, low), (x, high), PAPER, 6.0);
        canvas.line((x, low), (x, high), INK, 2.5);
        for y in [low, high] {
            canvas.line((x - 8.0, y), (x + 8.0, y), INK, 2.5);
        }
    }
    canvas.marker((x, y), MARKER, curve.identity, curve.valid);
}

impl Curve<'_> {
    /// Returns the spread at a named percentile.
    fn rung(&self, tick: f64) -> Option<Spread> {
        let found = self
            .rungs
            .iter()
            .find(|(rarity, _)| (rarity / tick - 1.0).abs() < 0.02);
        found.map(|(_, spread)| *spread)
    }
}

fn label<'a>(panel: &Panel, curve: &Curve<'a>) -> EndLabel<'a> {
    // A curve without a rung is not made.
    let end = curve
        .rungs
        .last()
        .map_or((panel.right, panel.bottom), |(rarity, spread)| {
            panel.at(*rarity, spread.median)
        });
    let said = |tick: f64, name: &str| {
        curve
            .rung(tick)
            .map(|spread| format!("{name} {}", unit::latency(spread.median)))
    };
    let note: Vec<String> = [said(2.0, "p50"), said(100.0, "p99")]
        .into_iter()
        .flatten()
        .collect();
    EndLabel {
        identity: curve.identity,
        end,
        note: note.join(", "),
        valid: curve.valid,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use palette::Hue;

    #[test]
    fn the_axis_is_read_by_a_percentile_that_is_on_it() {
        for rarest in [2.0, 4.0, 10.0, 40.0, 99.9, 100.0, 1e4] {
            let reading = reading(rarest);
            let on_it = TICKS.iter().filter(|(rarity, _)| *rarity <= rarest * 1.001);
            let named = on_it.map(|(_, name)| format!("At {name},"));
            assert!(
                named.clone().any(|name| reading.starts_with(&name)),
                "{rarest}: {reading}"
            );
        }
        assert!(reading(1e4).contains("At 99, one delivery in a hundred"));
    }

    /// Checks that no part of the axis is empty because the curves end before it does.
    #[test]
    fn the_axis_ends_where_the_curves_end() {
        let identity = Style::new("WebSocket".to_owned(), Hue::Night, 0);
        let ends = |rarities: &[f64]| {
            let spread = Spread::of([1.0]).expect("a value");
            let curve = Curve {
                identity: &identity,
                valid: true,
                rungs: rarities.iter().map(|rarity| (*rarity, spread)).collect(),
            };
            rarest(&[curve])
        };
        assert!(ends(&[1.0, 2.0, 4.0]).total_cmp(&4.0).is_eq());
        assert!(ends(&[2.0, 4.0, 1e3]).total_cmp(&1e3).is_eq());
        assert!(ends(&[1.0]) > 1.0, "an axis has a length");
    }
}
