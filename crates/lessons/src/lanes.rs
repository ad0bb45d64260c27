//! How the page of the lanes does an experiment: what it is set to, and which
//! figure it reads off. What needs a swarm, or headers that no browser leaves
//! out, is for `wirebench lab` alone.

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{Check, Crowd, Formula, Lesson};

/// How the page of the lanes measures what a check asks for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InLanes {
    /// Which figure is read off.
    pub read: Reading,
    /// Off which lane, by its name.
    pub lane: String,
    /// For how long at least, in seconds. Default 0: until there is a figure.
    #[serde(default)]
    pub seconds: f64,
    /// Of short polling, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<f64>,
    /// Added one-way delay, in milliseconds; only the teacher may set one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay: Option<u32>,
    /// What is said meanwhile; nothing if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub talk: Option<Talk>,
    /// Who reads instead of the lane itself: a crowd's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crowd: Option<String>,
    /// How often it has to be seen, for figures of bytes. Default 1.
    #[serde(default = "once")]
    pub least: u32,
}

/// What is said while a figure is read off.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Talk {
    /// Messages a second.
    pub per_second: f64,
    /// Who says it.
    pub by: Talker,
    /// Bytes of text in each.
    pub bytes: u32,
}

/// Who says something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Talker {
    /// The page, next to the server (past the lanes' delay), at random times:
    /// pauses are exponential, so messages come as a Poisson process.
    Page,
    /// The page, through the lane itself, at even times.
    Lane,
    /// The server's own talker, at even times; only the teacher may start it.
    Server,
}

/// What is read off a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    /// Median latency, in milliseconds.
    P50Ms,
    /// Its 90th percentile.
    P90Ms,
    /// Its mean.
    MeanMs,
    /// Its standard deviation.
    DeviationMs,
    /// Its maximum.
    MaxMs,
    /// Bytes of an empty poll, question and answer.
    EmptyBytes,
    /// Bytes of the handshake, both ways.
    SetupBytes,
    /// Bytes around the payload of a frame that comes down with a message.
    FrameDown,
    /// Bytes around the payload of a frame that takes a draft up.
    FrameUp,
    /// Bytes of a heartbeat, both ways.
    HeartbeatBytes,
    /// Polls for each message heard.
    PollsPerMessage,
    /// How many of a crowd hear a message at once.
    Heard,
    /// How long a draft takes that shares a crowd's port, in milliseconds.
    DraftMs,
}

const fn once() -> u32 {
    1
}

impl InLanes {
    /// Whether it would disturb others who use the same lanes: then a student does
    /// it over lanes of their own.
    #[must_use]
    pub fn disturbs(&self) -> bool {
        let by_server = |talk: &Talk| talk.by == Talker::Server;
        self.delay.is_some() || self.talk.as_ref().is_some_and(by_server)
    }
}

impl Lesson {
    /// The checks that the page of the lanes can do.
    pub fn in_lanes(&self) -> impl Iterator<Item = (&Check, &InLanes)> {
        let checks = self.experiment.check.iter();
        checks.filter_map(|check| Some((check, check.lanes.as_ref()?)))
    }
}

/// A check's settings, with the crowd that they mean.
fn settings(lesson: &Lesson, lanes: &InLanes) -> serde_json::Value {
    let mut settings = json!(lanes);
    let is_meant = |crowd: &&Crowd| Some(&crowd.name) == lanes.crowd.as_ref();
    if let Some(crowd) = lesson.experiment.crowd.iter().find(is_meant) {
        // The cap is not told: the browser has one of its own, and that is measured.
        settings["crowd"] = json!({
            "readers": crowd.readers,
            "ports": crowd.ports,
            "hold": crowd.hold,
        });
    }
    settings
}

/// What every page may know of a lesson's sheets: its name, its title, and each
/// question with its unit.
#[must_use]
pub fn told(lesson: &Lesson) -> serde_json::Value {
    let checks = lesson.experiment.check.iter();
    let checks: Vec<_> = checks
        .map(|check| json!({"id": check.id, "ask": check.ask, "unit": check.unit}))
        .collect();
    json!({"name": lesson.name, "title": lesson.experiment.title, "checks": checks})
}

/// The number that must come out, where a lesson states it.
fn expected(check: &Check) -> Option<f64> {
    match check.formula {
        Some(Formula::Value(value)) => Some(value),
        _ => None,
    }
}

/// What the page of the lanes is told of a lesson, as JSON.
pub(crate) fn sheet(lesson: &Lesson) -> String {
    let checks = &lesson.experiment.check;
    let checks: Vec<_> = checks
        .iter()
        .map(|check| {
            json!({
                "id": check.id,
                "ask": check.ask,
                "unit": check.unit,
                "right": check.right,
                "close": check.close,
                "times": check.times,
                "because": check.because,
                "expected": expected(check),
                "lanes": check.lanes.as_ref().map(|lanes| settings(lesson, lanes)),
            })
        })
        .collect();
    json!({
        "name": lesson.name,
        "title": lesson.experiment.title,
        "question": lesson.experiment.question,
        "command": format!("wirebench lab {}", lesson.name),
        "whole": lesson.in_lanes().count() == checks.len(),
        "checks": checks,
    })
    .to_string()
}
