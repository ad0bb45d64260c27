//! The errors in an objective, with texts that say how to correct them.

/// An objective that cannot be read, or that selects no run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ObjectiveError {
    /// The value is not a table.
    #[error("[objective] must be a table such as websocket.p99 = \"< 50ms\"")]
    NotATable,
    /// The table is empty.
    #[error("objective {key}: the table is empty; write a figure, such as {key}.p99 = \"< 50ms\"")]
    Empty {
        /// The key of the table.
        key: String,
    },
    /// The first name of the key is not a transport.
    #[error("objective {key}: no transport is called \"{name}\"; did you mean {nearest}?")]
    Transport {
        /// The whole key.
        key: String,
        /// The unknown name.
        name: String,
        /// The nearest correct name.
        nearest: String,
    },
    /// The last name of the key is not a column.
    #[error("objective {key}: no column of runs.csv is called \"{name}\"; did you mean {nearest}?")]
    Column {
        /// The whole key.
        key: String,
        /// The unknown name.
        name: String,
        /// The nearest correct name.
        nearest: String,
    },
    /// The key names a transport that the scenario does not run.
    #[error("objective {key}: the scenario runs no {transport}; it runs {runs}")]
    NotRun {
        /// The whole key.
        key: String,
        /// The transport that is not run.
        transport: String,
        /// The transports that are run, separated by commas.
        runs: String,
    },
    /// The key names a variant that the scenario does not run.
    #[error(
        "objective {key}: no {transport} here has the variant \"{variant}\"; did you mean {nearest}?"
    )]
    Variant {
        /// The whole key.
        key: String,
        /// The transport in the key.
        transport: String,
        /// The variant that is not run.
        variant: String,
        /// The nearest variant that is run.
        nearest: String,
    },
    /// The value is not an operator and a bound.
    #[error("objective {key} = \"{text}\": {problem}")]
    Bound {
        /// The whole key.
        key: String,
        /// The text of the value.
        text: String,
        /// The error in it, and a correct form.
        problem: String,
    },
}

impl ObjectiveError {
    /// Returns the key that the error is about; empty if there is none.
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

/// Returns the known word that is spelled most like this one; the first of equals.
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

/// Returns the known word that is spelled most like this one, if one is similar enough to be meant.
/// Upper and lower case are not distinguished.
pub(super) fn alike<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase();
    known
        .into_iter()
        .map(|one| (strsim::jaro_winkler(&lower, &one.to_lowercase()), one))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .map(|(_, one)| one)
}
