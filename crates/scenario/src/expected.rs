//! The translation of serde's errors to sentences: which key, what stands there, what
//! belongs there, and the nearest correct spelling.
//!
//! The known words are taken from serde's own messages, where they stand in
//! backticks: so there is no second list of keys that could go stale.

use serde::de::DeserializeOwned;
use toml::{Table, Value};

use super::{
    Agent, Answer, Churn, Cut, Headers, LinkSettings, ProxySettings, Reconnect, Server, Swarm,
    TargetSettings, Traffic, TransportEntry,
    document::{Places, joined},
    error::ScenarioError,
};

/// Types as serde names them, and as a person would.
const PLAIN: [(&str, &str); 10] = [
    ("usize", "a whole number"),
    ("u64", "a whole number"),
    ("f64", "a number"),
    (
        "a duration",
        "a duration such as \"500ms\", \"2s\" or \"1m 30s\"",
    ),
    (
        "an OptionVisitor duration",
        "a duration such as \"500ms\", \"2s\" or \"1m 30s\"",
    ),
    ("a string", "a text in quotes"),
    ("string only", "a text in quotes"),
    ("a boolean", "true or false"),
    ("a sequence", "a list"),
    ("a map", "a table"),
];

/// Reads one cell, with the key at which it goes wrong.
pub(super) fn read<T: DeserializeOwned>(table: Table, places: &Places) -> Result<T, ScenarioError> {
    transport_keys(&table, places)?;
    read_at("", Value::Table(table), places)
}

/// Reads the value that stands at `parent`.
pub(super) fn read_at<T: DeserializeOwned>(
    parent: &str,
    value: Value,
    places: &Places,
) -> Result<T, ScenarioError> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = match error.path().to_string() {
            path if path == "." => parent.to_owned(),
            path => joined(parent, &path),
        };
        said_plainly(&path, error.inner().message(), places)
    })
}

fn said_plainly(path: &str, message: &str, places: &Places) -> ScenarioError {
    let mut words = message.split('`').skip(1).step_by(2);
    let word = words.next().unwrap_or_default();
    let known: Vec<&str> = words.collect();
    let key = || {
        let is_last = path.rsplit('.').next() == Some(word);
        places.as_written(&if is_last {
            path.to_owned()
        } else {
            joined(path, word)
        })
    };
    if message.starts_with("unknown field") {
        return unknown_key(&key(), &known, places);
    }
    if message.starts_with("missing field") {
        return ScenarioError::MissingKey {
            place: places.of(path),
            key: key(),
            hint: match word {
                "swarm" => "write a table [swarm] with clients = 100, for one".to_owned(),
                _ => format!("write {word} = …"),
            },
        };
    }
    let problem = if message.starts_with("unknown variant") {
        format!("is \"{word}\"; {}", suggestion(word, &known, "Words here"))
    } else {
        wrong_value(message)
    };
    ScenarioError::Value {
        place: places.of(path),
        key: places.as_written(path),
        problem,
    }
}

/// Rewrites `invalid type: string "lots", expected usize` as `is "lots" where a whole number
/// belongs`.
fn wrong_value(message: &str) -> String {
    let Some((given, wanted)) = message
        .strip_prefix("invalid type: ")
        .or_else(|| message.strip_prefix("invalid value: "))
        .and_then(|rest| rest.rsplit_once(", expected "))
    else {
        return message.trim_end().to_owned();
    };
    let given = match given.split_once(' ') {
        Some(("string", text)) => text.to_owned(),
        Some(("integer" | "boolean", value)) => value.trim_matches('`').to_owned(),
        Some(("floating", value)) => value
            .trim_start_matches("point ")
            .trim_matches('`')
            .to_owned(),
        _ if given == "map" => "a table".to_owned(),
        _ if given == "sequence" => "a list".to_owned(),
        // What serde makes of a number where one of some words belongs.
        _ if given == "unit variant" => "no text".to_owned(),
        _ => given.to_owned(),
    };
    let wanted = match wanted {
        _ if wanted.starts_with("struct ") => "a table",
        _ => PLAIN
            .iter()
            .find(|(serde, _)| *serde == wanted)
            .map_or(wanted, |(_, plain)| *plain),
    };
    format!("is {given} where {wanted} belongs")
}

