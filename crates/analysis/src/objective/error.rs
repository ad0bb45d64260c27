//! The errors in an objective, with texts that say how to correct them.

/// The likeness (Jaro and Winkler) above which one word may be meant by another.
const ALIKE: f64 = 0.75;

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
    #[error("objective {key}: no transport is called \"{name}\"{}", meant(.nearest.as_deref()))]
    Transport {
        /// The whole key.
        key: String,
        /// The unknown name.
        name: String,
        /// The nearest correct name; `None` if none is similar.
        nearest: Option<String>,
    },
    /// The last name of the key is not a column.
    #[error(
        "objective {key}: no figure and no column of runs.csv is called \"{name}\"{}",
        meant(.nearest.as_deref())
    )]
    Column {
        /// The whole key.
        key: String,
        /// The unknown name.
        name: String,
        /// The nearest correct name; `None` if none is similar.
        nearest: Option<String>,
    },
    /// The last name of the key is a column of texts.
    #[error("objective {key}: {name} is a text; an objective bounds a figure, such as p99")]
    Text {
        /// The whole key.
        key: String,
        /// The name of the column.
        name: String,
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
        "objective {key}: no {transport} here has the variant \"{variant}\"; it runs as {runs}"
    )]
    Variant {
        /// The whole key.
        key: String,
        /// The transport in the key.
        transport: String,
        /// The variant that is not run.
        variant: String,
        /// The variants that are run, separated by commas.
        runs: String,
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
            | Self::Text { key, .. }
            | Self::NotRun { key, .. }
            | Self::Variant { key, .. }
            | Self::Bound { key, .. } => key,
        }
    }
}

/// Returns the question whether a similar name was meant; empty if there is none.
#[must_use]
pub fn meant(nearest: Option<&str>) -> String {
    let question = |name| format!("; did you mean {name}?");
    nearest.map_or_else(String::new, question)
}

/// Returns the known word that is spelled most like this one, if one is similar enough to be meant;
/// the first of equals. Upper and lower case are not distinguished.
#[must_use]
pub fn alike<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase();
    let mut best: Option<(f64, &str)> = None;
    for candidate in known {
        let likeness = strsim::jaro_winkler(&lower, &candidate.to_lowercase());
        if likeness > ALIKE && best.is_none_or(|(most, _)| likeness > most) {
            best = Some((likeness, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}
