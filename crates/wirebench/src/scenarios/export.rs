//! Copies of the scenarios, header profiles and claims that come with the program.

use std::{
    fs,
    io::{ErrorKind, Write},
    path::Path,
};

use anyhow::{Context, bail};
use scenario::{schema, shipped};

use crate::Ended;

/// The number of files that are named one by one.
const NAMED: usize = 10;

/// The state of a file before it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    Missing,
    Same,
    Other,
}

/// Writes all files into `folder`. Files that differ are left alone, and nothing is written then,
/// unless `overwrite` says that they may be replaced; each that is replaced is named.
pub(super) fn write(folder: &Path, overwrite: bool) -> anyhow::Result<Ended> {
    let schema = schema::text();
    let texts = shipped::files().iter().map(|file| (file.path, file.text));
    let all: Vec<(&str, &str)> = texts.chain([(schema::FILE, schema.as_str())]).collect();
    let found = all
        .iter()
        .map(|(path, text)| compare_file(&folder.join(path), text))
        .collect::<anyhow::Result<Vec<Found>>>()?;
    let of = |wanted: Found| -> Vec<(&str, &str)> {
        let pairs = all.iter().zip(&found);
        let pairs = pairs.filter(|(_, found)| **found == wanted);
        pairs.map(|(file, _)| *file).collect()
    };
    let (missing, others) = (of(Found::Missing), of(Found::Other));
    if !(others.is_empty() || overwrite) {
        bail!(
            "{} has other versions of {}; nothing was written, name another folder or add \
             --overwrite",
            folder.display(),
            named(&others)
        );
    }
    for (path, text) in missing.iter().chain(&others) {
        put(&folder.join(path), text)?;
    }
    let mut out = crate::output::stdout();
    if !others.is_empty() {
        writeln!(out, "replaced: {}", named(&others))?;
    }
    writeln!(
        out,
        "{} files written to {}, {} were there already",
        missing.len() + others.len(),
        folder.display(),
        of(Found::Same).len()
    )?;
    Ok(Ended::Well)
}

fn compare_file(file: &Path, text: &str) -> anyhow::Result<Found> {
    match fs::read(file) {
        Ok(bytes) if bytes == text.as_bytes() => Ok(Found::Same),
        Ok(_) => Ok(Found::Other),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Found::Missing),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", file.display())),
    }
}

fn put(file: &Path, text: &str) -> anyhow::Result<()> {
    if let Some(parent) = file.parent() {
        fs::create_dir_all(parent).with_context(|| format!("cannot make {}", parent.display()))?;
    }
    fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
}

/// Returns the paths of files, the first of them by name.
fn named(files: &[(&str, &str)]) -> String {
    let first: Vec<&str> = files.iter().take(NAMED).map(|(path, _)| *path).collect();
    let rest = files.len().saturating_sub(NAMED);
    let more = if rest > 0 {
        format!(" and {rest} more")
    } else {
        String::new()
    };
    format!("{}{more}", first.join(", "))
}

#[cfg(test)]
mod tests {
    use scenario::Study;

    use super::*;

    #[test]
    fn what_is_copied_is_whole_and_nothing_is_replaced_unasked() {
        let folder = tempfile::tempdir().expect("a folder");
        let out = folder.path().join("copies");
        write(&out, false).expect("a new folder");
        // A claim that an experiment measures has no people, so that it is no plan.
        let has_people = |file: &&shipped::File| file.text.contains("\n[swarm]");
        for file in shipped::scenarios().filter(has_people) {
            Study::load(&out.join(file.path), &[]).expect(file.path);
        }
        assert!(out.join("headers/browser.toml").is_file());
        assert!(out.join("scenario.schema.json").is_file());
        write(&out, false).expect("the same once more");

        let (mine, gone) = (out.join("quick.toml"), out.join("idle.toml"));
        fs::write(&mine, "mine").expect("written");
        fs::remove_file(&gone).expect("removed");
        let refused = write(&out, false).expect_err("a file of somebody's own");
        assert!(refused.to_string().contains("quick.toml"), "{refused}");
        assert_eq!(fs::read_to_string(&mine).expect("a file"), "mine");
        assert!(!gone.exists(), "nothing is written");
        write(&out, true).expect("allowed");
        assert_ne!(fs::read_to_string(&mine).expect("a file"), "mine");
        assert!(gone.is_file());
    }
}
