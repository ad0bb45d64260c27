//! The capacity of each transport: the condition's figure over the load, with the bound drawn and a
//! ring around the last load that held.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    by_cell::{
        steps::{fitting, swept_scale},
        value_scale,
    },
    file_name,
};
use analysis::{
    capacity::{CapacityRow, Condition, StoppedBy, load, others},
    caption,
    cell::CellTable,
    series::{Identity, identities},
    statistics::Spread,
    swept::spoken,
    unit,
};
use chart::{
    Figure, FigureError,
    axis::Scale,
    border,
    canvas::{self, Align, Canvas, GREY, INK, Lettering, PAPER, Point, WIDTH},
    legend::{self, EndLabel, Notes},
    panel::Panel,
    stroke::dashed,
};
use palette::Style;
use results::{Rows, RunRow};

/// The runs of one search, ordered by load.
struct Series<'a> {
    search: &'a CapacityRow,
    identity: &'a Style,
    /// The load, the spread of the figure, and whether any of the runs is valid.
    points: Vec<(f64, Spread, bool)>,
}

/// Draws a figure for each combination of the other swept values.
pub(crate) fn draw(searches: &[CapacityRow], rows: &Rows) -> Result<Vec<Figure>, FigureError> {
    let cells: BTreeSet<&str> = searches.iter().map(|one| one.cell.as_str()).collect();
    let identities = identities(&rows.runs);
    let mut figures = Vec::new();
    for cell in &cells {
        let searches: Vec<&CapacityRow> = searches.iter().filter(|one| one.cell == *cell).collect();
        // A row whose condition cannot be read was left out when it was read.
        let Ok(condition) = Condition::parse(&searches[0].condition) else {
            continue;
        };
        let all_series = all_series(&searches, &condition, &identities, rows);
        if all_series.is_empty() {
            continue;
        }
        let name = match cells.len() {
            1 => "capacity".to_owned(),
            _ => format!("capacity.{}", file_name(cell)),
        };
        let caption = caption_of(rows, cell, &searches[0].grown);
        let svg = sheet(&condition, &all_series, &caption)?;
        figures.push(Figure { name, svg });
    }
    Ok(figures)
}

fn all_series<'a>(
    searches: &[&'a CapacityRow],
    condition: &Condition,
    identities: &'a [Identity],
    rows: &Rows,
) -> Vec<Series<'a>> {
    let figures = condition.figures(&rows.runs, &rows.ladder);
    let series = |search: &&'a CapacityRow| {
        let mut known = identities.iter();
        let identity =
            known.find(|one| one.transport == search.transport && one.variant == search.variant)?;
        let mut loads: BTreeMap<u64, (f64, Vec<(f64, bool)>)> = BTreeMap::new();
        for (run, figure) in figures.iter().filter(|(run, _)| is_of(search, run)) {
            let at = load(run, &search.grown);
            let known = loads.entry(at.to_bits()).or_insert((at, Vec::new()));
            known.1.extend(figure.map(|figure| (figure, run.valid)));
        }
        let points: Vec<(f64, Spread, bool)> = loads
            .into_values()
            .filter_map(|(at, known)| {
                let valid = known.iter().any(|(_, valid)| *valid);
                let counted = known.iter().filter(|(_, one)| *one == valid);
                Some((at, Spread::of(counted.map(|(figure, _)| *figure))?, valid))
            })
            .collect();
        (!points.is_empty()).then_some(Series {
            search,
            identity: &identity.style,
            points,
        })
    };
    searches.iter().filter_map(series).collect()
}

fn is_of(search: &CapacityRow, run: &RunRow) -> bool {
    run.transport == search.transport
        && run.variant == search.variant
        && others(&run.cell, &search.grown) == search.cell
}

fn caption_of(rows: &Rows, cell: &str, grown: &str) -> String {
    let own = Rows {
        runs: rows
            .runs
            .iter()
            .filter(|run| others(&run.cell, grown) == cell)
            .cloned()
            .collect(),
        ..Rows::default()
    };
    let caption = caption::of_sweep(&CellTable::of(&analysis::digest::of_rows(&own)));
    match cell {
        "-" => caption,
        _ => format!("{cell} · {caption}"),
    }
}

