//! The server's memory over the number of clients: every run, and the line whose slope is the
//! memory of one client.

use analysis::{
    caption,
    cell::CellTable,
    memory::{Growth, growths},
    slope::Line,
    unit,
};
use chart::{
    FigureError,
    axis::Scale,
    border,
    canvas::{self, Canvas, WIDTH},
    legend::{self, EndLabel, Notes},
    panel::Panel,
};

/// Draws the figure; returns `None` unless there are lines. If other values were swept as well, the
/// first combination is shown, and its values are in the caption.
pub(super) fn draw(cell_table: &CellTable<'_>) -> Result<Option<String>, FigureError> {
    let growths = growths(cell_table);
    let with_lines: Vec<(&Growth, Line)> = growths
        .iter()
        .filter_map(|growth| Some((growth, growth.line?)))
        .collect();
    let Some((first, _)) = with_lines.first() else {
        return Ok(None);
    };
    let shown: Vec<(&Growth, Line)> = with_lines
        .iter()
        .copied()
        .filter(|(growth, _)| growth.held == first.held)
        .collect();
    let mut caption = caption::of_sweep_by_run(cell_table);
    if !first.held.is_empty() {
        caption = format!("{caption} · shown: {}", first.held);
    }
    let title = "Memory that clients add to the server";
    canvas::sheet(title, |canvas| {
        let reading = "A marker is a run. The slope of a line (Theil and Sen) is what one client \
                       more adds; lower is better.";
        border::head(canvas, title, reading);
        border::foot(canvas, &caption);
        chart(canvas, cell_table, &shown);
    })
    .map(Some)
}

fn chart(canvas: &mut Canvas<'_>, cell_table: &CellTable<'_>, shown: &[(&Growth, Line)]) {
    let points = || shown.iter().flat_map(|(growth, _)| &growth.points);
    let most_clients = points().map(|point| point.0).fold(0.0, f64::max);
    let most_bytes = points().map(|point| point.1).fold(0.0, f64::max);
    let known = shown
        .iter()
        .map(|(growth, _)| (&cell_table.identities[growth.identity].style, true));
    let gutter = legend::gutter(canvas, known, Notes::Below);
    let panel = Panel {
        left: 150.0,
        top: 182.0,
        right: WIDTH - gutter,
        bottom: 714.0,
        x: Scale::from_zero(most_clients),
        y: Scale::from_zero(most_bytes),
    };
    panel.grid_y(canvas, Some(unit::bytes));
    let ticks: Vec<(f64, String)> = panel
        .x
        .ticks()
        .into_iter()
        .map(|value| (value, unit::count(value)))
        .collect();
    panel.grid_x(canvas, &ticks);
    panel.title_y(canvas, "memory that the clients added");
    panel.title_x(canvas, "clients");
    let mut labels = Vec::new();
    for (growth, line) in shown {
        let identity = &cell_table.identities[growth.identity].style;
        let at = |clients: f64| panel.at(clients, (line.base + line.slope * clients).max(0.0));
        let all = growth.points.iter().map(|point| point.0);
        let (low, high) = (
            all.clone().fold(f64::MAX, f64::min),
            all.fold(0.0, f64::max),
        );
        canvas.series(&[at(low), at(high)], identity, true);
        for &(clients, bytes) in &growth.points {
            canvas.marker(panel.at(clients, bytes), 18.0, identity, true);
        }
        let (x, y) = at(high);
        labels.push(EndLabel {
            identity,
            end: (x + 14.0, y),
            note: growth.words().unwrap_or_default(),
            valid: true,
        });
    }
    legend::label_ends(canvas, &panel, &labels, Notes::Below);
}
