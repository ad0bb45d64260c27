//! The reason why a run ended before its time.

use serde::{Deserialize, Serialize};

/// The reason why a run ended before its time. Whoever shows it makes the sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// The program was asked to end.
    Interrupted,
    /// Something went wrong, which the text describes.
    Broken(String),
}

impl From<String> for Ending {
    fn from(why: String) -> Self {
        Self::Broken(why)
    }
}

impl From<&str> for Ending {
    fn from(why: &str) -> Self {
        Self::Broken(why.to_owned())
    }
}
