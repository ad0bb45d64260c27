//! A workload that was written down: a file of one's own, or one that comes with the program. It may
//! say in which public thread it stands, and what people measured there.

use std::{fs, path::Path};

use anyhow::Context;
use scenario::shipped;
use serde::Deserialize;
use sheet::{Column, Entry, Sheet};

use super::{
    figures::Figures,
    sheets::{self, Sources},
};
use crate::args::WorkloadInputs;

/// The key of the part about the thread.
const THREAD: &str = "thread";

/// A file with a workload.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) inputs: WorkloadInputs,
    pub(super) thread: Option<Thread>,
}

/// A public thread, and what people measured in it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Thread {
    title: String,
    /// The address.
    source: String,
    dated: String,
    /// The numbers of the workload that are not in the thread.
    assumed: String,
    measured: Vec<Quote>,
}

/// A figure that somebody published, and the figure of advice that belongs beside it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Quote {
    /// The figure as they say it.
    said: String,
    /// The way to read, under the title that tables have for it.
    way: String,
    /// The figure of advice.
    figure: String,
    /// The unit that they have, and the factor to it from advice's.
    #[serde(default)]
    unit: String,
    #[serde(default = "one")]
    times: f64,
    /// Their number, if there is one.
    value: Option<f64>,
    /// The share of their number by which advice may differ.
    #[serde(default)]
    within: f64,
    /// The reason for a difference.
    #[serde(default)]
    why: String,
}

const fn one() -> f64 {
    1.0
}

/// Reads the workload of a file. Where there is no such file, its name may be that of one that comes
/// with the program.
pub(super) fn read(file: &Path) -> anyhow::Result<Written> {
    let shown = file.display();
    let shipped = shipped::workload(file).filter(|_| !file.is_file());
    let text = match shipped {
        Some(shipped) => shipped.text.to_owned(),
        None => fs::read_to_string(file)
            .with_context(|| format!("cannot read {shown}; there are also {}", names()))?,
    };
    Written::of(&text).with_context(|| format!("{shown} is no workload"))
}

/// Returns the names of the workloads that come with the program.
fn names() -> String {
    let names = shipped::workloads().map(shipped::File::name);
    names.collect::<Vec<_>>().join(", ")
}

impl Written {
    /// Reads a workload from text.
    pub(super) fn of(text: &str) -> anyhow::Result<Self> {
        let mut table: toml::Table = toml::from_str(text)?;
        let Some(thread) = table.remove(THREAD) else {
            // Read as a whole, it has errors with lines and columns.
            return Ok(Self {
                inputs: toml::from_str(text)?,
                thread: None,
            });
        };
        let thread: Thread = thread.try_into().context(THREAD)?;
        Ok(Self {
            inputs: table.try_into()?,
            thread: Some(thread),
        })
    }
}

impl Thread {
    /// Returns where the workload is from, and what of it is not from there, in words.
    pub(super) fn told(&self) -> String {
        let Self {
            title,
            source,
            dated,
            assumed,
            ..
        } = self;
        format!("{title}: {source}, {dated}. {assumed}")
    }

    /// Puts advice beside what people measured.
    pub(super) fn beside(&self, all: &[Figures], sources: &Sources<'_>) -> Sheet {
        let mut sheet = Sheet::new([
            Column::words("what they say"),
            Column::words("what advice calls it"),
            Column::numbers("advice"),
            Column::numbers("differs by, %"),
            Column::words("why"),
        ]);
        for said in &self.measured {
            sheet.push(said.line(all, sources));
        }
        sheet
    }
}

impl Quote {
    /// Returns the figure of advice, in their unit.
    fn advised(&self, all: &[Figures], sources: &Sources<'_>) -> Option<(String, Option<f64>)> {
        let place = (self.way.as_str(), self.figure.as_str());
        sheets::cell(all, sources, place, self.times)
    }

    /// Returns the share by which a number differs from theirs.
    fn difference(&self, advised: Option<f64>) -> Option<f64> {
        Some(advised? / self.value? - 1.0)
    }

    fn line(&self, all: &[Figures], sources: &Sources<'_>) -> [Entry; 5] {
        let advised = self.advised(all, sources);
        let (text, value) = advised.unwrap_or_else(|| ("not asked for".to_owned(), None));
        let shown = format!("{text} {}", self.unit).trim_end().to_owned();
        let difference = self.difference(value);
        let percent = difference.map(|share| share * 1e2);
        // If somebody changed a number, the answer is another, and the file's reason is not about
        // it.
        let is_usual = difference.is_none_or(|share| share.abs() <= self.within);
        [
            Entry::from(self.said.as_str()),
            Entry::from(format!("{}: {}", self.way, self.figure)),
            match value {
                Some(value) => Entry::number(shown, value),
                None => Entry::from(shown),
            },
            percent.map_or_else(
                || Entry::from(""),
                |percent| Entry::number(format!("{percent:+.1}"), percent),
            ),
            Entry::from(if is_usual { self.why.as_str() } else { "" }),
        ]
    }
}

#[cfg(test)]
mod tests;
