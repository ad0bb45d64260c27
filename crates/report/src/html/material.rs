//! What the page is made from: the rows, the manifest, and what follows from both.

use std::path::Path;

use serde_json::Value;

use analysis::{
    capacity::{self, CapacityRow},
    objective::Checks,
};
use results::Digest;

/// A results folder, read.
pub(super) struct Material<'a> {
    pub(super) digest: &'a Digest,
    /// Null where there is none.
    pub(super) manifest: Value,
    pub(super) checks: Checks,
    /// Where searches stopped; none in the folder of a plain run.
    pub(super) searches: Vec<CapacityRow>,
}

impl<'a> Material<'a> {
    pub(super) fn of(folder: &Path, digest: &'a Digest) -> Self {
        let manifest = results::manifest::read(folder);
        Self {
            digest,
            searches: capacity::read(folder).0,
            checks: Checks::of_manifest(&manifest, &digest.runs),
            manifest,
        }
    }

    /// A text of the manifest by JSON pointer; empty where there is none.
    pub(super) fn text(&self, pointer: &str) -> &str {
        self.manifest
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// When it began: `2026-01-31 23:59 UTC`.
    pub(super) fn started(&self) -> String {
        let started = self.text("/started");
        match started.split_once('T') {
            Some((day, time)) => format!("{day} {} UTC", time.get(..5).unwrap_or(time)),
            None => started.to_owned(),
        }
    }

    /// The scenario's name.
    pub(super) fn name(&self) -> &str {
        match (self.text("/scenario/name"), self.digest.runs.first()) {
            ("", Some(run)) => &run.scenario,
            (name, _) => name,
        }
    }

    /// The question, or what can be said without a manifest.
    pub(super) fn title(&self) -> String {
        match self.text("/scenario/question") {
            "" => format!("What does each transport cost in “{}”?", self.name()),
            question => question.split_whitespace().collect::<Vec<_>>().join(" "),
        }
    }

    /// The settings of each cell: its label and its values.
    pub(super) fn cells(&self) -> Vec<(&str, &Value)> {
        let cells = self.manifest["scenario"]["cells"].as_array();
        let cells = cells.into_iter().flatten();
        cells
            .map(|cell| (cell["label"].as_str().unwrap_or("-"), &cell["scenario"]))
            .collect()
    }

    /// What is wrong with the folder itself, in sentences.
    pub(super) fn troubles(&self) -> Vec<String> {
        let mut troubles = Vec::new();
        match self.text("/ended") {
            "running" => troubles.push(
                "The run never ended: the program was killed, or it is still at it. What was \
                 measured until then is here."
                    .to_owned(),
            ),
            "incomplete" => troubles
                .push("Not all sittings were made yet: runs are left for another time.".to_owned()),
            "interrupted" => troubles
                .push("The run was interrupted; what was measured until then is here.".to_owned()),
            _ => {}
        }
        if self.manifest.is_null() {
            troubles.push(
                "manifest.json is missing or cannot be read, so settings and machine are not known."
                    .to_owned(),
            );
        }
        troubles
    }
}
