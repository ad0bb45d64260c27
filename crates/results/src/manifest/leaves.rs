//! The single values of a manifest, so that two manifests can be compared.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Manifest, Settings, table};

/// The part of a manifest that a value belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The scenario that was requested.
    Scenario,
    /// The machine that it ran on.
    Machine,
    /// The version of the program.
    Version,
    /// The path between client and server, and the limits.
    Conditions,
}

impl Part {
    /// Returns the name of the part, in one word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Scenario => "scenario",
            Self::Machine => "machine",
            Self::Version => "version",
            Self::Conditions => "conditions",
        }
    }
}

/// The place of one value: its part, its key (`traffic.rate`), and its cell if it belongs to one.
pub type Leaf = (Part, String, Option<String>);

type Leaves = BTreeMap<Leaf, String>;

impl Manifest {
    /// Returns every value that may explain a difference between two folders, in words. It leaves
    /// out values that differ each time and explain nothing (the times of start and end,
    /// measurements made before the runs), values that follow from the scenario (the plans), and
    /// sentences that only describe the scenario.
    #[must_use]
    pub fn leaves(&self) -> BTreeMap<Leaf, String> {
        let mut found = Leaves::new();
        self.of_scenario(&mut found);
        for (key, value) in table(&self.machine) {
            walk(Part::Machine, &key, &value, None, &mut found);
        }
        let version = [
            ("wirebench", Value::from(self.wirebench.as_str())),
            ("format", Value::from(self.format)),
        ];
        for (key, value) in version {
            // An older file may lack these values.
            if value != "" && value != 0 {
                walk(Part::Version, key, &value, None, &mut found);
            }
        }
        let target = self
            .request
            .as_ref()
            .and_then(|request| request.target.clone());
        let conditions = [
            ("path", Value::from(self.path.clone())),
            ("request.target", Value::from(target)),
            ("hygiene", Value::from(table(&self.hygiene))),
        ];
        let whole = table(self);
        let kept = ["merged", "proxies", "redis", "shards"];
        let kept = kept.map(|key| (key, whole.get(key).cloned().unwrap_or_default()));
        let others = self.others.iter();
        let others = others.map(|(key, value)| (key.as_str(), value.clone()));
        for (key, value) in conditions.into_iter().chain(kept).chain(others) {
            walk(Part::Conditions, key, &value, None, &mut found);
        }
        found
    }

    fn of_scenario(&self, found: &mut Leaves) {
        let scenario = &self.scenario;
        if !scenario.name.is_empty() {
            put(Part::Scenario, "name", &scenario.name, None, found);
        }
        if let Some(seed) = scenario.seed {
            put(Part::Scenario, "seed", &seed.to_string(), None, found);
        }
        for (key, value) in &scenario.others {
            walk(Part::Scenario, key, value, None, found);
        }
        for cell in &scenario.cells {
            of_cell(&cell.scenario, &cell.label, found);
        }
    }
}

/// Collects the settings of one cell, without the sentences that describe it.
fn of_cell(settings: &Settings, label: &str, found: &mut Leaves) {
    let what_is_asked = Settings {
        expectation: Value::Null,
        ..settings.clone()
    };
    let mut values = what_is_asked.values();
    if let Some(name) = settings.others.get("name") {
        values.insert("name".to_owned(), name.clone());
    }
    for (key, value) in values {
        match value {
            // Transports are identified by their values, not by their place in the file.
            Value::Array(items) if key == "transport" => {
                for item in items {
                    let key = format!("{key} {}", words(&item));
                    put(Part::Scenario, &key, "yes", Some(label), found);
                }
            }
            value => walk(Part::Scenario, &key, &value, Some(label), found),
        }
    }
}

fn walk(part: Part, key: &str, value: &Value, cell: Option<&str>, found: &mut Leaves) {
    match value {
        Value::Object(table) => {
            for (name, value) in table {
                walk(part, &format!("{key}.{name}"), value, cell, found);
            }
        }
        Value::Null => {}
        other => put(part, key, &words(other), cell, found),
    }
}

fn put(part: Part, key: &str, text: &str, cell: Option<&str>, found: &mut Leaves) {
    let leaf = (part, key.to_owned(), cell.map(str::to_owned));
    found.insert(leaf, text.to_owned());
}

/// Returns a value on one line, without JSON's quotes.
#[must_use]
pub fn words(value: &Value) -> String {
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
