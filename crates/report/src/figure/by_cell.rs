//! The effect of a swept value on each figure, which shows where one transport overtakes another.
//!
//! The value with the most steps lies along the horizontal axis; each
//! combination of the others gets a panel. Where all values are texts, which have
//! no distances, [`super::by_factor`] draws bars.

pub(super) mod steps;

use steps::{fitting, swept_scale};

use super::sweep::{Line, Slice, slices};
use analysis::{
    caption,
    cell::CellTable,
    metric::{BYTES, Metric, P50, P99, POLLS, SERVER_CPU},
    statistics::Spread,
    swept::{Axis, title},
};
use chart::{
    FigureError,
    axis::Scale,
    border,
    canvas::{self, Align, Canvas, GREY, INK, Lettering, WIDTH},
    legend::{self, EndLabel, Notes},
    panel::Panel,
};

struct Question {
    name: &'static str,
    title: &'static str,
    reading: &'static str,
    axis: &'static str,
    metric: &'static Metric,
}

const QUESTIONS: [Question; 4] = [
    Question {
        name: "by_cell_latency",
        title: "How long a message takes to arrive: 99 of 100 are faster",
        reading: "Lower is better. No point where fewer than 100 messages or 1,000 deliveries carry it.",
        axis: "p99 latency",
        metric: &P99,
    },
    Question {
        name: "by_cell_bytes",
        title: "Bytes on the wire for each delivered message",
        reading: "All bytes at the socket while measuring, up and down. Lower is better.",
        axis: "bytes per message",
        metric: &BYTES,
    },
    Question {
        name: "by_cell_requests",
        title: "Requests for each delivered message",
        reading: "Lower is better. A stream or WebSocket is opened once and asks for nothing: it has no line.",
        axis: "requests per message",
        metric: &POLLS,
    },
    Question {
        name: "by_cell_server_cpu",
        title: "Server processor time for each delivered message",
        reading: "User and system time of the server process. Lower is better.",
        axis: "processor time per message",
        metric: &SERVER_CPU,
    },
];

/// The question that is drawn if no cell has enough deliveries for a p99.
const MEDIAN: Question = Question {
    name: "by_cell_latency",
    title: "How long a message takes to arrive: half are faster",
    reading: "Lower is better. Too few deliveries for a p99: these are medians.",
    axis: "median latency",
    metric: &P50,
};

/// The reading of the chart of the servers' processor time if runs had several.
const CPU_OF_SEVERAL: &str =
    "User and system time of all server processes together. Lower is better.";

/// The largest number of panels that can still be read.
const PANELS: usize = 4;
/// The gap between panels, which leaves room for the outermost labels.
const GAP: f64 = 60.0;

/// Draws the figures of a sweep; returns none if no number and no time was swept.
pub(super) fn draw(cell_table: &CellTable<'_>) -> Result<Vec<(String, String)>, FigureError> {
    let Some(axis) = Axis::of(&cell_table.cells).filter(|axis| axis.texts.is_empty()) else {
        return Ok(Vec::new());
    };
    let mut figures = Vec::new();
    for question in &QUESTIONS {
        let mut question = question;
        let mut all = slices(cell_table, &axis, question.metric.metric);
        if all.is_empty() && question.name == MEDIAN.name {
            question = &MEDIAN;
            all = slices(cell_table, &axis, question.metric.metric);
        }
        let slices = some(&all, PANELS);
        if slices.is_empty() {
            continue;
        }
        let mut caption = caption::of_sweep(cell_table);
        if slices.len() < all.len() {
            caption = format!(
                "{caption} · {} of {} combinations shown",
                slices.len(),
                all.len()
            );
        }
        let svg = canvas::sheet(question.title, |canvas| {
            let bad = slices
                .iter()
                .flat_map(|slice| &slice.lines)
                .flat_map(|line| &line.points);
            let crossed = if bad.clone().any(|(_, _, valid)| !valid) {
                " A crossed-out marker is a run that is not valid."
            } else {
                ""
            };
            let reading = format!("{}{crossed}", reading_of(question, cell_table));
            border::head(canvas, question.title, &reading);
            border::foot(canvas, &caption);
            let title = title(&cell_table.cells, axis.key);
            panels(canvas, question, &title, &slices);
        })?;
        figures.push((question.name.to_owned(), svg));
    }
    Ok(figures)
}

