//! Tests from CSV to figures, tables and pages, also of folders with faults.

mod book;
mod drawing;
mod page;
mod spoiled;
mod told;

use std::path::{Path, PathBuf};

use results::{Rows, Store};

/// A synthetic results folder.
fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../results/tests/fixture")
        .join(name)
}

/// Returns the rows of a fixture, which are all in order.
fn rows(name: &str) -> Rows {
    let reading = Store::open(fixture(name))
        .expect("the fixture is there")
        .read();
    assert_eq!(reading.complaints, [], "{name}");
    reading.rows
}
