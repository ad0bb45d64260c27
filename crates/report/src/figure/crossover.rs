//! The points where one transport overtakes another: lines over the swept value, with each crossing
//! ringed, numbered and named.

use crate::html::capital;
use analysis::{
    caption,
    cell::CellTable,
    crossover::{AllSeries, Series, all_series},
    metric::{CROSSED, Metric},
    swept::{of_value, title},
    unit,
};
use chart::{
    FigureError,
    axis::Scale,
    border,
    canvas::{self, Align, Canvas, INK, Lettering, PAPER, Point, WIDTH},
    legend::{self, EndLabel, Notes},
    panel::{Panel, TICK},
};

/// The largest number of crossings that are named.
const NAMED: usize = 6;
const TOP: f64 = 178.0;
const BOTTOM: f64 = 606.0;
/// The first line of the list of crossings, and the distance from one line to the next.
const LIST: (f64, f64) = (726.0, 32.0);
const ENTRY: Lettering = Lettering::plain(22.0);

/// Draws a figure for each quantity; returns none unless exactly one value was swept.
pub(super) fn draw(cell_table: &CellTable<'_>) -> Result<Vec<(String, String)>, FigureError> {
    let mut figures = Vec::new();
    for quantity in CROSSED {
        let Some(all_series) = all_series(cell_table, quantity) else {
            continue;
        };
        if all_series.of.len() < 2 {
            continue;
        }
        let title = format!("Where one overtakes another: {}", quantity.name);
        let caption = caption::of_sweep(cell_table);
        let svg = canvas::sheet(&title, |canvas| {
            let reading = "Lower is better. A ring marks a crossing; the bar through it reaches \
                           between the values that tell it.";
            border::head(canvas, &title, reading);
            border::foot(canvas, &caption);
            chart(canvas, cell_table, quantity, &all_series);
        })?;
        figures.push((format!("crossover_{}", file_word(quantity)), svg));
    }
    Ok(figures)
}

/// Returns the word for a quantity in the name of a figure.
pub(super) fn file_word(quantity: &Metric) -> &'static str {
    match quantity.key {
        "bytes_per_delivery" => "bytes",
        "server_cpu_us_per_delivery" => "server_cpu",
        key => key,
    }
}

fn chart(
    canvas: &mut Canvas<'_>,
    cell_table: &CellTable<'_>,
    quantity: &Metric,
    all_series: &AllSeries<'_>,
) {
    let identities = &cell_table.identities;
    let known = all_series
        .of
        .keys()
        .map(|&who| (&identities[who].style, true));
    let gutter = legend::gutter(canvas, known, Notes::Below);
    let panel = Panel {
        left: 150.0,
        top: TOP,
        right: WIDTH - gutter,
        bottom: BOTTOM,
        x: scale_x(all_series.range()),
        y: scale_y(all_series),
    };
    panel.grid_y(canvas, Some(quantity.unit.format()));
    let ticks = ticks(canvas, &panel, all_series);
    panel.grid_x(canvas, &ticks);
    panel.title_x(canvas, &title(&cell_table.cells, all_series.key));
    let log = if matches!(panel.y, Scale::Log { .. }) {
        " (log scale)"
    } else {
        ""
    };
    panel.title_y(canvas, &format!("{}{log}", quantity.name));
    for (&who, series) in &all_series.of {
        let points: Vec<Point> = series
            .iter()
            .map(|(at, spread)| panel.at(*at, spread.median))
            .collect();
        canvas.series(&points, &identities[who].style, true);
    }
    for (&who, series) in &all_series.of {
        for (at, spread) in series {
            if !spread.is_flat() {
                canvas.line(
                    panel.at(*at, spread.min),
                    panel.at(*at, spread.max),
                    INK,
                    2.0,
                );
            }
            canvas.marker(
                panel.at(*at, spread.median),
                18.0,
                &identities[who].style,
                true,
            );
        }
    }
    let labels: Vec<EndLabel<'_>> = all_series
        .of
        .iter()
        .map(|(&who, series)| EndLabel {
            identity: &identities[who].style,
            end: end(&panel, series),
            note: String::new(),
            valid: true,
        })
        .collect();
    legend::label_ends(canvas, &panel, &labels, Notes::Below);
    rings(canvas, cell_table, all_series, &panel);
}

fn end(panel: &Panel, series: &Series) -> Point {
    // A series has at least two points.
    let (at, spread) = series[series.len() - 1];
    let (x, y) = panel.at(at, spread.median);
    (x + 14.0, y)
}

pub(super) fn scale_x((low, high): (f64, f64)) -> Scale {
    if low > 0.0 {
        let margin = (high / low).powf(0.03);
        Scale::Log {
            low: low / margin,
            high: high * margin,
        }
    } else {
        Scale::Linear {
            low,
            high: high * 1.03,
        }
    }
}