/// Returns how to read the chart of a question.
fn reading_of(question: &Question, cell_table: &CellTable<'_>) -> &'static str {
    let is_of_servers = question.metric.key == SERVER_CPU.key;
    if is_of_servers && cell_table.has_several_servers() {
        CPU_OF_SEVERAL
    } else {
        question.reading
    }
}

/// Returns at most `count` of the items, among them the first and the last.
pub(super) fn some<T>(all: &[T], count: usize) -> Vec<&T> {
    if all.len() <= count {
        return all.iter().collect();
    }
    (0..count)
        .map(|at| &all[at * (all.len() - 1) / (count - 1)])
        .collect()
}

fn panels(canvas: &mut Canvas<'_>, question: &Question, title: &str, slices: &[&Slice<'_>]) {
    let spreads = || {
        slices
            .iter()
            .flat_map(|slice| &slice.lines)
            .flat_map(|line| &line.points)
    };
    let (x, ticks) = swept_scale(spreads().map(|point| point.0));
    let y = value_scale(spreads().map(|point| point.1));
    let last = slices.len() - 1;
    let gutter = legend::gutter(
        canvas,
        slices
            .iter()
            .flat_map(|slice| &slice.lines)
            .map(|line| (line.identity, line.valid)),
        Notes::Below,
    );
    let (left, right) = (150.0, WIDTH - gutter);
    let width = (right - left + GAP) / slices.len() as f64;
    for (at, slice) in slices.iter().enumerate() {
        let panel = Panel {
            left: left + width * at as f64,
            top: if slice.heading.is_empty() {
                178.0
            } else {
                204.0
            },
            right: left + width * (at + 1) as f64 - GAP,
            bottom: 714.0,
            x,
            y,
        };
        panel.grid_y(canvas, (at == 0).then_some(question.metric.unit.format()));
        let ticks = fitting(canvas, &panel, &ticks);
        panel.grid_x(canvas, &ticks);
        if at == 0 {
            let scale = if matches!(y, Scale::Log { .. }) {
                " (log scale)"
            } else {
                ""
            };
            let text = format!("{}{scale}", question.axis);
            let place = (
                panel.left,
                if slice.heading.is_empty() {
                    152.0
                } else {
                    146.0
                },
            );
            canvas.text(&text, place, Align::Left, Lettering::bold(22.0));
        }
        let place = (f64::midpoint(panel.left, panel.right), panel.top - 20.0);
        let heading = Lettering {
            colour: GREY,
            ..Lettering::bold(20.0)
        };
        canvas.text(&slice.heading, place, Align::Middle, heading);
        lines(canvas, &panel, slice);
        if at == last {
            let labels: Vec<EndLabel<'_>> =
                slice.lines.iter().map(|line| label(&panel, line)).collect();
            legend::label_ends(canvas, &panel, &labels, Notes::Below);
        }
    }
    let place = (f64::midpoint(left, right), 778.0);
    canvas.text(title, place, Align::Middle, Lettering::bold(22.0));
}

/// Returns a logarithmic scale only if a linear one would flatten the lower lines.
pub(super) fn value_scale(spreads: impl Iterator<Item = Spread>) -> Scale {
    let (mut least, mut most) = (f64::MAX, 0f64);
    for spread in spreads {
        least = least.min(spread.min);
        most = most.max(spread.max);
    }
    if least > 0.0 && most / least > 12.0 {
        Scale::log_around(least, most)
    } else {
        Scale::from_zero(most)
    }
}

fn lines(canvas: &mut Canvas<'_>, panel: &Panel, slice: &Slice<'_>) {
    for line in &slice.lines {
        let points: Vec<_> = line
            .points
            .iter()
            .map(|(at, spread, _)| panel.at(*at, spread.median))
            .collect();
        canvas.series(&points, line.identity, line.valid);
    }
    for line in &slice.lines {
        for (at, spread, valid) in &line.points {
            if !spread.is_flat() {
                let (low, high) = (panel.at(*at, spread.min), panel.at(*at, spread.max));
                canvas.line(low, high, INK, 2.0);
            }
            canvas.marker(panel.at(*at, spread.median), 20.0, line.identity, *valid);
        }
    }
}

fn label<'a>(panel: &Panel, line: &Line<'a>) -> EndLabel<'a> {
    // A line without points is not made.
    let (x, y) = line
        .points
        .last()
        .map_or((panel.right, panel.bottom), |(at, spread, _)| {
            panel.at(*at, spread.median)
        });
    let end = (x + 14.0, y);
    EndLabel {
        identity: line.identity,
        end,
        note: String::new(),
        valid: line.valid,
    }
}
