//! A lesson's experiment: traces, and a small scenario through the machinery of `run`.

use std::{fs, path::Path};

use anyhow::Context;
use lessons::{Lesson, Traced};
use report::{Rows, Store, claim, figure};
use scenario::Study;
use trace::Record;
use wire::Way;

use super::crowd;
use crate::{
    Ended, args, interrupt::Interrupt, manifest::Manifest, measure, progress::View,
    trace as tracing,
};

/// What was measured.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    /// The traces, by name.
    pub(super) traces: Vec<(String, Record)>,
    /// The rows of the run; empty where the lesson runs none.
    pub(super) rows: Rows,
    /// What was seen of crowds, a fact each.
    pub(super) crowds: claim::Evidence,
    /// The picture that the page shows, as SVG.
    pub(super) picture: Option<String>,
    interrupted: bool,
}

impl Evidence {
    /// Why runs are not valid, a line each.
    pub(super) fn faults(&self) -> Vec<String> {
        let bad = self.rows.runs.iter().filter(|row| !row.valid);
        bad.map(|row| {
            format!(
                "{} {} {}: {}",
                row.transport, row.variant, row.cell, row.error
            )
        })
        .collect()
    }

    /// How the lab ended.
    pub(super) fn ended(&self, lesson: &Lesson) -> Ended {
        if self.interrupted {
            Ended::Interrupted
        } else if self.faults().is_empty() || lesson.experiment.may_fail {
            Ended::Well
        } else {
            Ended::NotValid
        }
    }
}

/// Measures everything that a lesson asks for.
pub(super) fn measure(
    lesson: &Lesson,
    seed: u64,
    options: &args::Lab,
    folder: &Path,
) -> anyhow::Result<Evidence> {
    let mut evidence = Evidence::default();
    for wish in &lesson.experiment.trace {
        let record = one_trace(wish, seed)?;
        keep(folder, &wish.name, &record)?;
        evidence.traces.push((wish.name.clone(), record));
    }
    evidence.crowds = crowd::measure(lesson, folder)?;
    if !lesson.experiment.run.is_empty() {
        run(lesson, seed, options, folder, &mut evidence)?;
    }
    evidence.picture = picture(lesson, &evidence)?;
    Ok(evidence)
}

fn one_trace(wish: &Traced, seed: u64) -> anyhow::Result<Record> {
    let mut settings = tracing::settings(wish.way.parse::<Way>()?, &wish.profile)?;
    settings.message.clone_from(&wish.message);
    settings.link = wish.link.as_deref().map(link::settings_from).transpose()?;
    settings.seed = Some(seed);
    tracing::live(&settings)
}

/// The listing, to be read at leisure.
fn keep(folder: &Path, name: &str, record: &Record) -> anyhow::Result<()> {
    let file = folder.join(format!("{name}.txt"));
    fs::write(&file, trace::listing(record))
        .with_context(|| format!("cannot write {}", file.display()))
}

fn run(
    lesson: &Lesson,
    seed: u64,
    options: &args::Lab,
    folder: &Path,
    evidence: &mut Evidence,
) -> anyhow::Result<()> {
    let study = study(lesson, seed, &options.overrides)?;
    let descriptors =
        rlimit::increase_nofile_limit(u64::MAX).context("cannot read the limit of open files")?;
    study.check(descriptors)?;
    let plans = study.plans();
    let folder = folder.join("run");
    if folder.is_dir() {
        // Rows are only ever added to, and those of an earlier call would mix in.
        fs::remove_dir_all(&folder)
            .with_context(|| format!("cannot empty {}", folder.display()))?;
    }
    let store = Store::create(&folder)?;
    let mut manifest = Manifest::new(&study, plans.clone(), None);
    manifest.write(&folder)?;
    let interrupt = Interrupt::watch()?;
    let mut view = View::new(&plans, options.quiet);
    for plan in &plans {
        if interrupt.seen() {
            break;
        }
        let line = view.run(plan);
        let rows = measure::measure(plan, study.cell_of(plan), None, &interrupt, line)?;
        store.append(&rows)?;
    }
    drop(view);
    evidence.interrupted = interrupt.seen();
    manifest.ended(if evidence.interrupted {
        "interrupted"
    } else {
        "complete"
    });
    manifest.write(&folder)?;
    // From the files, as everybody else will read them.
    evidence.rows = Store::open(&folder)?.read().rows;
    Ok(())
}

/// The lesson's scenario, with what every scenario must have.
pub(super) fn study(lesson: &Lesson, seed: u64, overrides: &[String]) -> anyhow::Result<Study> {
    let mut table = lesson.experiment.run.clone();
    let question = lesson.experiment.question.en.clone();
    table.insert("name".to_owned(), format!("lab-{}", lesson.name).into());
    table.insert("question".to_owned(), question.into());
    // Where the student's own experiment differs from everybody else's.
    table.insert("seed".to_owned(), i64::try_from(seed)?.into());
    let text = toml::to_string(&table)?;
    Ok(Study::from_text(lesson.name, &text, overrides)?)
}

fn picture(lesson: &Lesson, evidence: &Evidence) -> anyhow::Result<Option<String>> {
    let show = &lesson.experiment.show;
    let traced = evidence.traces.iter().find(|(name, _)| name == show);
    if let Some((_, record)) = traced {
        return Ok(Some(trace::sequence::svg(record)));
    }
    if evidence.rows.runs.is_empty() {
        return Ok(None);
    }
    let figures = figure::all(&evidence.rows)?;
    let is_shown = |name: &str| name.split('.').next() == Some(show);
    // The last cell is the largest.
    let figure = figures.into_iter().rev().find(|one| is_shown(&one.name));
    Ok(figure.map(|figure| figure.svg))
}
