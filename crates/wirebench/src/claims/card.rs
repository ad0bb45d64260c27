//! A claim's file: what a publication says, beside the scenario that tests it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context;
use claims::{Claim, Part};
use serde::Deserialize;

use crate::scenarios::ELSEWHERE;

/// A claim's file, as far as `claims` reads it itself; the rest is the scenario.
#[derive(Debug)]
pub(crate) struct Card {
    /// The claim's name.
    pub(crate) name: String,
    /// Its `[claim]` table.
    pub(crate) claim: Claim,
    /// The file.
    pub(crate) path: PathBuf,
    /// Whether it has transports to run; a mere experiment has none.
    pub(crate) has_runs: bool,
}

#[derive(Debug, Deserialize)]
struct File {
    name: String,
    claim: Claim,
    #[serde(default)]
    transport: Vec<toml::Table>,
}

impl Card {
    /// Reads a claim's file; the scenario in it is read when it is run.
    pub(crate) fn load(path: &Path) -> anyhow::Result<Self> {
        let text = fs::read_to_string(path).with_context(|| {
            format!("cannot read {}; {ELSEWHERE} with --folder", path.display())
        })?;
        let file: File =
            toml::from_str(&text).with_context(|| format!("cannot read {}", path.display()))?;
        Ok(Self {
            name: file.name,
            claim: file.claim,
            path: path.to_owned(),
            has_runs: !file.transport.is_empty(),
        })
    }

    /// Its parts; the whole as the only one where the file names none.
    pub(crate) fn parts(&self) -> Vec<Part> {
        if !self.claim.part.is_empty() {
            return self.claim.part.clone();
        }
        let whole = Part {
            name: String::new(),
            set: Vec::new(),
            only: Vec::new(),
            may_fail: false,
        };
        self.has_runs.then_some(whole).into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use scenario::Study;

    use super::*;

    /// Every claim that can be judged has a file that can be run, and nothing else does.
    #[test]
    fn every_claim_has_a_file() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/claims");
        for name in claims::names() {
            let card = Card::load(&folder.join(format!("{name}.toml"))).expect(name);
            assert_eq!(card.name, name);
            for part in card.parts() {
                let study = Study::load(&card.path, &part.set).expect(name);
                assert!(!study.plans().is_empty(), "{name} {}", part.name);
            }
            assert!(card.has_runs || card.claim.experiment.is_some(), "{name}");
        }
        let files = fs::read_dir(&folder).expect("the folder of claims");
        assert_eq!(files.count(), claims::names().count());
    }
}
