//! The file `claims.csv`, with a row for each finding.

use serde::Serialize;

use super::{Assessed, Finding, Verdict, finding::Demand};

/// A finding as a row.
#[derive(Debug, Serialize)]
struct FindingRow<'a> {
    claim: &'a str,
    kind: &'static str,
    source: &'a str,
    quantity: &'a str,
    unit: &'a str,
    published: Option<f64>,
    published_to: Option<f64>,
    published_unit: &'a str,
    published_layer: &'a str,
    demand: &'static str,
    predicted: Option<String>,
    measured: Option<String>,
    measured_to: Option<String>,
    difference_percent: Option<String>,
    agrees: Option<bool>,
    judged: bool,
    rule: String,
    verdict: &'static str,
    claim_verdict: &'static str,
    note: &'a str,
    wrong: &'a str,
}

/// Returns `claims.csv`, with a row for each finding.
///
/// # Errors
/// Fails if a row cannot be written as CSV.
pub fn csv(assessed: &[Assessed]) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for one in assessed {
        for finding in &one.assessment.findings {
            writer.serialize(row(one, finding))?;
        }
    }
    writer
        .into_inner()
        .map_err(|error| error.into_error().into())
}

fn row<'a>(one: &'a Assessed, finding: &'a Finding) -> FindingRow<'a> {
    let published = finding.published.as_ref();
    let digits = |value: f64| format!("{value:.3}");
    FindingRow {
        claim: &one.name,
        kind: one.claim.kind.name(),
        source: &one.claim.source,
        quantity: &finding.quantity,
        unit: &finding.unit,
        published: published.map(|published| published.value),
        published_to: published.and_then(|published| published.to),
        published_unit: published.map_or("", |published| &published.unit),
        published_layer: published.map_or("", |published| &published.layer),
        demand: match finding.demand {
            Demand::Near(0.0) => "the same",
            Demand::Near(_) => "near",
            Demand::AtMost => "at most",
            Demand::AtLeast => "at least",
        },
        predicted: finding.predicted.map(digits),
        measured: finding.measured.map(digits),
        measured_to: finding.measured_to.map(digits),
        difference_percent: finding
            .difference()
            .map(|share| format!("{:.2}", share * 1e2)),
        agrees: finding.agrees(),
        judged: finding.is_judged(),
        rule: finding.rule(),
        verdict: finding.verdict().map_or("", Verdict::of_a_figure),
        claim_verdict: one.assessment.verdict.words(),
        note: &finding.note,
        wrong: &one.claim.wrong,
    }
}
