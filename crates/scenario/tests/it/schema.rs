//! `scenarios/scenario.schema.json` is made from the structs that read a scenario, and says
//! of every shipped scenario that it is right.
//!
//! `WIREBENCH_UPDATE_DOCS=1 cargo test --package wirebench-scenario schema` writes it anew.

use std::{
    fs,
    path::{Path, PathBuf},
};

use scenario::{Study, schema};
use serde_json::Value;

use crate::keys::fields::assert_up_to_date;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios")
}

/// Says what is wrong with a value, as a JSON schema (draft 2020-12) has it; nothing if it
/// is right. A word of the schema that is not looked at here is an error of this test.
fn wrong(value: &Value, schema: &Value, root: &Value) -> Option<String> {
    let rules = match schema {
        Value::Bool(true) => return None,
        Value::Object(rules) => rules,
        other => panic!("{other} is no schema"),
    };
    rules.iter().find_map(|(word, rule)| match word.as_str() {
        "$defs" | "$schema" | "writeOnly" | "title" | "description" | "default" | "format" => None,
        "$ref" => {
            let path = rule.as_str().expect("a path").trim_start_matches('#');
            wrong(value, root.pointer(path).expect("a definition"), root)
        }
        "type" => {
            let types = rule
                .as_array()
                .cloned()
                .unwrap_or_else(|| vec![rule.clone()]);
            let fits = types.iter().any(|one| is_a(value, one));
            (!fits).then(|| format!("{value} is no {rule}"))
        }
        "enum" => {
            let fits = rule.as_array().expect("a list").contains(value);
            (!fits).then(|| format!("{value} is none of {rule}"))
        }
        "const" => (value != rule).then(|| format!("{value} is not {rule}")),
        "anyOf" | "oneOf" => {
            let every = rule.as_array().expect("a list").iter();
            let found: Vec<_> = every.map(|one| wrong(value, one, root)).collect();
            let fits = found.iter().any(Option::is_none);
            (!fits).then(|| format!("{value}: {found:?}"))
        }
        "items" => value
            .as_array()?
            .iter()
            .find_map(|one| wrong(one, rule, root)),
        "properties" => {
            let keys = value.as_object()?.iter();
            let mut known = keys.filter_map(|(key, value)| Some((key, value, rule.get(key)?)));
            known.find_map(|(key, value, rule)| {
                wrong(value, rule, root).map(|problem| format!("{key}: {problem}"))
            })
        }
        "additionalProperties" => beyond(value, rule, schema, root),
        "required" => missing(value, rule),
        "minimum" | "maximum" | "minItems" => out_of_bounds(word, value, rule),
        other => panic!("the test does not know the word {other}"),
    })
}

/// Says what is wrong with a number, or with the length of a list.
fn out_of_bounds(word: &str, value: &Value, rule: &Value) -> Option<String> {
    let bound = rule.as_f64().expect("a number");
    let fits = match word {
        "minimum" => value.as_f64()? >= bound,
        "maximum" => value.as_f64()? <= bound,
        _ => value.as_array()?.len() as f64 >= bound,
    };
    (!fits).then(|| format!("{value} is beyond {word} {rule}"))
}

/// Says what is wrong with the keys that the schema does not name.
fn beyond(value: &Value, rule: &Value, schema: &Value, root: &Value) -> Option<String> {
    let known = &schema["properties"];
    let keys = value.as_object()?.iter();
    let mut others = keys.filter(|(key, _)| known.get(key).is_none());
    match rule {
        Value::Bool(false) => others.next().map(|(key, _)| format!("{key} is no key")),
        rule => others.find_map(|(_, value)| wrong(value, rule, root)),
    }
}

/// Says which key is missing.
fn missing(value: &Value, rule: &Value) -> Option<String> {
    let keys = value.as_object()?;
    let needed = rule.as_array().expect("a list").iter();
    let mut needed = needed.filter_map(Value::as_str);
    needed
        .find(|key| !keys.contains_key(*key))
        .map(|key| format!("{key} is missing"))
}

fn is_a(value: &Value, of: &Value) -> bool {
    match of.as_str().expect("a word") {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        other => panic!("the test does not know the type {other}"),
    }
}

