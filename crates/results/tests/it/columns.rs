//! The page `docs/src/COLUMNS.md` is generated from the doc comments of the rows, so that each
//! column is described in one place.
//!
//! `WIREBENCH_UPDATE_DOCS=1 cargo test --package wirebench-results columns` writes it anew.

use std::{fmt::Write as _, fs};

use analysis::{
    metric::{self, Better},
    unit::Unit,
};
use results::{LadderRow, LedgerRow, Record, RunRow, TimelineRow, fields::Fields};

use self::fields::{assert_up_to_date, fields};

#[path = "../../../../docs/fields.rs"]
#[expect(
    dead_code,
    reason = "only the page of scenario keys asks for attributes"
)]
mod fields;

/// The sources of the rows.
const ROWS: &str = include_str!("../../src/row.rs");
const RUN: &str = include_str!("../../src/row/run.rs");

/// A file: its name, what a row of it is, and the struct that is one row.
struct File {
    name: &'static str,
    row: &'static str,
    source: &'static str,
    structure: &'static str,
    fields: fn() -> &'static Fields,
}

const FILES: [File; 4] = [
    File {
        name: RunRow::FILE,
        row: "a run: transport x cell x repeat",
        source: RUN,
        structure: "RunRow",
        fields: RunRow::fields,
    },
    File {
        name: LadderRow::FILE,
        row: "one percentile of one run",
        source: ROWS,
        structure: "LadderRow",
        fields: LadderRow::fields,
    },
    File {
        name: LedgerRow::FILE,
        row: "one account of one run",
        source: ROWS,
        structure: "LedgerRow",
        fields: LedgerRow::fields,
    },
    File {
        name: TimelineRow::FILE,
        row: "one second of one run",
        source: ROWS,
        structure: "TimelineRow",
        fields: TimelineRow::fields,
    },
];

const HEAD: &str = "# Columns of the result files

This page is generated from the doc comments of the code; a test checks that it is up to date.

A column name ends in its unit (`_us` microseconds, `_ms` milliseconds, `_bytes`, `_per_s`). Unit and direction are those of the figure of the same name where there is one, in tables, charts and objectives alike; *less* and *more* say what is better. *May be empty*: a run that cannot fill the column leaves it empty, and a file of an older version may lack it.
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

/// Returns the unit of a column, and the direction in which it is better: as the registry of figures
/// has them for a column of `runs.csv`, or else the unit by which the column is named.
fn unit(file: &File, column: &str) -> (&'static str, &'static str) {
    let shape = (file.fields)().shape(column).expect("a column has a shape");
    if file.structure != "RunRow" {
        return (Unit::of_name(column, shape).map_or("", Unit::name), "");
    }
    let better = match metric::of_column(column).map(|figure| figure.better) {
        Some(Better::Less) => "less",
        Some(Better::More) => "more",
        Some(Better::Neither) | None => "",
    };
    let unit = metric::unit_of_column(column);
    (unit.map_or("", Unit::name), better)
}

fn page() -> String {
    let mut page = HEAD.to_owned();
    for file in &FILES {
        let _ = write!(
            page,
            "\n## {}\n\nEach row is {}.\n\n\
             | column | type | unit | better | meaning |\n| --- | --- | --- | --- | --- |\n",
            file.name, file.row
        );
        for field in fields(file.source, file.structure) {
            let optional = if field.is_option() {
                ", may be empty"
            } else {
                ""
            };
            let (name, kind, doc) = (&field.name, kind(field.inner()), plain(&field.doc));
            let (unit, better) = unit(file, name);
            let _ = writeln!(
                page,
                "| `{name}` | {kind}{optional} | {unit} | {better} | {doc} |"
            );
        }
    }
    page
}

#[test]
fn the_page_of_columns_is_up_to_date() {
    assert_up_to_date(
        "docs/src/COLUMNS.md",
        &page(),
        "--package wirebench-results columns",
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
