use super::*;
use crate::{Claim, Evidence, Fact, Finding, Kind, Published, Verdict};
use results::{Rows, RunRow};

fn check(text: serde_json::Value) -> Check {
    serde_json::from_value(text).expect("a check")
}

fn claim(checks: Vec<Check>) -> Claim {
    let mut claim = Claim::for_test(Kind::Model);
    let published = Published {
        value: 10.0,
        to: None,
        unit: "ms".to_owned(),
        layer: String::new(),
    };
    claim.published.insert("ten".to_owned(), published);
    claim.check = checks;
    claim
}

/// Returns runs of two transports with these medians, and a fact of each of three repeats.
fn evidence(socket: &[u64], long: &[u64]) -> Evidence {
    let runs = [("websocket", socket), ("long_poll", long)];
    let runs = runs.into_iter().flat_map(|(transport, medians)| {
        (1..).zip(medians).map(move |(repeat, median)| RunRow {
            transport: transport.to_owned(),
            repeat,
            p50_us: Some(median * 1_000),
            read_delay_us: Some(100_000),
            valid: true,
            ..RunRow::default()
        })
    });
    let rows = Rows {
        runs: runs.collect(),
        ..Rows::default()
    };
    let fact = |value| Fact {
        subject: "call 2".to_owned(),
        quantity: "time".to_owned(),
        value,
        unit: "ms".to_owned(),
    };
    Evidence {
        parts: BTreeMap::from([(String::new(), rows)]),
        facts: [5.0, 7.0, 6.0].map(fact).to_vec(),
    }
}

fn only(check: Check, evidence: &Evidence) -> Finding {
    let mut findings = findings(&claim(vec![check]), evidence).expect("a finding");
    assert_eq!(findings.len(), 1);
    findings.remove(0)
}

#[test]
fn a_figure_is_the_median_of_the_runs_that_fit() {
    let one = check(serde_json::json!({
        "quantity": "p50", "unit": "ms", "of": { "transport": "websocket" },
        "published": "ten", "formula": "100 * read_delay_s", "figure": "p50_ms",
        "within": 0.1, "judge": { "near_published": 0.2 }, "note": "n",
    }));
    let finding = only(one.clone(), &evidence(&[9, 12, 11], &[50]));
    assert_eq!(
        (finding.predicted, finding.measured),
        (Some(10.0), Some(11.0))
    );
    assert_eq!(finding.agrees(), Some(true));
    assert_eq!(finding.verdict(), Some(Verdict::Holds));
    assert_eq!(finding.published.as_ref().map(|one| one.value), Some(10.0));
    // A spoiled measurement is reported as such.
    let finding = only(one.clone(), &evidence(&[9, 15, 15], &[50]));
    assert_eq!(finding.agrees(), Some(false));
    assert_eq!(finding.verdict(), Some(Verdict::DoesNotHold));
    // Without runs nothing is shown.
    let finding = only(one, &evidence(&[], &[50]));
    assert_eq!((finding.predicted, finding.measured), (None, None));
    assert_eq!(finding.verdict(), Some(Verdict::NotShown));
}

#[test]
fn published_figures_are_carried_over_and_bounds_are_bounds() {
    let one = check(serde_json::json!({
        "quantity": "p50", "unit": "ms", "of": { "transport": "websocket" },
        "published": "ten", "published_times": "delay_s / 0.05",
        "formula": "published(\"ten\") + 5", "bound": "at_most", "figure": "p50_ms",
        "judge": "as_predicted",
    }));
    let finding = only(one.clone(), &evidence(&[14], &[]));
    assert_eq!(finding.published.as_ref().map(|one| one.value), Some(20.0));
    assert_eq!(finding.verdict(), Some(Verdict::Holds));
    let finding = only(one, &evidence(&[16], &[]));
    assert_eq!(finding.verdict(), Some(Verdict::DoesNotHold));
}

