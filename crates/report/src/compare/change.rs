//! What differs between two manifests: every value, by its key.

use std::collections::BTreeMap;

use results::manifest::{Leaf, Manifest, Part};

/// One value that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What it belongs to.
    pub part: Part,
    /// Its key: `traffic.rate`.
    pub key: String,
    /// In which cell, where not in all of them.
    pub cell: Option<String>,
    /// What it was; nothing where it was not there.
    pub before: Option<String>,
    /// What it is.
    pub after: Option<String>,
}

/// All changes, those of every cell told once.
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

/// A change that every cell has is one change.
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