fn sheet(
    condition: &Condition,
    all_series: &[Series<'_>],
    caption: &str,
) -> Result<String, FigureError> {
    let grown = &all_series[0].search.grown;
    let title = match grown.as_str() {
        "rate" => "How many messages a second each transport carries",
        _ => "How many clients each transport holds",
    };
    let crossed = all_series
        .iter()
        .flat_map(|series| &series.points)
        .any(|(_, _, valid)| !valid);
    let crossed = if crossed {
        " Crossed out: not valid."
    } else {
        ""
    };
    let reading = format!(
        "A ring marks the largest load that held; no larger one was found to hold.{crossed}"
    );
    canvas::sheet(title, |canvas| {
        border::head(canvas, title, &reading);
        border::foot(canvas, caption);
        let panel = frame(canvas, condition, all_series);
        panel.title_x(canvas, &spoken(grown));
        bound(canvas, &panel, condition);
        for series in all_series {
            line(canvas, &panel, series);
        }
        for series in all_series {
            knee(canvas, &panel, series);
        }
        let labels: Vec<EndLabel<'_>> = all_series.iter().map(|one| label(&panel, one)).collect();
        legend::label_ends(canvas, &panel, &labels, Notes::Below);
    })
}

fn frame(canvas: &mut Canvas<'_>, condition: &Condition, all_series: &[Series<'_>]) -> Panel {
    let points = || all_series.iter().flat_map(|series| &series.points);
    let (x, ticks) = swept_scale(points().map(|point| point.0));
    let limit = condition.bound.value;
    let limit = (limit > 0.0).then_some(Spread {
        median: limit,
        min: limit,
        max: limit,
    });
    let y = value_scale(points().map(|point| point.1).chain(limit));
    let known = all_series.iter().map(|series| (series.identity, true));
    let gutter = legend::gutter(canvas, known, Notes::Below);
    let panel = Panel {
        left: 150.0,
        top: 178.0,
        right: WIDTH - gutter,
        bottom: 714.0,
        x,
        y,
    };
    // Every figure of a condition is shown by the condition's own words, which a
    // plain function cannot carry: so the ticks are written here.
    panel.grid_y(canvas, None);
    for value in panel.y.ticks() {
        let place = (panel.left - 14.0, panel.down(value));
        let text = condition.show(value);
        canvas.text(&text, place, Align::Right, chart::panel::TICK);
    }
    let ticks = fitting(canvas, &panel, &ticks);
    panel.grid_x(canvas, &ticks);
    let log = if matches!(panel.y, Scale::Log { .. }) {
        " (log scale)"
    } else {
        ""
    };
    panel.title_y(canvas, &format!("{}{log}", condition.figure));
    panel
}

/// Draws the bound as a dashed line, with its text above it where there is room.
fn bound(canvas: &mut Canvas<'_>, panel: &Panel, condition: &Condition) {
    let y = panel.down(condition.bound.value);
    for stroke in dashed(&[(panel.left, y), (panel.right, y)], &[14.0, 8.0]) {
        canvas.path(&stroke, INK, 2.5);
    }
    let above = y - 20.0 > panel.top;
    let place = (panel.left + 14.0, if above { y - 18.0 } else { y + 20.0 });
    let look = Lettering::bold(20.0);
    let text = format!("stops at {}", condition.words());
    let half = look.size * 0.7;
    let corner = (place.0 - 4.0, place.1 - half);
    let end = (place.0 + canvas.width(&text, look) + 4.0, place.1 + half);
    canvas.rect(corner, end, PAPER);
    canvas.text(&text, place, Align::Left, look);
}

fn line(canvas: &mut Canvas<'_>, panel: &Panel, series: &Series<'_>) {
    let places: Vec<Point> = series
        .points
        .iter()
        .map(|(at, spread, _)| panel.at(*at, spread.median))
        .collect();
    canvas.series(&places, series.identity, true);
    for (at, spread, valid) in &series.points {
        if !spread.is_flat() {
            let ends = (panel.at(*at, spread.min), panel.at(*at, spread.max));
            canvas.line(ends.0, ends.1, INK, 2.0);
        }
        canvas.marker(panel.at(*at, spread.median), 16.0, series.identity, *valid);
    }
}

/// Draws a ring around the last load that held, and a line down to the axis.
fn knee(canvas: &mut Canvas<'_>, panel: &Panel, series: &Series<'_>) {
    let held = series.search.held;
    let point = series
        .points
        .iter()
        .find(|(at, _, _)| held.is_some_and(|held| (held - at).abs() < 1e-6));
    let Some((at, spread, valid)) = point else {
        return;
    };
    let place = panel.at(*at, spread.median);
    for stroke in dashed(&[place, (place.0, panel.bottom)], &[3.0, 6.0]) {
        canvas.path(&stroke, GREY, 2.0);
    }
    canvas.disc(place, 19.0, INK);
    canvas.disc(place, 16.0, PAPER);
    canvas.marker(place, 18.0, series.identity, *valid);
}

fn label<'a>(panel: &Panel, series: &Series<'a>) -> EndLabel<'a> {
    // A series has at least one point.
    let (x, y) = series
        .points
        .last()
        .map_or((panel.right, panel.bottom), |(at, spread, _)| {
            panel.at(*at, spread.median)
        });
    EndLabel {
        identity: series.identity,
        end: (x + 14.0, y),
        note: note(series.search),
        valid: true,
    }
}

/// Returns the label `holds 1,450`, or one with the reason why the limit is not known exactly.
fn note(search: &CapacityRow) -> String {
    let Some(held) = search.held.map(unit::count) else {
        let least = search.broke.map(unit::count).unwrap_or_default();
        return format!("not even {least}");
    };
    match search.stopped_by {
        _ if search.doubted => format!("{held}, generator in doubt"),
        StoppedBy::Condition => format!("holds {held}"),
        StoppedBy::Server => format!("holds {held}, then fails"),
        StoppedBy::Generator => format!("{held}+: generator at its end"),
        StoppedBy::NoFigure => format!("{held}+: too few deliveries"),
        StoppedBy::Limit => format!("{held}+: not tried beyond"),
        StoppedBy::Unfinished => format!("{held}+: not finished"),
    }
}
