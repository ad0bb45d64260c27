//! The pages of the book in `docs/` are all in its summary, and no link, heading or
//! file that a page names is missing. It needs no mdBook.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Pages outside of the book whose links are checked, too.
const OUTSIDE: [&str; 9] = [
    "README.md",
    "README.zh.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "RELIABILITY.md",
    "RETRACTIONS.md",
    "results/README.md",
    "lessons/README.md",
];

/// Folders whose files pages name in backquotes.
const NAMED: [&str; 4] = ["crates/", "scripts/", "scenarios/", "lessons/"];

/// Pages that speak of the past, where a file may be gone.
const PAST: [&str; 2] = ["CHANGELOG.md", "RETRACTIONS.md"];

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Returns the lines of a page that are no code.
fn prose(page: &str) -> Vec<&str> {
    let mut is_code = false;
    page.lines()
        .filter(|line| {
            let is_fence = line.trim_start().starts_with("```");
            is_code ^= is_fence;
            !is_code && !is_fence
        })
        .collect()
}

/// Returns the targets of all relative links of a page.
fn links(page: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in prose(page) {
        let outside_of_code: String = line.split('`').step_by(2).collect();
        let targets = outside_of_code.split("](").skip(1);
        found.extend(
            targets
                .filter_map(|rest| rest.split([')', ' ']).next())
                .filter(|target| !target.contains("://") && !target.starts_with("mailto:"))
                .map(str::to_owned),
        );
    }
    found
}

/// Returns the anchors of a page's headings, as GitHub and mdBook make them.
fn anchors(page: &str) -> BTreeSet<String> {
    let headings = prose(page)
        .into_iter()
        .filter_map(|line| line.strip_prefix('#'));
    headings
        .map(|heading| {
            let text = heading.trim_start_matches('#').trim().to_lowercase();
            text.chars()
                .filter(|letter| letter.is_alphanumeric() || " -_".contains(*letter))
                .map(|letter| if letter == ' ' { '-' } else { letter })
                .collect()
        })
        .collect()
}

/// Returns the file that a page of one line includes.
fn included(page: &str) -> Option<&str> {
    page.trim()
        .strip_prefix("{{#include ")
        .and_then(|rest| rest.strip_suffix("}}"))
}

/// Reads a page; where it only includes another file, that file.
fn read(path: &Path) -> Option<String> {
    let page = fs::read_to_string(path).ok()?;
    match included(&page) {
        Some(other) => fs::read_to_string(path.parent()?.join(other)).ok(),
        None => Some(page),
    }
}

/// Returns what is wrong with a link that stands on the page at `from`.
fn complaint(from: &Path, target: &str) -> Option<String> {
    let (file, fragment) = target.split_once('#').unwrap_or((target, ""));
    let path = if file.is_empty() {
        from.to_owned()
    } else {
        from.with_file_name(file)
    };
    if !path.exists() {
        return Some(format!("{target}: no such file"));
    }
    let there =
        fragment.is_empty() || read(&path).is_some_and(|page| anchors(&page).contains(fragment));
    (!there).then(|| format!("{target}: no such heading"))
}

