//! The parts of a sweep: the value along the axis, and the lines over it.

use std::collections::BTreeMap;

use analysis::{
    cell::{Cell, Comparison},
    metric::Of,
    statistics::Spread,
    swept::{Kind, headed, kind_of, number, swept},
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

impl Slice<'_> {
    /// Places the variants beside each other at a text value, so that none hides another.
    fn side_by_side(mut self, axis: &Axis<'_>) -> Self {
        if !axis.texts.is_empty() {
            let count = self.lines.len() as f64;
            let step = (0.7 / count).min(0.12);
            for (line, place) in self.lines.iter_mut().zip(0_u32..) {
                let aside = (f64::from(place) - (count - 1.0) / 2.0) * step;
                for point in &mut line.points {
                    point.0 += aside;
                }
            }
        }
        self
    }
}

/// The swept value along the horizontal axis.
pub(super) struct Axis<'a> {
    pub(super) key: &'a str,
    /// The values, if they are texts: each stands at its index in this list.
    pub(super) texts: Vec<&'a str>,
}

impl<'a> Axis<'a> {
    /// Returns the swept key with the most different numbers or times; if there is none, the one
    /// with the most texts. A key must have at least two values.
    pub(super) fn of(cells: &[Cell<'a>]) -> Option<Self> {
        let mut values: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        // The order is that of the cells, which is that of the values.
        for (key, value) in cells.iter().flat_map(|cell| swept(cell.name)) {
            let known = values.entry(key).or_default();
            if !known.contains(&value) {
                known.push(value);
            }
        }
        let to_scale = |key: &str| kind_of(cells, key) != Kind::Text;
        let (key, values) = values
            .into_iter()
            .rev()
            .filter(|(_, values)| values.len() > 1)
            .max_by_key(|(key, values)| (to_scale(key), values.len()))?;
        let texts = if to_scale(key) { Vec::new() } else { values };
        Some(Self { key, texts })
    }

    /// Returns the position of a value on the axis.
    fn place(&self, value: &str) -> Option<f64> {
        if self.texts.is_empty() {
            return number(value);
        }
        let place = self.texts.iter().position(|text| *text == value);
        place.map(|place| place as f64)
    }
}

pub(super) fn slices<'i>(
    comparison: &'i Comparison<'_>,
    axis: &Axis<'_>,
    metric: Of,
) -> Vec<Slice<'i>> {
    let mut order: Vec<String> = Vec::new();
    let mut lines: BTreeMap<String, BTreeMap<usize, Line<'i>>> = BTreeMap::new();
    for cell in &comparison.cells {
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
                identity: &comparison.identities[variant.identity].style,
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
        .map(|slice| slice.side_by_side(axis))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells<'a>(names: &[&'a str]) -> Vec<Cell<'a>> {
        let cell = |name: &&'a str| Cell {
            name,
            variants: Vec::new(),
        };
        names.iter().map(cell).collect()
    }

    #[test]
    fn numbers_and_times_are_to_scale_and_texts_have_places() {
        let mixed = cells(&["delay=5ms kind=a", "delay=1s kind=b", "delay=1s kind=c"]);
        let axis = Axis::of(&mixed).expect("an axis");
        assert_eq!((axis.key, axis.texts.len()), ("delay", 0));
        assert_eq!(axis.place("1s"), Some(1_000.0));
        let texts = cells(&["kind=browser", "kind=minimal"]);
        let axis = Axis::of(&texts).expect("an axis");
        assert_eq!(axis.texts, ["browser", "minimal"]);
        assert_eq!(axis.place("minimal"), Some(1.0));
        assert!(Axis::of(&cells(&["-"])).is_none());
        assert!(Axis::of(&cells(&["rate=4"])).is_none());
    }
}
