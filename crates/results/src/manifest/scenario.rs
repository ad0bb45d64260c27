//! The scenario of a measurement as resolved: its cells with their settings.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Others, table};

/// A scenario as resolved.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Scenario {
    /// The name of the scenario.
    #[serde(default)]
    pub name: String,
    /// The question that the scenario asks.
    #[serde(default)]
    pub question: String,
    /// The reason for asking it.
    #[serde(default)]
    pub motive: String,
    /// The result that its author expected.
    #[serde(default)]
    pub expect: String,
    /// The question in Chinese.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub question_zh: String,
    /// The reason in Chinese.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub motive_zh: String,
    /// The expected result in Chinese.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub expect_zh: String,
    /// The seed of all random choices in the runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// The cells, one for each combination of the swept values.
    #[serde(default)]
    pub cells: Vec<Cell>,
    /// All other keys.
    #[serde(flatten)]
    pub others: Others,
}

/// A combination of the swept values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// The value of the `cell` column in the rows of its runs.
    #[serde(default = "without_a_name")]
    pub label: String,
    /// The settings: every value that has an effect.
    #[serde(default)]
    pub scenario: Settings,
    /// All other keys.
    #[serde(flatten)]
    pub others: Others,
}

fn without_a_name() -> String {
    "-".to_owned()
}

/// The settings of a cell: tables of the scenario, most of which are only shown.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Settings {
    /// The network between client and server, if one is simulated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<Value>,
    /// The objectives, which the results must meet.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub objective: Value,
    /// The expectations about the results.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub expectation: Value,
    /// The server's settings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<Server>,
    /// All other keys.
    #[serde(flatten)]
    pub others: Others,
}

/// The server's settings.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Server {
    /// A pause of the whole server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stall: Option<Stall>,
    /// All other keys.
    #[serde(flatten)]
    pub others: Others,
}

/// A pause of the whole server.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Stall {
    /// The length of the pause, in words such as `400ms`.
    #[serde(rename = "for", default, skip_serializing_if = "Option::is_none")]
    pub length: Option<String>,
    /// All other keys.
    #[serde(flatten)]
    pub others: Others,
}

/// The keys of a scenario whose values are sentences.
const SENTENCES: [&str; 7] = [
    "name",
    "question",
    "motive",
    "expect",
    "question_zh",
    "motive_zh",
    "expect_zh",
];

impl Settings {
    /// Returns the values by key, without the sentences that describe the question.
    #[must_use]
    pub fn values(&self) -> Map<String, Value> {
        let mut values = table(self);
        values.retain(|key, _| !SENTENCES.contains(&key.as_str()));
        values
    }
}
