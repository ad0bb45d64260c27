//! Sweeps: any value may be a list or a range, and the cells are the product.
//!
//! Done on the tree of values, before anything knows what the keys mean, so that
//! a new key can be swept from its first day. A list inside a `[[transport]]`
//! makes more variants of that transport, not more cells: the other transports
//! would only be run again for nothing.

use toml::{Table, Value};

use super::{
    EntryFraming,
    document::{Places, joined},
    error::ScenarioError,
    range,
};

/// Tables in which values may be swept. The rest is about the scenario as a whole.
const SWEPT_TABLES: [&str; 11] = [
    "swarm",
    "server",
    "traffic",
    "cut",
    "reconnect",
    "churn",
    "answer",
    "agent",
    "headers",
    "link",
    "proxy",
];

/// Keys whose value is a list anyway.
const TRUE_LISTS: [&str; 2] = ["headers.lines", "swarm.room_sizes"];

/// More cells than anyone has the time to run: most likely a mistake.
const MOST_CELLS: usize = 10_000;

/// A cell before its keys are examined.
#[derive(Debug)]
pub(super) struct Swept {
    pub(super) label: String,
    pub(super) values: Vec<(String, String)>,
    pub(super) table: Table,
}

#[derive(Debug)]
struct Axis {
    path: Vec<String>,
    values: Vec<Value>,
}

impl Axis {
    fn key(&self) -> String {
        self.path.join(".")
    }
}

/// Returns the product of all lists and ranges; the first in the file varies slowest.
pub(super) fn cells(table: Table, places: &Places) -> Result<Vec<Swept>, ScenarioError> {
    let mut axes = Vec::new();
    for name in SWEPT_TABLES {
        if let Some(value @ Value::Table(_)) = table.get(name) {
            find(name, &mut vec![name.to_owned()], value, places, &mut axes)?;
        }
    }
    axes.sort_by_key(|axis| places.order(&axis.key()));
    let count = axes.iter().try_fold(1_usize, |product, axis| {
        product.checked_mul(axis.values.len())
    });
    if count.is_none_or(|count| count > MOST_CELLS) {
        let key = axes.last().map(Axis::key).unwrap_or_default();
        return Err(refused(
            &key,
            &format!("makes more than {MOST_CELLS} cells; sweep fewer values"),
            places,
        ));
    }
    let names = names(&axes);
    let start = Swept {
        label: "-".to_owned(),
        values: Vec::new(),
        table,
    };
    let mut cells = product(start, &axes);
    for cell in cells.iter_mut().filter(|cell| !cell.values.is_empty()) {
        let words = names
            .iter()
            .zip(&cell.values)
            .map(|(name, (_, value))| format!("{name}={value}"));
        cell.label = words.collect::<Vec<_>>().join(" ");
    }
    Ok(cells)
}

/// Spells out the lists inside `[[transport]]` entries; answers, for each entry
/// that there is now, which of the file's it came from.
pub(super) fn transports(table: &mut Table, places: &Places) -> Result<Vec<usize>, ScenarioError> {
    let Some(Value::Array(entries)) = table.get_mut("transport") else {
        return Ok(Vec::new());
    };
    let mut origins = Vec::new();
    let mut spelled_out = Vec::new();
    for (index, entry) in std::mem::take(entries).into_iter().enumerate() {
        let Value::Table(entry_table) = &entry else {
            origins.push(index);
            spelled_out.push(entry);
            continue;
        };
        let mut axes = Vec::new();
        find(
            &format!("transport[{index}]"),
            &mut Vec::new(),
            &entry,
            places,
            &mut axes,
        )?;
        let start = Swept {
            label: String::new(),
            values: Vec::new(),
            table: entry_table.clone(),
        };
        for mut variant in product(start, &axes) {
            framing_as_kind(&mut variant.table, index, places)?;
            origins.push(index);
            spelled_out.push(Value::Table(variant.table));
        }
    }
    *entries = spelled_out;
    Ok(origins)
}

