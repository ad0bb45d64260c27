//! SECURITY.md and RELIABILITY.md promise nothing without a test: each name that they give is that
//! of a test, or of a file of tests, in the crate that they name.

use std::{fs, path::Path};

use crate::fixture::repository;

/// Returns the texts between backticks.
fn quoted(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

/// Returns whether a file below `folder` is called `name`, or has a test whose name contains it.
fn has_test(folder: &Path, name: &str) -> bool {
    let Ok(entries) = fs::read_dir(folder) else {
        return false;
    };
    entries.flatten().any(|entry| {
        let path = entry.path();
        if path.is_dir() {
            return has_test(&path, name);
        }
        if path.extension().is_none_or(|extension| extension != "rs") {
            return false;
        }
        let text = fs::read_to_string(&path).unwrap_or_default();
        let has_tests = text.contains("#[test]") || text.contains("#[tokio::test");
        let is_file = path.file_stem().is_some_and(|stem| stem == name);
        let mut functions = text.split("fn ").skip(1);
        let mut names = functions.by_ref().filter_map(|part| part.split('(').next());
        has_tests && (is_file || names.any(|one| one.contains(name)))
    })
}

/// Returns the folder in `crates/` of a package, which a command names.
fn folder_of(package: &str) -> &str {
    if package == "wirebench" {
        return package;
    }
    let folder = package.strip_prefix("wirebench-");
    folder.unwrap_or_else(|| panic!("no package is called {package}"))
}

/// Returns whether the crate has a test of this name.
fn is_held(of: &str, name: &str) -> bool {
    let folder = repository().join("crates").join(of);
    ["src", "tests"]
        .iter()
        .any(|part| has_test(&folder.join(part), name))
}

#[test]
fn each_line_of_security_names_a_test_that_is_there() {
    let text = fs::read_to_string(repository().join("SECURITY.md")).unwrap();
    let mut names = 0;
    for line in text.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<_> = line.trim_matches('|').split(" | ").collect();
        let [_, _, tests] = cells[..] else {
            panic!("three cells: {line}");
        };
        if tests.trim().starts_with("scripts/") {
            let all = tests.trim().split(", ");
            let missing = all.filter(|script| !repository().join(script).is_file());
            assert_eq!(missing.collect::<Vec<_>>(), [""; 0], "{line}");
            continue;
        }
        for tests in tests.split(';') {
            let Some((of, tests)) = tests.split_once(':') else {
                continue;
            };
            let of = quoted(of)[0];
            for name in quoted(tests) {
                assert!(is_held(of, name), "{of} has no test {name}: {line}");
                names += 1;
            }
        }
    }
    assert!(names > 25, "{names}");
    assert!(!is_held("server", "promises_the_moon") && !is_held("no-crate", "limits"));
}

/// Checks that a line of RELIABILITY.md names a script, or a crate and a part of the names of its
/// tests.
#[test]
fn each_line_of_reliability_names_a_command_that_is_there() {
    let text = fs::read_to_string(repository().join("RELIABILITY.md")).unwrap();
    let mut lines = 0;
    for line in text.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<_> = line.trim_matches('|').split(" | ").collect();
        if cells.len() != 5 || cells[3] == "command" || cells[3].starts_with("---") {
            continue;
        }
        let command = quoted(cells[3])[0];
        let words: Vec<_> = command.split_whitespace().collect();
        if let Some(script) = words[0].strip_prefix("scripts/") {
            assert!(repository().join("scripts").join(script).exists(), "{line}");
        } else {
            let at = words.iter().position(|word| *word == "-p").unwrap();
            // The rest names options, and the target `it`.
            let name = words[at + 2..]
                .iter()
                .find(|word| !word.starts_with("--") && **word != "it");
            let name = name.copied();
            let (crates, names): (Vec<&str>, Vec<&str>) = quoted(cells[3])
                .into_iter()
                .skip(1)
                .partition(|word| word.starts_with("-p "));
            for name in name.into_iter().chain(names) {
                assert!(is_held(folder_of(words[at + 1]), name), "{name}: {line}");
                for of in &crates {
                    assert!(is_held(folder_of(&of[3..]), name), "{of} {name}: {line}");
                }
            }
        }
        lines += 1;
    }
    assert!(lines > 8, "{lines}");
}
