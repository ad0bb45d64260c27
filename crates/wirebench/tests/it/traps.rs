//! The traps that docs/src/traps.md lists are each held by something that is there.

use std::fs;

use crate::fixture::repository;

/// Returns the texts between backquotes.
fn quoted(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

#[test]
fn each_trap_names_a_test_that_is_there() {
    let page = fs::read_to_string(repository().join("docs/src/traps.md")).unwrap();
    let rows: Vec<&str> = page
        .lines()
        .filter(|line| line.starts_with("| "))
        .skip(2)
        .collect();
    assert!(rows.len() >= 18, "the list of traps is there");
    for row in rows {
        let held_by = row.split(" | ").nth(2).unwrap();
        let mut tests = 0;
        for name in quoted(held_by) {
            let Some((file, test)) = name.split_once("::") else {
                // A folder of results says more of it; a file of lints holds it.
                let path = repository().join(name);
                let is_lint = path.is_file() && path.ends_with("clippy.toml");
                assert!(path.is_dir() || is_lint, "{row}: {name}");
                tests += usize::from(is_lint);
                continue;
            };
            let file = repository().join("crates").join(file);
            let source = fs::read_to_string(&file).unwrap_or_else(|_| panic!("no file of {name}"));
            let (before, _) = source
                .split_once(&format!("fn {test}()"))
                .unwrap_or_else(|| panic!("no test of {name}"));
            let marked = before.lines().rev().take(3).any(|line| {
                let line = line.trim();
                line.starts_with("#[test]") || line.starts_with("#[tokio::test")
            });
            assert!(marked, "{name} is no test");
            tests += 1;
        }
        assert!(tests > 0, "nothing holds: {row}");
    }
}
