//! Tests of a standard output that is closed, full or given up: no command ends as if it had printed.

use std::process::{Command, Output};

use crate::fixture::{ended, repository, text, wirebench};

/// Runs the program in a shell with these redirections.
fn redirected(arguments: &str, to: &str) -> Output {
    Command::new("sh")
        .args(["-c", &format!("exec \"$0\" {arguments} {to}")])
        .arg(env!("CARGO_BIN_EXE_wirebench"))
        .current_dir(repository())
        .output()
        .unwrap()
}

const COMMANDS: [&str; 7] = [
    "scenarios",
    "scenarios --json",
    "scenarios --schema",
    "--help",
    "--version",
    "claims --list",
    "trace websocket",
];

#[test]
fn a_closed_standard_output_is_an_error_with_a_code_of_its_own() {
    for command in COMMANDS {
        for to in [">&-", "1</dev/null"] {
            let output = redirected(command, to);
            ended(&output, 74);
            let said = text(&output.stderr);
            assert!(said.contains("direct it to a file"), "{command}: {said}");
        }
        ended(&redirected(command, ">/dev/null"), 0);
        // As some programs open what they start others with.
        ended(&redirected(command, "1<>/dev/null"), 0);
    }
}

#[test]
fn a_standard_output_without_room_is_an_error_with_the_same_code() {
    for command in COMMANDS {
        let output = redirected(command, ">/dev/full");
        ended(&output, 74);
        let said = text(&output.stderr);
        assert!(
            said.contains("cannot write to standard output"),
            "{command}: {said}"
        );
    }
}

/// Checks that nothing is measured whose results cannot be printed.
#[test]
fn a_run_with_a_closed_standard_output_does_not_begin() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let output = redirected(&format!("run quick --out {}", out.display()), ">&-");
    ended(&output, 74);
    assert!(!out.exists());
}

#[test]
fn a_reader_that_left_ends_a_command_without_a_word() {
    for command in [
        "scenarios",
        "scenarios --schema",
        "trace websocket",
        "completions bash",
        "--help",
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = wirebench()
            .args(command.split(' '))
            .stdout(writer)
            .output()
            .unwrap();
        ended(&output, 141);
        assert_eq!(text(&output.stderr), "", "{command}");
    }
}

/// Checks that what makes no sense is told as that, wherever standard output goes.
#[test]
fn usage_is_told_before_standard_output_is_looked_at() {
    ended(&redirected("run --no-such", ">&-"), 2);
}
