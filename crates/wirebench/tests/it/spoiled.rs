//! Results folders that are not what they should be, as a user meets them:
//! what is printed, what is drawn all the same, and how it ends.

use std::{fs, path::Path, process::Output};

use crate::fixture::{ended, repository, text, wirebench};

const FILES: [&str; 4] = ["runs.csv", "ladder.csv", "ledger.csv", "timeline.csv"];

/// A change to a file: it returns other bytes, or `None` to remove the file.
type Change = fn(Vec<u8>) -> Option<Vec<u8>>;

/// Makes a copy of a sound folder in which one file was changed.
fn spoiled(file: &str, change: impl FnOnce(Vec<u8>) -> Option<Vec<u8>>) -> tempfile::TempDir {
    let sound = repository().join("crates/results/tests/fixture/one_cell");
    let folder = tempfile::tempdir().unwrap();
    for name in FILES {
        fs::copy(sound.join(name), folder.path().join(name)).unwrap();
    }
    let path = folder.path().join(file);
    match change(fs::read(&path).unwrap()) {
        Some(bytes) => fs::write(&path, bytes).unwrap(),
        None => fs::remove_file(&path).unwrap(),
    }
    folder
}

fn asked(command: &[&str], folders: &[&Path]) -> Output {
    let output = wirebench().args(command).args(folders).output().unwrap();
    let said = text(&output.stderr);
    assert!(!said.contains("panicked"), "{command:?}: {said}");
    output
}

/// Asserts a command's exit code and a line of what it says.
fn says(command: &[&str], folders: &[&Path], code: i32, line: &str) {
    let output = asked(command, folders);
    ended(&output, code);
    let said = text(&output.stderr);
    assert!(said.contains(line), "{command:?}: {said}");
}

/// Replaces the value of a column in the first row.
fn first_value(bytes: &[u8], column: &str, value: &str) -> Vec<u8> {
    let table = text(bytes);
    let mut lines: Vec<String> = table.lines().map(str::to_owned).collect();
    let at = lines[0].split(',').position(|name| name == column).unwrap();
    let mut values: Vec<&str> = lines[1].split(',').collect();
    values[at] = value;
    lines[1] = values.join(",");
    (lines.join("\n") + "\n").into_bytes()
}

#[test]
fn a_row_that_cannot_be_is_named_by_all_three_and_the_rest_is_drawn() {
    let sound = spoiled("runs.csv", Some);
    for (column, value, why) in [
        ("rate_per_s", "NaN", "is NaN; it must be a number from 0 to"),
        (
            "p99_us",
            "-5",
            "is \"-5\"; it must be a whole number of 0 or more",
        ),
        (
            "bytes_up",
            "18446744073709551615",
            "is larger than anything",
        ),
    ] {
        let bad = spoiled("runs.csv", |bytes| Some(first_value(&bytes, column, value)));
        let line = format!("runs.csv, line 2, column {column}: {why}");
        says(&["plot", "--quiet"], &[bad.path()], 3, &line);
        says(&["report"], &[bad.path()], 3, &line);
        says(&["compare"], &[sound.path(), bad.path()], 0, &line);
        let gate = "not passed: what is missing";
        says(&["compare", "--gate"], &[sound.path(), bad.path()], 3, gate);
        assert!(bad.path().join("figures/bytes_per_message.png").exists());
        let page = fs::read_to_string(bad.path().join("report.html")).unwrap();
        assert!(page.contains(&format!("line 2, column {column}")));
    }
}

#[test]
fn without_runs_there_is_nothing_to_draw_and_that_is_said() {
    let sound = spoiled("runs.csv", Some);
    let changes: [(&str, Change); 5] = [
        ("runs.csv: the file is missing", |_| None),
        ("runs.csv, line 1: the file is empty", |_| Some(Vec::new())),
        ("runs.csv, line 1: is not text", |_| {
            Some(vec![b'a', 0xFF, b'\n'])
        }),
        ("another program's file", |_| {
            Some(b"city,people\nUlm,126000\n".to_vec())
        }),
        ("none of its columns is known", |bytes| {
            Some(text(&bytes).replace(',', "|").into_bytes())
        }),
    ];
    for (why, change) in changes {
        let bad = spoiled("runs.csv", change);
        for command in ["plot", "report"] {
            says(&[command], &[bad.path()], 1, why);
            says(&[command], &[bad.path()], 1, "nothing to draw");
        }
        says(
            &["compare"],
            &[sound.path(), bad.path()],
            1,
            "nothing to compare",
        );
        says(&["compare"], &[sound.path(), bad.path()], 1, why);
    }
}

#[test]
fn without_another_file_its_figures_are_missing_and_the_others_are_drawn() {
    for (file, figure) in [
        ("ladder.csv", "latency_by_percentile"),
        ("ledger.csv", "bytes_by_layer"),
        ("timeline.csv", "latency_over_time"),
    ] {
        let bad = spoiled(file, |_| None);
        let line = format!("{file}: the file is missing");
        says(&["plot", "--quiet"], &[bad.path()], 3, &line);
        let drawn = |name: &str| bad.path().join(format!("figures/{name}.svg")).exists();
        assert!(!drawn(figure), "{figure}");
        assert!(drawn("bytes_per_message"));
    }
}

/// Checks that a column of an older or newer version is reported, and does not fail a gate.
#[test]
fn a_column_of_another_version_is_named_and_costs_nothing() {
    let sound = spoiled("runs.csv", Some);
    let other = spoiled("runs.csv", |bytes| {
        Some(
            text(&bytes)
                .replacen("late_max_us", "latest_us", 1)
                .into_bytes(),
        )
    });
    let named = "column latest_us: is not known to this version; ignored";
    says(&["plot", "--quiet"], &[other.path()], 0, named);
    says(&["compare"], &[sound.path(), other.path()], 0, named);
    let lacks = "column late_max_us: is missing; taken as empty";
    says(&["report"], &[other.path()], 0, lacks);
}

/// Checks that the results are still known, although the request is not.
#[test]
fn a_manifest_that_is_cut_short_is_named_first_and_all_is_drawn() {
    for (manifest, why) in [
        (
            r#"{"format":1,"scenario":{"cells":[{"la"#,
            "manifest.json, line 1: is cut short; settings, machine and objectives",
        ),
        (
            r#"{"scenario":{"cells":[{"label":"-","scenario":{"objective":{"p99":"swift"}}}]}}"#,
            "it is not judged",
        ),
    ] {
        let bad = spoiled("runs.csv", Some);
        fs::write(bad.path().join("manifest.json"), manifest).unwrap();
        let output = asked(&["plot", "--quiet"], &[bad.path()]);
        ended(&output, 3);
        let said = text(&output.stderr);
        let first = said.lines().next().unwrap_or_default();
        assert!(
            first.starts_with("warning: manifest.json") && first.contains(why),
            "{said}"
        );
        for name in ["figures/bytes_per_message.png", "report.html"] {
            assert!(bad.path().join(name).exists(), "{name}");
        }
    }
}

/// Checks that a second run into the same folder is refused: it would be two runs of one name.
#[test]
fn a_folder_that_has_runs_is_not_run_into() {
    let sound = spoiled("runs.csv", Some);
    let output = wirebench()
        .args(["run", "scenarios/quick.toml", "--out"])
        .arg(sound.path())
        .output()
        .unwrap();
    ended(&output, 1);
    let said = text(&output.stderr);
    assert!(
        said.contains("holds runs already; choose another folder"),
        "{said}"
    );
}
