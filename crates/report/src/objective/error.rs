//! What can be wrong with an objective, said so that it can be put right.

/// An objective that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ObjectiveError {
    /// The table is no table.
    #[error("[objective] must be a table such as websocket.p99 = \"< 50ms\"")]
    NotATable,
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
