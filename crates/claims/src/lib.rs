//! Published figures put to the test: from rows to findings, and what is shown of them.
//!
//! A [`Claim`] is what a publication says, as its scenario file tells it.
//! [`Evidence`] is what was measured: the rows of one or more scenarios, and
//! [`Fact`]s of experiments that are no chat. Each claim has a file of its own
//! with one pure function from both to [`Finding`]s; what is predicted comes from
//! [`analysis::model`], never from a typed-in result.
//!
//! A verdict is never typed in: `rule` computes it from what was measured, and
//! `assessment` from all judged figures.
//!
//! Reading order: `statement`, `evidence`, `finding`, `rule`, `assessment`, then the
//! claims; `table`, `page` and `figures` show them.

mod assessment;
mod chance;
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
mod browser_cap;
mod bth_payload;
mod cometd_chat;
mod deflate_hello;
mod etherpad_batching;
mod framing;
mod hpbn_idle;
mod kaazing_headers;
mod kaazing_latency;
mod pimentel_threshold;
mod rfc6202_buffering;
mod rfc6202_model;
mod shortpoll_uniform;
mod wrk2_stall;

pub use assessment::{Assessed, Assessment};
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
    assess: fn(&Claim, &Evidence) -> Assessment,
    draw: fn(&Claim, &Evidence) -> Result<Vec<Figure>, FigureError>,
}

/// Every claim that can be judged, in the order in which a page tells them.
const TESTS: [Test; 16] = [
    Test {
        name: "kaazing-headers",
        assess: kaazing_headers::assess,
        draw: kaazing_headers::draw,
    },
    Test {
        name: "kaazing-latency",
        assess: kaazing_latency::assess,
        draw: no_figure,
    },
    Test {
        name: "abril-5-updates",
        assess: abril_5_updates::assess,
        draw: abril_5_updates::draw,
    },
    Test {
        name: "bth-payload",
        assess: bth_payload::assess,
        draw: bth_payload::draw,
    },
    Test {
        name: "hpbn-idle",
        assess: hpbn_idle::assess,
        draw: hpbn_idle::draw,
    },
    Test {
        name: "rfc6202-model",
        assess: rfc6202_model::assess,
        draw: rfc6202_model::draw,
    },
    Test {
        name: "rfc6202-buffering",
        assess: rfc6202_buffering::assess,
        draw: no_figure,
    },
    Test {
        name: "pimentel-threshold",
        assess: pimentel_threshold::assess,
        draw: pimentel_threshold::draw,
    },
    Test {
        name: "shortpoll-uniform",
        assess: shortpoll_uniform::assess,
        draw: shortpoll_uniform::draw,
    },
    Test {
        name: "bozdag-coherence",
        assess: bozdag_coherence::assess,
        draw: bozdag_coherence::draw,
    },
    Test {
        name: "framing",
        assess: framing::assess,
        draw: no_figure,
    },
    Test {
        name: "deflate-hello",
        assess: deflate_hello::assess,
        draw: no_figure,
    },
    Test {
        name: "cometd-chat",
        assess: cometd_chat::assess,
        draw: cometd_chat::draw,
    },
    Test {
        name: "etherpad-batching",
        assess: etherpad_batching::assess,
        draw: no_figure,
    },
    Test {
        name: "browser-cap",
        assess: browser_cap::assess,
        draw: no_figure,
    },
    Test {
        name: "wrk2-stall",
        assess: wrk2_stall::assess,
        draw: wrk2_stall::draw,
    },
];

/// For a claim that no curve tells better than its table.
#[expect(clippy::unnecessary_wraps, reason = "the signature of the others")]
const fn no_figure(_: &Claim, _: &Evidence) -> Result<Vec<Figure>, FigureError> {
    Ok(Vec::new())
}

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
