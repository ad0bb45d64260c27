//! Published figures put to the test: from rows to findings, and what is shown of them.
//!
//! A [`Claim`] is what a publication says, as its scenario file tells it.
//! [`Evidence`] is what was measured: the rows of one or more scenarios, and
//! [`Fact`]s of experiments that are no chat. From both follow [`Finding`]s: as the
//! checks of the claim's file say, or by a pure function in a file of its own where
//! they cannot say it; what is predicted comes from [`analysis::model`], never from a
//! typed-in result.
//!
//! A verdict is never typed in: `rule` computes it from what was measured, and
//! `assessment` from all judged figures.
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

/// How one claim is judged, and what is drawn of it.
struct Test {
    name: &'static str,
    /// Nothing where the checks of the claim's file say it.
    assess: Option<fn(&Claim, &Evidence) -> Assessment>,
    draw: fn(&Claim, &Evidence) -> Result<Vec<Figure>, FigureError>,
}

/// The claims that come with the program, in the order in which a page tells them.
const TESTS: [Test; 16] = [
    Test {
        name: "kaazing-headers",
        assess: Some(kaazing_headers::assess),
        draw: kaazing_headers::draw,
    },
    Test {
        name: "kaazing-latency",
        assess: None,
        draw: no_figure,
    },
    Test {
        name: "abril-5-updates",
        assess: Some(abril_5_updates::assess),
        draw: abril_5_updates::draw,
    },
    Test {
        name: "bth-payload",
        assess: Some(bth_payload::assess),
        draw: bth_payload::draw,
    },
    Test {
        name: "hpbn-idle",
        assess: Some(hpbn_idle::assess),
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
];

/// For a claim that no curve tells better than its table.
#[expect(clippy::unnecessary_wraps, reason = "the signature of the others")]
const fn no_figure(_: &Claim, _: &Evidence) -> Result<Vec<Figure>, FigureError> {
    Ok(Vec::new())
}

/// Returns the names of the claims that come with the program, in the order of telling.
pub fn names() -> impl Iterator<Item = &'static str> {
    TESTS.iter().map(|test| test.name)
}

/// Why a claim cannot be judged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AssessError {
    /// Its file has no checks, and no code knows it.
    #[error("{0} has no [[claim.check]] to judge it by")]
    NoCheck(String),
    /// A check cannot be evaluated.
    #[error("{name}: {problem}")]
    Check {
        /// The claim's name.
        name: String,
        /// What is wrong.
        problem: CheckError,
    },
}

/// Judges a claim: by the checks of its file, or by code where it has none.
///
/// # Errors
/// When it has neither, or a check cannot be evaluated whatever was measured.
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

/// The figures of a claim, where a curve tells it.
///
/// # Errors
/// When drawing fails.
pub fn figures(name: &str, claim: &Claim, evidence: &Evidence) -> Result<Vec<Figure>, FigureError> {
    let test = TESTS.iter().find(|test| test.name == name);
    test.map_or(Ok(Vec::new()), |test| (test.draw)(claim, evidence))
}
