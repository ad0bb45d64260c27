//! The JSON schema of scenario files, made from the structs that read them, so that an
//! editor completes keys and marks those that are wrong.
//!
//! It knows keys, types and words. What cannot work for another reason is found when a
//! scenario is read.

use schemars::{Schema, SchemaGenerator, generate::SchemaSettings, json_schema};
use serde_json::{Map, Value, json};
use wire::{Compression, Protocol, Transport};

use crate::{EntryFraming, Scenario, plan::Back};

/// Structs whose keys may have a list or a range of values.
const SWEPT: [&str; 13] = [
    "Swarm",
    "Server",
    "ServerStall",
    "Traffic",
    "Cut",
    "Reconnect",
    "Answer",
    "Agent",
    "Headers",
    "LinkCut",
    "LinkSettings",
    "ProxySettings",
    "TransportEntry",
];

/// The name of the schema's file, beside the scenarios.
pub const FILE: &str = "scenario.schema.json";

/// Returns the schema as JSON text.
#[must_use]
pub fn text() -> String {
    format!("{:#}\n", schema())
}

/// Returns the schema.
#[must_use]
pub fn schema() -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<Scenario>().to_value();
    without_null(&mut schema);
    schema["title"] = json!("A scenario of wirebench");
    // A claim that an experiment alone puts to the test has no swarm.
    schema["required"] = json!(["name", "question"]);
    schema["anyOf"] = json!([{ "required": ["swarm"] }, { "required": ["claim"] }]);
    if let Some(definitions) = schema["$defs"].as_object_mut() {
        for name in SWEPT {
            if let Some(Value::Object(keys)) =
                definitions.get_mut(name).map(|one| &mut one["properties"])
            {
                keys.iter_mut().for_each(|(key, value)| swept(key, value));
            }
        }
        definitions.insert("Range".to_owned(), range());
    }
    schema
}

/// Removes null, which TOML has not: what is optional is left out.
fn without_null(schema: &mut Value) {
    let is_null = |one: &Value| *one == "null" || *one == json!({ "type": "null" });
    match schema {
        Value::Array(items) => items.iter_mut().for_each(without_null),
        Value::Object(keys) => {
            keys.values_mut().for_each(without_null);
            if keys.get("default").is_some_and(Value::is_null) {
                keys.remove("default");
            }
            for word in ["type", "anyOf"] {
                let Some(Value::Array(items)) = keys.get_mut(word) else {
                    continue;
                };
                items.retain(|one| !is_null(one));
                if let [only] = items.as_slice() {
                    let only = only.clone();
                    match only {
                        Value::Object(inner) => {
                            keys.remove(word);
                            keys.extend(inner);
                        }
                        only => keys[word] = only,
                    }
                }
            }
        }
        _ => {}
    }
}

/// Lets a key have a list or a range of values as well.
fn swept(key: &str, value: &mut Value) {
    // A list anyway.
    if key == "lines" {
        return;
    }
    let Value::Object(mut one) = value.take() else {
        return;
    };
    let mut around = Map::new();
    for word in ["description", "default"] {
        around.extend(one.remove(word).map(|text| (word.to_owned(), text)));
    }
    let one = Value::Object(one);
    let list = json!({ "type": "array", "items": one, "minItems": 1 });
    let either = json!([one, list, { "$ref": "#/$defs/Range" }]);
    around.insert("anyOf".to_owned(), either);
    *value = Value::Object(around);
}

fn range() -> Value {
    json!({
        "description": "Values from one to another, both included.",
        "type": "object",
        "properties": {
            "from": { "type": ["number", "string"] },
            "to": { "type": ["number", "string"] },
            "steps": { "description": "The number of values.", "type": "integer", "minimum": 1 },
            "scale": {
                "description": "The quantity that is equal between one value and the next: the \
                                difference (linear, the default) or the ratio (log).",
                "enum": ["linear", "log"]
            }
        },
        "required": ["from", "to", "steps"],
        "additionalProperties": false
    })
}

/// Returns the kind of a transport: its name, or that of a framing.
pub(crate) fn kind(_: &mut SchemaGenerator) -> Schema {
    let names = Transport::ALL.map(Transport::name);
    let framings = EntryFraming::ALL.map(EntryFraming::name);
    let words = [names.as_slice(), framings.as_slice()].concat();
    json_schema!({ "enum": words })
}

pub(crate) fn framing(_: &mut SchemaGenerator) -> Schema {
    let words = EntryFraming::ALL.map(EntryFraming::name);
    json_schema!({ "enum": words })
}

pub(crate) fn protocol(_: &mut SchemaGenerator) -> Schema {
    // Scripts are named by the framing.
    let named = Protocol::ALL.into_iter().filter(|one| !one.is_in_page());
    let words: Vec<&str> = named.map(Protocol::name).collect();
    json_schema!({ "enum": words })
}

pub(crate) fn compression(_: &mut SchemaGenerator) -> Schema {
    let words = Compression::ALL.map(Compression::name);
    json_schema!({ "enum": words })
}

pub(crate) fn arrivals(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "anyOf": [
        { "enum": ["constant", "poisson"] },
        table(&[("burst", whole())], &["burst"]),
    ] })
}

pub(crate) fn pacing(generator: &mut SchemaGenerator) -> Schema {
    let back = generator.subschema_for::<Back>().to_value();
    json_schema!({ "anyOf": [
        { "enum": ["open", "closed"] },
        table(&[("in_flight", whole()), ("back", back)], &["in_flight"]),
    ] })
}

pub(crate) fn payload(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "anyOf": [
        whole(),
        table(&[("min", whole()), ("max", whole())], &["min", "max"]),
    ] })
}

fn whole() -> Value {
    json!({ "type": "integer", "minimum": 0 })
}

fn table(keys: &[(&str, Value)], required: &[&str]) -> Value {
    let keys: Map<_, _> = keys
        .iter()
        .map(|(key, value)| ((*key).to_owned(), value.clone()))
        .collect();
    json!({
        "type": "object",
        "properties": keys,
        "required": required,
        "additionalProperties": false
    })
}
