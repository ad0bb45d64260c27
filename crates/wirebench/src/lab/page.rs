//! The page that the student hands in, which is self-contained.

use std::{fmt::Write, time::SystemTime};

use lessons::{Lang, Lesson};
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{answers::Answers, experiment::Evidence, verdict::Judged, words};
use crate::{machine, shell};

const STYLE: &str = include_str!("page.css");

/// The contents of a page.
#[derive(Debug)]
pub(super) struct Sheet<'a> {
    pub(super) lesson: &'a Lesson,
    pub(super) lang: Lang,
    pub(super) seed: u64,
    pub(super) answers: &'a Answers,
    pub(super) evidence: &'a Evidence,
    pub(super) judged: &'a [Judged<'a>],
    /// The settings that differ from those of the lesson.
    pub(super) overrides: &'a [String],
}

/// Returns the page as a whole HTML document: no script, nothing from elsewhere.
pub(super) fn html(sheet: &Sheet<'_>) -> String {
    let words = words::of(sheet.lang);
    let title = sheet.lesson.experiment.title.get(sheet.lang);
    let page = html! {
        (DOCTYPE)
        html lang=(sheet.lang.name()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (words.lab) ": " (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                h1 { (title) }
                p.question { (sheet.lesson.experiment.question.get(sheet.lang)) }
                (facts(sheet))
                (checks(sheet))
                @if let Some(svg) = &sheet.evidence.picture {
                    figure { (PreEscaped(svg)) }
                }
                p.quiet { (words.caveat) }
                (faults(sheet))
                h2 { (words.repeat) }
                pre { code { (repeat(sheet)) } }
            }
        }
    };
    page.into_string()
}

/// Returns the command that does it again.
fn repeat(sheet: &Sheet<'_>) -> String {
    let mut command = format!(
        "wirebench lab {} --seed {} --answers answers.toml --lang {}",
        sheet.lesson.name,
        sheet.seed,
        sheet.lang.name()
    );
    for one in sheet.overrides {
        // Writing to a String cannot fail.
        let _ = write!(command, " --set {}", shell::word(one.as_ref()));
    }
    command
}

/// Writes a time as people do, in both languages: `2026-01-31 23:59 UTC`.
fn moment(time: SystemTime) -> String {
    let text = humantime::format_rfc3339_seconds(time).to_string();
    match text.split_once('T') {
        Some((day, time)) => format!("{day} {} UTC", time.get(..5).unwrap_or(time)),
        None => text,
    }
}

fn facts(sheet: &Sheet<'_>) -> Markup {
    let words = words::of(sheet.lang);
    let now = moment(SystemTime::now());
    html! {
        dl {
            dt { (words.student) }
            dd { (sheet.answers.student.as_deref().unwrap_or("-")) }
            dt { (words.seed) }
            dd { (sheet.seed) }
            dt { (words.date) }
            dd { (now) }
            dt { (words.machine) }
            dd { (machine::describe().in_words()) }
        }
    }
}

fn checks(sheet: &Sheet<'_>) -> Markup {
    let words = words::of(sheet.lang);
    html! {
        @for one in sheet.judged {
            section class=(format!("{:?}", one.verdict).to_lowercase()) {
                h2 { (one.check.ask.get(sheet.lang)) }
                table {
                    tr {
                        th { (words.predicted) }
                        th { (words.measured) }
                        th { (words.formula) }
                        th { (words.verdict) }
                    }
                    tr {
                        td { (one.answer_text(sheet.lang)) }
                        td { (one.measured_text(sheet.lang)) }
                        td { (one.formula_text(sheet.lang)) }
                        td.verdict { (words.verdict(one.verdict)) }
                    }
                }
                p { (one.check.because.get(sheet.lang)) }
            }
        }
    }
}

fn faults(sheet: &Sheet<'_>) -> Markup {
    let faults = sheet.evidence.faults();
    html! {
        @if !faults.is_empty() {
            p { (words::of(sheet.lang).not_valid) ":" }
            ul { @for fault in &faults { li { (fault) } } }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_time_is_written_as_people_do() {
        let noon = SystemTime::UNIX_EPOCH + Duration::from_secs(12 * 3_600 + 61);
        assert_eq!(moment(noon), "1970-01-01 12:01 UTC");
    }
}
