//! The input of the page: the rows, the manifest, and what follows from both.

use std::path::Path;

use analysis::{
    capacity::{self, CapacityRow},
    objective::Checks,
};
use results::{
    Digest,
    manifest::{Cell, Ended, Manifest, Scenario},
};

use crate::Lang;

/// A results folder that has been read.
pub(super) struct PageInput<'a> {
    pub(super) digest: &'a Digest,
    /// The manifest; empty if there is none that can be read.
    pub(super) manifest: Manifest,
    has_manifest: bool,
    pub(super) checks: Checks,
    /// The searches and the loads at which they stopped; empty for a plain run.
    pub(super) searches: Vec<CapacityRow>,
}

impl<'a> PageInput<'a> {
    pub(super) fn of(
        folder: &Path,
        manifest: Option<Manifest>,
        digest: &'a Digest,
        lang: Lang,
    ) -> Self {
        let has_manifest = manifest.is_some();
        let mut manifest = manifest.unwrap_or_default();
        if lang == Lang::Zh {
            say_in_chinese(&mut manifest.scenario);
        }
        Self {
            digest,
            searches: capacity::read(folder).0,
            checks: Checks::of_manifest(&manifest, &digest.runs),
            manifest,
            has_manifest,
        }
    }

    /// Returns the time at which the run began: `2026-01-31 23:59 UTC`.
    pub(super) fn started(&self) -> String {
        let started = &self.manifest.started;
        match started.split_once('T') {
            Some((day, time)) => format!("{day} {} UTC", time.get(..5).unwrap_or(time)),
            None => started.clone(),
        }
    }

    /// Returns the scenario's name.
    pub(super) fn name(&self) -> &str {
        match (
            self.manifest.scenario.name.as_str(),
            self.digest.runs.first(),
        ) {
            ("", Some(run)) => &run.scenario,
            (name, _) => name,
        }
    }

    /// Returns the question, or a substitute without a manifest.
    pub(super) fn title(&self) -> String {
        match self.manifest.scenario.question.as_str() {
            "" => format!("What does each transport cost in “{}”?", self.name()),
            question => question.split_whitespace().collect::<Vec<_>>().join(" "),
        }
    }

    /// Returns the cells of the scenario, each with its settings.
    pub(super) fn cells(&self) -> &[Cell] {
        &self.manifest.scenario.cells
    }

    /// Returns the faults of the folder itself, in sentences.
    pub(super) fn troubles(&self) -> Vec<String> {
        let mut troubles = Vec::new();
        match self.manifest.ended {
            Ended::Running => troubles.push(
                "The run never ended: the program was killed, or it is still at it. What was \
                 measured until then is here."
                    .to_owned(),
            ),
            Ended::Incomplete => troubles
                .push("Not all sittings were made yet: runs are left for another time.".to_owned()),
            Ended::Interrupted => troubles
                .push("The run was interrupted; what was measured until then is here.".to_owned()),
            _ => {}
        }
        if !self.has_manifest {
            troubles.push(
                "manifest.json is missing or cannot be read, so settings and machine are not known."
                    .to_owned(),
            );
        }
        troubles
    }
}

/// Puts the Chinese sentences of a scenario, as far as it has them, in place of the English ones.
fn say_in_chinese(scenario: &mut Scenario) {
    for (sentence, chinese) in [
        (&mut scenario.question, &scenario.question_zh),
        (&mut scenario.motive, &scenario.motive_zh),
        (&mut scenario.expect, &scenario.expect_zh),
    ] {
        if !chinese.is_empty() {
            sentence.clone_from(chinese);
        }
    }
}
