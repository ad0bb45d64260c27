//! An open loop beside a closed one: latency from the due time beside latency from the send time.
//! Where a tool waits for answers the two differ, and the difference is the delay that a tool which
//! only knows the send time does not report.

use std::collections::BTreeMap;

use super::latency_by_percentile::{NEAREST, TICKS, reading};
use analysis::{
    caption,
    cell::{Cell, CellTable},
    statistics::Spread,
    swept::swept,
    unit,
};
use chart::{
    FigureError,
    axis::Scale,
    border,
    canvas::{self, Align, Canvas, GREY, INK, Lettering, Point, WIDTH, tint},
    legend::{self, EndLabel, Notes},
    panel::Panel,
    stroke::dashed,
};
use palette::Style;
use results::{LadderRow, Rows};

const TITLE: &str = "What an open loop sees, and what a closed one hides";
/// The least number of deliveries beyond a percentile that is drawn.
const BEYOND: f64 = 10.0;
/// The gap between the panels.
const GAP: f64 = 60.0;
/// The dashes of a pale line, whatever the variant's own dash.
const DASH: [f64; 2] = [7.0, 6.0];

/// Pairs of one divided by the share of slower deliveries, and the latency there.
type Points = Vec<(f64, f64)>;

/// A variant in one loop, with its latencies from the due time and from the send time.
struct Pair<'i> {
    identity: &'i Style,
    valid: bool,
    clocks: [Points; 2],
}

/// Returns the cell that sets this pacing and no other swept value.
fn cell_of<'a, 'c>(cell_table: &'a CellTable<'c>, pacing: &str) -> Option<&'a Cell<'c>> {
    let is_it = |cell: &&Cell<'_>| swept(cell.name).eq([("pacing", pacing)]);
    cell_table.cells.iter().find(is_it)
}

/// Returns whether there are cells of both loops to draw.
pub(super) fn has_both(cell_table: &CellTable<'_>) -> bool {
    ["open", "closed"]
        .iter()
        .all(|pacing| cell_of(cell_table, pacing).is_some())
}

/// Draws the figure of a sweep over `traffic.pacing` and nothing else; returns `None` otherwise.
pub(super) fn draw(rows: &Rows, cell_table: &CellTable<'_>) -> Result<Option<String>, FigureError> {
    let loops = ["open", "closed"].map(|pacing| {
        let cell = cell_of(cell_table, pacing)?;
        let pairs: Vec<Pair<'_>> = cell
            .variants
            .iter()
            .map(|variant| Pair {
                identity: &cell_table.identities[variant.identity].style,
                valid: variant.valid,
                clocks: ["due", "sent"].map(|clock| {
                    let runs: Vec<_> = variant.runs.iter().map(|run| run.repeat).collect();
                    points(rows.ladder.iter().filter(|row| {
                        row.clock == clock
                            && row.cell == cell.name
                            && row.transport == variant.all[0].transport
                            && row.variant == variant.all[0].variant
                            && runs.contains(&row.repeat)
                    }))
                }),
            })
            .filter(|pair| pair.clocks.iter().all(|points| points.len() > 1))
            .collect();
        (!pairs.is_empty()).then_some(pairs)
    });
    let [Some(open), Some(closed)] = loops else {
        return Ok(None);
    };
    let caption = caption::of_map(cell_table);
    canvas::sheet(TITLE, |canvas| {
        let loops = [("open loop", open), ("closed loop", closed)];
        border::head(canvas, TITLE, &reading(rarest(&loops)));
        border::foot(canvas, &caption);
        panels(canvas, &loops);
        key(canvas);
    })
    .map(Some)
}

/// Returns the median over the repeats at each percentile that all of them carry.
fn points<'a>(ladder: impl Iterator<Item = &'a LadderRow>) -> Points {
    let mut runs: BTreeMap<u32, Vec<&LadderRow>> = BTreeMap::new();
    for row in ladder {
        runs.entry(row.repeat).or_default().push(row);
    }
    let mut at: BTreeMap<u64, Vec<f64>> = BTreeMap::new();
    for ladder in runs.values() {
        let deliveries = ladder.iter().map(|row| row.count).max().unwrap_or(0);
        for row in ladder {
            if (1.0 - row.quantile) * deliveries as f64 > BEYOND - 0.5 {
                let latency = row.latency_us.max(1) as f64;
                at.entry(row.quantile.to_bits()).or_default().push(latency);
            }
        }
    }
    at.into_iter()
        .filter(|(_, values)| values.len() == runs.len())
        .filter_map(|(quantile, values)| {
            let rarity = 1.0 / (1.0 - f64::from_bits(quantile));
            Some((rarity, Spread::of(values)?.median))
        })
        .collect()
}

