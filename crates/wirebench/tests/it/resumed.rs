//! Runs that are gone on with from another place, or when a spreadsheet has had their rows in hand.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use nix::sys::signal::Signal;

use crate::{
    fixture::{MINIATURE, column, ended, lost_nothing, repository, run, text, wirebench},
    sessions::cut,
};

/// The settings of a run that is long enough to be cut in its second part.
const LONGER: &str = "traffic.measure=2s";

fn resume(from: &Path, folder: &str) -> Output {
    let mut command = wirebench();
    command.current_dir(from).args(["run", "--resume", folder]);
    command.output().unwrap()
}

/// Copies a scenario into `home` and returns a run of it that names all by relative paths.
fn from_home(home: &Path, out: &str, only: &str, sets: &[&str]) -> Command {
    let scenario = repository().join("scenarios/quick.toml");
    fs::copy(scenario, home.join("mine.toml")).unwrap();
    let sets = [&MINIATURE[..], sets].concat();
    let mut command = run("mine.toml", Path::new(out), &sets);
    command.current_dir(home).args(["--only", only]);
    command
}

/// Checks that a run whose scenario is a file with a relative path finds it from another working
/// folder: seen from there, the path is of nothing.
#[test]
fn a_run_that_was_cut_goes_on_from_another_folder() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    let elsewhere = home.join("else/where");
    fs::create_dir_all(&elsewhere).unwrap();
    let runs = home.join("out/runs.csv");
    let mut command = from_home(home, "out", "http_stream", &[LONGER]);
    ended(&cut(&mut command, &runs, 1, Signal::SIGINT), 130);
    let output = resume(&elsewhere, "../../out");
    lost_nothing(&output, &home.join("out"));
    assert_eq!(column(&runs, "variant"), ["ndjson", "sse"]);

    // Where the results have been moved away from it, the user is told where to go, and can.
    fs::rename(home.join("out"), elsewhere.join("moved")).unwrap();
    let output = resume(&elsewhere, "moved");
    ended(&output, 1);
    let said = text(&output.stderr);
    for part in ["mine.toml", "the folder in which the run was started"] {
        assert!(said.contains(part), "{said}");
    }
    let output = resume(home, "else/where/moved");
    let said = text(&output.stderr);
    assert!(said.contains("nothing is left to run"), "{said}");
}

/// Checks the same of a run that is over for the day, and whose results are two folders below.
#[test]
fn a_second_sitting_may_be_held_in_another_folder() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    let sets = ["repeats=2", "sittings=2"];
    let mut command = from_home(home, "deep/out", "websocket", &sets);
    let first = command.output().unwrap();
    let runs = home.join("deep/out/runs.csv");
    let said = text(&first.stderr);
    assert_eq!(column(&runs, "sitting"), ["1"], "{said}");
    let output = resume(&home.join("deep"), "out");
    lost_nothing(&output, &home.join("deep/out"));
    assert_eq!(column(&runs, "sitting"), ["1", "2"]);
}

/// Saves a CSV file as a spreadsheet does: with a byte order mark, lines that end with CRLF, and
/// truth values in capitals.
fn saved_by_a_spreadsheet(file: &Path) {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_path(file)
        .unwrap();
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(b"\xEF\xBB\xBF".to_vec());
    for record in reader.records() {
        let record = record.unwrap();
        let fields = record.iter().map(|field| match field {
            "true" => "TRUE",
            "false" => "FALSE",
            other => other,
        });
        writer.write_record(fields).unwrap();
    }
    fs::write(file, writer.into_inner().unwrap()).unwrap();
}

/// Checks that a run which was cut goes on after that: the row that was whole stays as it was, the
/// one that was cut is made again, and the file is in this program's own form from then on.
#[test]
fn a_run_whose_rows_a_spreadsheet_has_saved_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let runs = out.join("runs.csv");
    let sets = [&MINIATURE[..], &[LONGER]].concat();
    let mut command = run("scenarios/quick.toml", &out, &sets);
    command.args(["--only", "http_stream"]);
    ended(&cut(&mut command, &runs, 1, Signal::SIGINT), 130);
    let stored = || results::Store::open(&out).unwrap().read();
    let first = stored().rows.runs.swap_remove(0);
    saved_by_a_spreadsheet(&runs);
    let output = resume(&repository(), out.to_str().unwrap());
    lost_nothing(&output, &out);
    assert_eq!(column(&runs, "variant"), ["ndjson", "sse"]);
    let after = stored();
    assert_eq!(after.complaints, []);
    assert_eq!(after.rows.runs[0], first);
    let table = fs::read_to_string(&runs).unwrap();
    assert!(table.starts_with("scenario,"), "{table}");
    assert!(!table.contains('\r') && !table.contains("TRUE"), "{table}");
}
