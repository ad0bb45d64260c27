//! Formulas as lines and measurements as points on them: overhead over payload size, and latency
//! over network delay.

mod question;

use std::collections::BTreeMap;

use question::{DELAY, OVERHEAD, Question};

use analysis::{caption, cell::CellTable, model::Situation, statistics::Spread};
use chart::{
    FigureError,
    axis::Scale,
    border,
    canvas::{self, INK, WIDTH},
    legend::{self, EndLabel, Notes},
    panel::Panel,
};
use palette::Style;

/// The number of points of a formula's line.
const GRAIN: u32 = 400;

/// Draws overhead over payload size; returns `None` unless the payload size was swept.
pub(super) fn overhead_by_payload(
    cell_table: &CellTable<'_>,
) -> Result<Option<String>, FigureError> {
    OVERHEAD.draw(cell_table)
}

/// Draws latency over delay; returns `None` unless the delay was swept.
pub(super) fn latency_by_delay(cell_table: &CellTable<'_>) -> Result<Option<String>, FigureError> {
    DELAY.draw(cell_table)
}

/// The points and the formula of one variant.
struct Curve<'a> {
    identity: &'a Style,
    /// The swept value, the spread, and whether the runs are valid, from the smallest value up.
    points: Vec<(f64, Spread, bool)>,
    /// The formula's line in pieces, because a formula may jump.
    formula: Vec<Vec<(f64, f64)>>,
}

impl Question {
    fn draw(&self, cell_table: &CellTable<'_>) -> Result<Option<String>, FigureError> {
        if !self.alone(cell_table) {
            return Ok(None);
        }
        let curves = self.curves(cell_table);
        let caption = caption::of_sweep(cell_table);
        canvas::sheet(self.title, |canvas| {
            border::head(canvas, self.title, self.reading);
            border::foot(canvas, &caption);
            self.plot(canvas, &curves);
        })
        .map(Some)
    }

    /// Returns whether the cells differ in the swept value and in nothing else.
    fn alone(&self, cell_table: &CellTable<'_>) -> bool {
        let mut values: Vec<u64> = Vec::new();
        for cell in &cell_table.cells {
            let run = cell.variants.iter().flat_map(|variant| &variant.all).next();
            let value = run.and_then(|run| (self.swept)(run));
            values.extend(value.map(f64::to_bits));
        }
        let cells = cell_table.cells.len();
        values.sort_unstable();
        values.dedup();
        cells > 1 && values.len() == cells
    }

    fn curves<'c>(&self, cell_table: &'c CellTable<'_>) -> Vec<Curve<'c>> {
        let mut points: BTreeMap<usize, Vec<(f64, Spread, bool)>> = BTreeMap::new();
        let mut situations: BTreeMap<usize, Situation> = BTreeMap::new();
        for variant in cell_table.cells.iter().flat_map(|cell| &cell.variants) {
            let at = variant.runs.first().and_then(|run| (self.swept)(run));
            if let Some((at, spread)) = at.zip(variant.spread(self.measured)) {
                let points = points.entry(variant.identity).or_default();
                points.push((at, spread, variant.valid));
            }
            if let Some(situation) = variant.runs.first().and_then(|run| Situation::of(run)) {
                situations.entry(variant.identity).or_insert(situation);
            }
        }
        let all = points.values().flatten().map(|point| point.0);
        let (low, high) = ends(all);
        points
            .into_iter()
            .map(|(identity, mut points)| {
                points.sort_by(|one, other| one.0.total_cmp(&other.0));
                Curve {
                    identity: &cell_table.identities[identity].style,
                    points,
                    formula: situations
                        .get(&identity)
                        .map_or_else(Vec::new, |situation| self.line(*situation, low, high)),
                }
            })
            .collect()
    }

    /// Returns the formula's line over the axis, cut where the formula jumps.
    fn line(&self, situation: Situation, low: f64, high: f64) -> Vec<Vec<(f64, f64)>> {
        let mut pieces: Vec<Vec<(f64, f64)>> = Vec::new();
        let mut last: Option<f64> = None;
        for step in 0..=GRAIN {
            let share = f64::from(step) / f64::from(GRAIN);
            let x = if self.is_log {
                low * (high / low).powf(share)
            } else {
                low + (high - low) * share
            };
            let Some(y) = (self.formula)(situation, x) else {
                last = None;
                continue;
            };
            let jumps = last.is_none_or(|last| (y - last).abs() > last.abs() * 0.3);
            match pieces.last_mut() {
                Some(piece) if !jumps => piece.push((x, y)),
                _ => pieces.push(vec![(x, y)]),
            }
            last = Some(y);
        }
        pieces
    }

