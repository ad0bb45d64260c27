//! What can be wrong with an objective, said so that it can be put right.

/// An objective that cannot be read, or that no run can answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ObjectiveError {
    /// The table is no table.
    #[error("[objective] must be a table such as websocket.p99 = \"< 50ms\"")]
    NotATable,
    /// A table without anything in it.
    #[error("objective {key}: the table is empty; write a figure, such as {key}.p99 = \"< 50ms\"")]
    Empty {
        /// Its key.
        key: String,
    },
    /// The key's first name is no transport.
    #[error("objective {key}: no transport is called \"{name}\"; did you mean {nearest}?")]
    Transport {
        /// The whole key.
        key: String,
        /// The name in question.
        name: String,
        /// The nearest right one.
        nearest: String,
    },
    /// The key's last name is no column.
    #[error("objective {key}: no column of runs.csv is called \"{name}\"; did you mean {nearest}?")]
    Column {
        /// The whole key.
        key: String,
        /// The name in question.
        name: String,
        /// The nearest right one.
        nearest: String,
    },
    /// The key names a transport that the scenario does not run.
    #[error("objective {key}: the scenario runs no {transport}; it runs {runs}")]
    NotRun {
        /// The whole key.
        key: String,
        /// The transport in question.
        transport: String,
        /// Those that are run, with a comma between them.
        runs: String,
    },
    /// The key names a variant that the scenario does not run.
    #[error(
        "objective {key}: no {transport} here has the variant \"{variant}\"; did you mean {nearest}?"
    )]
    Variant {
        /// The whole key.
        key: String,
        /// Its transport.
        transport: String,
        /// The variant in question.
        variant: String,
        /// The nearest one that is run.
        nearest: String,
    },
    /// The value is no operator and bound.
    #[error("objective {key} = \"{text}\": {problem}")]
    Bound {
        /// The whole key.
        key: String,
        /// The text in question.
        text: String,
        /// What is wrong with it and what would be right.
        problem: String,
    },
}

impl ObjectiveError {
    /// The key that it is about; empty where there is none.
    #[must_use]
    pub fn key(&self) -> &str {
        match self {
            Self::NotATable => "",
            Self::Empty { key }
            | Self::Transport { key, .. }
            | Self::Column { key, .. }
            | Self::NotRun { key, .. }
            | Self::Variant { key, .. }
            | Self::Bound { key, .. } => key,
        }
    }
}

/// The known word that is spelled most like this one; the first of equals.
pub(super) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let mut best: Option<(f64, &str)> = None;
    for candidate in known {
        let likeness = strsim::jaro_winkler(word, candidate);
        if best.is_none_or(|(most, _)| likeness > most) {
            best = Some((likeness, candidate));
        }
    }
    best.map_or_else(String::new, |(_, candidate)| candidate.to_owned())
}

/// Returns the known word that is spelled most like this one, if any is alike enough to
/// be meant. Whether letters are capitals does not count.
pub(super) fn alike<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase();
    known
        .into_iter()
        .map(|one| (strsim::jaro_winkler(&lower, &one.to_lowercase()), one))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .map(|(_, one)| one)
}
