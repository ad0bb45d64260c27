//! The text of a scenario as a tree of values that remembers where each key
//! stands, with the overrides of the command line laid over it.

use std::collections::BTreeMap;

use toml::{
    Table, Value,
    de::{DeTable, DeValue},
};

use super::error::{Location, ScenarioError};

/// A scenario before its keys are looked at.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) table: Table,
    pub(super) places: Places,
}

/// The place at which each key was written. Keys are paths: `swarm.clients`,
/// `transport[0].interval`.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Places {
    file: String,
    lines: BTreeMap<String, usize>,
    overrides: BTreeMap<String, String>,
    /// The number in the file of each transport, after its own lists were spelled out.
    pub(super) entries: Vec<usize>,
}

impl Document {
    pub(super) fn parse(
        file: &str,
        text: &str,
        overrides: &[String],
    ) -> Result<Self, ScenarioError> {
        let line_at = |offset: usize| text[..offset.min(text.len())].matches('\n').count() + 1;
        let not_toml = |error: toml::de::Error| ScenarioError::Syntax {
            place: Location::File {
                file: file.to_owned(),
                line: error.span().map(|span| line_at(span.start)),
            },
            message: error.message().replace('\n', ", "),
        };
        let spanned = DeTable::parse(text).map_err(not_toml)?;
        let mut lines = BTreeMap::new();
        note_lines(spanned.get_ref(), "", &line_at, &mut lines);
        let mut document = Self {
            table: toml::from_str(text).map_err(not_toml)?,
            places: Places {
                file: file.to_owned(),
                lines,
                ..Places::default()
            },
        };
        overrides
            .iter()
            .try_for_each(|text| document.lay_over(text))?;
        Ok(document)
    }

    fn lay_over(&mut self, text: &str) -> Result<(), ScenarioError> {
        let refuse = |problem: String| ScenarioError::Override {
            text: text.to_owned(),
            problem,
        };
        let (key, value) = text.split_once('=').ok_or_else(|| {
            refuse("no \"=\" in it; write key=value, such as swarm.clients=500".to_owned())
        })?;
        let names: Vec<&str> = key.trim().split('.').collect();
        if names.iter().any(|name| name.is_empty()) {
            return Err(refuse(
                "the key has an empty part; write it as in swarm.clients=500".to_owned(),
            ));
        }
        let path = put(&mut self.table, &names, literal(value.trim())).map_err(refuse)?;
        self.places.overrides.insert(path, text.to_owned());
        Ok(())
    }
}

impl Places {
    /// Returns the place of a key, or of the nearest table around it that has a place.
    pub(super) fn of(&self, path: &str) -> Location {
        let path = self.as_written(path);
        let mut around = path.as_str();
        loop {
            if let Some(text) = self.overrides.get(around) {
                return Location::Override(text.clone());
            }
            if let Some(line) = self.lines.get(around) {
                return self.line(Some(*line));
            }
            match around.rfind(['.', '[']) {
                Some(end) => around = &around[..end],
                None => return self.line(None),
            }
        }
    }

    /// Returns the number of a key's line; overrides come after everything in the file.
    pub(super) fn order(&self, path: &str) -> usize {
        self.lines.get(path).copied().unwrap_or(usize::MAX)
    }

    /// Returns a path with the transport's number in the file, not in the spelled-out list.
    pub(super) fn as_written(&self, path: &str) -> String {
        path.strip_prefix("transport[")
            .and_then(|rest| rest.split_once(']'))
            .and_then(|(number, rest)| {
                let written = self.entries.get(number.parse::<usize>().ok()?)?;
                Some(format!("transport[{written}]{rest}"))
            })
            .unwrap_or_else(|| path.to_owned())
    }

    fn line(&self, line: Option<usize>) -> Location {
        Location::File {
            file: self.file.clone(),
            line,
        }
    }
}

/// Returns `parent.name`, or `name` at the top.
pub(super) fn joined(parent: &str, name: &str) -> String {
    if parent.is_empty() {
        name.to_owned()
    } else {
        format!("{parent}.{name}")
    }
}

fn note_lines(
    table: &DeTable<'_>,
    parent: &str,
    line_at: &dyn Fn(usize) -> usize,
    lines: &mut BTreeMap<String, usize>,
) {
    for (name, value) in table {
        let path = joined(parent, name.get_ref());
        match value.get_ref() {
            DeValue::Table(inner) => note_lines(inner, &path, line_at, lines),
            DeValue::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    let path = format!("{path}[{index}]");
                    if let DeValue::Table(inner) = item.get_ref() {
                        note_lines(inner, &path, line_at, lines);
                    }
                    lines.insert(path, line_at(item.span().start));
                }
            }
            _ => {}
        }
        lines.insert(path, line_at(name.span().start));
    }
}

/// Returns a TOML value, or the text itself where it is none: `headers.profile=browser`.
fn literal(text: &str) -> Value {
    toml::from_str::<Table>(&format!("value = {text}"))
        .ok()
        .filter(|table| table.len() == 1)
        .and_then(|mut table| table.remove("value"))
        .unwrap_or_else(|| Value::String(text.to_owned()))
}

/// Puts a value at a path, making tables on the way; answers the path as
/// [`Places`] spells it.
fn put(table: &mut Table, names: &[&str], value: Value) -> Result<String, String> {
    let mut path = String::new();
    let mut names = names.iter();
    let first = names.next().ok_or("has no key")?;
    let mut here = table
        .entry(*first)
        .or_insert_with(|| Value::Table(Table::new()));
    path.push_str(first);
    for name in names {
        (here, path) = match here {
            Value::Table(inner) => {
                let slot = inner
                    .entry(*name)
                    .or_insert_with(|| Value::Table(Table::new()));
                (slot, joined(&path, name))
            }
            Value::Array(items) => {
                let count = items.len();
                let index = name.parse::<usize>().unwrap_or(count);
                let slot = items
                    .get_mut(index)
                    .ok_or_else(|| format!("{path} is a list of {count}; its first is {path}.0"))?;
                (slot, format!("{path}[{index}]"))
            }
            _ => return Err(format!("{path} is a value and has no keys in it")),
        };
    }
    *here = value;
    Ok(path)
}
