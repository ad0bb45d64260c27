//! The swept value along the horizontal axis of a figure.

use std::collections::BTreeMap;

use super::{Kind, kind_of, number, swept};
use crate::cell::Cell;

/// The swept value along the horizontal axis.
#[derive(Debug)]
pub struct Axis<'a> {
    /// The swept key.
    pub key: &'a str,
    /// The values, if they are texts: each stands at its index in this list.
    pub texts: Vec<&'a str>,
}

impl<'a> Axis<'a> {
    /// Returns the swept key with the most different numbers or times; if there is none, the one
    /// with the most texts. A key must have at least two values.
    #[must_use]
    pub fn of(cells: &[Cell<'a>]) -> Option<Self> {
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
    #[must_use]
    pub fn place(&self, value: &str) -> Option<f64> {
        if self.texts.is_empty() {
            return number(value);
        }
        let place = self.texts.iter().position(|text| *text == value);
        place.map(|place| place as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::tests::cells, *};

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
