//! The latency over the course of a run, which shows whether it is stable.
//!
//! Each variant has a panel of its own, because five bands in one would hide each other; the panels
//! share one scale, because they are to be compared.

use std::collections::BTreeMap;

use analysis::{
    caption,
    cell::{Cell, CellTable, VariantRuns},
    metric::of,
    statistics::Spread,
    unit,
};
use chart::{
    FigureError,
    axis::Scale,
    border,
    canvas::{self, Align, Canvas, Lettering, WIDTH, tint},
    legend,
    panel::Panel,
};
use palette::{Colour, Style};
use results::digest::Second;

const TITLE: &str = "Latency while the run goes on";
const READING: &str = "Second by second. A level line is a steady service. Lower is better.";
const PALENESS: f64 = 0.72;
/// The space between two rows of panels: ticks, and the names of the second.
const BETWEEN_ROWS: f64 = 114.0;

struct Series<'a> {
    identity: &'a Style,
    valid: bool,
    /// The run's own median, which the other figures show too: the median of the seconds' medians
    /// is another.
    p50: Option<f64>,
    median: Vec<(f64, f64)>,
    tail: Vec<(f64, f64)>,
}

pub(super) fn draw(
    cell_table: &CellTable<'_>,
    cell: &Cell<'_>,
) -> Result<Option<String>, FigureError> {
    let all_series: Vec<Series<'_>> = cell
        .variants
        .iter()
        .map(|variant| Series {
            identity: &cell_table.identities[variant.identity].style,
            valid: variant.valid,
            p50: variant.spread(of::p50_us).map(|spread| spread.median),
            median: latency(variant, |row| row.p50_us),
            tail: latency(variant, |row| row.p99_us),
        })
        .filter(|series| !series.median.is_empty())
        .collect();
    if all_series.is_empty() {
        return Ok(None);
    }
    let caption = caption::of_cell_medians(cell_table, cell);
    canvas::sheet(TITLE, |canvas| {
        border::head(canvas, TITLE, READING);
        border::foot(canvas, &caption);
        let ink = Colour(0x5A, 0x60, 0x68);
        let key = [
            (ink, "p50: half are faster"),
            (tint(ink, PALENESS), "up to p99: 1 in 100 is slower"),
        ];
        legend::key(canvas, WIDTH - 60.0, 98.0, &key);
        panels(canvas, &all_series);
    })
    .map(Some)
}

/// A second with so few deliveries, as a share of the fullest second's, holds only
/// the first receivers of a message whose others are in the next one: its median
/// would be theirs alone.
const SLIVER: f64 = 0.05;

/// Returns the latency in each second that has enough deliveries for a median and in which the
/// deliveries that wait longest have arrived as well: of polls with an interval of a second, only
/// those that waited less have arrived in the first one.
fn latency(variant: &VariantRuns<'_>, microseconds: fn(&Second) -> Option<u64>) -> Vec<(f64, f64)> {
    let seconds = variant.parts.iter().flat_map(|parts| &parts.seconds);
    let fullest = seconds.map(|row| row.delivered).max().unwrap_or(0);
    let least = fullest as f64 * SLIVER;
    let first = first_whole(variant);
    by_second(variant, |row| {
        (row.at >= first && row.delivered as f64 >= least)
            .then(|| microseconds(row).map(|us| us.max(1) as f64))
            .flatten()
    })
}

/// Returns the first second in which deliveries of every latency arrive. Latencies
/// that are spread evenly, as a poll's are, reach to twice their median.
fn first_whole(variant: &VariantRuns<'_>) -> u32 {
    let p50 = variant.spread(of::p50_us);
    p50.map_or(0, |spread| (2.0 * spread.median / 1e6).round() as u32)
}

/// Returns how many seconds of the window are whole in every run; what comes later
/// belongs to the drain. Rows without the window's length leave nothing out.
fn whole_seconds(variant: &VariantRuns<'_>) -> u32 {
    let lengths = variant.runs.iter().map(|run| run.measured_ms);
    match lengths.min() {
        // A window ends some milliseconds earlier or later than planned.
        Some(shortest) if shortest >= 1_000 => ((shortest + 50) / 1_000) as u32,
        _ => u32::MAX,
    }
}

