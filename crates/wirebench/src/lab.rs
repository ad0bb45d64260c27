//! `wirebench lab`: a lesson's predictions, its experiment, and what came of both.
//!
//! `answers` asks, `experiment` and `crowd` measure, `value` finds each check's figure in
//! what was measured, `verdict` compares, `page` writes what is handed in, with the pictures' Chinese from `chinese`.

mod answers;
mod chinese;
mod crowd;
mod experiment;
mod page;
mod value;
mod verdict;
mod words;

use std::{fs, io::Write, time::SystemTime};

use anyhow::Context;
use lessons::{Lesson, lessons};

use crate::{Ended, args, folder, progress};

use self::{answers::Answers, verdict::Judged};

/// Runs a lesson, or lists them all.
pub(crate) fn lab(options: &args::Lab) -> anyhow::Result<Ended> {
    let Some(name) = &options.lesson else {
        return list(options.lang());
    };
    let lesson = lessons::find(name)?
        .with_context(|| format!("no lesson is called {name:?}; `wirebench lab` lists them"))?;
    let lang = options.lang();
    show_question(&lesson, lang)?;
    let answers = Answers::ask(&lesson, options)?;
    let seed = options.seed.unwrap_or_else(own_seed);
    let folder = match &options.out {
        Some(folder) => folder.clone(),
        None => folder::new_default(&format!("lab-{name}"))?,
    };
    let _held = folder::hold(&folder)?;
    progress::say(&format!("{}: seed {seed}", words::of(lang).measuring));
    let evidence = experiment::measure(&lesson, seed, options, &folder)?;
    let judged = verdict::judge(&lesson, &answers, &evidence);
    answers.keep(&folder)?;
    let html = page::html(&page::Sheet {
        lesson: &lesson,
        lang,
        seed,
        answers: &answers,
        evidence: &evidence,
        judged: &judged,
        overrides: &options.overrides,
    });
    let file = folder.join("lab.html");
    fs::write(&file, html).with_context(|| format!("cannot write {}", file.display()))?;
    show(&judged, lang)?;
    writeln!(
        std::io::stdout(),
        "\n{}: {}",
        words::of(lang).hand_in,
        file.display()
    )?;
    Ok(evidence.ended(&lesson))
}

fn list(lang: lessons::Lang) -> anyhow::Result<Ended> {
    let mut out = std::io::stdout().lock();
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
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", lesson.experiment.title.get(lang))?;
    writeln!(out, "{}\n", lesson.experiment.question.get(lang))?;
    Ok(())
}

fn show(judged: &[Judged<'_>], lang: lessons::Lang) -> anyhow::Result<()> {
    let words = words::of(lang);
    let mut out = std::io::stdout().lock();
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

/// A seed that the student beside is unlikely to have.
fn own_seed() -> u64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    now.map_or(1, |time| u64::from(time.subsec_nanos()) % 9_000 + 1_000)
}
