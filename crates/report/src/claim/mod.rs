//! Published figures put to the test: from rows to findings, and what is shown of them.
//!
//! A [`Claim`] is what a publication says, as its scenario file tells it.
//! [`Evidence`] is what was measured: the rows of one or more scenarios, and
//! [`Fact`]s of experiments that are no chat. Each claim has a file of its own
//! with one pure function from both to [`Finding`]s; what is predicted comes from
//! [`crate::predict`], never from a typed-in result.
//!
//! Reading order: `statement`, `evidence`, `finding`, then the claims; `table`,
//! `page` and `figures` show them.

mod evidence;
mod figures;
mod finding;
mod page;
mod statement;
mod table;

mod shortpoll_uniform;

pub use evidence::{Evidence, Fact, FactsError};
pub use finding::{Assessed, Assessment, Finding, FindingRow, Verdict, csv};
pub use page::html;
pub use statement::{Claim, Kind, Part, Published};
pub use table::{markdown, terminal};

use crate::figure::{Figure, FigureError};

/// How one claim is judged, and what is drawn of it.
struct Test {
    name: &'static str,
    assess: fn(&Claim, &Evidence) -> Assessment,
    draw: fn(&Claim, &Evidence) -> Result<Vec<Figure>, FigureError>,
}

/// Every claim that can be judged, in the order in which a page tells them.
const TESTS: [Test; 1] = [Test {
    name: "shortpoll-uniform",
    assess: shortpoll_uniform::assess,
    draw: shortpoll_uniform::draw,
}];

/// Names of all claims, in the order of telling.
pub fn names() -> impl Iterator<Item = &'static str> {
    TESTS.iter().map(|test| test.name)
}

/// Judges a claim; nothing for a name that no claim has.
#[must_use]
pub fn assess(name: &str, claim: &Claim, evidence: &Evidence) -> Option<Assessment> {
    let test = TESTS.iter().find(|test| test.name == name)?;
    Some((test.assess)(claim, evidence))
}

/// The figures of a claim, where a curve tells it.
///
/// # Errors
/// When drawing fails.
pub fn figures(name: &str, claim: &Claim, evidence: &Evidence) -> Result<Vec<Figure>, FigureError> {
    let test = TESTS.iter().find(|test| test.name == name);
    test.map_or(Ok(Vec::new()), |test| (test.draw)(claim, evidence))
}
