//! Tests that hold the table to the sources of pages and charts, and pages to the table.

mod left;
mod sources;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use serde_json::json;

pub(crate) use self::left::english;
use self::{
    left::{is_english, texts},
    sources::literals,
};
use super::{CHINESE, Lang, catalogue::Catalogue, chinese};
use crate::{compare, html, table};

/// The sources whose texts pages, charts and tables show.
const SHOWN: [&str; 45] = [
    "report/src/html",
    "report/src/html.rs",
    "report/src/figure",
    "report/src/figure.rs",
    "report/src/table/capacity.rs",
    "report/src/table/grid.rs",
    "report/src/table/objectives.rs",
    "report/src/compare/difference.rs",
    "report/src/compare/gate",
    "report/src/compare/gate.rs",
    "report/src/compare/show.rs",
    "claims/src/abril_5_updates.rs",
    "claims/src/assessment.rs",
    "claims/src/bozdag_coherence.rs",
    "claims/src/bth_payload.rs",
    "claims/src/cometd_chat.rs",
    "claims/src/hpbn_idle.rs",
    "claims/src/kaazing_headers.rs",
    "claims/src/page.rs",
    "claims/src/pimentel_threshold.rs",
    "claims/src/rfc6202_model.rs",
    "claims/src/rule.rs",
    "claims/src/shortpoll_uniform.rs",
    "claims/src/table.rs",
    "claims/src/wrk2_stall.rs",
    "wirebench/src/advise/sheets",
    "wirebench/src/advise/sheets.rs",
    "wirebench/src/proxies/finding.rs",
    "wirebench/src/proxies/lines.rs",
    "wirebench/src/proxies/page.rs",
    "chart/src/bars.rs",
    "chart/src/border.rs",
    "chart/src/grouped.rs",
    "chart/src/heat.rs",
    "chart/src/legend.rs",
    "chart/src/plot.rs",
    "chart/src/stack.rs",
    "analysis/src/caption.rs",
    "analysis/src/chance/family.rs",
    "analysis/src/crossover.rs",
    "analysis/src/effect.rs",
    "analysis/src/metric",
    "analysis/src/model",
    "analysis/src/model.rs",
    "analysis/src/swept.rs",
];
/// Further sources of the rows: names, words of verdicts, formulas.
const NAMED: [&str; 33] = [
    "report/src/table",
    "report/src/table.rs",
    "analysis/src",
    "wire/src",
    "results/src",
    "claims/src/finding.rs",
    "claims/src/statement.rs",
    "claims/src/words.rs",
    "wirebench/src/advise/calibration",
    "wirebench/src/advise/calibration.rs",
    "wirebench/src/advise/prove.rs",
    "wirebench/src/advise/workload.rs",
    "wirebench/src/capacity/show.rs",
    "wirebench/src/claims.rs",
    "wirebench/src/compare.rs",
    "wirebench/src/calibration.rs",
    "wirebench/src/certificates.rs",
    "wirebench/src/generator.rs",
    "wirebench/src/interrupt.rs",
    "wirebench/src/ledger.rs",
    "wirebench/src/manifest.rs",
    "wirebench/src/measure/no_chat",
    "wirebench/src/plot.rs",
    "wirebench/src/proxies",
    "wirebench/src/proxies.rs",
    "wirebench/src/progress",
    "wirebench/src/render",
    "wirebench/src/render.rs",
    "wirebench/src/run.rs",
    "wirebench/src/validity.rs",
    "wirebench/src/rows",
    "wirebench/src/rows.rs",
    "wirebench/src/waiting.rs",
];
/// The files of claims, whose figures and notes have rows.
const CLAIMS: &str = "../scenarios/claims";

/// The folders of results whose pages are looked at.
const FIXTURES: [&str; 5] = ["one_cell", "sweep", "delays", "payloads", "silence"];

/// The reason for which a fixture's run is not valid, and such a reason as it is written now.
const OLD_REASON: &str = "the generator was late by 212 ms at p99";
const REASON: &str = "\"the generator was late: 12.0 ms in the median, the limit is 10 ms\"";

type Tables = BTreeMap<String, BTreeMap<String, String>>;

fn tables() -> Tables {
    toml::from_str(CHINESE).expect("a table")
}

/// Returns the table without one row.
fn without(row: &str) -> Catalogue {
    let mut tables = tables();
    let removed = tables.values_mut().filter_map(|table| table.remove(row));
    assert_eq!(removed.count(), 1, "{row}");
    Catalogue::read(&toml::to_string(&tables).expect("a text")).expect("a table")
}

