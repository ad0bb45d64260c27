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

/// The unit in whose round numbers the axis of memory is labelled.
struct Steps {
    /// The bytes of the unit.
    bytes: f64,
    /// The function that formats a number of these units.
    tick: fn(f64) -> String,
}

const KIB: f64 = 1_024.0;
const MIB: f64 = 1_048_576.0;

impl Steps {
    fn up_to(most: f64) -> Self {
        if most < MIB {
            return Self {
                bytes: KIB,
                tick: |kib| unit::memory(kib * KIB),
            };
        }
        Self {
            bytes: MIB,
            tick: |mib| unit::memory(mib * MIB),
        }
    }
}

fn chart(canvas: &mut Canvas<'_>, cell_table: &CellTable<'_>, shown: &[(&Growth, Line)]) {
    let points = || shown.iter().flat_map(|(growth, _)| &growth.points);
    let most_clients = points().map(|point| point.0).fold(0.0, f64::max);
    let most_bytes = points().map(|point| point.1).fold(0.0, f64::max);
    let steps = Steps::up_to(most_bytes);
    let known = shown.iter().map(|(growth, _)| {
        let identity = &cell_table.identities[growth.identity].style;
        (identity, true, growth.words().unwrap_or_default())
    });
    let gutter = legend::gutter(canvas, known, Notes::Below);
    let panel = Panel {
        left: 150.0,
        top: 182.0,
        right: WIDTH - gutter,
        bottom: 714.0,
        x: Scale::from_zero(most_clients),
        y: Scale::from_zero(most_bytes / steps.bytes),
    };
    panel.grid_y(canvas, Some(steps.tick));
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
        let at = |clients: f64| {
            let bytes = (line.base + line.slope * clients).max(0.0);
            panel.at(clients, bytes / steps.bytes)
        };
        let all = growth.points.iter().map(|point| point.0);
        let (low, high) = (
            all.clone().fold(f64::MAX, f64::min),
            all.fold(0.0, f64::max),
        );
        canvas.series(&[at(low), at(high)], identity, true);
        for &(clients, bytes) in &growth.points {
            let place = panel.at(clients, bytes / steps.bytes);
            canvas.marker(place, 18.0, identity, true);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_axis_has_round_numbers_of_the_units_of_memory() {
        let ticks = |most: f64| -> Vec<String> {
            let steps = Steps::up_to(most);
            let ticks = Scale::from_zero(most / steps.bytes).ticks();
            ticks.into_iter().map(steps.tick).collect()
        };
        assert_eq!(
            ticks(9.3 * MIB),
            ["0 B", "2 MiB", "4 MiB", "6 MiB", "8 MiB", "10 MiB"]
        );
        assert_eq!(ticks(90.0 * KIB)[1], "20 KiB");
    }
}
