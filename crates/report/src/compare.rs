//! A comparison of two results folders: the settings that changed, and their effects.
//!
//! A difference counts only if it can be distinguished from chance, by the rule of
//! [`analysis::chance`], over all figures that are compared. Repeats within one folder cannot show
//! what else separates two folders beside the intended change (another day, another load on the
//! machine), so the differences of scenario, machine and version are listed first.

pub(crate) mod change;
mod difference;
pub mod gate;
mod show;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

pub use self::{
    change::Change,
    difference::{Difference, RULE, Verdict},
    show::{csv, json, markdown, markdown_in, terminal, terminal_in},
};
use analysis::{
    cell::{CellTable, VariantRuns},
    chance::Family,
    metric::{COMPARED, Metric},
    series::{Identity, identities},
};
use results::{
    Because, Digest, Store, StoreError,
    manifest::{self, Manifest},
};

/// The reasons why two folders cannot be compared.
#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    /// A folder cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A folder has no run to compare.
    #[error("{}: no run in runs.csv, so there is nothing to compare{}", .0.display(), .1)]
    NoRuns(PathBuf, Because),
    /// The folders have no variant and cell in common.
    #[error(
        "{0} and {1} have no transport and cell in common; compare two runs of the same scenario"
    )]
    NothingInCommon(String, String),
}

/// A results folder that has been read.
#[derive(Debug)]
pub struct Side {
    /// The folder's name.
    pub name: String,
    /// The contents of `manifest.json`; `None` if the file is missing or cannot be read.
    pub manifest: Option<Manifest>,
    /// The digest of the folder's rows, and what was left out of it.
    pub digest: Digest,
}

/// The comparison of two folders.
#[derive(Debug)]
pub struct Compared {
    /// The folders' names, before and after.
    pub names: [String; 2],
    /// The values of the manifests that changed.
    pub changes: Vec<Change>,
    /// The differences of the figures that both folders have.
    pub differences: Vec<Difference>,
    /// The family of tests that these differences form.
    pub family: Family,
    /// The variants and cells that have no runs on one side, or runs that are not valid.
    pub standings: Vec<ValidityChange>,
    /// The checks of a gate, of all groups.
    pub checks: Vec<gate::Check>,
}

/// The valid runs of one variant in one cell on each side, recorded unless both sides have runs and
/// all of these are valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValidityChange {
    /// The variant's name.
    pub name: String,
    /// The cell.
    pub cell: String,
    /// Valid runs and all runs, before and after.
    pub valid: [(usize, usize); 2],
}

/// The outcome of the regression gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// No figure became worse.
    Passed,
    /// Something became worse.
    Regression,
    /// No figure has the repeats that a verdict needs.
    CannotTell,
}

impl Gate {
    /// Returns the word for the outcome in files.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Regression => "regression",
            Self::CannotTell => "cannot tell",
        }
    }
}

impl Side {
    /// Reads two folders.
    ///
    /// # Errors
    /// Fails if one is no results folder or holds no run.
    pub fn open(before: &Path, after: &Path) -> Result<[Self; 2], CompareError> {
        let stores = [Store::open(before)?, Store::open(after)?];
        let [one, other] = analysis::digest::of_both(&stores[0], &stores[1]);
        Ok([Self::of(before, one)?, Self::of(after, other)?])
    }

    fn of(folder: &Path, digest: Digest) -> Result<Self, CompareError> {
        if digest.runs.is_empty() {
            let first = digest.complaints.into_iter().next();
            return Err(CompareError::NoRuns(folder.to_owned(), Because(first)));
        }
        let name = folder.file_name().unwrap_or(folder.as_os_str());
        Ok(Self {
            name: name.to_string_lossy().into_owned(),
            manifest: manifest::read(folder),
            digest,
        })
    }
}

/// A variant and a cell, in the order in which they are listed.
type Key<'a> = (&'a str, usize);

