//! The request of `wirebench lab`, kept beside the page (`lab.json`) so that `--resume` repeats it.
//! The predictions are in `answers.toml`.

use std::{fs, path::Path};

use anyhow::Context;
use lessons::Lang;
use serde::{Deserialize, Serialize};

use crate::folder;

/// The file's name within a lab's folder.
const FILE: &str = "lab.json";

/// A lesson, and how it is done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct LabRequest {
    /// The lesson's name.
    pub(super) lesson: String,
    pub(super) seed: u64,
    lang: String,
    /// The `--set`s.
    pub(super) overrides: Vec<String>,
}

impl LabRequest {
    /// Asks for a lesson with its seed, in a language, with these `--set`s.
    pub(super) fn new(lesson: &str, seed: u64, lang: Lang, overrides: &[String]) -> Self {
        Self {
            lesson: lesson.to_owned(),
            seed,
            lang: lang.name().to_owned(),
            overrides: overrides.to_vec(),
        }
    }

    /// Reads what an earlier call left in `folder`.
    pub(super) fn earlier(folder: &Path) -> anyhow::Result<Self> {
        let file = folder.join(FILE);
        let text = fs::read(&file).with_context(|| {
            format!(
                "cannot read {}; --resume needs a folder that `wirebench lab` made",
                file.display()
            )
        })?;
        serde_json::from_slice(&text)
            .with_context(|| format!("{} does not say what was asked for", file.display()))
    }

    /// Returns the language of questions and page.
    pub(super) fn lang(&self) -> Lang {
        let known = Lang::ALL.into_iter().find(|lang| lang.name() == self.lang);
        known.unwrap_or_default()
    }

    /// Writes it into `folder`.
    pub(super) fn write(&self, folder: &Path) -> anyhow::Result<()> {
        folder::replace(&folder.join(FILE), |draft| {
            Ok(fs::write(draft, serde_json::to_vec_pretty(self)?)?)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_is_asked_again() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(LabRequest::earlier(folder.path()).is_err());
        let request = LabRequest::new("poll-cost", 7, Lang::Zh, &["a=1".to_owned()]);
        request.write(folder.path()).expect("written");
        let again = LabRequest::earlier(folder.path()).expect("read");
        assert_eq!((again.lang(), &again), (Lang::Zh, &request));
    }
}
