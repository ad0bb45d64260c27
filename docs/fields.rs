//! Reads the fields of a struct, and their doc comments, from the text of its source
//! file, and holds a generated file against its text. The tests that write reference pages
//! share it; nothing else does.

use std::{fs, path::Path};

/// A field of a struct: its name in files, its type, its attributes, and its doc
/// comment as one paragraph.
pub(super) struct Field {
    pub(super) name: String,
    pub(super) of: String,
    pub(super) doc: String,
    attributes: String,
}

impl Field {
    /// Returns whether the type is an `Option`.
    pub(super) fn is_option(&self) -> bool {
        self.of.starts_with("Option<")
    }

    /// Returns the type without the `Option` around it.
    pub(super) fn inner(&self) -> &str {
        let inner = self.of.strip_prefix("Option<");
        inner.map_or(&self.of, |rest| rest.trim_end_matches('>'))
    }

    /// Returns whether the field's own attributes have this word in them.
    pub(super) fn has(&self, word: &str) -> bool {
        self.attributes.contains(word)
    }
}

/// Reads the fields of `structure` from the text of its source file.
pub(super) fn fields(source: &str, structure: &str) -> Vec<Field> {
    let (mut found, mut doc, mut attributes) = (Vec::new(), Vec::new(), String::new());
    for line in body(source, &format!("pub struct {structure} {{")) {
        if let Some(text) = line.strip_prefix("///") {
            doc.push(text.trim());
        } else if let Some((name, of)) = line
            .strip_prefix("pub ")
            .and_then(|rest| rest.split_once(": "))
        {
            found.push(Field {
                name: renamed(&attributes).unwrap_or(name).to_owned(),
                of: of.trim_end_matches(',').to_owned(),
                doc: doc.join(" "),
                attributes: std::mem::take(&mut attributes),
            });
            doc.clear();
        } else {
            attributes.push_str(line);
        }
    }
    found
}

/// Returns the lines between `start` and the brace that closes it.
pub(super) fn body<'a>(source: &'a str, start: &str) -> impl Iterator<Item = &'a str> {
    let body = source.split(start).nth(1);
    let body = body.unwrap_or_else(|| panic!("no {start}"));
    let body = body.split("\n}").next().expect("the item ends");
    body.lines().map(str::trim).filter(|line| !line.is_empty())
}

/// Returns the name that `rename = "…"` gives.
fn renamed(attributes: &str) -> Option<&str> {
    attributes
        .split_once("rename = \"")
        .and_then(|(_, rest)| rest.split('"').next())
}

/// Asserts that a generated file, named by its path in the repository, holds `text`; writes it first
/// if `WIREBENCH_UPDATE_DOCS` is set. `filter` selects the test, as in
/// `--package wirebench-scenario keys`.
pub(crate) fn assert_up_to_date(file: &str, text: &str, filter: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(file);
    if std::env::var_os("WIREBENCH_UPDATE_DOCS").is_some() {
        fs::write(&path, text).expect("the generated file can be written");
    }
    let written = fs::read_to_string(&path).expect("the generated file is there");
    assert!(
        written == text,
        "{file} is out of date; run WIREBENCH_UPDATE_DOCS=1 cargo test {filter}"
    );
}