/// Compares two folders; the first is the one that was before.
///
/// # Errors
/// Fails if they have no variant and cell in common.
pub fn compare(before: &Side, after: &Side) -> Result<Compared, CompareError> {
    let known = identities(before.digest.runs.iter().chain(&after.digest.runs));
    let sides = [before, after].map(|side| CellTable::of(&side.digest));
    let order: Vec<&str> = {
        // Cells as the later folder has them, then those that only the earlier has.
        let names = |side: usize| sides[side].cells.iter().map(|cell| cell.name);
        let gone = names(0).filter(|name| names(1).all(|other| other != *name));
        names(1).chain(gone).collect()
    };
    let found = [places(&sides[0], &known), places(&sides[1], &known)];
    let none = Manifest::default();
    let manifests = [before, after].map(|side| side.manifest.as_ref().unwrap_or(&none));
    let mut compared = Compared {
        names: [before.name.clone(), after.name.clone()],
        changes: change::changes(manifests[0], manifests[1]),
        differences: Vec::new(),
        family: Family::of([]),
        standings: Vec::new(),
        checks: gate::of_sides([before, after]).into(),
    };
    let mut pairs = Vec::new();
    for cell in order {
        let mut ways = Vec::new();
        for (at, identity) in known.iter().enumerate() {
            let pair = [&found[0], &found[1]].map(|side| side.get(&(cell, at)).copied());
            compared.standings.extend(standing(identity, cell, pair));
            compared.checks.extend(gate::of_pair(identity, cell, pair));
            if let [Some(one), Some(other)] = pair {
                ways.push((identity, [one, other]));
                let quantities = COMPARED.iter();
                let all = quantities
                    .filter_map(|quantity| difference(identity, cell, quantity, one, other));
                compared.differences.extend(all);
            }
        }
        pairs.extend(gate::of_cell(cell, &ways));
    }
    if compared.differences.is_empty() && found[0].keys().all(|place| !found[1].contains_key(place))
    {
        let [one, other] = compared.names;
        return Err(CompareError::NothingInCommon(one, other));
    }
    compared.family = difference::judge(&mut compared.differences);
    let formulas = gate::of_formulas(before, after, &known);
    compared.checks.extend(formulas);
    compared.checks.extend(gate::judge(pairs));
    compared
        .checks
        .extend(gate::of_times(&compared.differences));
    Ok(compared)
}

fn places<'c, 'a>(
    side: &'c CellTable<'a>,
    known: &[Identity],
) -> BTreeMap<Key<'a>, &'c VariantRuns<'a>> {
    let mut places = BTreeMap::new();
    for cell in &side.cells {
        for variant in &cell.variants {
            let own = &side.identities[variant.identity];
            let at = known.iter().position(|identity| {
                identity.transport == own.transport && identity.variant == own.variant
            });
            // Every variant of a side is one of both sides together.
            if let Some(at) = at {
                places.insert((cell.name, at), variant);
            }
        }
    }
    places
}

fn standing(
    identity: &Identity,
    cell: &str,
    pair: [Option<&VariantRuns<'_>>; 2],
) -> Option<ValidityChange> {
    let valid = pair.map(|side| {
        side.map_or((0, 0), |side| {
            (
                side.all.iter().filter(|run| run.valid).count(),
                side.all.len(),
            )
        })
    });
    let all_well = valid.iter().all(|(valid, all)| valid == all && *all > 0);
    (valid != [(0, 0); 2] && !all_well).then(|| ValidityChange {
        name: identity.style.name.clone(),
        cell: cell.to_owned(),
        valid,
    })
}

fn difference(
    identity: &Identity,
    cell: &str,
    quantity: &'static Metric,
    before: &VariantRuns<'_>,
    after: &VariantRuns<'_>,
) -> Option<Difference> {
    // Figures of runs that are not valid are no evidence of anything.
    if !(before.valid && after.valid) {
        return None;
    }
    let samples = [before, after].map(|side| quantity.sample(&side.runs));
    Difference::between(&identity.style.name, cell, quantity, &samples)
}

impl ValidityChange {
    /// Returns whether there were valid runs before and there are none now.
    #[must_use]
    pub fn is_worse(&self) -> bool {
        self.valid[0].0 > 0 && self.valid[1].0 == 0 && self.valid[1].1 > 0
    }
}

impl Compared {
    /// Returns the differences that have the given verdict.
    pub fn of(&self, verdict: Verdict) -> impl Iterator<Item = &Difference> {
        self.differences
            .iter()
            .filter(move |difference| difference.verdict == verdict)
    }

    /// Returns the number of repeats of the side and figure that has the fewest.
    #[must_use]
    pub fn fewest(&self) -> usize {
        let all = self.differences.iter().map(|one| one.effect.repeats);
        all.min().unwrap_or_default()
    }

    /// Returns whether anything became worse. A gate that cannot tell does not pass.
    #[must_use]
    pub fn gate(&self) -> Gate {
        let worse = self.of(Verdict::Worse).next().is_some();
        if worse || self.standings.iter().any(ValidityChange::is_worse) {
            Gate::Regression
        } else if self.family.able == 0 && self.of(Verdict::CannotTell).next().is_some()
            || self.differences.is_empty()
        {
            Gate::CannotTell
        } else {
            Gate::Passed
        }
    }
}

#[cfg(test)]
mod tests;