#[test]
fn runs_and_repeats_of_facts_are_compared() {
    let runs = |socket: &[u64], long: &[u64]| {
        let one = check(serde_json::json!({
            "quantity": "x", "of": { "transport": "long_poll" }, "figure": "p50_ms",
            "over": { "of": { "transport": "websocket" }, "figure": "p50_ms" },
            "judge": { "more_than": 2 },
        }));
        only(one, &evidence(socket, long))
    };
    let five = [1, 2, 3, 4, 5];
    let finding = runs(&five, &five.map(|ms| ms * 10));
    assert_eq!(finding.verdict(), Some(Verdict::Holds));
    assert_eq!(finding.measured, Some(10.0));
    assert_eq!(runs(&five, &five).verdict(), Some(Verdict::NotShown));
    assert_eq!(runs(&[1], &[10]).verdict(), Some(Verdict::NotShown));
    let facts = check(serde_json::json!({
        "quantity": "x", "figure": "fact(\"call 2\", \"time\")",
        "over": { "figure": "fact(\"call 2\", \"time\") / 2" }, "judge": { "more_than": 1 },
    }));
    let finding = only(facts, &evidence(&[], &[]));
    assert_eq!(finding.measured, Some(2.0));
    assert!(
        finding.rule().contains("3 and 3 runs"),
        "{}",
        finding.rule()
    );
}

#[test]
fn rows_take_turns_and_values_stand_in_texts() {
    let of = |what: &str| {
        check(serde_json::json!({
            "quantity": format!("{what} {{calls}} of {{most}}"), "each": [{ "calls": 2 }, { "calls": 3 }],
            "formula": "most * {calls}", "figure": "fact(\"call {calls}\", \"time\")",
        }))
    };
    let mut claim = claim(vec![of("a"), of("b")]);
    claim.values.insert("most".to_owned(), "4 + 2".to_owned());
    let findings = findings(&claim, &evidence(&[], &[])).expect("findings");
    let told: Vec<(&str, Option<f64>, Option<f64>)> = findings
        .iter()
        .map(|one| (one.quantity.as_str(), one.predicted, one.measured))
        .collect();
    assert_eq!(
        told,
        [
            ("a 2 of 6", Some(12.0), Some(6.0)),
            ("b 2 of 6", Some(12.0), Some(6.0)),
            ("a 3 of 6", Some(18.0), None),
            ("b 3 of 6", Some(18.0), None),
        ]
    );
}

#[test]
fn runs_are_told_apart_by_what_they_were() {
    let mut evidence = evidence(&[1, 2, 3, 4], &[10, 20, 30, 40]);
    for run in evidence.parts.values_mut().flat_map(|rows| &mut rows.runs) {
        run.clients = if run.repeat % 2 == 0 { 1_000 } else { 200 };
    }
    let of = |what: &str| {
        check(serde_json::json!({
            "quantity": format!("{what} at {{clients}} and {{clients * 0.1 + 0.2}}"), "by": "clients",
            "of": { "transport": "websocket" }, "published": "of_{clients}", "figure": "p50_ms",
            "over": { "of": { "transport": "long_poll" }, "figure": "p50_ms" },
        }))
    };
    let mut claim = claim(vec![of("a"), of("b")]);
    let published = claim.published["ten"].clone();
    claim.published.insert("of_200".to_owned(), published);
    let found = findings(&claim, &evidence).expect("findings");
    let told: Vec<&str> = found.iter().map(|one| one.quantity.as_str()).collect();
    let expected = [
        "a at 200 and 20.2",
        "b at 200 and 20.2",
        "a at 1000 and 100.2",
        "b at 1000 and 100.2",
    ];
    assert_eq!(told, expected);
    let is_published: Vec<bool> = found.iter().map(|one| one.published.is_some()).collect();
    assert_eq!(is_published, [true, true, false, false]);
    // 1 and 3 over 10 and 30; 2 and 4 over 20 and 40.
    assert!(found.iter().all(|one| one.measured == Some(0.1)));
    // Without runs there are no groups to distinguish, but a mistake is found nevertheless.
    let none = Evidence::default();
    assert_eq!(findings(&claim, &none), Ok(Vec::new()));
    claim.check[1].figure = Some("p50".to_owned());
    assert!(findings(&claim, &none).is_err());
}
