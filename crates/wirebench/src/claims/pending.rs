//! The request of `wirebench claims`, kept beside the results (`claims.json`): the claims that are
//! not measured yet, and the settings to measure them with. `--resume` continues with these.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};

use super::claim_file;
use crate::{args, folder, path_text, request};

/// The file's name within a folder of claims.
const FILE: &str = "claims.json";

/// The claims that were requested and are not finished.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct PendingClaims {
    /// The folder of the claims' files, as it was typed; empty for those that come with the
    /// program.
    #[serde(with = "path_text")]
    folder: PathBuf,
    /// The depth of the results below the folder in which the command was typed, in folders.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    below: Option<usize>,
    /// The claims' folder as `--resume` found it.
    #[serde(skip)]
    found: Option<PathBuf>,
    /// The claims that are not measured whole.
    left: BTreeMap<String, Left>,
}

/// A claim that is not measured whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Left {
    /// The `--set`s with which it is measured.
    overrides: Vec<String>,
    /// True if the claim's folder holds results of this request; other contents are older.
    begun: bool,
}

impl PendingClaims {
    /// Returns what is asked for on the command line; nothing is left yet.
    pub(super) fn now(options: &args::Claims) -> Self {
        Self {
            folder: options.folder.clone().unwrap_or_default(),
            below: None,
            found: None,
            left: BTreeMap::new(),
        }
    }

    fn read(results: &Path) -> anyhow::Result<Self> {
        let file = results.join(FILE);
        let text = fs::read(&file).with_context(|| {
            format!(
                "cannot read {}; --resume needs a folder that `wirebench claims` made",
                file.display()
            )
        })?;
        serde_json::from_slice(&text)
            .with_context(|| format!("{} does not say what was asked for", file.display()))
    }

    /// Reads what an earlier call left in `results`, and finds its claims.
    pub(super) fn earlier(results: &Path) -> anyhow::Result<Self> {
        let mut pending = Self::read(results)?;
        if claim_file::come_with_the_program(&pending.folder) {
            return Ok(pending);
        }
        pending.found = request::seen_from(results, pending.below, &pending.folder);
        if pending.found.is_none() {
            bail!(
                "the folder of the claims was named {} and is not there, seen from here; go to \
                 the folder in which they were started, and resume them from there",
                pending.folder.display()
            );
        }
        Ok(pending)
    }

    /// Takes over what an earlier call left in `results`, if there was one, and adds these claims.
    pub(super) fn add(&mut self, results: &Path, names: &[&str], overrides: &[String]) {
        if let Ok(earlier) = Self::read(results) {
            self.left = earlier.left;
        }
        self.below = request::depth(results, &self.folder);
        for name in names {
            let left = Left {
                overrides: overrides.to_vec(),
                begun: false,
            };
            self.left.insert((*name).to_owned(), left);
        }
    }

    /// Returns the folder of the claims' files.
    pub(super) fn folder(&self) -> &Path {
        self.found.as_deref().unwrap_or(&self.folder)
    }

    /// Returns the names of the claims that are not measured whole.
    pub(super) fn left(&self) -> Vec<String> {
        self.left.keys().cloned().collect()
    }

    /// Returns whether a claim is not measured whole.
    pub(super) fn is_left(&self, name: &str) -> bool {
        self.left.contains_key(name)
    }

    /// Notes that a claim is being measured. Returns its `--set`s, and whether it was begun by an
    /// earlier call.
    pub(super) fn begin(&mut self, name: &str) -> (Vec<String>, bool) {
        let Some(left) = self.left.get_mut(name) else {
            return (Vec::new(), false);
        };
        (
            left.overrides.clone(),
            std::mem::replace(&mut left.begun, true),
        )
    }

    /// Notes that a claim is measured whole.
    pub(super) fn done(&mut self, name: &str) {
        self.left.remove(name);
    }

    /// Writes it into `results`.
    pub(super) fn write(&self, results: &Path) -> anyhow::Result<()> {
        folder::replace(&results.join(FILE), |draft| {
            Ok(fs::write(draft, serde_json::to_vec_pretty(self)?)?)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pending(folder: &Path) -> PendingClaims {
        PendingClaims {
            folder: folder.to_owned(),
            below: None,
            found: None,
            left: BTreeMap::new(),
        }
    }

    #[test]
    fn what_is_left_is_kept_until_it_is_done() {
        let results = tempfile::tempdir().expect("a folder");
        let results = results.path();
        assert!(PendingClaims::earlier(results).is_err());
        let mut first = pending(results);
        first.add(results, &["b", "a"], &["x=1".to_owned()]);
        first.write(results).expect("written");
        // Another call in the same folder keeps what the first left, with its settings.
        let mut second = pending(results);
        second.add(results, &["c"], &[]);
        assert_eq!(second.left(), ["a", "b", "c"]);
        second.done("b");
        assert_eq!(second.begin("a"), (vec!["x=1".to_owned()], false));
        second.write(results).expect("written");
        let mut resumed = PendingClaims::earlier(results).expect("read");
        assert_eq!(resumed.left(), ["a", "c"]);
        assert!(resumed.is_left("a") && !resumed.is_left("b"));
        assert_eq!(resumed.begin("a"), (vec!["x=1".to_owned()], true));
        assert_eq!(resumed.begin("c"), (Vec::new(), false));
        // A claim that is asked for anew does not go on with what is there.
        resumed.add(results, &["a"], &[]);
        assert_eq!(resumed.begin("a"), (Vec::new(), false));
    }

    #[test]
    fn claims_that_are_nowhere_are_not_gone_on_with() {
        let results = tempfile::tempdir().expect("a folder");
        let lost = pending(Path::new("/nowhere/claims"));
        lost.write(results.path()).expect("written");
        let refused = PendingClaims::earlier(results.path()).expect_err("not there");
        assert!(refused.to_string().contains("/nowhere/claims"));
    }
}