    fn plot(&self, canvas: &mut canvas::Canvas<'_>, curves: &[Curve<'_>]) {
        let xs = curves.iter().flat_map(|curve| &curve.points);
        let (low, high) = ends(xs.clone().map(|point| point.0));
        let most = xs.map(|point| point.1.max).fold(0.0, f64::max);
        let x = if self.is_log {
            let margin = (high / low).powf(0.02);
            Scale::Log {
                low: low / margin,
                high: high * margin,
            }
        } else {
            let margin = (high - low) * 0.03;
            Scale::Linear {
                low: low - margin,
                high: high + margin,
            }
        };
        let identities = curves
            .iter()
            .map(|curve| (curve.identity, curve.is_valid()));
        let gutter = legend::gutter(canvas, identities, Notes::Below);
        let panel = Panel {
            left: 150.0,
            top: 182.0,
            right: WIDTH - gutter,
            bottom: 706.0,
            x,
            y: if self.is_log {
                // A share: the axis shows all that there could be.
                Scale::from_zero(100.0)
            } else {
                Scale::from_zero(most)
            },
        };
        panel.grid_y(canvas, Some(self.y_label));
        let ticks = self.x_ticks(canvas, &panel, curves);
        panel.grid_x(canvas, &ticks);
        panel.title_y(canvas, self.y_title);
        panel.title_x(canvas, self.x_title);
        // What lies beneath a solid line would not be seen.
        for curve in curves.iter().rev() {
            for piece in &curve.formula {
                let places: Vec<_> = piece.iter().map(|(x, y)| panel.at(*x, *y)).collect();
                canvas.series(&places, curve.identity, true);
            }
        }
        // Points that fall together peep out from beneath each other.
        for (at, curve) in curves.iter().enumerate().rev() {
            let size = 16.0 + 2.5 * at as f64;
            for (x, spread, valid) in &curve.points {
                if !spread.is_flat() {
                    let (low, high) = (panel.at(*x, spread.min), panel.at(*x, spread.max));
                    canvas.line(low, high, INK, 2.0);
                }
                canvas.marker(panel.at(*x, spread.median), size, curve.identity, *valid);
            }
        }
        let labels: Vec<_> = curves.iter().map(|curve| curve.label(&panel)).collect();
        legend::label_ends(canvas, &panel, &labels, Notes::Below);
    }

    /// Returns ticks at the values that were run, as many as there is room for.
    fn x_ticks(
        &self,
        canvas: &mut canvas::Canvas<'_>,
        panel: &Panel,
        curves: &[Curve<'_>],
    ) -> Vec<(f64, String)> {
        let mut values: Vec<f64> = curves
            .iter()
            .flat_map(|curve| &curve.points)
            .map(|point| point.0)
            .collect();
        values.sort_unstable_by(f64::total_cmp);
        values.dedup();
        let mut ticks: Vec<(f64, String)> = Vec::new();
        let mut free_from = f64::MIN;
        for value in values {
            let label = (self.x_label)(value);
            let half = canvas.width(&label, chart::panel::TICK) / 2.0 + 8.0;
            let place = panel.across(value);
            if place - half >= free_from {
                free_from = place + half;
                ticks.push((value, label));
            }
        }
        ticks
    }
}

impl<'a> Curve<'a> {
    fn is_valid(&self) -> bool {
        self.points.iter().any(|point| point.2)
    }

    fn label(&self, panel: &Panel) -> EndLabel<'a> {
        // A curve without points is not made.
        let end = self.points.last();
        let (x, y) = end.map_or((panel.right, panel.bottom), |(x, spread, _)| {
            panel.at(*x, spread.median)
        });
        EndLabel {
            identity: self.identity,
            end: (x + 13.0, y),
            note: String::new(),
            valid: self.is_valid(),
        }
    }
}

fn ends(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::MAX, 0.0), |(low, high), value| {
        (f64::min(low, value), f64::max(high, value))
    })
}
