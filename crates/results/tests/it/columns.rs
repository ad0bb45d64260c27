//! The page `docs/src/COLUMNS.md` is generated from the doc comments of the rows, so that each
//! column is described in one place.
//!
//! `WIREBENCH_UPDATE_DOCS=1 cargo test --package results columns` writes it anew.

use std::{fmt::Write as _, fs, path::Path};

use self::fields::fields;

#[path = "../../../../docs/fields.rs"]
#[expect(
    dead_code,
    reason = "only the page of scenario keys asks for attributes"
)]
mod fields;

/// The sources of the rows. `FILES` names, for each file, the struct that is one row of it.
const ROWS: &str = include_str!("../../src/row.rs");
const RUN: &str = include_str!("../../src/row/run.rs");
const FILES: [(&str, &str, &str, &str); 4] = [
    (
        "runs.csv",
        "a run: transport x cell x repeat",
        RUN,
        "RunRow",
    ),
    ("ladder.csv", "one percentile of one run", ROWS, "LadderRow"),
    ("ledger.csv", "one account of one run", ROWS, "LedgerRow"),
    ("timeline.csv", "one second of one run", ROWS, "TimelineRow"),
];

const HEAD: &str = "# Columns of the result files

This page is generated from the doc comments of the code; a test checks that it is up to date.

A column name ends in its unit (`_us` microseconds, `_ms` milliseconds, `_bytes`, `_per_s`). *May be empty*: a run that cannot fill the column leaves it empty, and a file of an older version may lack it.
";

/// Returns the name of the type for readers of the file.
fn kind(of: &str) -> &'static str {
    match of {
        "String" => "text",
        "bool" => "true or false",
        "f64" => "number",
        _ => "integer",
    }
}

/// Replaces links to other fields of a row by plain code.
fn plain(doc: &str) -> String {
    doc.replace("[`RunRow::", "`runs.csv`, `")
        .replace("`]", "`")
        .replace('|', "\\|")
}

fn page() -> String {
    let mut page = HEAD.to_owned();
    for (file, row, source, structure) in FILES {
        let _ = write!(
            page,
            "\n## {file}\n\nEach row is {row}.\n\n| column | type | meaning |\n| --- | --- | --- |\n"
        );
        for field in fields(source, structure) {
            let optional = if field.is_option() {
                ", may be empty"
            } else {
                ""
            };
            let (name, kind, doc) = (&field.name, kind(field.inner()), plain(&field.doc));
            let _ = writeln!(page, "| `{name}` | {kind}{optional} | {doc} |");
        }
    }
    page
}

#[test]
fn the_page_of_columns_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/src/COLUMNS.md");
    let page = page();
    if std::env::var_os("WIREBENCH_UPDATE_DOCS").is_some() {
        fs::write(&path, &page).expect("the page can be written");
    }
    let written = fs::read_to_string(&path).expect("the page is there");
    assert!(
        written == page,
        "docs/src/COLUMNS.md is out of date; run \
         WIREBENCH_UPDATE_DOCS=1 cargo test --package results columns"
    );
}

#[test]
fn every_column_of_a_file_is_described() {
    let header = fs::read_to_string(super::fixture("one_cell").join("runs.csv"))
        .expect("the fixture is there");
    let header: Vec<_> = header
        .lines()
        .next()
        .expect("a header")
        .split(',')
        .collect();
    let described = fields(RUN, "RunRow");
    let names: Vec<_> = described.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(names, header);
    for field in &described {
        assert!(field.doc.len() > 10, "{}: {:?}", field.name, field.doc);
    }
}
