//! The contents of `lesson.toml`.

use serde::{Deserialize, Serialize};

use crate::{Crowd, InLanes, Lang, OfCrowd};

/// A lesson.
#[derive(Debug, Clone, PartialEq)]
pub struct Lesson {
    /// The name of its folder, which is also the lesson's name.
    pub name: &'static str,
    /// The text in Markdown, English and Chinese.
    pub text: [&'static str; 2],
    /// The key to the closing questions, English and Chinese: for teachers.
    pub key: [&'static str; 2],
    /// The experiment of the lesson, with its checks.
    pub experiment: Experiment,
}

impl Lesson {
    /// Returns the text in one language.
    #[must_use]
    pub const fn text(&self, lang: Lang) -> &'static str {
        self.text[lang as usize]
    }
}

/// The contents of `lesson.toml`: the experiment and its checks.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Experiment {
    /// The title of the lesson.
    pub title: Localized,
    /// The question of the lesson.
    pub question: Localized,
    /// The connection lives to trace, each with a name of its own.
    #[serde(default)]
    pub trace: Vec<Traced>,
    /// The scenario to run, as in `scenarios/`, without name and question.
    #[serde(default)]
    pub run: toml::Table,
    /// The crowds behind a browser's limits, each with a name of its own.
    #[serde(default)]
    pub crowd: Vec<Crowd>,
    /// The figure for the page: one of a run, or a trace's name. The default is none.
    #[serde(default)]
    pub show: String,
    /// True if the run is expected to lose messages, because that is the lesson.
    #[serde(default)]
    pub may_fail: bool,
    /// The figures that the student predicts.
    pub check: Vec<Check>,
}

/// A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Localized {
    /// The English text.
    pub en: String,
    /// The Chinese text.
    pub zh: String,
}

impl Localized {
    /// Returns the text in one language.
    #[must_use]
    pub fn get(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.en,
            Lang::Zh => &self.zh,
        }
    }
}

/// A connection life to trace.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Traced {
    /// The name by which checks and `show` refer to the trace.
    pub name: String,
    /// The subject of the trace, as `wirebench trace` names it.
    pub way: String,
    /// The header profile.
    #[serde(default = "minimal")]
    pub profile: String,
    /// The text of the message.
    #[serde(default = "hello")]
    pub message: String,
    /// The network in between, as for `--link`.
    #[serde(default)]
    pub link: Option<String>,
}

/// A figure that the student predicts.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// The name in files of answers.
    pub id: String,
    /// The question.
    pub ask: Localized,
    /// The unit of the answer.
    pub unit: String,
    /// The largest difference of a right answer, as a share of the measurement.
    pub right: f64,
    /// The largest difference of a close answer, as a share of the measurement.
    pub close: f64,
    /// The measured figure.
    pub figure: Figure,
    /// The figure that is taken away from it, where the difference is asked for.
    #[serde(default)]
    pub minus: Option<Figure>,
    /// The divisor of the figure, if it has one.
    #[serde(default)]
    pub over: Option<Figure>,
    /// The factor of the figure. The default is 1.
    #[serde(default = "one")]
    pub times: f64,
    /// The expected value, if a formula gives it.
    #[serde(default)]
    pub formula: Option<Formula>,
    /// The explanation of the result.
    pub because: Localized,
    /// The measurement by the page of the lanes, if a browser can make it.
    #[serde(default)]
    pub lanes: Option<InLanes>,
}

impl Check {
    /// Returns every figure that the check needs.
    pub fn figures(&self) -> impl Iterator<Item = &Figure> {
        let others = [self.minus.as_ref(), self.over.as_ref()];
        std::iter::once(&self.figure).chain(others.into_iter().flatten())
    }
}

/// The source of a figure.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Figure {
    /// The bytes of a traced life: the mean over its elements (requests, answers, chunks, frames)
    /// of this kind in each direction, both directions added.
    Trace(OfTrace),
    /// A figure of a run: the median of the rows that fit.
    Run(OfRun),
    /// A figure of a crowd.
    Crowd(OfCrowd),
}

/// The bytes of a traced life.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfTrace {
    /// The trace's name.
    pub trace: String,
    /// The purpose of the bytes that count.
    pub purpose: String,
    /// The direction of the bytes that count; both if left out.
    #[serde(default)]
    pub direction: Option<String>,
    /// The layers whose bytes count; all if left out.
    #[serde(default)]
    pub layers: Vec<String>,
}

/// A figure of a run, and the rows that it comes from.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfRun {
    /// The name of the figure, which is one that claims know. This crate has no list of them: `lab`
    /// refuses an unknown name before it measures.
    pub run: String,
    /// The transport of the rows.
    pub transport: String,
    /// The variant of the rows, as in `runs.csv`; any if left out.
    #[serde(default)]
    pub variant: Option<String>,
    /// The cell of the rows, as in `runs.csv`; any if left out.
    #[serde(default)]
    pub cell: Option<String>,
}

/// The expected value of a figure.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Formula {
    /// A number.
    Value(f64),
    /// A function, by the name under which claims call it, and its arguments.
    Call {
        /// The name of the function.
        call: String,
        /// The arguments of the function.
        args: Vec<f64>,
        /// The factor that converts the function's value to the unit of the question.
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
