//! Digests of folders and rows that keep the rungs and seconds of the cells with figures of their
//! own, which are the ends of a sweep.

use results::{Digest, Rows, Store};

use crate::{capacity, cell};

/// Summarises rows that are in memory, such as those of a few runs.
#[must_use]
pub fn of_rows(rows: &Rows) -> Digest {
    Digest::of(rows, cell::ends)
}

/// Summarises a folder while it is read, row by row, with the complaints about all of its files.
#[must_use]
pub fn of_folder(store: &Store) -> Digest {
    store.digest(cell::ends, capacity::read(store.dir()).1)
}

/// Summarises two folders. The cells with figures of their own are the ends of the cells that both
/// have.
#[must_use]
pub fn of_both(before: &Store, after: &Store) -> [Digest; 2] {
    Store::digest_both(before, after, cell::ends)
}
