//! A sweep taken apart: which value lies along the axis, and the lines over it.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    cell::{Cell, Comparison, Metric, swept},
    series::Identity,
    statistics::Spread,
    unit,
};

/// A line: one variant over the swept value.
pub(super) struct Line<'a> {
    pub(super) identity: &'a Identity,
    pub(super) valid: bool,
    pub(super) points: Vec<(f64, Spread, bool)>,
}

/// The lines of one combination of the other values.
pub(super) struct Slice<'a> {
    pub(super) heading: String,
    pub(super) lines: Vec<Line<'a>>,
}

/// The swept key with the most different numbers; at least two.
pub(super) fn longest_key<'a>(cells: &[Cell<'a>]) -> Option<&'a str> {
    let mut values: BTreeMap<&str, BTreeSet<u64>> = BTreeMap::new();
    for cell in cells {
        for (key, value) in swept(cell.name) {
            if let Ok(number) = value.parse::<f64>() {
                values.entry(key).or_default().insert(number.to_bits());
            }
        }
    }
    let longest = values
        .iter()
        .rev()
        .max_by_key(|(_, numbers)| numbers.len())?;
    (longest.1.len() > 1).then_some(longest.0)
}

pub(super) fn slices<'i>(
    comparison: &'i Comparison<'_>,
    key: &str,
    metric: Metric,
) -> Vec<Slice<'i>> {
    let mut order: Vec<String> = Vec::new();
    let mut lines: BTreeMap<String, BTreeMap<usize, Line<'i>>> = BTreeMap::new();
    for cell in &comparison.cells {
        let mut at = None;
        let mut heading = Vec::new();
        for (name, value) in swept(cell.name) {
            if name == key {
                at = value.parse::<f64>().ok();
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
                identity: &comparison.identities[variant.identity],
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

/// `clients=1000` as `1,000 clients`.
fn headed(name: &str, value: &str) -> String {
    let value = match value.parse::<f64>() {
        Ok(number) if number >= 1e3 => unit::grouped(number as u64),
        _ => value.to_owned(),
    };
    let short = match name.rsplit('.').next().unwrap_or(name) {
        "rate" => "messages/s in each room",
        "payload" | "payload_bytes" => "bytes of text",
        "publishers" => "speakers in each room",
        "readers_per_room" => "readers in each room",
        key @ ("clients" | "rooms") => key,
        key => return format!("{} {value}", key.replace('_', " ")),
    };
    // One of them is `1 room`, not `1 rooms`.
    let one = value == "1" && matches!(short, "clients" | "rooms");
    let short = if one {
        short.trim_end_matches('s')
    } else {
        short
    };
    format!("{value} {short}")
}

/// A swept key as a reader calls it.
pub(super) fn spoken(key: &str) -> String {
    match key.rsplit('.').next().unwrap_or(key) {
        "clients" => "clients".to_owned(),
        "rate" => "messages per second in each room".to_owned(),
        "payload" | "payload_bytes" => "bytes of text in a message".to_owned(),
        "rooms" => "rooms".to_owned(),
        "publishers" => "people who speak in each room".to_owned(),
        _ => key.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::headed;

    #[test]
    fn headings_are_spoken() {
        assert_eq!(headed("clients", "1000"), "1,000 clients");
        assert_eq!(headed("swarm.clients", "1"), "1 client");
        assert_eq!(headed("rate", "0.25"), "0.25 messages/s in each room");
        assert_eq!(headed("link.delay", "50ms"), "delay 50ms");
    }
}
