//! Verdicts as JUnit XML, which servers of continuous integration read.
//!
//! The format has no standard; this is what Jenkins, GitLab and the usual actions of GitHub agree
//! on: `testsuites`, `testsuite` and `testcase`, with `failure`, `error` or `skipped` in a case, and
//! the counts of these as attributes.

use std::fmt::Write as _;

use analysis::{
    objective::{self, Check, Checks},
    series::identities,
};
use results::{Reason, RunRow};

/// A group of cases.
#[derive(Debug, Clone, PartialEq)]
pub struct Suite {
    /// The name of the group.
    pub name: String,
    /// The cases of the group, in their order.
    pub cases: Vec<Case>,
}

/// A case: one thing that was judged.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// The group of the case, as viewers show it above the name.
    pub class: String,
    /// The name of the case, unique within its class.
    pub name: String,
    /// The duration in seconds; `None` if it took no time of its own.
    pub seconds: Option<f64>,
    /// The outcome of the case.
    pub outcome: Outcome,
}

/// The outcome of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The case holds.
    Passed,
    /// The case does not hold.
    Failed {
        /// A word for what failed, such as the key of a figure.
        kind: String,
        /// The reason, in words.
        text: String,
    },
    /// The case cannot be judged, and should be.
    Error {
        /// A word for the reason, such as its code.
        kind: String,
        /// The reason, in words.
        text: String,
    },
    /// The case cannot be judged, and need not be; the text says why.
    Skipped(String),
}

/// Returns the suites of a run: a case for each run, for each objective and for each expectation. A
/// run that is not valid is an error, and an objective that is missed is a failure. Nothing depends
/// on expectations, so that one that does not hold is skipped, with the reason.
#[must_use]
pub fn of_run(runs: &[RunRow], checks: &Checks) -> Vec<Suite> {
    let suite = |name: &str, cases: Vec<Case>| Suite {
        name: name.to_owned(),
        cases,
    };
    let objectives = checks.objectives.iter().map(objective);
    let expectations = checks.expectations.iter().map(expectation);
    vec![
        suite("runs", cases_of(runs)),
        suite("objectives", objectives.collect()),
        suite("expectations", expectations.collect()),
    ]
}

fn cases_of(runs: &[RunRow]) -> Vec<Case> {
    let known = identities(runs);
    let name = |run: &RunRow| {
        let of_it = |one: &&analysis::series::Identity| {
            one.transport == run.transport && one.variant == run.variant
        };
        let mut name = known
            .iter()
            .find(of_it)
            .map_or_else(|| run.transport.clone(), |one| one.style.name.clone());
        if run.cell != "-" {
            let _ = write!(name, " at {}", run.cell);
        }
        let _ = write!(name, ", repeat {}", run.repeat);
        name
    };
    let case = |run: &RunRow| Case {
        class: format!("runs.{}", run.scenario),
        name: name(run),
        seconds: Some(run.measured_ms as f64 / 1e3),
        outcome: of_row(run),
    };
    runs.iter().map(case).collect()
}

fn of_row(run: &RunRow) -> Outcome {
    if run.valid {
        return Outcome::Passed;
    }
    let codes = Reason::codes(Reason::of(run));
    Outcome::Error {
        kind: if codes.is_empty() {
            "not_valid".to_owned()
        } else {
            codes
        },
        text: run.error.clone(),
    }
}

fn objective(check: &Check) -> Case {
    let text = check.text.clone();
    let outcome = match check.outcome {
        objective::Outcome::Met => Outcome::Passed,
        objective::Outcome::Missed => Outcome::Failed {
            kind: check.metric.clone(),
            text,
        },
        objective::Outcome::CannotBeJudged => Outcome::Error {
            kind: "cannot_be_judged".to_owned(),
            text,
        },
    };
    named("objectives", check, outcome)
}

fn expectation(check: &Check) -> Case {
    let outcome = match check.outcome {
        objective::Outcome::Met => Outcome::Passed,
        other => Outcome::Skipped(format!("{}: {}", other.expected(), check.text)),
    };
    named("expectations", check, outcome)
}

fn named(class: &str, check: &Check, outcome: Outcome) -> Case {
    let name = if check.run.is_empty() {
        check.objective.clone()
    } else {
        format!("{} ({})", check.objective, check.run)
    };
    Case {
        class: class.to_owned(),
        name,
        seconds: None,
        outcome,
    }
}

/// The counts of a group, as its attributes.
#[derive(Debug, Default, Clone, Copy)]
struct Counts {
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
    seconds: f64,
}

impl Counts {
    fn of<'a>(cases: impl Iterator<Item = &'a Case>) -> Self {
        let mut counts = Self::default();
        for case in cases {
            counts.tests += 1;
            counts.seconds += case.seconds.unwrap_or_default();
            match case.outcome {
                Outcome::Passed => {}
                Outcome::Failed { .. } => counts.failures += 1,
                Outcome::Error { .. } => counts.errors += 1,
                Outcome::Skipped(_) => counts.skipped += 1,
            }
        }
        counts
    }

    fn attributes(self) -> String {
        let Self {
            tests,
            failures,
            errors,
            skipped,
            seconds,
        } = self;
        format!(
            "tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\" \
             time=\"{seconds:.3}\""
        )
    }
}

/// Returns suites as a document in UTF-8. Suites without a case are left out.
#[must_use]
pub fn xml(name: &str, suites: &[Suite]) -> String {
    let all = Counts::of(suites.iter().flat_map(|suite| &suite.cases));
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"{}\" {}>\n",
        escaped(name),
        all.attributes()
    );
    for suite in suites.iter().filter(|suite| !suite.cases.is_empty()) {
        let _ = writeln!(
            text,
            "  <testsuite name=\"{}\" {}>",
            escaped(&suite.name),
            Counts::of(suite.cases.iter()).attributes()
        );
        for case in &suite.cases {
            write_case(&mut text, case);
        }
        text.push_str("  </testsuite>\n");
    }
    text.push_str("</testsuites>\n");
    text
}

fn write_case(to: &mut String, case: &Case) {
    let _ = write!(
        to,
        "    <testcase classname=\"{}\" name=\"{}\" time=\"{:.3}\"",
        escaped(&case.class),
        escaped(&case.name),
        case.seconds.unwrap_or_default()
    );
    let reason = match &case.outcome {
        Outcome::Passed => return to.push_str("/>\n"),
        Outcome::Failed { kind, text } => reason("failure", kind, text),
        Outcome::Error { kind, text } => reason("error", kind, text),
        Outcome::Skipped(text) => format!("<skipped message=\"{}\"/>", escaped(text)),
    };
    let _ = writeln!(to, ">\n      {reason}\n    </testcase>");
}

fn reason(element: &str, kind: &str, text: &str) -> String {
    let (kind, text) = (escaped(kind), escaped(text));
    format!("<{element} type=\"{kind}\" message=\"{text}\">{text}</{element}>")
}

/// Escapes a text for an attribute or a content (XML 1.0, sections 2.2, 2.4 and 3.3.3). Characters
/// that no document may have become U+FFFD.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\t' => safe.push_str("&#9;"),
            '\n' => safe.push_str("&#10;"),
            '\r' => safe.push_str("&#13;"),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => safe.push('\u{fffd}'),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests;
