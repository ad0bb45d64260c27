//! The live view, on a terminal of `script`'s making, and Ctrl-C typed into it.

use std::{
    fs,
    io::Write,
    path::Path,
    process::{Child, Command, Stdio},
};

use crate::{
    fixture::{MINIATURE, column, repository, text, until, wirebench},
    screen::Screen,
};

/// Returns whether util-linux's `script` is installed. Without it these tests print that they are
/// skipped, and under scripts/test they fail.
#[expect(clippy::print_stderr, reason = "a test that is skipped must say so")]
fn has_script() -> bool {
    let found = Command::new("script").arg("--version").output().is_ok();
    assert!(
        found || std::env::var_os("WIREBENCH_REQUIRE").is_none(),
        "script (util-linux) is not there"
    );
    if !found {
        eprintln!("SKIPPED: script (util-linux) is not there");
    }
    found
}

/// Returns `wirebench run` on a terminal of `columns` columns, with the screen's bytes in `log`.
fn on_terminal(out: &Path, log: &Path, columns: usize, sets: &[&str]) -> Command {
    let sets: Vec<String> = sets.iter().map(|set| format!("--set {set}")).collect();
    let command = format!(
        "stty cols {columns} rows 40; exec {} run scenarios/quick.toml \
         --only http_stream,websocket --out {} {}",
        env!("CARGO_BIN_EXE_wirebench"),
        out.display(),
        sets.join(" ")
    );
    let mut script = Command::new("script");
    script
        .args(["--quiet", "--return", "--flush", "--command", &command])
        .arg(log)
        .current_dir(repository())
        .env("TERM", "xterm")
        .env("NO_COLOR", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    script
}

/// Returns the lines of the view: what begins with a transport or the head of the table,
/// after the command that `script` repeats, which is wrapped wherever it may be.
fn view(lines: &[String]) -> Vec<&str> {
    let heads = ["transport ", "http_stream ", "websocket "];
    let is_view = |line: &&str| heads.iter().any(|head| line.starts_with(head));
    let lines = lines.iter().map(String::as_str);
    let after = lines.skip_while(|line| !line.ends_with(']'));
    after.filter(is_view).collect()
}

#[test]
fn each_transport_has_a_line_that_settles_to_its_result() {
    if !has_script() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for columns in [80, 120] {
        let (out, log) = (
            folder.path().join(format!("run-{columns}")),
            folder.path().join("log"),
        );
        let mut script = on_terminal(&out, &log, columns, &MINIATURE);
        let mut child = script.spawn().expect("script starts");
        // The pipe stays open until the end: `script` ends with it.
        child.wait_with_open_stdin();
        let bytes = fs::read(&log).unwrap();
        let lines = Screen::after(&bytes, columns).lines();
        let view = view(&lines);
        assert_eq!(view.len(), 4, "{lines:#?}");
        assert!(
            view[0].contains("p99") && view[0].contains("server"),
            "{view:#?}"
        );
        for (line, name) in
            view[1..]
                .iter()
                .zip(["http_stream ndjson", "http_stream sse", "websocket"])
        {
            assert!(line.starts_with(name) && line.contains("1/1"), "{line}");
            assert!(line.contains("valid") || line.contains("INVALID"), "{line}");
            let has_latency = line.contains(" ms ") || line.contains(" µs ");
            assert!(has_latency && line.contains(" kB "), "{line}");
        }
        assert!(!text(&bytes).contains("\u{1b}[31m"), "NO_COLOR is kept");
    }
}

#[test]
fn ctrl_c_on_a_terminal_keeps_the_view_whole_and_the_run_can_go_on() {
    if !has_script() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (out, log) = (folder.path().join("run"), folder.path().join("log"));
    let sets = [&MINIATURE[..], &["traffic.measure=4s"]].concat();
    let mut script = on_terminal(&out, &log, 80, &sets);
    let mut child = script.spawn().expect("script starts");
    until("the first row", || {
        (!column(&out.join("runs.csv"), "valid").is_empty()).then_some(())
    });
    child.stdin.as_mut().unwrap().write_all(b"\x03").unwrap();
    child.wait_with_open_stdin();
    let lines = Screen::after(&fs::read(&log).unwrap(), 80).lines();
    assert_eq!(view(&lines).len(), 4, "no line twice: {lines:#?}");
    let all = lines.join("\n");
    assert!(all.contains("ending this run"), "{all}");
    assert!(all.contains("wirebench run --resume"), "{all}");
    let kept = column(&out.join("runs.csv"), "error");
    assert!((1..=2).contains(&kept.len()), "{kept:?}");

    let output = wirebench()
        .args(["run", "--resume"])
        .arg(&out)
        .output()
        .unwrap();
    let errors = column(&out.join("runs.csv"), "error");
    assert_eq!(errors.len(), 3, "{}", text(&output.stderr));
    assert!(
        errors.iter().all(|error| !error.contains("Ctrl-C")),
        "{errors:?}"
    );
}

/// Checks that a terminal of which nothing is known is told of each run in lines of their own.
#[test]
fn a_terminal_without_a_name_is_told_in_plain_lines() {
    if !has_script() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for (number, term) in [None, Some(""), Some("dumb")].into_iter().enumerate() {
        let (out, log) = (
            folder.path().join(format!("run-{number}")),
            folder.path().join("log"),
        );
        let mut script = on_terminal(&out, &log, 80, &MINIATURE);
        match term {
            None => script.env_remove("TERM"),
            Some(term) => script.env("TERM", term),
        };
        let mut child = script.spawn().expect("script starts");
        child.wait_with_open_stdin();
        let said = text(&fs::read(&log).unwrap());
        for run in ["[1/3]", "[2/3]", "[3/3]"] {
            assert!(said.contains(run), "{term:?}: {said}");
        }
    }
}

/// A way to wait that does not close a child's stdin, which would end `script` and what runs in it.
trait OpenStdin {
    fn wait_with_open_stdin(&mut self);
}

impl OpenStdin for Child {
    fn wait_with_open_stdin(&mut self) {
        until("the end of the run", || self.try_wait().expect("a child"));
    }
}
