//! CSV files and manifests of any bytes: what can be believed is read, the rest is complained of,
//! and nothing breaks.

use std::{fs, path::Path};

use results::{Store, manifest};
use tempfile::TempDir;

#[path = "../../../../fuzz/driver.rs"]
mod driver;

/// The files of a results folder that are read as CSV.
const FILES: [&str; 4] = ["runs.csv", "ladder.csv", "ledger.csv", "timeline.csv"];

/// Returns the first lines of each file of a synthetic folder.
fn beginnings() -> Vec<Vec<u8>> {
    let first = |file| {
        let text = fs::read_to_string(crate::fixture("one_cell").join(file)).expect("a fixture");
        let lines: Vec<_> = text.lines().take(4).collect();
        (lines.join("\n") + "\n").into_bytes()
    };
    FILES.map(first).to_vec()
}

/// Returns a folder in memory, where there is one: each input is written to a file.
fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    let folder = tempfile::tempdir_in(memory).or_else(|_| tempfile::tempdir());
    folder.expect("a folder")
}

#[test]
fn fuzz_csv_files() {
    let folder = folder();
    let beginnings = beginnings();
    let write = |index: usize, bytes: &[u8]| {
        fs::write(folder.path().join(FILES[index]), bytes).expect("written");
    };
    for (index, beginning) in beginnings.iter().enumerate() {
        write(index, beginning);
    }
    driver::fuzz("csv", 3_000, &beginnings, |input| {
        // The file that it resembles most, or each second time one that it was not meant for.
        let like = |known: &Vec<u8>| {
            let same = known
                .iter()
                .zip(input)
                .take_while(|(one, other)| one == other);
            same.count()
        };
        let best = (0..FILES.len()).max_by_key(|index| like(&beginnings[*index]));
        let index = match input.len() % 8 {
            other @ 0..4 => other,
            _ => best.unwrap_or_default(),
        };
        write(index, input);
        let reading = Store::open(folder.path()).map(|store| store.read());
        if let Ok(reading) = reading {
            // Three lines of each, or as many as a changed file has.
            let lines = input.split(|byte| matches!(byte, b'\n' | b'\r')).count();
            assert!(reading.rows.runs.len() <= lines.max(4));
            for complaint in reading.complaints {
                assert!(complaint.to_string().contains(".csv"), "{complaint}");
            }
        }
        write(index, &beginnings[index]);
    });
}

#[test]
fn fuzz_manifests() {
    let folder = folder();
    let file = folder.path().join("manifest.json");
    driver::fuzz("manifest", 1_500, &[], |input| {
        fs::write(&file, input).expect("written");
        if let Some(manifest) = manifest::read(folder.path()) {
            // What readers ask of one.
            let _ = (manifest.has_target(), manifest.conditions());
        }
    });
}
