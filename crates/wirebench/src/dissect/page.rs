//! A capture as one page that works offline: the tables, the chart, and what could not be read.

use std::{collections::BTreeSet, fs, path::Path};

use anyhow::Context;
use capture::{Captured, Conversation};
use dissect::{Direction, Layer};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use report::figure::{self, MOST_CONVERSATIONS};
use sheet::Sheet;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:76rem;\
                     padding:0 1rem;color:#111;background:#fff}table{border-collapse:collapse}\
                     th,td{padding:.2rem .6rem;border-bottom:1px solid #ccc;text-align:left;\
                     vertical-align:top}td.n{text-align:right;font-variant-numeric:tabular-nums}\
                     .wide{overflow-x:auto}svg{max-width:100%;height:auto}\
                     @media screen and (prefers-color-scheme:dark){body{color:#e7eaee;\
                     background:#1a1d21}th,td{border-color:#31373e}\
                     svg{filter:invert(.9) hue-rotate(180deg)}}";

/// Writes tables, chart and page of captures into a folder.
pub(super) fn write(folder: &Path, files: &[(String, Captured)]) -> anyhow::Result<()> {
    fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    let drawn = drawn(files);
    let caption = files.iter().map(|(name, _)| name.as_str());
    let caption = caption.collect::<Vec<_>>().join(", ");
    let mut svg = None;
    if !drawn.is_empty() {
        let figure = figure::of_conversations(&caption, &drawn)?;
        chart::write_all(std::slice::from_ref(&figure), &folder.join("figures"))?;
        svg = Some(figure.svg);
    }
    let conversations = capture::conversations(files, true);
    let accounts = capture::accounts(files);
    let page = page(files, [&conversations, &accounts], svg.as_deref()).into_string();
    for (name, text) in [
        ("conversations.csv", conversations.csv()),
        ("accounts.csv", accounts.csv()),
        ("report.html", page),
    ] {
        let file = folder.join(name);
        fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(())
}

/// Returns the words by which the chart tells conversations of several files apart, because each
/// file has its own numbers: the names of the files, with their folders where two are the same.
fn labels(files: &[(String, Captured)]) -> Vec<String> {
    if files.len() < 2 {
        return vec![String::new(); files.len()];
    }
    let short = |path: &String| {
        let name = Path::new(path).file_name();
        name.map_or_else(|| path.clone(), |name| name.to_string_lossy().into_owned())
    };
    let paths = files.iter().map(|(path, _)| path);
    let names: Vec<String> = paths.clone().map(short).collect();
    let are_apart = names.iter().collect::<BTreeSet<_>>().len() == names.len();
    let names = if are_apart {
        names
    } else {
        paths.cloned().collect()
    };
    names.into_iter().map(|name| format!("{name}, ")).collect()
}

/// Returns the conversations with the most bytes, for the chart, in the order of the table.
fn drawn(files: &[(String, Captured)]) -> Vec<figure::Conversation> {
    let labels = labels(files);
    let all = files
        .iter()
        .zip(&labels)
        .flat_map(|((_, captured), label)| {
            let numbered = captured.conversations.iter().enumerate();
            numbered.map(move |(index, one)| (format!("{label}{}", index + 1), one))
        });
    let mut all: Vec<(String, &Conversation)> = all.collect();
    let total =
        |one: &Conversation| -> u64 { Direction::ALL.map(|way| one.total(way)).iter().sum() };
    let mut totals: Vec<u64> = all.iter().map(|(_, one)| total(one)).collect();
    totals.sort_unstable_by(|one, other| other.cmp(one));
    let least = totals.get(MOST_CONVERSATIONS - 1).copied().unwrap_or(0);
    all.retain(|(_, one)| total(one) >= least.max(1));
    let drawn = all.into_iter().map(|(number, one)| figure::Conversation {
        name: format!("{number}: {}", one.kind),
        is_whole: one.ledger.unparsed() == 0,
        layers: Direction::ALL.map(|way| {
            let layers = Layer::ALL.into_iter();
            layers
                .map(|layer| (layer.name(), one.ledger.layer(way, layer)))
                .collect()
        }),
    });
    drawn.collect()
}

fn page(files: &[(String, Captured)], sheets: [&Sheet; 2], svg: Option<&str>) -> Markup {
    let [conversations, accounts] = sheets;
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "A capture, taken apart" }
                style { (STYLE) }
            }
            body {
                h1 { "A capture, taken apart" }
                @for (name, captured) in files {
                    p { (name) ": " (captured.conversations.len()) " conversations" (numbers(captured)) }
                    @if !captured.remarks.is_empty() {
                        ul { @for remark in &captured.remarks { li { (remark.to_string()) } } }
                    }
                }
                h2 { "Conversations" }
                div.wide { (table(conversations)) }
                @if let Some(svg) = svg {
                    h2 { "Where the bytes are" }
                    (PreEscaped(svg))
                }
                h2 { "Accounts" }
                div.wide { (table(accounts)) }
            }
        }
    }
}

/// Returns the numbers of a file of packets, in words that follow on a sentence.
fn numbers(captured: &Captured) -> String {
    captured.totals.map_or_else(String::new, |totals| {
        format!(
            "; {} packets, {} of them TCP, in {} connections",
            totals.packets, totals.segments, totals.connections
        )
    })
}

fn table(sheet: &Sheet) -> Markup {
    html! {
        table {
            thead { tr { @for name in sheet.names() { th { (name) } } } }
            tbody {
                @for row in sheet.texts() {
                    tr { @for (text, is_number) in row { td.n[is_number] { (text) } } }
                }
            }
        }
    }
}
