//! Taking runs back out of a results folder: those that were cut short and are to
//! be made again.

use std::{collections::HashSet, fs, io, path::Path};

use crate::row::RunRow;

/// What a row's run is told by, in every file.
const KEY: [&str; 4] = ["transport", "variant", "cell", "repeat"];
/// Files with rows of runs, `runs.csv` first: what is left of a run in the others
/// if this is cut short is rows of a run that is not there, which readers leave out.
const FILES: [&str; 4] = ["runs.csv", "ladder.csv", "ledger.csv", "timeline.csv"];

/// Takes all rows of these runs out of a folder's files, each whole or not at all.
/// Without a run it does nothing.
///
/// # Errors
/// When a file cannot be read as CSV or written.
pub fn withdraw(folder: &Path, runs: &[RunRow]) -> io::Result<()> {
    if runs.is_empty() {
        return Ok(());
    }
    let keys: HashSet<[String; 4]> = runs
        .iter()
        .map(|run| {
            let (transport, variant) = (run.transport.clone(), run.variant.clone());
            [transport, variant, run.cell.clone(), run.repeat.to_string()]
        })
        .collect();
    for file in FILES {
        let path = folder.join(file);
        if path.is_file() {
            rewrite(&path, &keys)?;
        }
    }
    Ok(())
}

fn rewrite(path: &Path, keys: &HashSet<[String; 4]>) -> io::Result<()> {
    let mut reader = csv::Reader::from_path(path)?;
    let header = reader.headers()?.clone();
    let places = KEY.map(|name| header.iter().position(|column| column == name));
    let partial = path.with_extension("csv.partial");
    let mut writer = csv::Writer::from_path(&partial)?;
    writer.write_record(&header)?;
    for record in reader.records() {
        let record = record?;
        let field = |place: Option<usize>| place.and_then(|at| record.get(at)).unwrap_or_default();
        if !keys.contains(&places.map(|place| field(place).to_owned())) {
            writer.write_record(&record)?;
        }
    }
    writer.flush()?;
    fs::rename(partial, path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Store;

    #[test]
    fn one_run_goes_and_the_others_stay_as_they_are() {
        let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixture/one_cell");
        let folder = tempfile::tempdir().unwrap();
        for file in FILES {
            fs::copy(fixture.join(file), folder.path().join(file)).unwrap();
        }
        let before = Store::open(&fixture).unwrap().read().rows;
        let gone = before.runs[1].clone();
        withdraw(folder.path(), std::slice::from_ref(&gone)).unwrap();
        let after = Store::open(folder.path()).unwrap().read();
        assert_eq!(after.complaints, []);
        let mut expected = before;
        let is_other = |transport: &str, variant: &str, repeat: u32| {
            (transport, variant, repeat)
                != (gone.transport.as_str(), gone.variant.as_str(), gone.repeat)
        };
        let runs = expected.runs.len();
        expected
            .runs
            .retain(|run| is_other(&run.transport, &run.variant, run.repeat));
        expected
            .ladder
            .retain(|row| is_other(&row.transport, &row.variant, row.repeat));
        expected
            .ledger
            .retain(|row| is_other(&row.transport, &row.variant, row.repeat));
        expected
            .timeline
            .retain(|row| is_other(&row.transport, &row.variant, row.repeat));
        assert_eq!(expected.runs.len(), runs - 1);
        assert!(after.rows == expected);
    }
}