fn scale_y(all_series: &AllSeries<'_>) -> Scale {
    let spreads = || all_series.of.values().flatten().map(|point| point.1);
    let least = spreads().map(|spread| spread.min).fold(f64::MAX, f64::min);
    let most = spreads().map(|spread| spread.max).fold(0.0, f64::max);
    if least > 0.0 {
        Scale::log_around(least, most)
    } else {
        Scale::from_zero(most)
    }
}

/// Returns the measured values as ticks, as many as there is room for.
fn ticks(canvas: &mut Canvas<'_>, panel: &Panel, all_series: &AllSeries<'_>) -> Vec<(f64, String)> {
    let mut values: Vec<f64> = all_series
        .of
        .values()
        .flatten()
        .map(|point| point.0)
        .collect();
    values.sort_by(f64::total_cmp);
    values.dedup();
    let mut free_from = f64::MIN;
    let mut kept = Vec::new();
    for value in values {
        let label = unit::count(value);
        let half = canvas.width(&label, TICK) / 2.0 + 10.0;
        let x = panel.across(value);
        if x - half >= free_from {
            free_from = x + half;
            kept.push((value, label));
        }
    }
    kept
}

fn rings(
    canvas: &mut Canvas<'_>,
    cell_table: &CellTable<'_>,
    all_series: &AllSeries<'_>,
    panel: &Panel,
) {
    let crossings = all_series.crossings();
    let numbered = crossings.len() > 1;
    for (at, crossing) in crossings.iter().take(NAMED).enumerate() {
        let place = panel.at(crossing.at, crossing.level);
        canvas.line(place, (place.0, panel.bottom), INK, 1.5);
        let [from, to] = crossing.between.map(|value| panel.across(value));
        canvas.line((from, place.1), (to, place.1), INK, 1.5);
        for end in [from, to] {
            canvas.line((end, place.1 - 8.0), (end, place.1 + 8.0), INK, 1.5);
        }
        ring(
            canvas,
            place,
            &if numbered {
                (at + 1).to_string()
            } else {
                String::new()
            },
        );
    }
    let mut lines: Vec<String> = crossings
        .iter()
        .take(NAMED)
        .map(|crossing| capital(&crossing.words(cell_table, all_series.key)))
        .collect();
    if lines.is_empty() {
        lines.push(no_crossing(cell_table, all_series));
    }
    // Two columns, so that six crossings have room.
    let column = (WIDTH - 120.0) / 2.0;
    let alone = lines.len() <= 3;
    for (at, line) in lines.iter().enumerate() {
        let (x, row) = if alone {
            (60.0, at)
        } else {
            (60.0 + column * (at / 3) as f64, at % 3)
        };
        let y = LIST.0 + LIST.1 * row as f64;
        let room = if alone { WIDTH - 180.0 } else { column - 60.0 };
        if !crossings.is_empty() {
            ring(
                canvas,
                (x + 14.0, y),
                &if numbered {
                    (at + 1).to_string()
                } else {
                    String::new()
                },
            );
        }
        let from = if crossings.is_empty() { x } else { x + 40.0 };
        let look = canvas.fitted(line, ENTRY, room);
        canvas.text(line, (from, y), Align::Left, look);
    }
    if crossings.len() > NAMED {
        let more = format!("and {} more", crossings.len() - NAMED);
        let place = (WIDTH - 60.0, LIST.0 - 30.0);
        canvas.text(&more, place, Align::Right, Lettering::grey(20.0));
    }
}

fn ring(canvas: &mut Canvas<'_>, place: Point, number: &str) {
    canvas.disc(place, 15.0, INK);
    canvas.disc(place, 12.0, PAPER);
    if number.is_empty() {
        canvas.disc(place, 4.0, INK);
    }
    canvas.text(number, place, Align::Middle, Lettering::bold(18.0));
}

fn no_crossing(cell_table: &CellTable<'_>, all_series: &AllSeries<'_>) -> String {
    let (low, high) = all_series.range();
    let range = format!(
        "No crossing shown in the range measured, {} to {} {}",
        unit::count(low),
        unit::count(high),
        of_value(&cell_table.cells, all_series.key)
    );
    match all_series.leader() {
        Some(leader) if all_series.is_told(leader) => {
            format!(
                "{range}: {} needs least throughout.",
                cell_table.identities[leader].style.name
            )
        }
        _ if all_series.has_too_few() => format!(
            "{range}: too few runs to tell ({} of each could).",
            cell_table.family().runs_needed()
        ),
        _ => format!("{range}: the lines that lie close are not told apart by the repeats."),
    }
}
