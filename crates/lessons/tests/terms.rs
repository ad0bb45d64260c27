//! A test that each idea has one Chinese term: `lessons/terms.toml` lists the terms, and no page,
//! lesson or hand-in sheet uses another.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::Deserialize;

#[derive(Debug, Deserialize)]
struct Terms {
    term: Vec<Term>,
}

#[derive(Debug, Deserialize)]
struct Term {
    en: String,
    zh: String,
    not: Vec<String>,
}

/// Folders and files that are read in Chinese.
const FOLDERS: [&str; 10] = [
    "lessons",
    "crates/classroom/page",
    "crates/classroom/src",
    "crates/server/page",
    "crates/lessons/src",
    "crates/wirebench/src/lab",
    "crates/report/src/words",
    "crates/scenario/src/shipped",
    "crates/wirebench/src/advise",
    "README.zh.md",
];

fn terms() -> Vec<Term> {
    let text = include_str!("../../../lessons/terms.toml");
    toml::from_str::<Terms>(text).unwrap().term
}

/// Returns every file below a folder; of a file, itself.
fn files(folder: &Path) -> Vec<PathBuf> {
    if folder.is_file() {
        return vec![folder.to_owned()];
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.file_name().is_some_and(|name| name != "terms.toml") {
            found.push(path);
        }
    }
    found
}

/// Returns the terms of a text that differ from those of the table.
fn variants<'a>(terms: &'a [Term], text: &str) -> Vec<(&'a str, &'a str)> {
    let all = terms
        .iter()
        .flat_map(|term| term.not.iter().map(|not| (not.as_str(), term.zh.as_str())));
    all.filter(|(not, _)| text.contains(not)).collect()
}

#[test]
fn one_idea_has_one_term() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let terms = terms();
    let mut chinese = String::new();
    for folder in FOLDERS {
        for file in files(&root.join(folder)) {
            let text = fs::read_to_string(&file).unwrap();
            for (number, line) in text.lines().enumerate() {
                let found = variants(&terms, line);
                assert!(
                    found.is_empty(),
                    "{}:{}: {found:?}",
                    file.display(),
                    number + 1
                );
            }
            chinese.push_str(&text);
        }
    }
    for term in &terms {
        assert!(
            chinese.contains(&term.zh),
            "nobody says {} ({})",
            term.zh,
            term.en
        );
    }
}

#[test]
fn a_variant_is_found() {
    let terms = terms();
    for term in &terms {
        assert!(!term.not.is_empty(), "{}", term.en);
        for not in &term.not {
            assert!(!not.is_ascii() && !term.zh.contains(not.as_str()), "{not}");
            assert!(!variants(&terms, &format!("这里的{not}不对")).is_empty());
        }
    }
}
