use analysis::objective::Objective;
use roxmltree::{Document, Node};

use super::*;

fn case(name: &str, outcome: Outcome) -> Case {
    Case {
        class: "c".to_owned(),
        name: name.to_owned(),
        seconds: Some(1.5),
        outcome,
    }
}

/// Returns an attribute that is a number.
fn number(node: Node<'_, '_>, name: &str) -> usize {
    let text = node.attribute(name).expect(name);
    text.parse().expect(name)
}

/// Asserts that the counts of each element are those of the elements in it.
fn counts_are_right(document: &Document<'_>) {
    let groups = document
        .descendants()
        .filter(|node| node.has_tag_name("testsuites") || node.has_tag_name("testsuite"));
    for group in groups {
        let count = |name: &str| {
            let found = group.descendants().filter(|node| node.has_tag_name(name));
            found.count()
        };
        assert_eq!(number(group, "tests"), count("testcase"));
        assert_eq!(number(group, "failures"), count("failure"));
        assert_eq!(number(group, "errors"), count("error"));
        assert_eq!(number(group, "skipped"), count("skipped"));
    }
}

#[test]
fn a_document_is_well_formed_whatever_its_texts() {
    let texts = [
        "a & b < c > d \" e ' f",
        "]]> <!-- --> <?x?> &amp;",
        "line\nline\ttab\r",
        "\u{0}\u{1b}[31m\u{fffe} 中文 🦀",
    ];
    for text in texts {
        let failed = Outcome::Failed {
            kind: text.to_owned(),
            text: text.to_owned(),
        };
        let suites = [Suite {
            name: text.to_owned(),
            cases: vec![
                case(text, failed),
                case("x", Outcome::Skipped(text.to_owned())),
            ],
        }];
        let written = xml(text, &suites);
        let document = Document::parse(&written).unwrap_or_else(|error| panic!("{error}: {text}"));
        counts_are_right(&document);
        let read = |letter: char| match letter {
            '\t' | '\n' | '\r' => letter,
            '\0'..='\u{1f}' | '\u{fffe}' => '\u{fffd}',
            other => other,
        };
        let expected: String = text.chars().map(read).collect();
        let failure = document
            .descendants()
            .find(|node| node.has_tag_name("failure"));
        let failure = failure.expect("a failure");
        assert_eq!(failure.attribute("message"), Some(expected.as_str()));
        assert_eq!(failure.text(), Some(expected.as_str()));
    }
}

#[test]
fn each_outcome_is_counted_once() {
    let error = Outcome::Error {
        kind: "k".to_owned(),
        text: "t".to_owned(),
    };
    let failed = Outcome::Failed {
        kind: "k".to_owned(),
        text: "t".to_owned(),
    };
    let of = |cases: Vec<Case>| Suite {
        name: "s".to_owned(),
        cases,
    };
    let suites = [
        of(vec![case("a", Outcome::Passed), case("b", error)]),
        of(vec![
            case("c", failed),
            case("d", Outcome::Skipped("s".to_owned())),
        ]),
        of(Vec::new()),
    ];
    let written = xml("all", &suites);
    let document = Document::parse(&written).expect("XML");
    counts_are_right(&document);
    let root = document.root_element();
    assert_eq!(root.attribute("time"), Some("6.000"));
    assert_eq!(root.children().filter(Node::is_element).count(), 2);
}

/// Checks that a missed objective is a failure, a run that is not valid an error, and an objective
/// that nothing was measured for an error as well.
#[test]
fn runs_and_objectives_become_cases() {
    let run = |repeat: u32, valid: bool, p50: u64| RunRow {
        scenario: "x".to_owned(),
        transport: "websocket".to_owned(),
        variant: "-".to_owned(),
        cell: "-".to_owned(),
        repeat,
        measured_ms: 10_000,
        p50_us: Some(p50),
        valid,
        reasons: if valid { "" } else { "lost" }.to_owned(),
        error: if valid { "" } else { "3 deliveries were lost" }.to_owned(),
        ..RunRow::default()
    };
    let runs = [
        run(1, true, 1_000),
        run(2, true, 9_000),
        run(3, false, 1_000),
    ];
    let objective = Objective::parse("websocket.p50", "< 5ms").expect("an objective");
    let checks = Checks {
        objectives: objective::evaluate(std::slice::from_ref(&objective), &runs),
        expectations: objective::evaluate(&[objective], &runs[1..2]),
    };
    let written = xml("wirebench run", &of_run(&runs, &checks));
    let document = Document::parse(&written).expect("XML");
    counts_are_right(&document);
    let root = document.root_element();
    let counts = ["tests", "failures", "errors", "skipped"].map(|name| number(root, name));
    assert_eq!(counts, [7, 1, 2, 1], "{written}");
    let error = document
        .descendants()
        .find(|node| node.has_tag_name("error"));
    let error = error.expect("the third run");
    assert_eq!(error.attribute("type"), Some("lost"));
    assert_eq!(error.attribute("message"), Some("3 deliveries were lost"));
}
