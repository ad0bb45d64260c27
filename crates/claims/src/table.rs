//! Claims as a table, for a terminal and in Markdown: a row for each claim, then
//! its findings.

use std::fmt::Write;

use sheet::{Column, Sheet};

use super::{Assessed, Finding, Verdict, words};

const COLUMNS: [&str; 6] = [
    "figure",
    "published",
    "predicted",
    "measured",
    "as predicted",
    "published figure",
];

/// Returns all claims for a terminal of this width. `say` returns a text in the language of the
/// reader; what publications say stays as they say it.
#[must_use]
pub fn terminal(assessed: &[Assessed], width: u16, say: impl Fn(&str) -> String) -> String {
    let mut text = String::new();
    for one in assessed {
        let mut table = Sheet::new(COLUMNS.map(|name| Column::words(say(name))));
        for finding in &one.assessment.findings {
            table.push(cells(finding, &say));
        }
        let table = table.without_lines(width.min(160));
        // Writing into a String cannot fail.
        let verdict = say(one.assessment.verdict.words());
        let _ = writeln!(text, "{}: {verdict}", one.name);
        let _ = writeln!(text, "  {}", one.claim.statement);
        let _ = writeln!(text, "  {} {}", say("source:"), one.claim.source);
        if !one.claim.wrong.is_empty() {
            let wrong = line(&one.claim.wrong);
            let _ = writeln!(text, "  {} {wrong}", say("wrong with it:"));
        }
        let _ = writeln!(text, "  {}", say(&line(&one.assessment.because)));
        if !one.assessment.comment.is_empty() {
            let _ = writeln!(text, "  {}", say(&line(&one.assessment.comment)));
        }
        for reason in &one.not_valid {
            let _ = writeln!(text, "  {} {}", say("NOT VALID:"), say(reason));
        }
        let _ = writeln!(text, "{table}\n");
    }
    text
}

/// Returns a summary of all claims in Markdown, in the language of `say`.
#[must_use]
pub fn markdown(assessed: &[Assessed], say: impl Fn(&str) -> String) -> String {
    let mut sheet = Sheet::new(
        ["claim", "source"]
            .into_iter()
            .chain(COLUMNS)
            .map(|name| Column::words(say(name))),
    );
    for one in assessed {
        for finding in &one.assessment.findings {
            let claim = [one.name.clone(), line(&one.claim.source)];
            sheet.push(claim.into_iter().chain(cells(finding, &say)));
        }
    }
    sheet.markdown()
}

/// Returns the cells of a figure, each in the language of `say`.
fn cells(finding: &Finding, say: &impl Fn(&str) -> String) -> [String; 6] {
    let or_nothing =
        |text: Option<String>| text.map_or_else(|| words::NOTHING.to_owned(), |text| say(&text));
    let published = finding.published.as_ref();
    [
        format!("{}, {}", say(&finding.quantity), say(&finding.unit)),
        or_nothing(published.map(|published| words::published(published, &finding.unit))),
        or_nothing(words::predicted(finding)),
        or_nothing(words::measured(finding)),
        say(&words::agreement(finding)),
        say(finding.verdict().map_or("", Verdict::of_a_figure)),
    ]
}

/// Joins a text of several lines into one line.
fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