/// Returns the names of the pages in a book's folder, without its summary.
fn pages(book: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(book).expect("the book has a folder");
    entries
        .map(|entry| entry.expect("it can be read").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .filter_map(|path| Some(path.file_name()?.to_string_lossy().into_owned()))
        .filter(|name| name != "SUMMARY.md")
        .collect()
}

/// Returns all that is wrong within the book of `repository`.
fn broken_in_book(repository: &Path) -> Vec<String> {
    let book = repository.join("docs/src");
    let summary = fs::read_to_string(book.join("SUMMARY.md")).expect("a summary");
    let settings = fs::read_to_string(repository.join("docs/book.toml")).expect("settings");
    let listed: BTreeSet<String> = links(&summary).into_iter().collect();
    let there = pages(&book);
    let mut broken: Vec<String> = listed
        .symmetric_difference(&there)
        .map(|page| format!("SUMMARY.md: {page} is only in one of summary and folder"))
        .collect();
    for name in &there {
        let raw = fs::read_to_string(book.join(name)).expect("the page can be read");
        let page = read(&book.join(name)).unwrap_or_default();
        if page.trim().is_empty() {
            broken.push(format!("{name}: nothing in it"));
        }
        for target in links(&page) {
            let wrong = match target.strip_prefix("docs/src/") {
                // The target is at the top of the repository, so mdBook's settings need a redirect.
                Some(inside) if included(&raw).is_some() => {
                    let file = inside.split('#').next().unwrap_or_default();
                    let html = file.replace(".md", ".html");
                    let line = format!("\"/docs/src/{html}\" = \"../../{html}\"");
                    (!settings.contains(&line)).then(|| format!("{target}: no redirect"))
                }
                _ if target.starts_with("..") => Some(format!("{target}: leaves the book")),
                _ => complaint(&book.join(name), &target),
            };
            broken.extend(wrong.map(|wrong| format!("docs/src/{name}: {wrong}")));
        }
    }
    broken
}

#[test]
fn the_book_is_whole() {
    assert_eq!(broken_in_book(&repository()), Vec::<String>::new());
}

#[test]
fn links_outside_of_the_book_lead_somewhere() {
    let repository = repository();
    for name in OUTSIDE {
        let page = fs::read_to_string(repository.join(name)).expect(name);
        for target in links(&page) {
            assert_eq!(complaint(&repository.join(name), &target), None, "{name}");
        }
    }
}

#[test]
fn files_that_pages_name_are_there() {
    let repository = repository();
    let book = pages(&repository.join("docs/src"));
    let book = book.iter().map(|name| format!("docs/src/{name}"));
    let mut named = 0;
    for name in OUTSIDE.map(str::to_owned).into_iter().chain(book) {
        if PAST.iter().any(|past| name.ends_with(past)) {
            continue;
        }
        let page = fs::read_to_string(repository.join(&name)).expect("the page can be read");
        for line in prose(&page) {
            for code in line.split('`').skip(1).step_by(2) {
                let path = code.split([' ', ':']).next().unwrap_or_default();
                if NAMED.iter().any(|top| path.starts_with(top)) && !path.contains(['*', '{']) {
                    assert!(repository.join(path).exists(), "{name} names {path}");
                    named += 1;
                }
            }
        }
    }
    assert!(named > 80, "only {named} files are named");
}

/// Checks that the architecture and the server's own front page name each of its layers.
#[test]
fn every_layer_of_the_server_is_named() {
    let repository = repository();
    let read = |path: &str| fs::read_to_string(repository.join(path)).expect(path);
    let script = read("scripts/check-dependencies");
    let (_, layers) = script.split_once("server_layers=(").expect("the layers");
    let (layers, _) = layers.split_once("\n)").expect("their end");
    let page = read("ARCHITECTURE.md");
    let page = page
        .lines()
        .find(|line| line.starts_with("Inside the server"));
    let page = page.expect("the paragraph");
    let front = read("crates/server/src/lib.rs");
    let (front, _) = front.split_once("\nmod ").expect("modules");
    let mut named = 0;
    for (layer, _) in layers.lines().filter_map(|line| line.split_once(':')) {
        let layer = format!("`{}`", layer.trim().trim_start_matches('"'));
        assert!(page.contains(&layer), "ARCHITECTURE.md: {layer}");
        assert!(front.contains(&layer), "crates/server/src/lib.rs: {layer}");
        named += 1;
    }
    assert!(named > 10, "only {named} layers");
}

/// Checks that the page of the classroom names the lessons that no browser can measure, and no
/// other.
#[test]
fn lessons_that_no_browser_can_measure_are_named() {
    let repository = repository();
    let page = fs::read_to_string(repository.join("docs/src/classroom.md")).expect("the page");
    let (_, named) = page
        .split_once("no browser can measure them:")
        .expect("the list");
    let (named, _) = named.split_once('.').expect("its end");
    let mut looked_at = 0;
    for entry in fs::read_dir(repository.join("lessons")).expect("the lessons") {
        let folder = entry.expect("an entry").path();
        let Ok(lesson) = fs::read_to_string(folder.join("lesson.toml")) else {
            continue;
        };
        let name = folder.file_name().and_then(|name| name.to_str());
        let name = name.expect("a name");
        let is_named = named.contains(&format!("`{name}`"));
        assert_eq!(is_named, !lesson.contains("[check.lanes]"), "{name}");
        looked_at += 1;
    }
    assert!(looked_at > 10, "only {looked_at} lessons");
}

#[test]
fn what_is_broken_is_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let book = folder.path().join("docs/src");
    fs::create_dir_all(&book).expect("a folder");
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect(name);
    write("docs/book.toml", "");
    write("TOP.md", "[a](docs/src/a.md)");
    write(
        "docs/src/SUMMARY.md",
        "- [a](a.md)\n- [t](TOP.md)\n- [gone](gone.md)\n",
    );
    write("docs/src/TOP.md", "{{#include ../../TOP.md}}");
    write("docs/src/b.md", "# It's one: B\n");
    let text = "# A\n[](b.md#its-one-b) [](b.md#b) [](c.md) [](#a) [](#z) [](../../TOP.md) [](https://x)\n\
                `[](d.md)`\n```\n[](e.md)\n```\n";
    write("docs/src/a.md", text);
    let found = [
        "SUMMARY.md: b.md is only in one of summary and folder",
        "SUMMARY.md: gone.md is only in one of summary and folder",
        "docs/src/TOP.md: docs/src/a.md: no redirect",
        "docs/src/a.md: b.md#b: no such heading",
        "docs/src/a.md: c.md: no such file",
        "docs/src/a.md: #z: no such heading",
        "docs/src/a.md: ../../TOP.md: leaves the book",
    ];
    assert_eq!(broken_in_book(folder.path()), found);
}
