//! Surroundings that are not as usual: variables, few open files, folders in which nothing can be
//! made.

use std::{
    path::Path,
    process::{Command, Output, Stdio},
};

use crate::fixture::{MINIATURE, ended, lost_nothing, repository, run, text, wirebench};

/// Checks that no variable that is missing or odd ends a run or changes what its files hold: the
/// numbers are written in one way and the times are those of UTC, whatever the language and the time
/// zone.
#[test]
fn a_run_needs_no_variable_and_follows_none() {
    let folder = tempfile::tempdir().unwrap();
    let surroundings: [&[(&str, &str)]; 3] = [
        &[],
        &[
            ("LANG", "zh_CN.UTF-8"),
            ("LC_ALL", "zh_CN.UTF-8"),
            ("TZ", "Asia/Kathmandu"),
            ("TERM", "dumb"),
            ("COLUMNS", "20"),
        ],
        &[
            ("HOME", "/nonexistent"),
            ("LC_ALL", "C"),
            ("LC_NUMERIC", "de_DE.UTF-8"),
            ("TZ", "nonsense"),
            ("TERM", "nonsense"),
            ("COLUMNS", "nonsense"),
        ],
    ];
    for (number, variables) in surroundings.into_iter().enumerate() {
        let out = folder.path().join(number.to_string());
        let mut command = run("scenarios/quick.toml", &out, &MINIATURE);
        command.env_clear().envs(variables.iter().copied());
        let output = command.args(["--only", "websocket"]).output().unwrap();
        lost_nothing(&output, &out);
        let said = text(&output.stderr);
        assert!(!said.contains("panicked"), "{variables:?}: {said}");
        let reading = results::Store::open(&out).unwrap().read();
        assert_eq!(reading.complaints, [], "{variables:?}");
        let manifest = std::fs::read(out.join("manifest.json")).unwrap();
        let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
        let started = manifest["started"].as_str().unwrap();
        assert!(started.ends_with('Z'), "{variables:?}: {started}");
        let said = text(&output.stdout);
        assert!(said.contains("/report.html"), "{variables:?}: {said}");
    }
}

/// Checks that advice, which looks for a calibration in HOME, is given where there is none.
#[test]
fn advice_needs_no_home() {
    let mut command = wirebench();
    command.env_clear().args(["advise", "--readers", "10"]);
    let output = command.args(["--messages-per-room", "1"]).output().unwrap();
    ended(&output, 0);
    assert!(text(&output.stdout).contains("10 readers in one room"));
}

/// Checks that a folder of caches that is no absolute one is ignored, as its specification says: what
/// lies in it below the working folder is nobody's calibration.
#[test]
fn a_relative_folder_of_caches_is_none() {
    let here = tempfile::tempdir().unwrap();
    let cache = here.path().join("cache/wirebench");
    std::fs::create_dir_all(&cache).unwrap();
    std::fs::write(cache.join("calibration.toml"), "no calibration").unwrap();
    let absolute = here.path().join("cache");
    for (folder, code) in [(Path::new("cache"), 0), (absolute.as_path(), 1)] {
        let mut command = wirebench();
        command.env_clear().env("XDG_CACHE_HOME", folder);
        command.current_dir(here.path());
        command.args(["advise", "--readers", "10"]);
        let output = command.args(["--messages-per-room", "1"]).output().unwrap();
        ended(&output, code);
    }
}

/// Runs a line of shell with the program as `$0` and a scenario as `$1`.
fn in_shell(line: &str, scenario: &str, more: &[&str]) -> Output {
    Command::new("sh")
        .args(["-c", line, env!("CARGO_BIN_EXE_wirebench"), scenario])
        .args(more)
        .current_dir(repository())
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// Checks that a limit on open files which a run does not fit is told before anything starts, with
/// what would do; and that no run without a reader is advised where not even one would fit.
#[test]
fn few_open_files_are_told_with_what_would_do() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("never");
    let out = out.to_str().unwrap();
    for (limit, clients, advice) in [
        (20, 4, "not even one reader would fit"),
        (60, 4, "not even one reader would fit"),
        (90, 200, "clients = "),
    ] {
        let set = format!("swarm.clients={clients}");
        let line = format!(r#"ulimit -n {limit}; exec "$0" run "$@""#);
        let more = ["--set", &set, "--out", out];
        let output = in_shell(&line, "scenarios/quick.toml", &more);
        ended(&output, 1);
        let said = text(&output.stderr);
        for part in [advice, "ulimit -Hn"] {
            assert!(said.contains(part), "{limit}: {said}");
        }
        for part in ["clients = 0 ", "panicked"] {
            assert!(!said.contains(part), "{limit}: {said}");
        }
        assert!(!folder.path().join("never").exists(), "{limit}");
    }
}

/// Checks that a folder in which nothing can be made ends a run before it is measured, with the name
/// of what could not be made: the usual folder, one that was named, and one in a folder that is gone.
#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let gone = tempfile::tempdir().unwrap();
    let scenario = repository().join("scenarios/quick.toml");
    for (line, named) in [
        (r#"cd /proc && exec "$0" run "$1""#, "cannot make results"),
        (r#"exec "$0" run "$1" --out /proc/x"#, "cannot make /proc/x"),
        (
            r#"cd "$2" && rmdir "$2" && exec "$0" run "$1" --out here"#,
            "cannot make here",
        ),
    ] {
        let more = [gone.path().to_str().unwrap()];
        let output = in_shell(line, scenario.to_str().unwrap(), &more);
        ended(&output, 1);
        let said = text(&output.stderr);
        assert!(said.contains(named), "{line}: {said}");
        assert!(!said.contains("panicked"), "{line}: {said}");
    }
}
