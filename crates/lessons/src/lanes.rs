//! The part of an experiment that the page of the lanes can do: its settings, and the figure to
//! read. Experiments that need a swarm, or headers that no browser leaves out, are for
//! `wirebench lab` alone.

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{Check, Crowd, Formula, Lesson};

/// The way in which the page of the lanes measures the figure of a check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InLanes {
    /// The figure that is read.
    pub read: Reading,
    /// The name of the lane that it is read from.
    pub lane: String,
    /// The least duration, in seconds. The default is 0: until there is a figure.
    #[serde(default)]
    pub seconds: f64,
    /// The interval of short polling, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<f64>,
    /// The added one-way delay, in milliseconds; only the teacher may set one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay: Option<u32>,
    /// The messages that are published meanwhile; none if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub talk: Option<Talk>,
    /// The name of a crowd that reads instead of the lane itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crowd: Option<String>,
    /// The least number of observations, for figures of bytes. The default is 1.
    #[serde(default = "once")]
    pub least: u32,
}

/// The messages that are published while a figure is read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Talk {
    /// The number of messages a second.
    pub per_second: f64,
    /// The publisher of the messages.
    pub by: Talker,
    /// The bytes of text in each message.
    pub bytes: u32,
}

/// A publisher of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Talker {
    /// The page, next to the server (past the lanes' delay), at random times: pauses are
    /// exponential, so messages form a Poisson process.
    Page,
    /// The page, through the lane itself, at even times.
    Lane,
    /// The server's own talker, at even times; only the teacher may start it.
    Server,
}

/// A figure that can be read from a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    /// The median latency, in milliseconds.
    P50Ms,
    /// The 90th percentile of the latency, in milliseconds.
    P90Ms,
    /// The mean latency, in milliseconds.
    MeanMs,
    /// The standard deviation of the latency, in milliseconds.
    DeviationMs,
    /// The maximum latency, in milliseconds.
    MaxMs,
    /// The bytes of an empty poll, request and response.
    EmptyBytes,
    /// The bytes of the handshake, in both directions.
    SetupBytes,
    /// The bytes around the payload of a frame that comes down with a message.
    FrameDown,
    /// The bytes around the payload of a frame that takes a draft up.
    FrameUp,
    /// The bytes of a heartbeat, in both directions.
    HeartbeatBytes,
    /// The number of polls for each message that is heard.
    PollsPerMessage,
    /// The number of readers of a crowd that hear a message at once.
    Heard,
    /// The latency of a draft that shares a crowd's port, in milliseconds.
    DraftMs,
}

const fn once() -> u32 {
    1
}

impl InLanes {
    /// Returns whether the measurement would disturb others who use the same lanes; if so, a
    /// student makes it over lanes of their own.
    #[must_use]
    pub fn disturbs(&self) -> bool {
        let by_server = |talk: &Talk| talk.by == Talker::Server;
        self.delay.is_some() || self.talk.as_ref().is_some_and(by_server)
    }
}

impl Lesson {
    /// Returns the checks that the page of the lanes can do.
    pub fn in_lanes(&self) -> impl Iterator<Item = (&Check, &InLanes)> {
        let checks = self.experiment.check.iter();
        checks.filter_map(|check| Some((check, check.lanes.as_ref()?)))
    }
}

/// Returns a check's settings, with the crowd that they refer to.
fn settings(lesson: &Lesson, lanes: &InLanes) -> serde_json::Value {
    let mut settings = json!(lanes);
    let is_meant = |crowd: &&Crowd| Some(&crowd.name) == lanes.crowd.as_ref();
    if let Some(crowd) = lesson.experiment.crowd.iter().find(is_meant) {
        // The cap is not sent: the browser has one of its own, and that is measured.
        settings["crowd"] = json!({
            "readers": crowd.readers,
            "ports": crowd.ports,
            "hold": crowd.hold,
        });
    }
    settings
}

/// Returns the public part of a lesson's sheets: its name, its title, and each question with its
/// unit.
#[must_use]
pub fn told(lesson: &Lesson) -> serde_json::Value {
    let checks = lesson.experiment.check.iter();
    let checks: Vec<_> = checks
        .map(|check| json!({"id": check.id, "ask": check.ask, "unit": check.unit}))
        .collect();
    json!({"name": lesson.name, "title": lesson.experiment.title, "checks": checks})
}

/// Returns the expected number, if the lesson states it.
fn expected(check: &Check) -> Option<f64> {
    match check.formula {
        Some(Formula::Value(value)) => Some(value),
        _ => None,
    }
}

/// Returns the JSON of a lesson for the page of the lanes.
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
