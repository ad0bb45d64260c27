//! Results folders that are written, read, cut short and damaged.

mod columns;
mod folders;
mod fuzz;
mod killed;
mod spreadsheets;

use std::path::{Path, PathBuf};

use results::{Rows, Store};

/// Returns the path of a synthetic results folder.
fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixture")
        .join(name)
}

/// Returns the rows of a synthetic folder, all of which are valid.
fn rows(name: &str) -> Rows {
    let reading = Store::open(fixture(name))
        .expect("the fixture is there")
        .read();
    assert_eq!(reading.complaints, [], "{name}");
    reading.rows
}
