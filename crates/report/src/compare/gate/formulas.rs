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
    let earlier = rows(before);
    let doubted: BTreeSet<(RunGroup, String)> = earlier
        .into_iter()
        .filter(|row| row.within == Some(false))
        .map(|row| (place(&row), row.quantity))
        .collect();
    let mut found: BTreeMap<RunGroup, (usize, Vec<String>)> = BTreeMap::new();
    for row in rows(after) {
        let place = place(&row);
        let (held, wrong) = found.entry(place.clone()).or_default();
        let was_doubted = doubted.contains(&(place, row.quantity.clone()));
        match row.within {
            Some(false) if !was_doubted => wrong.push(words(&row)),
            Some(true) => *held += 1,
            _ => {}
        }
    }
    // Where nothing was measured, nothing is as computed.
    let checks = found
        .into_iter()
        .filter(|(_, (held, wrong))| *held > 0 || !wrong.is_empty());
    checks
        .map(|((transport, variant, cell), (held, wrong))| {
            let of_it = |one: &&Identity| one.transport == transport && one.variant == variant;
            let identity = known.iter().find(of_it);
            let way = identity.map_or(transport.clone(), |one| one.style.name.clone());
            let (outcome, text) = match wrong.first() {
                Some(first) => (
                    Outcome::Failed,
                    format!("{} unexplained, such as {first}", wrong.len()),
                ),
                None => (Outcome::Held, format!("{held} sizes are as computed")),
            };
            Check {
                kind: Kind::Formulas,
                way,
                cell,
                figure: "sizes by formula",
                outcome,
                text,
            }
        })
        .collect()
}

fn rows(side: &Side) -> Vec<PredictionRow> {
    let all = model::compare_all(&side.digest);
    all.filter(|row| row.unit == BYTES).collect()
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
