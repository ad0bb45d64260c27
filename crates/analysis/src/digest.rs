//! Digests of folders and rows, with the rungs and seconds of the cells whose own figures
//! are drawn: the ends of a sweep.

use results::{Digest, Rows, Store};

use crate::{capacity, cell};

/// Reduces rows that are in memory, such as those of a few runs.
#[must_use]
pub fn of_rows(rows: &Rows) -> Digest {
    Digest::of(rows, cell::ends)
}

/// Reduces a folder while it is read, row by row, with what is wrong in all of its files.
#[must_use]
pub fn of_folder(store: &Store) -> Digest {
    store.digest(cell::ends, capacity::read(store.dir()).1)
}

/// Reduces two folders. The figures of single cells are those of the ends of what both
/// have.
#[must_use]
pub fn of_both(before: &Store, after: &Store) -> [Digest; 2] {
    Store::digest_both(before, after, cell::ends)
}
