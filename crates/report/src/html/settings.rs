//! The machine, every setting, and the command that repeats the run.

use std::collections::BTreeMap;

use maud::{Markup, html};
use results::manifest::words;
use serde_json::Value;

use super::page_input::PageInput;
use analysis::unit;

/// The length above which a value gets the full width.
const WIDE: usize = 48;
pub(super) fn machine(input: &PageInput<'_>) -> Markup {
    let mut facts: Vec<(String, String)> = Vec::new();
    for (key, value) in input.manifest.conditions() {
        flatten(&key, &value, &mut facts);
    }
    html! {
        section id="machine" {
            h2 { "The machine and the way between" }
            @if facts.is_empty() { p { "The manifest does not say." } }
            (list(&facts))
        }
    }
}

pub(super) fn settings(input: &PageInput<'_>) -> Markup {
    let scenario = &input.manifest.scenario;
    let rows = by_key(input);
    html! {
        section id="settings" {
            h2 { "Every setting" }
            @if !scenario.motive.is_empty() { h3 { "Why it was asked" } p { (scenario.motive) } }
            @if !scenario.expect.is_empty() { h3 { "What its author expected" } p { (scenario.expect) } }
            @if !rows.is_empty() { h3 { "Values" } }
            (list(&rows))
        }
    }
}

/// Returns every value of every cell by key; the values of a sweep stand beside each other.
fn by_key(input: &PageInput<'_>) -> Vec<(String, String)> {
    let mut order: Vec<String> = Vec::new();
    let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for cell in input.cells() {
        let mut facts = Vec::new();
        for (key, value) in cell.scenario.values() {
            flatten(&key, &value, &mut facts);
        }
        for (key, value) in facts {
            if !values.contains_key(&key) {
                order.push(key.clone());
            }
            let known = values.entry(key).or_default();
            if !known.contains(&value) {
                known.push(value);
            }
        }
    }
    order
        .into_iter()
        .map(|key| {
            let all = values.remove(&key).unwrap_or_default().join("  ·  ");
            (key, all)
        })
        .collect()
}

pub(super) fn reproduce(input: &PageInput<'_>) -> Markup {
    let manifest = &input.manifest;
    let command = command(&manifest.command);
    let seed = manifest.scenario.seed;
    html! {
        section id="again" {
            h2 { "How to do it again" }
            @if command.is_empty() { p { "The manifest does not say how this was run." } }
            @else {
                p { "The same runs, in the same order, with the same schedule of messages:" }
                pre { code { (command) } }
            }
            (list(&[
                ("version".to_owned(), format!("wirebench {}", manifest.wirebench)),
                ("seed".to_owned(), seed.map_or_else(String::new, |seed| seed.to_string())),
                ("started".to_owned(), input.started()),
                ("ended".to_owned(), manifest.ended.word().to_owned()),
                ("runs".to_owned(), unit::grouped(input.digest.runs.len() as u64)),
            ]))
            p { "The charts again from the CSV files alone: " code { "wirebench plot FOLDER" }
                ". This page again: " code { "wirebench report FOLDER" }
                ". Two folders side by side: " code { "wirebench compare BEFORE AFTER" } "." }
        }
    }
}

/// Returns the command without the output folder, which means nothing to others.
fn command(arguments: &[String]) -> String {
    let mut parts = Vec::new();
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        if argument == "--out" {
            arguments.next();
        } else if !argument.starts_with("--out=") {
            parts.push(quoted(argument));
        }
    }
    if parts.is_empty() {
        String::new()
    } else {
        format!("wirebench {}", parts.join(" "))
    }
}

/// Quotes an argument so that a shell reads it back unchanged.
fn quoted(argument: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./=,:+@%".contains(letter);
    if !argument.is_empty() && argument.chars().all(plain) {
        argument.to_owned()
    } else {
        format!("'{}'", argument.replace('\'', "'\\''"))
    }
}

fn flatten(key: &str, value: &Value, facts: &mut Vec<(String, String)>) {
    match value {
        Value::Null => {}
        Value::Object(table) => {
            for (name, inner) in table {
                flatten(&format!("{key}.{name}"), inner, facts);
            }
        }
        Value::Array(items) if items.iter().any(Value::is_object) => {
            let all: Vec<String> = items.iter().map(words).collect();
            facts.push((key.to_owned(), all.join("  ·  ")));
        }
        Value::Number(number) if key.ends_with("memory_bytes") => {
            let bytes = number.as_f64().unwrap_or_default();
            facts.push((key.to_owned(), unit::bytes(bytes)));
        }
        other => facts.push((key.to_owned(), words(other))),
    }
}

fn list(facts: &[(String, String)]) -> Markup {
    html! {
        dl {
            @for (key, value) in facts {
                @if !value.is_empty() { div.wide[value.chars().count() > WIDE] { dt { (key) } dd { (value) } } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::command;

    #[test]
    fn a_command_that_a_shell_reads_back() {
        let arguments = [
            "run",
            "quick.toml",
            "--set",
            "traffic.rate=[1, 8]",
            "--out",
            "/tmp/x",
            "--out=/tmp/y",
        ]
        .map(str::to_owned);
        assert_eq!(
            command(&arguments),
            "wirebench run quick.toml --set 'traffic.rate=[1, 8]'"
        );
    }
}