/// Returns where the axes end: at the rarest delivery of all curves.
fn rarest(loops: &[(&str, Vec<Pair<'_>>); 2]) -> f64 {
    let pairs = loops.iter().flat_map(|(_, pairs)| pairs);
    let points = pairs.flat_map(|pair| pair.clocks.iter().flatten());
    points.map(|point| point.0).fold(NEAREST, f64::max)
}

fn panels(canvas: &mut Canvas<'_>, loops: &[(&str, Vec<Pair<'_>>); 2]) {
    let all = || {
        loops
            .iter()
            .flat_map(|(_, pairs)| pairs)
            .flat_map(|pair| pair.clocks.iter().flatten())
    };
    let least = all().map(|point| point.1).fold(f64::MAX, f64::min);
    let most = all().map(|point| point.1).fold(0.0, f64::max);
    let rarest = rarest(loops);
    let known = loops[1].1.iter().map(|pair| (pair.identity, pair.valid));
    let right = WIDTH - legend::gutter(canvas, known, Notes::Below);
    let width = (right - 150.0 - GAP) / 2.0;
    for (at, (name, pairs)) in loops.iter().enumerate() {
        let left = 150.0 + (width + GAP) * at as f64;
        let panel = Panel {
            left,
            top: 204.0,
            right: left + width,
            bottom: 714.0,
            x: Scale::Log {
                low: 1.0,
                high: rarest,
            },
            y: Scale::log_around(least, most),
        };
        panel.grid_y(canvas, (at == 0).then_some(unit::latency));
        let ticks: Vec<(f64, String)> = TICKS
            .iter()
            .filter(|(rarity, _)| *rarity <= rarest * 1.001)
            .map(|(rarity, label)| (*rarity, (*label).to_owned()))
            .collect();
        panel.grid_x(canvas, &ticks);
        panel.title_x(canvas, "percentile of deliveries");
        let middle = (f64::midpoint(panel.left, panel.right), panel.top - 20.0);
        canvas.text(name, middle, Align::Middle, Lettering::bold(24.0));
        for pair in pairs {
            curves(canvas, &panel, pair);
        }
        if at == 1 {
            let labels: Vec<EndLabel<'_>> = pairs.iter().map(|pair| label(&panel, pair)).collect();
            legend::label_ends(canvas, &panel, &labels, Notes::Below);
        }
    }
    let look = Lettering::bold(22.0);
    canvas.text("latency (log scale)", (150.0, 146.0), Align::Left, look);
}

fn curves(canvas: &mut Canvas<'_>, panel: &Panel, pair: &Pair<'_>) {
    let [due, sent] = pair.clocks.each_ref().map(|points| {
        points
            .iter()
            .map(|(rarity, latency)| panel.at(*rarity, *latency))
            .collect::<Vec<Point>>()
    });
    canvas.series(&due, pair.identity, pair.valid);
    for stroke in dashed(&sent, &DASH) {
        canvas.path(&stroke, tint(pair.identity.colour, 0.35), 2.5);
    }
    if let Some(end) = due.last() {
        canvas.marker(*end, 18.0, pair.identity, pair.valid);
    }
}

/// Returns the label with p90 by both clocks, because the stall concerns the slowest tenth.
fn label<'i>(panel: &Panel, pair: &Pair<'i>) -> EndLabel<'i> {
    let at_90 = |points: &Points| {
        let found = points.iter().find(|point| (point.0 - 10.0).abs() < 0.01);
        found.map_or_else(|| "–".to_owned(), |point| unit::latency(point.1))
    };
    let [due, sent] = &pair.clocks;
    let end = due
        .last()
        .map_or((panel.right, panel.bottom), |last| panel.at(last.0, last.1));
    EndLabel {
        identity: pair.identity,
        end: (end.0 + 12.0, end.1),
        note: format!("p90: {}, sent {}", at_90(due), at_90(sent)),
        valid: pair.valid,
    }
}

/// Draws the key that explains thick and pale lines.
fn key(canvas: &mut Canvas<'_>) {
    let y = 146.0;
    canvas.path(&[(700.0, y), (750.0, y)], INK, 4.5);
    let look = Lettering::grey(20.0);
    canvas.text("from when it was due", (762.0, y), Align::Left, look);
    for stroke in dashed(&[(990.0, y), (1040.0, y)], &DASH) {
        canvas.path(&stroke, GREY, 2.5);
    }
    canvas.text("from when it was sent", (1052.0, y), Align::Left, look);
}
