//! The reliability of the rows: how few runs there are, and which are not valid.

use analysis::{cell::CellTable, chance::LEAST_RUNS};
use results::RunRow;

/// Returns the number of valid runs of the variant and cell that has the fewest, of those with any.
pub(super) fn fewest(cell_table: &CellTable<'_>) -> usize {
    valid_runs(cell_table).min().unwrap_or_default()
}

/// Returns the number of valid runs of each variant in each cell, where it has any.
fn valid_runs(cell_table: &CellTable<'_>) -> impl Iterator<Item = usize> {
    let variants = cell_table.cells.iter().flat_map(|cell| &cell.variants);
    let valid = variants.filter(|variant| variant.valid);
    valid.map(|variant| variant.runs.len())
}

/// Returns the sentence, with a reservation if the runs do not distinguish its order from chance.
pub(super) fn reserved(sentence: &str, is_told: bool, fewest: usize) -> String {
    match (is_told, fewest) {
        (true, _) => sentence.to_owned(),
        (false, 1) => format!("As far as single runs can tell, {sentence}"),
        (false, _) => format!("As far as so few runs can tell, {sentence}"),
    }
}

/// Returns the reasons why the answer may be wrong.
pub(super) fn doubts(cell_table: &CellTable<'_>) -> Vec<String> {
    let variants = || cell_table.cells.iter().flat_map(|cell| &cell.variants);
    let mut doubts = Vec::new();
    let few = fewest(cell_table);
    let are_equal = valid_runs(cell_table).all(|runs| runs == few);
    let who = if are_equal {
        "Each of these has"
    } else {
        "Some of these have"
    };
    let wanted = cell_table.family().runs_needed();
    let made = variants().map(|variant| variant.all.len()).max();
    let again = if made.is_some_and(|made| made >= wanted) {
        "The others are not valid: make the runs again on a machine that does nothing else"
            .to_owned()
    } else {
        format!("Run again with --set repeats={wanted}")
    };
    match few {
        1 if !are_equal => doubts.push(format!(
            "{who} only one valid run, which proves nothing; the sentences above leave out the \
             cells that hold them where other cells have enough. {again}."
        )),
        1 => doubts.push(format!(
            "{who} only one valid run, and one run proves nothing: a first look. Take the order \
             above as a guess and run again with --set repeats={wanted}."
        )),
        few if (2..LEAST_RUNS).contains(&few) => doubts.push(format!(
            "{who} only {few} valid runs: no interval and no verdict can be made of fewer than \
             {LEAST_RUNS}. {again}."
        )),
        few if few > 0 && few < wanted => doubts.push(format!(
            "{few} valid runs of each are few for so many pairs: with {wanted} each pair could be \
             told apart by itself (--set repeats={wanted})."
        )),
        _ => {}
    }
    let all: Vec<&RunRow> = variants()
        .flat_map(|variant| variant.all.iter().copied())
        .collect();
    let bad: Vec<&RunRow> = all.iter().copied().filter(|run| !run.valid).collect();
    if !bad.is_empty() {
        let mut who: Vec<String> = cell_table
            .identities
            .iter()
            .filter_map(|identity| {
                let own = |run: &&&RunRow| {
                    run.transport == identity.transport && run.variant == identity.variant
                };
                let count = bad.iter().filter(own).count();
                (count > 0).then(|| {
                    format!(
                        "{} {count} of {}",
                        identity.style.name,
                        all.iter().filter(own).count()
                    )
                })
            })
            .collect();
        who.dedup();
        let first = bad
            .iter()
            .map(|run| run.error.as_str())
            .find(|error| !error.is_empty());
        doubts.push(format!(
            "{} of {} runs are not valid and left out ({}). The first says: {}.",
            bad.len(),
            all.len(),
            who.join(", "),
            first.unwrap_or("no reason given")
        ));
    }
    doubts
}
