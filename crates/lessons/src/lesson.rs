//! What `lesson.toml` says.

use serde::{Deserialize, Serialize};

use crate::{Crowd, InLanes, Lang, OfCrowd};

/// A lesson.
#[derive(Debug, Clone, PartialEq)]
pub struct Lesson {
    /// Its folder's name, by which it is asked for.
    pub name: &'static str,
    /// Its text in Markdown, English and Chinese.
    pub text: [&'static str; 2],
    /// The key to its closing questions, English and Chinese: for teachers.
    pub key: [&'static str; 2],
    /// What is run, and what is checked.
    pub experiment: Experiment,
}

impl Lesson {
    /// Its text in one language.
    #[must_use]
    pub const fn text(&self, lang: Lang) -> &'static str {
        self.text[lang as usize]
    }
}

/// `lesson.toml`: what is run, and what is checked.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Experiment {
    /// What the lesson is called.
    pub title: Localized,
    /// What it asks.
    pub question: Localized,
    /// Lives to trace, each by a name of its own.
    #[serde(default)]
    pub trace: Vec<Traced>,
    /// A scenario to run, as in `scenarios/`, without name and question.
    #[serde(default)]
    pub run: toml::Table,
    /// Crowds to see behind a browser's limits, each by a name of its own.
    #[serde(default)]
    pub crowd: Vec<Crowd>,
    /// Which figure goes into the page: one of a run, or a trace's name. Default:
    /// none.
    #[serde(default)]
    pub show: String,
    /// Whether the run is expected to lose messages, because that is the lesson.
    #[serde(default)]
    pub may_fail: bool,
    /// What the student predicts.
    pub check: Vec<Check>,
}

/// A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Localized {
    /// English.
    pub en: String,
    /// Chinese.
    pub zh: String,
}

impl Localized {
    /// The text in one language.
    #[must_use]
    pub fn get(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.en,
            Lang::Zh => &self.zh,
        }
    }
}

/// A life to trace.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Traced {
    /// By which checks and `show` mean it.
    pub name: String,
    /// What to trace, as `wirebench trace` names it.
    pub way: String,
    /// The header profile.
    #[serde(default = "minimal")]
    pub profile: String,
    /// What is said.
    #[serde(default = "hello")]
    pub message: String,
    /// The network in between, as `--link` has it.
    #[serde(default)]
    pub link: Option<String>,
}

/// One thing that the student predicts.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// Its name in files of answers.
    pub id: String,
    /// What is asked.
    pub ask: Localized,
    /// The unit of the answer.
    pub unit: String,
    /// The answer is right within this share of what was measured.
    pub right: f64,
    /// And close within this one.
    pub close: f64,
    /// What is measured.
    pub figure: Figure,
    /// It is divided by this, where that is given.
    #[serde(default)]
    pub over: Option<Figure>,
    /// And multiplied by this. Default 1.
    #[serde(default = "one")]
    pub times: f64,
    /// What must come out, where a formula says so.
    #[serde(default)]
    pub formula: Option<Formula>,
    /// Why it is so.
    pub because: Localized,
    /// How the page of the lanes measures it, where a browser can.
    #[serde(default)]
    pub lanes: Option<InLanes>,
}

/// Where a figure comes from.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Figure {
    /// Bytes of a traced life: the mean over its elements (requests, answers,
    /// chunks, frames) of this kind in each direction, both directions added.
    Trace(OfTrace),
    /// A figure of a run: the median of the rows that fit.
    Run(OfRun),
    /// A figure of a crowd.
    Crowd(OfCrowd),
}

/// Bytes of a traced life.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfTrace {
    /// The trace's name.
    pub trace: String,
    /// Only what is for this.
    pub purpose: String,
    /// Only what goes this way; both if left out.
    #[serde(default)]
    pub direction: Option<String>,
    /// Only bytes in these layers; all if left out.
    #[serde(default)]
    pub layers: Vec<String>,
}

/// A figure of a run.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfRun {
    /// Which one.
    pub run: Quantity,
    /// Of this transport.
    pub transport: String,
    /// Of this variant, as `runs.csv` has it; any if left out.
    #[serde(default)]
    pub variant: Option<String>,
    /// Of this cell, as `runs.csv` has it; any if left out.
    #[serde(default)]
    pub cell: Option<String>,
}

/// A figure of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quantity {
    /// Median latency from due, in milliseconds.
    P50Ms,
    /// Its 90th percentile.
    P90Ms,
    /// Its mean.
    MeanMs,
    /// Its standard deviation.
    DeviationMs,
    /// Its maximum.
    MaxMs,
    /// From first to last receiver of a draft, median, in milliseconds.
    SpreadMs,
    /// Bytes that are no event's JSON, for each delivery.
    HeaderBytes,
    /// Reading requests (or pieces) for each delivery.
    Exchanges,
    /// Share of polls that brought nothing, in percent.
    EmptyPercent,
    /// Share of deliveries that never came, in percent.
    LostPercent,
    /// The server's processor time for each delivery, in microseconds.
    ServerCpuUs,
    /// The server's resident memory for each client, in KiB.
    MemoryKib,
}

impl Quantity {
    /// Returns its name, as in a lesson's and a claim's file.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::P50Ms => "p50_ms",
            Self::P90Ms => "p90_ms",
            Self::MeanMs => "mean_ms",
            Self::DeviationMs => "deviation_ms",
            Self::MaxMs => "max_ms",
            Self::SpreadMs => "spread_ms",
            Self::HeaderBytes => "header_bytes",
            Self::Exchanges => "exchanges",
            Self::EmptyPercent => "empty_percent",
            Self::LostPercent => "lost_percent",
            Self::ServerCpuUs => "server_cpu_us",
            Self::MemoryKib => "memory_kib",
        }
    }
}

/// What must come out.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Formula {
    /// A number.
    Value(f64),
    /// A function, by the name that claims know it by, and its arguments.
    Call {
        /// Its name.
        call: String,
        /// Its arguments.
        args: Vec<f64>,
        /// Its value is multiplied by this, to come to the unit asked for.
        #[serde(default = "one")]
        times: f64,
    },
}

fn minimal() -> String {
    "minimal".to_owned()
}

fn hello() -> String {
    "hello".to_owned()
}

const fn one() -> f64 {
    1.0
}

/// A lesson's file that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("lessons/{name}/lesson.toml: {problem}")]
pub struct LessonError {
    pub(crate) name: &'static str,
    pub(crate) problem: String,
}
