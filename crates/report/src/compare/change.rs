//! The differences between two manifests, value by value and named by key.

use std::collections::BTreeMap;

use results::manifest::{Leaf, Manifest, Part};

/// A value that differs between the two manifests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The part of the manifest that the value belongs to.
    pub part: Part,
    /// The key of the value, such as `traffic.rate`.
    pub key: String,
    /// The name of the cell, if the value does not differ in all cells.
    pub cell: Option<String>,
    /// The value before; `None` if the key was missing.
    pub before: Option<String>,
    /// The value after; `None` if the key is missing.
    pub after: Option<String>,
}

/// Returns all changes; a change that all cells share is listed once.
pub(super) fn changes(before: &Manifest, after: &Manifest) -> Vec<Change> {
    let (before, after) = (before.leaves(), after.leaves());
    let mut keys: Vec<&Leaf> = before.keys().chain(after.keys()).collect();
    keys.sort_unstable();
    keys.dedup();
    let mut changes: Vec<Change> = Vec::new();
    let mut cells: BTreeMap<(Part, &str), usize> = BTreeMap::new();
    for place in keys {
        let (part, key, cell) = place;
        *cells.entry((*part, key)).or_default() += 1;
        let (old, new) = (before.get(place), after.get(place));
        if old != new {
            changes.push(Change {
                part: *part,
                key: key.clone(),
                cell: cell.clone(),
                before: old.cloned(),
                after: new.cloned(),
            });
        }
    }
    told_once(&changes, |part, key| {
        cells.get(&(part, key)).copied().unwrap_or_default()
    })
}

/// Merges a change that every cell has into a single change without a cell.
fn told_once(changes: &[Change], cells_with: impl Fn(Part, &str) -> usize) -> Vec<Change> {
    let mut told: Vec<Change> = Vec::new();
    for change in changes {
        let same = |other: &&Change| {
            (other.part, &other.key, &other.before, &other.after)
                == (change.part, &change.key, &change.before, &change.after)
        };
        if changes.iter().filter(same).count() == cells_with(change.part, &change.key) {
            if !told.iter().any(|other| same(&other)) {
                told.push(Change {
                    cell: None,
                    ..change.clone()
                });
            }
        } else {
            told.push(change.clone());
        }
    }
    told
}
