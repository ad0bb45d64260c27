//! A lesson's experiment: traces, crowds, and a small scenario in a session.

use std::{fs, path::Path};

use anyhow::{Context, bail};
use lessons::{Lang, Lesson, Traced};
use report::figure;
use results::{Rows, manifest};
use scenario::Study;
use trace::Record;

use super::{chinese, crowd, request::LabRequest};
use crate::{
    Ended,
    interrupt::Interrupt,
    session::{Opening, Session, Start, no_room},
    trace as tracing,
};

/// The folder of the lesson's run.
const RUN: &str = "run";
/// The beginning of the name of a lesson's scenario.
const NAME: &str = "lab-";

/// The results of a lesson's measurements.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    /// The traces, by name.
    pub(super) traces: Vec<(String, Record)>,
    /// The rows of the run; empty where the lesson runs none.
    pub(super) rows: Rows,
    /// The facts that were measured with crowds.
    pub(super) crowds: claims::Evidence,
    /// The picture that the page shows, as SVG.
    pub(super) picture: Option<String>,
    interrupted: bool,
    /// Runs that are left for another sitting.
    later: usize,
}

/// The circumstances in which a lesson is measured.
#[derive(Debug)]
pub(super) struct Work<'a> {
    pub(super) folder: &'a Path,
    /// The command that goes on with the folder.
    pub(super) go_on: &'a str,
    /// True if the results of an earlier call are continued.
    pub(super) resumes: bool,
    pub(super) quiet: bool,
    pub(super) interrupt: &'a Interrupt,
}

impl Evidence {
    /// Returns why runs are not valid, one line for each.
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

    /// Returns whether everything was measured that the lesson asks for.
    pub(super) const fn is_whole(&self) -> bool {
        !self.interrupted && self.later == 0
    }