/// Returns a row as its pieces between the holes, without the marks at their ends.
fn pieces(text: &str) -> Vec<String> {
    let plain = ["{*}", "{n}", "{?}"]
        .iter()
        .fold(text.to_owned(), |text, hole| text.replace(hole, "{}"));
    let bare = |piece: &str| {
        piece
            .trim_matches([' ', '.', ',', ';', ':', '(', ')'])
            .to_owned()
    };
    plain
        .split("{}")
        .map(bare)
        .filter(|piece| !piece.is_empty())
        .collect()
}

/// Returns a copy of a fixture as a run leaves it: with a manifest and predictions.
fn folder(name: &str) -> tempfile::TempDir {
    let from = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../results/tests/fixture")
        .join(name);
    let folder = tempfile::tempdir().expect("a folder");
    for file in ["runs.csv", "ladder.csv", "ledger.csv", "timeline.csv"] {
        fs::copy(from.join(file), folder.path().join(file)).expect("copied");
    }
    let transports = json!([{ "kind": "websocket" }, { "kind": "short_poll", "interval": "1s" }]);
    let path = folder.path().join("runs.csv");
    let runs = fs::read_to_string(&path)
        .expect("rows")
        .replace(OLD_REASON, REASON);
    fs::write(&path, runs).expect("written");
    let manifest = json!({
        "wirebench": "0.1.0", "started": "2026-01-31T12:34:56Z", "ended": "complete",
        "command": ["run", "x.toml"],
        "machine": { "processor": "a processor", "processors": 2 },
        "hygiene": { "tls": false, "compression": false },
        "scenario": {
            "name": "synthetic", "motive": "M.", "expect": "E.", "seed": 7,
            "cells": [{ "label": "-", "scenario": {
                "objective": { "lost": 0, "websocket": { "p99": "< 1us" } },
                "traffic": { "rate": 4 }, "transport": transports,
            } }],
        },
    });
    fs::write(folder.path().join("manifest.json"), manifest.to_string()).expect("written");
    let store = results::Store::open(folder.path()).expect("a folder");
    let digest = analysis::digest::of_folder(&store);
    let predictions = analysis::model::compare_all(&digest);
    analysis::model::prediction::write(predictions, folder.path()).expect("written");
    folder
}

fn page(name: &str, lang: Lang) -> String {
    html::page_in(folder(name).path(), None, lang).expect("a page")
}

/// Returns every text of the English pages.
fn shown() -> BTreeSet<String> {
    FIXTURES
        .iter()
        .flat_map(|name| texts(&page(name, Lang::En)))
        .collect()
}

fn files(of: &[&str]) -> Vec<PathBuf> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    of.iter()
        .flat_map(|path| sources::files(&crates.join(path)))
        .collect()
}

/// Returns the texts of the files of claims, with single blanks between their words.
fn claims() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join(CLAIMS);
    let files = fs::read_dir(folder).expect("the claims");
    let text = |file: PathBuf| fs::read_to_string(file).expect("a claim");
    let texts = files.map(|entry| text(entry.expect("an entry").path()));
    texts
        .map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect()
}

#[test]
fn every_text_of_the_sources_has_a_translation() {
    let rows: Vec<String> = tables()
        .into_values()
        .flatten()
        .map(|(english, _)| english)
        .collect();
    let rows: Vec<String> = rows.iter().flat_map(|row| pieces(row)).collect();
    let mut missing = Vec::new();
    for file in files(&SHOWN) {
        for text in literals(&fs::read_to_string(&file).expect("a source")) {
            // A command stays what it is.
            if text.starts_with("wirebench ") {
                continue;
            }
            let sentences = pieces(&text).into_iter().filter(|piece| is_english(piece));
            let alone = sentences.filter(|piece| !rows.iter().any(|row| row.contains(piece)));
            missing.extend(alone.map(|piece| format!("{}: {piece}", file.display())));
        }
    }
    assert!(
        missing.is_empty(),
        "no Chinese for:\n{}",
        missing.join("\n")
    );
}

#[test]
fn every_row_is_of_the_sources() {
    let sources = files(&SHOWN).into_iter().chain(files(&NAMED));
    let texts = sources.flat_map(|file| literals(&fs::read_to_string(file).expect("a source")));
    let all = texts.chain(claims()).collect::<Vec<_>>().join("\n");
    let mut unused = Vec::new();
    for (name, table) in tables() {
        for row in table.keys() {
            let pieces = pieces(row);
            let is_there = match name.as_str() {
                // Sentences that are put together word by word.
                "composed" => {
                    let words = row.split([' ', ',', ':', ';', '(', ')', '%']);
                    words
                        .filter(|word| !word.contains('{'))
                        .all(|word| all.contains(word))
                }
                // Names and units also come from settings and files.
                "kept" => true,
                _ => pieces.iter().all(|piece| all.contains(piece)),
            };
            if !is_there {
                unused.push(format!("[{name}] {row}"));
            }
        }
    }
    assert!(unused.is_empty(), "no source says:\n{}", unused.join("\n"));
}