/// Returns the median over the repeats in each whole second of the window.
pub(super) fn by_second(
    variant: &VariantRuns<'_>,
    value: impl Fn(&Second) -> Option<f64>,
) -> Vec<(f64, f64)> {
    let end = whole_seconds(variant);
    let mut seconds: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
    let rows = variant.parts.iter().flat_map(|parts| &parts.seconds);
    for row in rows.filter(|row| row.at < end) {
        if let Some(value) = value(row) {
            seconds.entry(row.at).or_default().push(value);
        }
    }
    seconds
        .into_iter()
        .filter_map(|(second, values)| Some((f64::from(second), Spread::of(values)?.median)))
        .collect()
}

fn panels(canvas: &mut Canvas<'_>, all_series: &[Series<'_>]) {
    let points = || {
        all_series
            .iter()
            .flat_map(|series| series.median.iter().chain(&series.tail))
    };
    let least = points().map(|point| point.1).fold(f64::MAX, f64::min);
    let most = points().map(|point| point.1).fold(0.0, f64::max);
    let seconds = points().map(|point| point.0).fold(1.0, f64::max);
    let rows = all_series.len().div_ceil(6);
    let columns = all_series.len().div_ceil(rows);
    let (left, right, top, bottom) = (150.0, WIDTH - 60.0, 214.0, 724.0);
    let width = (right - left + 28.0) / columns as f64;
    // All panels are of one height, as they have one scale.
    let height = (bottom - top + BETWEEN_ROWS) / rows as f64;
    for (at, series) in all_series.iter().enumerate() {
        let (row, column) = (at / columns, at % columns);
        let panel = Panel {
            left: left + width * column as f64,
            top: top + height * row as f64,
            right: left + width * (column + 1) as f64 - 28.0,
            bottom: top + height * (row + 1) as f64 - BETWEEN_ROWS,
            x: Scale::Linear {
                low: 0.0,
                high: seconds,
            },
            y: Scale::log_around(least, most),
        };
        panel.grid_y(canvas, (column == 0).then_some(unit::latency));
        let mut ticks = time_ticks(seconds, if columns > 3 { 2.0 } else { 5.0 });
        if column + 1 < columns {
            make_room(&mut ticks, seconds);
        }
        panel.grid_x(canvas, &ticks);
        one(canvas, &panel, series);
    }
}

/// Removes the label of a last tick that would run into the next panel's first.
fn make_room(ticks: &mut [(f64, String)], seconds: f64) {
    if let Some((second, label)) = ticks.last_mut()
        && *second > seconds * 0.9
    {
        label.clear();
    }
}

/// Returns ticks from the first second to near the last, at round distances.
pub(super) fn time_ticks(last: f64, parts: f64) -> Vec<(f64, String)> {
    let step = [
        1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0,
    ]
    .into_iter()
    .find(|step| last / step < parts + 1.0)
    .unwrap_or(3600.0);
    (0..=(last / step) as u32)
        .map(|at| f64::from(at) * step)
        .map(|second| (second, format!("{second:.0} s")))
        .collect()
}

fn one(canvas: &mut Canvas<'_>, panel: &Panel, series: &Series<'_>) {
    let place = |points: &[(f64, f64)]| -> Vec<_> {
        points
            .iter()
            .map(|(second, us)| panel.at(*second, *us))
            .collect()
    };
    let (median, tail) = (place(&series.median), place(&series.tail));
    let pale = tint(series.identity.colour, PALENESS);
    if tail.len() > 1 {
        let band: Vec<_> = tail.iter().chain(median.iter().rev()).copied().collect();
        canvas.polygon(&band, pale);
    }
    canvas.path(&tail, tint(series.identity.colour, 0.35), 2.0);
    canvas.path(
        &median,
        series.identity.colour,
        if series.valid { 4.5 } else { 2.0 },
    );
    if !series.valid {
        canvas.hatch(
            (panel.left, panel.top),
            (panel.right, panel.bottom),
            canvas::GRID,
        );
    }
    heading(canvas, panel, series);
}

/// Draws the variant's name, and the median over the whole run.
fn heading(canvas: &mut Canvas<'_>, panel: &Panel, series: &Series<'_>) {
    let (left, y) = (panel.left + 34.0, panel.top - 34.0);
    canvas.marker((panel.left + 13.0, y), 22.0, series.identity, series.valid);
    let room = panel.right - left + 14.0;
    let look = canvas.fitted(&series.identity.name, Lettering::bold(21.0), room);
    canvas.text(&series.identity.name, (left, y - 13.0), Align::Left, look);
    let note = match series.p50 {
        _ if !series.valid => "not valid".to_owned(),
        Some(p50) => format!("p50 {}", unit::latency(p50)),
        None => String::new(),
    };
    canvas.text(&note, (left, y + 13.0), Align::Left, Lettering::grey(20.0));
}
