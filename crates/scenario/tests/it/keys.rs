//! `docs/src/SCENARIOS.md` is made from the doc comments of the scenario's structs;
//! defaults are those of a scenario that gives no more than it must.
//!
//! `WIREBENCH_UPDATE_DOCS=1 cargo test --package wirebench-scenario keys` writes it anew.

use std::{collections::BTreeSet, fmt::Write as _};

use scenario::Study;
use toml::{Table, Value};

use self::{
    fields::{Field, assert_up_to_date, body, fields},
    sections::{GIVEN, HEAD, LEAST, SECTIONS, Section, TAIL, UNITS, WORDS},
};

#[path = "../../../../docs/fields.rs"]
pub(crate) mod fields;
mod sections;

/// Returns how a value of this type is written.
fn kind(of: &str) -> &'static str {
    match of {
        "String" => "text",
        "bool" => "true or false",
        "f64" => "number",
        "usize" | "u64" => "whole number",
        "Duration" => "duration",
        "Vec<String>" => "list of texts",
        "Vec<usize>" | "Vec<usize" => "list of whole numbers",
        "Vec<u16>" => "list of status codes",
        "toml::Table" => "table",
        "Accounting" => "word or `{ sample = N }`",
        "Arrivals" => "word or `{ burst = N }`",
        "Pacing" => "word or `{ in_flight = N }`",
        "Payload" => "whole number or `{ min = N, max = N }`",
        "Rate" => "text such as `2mbit`",
        "Buffering" => "word or size",
        "Method" => "`GET`, `POST`, `PUT` or `PATCH`",
        "Steps" => "a text, `{ wait = \"…\" }`, or a list of them",
        "Vec<Further>" => "list of `{ path = \"…\", body = \"…\" }`",
        "Vec<Reply>" => "list of `{ when = \"…\", send = \"…\" }`",
        "Http" => "`\"1.1\"` or `\"2\"`",
        "Tls" => "`false`, `\"1.2\"` or `\"1.3\"`",
        "Transport" => "`short_poll`, `long_poll`, `http_stream` or `websocket`",
        "EntryFraming" | "Protocol" | "Compression" | "Speak" | "Text" | "Side" | "Message"
        | "Grow" | "Doubts" | "CutKind" | "Policy" | "KeptPlace" | "ProxyKind" | "StoreKind"
        | "Envelope" | "Connection" | "History" | "Appendfsync" | "Io" | "WhenFull" | "Balance" => {
            "word"
        }
        "Answer" | "Agent" | "Swarm" | "Server" | "ServerStall" | "Traffic" | "Cut"
        | "Reconnect" | "Churn" | "Headers" | "LinkSettings" | "LinkCut" | "ProxySettings"
        | "TargetSettings" | "Capacity" | "Opening" | "Saying" | "Reading" => "section",
        "Vec<TransportEntry>" => "sections",
        other => panic!("say in `kind` how a {other} is written"),
    }
}

/// Returns the values of [`LEAST`], with all defaults filled in.
fn least() -> Table {
    let study = Study::from_text("least.toml", LEAST, &[]).expect("the least scenario is right");
    Table::try_from(&study.cells[0].scenario).expect("a scenario is a table")
}

/// Finds the value at `path`; of the transports, the first that has the key.
fn at(table: &Table, path: &str) -> Option<Value> {
    path.split('.')
        .try_fold(Value::Table(table.clone()), |value, key| match value {
            Value::Table(table) => table.get(key).cloned(),
            Value::Array(entries) => entries.iter().find_map(|entry| entry.get(key).cloned()),
            _ => None,
        })
}

fn joined(path: &str, key: &str) -> String {
    if path.is_empty() {
        key.to_owned()
    } else {
        format!("{path}.{key}")
    }
}

/// Returns the cell of a default: `required`, the value itself, or `-`.
fn default(section: &Section, field: &Field, table: &Table) -> String {
    let key = joined(section.path, &field.name);
    let start = format!("pub struct {} {{", section.structure);
    let before = section.source.split(&start).next().unwrap_or_default();
    let attributes = before.rsplit("#[derive").next().unwrap_or_default();
    let optional = field.is_option() || field.has("default") || attributes.contains("default)]");
    match at(table, &key) {
        _ if !optional => "required".to_owned(),
        Some(value) if key != GIVEN && !kind(field.inner()).starts_with("section") => {
            format!("`{value}`")
        }
        // A manifest leaves some defaults out.
        None => said(field).map_or("-".to_owned(), |said| {
            let is_bare = said.parse::<f64>().is_ok() || said.parse::<bool>().is_ok();
            let quote = if is_bare { "" } else { "\"" };
            format!("`{quote}{said}{quote}`")
        }),
        _ => "-".to_owned(),
    }
}

/// Returns the value that a doc comment gives after the word "Default".
fn said(field: &Field) -> Option<&str> {
    let rest = field.doc.split("Default ").nth(1)?;
    let value = rest.split([',', ':', ';', ' ']).next()?;
    Some(value.trim_end_matches('.').trim_matches(['`', '"']))
}

