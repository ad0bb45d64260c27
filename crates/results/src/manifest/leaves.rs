//! A manifest as single values, so that two can be set side by side.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Manifest, Settings, table};

/// What a value belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// What was asked for.
    Scenario,
    /// Where it ran.
    Machine,
    /// What ran it.
    Version,
    /// The way between client and server, and limits.
    Conditions,
}

impl Part {
    /// Returns it in a word.
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

/// The place of one value: its part, its key (`traffic.rate`), and its cell where it
/// belongs to one.
pub type Leaf = (Part, String, Option<String>);

type Leaves = BTreeMap<Leaf, String>;

impl Manifest {
    /// Returns every value that may make two folders differ, in words. What is different
    /// each time and no cause of anything is left out (when it was begun and ended, what was
    /// measured before the runs), and so is what follows from the scenario (the plans) and
    /// what is only said about it.
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
            // An older file may lack them.
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
        let others = self.others.iter();
        let others = others.map(|(key, value)| (key.as_str(), value.clone()));
        for (key, value) in conditions.into_iter().chain(others) {
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

/// The settings of one cell, without what is said about it.
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
            // Transports are told apart by what they are, not by their place in the file.
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
