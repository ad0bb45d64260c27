//! Tests from CSV to figures, tables and pages, also of folders with faults.

mod book;
mod coming_back;
mod drawing;
mod page;
mod spoiled;
mod told;

use std::path::{Path, PathBuf};

use results::{Rows, Store};

/// Returns the path of a synthetic results folder.
fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../results/tests/fixture")
        .join(name)
}

/// Draws all figures of these rows into a folder, each as SVG and as PNG, and names the files.
fn draw_all(rows: &Rows, folder: &Path) -> Vec<PathBuf> {
    let figures = report::figure::all(rows).expect("figures");
    chart::write_all(&figures, folder).expect("written")
}

/// Returns the rows of a fixture, which are all in order.
fn rows(name: &str) -> Rows {
    let reading = Store::open(fixture(name))
        .expect("the fixture is there")
        .read();
    assert_eq!(reading.complaints, [], "{name}");
    reading.rows
}