/// Returns the unit of a key.
fn unit(key: &str, of: &str) -> &'static str {
    let known = UNITS.iter().find(|(other, _)| *other == key);
    match (of, known) {
        (_, Some((_, unit))) => unit,
        ("Duration", None) => "given with the value",
        ("Rate", None) => "bits a second",
        ("Buffering", None) => "bytes",
        ("usize" | "u64" | "f64", None) => panic!("say in `UNITS` what {key} counts"),
        _ => "",
    }
}

/// Returns a doc comment as a cell of a table: without links, and without the
/// sentence about the default, which has a column.
fn plain(doc: &str) -> String {
    let doc = doc
        .replace("[`", "`")
        .replace("`]", "`")
        .replace('|', "\\|");
    let sentences = doc.split_inclusive(". ").filter(|sentence| {
        let rest = sentence.trim().strip_prefix("Default ");
        rest.is_none_or(|rest| rest.contains([' ', ',', ':', ';']))
    });
    sentences.collect::<String>().trim().to_owned()
}

/// Returns the words of an enum, each with its doc comment.
fn words(source: &str, name: &str) -> Vec<(String, String)> {
    let (mut found, mut doc) = (Vec::new(), Vec::new());
    for line in body(source, &format!("pub enum {name} {{")) {
        if let Some(text) = line.strip_prefix("///") {
            doc.push(text.trim());
        } else if let Some(variant) = line.strip_suffix(',') {
            let mut word = String::new();
            for (index, letter) in variant.char_indices() {
                if index > 0 && letter.is_uppercase() {
                    word.push('_');
                }
                word.push(letter.to_ascii_lowercase());
            }
            found.push((word, doc.join(" ")));
            doc.clear();
        }
    }
    found
}

fn section(page: &mut String, section: &Section, table: &Table) {
    let _ = write!(
        page,
        "\n## {}\n\n{}\n\n| key | type | default | unit | meaning |\n| --- | --- | --- | --- | --- |\n",
        section.heading, section.about
    );
    for field in fields(section.source, section.structure) {
        let key = joined(section.path, &field.name);
        let of = field.inner();
        let _ = writeln!(
            page,
            "| `{}` | {} | {} | {} | {} |",
            field.name,
            kind(of),
            default(section, &field, table),
            unit(&key, of),
            plain(&field.doc)
        );
    }
    let here = |(_, _, key): &&(&str, &str, &str)| {
        !section.path.is_empty() && key.contains(&format!("{}.", section.path))
    };
    for (name, source, key) in WORDS.iter().filter(here) {
        let _ = write!(page, "\nThe words of `{key}`:\n\n");
        for (word, doc) in words(source, name) {
            let _ = writeln!(page, "- `{word}`: {doc}");
        }
    }
}

fn page() -> String {
    let (mut page, table) = (HEAD.to_owned(), least());
    for one in &SECTIONS {
        section(&mut page, one, &table);
    }
    page + TAIL
}

#[test]
fn the_page_of_keys_is_up_to_date() {
    assert_up_to_date(
        "docs/src/SCENARIOS.md",
        &page(),
        "--package wirebench-scenario keys",
    );
}

/// Checks that a key that nobody knows is refused with those that there are: they are the ones
/// on the page.
#[test]
fn the_parser_knows_the_keys_of_the_page() {
    for one in &SECTIONS {
        let path = one.path.replace("transport", "transport[0]");
        let wrong = if one.path == "transport" {
            LEAST.replacen("kind = \"short_poll\"", "kind = \"short_poll\"\nzzz = 1", 1)
        } else if one.path.is_empty() {
            format!("zzz = 1\n{LEAST}")
        } else {
            LEAST.to_owned()
        };
        let set = format!("{path}.zzz=1");
        let sets: &[String] = if wrong == LEAST { &[set] } else { &[] };
        let refusal = Study::from_text("least.toml", &wrong, sets).expect_err(one.heading);
        let text = refusal.to_string();
        let (_, known) = text.split_once("eys here: ").expect(&text);
        let known: BTreeSet<&str> = known.split(", ").collect();
        let shown = fields(one.source, one.structure);
        let shown: BTreeSet<&str> = shown.iter().map(|field| field.name.as_str()).collect();
        if one.path == "transport" {
            assert!(known.is_subset(&shown), "{known:?}");
        } else {
            assert_eq!(known, shown, "{}", one.heading);
        }
    }
}

/// Checks that the defaults in doc comments are those of the code.
#[test]
fn defaults_in_doc_comments_are_the_real_ones() {
    let (table, mut compared) = (least(), 0);
    for one in &SECTIONS {
        for field in fields(one.source, one.structure) {
            let key = joined(one.path, &field.name);
            let (Some(said), Some(real)) = (said(&field), at(&table, &key)) else {
                continue;
            };
            let real = real.to_string();
            let real = real.trim_matches('"').trim_end_matches(".0");
            // A list is described in words: "204 and 304".
            if !real.starts_with('[') {
                assert_eq!(said, real, "{key}");
                compared += 1;
            }
        }
    }
    assert!(compared > 15, "only {compared} defaults were found");
}
