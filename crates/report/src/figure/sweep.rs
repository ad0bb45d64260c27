//! The lines of a sweep over the value along its axis.

use std::collections::BTreeMap;

use analysis::{
    cell::CellTable,
    metric::Of,
    statistics::Spread,
    swept::{Axis, headed, swept},
};
use palette::Style;

/// A line: one variant over the swept value.
pub(super) struct Line<'a> {
    pub(super) identity: &'a Style,
    pub(super) valid: bool,
    pub(super) points: Vec<(f64, Spread, bool)>,
}

/// The lines of one combination of the other values.
pub(super) struct Slice<'a> {
    pub(super) heading: String,
    pub(super) lines: Vec<Line<'a>>,
}

pub(super) fn slices<'i>(
    cell_table: &'i CellTable<'_>,
    axis: &Axis<'_>,
    metric: Of,
) -> Vec<Slice<'i>> {
    let mut order: Vec<String> = Vec::new();
    let mut lines: BTreeMap<String, BTreeMap<usize, Line<'i>>> = BTreeMap::new();
    for cell in &cell_table.cells {
        let mut at = None;
        let mut heading = Vec::new();
        for (name, value) in swept(cell.name) {
            if name == axis.key {
                at = axis.place(value);
            } else {
                heading.push(headed(name, value));
            }
        }
        let Some(at) = at else { continue };
        let heading = heading.join(", ");
        if !lines.contains_key(&heading) {
            order.push(heading.clone());
        }
        let slice = lines.entry(heading).or_default();
        for variant in &cell.variants {
            let Some(spread) = variant.spread(metric) else {
                continue;
            };
            let line = slice.entry(variant.identity).or_insert_with(|| Line {
                identity: &cell_table.identities[variant.identity].style,
                valid: false,
                points: Vec::new(),
            });
            line.valid |= variant.valid;
            line.points.push((at, spread, variant.valid));
        }
    }
    order
        .into_iter()
        .map(|heading| {
            let lines = lines
                .remove(&heading)
                .unwrap_or_default()
                .into_values()
                .collect();
            Slice { heading, lines }
        })
        .filter(|slice| !slice.lines.is_empty())
        .collect()
}