fn complaint(text: &str) -> Option<String> {
    let value: Value = toml::from_str(text).expect("TOML");
    let schema = schema::schema();
    wrong(&value, &schema, &schema)
}

/// Returns the shipped scenarios, and what the first line of each must be.
fn shipped() -> Vec<(PathBuf, &'static str)> {
    let folders = [
        ("", "#:schema ./scenario.schema.json"),
        ("claims", "#:schema ../scenario.schema.json"),
        ("peers", "#:schema ../scenario.schema.json"),
    ];
    let files = folders.into_iter().flat_map(|(name, line)| {
        let entries = fs::read_dir(folder().join(name)).expect("a folder");
        let paths = entries.map(|entry| entry.expect("an entry").path());
        let files = paths.filter(|path| path.extension().is_some_and(|end| end == "toml"));
        files.map(move |path| (path, line))
    });
    files.collect()
}

#[test]
fn the_schema_is_up_to_date() {
    let file = "scenarios/scenario.schema.json";
    assert_up_to_date(file, &schema::text(), "--package wirebench-scenario schema");
}

#[test]
fn every_shipped_scenario_names_the_schema_and_fits_it() {
    let shipped = shipped();
    assert!(shipped.len() > 30, "{}", shipped.len());
    for (path, line) in shipped {
        let text = fs::read_to_string(&path).expect("a text");
        assert_eq!(text.lines().next(), Some(line), "{}", path.display());
        assert_eq!(complaint(&text), None, "{}", path.display());
    }
}

const LEAST: &str = "\
name = \"least\"
question = \"Why?\"
[swarm]
clients = 10
[[transport]]
kind = \"websocket\"
";

/// Checks that whatever the schema marks in an editor is also refused when the file is
/// read.
#[test]
fn what_is_wrong_is_marked() {
    assert_eq!(complaint(LEAST), None);
    for (right, spoiled) in [
        ("clients", "cleints"),
        ("clients = 10", "clients = \"ten\""),
        ("clients = 10", "clients = [10, \"ten\"]"),
        ("clients = 10", "clients = []"),
        ("clients = 10", "clients = { from = 1, to = 10 }"),
        ("\"websocket\"", "\"websockets\""),
        ("\"websocket\"", "\"long_poll\"\nhold = 25"),
        ("[swarm]", "[traffic]\nspeak = \"shout\"\n[swarm]"),
        ("[swarm]", "[traffic]\narrivals = { burts = 3 }\n[swarm]"),
        ("[swarm]", "[headers]\nlines = \"A: b\"\n[swarm]"),
        ("question", "answer"),
        ("[swarm]\nclients = 10\n", ""),
    ] {
        let text = LEAST.replacen(right, spoiled, 1);
        assert!(complaint(&text).is_some(), "{spoiled}");
        assert!(Study::from_text("x.toml", &text, &[]).is_err(), "{spoiled}");
    }
}

/// Checks that the schema does not mark anything that a file may contain.
#[test]
fn what_is_right_is_not_marked() {
    for (right, other) in [
        ("clients = 10", "clients = [10, 100]"),
        (
            "clients = 10",
            "clients = { from = 1, to = 64, steps = 7, scale = \"log\" }",
        ),
        ("\"websocket\"", "\"sse\""),
        (
            "\"websocket\"",
            "\"short_poll\"\ninterval = [\"250ms\", \"1s\"]",
        ),
        ("[swarm]", "[link]\ndelay = [\"0s\", \"50ms\"]\n[swarm]"),
        (
            "[swarm]",
            "[traffic]\npayload = [10, { min = 1, max = 9 }]\n[swarm]",
        ),
        (
            "[swarm]",
            "[traffic]\npacing = [\"open\", { in_flight = 4 }]\nspeak = \"same\"\n[swarm]",
        ),
        (
            "clients = 10",
            "clients = 10\naccounting = { sample = 100 }",
        ),
        (
            "[swarm]",
            "[server]\nstall = { after = \"1s\", for = \"500ms\" }\n[swarm]",
        ),
    ] {
        let text = LEAST.replacen(right, other, 1);
        assert_eq!(complaint(&text), None, "{other}");
        let study = Study::from_text("x.toml", &text, &[]);
        assert!(study.is_ok(), "{other}: {:?}", study.err());
    }
}
