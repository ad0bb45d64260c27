//! The errors of a scenario: each names the problem, its place and a correct value.

use std::{fmt, io, path::PathBuf};

use super::document::Places;

/// The reasons why a scenario cannot be run. Each text says what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScenarioError {
    /// The file cannot be read.
    #[error("cannot read the scenario {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The reason why not.
        source: io::Error,
    },
    /// The text is no TOML.
    #[error("{place}: not TOML: {message}")]
    Syntax {
        /// The place at which reading stopped.
        place: Location,
        /// A description of what was expected there.
        message: String,
    },
    /// An override that is not `key=value`.
    #[error("--set {text}: {problem}")]
    Override {
        /// The override as given.
        text: String,
        /// A description of the problem.
        problem: String,
    },
    /// A key that does not belong.
    #[error("{place}: {key} is not a key here; {hint}")]
    UnknownKey {
        /// The place of the key.
        place: Location,
        /// The key, with the tables it is in.
        key: String,
        /// The nearest right spelling, and all keys that belong.
        hint: String,
    },
    /// A key that is needed and not there.
    #[error("{place}: {key} is missing; {hint}")]
    MissingKey {
        /// The place at which the key should be.
        place: Location,
        /// The key, with the tables it is in.
        key: String,
        /// A suggestion of what to write.
        hint: String,
    },
    /// A value of the wrong type, or a word that is none of those known.
    #[error("{place}: {key} {problem}")]
    Value {
        /// The place of the value.
        place: Location,
        /// The key, with the tables it is in.
        key: String,
        /// A description of the value and of what belongs there.
        problem: String,
    },
    /// A value that is well written and cannot work.
    #[error("{place}: {key}: {problem}")]
    Impossible {
        /// The place of the value.
        place: Location,
        /// The key, with the tables it is in and, in a sweep, the cell.
        key: String,
        /// The reason why it cannot work, and what would.
        problem: String,
    },
}

/// The place at which a value was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// A file, and the line in it (from 1) if there is one to name.
    File {
        /// The file's name as it was given.
        file: String,
        /// The line, from 1.
        line: Option<usize>,
    },
    /// An override on the command line.
    Override(String),
}

impl fmt::Display for Location {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File {
                file,
                line: Some(line),
            } => write!(formatter, "{file}:{line}"),
            Self::File { file, line: None } => formatter.write_str(file),
            Self::Override(text) => write!(formatter, "--set {text}"),
        }
    }
}

/// A [`ScenarioError::Impossible`] that does not know yet where it stands.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) key: String,
    pub(super) reason: String,
    pub(super) remedy: String,
}

impl Problem {
    pub(super) fn new(key: &str, reason: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            key: key.to_owned(),
            reason: reason.into(),
            remedy: remedy.into(),
        }
    }

    pub(super) fn at(self, places: &Places, cell: &str) -> ScenarioError {
        let mut key = places.as_written(&self.key);
        if cell != "-" {
            key = format!("{key} (cell {cell})");
        }
        ScenarioError::Impossible {
            place: places.of(&self.key),
            key,
            problem: format!("{}; {}", self.reason, self.remedy),
        }
    }
}
