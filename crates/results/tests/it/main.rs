//! Folders that are written, read, cut short and spoiled.

mod columns;
mod folders;
mod killed;

use std::path::{Path, PathBuf};

use results::{Rows, Store};

/// A synthetic results folder.
fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixture")
        .join(name)
}

/// Its rows, which are all in order.
fn rows(name: &str) -> Rows {
    let reading = Store::open(fixture(name))
        .expect("the fixture is there")
        .read();
    assert_eq!(reading.complaints, [], "{name}");
    reading.rows
}