    /// Returns how the lab ended.
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

/// Measures everything that a lesson asks for, until the program is asked to end. Of what an
/// earlier call left, finished runs and what was seen of crowds are kept; traces take no time and
/// are made again.
pub(super) fn measure(
    lesson: &Lesson,
    request: &LabRequest,
    work: &Work<'_>,
) -> anyhow::Result<Evidence> {
    if !work.resumes {
        clear(work.folder)?;
    }
    let mut evidence = Evidence::default();
    for wish in &lesson.experiment.trace {
        let record = one_trace(wish, request.seed)?;
        keep(work.folder, &wish.name, &record).with_context(|| no_room(work.go_on))?;
        evidence.traces.push((wish.name.clone(), record));
    }
    if !work.interrupt.seen() {
        evidence.crowds = crowd::measure(lesson, work)?;
    }
    if !lesson.experiment.run.is_empty() && !work.interrupt.seen() {
        run(lesson, request, work, &mut evidence)?;
    }
    evidence.interrupted = work.interrupt.seen();
    evidence.picture = picture(lesson, &evidence, request.lang())?;
    Ok(evidence)
}

/// Refuses a folder for a lesson in which `run` holds something that no lesson left: what an
/// earlier call measured is removed.
pub(super) fn check_folder(folder: &Path) -> anyhow::Result<()> {
    let run = folder.join(RUN);
    let Ok(mut entries) = fs::read_dir(&run) else {
        return Ok(());
    };
    let is_of_a_lesson = || {
        let manifest = manifest::read(&run);
        LabRequest::earlier(folder).is_ok()
            && manifest.is_some_and(|manifest| manifest.scenario.name.starts_with(NAME))
    };
    if entries.next().is_some() && !is_of_a_lesson() {
        bail!(
            "{} is there, and no lesson made it; choose another --out",
            run.display()
        );
    }
    Ok(())
}

/// Removes what an earlier call measured: rows are only ever added to, and would mix in.
fn clear(folder: &Path) -> anyhow::Result<()> {
    let run = folder.join(RUN);
    if run.is_dir() {
        fs::remove_dir_all(&run).with_context(|| format!("cannot empty {}", run.display()))?;
    }
    crowd::clear(folder)
}

fn one_trace(wish: &Traced, seed: u64) -> anyhow::Result<Record> {
    let mut settings = tracing::settings(wish.way.parse::<trace::Traced>()?, &wish.profile)?;
    settings.message.clone_from(&wish.message);
    settings.link = wish.link.as_deref().map(link::settings_from).transpose()?;
    settings.seed = Some(seed);
    tracing::record(&settings)
}

/// Writes the listing, to be read at leisure.
fn keep(folder: &Path, name: &str, record: &Record) -> anyhow::Result<()> {
    let file = folder.join(format!("{name}.txt"));
    fs::write(&file, trace::listing(record))
        .with_context(|| format!("cannot write {}", file.display()))
}

fn run(
    lesson: &Lesson,
    request: &LabRequest,
    work: &Work<'_>,
    evidence: &mut Evidence,
) -> anyhow::Result<()> {
    let study = study(lesson, request.seed, &request.overrides)?;
    let descriptors =
        rlimit::increase_nofile_limit(u64::MAX).context("cannot read the limit of open files")?;
    study.check(descriptors)?;
    let plans = study.plans();
    let folder = work.folder.join(RUN);
    let opening = Opening {
        folder: &folder,
        // A call that was cut may not have come to its runs.
        start: if folder.join(manifest::FILE).exists() {
            Start::Resumed
        } else {
            Start::New
        },
        go_on: work.go_on.to_owned(),
        is_part: true,
        tells: false,
    };
    let mut session = Session::open(opening, study, plans, None, work.interrupt)?;
    let (plans, later) = session.left();
    session.measure_all(&plans, work.quiet)?;
    session.end(later)?;
    evidence.later = later;
    // From the files, as everybody else will read them.
    evidence.rows = session.rows();
    Ok(())
}

/// Returns the lesson's scenario, with what every scenario must have.
pub(super) fn study(lesson: &Lesson, seed: u64, overrides: &[String]) -> anyhow::Result<Study> {
    let mut table = lesson.experiment.run.clone();
    let question = lesson.experiment.question.en.clone();
    table.insert("name".to_owned(), format!("{NAME}{}", lesson.name).into());
    table.insert("question".to_owned(), question.into());
    // Where the student's own experiment differs from everybody else's.
    table.insert("seed".to_owned(), i64::try_from(seed)?.into());
    let text = toml::to_string(&table)?;
    Ok(Study::from_text(lesson.name, &text, overrides)?)
}

const fn chart_lang(lang: Lang) -> report::Lang {
    match lang {
        Lang::En => report::Lang::En,
        Lang::Zh => report::Lang::Zh,
    }
}

/// Returns the picture that the lesson shows, in one of the languages; `None` if nothing was
/// measured for it.
fn picture(lesson: &Lesson, evidence: &Evidence, lang: Lang) -> anyhow::Result<Option<String>> {
    let show = &lesson.experiment.show;
    let traced = evidence.traces.iter().find(|(name, _)| name == show);
    if let Some((_, record)) = traced {
        let english = trace::sequence::svg(record);
        return Ok(Some(match lang {
            Lang::En => english,
            Lang::Zh => chinese::picture(&english),
        }));
    }
    if evidence.rows.runs.is_empty() {
        return Ok(None);
    }
    let figures = chart_lang(lang).drawing(|| figure::all(&evidence.rows))?;
    let is_shown = |name: &str| name.split('.').next() == Some(show);
    // The last cell is the largest.
    let figure = figures.into_iter().rev().find(|one| is_shown(&one.name));
    Ok(figure.map(|figure| figure.svg))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_run_that_a_lesson_left_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let run = folder.join(RUN);
        let names = |scenario: &str| {
            let text = format!(r#"{{ "scenario": {{ "name": "{scenario}" }} }}"#);
            fs::write(run.join(manifest::FILE), text).unwrap();
        };
        check_folder(folder).unwrap();
        fs::create_dir(&run).unwrap();
        check_folder(folder).unwrap();
        fs::write(run.join("mine.txt"), "mine").unwrap();
        let refused = check_folder(folder).unwrap_err().to_string();
        assert!(refused.contains("no lesson made it"), "{refused}");
        names("lab-poll-cost");
        assert!(check_folder(folder).is_err(), "no lesson was done here");
        let request = LabRequest::new("poll-cost", 7, Lang::En, &[]);
        request.write(folder).unwrap();
        check_folder(folder).unwrap();
        names("quick");
        assert!(check_folder(folder).is_err(), "a run of a scenario");
    }
}
