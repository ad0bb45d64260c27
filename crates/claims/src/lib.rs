//! Tests of published figures: from rows to findings, and their display.
//!
//! A [`Claim`] is the statement of a publication, as its scenario file declares it. [`Evidence`]
//! holds the measurements: the rows of one or more scenarios, and [`Fact`]s of experiments that are
//! no chat. [`Finding`]s follow from both, by the checks of the claim's file, or by a pure function
//! in a file of its own if checks do not suffice. Predictions come from [`analysis::model`], never
//! from a typed-in result.
//!
//! A verdict is never typed in: `rule` computes it from the measurements, and `assessment` from all
//! judged figures.
//!
//! Reading order: `statement`, `evidence`, `finding`, `rule`, `assessment`, `check`,
//! then the claims; `table`, `page` and `figures` show them.

mod assessment;
mod chance;
mod check;
mod evidence;
mod figures;
mod finding;
mod page;
mod record;
mod rule;
mod statement;
mod table;
mod words;

mod abril_5_updates;
mod bozdag_coherence;
mod bth_payload;
mod cometd_chat;
mod hpbn_idle;
mod kaazing_headers;
mod pimentel_threshold;
mod rfc6202_model;
mod shortpoll_uniform;
mod wrk2_stall;

pub use assessment::{Assessed, Assessment};
pub use check::{
    Bound, Check, CheckError, ExpressionError, Judge, Over, Where, Word, figure, formula,
};
pub use evidence::{Evidence, Fact, FactsError};
pub use finding::{Finding, Verdict};
pub use page::html;
pub use record::csv;
pub use statement::{Claim, Kind, Part, Published};
pub use table::{markdown, terminal};

use chart::{Figure, FigureError};

/// The functions that judge one claim and draw its figures.
struct Test {
    name: &'static str,
    /// The function that judges the claim; `None` if the checks of the claim's file do.
    assess: Option<fn(&Claim, &Evidence) -> Assessment>,
    draw: fn(&Claim, &Evidence) -> Result<Vec<Figure>, FigureError>,
}

/// The claims that come with the program, in the order of the page.
const TESTS: [Test; 28] = [
    Test {
        name: "kaazing-headers",
        assess: None,
        draw: kaazing_headers::draw,
    },
    Test {
        name: "kaazing-latency",
        assess: None,
        draw: no_figure,
    },
    Test {
        name: "abril-5-updates",
        assess: None,
        draw: abril_5_updates::draw,
    },
    Test {
        name: "bth-payload",
        assess: None,
        draw: bth_payload::draw,
    },
    Test {
        name: "hpbn-idle",
        assess: None,
        draw: hpbn_idle::draw,
    },
    Test {
        name: "rfc6202-model",
        assess: None,
        draw: rfc6202_model::draw,
    },
    Test {
        name: "rfc6202-buffering",
        assess: None,
        draw: no_figure,
    },
    Test {
        name: "pimentel-threshold",
        assess: Some(pimentel_threshold::assess),
        draw: pimentel_threshold::draw,
    },
    Test {
        name: "shortpoll-uniform",
        assess: None,
        draw: shortpoll_uniform::draw,
    },
    Test {
        name: "bozdag-coherence",
        assess: Some(bozdag_coherence::assess),
        draw: bozdag_coherence::draw,
    },
    Test {
        name: "framing",
        assess: None,
        draw: no_figure,
    },
    Test {
        name: "deflate-hello",
        assess: None,
        draw: no_figure,
    },
    Test {
        name: "cometd-chat",
        assess: Some(cometd_chat::assess),
        draw: cometd_chat::draw,
    },
    Test {
        name: "etherpad-batching",
        assess: None,
        draw: no_figure,
    },
    Test {
        name: "browser-cap",
        assess: None,
        draw: no_figure,
    },
    Test {
        name: "wrk2-stall",
        assess: None,
        draw: wrk2_stall::draw,
    },
    Test {
        name: "agent-turns",
        assess: None,
        draw: no_figure,
    },
    Test {
        name: "token-envelope",
        assess: None,
        draw: no_figure,
    },
    Test {
        name: "slept-interval",
        assess: None,
        draw: no_figure,
    },
    Test {
        name: "seventh-tab",
        assess: None,
        draw: no_figure,
    },
    Test {
        name: "serverless-cuts",
        assess: None,
        draw: no_figure,
    },
    Test {
        name: "held-worker",
        assess: None,
        draw: no_figure,
    },
    Test {
        name: "fleet-polls",
        assess: None,
        draw: no_figure,
    },
    Test {
        name: "shared-connection",
        assess: None,
        draw: no_figure,
    },
    Test {
        name: "brotli-streams",
        assess: None,
        draw: no_figure,
    },
    Test {
        name: "jitter-width",
        assess: None,
        draw: no_figure,
    },
    Test {
        name: "eviction-storm",
        assess: None,
        draw: no_figure,
    },
    Test {
        name: "resume-place",
        assess: None,
        draw: no_figure,
    },
];

/// Draws no figure, for a claim that its table shows as well as any curve.
#[expect(clippy::unnecessary_wraps, reason = "the signature of the others")]
const fn no_figure(_: &Claim, _: &Evidence) -> Result<Vec<Figure>, FigureError> {
    Ok(Vec::new())
}

/// Returns the names of the claims that come with the program, in the order of the page.
pub fn names() -> impl Iterator<Item = &'static str> {
    TESTS.iter().map(|test| test.name)
}

/// The reasons why a claim cannot be judged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AssessError {
    /// The claim's file has no checks, and there is no code for the claim.
    #[error("{0} has no [[claim.check]] to judge it by")]
    NoCheck(String),
    /// A check cannot be evaluated.
    #[error("{name}: {problem}")]
    Check {
        /// The claim's name.
        name: String,
        /// The error of the check.
        problem: CheckError,
    },
}

/// Judges a claim by the checks of its file, or by code if it has none.
///
/// # Errors
/// Fails if it has neither, or a check cannot be evaluated whatever was measured.
pub fn assess(name: &str, claim: &Claim, evidence: &Evidence) -> Result<Assessment, AssessError> {
    if !claim.check.is_empty() {
        let findings = check::findings(claim, evidence);
        let findings = findings.map_err(|problem| AssessError::Check {
            name: name.to_owned(),
            problem,
        })?;
        return Ok(Assessment::of(findings, &claim.comment));
    }
    let test = TESTS.iter().find(|test| test.name == name);
    let assess = test.and_then(|test| test.assess);
    let assess = assess.ok_or_else(|| AssessError::NoCheck(name.to_owned()))?;
    Ok(assess(claim, evidence))
}

/// Draws the figures of a claim, if it has any.
///
/// # Errors
/// Fails if drawing fails.
pub fn figures(name: &str, claim: &Claim, evidence: &Evidence) -> Result<Vec<Figure>, FigureError> {
    let test = TESTS.iter().find(|test| test.name == name);
    test.map_or(Ok(Vec::new()), |test| (test.draw)(claim, evidence))
}