fn unknown_key(key: &str, known: &[&str], places: &Places) -> ScenarioError {
    let word = key.rsplit('.').next().unwrap_or(key);
    let hint = tables_with(word).map_or_else(
        || suggestion(word, known, "Keys here"),
        |tables| format!("it belongs to {tables}. Keys here: {}", known.join(", ")),
    );
    ScenarioError::UnknownKey {
        place: places.of(key),
        key: key.to_owned(),
        hint,
    }
}

/// Returns the tables that have this very key: one that was written elsewhere is more likely out of
/// place than misspelt.
fn tables_with(word: &str) -> Option<String> {
    let tables = [
        ("[swarm]", keys_of::<Swarm>()),
        ("[server]", keys_of::<Server>()),
        ("[traffic]", keys_of::<Traffic>()),
        ("[cut]", keys_of::<Cut>()),
        ("[reconnect]", keys_of::<Reconnect>()),
        ("[churn]", keys_of::<Churn>()),
        ("[answer]", keys_of::<Answer>()),
        ("[agent]", keys_of::<Agent>()),
        ("[headers]", keys_of::<Headers>()),
        ("[link]", keys_of::<LinkSettings>()),
        ("[proxy]", keys_of::<ProxySettings>()),
        ("[target]", keys_of::<TargetSettings>()),
    ];
    let with = tables
        .into_iter()
        .filter(|(_, keys)| keys.iter().any(|key| key == word));
    let names: Vec<&str> = with.map(|(name, _)| name).collect();
    (!names.is_empty()).then(|| names.join(" and "))
}

/// Returns all keys of a table, as the message lists them by which serde refuses an unknown key.
fn keys_of<T: DeserializeOwned>() -> Vec<String> {
    let none = Table::from_iter([(String::new(), Value::Boolean(true))]);
    let said = Value::Table(none)
        .try_into::<T>()
        .err()
        .map(|error| error.message().to_owned());
    let words = said
        .as_deref()
        .unwrap_or_default()
        .split('`')
        .skip(3)
        .step_by(2);
    words.map(str::to_owned).collect()
}

/// Returns a suggestion: `did you mean "clients"? Keys here: clients, rooms`.
pub(super) fn suggestion(word: &str, known: &[&str], title: &str) -> String {
    let all = known.join(", ");
    nearest(word, known).map_or_else(
        || format!("{}: {all}", title.to_lowercase()),
        |near| format!("did you mean \"{near}\"? {title}: {all}"),
    )
}

/// Returns the known word that is most alike, if any is alike enough to be meant.
fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    known
        .iter()
        .map(|candidate| (strsim::jaro_winkler(word, candidate), *candidate))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .map(|(_, candidate)| candidate)
}

/// Reports keys of another kind of transport, which serde would accept.
fn transport_keys(table: &Table, places: &Places) -> Result<(), ScenarioError> {
    let entries = table.get("transport").and_then(Value::as_array);
    for (index, entry) in entries.into_iter().flatten().enumerate() {
        let kind = entry
            .get("kind")
            .and_then(Value::as_str)
            .and_then(|kind| kind.parse().ok());
        let (Some(kind), Some(entry)) = (kind, entry.as_table()) else {
            continue;
        };
        let own = TransportEntry::KEYS
            .iter()
            .find(|(transport, _)| *transport == kind)
            .map_or(&[][..], |(_, keys)| keys);
        let foreign = entry
            .keys()
            .find(|key| *key != "kind" && !own.contains(&key.as_str()));
        let Some(foreign) = foreign else { continue };
        let path = format!("transport[{index}].{foreign}");
        let owners: Vec<&str> = TransportEntry::KEYS
            .iter()
            .filter(|(_, keys)| keys.contains(&foreign.as_str()))
            .map(|(transport, _)| transport.name())
            .collect();
        let keys_here = [&["kind"], own].concat();
        let hint = if owners.is_empty() {
            suggestion(foreign, &keys_here, "Keys here")
        } else {
            format!(
                "it belongs to {}. Keys of {kind}: {}",
                owners.join(" and "),
                keys_here.join(", ")
            )
        };
        return Err(ScenarioError::UnknownKey {
            place: places.of(&path),
            key: places.as_written(&path),
            hint,
        });
    }
    Ok(())
}
