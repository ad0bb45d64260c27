//! What differs between two manifests: every value, by its key.

use std::collections::BTreeMap;

use serde_json::Value;

/// What a changed value belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// What was asked for.
    Scenario,
    /// Where it ran.
    Machine,
    /// What ran it.
    Version,
    /// The way between client and server, limits, calibration.
    Conditions,
}

impl Part {
    /// In a word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Scenario => "scenario",
            Self::Machine => "machine",
            Self::Version => "version",
            Self::Conditions => "conditions",
        }
    }

    fn of(key: &str) -> Option<Self> {
        // What is said about an experiment changes nothing in it.
        if key.starts_with("scenario.expectation.") {
            return None;
        }
        if matches!(
            key,
            "scenario.motive" | "scenario.expect" | "scenario.question"
        ) {
            return None;
        }
        // The rest of what was typed is in the scenario as resolved.
        if key.starts_with("request.") && key != "request.target" {
            return None;
        }
        match key.split(['.', '[']).next().unwrap_or(key) {
            "scenario" => Some(Self::Scenario),
            "machine" => Some(Self::Machine),
            "wirebench" | "format" => Some(Self::Version),
            // Different each time and no cause of anything; plans follow from the scenario.
            // Calibrations and the clock's steps are measured, not set.
            "started" | "resumed" | "ended" | "command" | "plans" | "calibrations" | "clock"
            | "sittings" => None,
            _ => Some(Self::Conditions),
        }
    }
}

/// One value that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What it belongs to.
    pub part: Part,
    /// Its key: `traffic.rate`.
    pub key: String,
    /// In which cell, where not in all of them.
    pub cell: Option<String>,
    /// What it was; nothing where it was not there.
    pub before: Option<String>,
    /// What it is.
    pub after: Option<String>,
}

/// A key within its cell.
type Place = (Part, String, Option<String>);

/// All changes, those of every cell told once.
pub(super) fn changes(before: &Value, after: &Value) -> Vec<Change> {
    let (before, after) = (leaves(before), leaves(after));
    let mut keys: Vec<&Place> = before.keys().chain(after.keys()).collect();
    keys.sort_unstable();
    keys.dedup();
    let mut changes: Vec<Change> = Vec::new();
    let mut cells: BTreeMap<(Part, &str), usize> = BTreeMap::new();
    for place in keys {
        let (part, key, cell) = place;
        *cells.entry((*part, key)).or_default() += 1;
        let (old, new) = (before.get(place), after.get(place));
        if old != new {
            changes.push(Change {
                part: *part,
                key: key.clone(),
                cell: cell.clone(),
                before: old.cloned(),
                after: new.cloned(),
            });
        }
    }
    told_once(&changes, |part, key| {
        cells.get(&(part, key)).copied().unwrap_or_default()
    })
}

/// A change that every cell has is one change.
fn told_once(changes: &[Change], cells_with: impl Fn(Part, &str) -> usize) -> Vec<Change> {
    let mut told: Vec<Change> = Vec::new();
    for change in changes {
        let same = |other: &&Change| {
            (other.part, &other.key, &other.before, &other.after)
                == (change.part, &change.key, &change.before, &change.after)
        };
        if changes.iter().filter(same).count() == cells_with(change.part, &change.key) {
            if !told.iter().any(|other| same(&other)) {
                told.push(Change {
                    cell: None,
                    ..change.clone()
                });
            }
        } else {
            told.push(change.clone());
        }
    }
    told
}

fn leaves(manifest: &Value) -> BTreeMap<Place, String> {
    let mut found = BTreeMap::new();
    walk("", manifest, None, &mut found);
    found
}

fn walk(key: &str, value: &Value, cell: Option<&str>, found: &mut BTreeMap<Place, String>) {
    let inner = |name: &str| {
        if key.is_empty() {
            name.to_owned()
        } else {
            format!("{key}.{name}")
        }
    };
    match value {
        Value::Object(table) => {
            for (name, value) in table {
                walk(&inner(name), value, cell, found);
            }
        }
        Value::Array(cells) if key == "scenario.cells" => {
            for one in cells {
                let label = one["label"].as_str().unwrap_or("-");
                walk("scenario", &one["scenario"], Some(label), found);
            }
        }
        // Transports are told apart by what they are, not by their place in the file.
        Value::Array(items) if key == "scenario.transport" => {
            for item in items {
                put(&format!("{key} {}", words(item)), "yes", cell, found);
            }
        }
        Value::Null => {}
        other => put(key, &words(other), cell, found),
    }
}

fn put(key: &str, text: &str, cell: Option<&str>, found: &mut BTreeMap<Place, String>) {
    if let Some(part) = Part::of(key) {
        let short = key
            .strip_prefix("scenario.")
            .or_else(|| key.strip_prefix("machine."));
        let place = (
            part,
            short.unwrap_or(key).to_owned(),
            cell.map(str::to_owned),
        );
        found.insert(place, text.to_owned());
    }
}

/// A value on one line, without JSON's quotes.
pub(crate) fn words(value: &Value) -> String {
    match value {
        Value::String(text) => text.split_whitespace().collect::<Vec<_>>().join(" "),
        Value::Array(items) if items.iter().all(|item| !item.is_object()) => {
            items.iter().map(words).collect::<Vec<_>>().join(", ")
        }
        Value::Object(table) => {
            let pairs = table.iter().map(|(name, value)| match name.as_str() {
                "kind" => words(value),
                _ if value.is_object() => format!("{name} ({})", words(value)),
                _ => format!("{name}={}", words(value)),
            });
            pairs.collect::<Vec<_>>().join(" ")
        }
        other => other.to_string(),
    }
}