/// Reads `kind = "sse"` as a stream with that framing, as `--only sse` is, and so each framing.
fn framing_as_kind(entry: &mut Table, index: usize, places: &Places) -> Result<(), ScenarioError> {
    let kind = entry.get("kind").and_then(Value::as_str);
    let Some(framing) = EntryFraming::ALL
        .into_iter()
        .find(|one| kind == Some(one.name()))
    else {
        return Ok(());
    };
    let written = Value::String(framing.name().to_owned());
    if entry.get("framing").is_some_and(|other| *other != written) {
        let key = format!("transport[{index}].framing");
        return Err(ScenarioError::Value {
            place: places.of(&key),
            problem: format!(
                "contradicts kind = \"{framing}\"; write kind = \"{}\" with the framing that is \
                 meant",
                framing.transport()
            ),
            key,
        });
    }
    let transport = framing.transport().name().to_owned();
    entry.insert("kind".to_owned(), Value::String(transport));
    entry.insert("framing".to_owned(), written);
    Ok(())
}

fn product(start: Swept, axes: &[Axis]) -> Vec<Swept> {
    axes.iter().fold(vec![start], |cells, axis| {
        cells
            .iter()
            .flat_map(|cell| axis.values.iter().map(|value| with(cell, axis, value)))
            .collect()
    })
}

fn with(cell: &Swept, axis: &Axis, value: &Value) -> Swept {
    let mut table = cell.table.clone();
    put(&mut table, &axis.path, value.clone());
    let mut values = cell.values.clone();
    values.push((axis.key(), shown(value)));
    Swept {
        label: cell.label.clone(),
        values,
        table,
    }
}

fn put(table: &mut Table, path: &[String], value: Value) {
    match path {
        [] => {}
        [name] => {
            table.insert(name.clone(), value);
        }
        [name, rest @ ..] => {
            if let Some(Value::Table(inner)) = table.get_mut(name) {
                put(inner, rest, value);
            }
        }
    }
}

fn find(
    key: &str,
    path: &mut Vec<String>,
    value: &Value,
    places: &Places,
    axes: &mut Vec<Axis>,
) -> Result<(), ScenarioError> {
    let values = match value {
        Value::Array(_) if TRUE_LISTS.contains(&key) => return Ok(()),
        Value::Array(items) => items.clone(),
        Value::Table(table) if range::is_one(table) => range::values(key, table, places)?,
        Value::Table(table) => {
            for (name, inner) in table {
                path.push(name.clone());
                find(&joined(key, name), path, inner, places, axes)?;
                path.pop();
            }
            return Ok(());
        }
        _ => return Ok(()),
    };
    if values.is_empty() {
        return Err(refused(
            key,
            "is an empty list; give it at least one value",
            places,
        ));
    }
    let mut distinct: Vec<Value> = Vec::new();
    for value in values {
        if distinct
            .iter()
            .all(|earlier| shown(earlier) != shown(&value))
        {
            distinct.push(value);
        }
    }
    axes.push(Axis {
        path: path.clone(),
        values: distinct,
    });
    Ok(())
}

/// Returns the shortest ending of each key that no other swept key has.
fn names(axes: &[Axis]) -> Vec<String> {
    let ending =
        |axis: &Axis, length: usize| axis.path[axis.path.len().saturating_sub(length)..].join(".");
    axes.iter()
        .map(|axis| {
            (1..axis.path.len())
                .map(|length| (length, ending(axis, length)))
                .find(|(length, name)| {
                    axes.iter()
                        .filter(|other| ending(other, *length) == *name)
                        .count()
                        == 1
                })
                .map_or_else(|| axis.key(), |(_, name)| name)
        })
        .collect()
}

/// Returns a value in a label: without the blanks that part one value from the next.
fn shown(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Float(number) => number.to_string(),
        Value::Table(table) => {
            let pairs = table
                .iter()
                .map(|(name, value)| format!("{name}:{}", shown(value)));
            pairs.collect::<Vec<_>>().join(",")
        }
        Value::Array(items) => items.iter().map(shown).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    };
    text.split_whitespace().collect()
}

fn refused(key: &str, problem: &str, places: &Places) -> ScenarioError {
    ScenarioError::Value {
        place: places.of(key),
        key: key.to_owned(),
        problem: problem.to_owned(),
    }
}