#[test]
fn no_english_is_left_on_a_page() {
    for name in FIXTURES {
        let page = page(name, Lang::Zh);
        assert!(page.contains("<html lang=\"zh-CN\">"), "{name}");
        assert!(page.contains("font-family:'Noto Sans SC'"), "{name}");
        assert_eq!(english(&page), BTreeSet::new(), "{name}");
        assert!(!english(&self::page(name, Lang::En)).is_empty(), "{name}");
    }
}

#[test]
fn no_english_is_left_in_a_table() {
    for name in FIXTURES {
        let folder = folder(name);
        let store = results::Store::open(folder.path()).expect("a folder");
        let digest = analysis::digest::of_folder(&store);
        let comparison = analysis::CellTable::of(&digest);
        let table = |lang| table::terminal_in(&comparison, u16::MAX, lang);
        let said = table(Lang::Zh);
        assert_eq!(english(&said.replace('\n', " ")), BTreeSet::new(), "{said}");
        assert!(!english(&table(Lang::En).replace('\n', " ")).is_empty());
        // What is drawn stays in its place, although Chinese is twice as wide.
        let drawn = said
            .lines()
            .filter(|line| line.starts_with(['│', '┌', '╞', '└']));
        let widths: BTreeSet<usize> = drawn.map(sheet::width).collect();
        assert_eq!(widths.len(), 1, "{said}");
    }
}

#[test]
fn no_english_is_left_in_a_comparison() {
    let folders = ["one_cell", "one_cell"].map(folder);
    let [before, after] = compare::Side::open(folders[0].path(), folders[1].path()).expect("sides");
    let compared = compare::compare(&before, &after).expect("comparable");
    let said = compare::terminal_in(&compared, u16::MAX, Lang::Zh);
    let names = compared.names.join("|");
    let foreign = english(&said.replace('\n', " "));
    let left: Vec<&String> = foreign
        .iter()
        .filter(|text| !names.contains(text.split(' ').next().unwrap_or_default()))
        .collect();
    assert!(left.is_empty(), "{left:?}");
    assert!(
        said.contains("在波动之内") && said.contains("不能断定"),
        "{said}"
    );
}

#[test]
fn a_row_that_is_missing_is_seen() {
    let shown = shown();
    let left = |catalogue: &Catalogue| {
        let said: Vec<String> = shown.iter().map(|text| catalogue.say(text)).collect();
        english(&said.join("<>"))
    };
    assert_eq!(left(chinese()), BTreeSet::new());
    for row in [
        "median latency",
        "What is unfair about this comparison",
        "{} delivers fastest: {} within {n}",
        "How long a message takes to arrive, by percentile",
        "median of {n} repeats, whiskers from least to most",
    ] {
        assert!(!left(&without(row)).is_empty(), "{row}");
    }
}

#[test]
fn what_is_translated_stays_as_it_is() {
    for text in shown() {
        let said = chinese().say(&text);
        assert_eq!(chinese().say(&said), said, "{text}");
    }
}

/// Reads the Chinese sentences of the scenarios, which are no part of this package.
fn sentences_of_scenarios() -> String {
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../scenario/src/shipped/zh.toml"
    );
    std::fs::read_to_string(file).expect("the sentences of the scenarios")
}

#[test]
fn every_character_has_a_glyph() {
    let scenarios = sentences_of_scenarios();
    let wanted = tables()
        .into_values()
        .flatten()
        .flat_map(|(_, said)| said.chars().collect::<Vec<_>>());
    let wanted = wanted.chain(scenarios.chars());
    let wanted: BTreeSet<char> = wanted.filter(|letter| *letter > '\u{2E7F}').collect();
    for face in chart::words::FACES {
        let face = ttf_parser::Face::parse(face, 0).expect("a face");
        let lacking = wanted
            .iter()
            .filter(|letter| face.glyph_index(**letter).is_none());
        let lacking: String = lacking.collect();
        assert!(
            lacking.is_empty(),
            "no glyph for {lacking}: run scripts/subset-font"
        );
    }
}

/// Checks that the sentences of scenarios pass a page as they are written.
#[test]
fn what_is_chinese_already_stays_as_it_is() {
    let scenarios: Tables = toml::from_str(&sentences_of_scenarios()).expect("a table");
    for (name, sentences) in scenarios {
        for (key, sentence) in sentences {
            assert_eq!(chinese().say(&sentence), sentence, "{name}.{key}");
        }
    }
}
