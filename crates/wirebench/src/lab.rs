//! `wirebench lab`: a lesson's predictions, its experiment, and the results of both.
//!
//! `answers` asks, `experiment` and `crowd` measure, `value` finds each check's figure in what was
//! measured, `verdict` compares, `page` writes what is handed in; `chinese` has the Chinese of
//! traces.

mod answers;
mod chinese;
mod crowd;
mod experiment;
mod page;
mod request;
mod value;
mod verdict;
mod words;

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    time::SystemTime,
};

use anyhow::Context;
use lessons::{Lesson, lessons};

use crate::{Ended, args, folder, interrupt::Interrupt, progress, session::no_room, shell};

use self::{
    answers::Answers,
    experiment::{Evidence, Work},
    request::LabRequest,
    verdict::Judged,
};

/// Runs a lesson, goes on with one, or lists them all.
pub(crate) fn lab(options: &args::Lab) -> anyhow::Result<Ended> {
    let request = match (&options.resume, &options.lesson) {
        (Some(folder), _) => LabRequest::earlier(folder)?,
        (None, Some(name)) => {
            let seed = options.seed.unwrap_or_else(own_seed);
            LabRequest::new(name, seed, options.lang(), &options.overrides)
        }
        (None, None) => return list(options.lang()),
    };
    let (name, lang) = (&request.lesson, request.lang());
    let lesson = lessons::find(name)?
        .with_context(|| format!("no lesson is called {name:?}; `wirebench lab` lists them"))?;
    value::check_figures(&lesson)?;
    show_question(&lesson, lang)?;
    let (answers, folder) = match (&options.resume, &options.out) {
        (Some(folder), _) => (Answers::kept(&lesson, folder)?, folder.clone()),
        (None, Some(folder)) => (Answers::ask(&lesson, options)?, folder.clone()),
        (None, None) => {
            let answers = Answers::ask(&lesson, options)?;
            (answers, folder::new_default(&format!("lab-{name}"))?)
        }
    };
    let _held = folder::hold(&folder)?;
    if options.resume.is_none() {
        experiment::check_folder(&folder)?;
    }
    request.write(&folder)?;
    answers.keep(&folder)?;
    progress::say(&format!(
        "{}: seed {}",
        words::of(lang).measuring,
        request.seed
    ));
    let interrupt = Interrupt::watch()?;
    let go_on = format!("wirebench lab --resume {}", shell::path(&folder));
    let evidence = experiment::measure(
        &lesson,
        &request,
        &Work {
            folder: &folder,
            go_on: &go_on,
            resumes: options.resume.is_some(),
            quiet: options.quiet,
            interrupt: &interrupt,
        },
    )?;
    let file =
        page(&lesson, &request, &answers, &evidence, &folder).with_context(|| no_room(&go_on))?;
    let mut out = crate::output::stdout();
    if evidence.is_whole() {
        writeln!(out, "\n{}: {}", words::of(lang).hand_in, file.display())?;
    } else {
        writeln!(out, "\ngo on with: {go_on}")?;
    }
    Ok(evidence.ended(&lesson))
}

/// Judges the predictions, prints the verdicts, and writes the page. Returns where it is.
fn page(
    lesson: &Lesson,
    request: &LabRequest,
    answers: &Answers,
    evidence: &Evidence,
    folder: &Path,
) -> anyhow::Result<PathBuf> {
    let judged = verdict::judge(lesson, answers, evidence);
    let html = page::html(&page::Sheet {
        lesson,
        lang: request.lang(),
        seed: request.seed,
        answers,
        evidence,
        judged: &judged,
        overrides: &request.overrides,
    });
    let file = folder.join("lab.html");
    fs::write(&file, html).with_context(|| format!("cannot write {}", file.display()))?;
    show(&judged, request.lang())?;
    Ok(file)
}

fn list(lang: lessons::Lang) -> anyhow::Result<Ended> {
    let mut out = crate::output::stdout();
    for lesson in lessons()? {
        writeln!(
            out,
            "{:<18} {}",
            lesson.name,
            lesson.experiment.title.get(lang)
        )?;
        writeln!(out, "{:<18} {}\n", "", lesson.experiment.question.get(lang))?;
    }
    Ok(Ended::Well)
}

fn show_question(lesson: &Lesson, lang: lessons::Lang) -> anyhow::Result<()> {
    let mut out = crate::output::stdout();
    writeln!(out, "{}", lesson.experiment.title.get(lang))?;
    writeln!(out, "{}\n", lesson.experiment.question.get(lang))?;
    Ok(())
}

fn show(judged: &[Judged<'_>], lang: lessons::Lang) -> anyhow::Result<()> {
    let words = words::of(lang);
    let mut out = crate::output::stdout();
    for one in judged {
        writeln!(out, "\n{}", one.check.ask.get(lang))?;
        writeln!(
            out,
            "  {}: {}  {}: {}  {}: {}  -> {}",
            words.predicted,
            one.answer_text(lang),
            words.measured,
            one.measured_text(lang),
            words.formula,
            one.formula_text(lang),
            words.verdict(one.verdict)
        )?;
        writeln!(out, "  {}", one.check.because.get(lang))?;
    }
    Ok(())
}

/// Draws a seed that the student beside is unlikely to have.
fn own_seed() -> u64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    now.map_or(1, |time| u64::from(time.subsec_nanos()) % 9_000 + 1_000)
}
