//! From CSV to figures and tables, and what happens to folders that are not
//! what they should be.

mod book;
mod columns;
mod drawing;
mod folders;
mod killed;
mod page;
mod spoiled;
mod told;

use std::path::{Path, PathBuf};

use report::{Rows, Store};

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
