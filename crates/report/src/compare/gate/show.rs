//! A gate's verdict for a terminal, as Markdown, as JSON and as suites of tests.

use std::fmt::Write as _;

use serde_json::{Value, json as value};
use sheet::{Column, Sheet};

use super::{Check, Kind, Outcome, Scope};
use crate::{
    Lang,
    compare::{Compared, Gate},
    junit::{self, Case, Suite},
};

/// The number of bad checks that a terminal and a summary list one by one.
const LISTED: usize = 20;

/// Formats the verdict for a terminal, with a line for each check that did not hold.
#[must_use]
pub fn terminal(compared: &Compared, scope: Scope) -> String {
    terminal_in(compared, scope, Lang::En)
}

/// Formats the verdict for a terminal in one of the languages.
#[must_use]
pub fn terminal_in(compared: &Compared, scope: Scope, lang: Lang) -> String {
    let head = headline(compared, scope, lang);
    let mut text = format!("{}: {head}\n", lang.say("gate"));
    for line in bad(compared, scope, lang) {
        let _ = writeln!(text, "  {line}");
    }
    text
}

/// Formats the verdict as Markdown, for the summary of a job.
#[must_use]
pub fn markdown(compared: &Compared, scope: Scope) -> String {
    markdown_in(compared, scope, Lang::En)
}

/// Formats the verdict as Markdown in one of the languages.
#[must_use]
pub fn markdown_in(compared: &Compared, scope: Scope, lang: Lang) -> String {
    let head = headline(compared, scope, lang);
    let mut text = format!("### {}: {head}\n\n", lang.say("Gate"));
    let words = std::iter::once(Column::words("checks"));
    let counts = Outcome::ALL.map(|outcome| Column::numbers(outcome.words()));
    let mut sheet = Sheet::new(words.chain(counts));
    for kind in Kind::ALL.into_iter().filter(|kind| kind.is_judged(scope)) {
        let of_kind: Vec<&Check> = compared
            .judged(scope)
            .filter(|check| check.kind == kind)
            .collect();
        let count = |outcome| of_kind.iter().filter(|one| one.outcome == outcome).count();
        let counts = Outcome::ALL.map(|outcome| count(outcome).to_string());
        sheet.push(std::iter::once(kind.name().to_owned()).chain(counts));
    }
    text.push_str(&lang.sheet(sheet).markdown());
    text.push('\n');
    for line in bad(compared, scope, lang) {
        let _ = writeln!(text, "- {line}");
    }
    text
}

/// Returns the checks as JSON, with the verdict of each extent of a gate.
pub(in crate::compare) fn json(compared: &Compared) -> Value {
    let check = |check: &Check| {
        value!({
            "group": check.kind.name(),
            "transport": check.way,
            "cell": check.cell,
            "figure": check.figure,
            "outcome": check.outcome.words(),
            "text": check.text,
        })
    };
    value!({
        "repeatable": compared.verdict(Scope::Repeatable).word(),
        "times": compared.verdict(Scope::Times).word(),
        "checks": compared.checks.iter().map(check).collect::<Vec<Value>>(),
    })
}

/// Returns the checks as suites of tests, one for each group.
#[must_use]
pub fn suites(compared: &Compared, scope: Scope) -> Vec<Suite> {
    let kinds = Kind::ALL.into_iter().filter(|kind| kind.is_judged(scope));
    let mut suites: Vec<Suite> = kinds
        .map(|kind| {
            let checks = compared.judged(scope).filter(|check| check.kind == kind);
            Suite {
                name: kind.name().to_owned(),
                cases: checks.map(case).collect(),
            }
        })
        .collect();
    if compared.verdict(scope) == Gate::CannotTell {
        let text = headline(compared, scope, Lang::En);
        suites.push(Suite {
            name: "verdict".to_owned(),
            cases: vec![Case {
                class: "verdict".to_owned(),
                name: "something can be told".to_owned(),
                seconds: None,
                outcome: junit::Outcome::Error {
                    kind: "cannot_tell".to_owned(),
                    text,
                },
            }],
        });
    }
    suites
}

fn case(check: &Check) -> Case {
    let text = check.text.clone();
    let outcome = match check.outcome {
        Outcome::Held => junit::Outcome::Passed,
        Outcome::Failed => junit::Outcome::Failed {
            kind: check.figure.to_owned(),
            text,
        },
        Outcome::NotValid => junit::Outcome::Error {
            kind: "not_valid".to_owned(),
            text,
        },
        Outcome::CannotTell => junit::Outcome::Skipped(text),
    };
    Case {
        class: check.kind.name().to_owned(),
        name: check.to_string(),
        seconds: None,
        outcome,
    }
}

/// Returns the verdict, and how many checks held, in one of the languages.
fn headline(compared: &Compared, scope: Scope, lang: Lang) -> String {
    let all = compared.judged(scope).count();
    let held = compared
        .judged(scope)
        .filter(|check| check.outcome == Outcome::Held)
        .count();
    let verdict = match compared.verdict(scope) {
        Gate::Passed => "passed",
        Gate::Regression => "FAILED",
        Gate::CannotTell => "NOT PASSED, nothing can be told",
    };
    let extent = match scope {
        Scope::Repeatable => "; absolute times are not judged, --gate=times judges them",
        Scope::Times => "",
    };
    let counts = format!("{held} of {all} checks held{extent}");
    format!("{} ({})", lang.say(verdict), lang.say(&counts))
}

/// Returns a line for each check that fails the gate, up to a number that can be read.
fn bad(compared: &Compared, scope: Scope, lang: Lang) -> Vec<String> {
    let bad: Vec<&Check> = compared
        .judged(scope)
        .filter(|check| check.outcome.is_bad())
        .collect();
    let mut lines: Vec<String> = bad
        .iter()
        .take(LISTED)
        .map(|check| {
            let outcome = lang.say(check.outcome.words());
            format!(
                "{outcome}: {}: {}",
                check.place(lang),
                lang.say(&check.text)
            )
        })
        .collect();
    if bad.len() > LISTED {
        lines.push(lang.say(&format!("and {} more", bad.len() - LISTED)));
    }
    lines
}
