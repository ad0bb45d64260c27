//! The checks by formula: the bytes of the later folder are those that can be computed.

use std::collections::{BTreeMap, BTreeSet};

use analysis::{
    model::{self, prediction::PredictionRow},
    series::Identity,
};

use super::{Check, Kind, Outcome};
use crate::compare::Side;

/// The unit of quantities that do not depend on how fast a machine is.
const BYTES: &str = "B";

/// The transport, the variant and the cell of a run.
type RunGroup = (String, String, String);

/// Returns a check for each way and cell of the later folder that formulas cover.
pub(in crate::compare) fn of_formulas(
    before: &Side,
    after: &Side,
    known: &[Identity],
) -> Vec<Check> {
    let (mut measured, mut doubted) = (BTreeSet::new(), BTreeSet::new());
    for row in rows(before).filter(|row| row.within.is_some()) {
        measured.insert(place(&row));
        if row.within == Some(false) {
            doubted.insert((place(&row), row.quantity));
        }
    }
    let mut found: BTreeMap<RunGroup, Sizes> = BTreeMap::new();
    for row in rows(after) {
        let place = place(&row);
        let sizes = found.entry(place.clone()).or_default();
        let was_doubted = doubted.contains(&(place, row.quantity.clone()));
        match row.within {
            Some(false) if was_doubted => sizes.doubted += 1,
            Some(false) => sizes.wrong.push(words(&row)),
            Some(true) => sizes.held += 1,
            None => {}
        }
    }
    let checks = found.into_iter().filter_map(|(place, sizes)| {
        let (outcome, text) = sizes.verdict(measured.contains(&place))?;
        let (transport, variant, cell) = place;
        let of_it = |one: &&Identity| one.transport == transport && one.variant == variant;
        let identity = known.iter().find(of_it);
        let way = identity.map_or(transport.clone(), |one| one.style.name.clone());
        Some(Check {
            kind: Kind::Formulas,
            way,
            cell,
            figure: "sizes by formula",
            outcome,
            text,
        })
    });
    checks.collect()
}

/// The measured sizes of a way in a cell.
#[derive(Debug, Default)]
struct Sizes {
    /// The number of those that are as computed.
    held: usize,
    /// The number of those that are not, as before.
    doubted: usize,
    /// The others that are not, in words.
    wrong: Vec<String>,
}

impl Sizes {
    /// Returns the outcome, and why. Where nothing is measured, nothing is as computed: there is no
    /// check, and if something `was_measured`, the later folder lacks what it should have.
    fn verdict(&self, was_measured: bool) -> Option<(Outcome, String)> {
        if let Some(first) = self.wrong.first() {
            let count = self.wrong.len();
            return Some((
                Outcome::Failed,
                format!("{count} unexplained, such as {first}"),
            ));
        }
        match (self.held, self.doubted) {
            (0, 0) if was_measured => {
                let text = "was counted before, and not now".to_owned();
                Some((Outcome::NotValid, text))
            }
            (0, _) => None,
            (held, _) => Some((Outcome::Held, format!("{held} sizes are as computed"))),
        }
    }
}

fn rows(side: &Side) -> impl Iterator<Item = PredictionRow> {
    let all = model::compare_all(&side.digest);
    all.filter(|row| row.unit == BYTES)
}

fn place(row: &PredictionRow) -> RunGroup {
    (row.transport.clone(), row.variant.clone(), row.cell.clone())
}

fn words(row: &PredictionRow) -> String {
    format!(
        "{}: {:.3} B predicted, {:.3} B measured in repeat {}",
        row.quantity,
        row.predicted,
        row.measured.unwrap_or_default(),
        row.repeat
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_measured_is_no_size_as_computed() {
        let of = |held, doubted, wrong: &[&str]| Sizes {
            held,
            doubted,
            wrong: wrong.iter().map(|&words| words.to_owned()).collect(),
        };
        let outcome = |sizes: &Sizes, was_measured| sizes.verdict(was_measured).map(|one| one.0);
        for was_measured in [false, true] {
            let outcome = |sizes| outcome(&sizes, was_measured);
            assert_eq!(outcome(of(1, 2, &["chunk"])), Some(Outcome::Failed));
            assert_eq!(outcome(of(1, 2, &[])), Some(Outcome::Held));
            assert_eq!(outcome(of(0, 2, &[])), None);
        }
        assert_eq!(outcome(&of(0, 0, &[]), false), None);
        assert_eq!(outcome(&of(0, 0, &[]), true), Some(Outcome::NotValid));
    }
}
