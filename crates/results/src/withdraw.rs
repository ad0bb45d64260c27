//! The removal of runs from a results folder: runs that were cut short and are to be repeated.

use std::{collections::HashSet, fs, io, path::Path};

use crate::row::RunRow;

/// The columns that identify the run of a row, in every file.
const KEY: [&str; 4] = ["transport", "variant", "cell", "repeat"];
/// The files with rows of runs, `runs.csv` first. If the removal is cut short, the other files may
/// keep rows of a run that is no longer in `runs.csv`, and readers leave such rows out.
const FILES: [&str; 4] = ["runs.csv", "ladder.csv", "ledger.csv", "timeline.csv"];

/// Removes all rows of these runs from a folder's files. Each file is rewritten completely or not
/// at all. Does nothing if there is no run.
///
/// # Errors
/// Fails if a file cannot be read as CSV, or cannot be written.
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
    let mut reader = crate::reader(path)?;
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
