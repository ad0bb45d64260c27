//! Connections that go silent, servers that are full, and readers that leave: what cannot work is
//! refused, and what can is planned.

use super::{SMALL, study};
use crate::{CutKind, WhenFull};

const POST: &str = "traffic.speak=post";
const DRAIN: &str = "traffic.drain=20s";
const CHURN: &str = "churn={ rate = 5, away = \"2s\" }";
const CHANGES: &str = "churn={ rate = 5, changes = true }";
const SILENT: &str = "cut.kind=silent";
const READERS: &str = "link.side=readers";

/// Settings, what the refusal of them says, and what it says would work.
const REFUSED: [(&[&str], &str, &str); 16] = [
    (
        &[POST, SILENT],
        "link.side: it is the link",
        "side = \"readers\"",
    ),
    (
        &[POST, SILENT, "link.side=both"],
        "link.side",
        "side = \"readers\"",
    ),
    (
        &[POST, SILENT, READERS, "cut.share=0.5"],
        "cut.kind: silent happens to all",
        "\"reset\" has both",
    ),
    (
        &["reconnect.silence=500ms"],
        "reconnect.silence: a reader that only waits",
        "silence = \"1s 500ms\"",
    ),
    (
        &["reconnect.silence=2days"],
        "longer than a day",
        "would work",
    ),
    (
        &["reconnect.policy=event_source"],
        "reconnect.policy: an EventSource reads server-sent events alone, and transport[0]",
        "framing = \"sse\"",
    ),
    (
        &["server.connections=0"],
        "lets nobody in",
        "1 is the least",
    ),
    (
        &["server.full=evict"],
        "server.full: evict says nothing",
        "connections = 50",
    ),
    (
        &["server.full=evicts"],
        "did you mean \"evict\"",
        "refuse, evict",
    ),
    (
        &[CHURN, DRAIN],
        "traffic.speak: whoever has left",
        "speak = \"post\"",
    ),
    (
        &[POST, CHURN, "traffic.drain=3s"],
        "traffic.drain: a reader that leaves",
        "drain = \"8s\"",
    ),
    (
        &[POST, DRAIN, "churn.rate=0"],
        "churn.rate: is no number",
        "1 would work",
    ),
    (
        &[POST, DRAIN, "churn={ rate = 1, share = 1.5 }"],
        "churn.share: 1.5 is no share",
        "0.5 half",
    ),
    (
        &[POST, DRAIN, CHANGES, "server.http=2"],
        "churn.changes: only a server",
        "changes = false",
    ),
    (
        &[POST, DRAIN, CHANGES, "transport.0.compression=gzip"],
        "transport[0]: the other ways",
        "changes = false",
    ),
    (
        &[POST, DRAIN, CHANGES, "transport.1.protocol=sockjs"],
        "transport[1]: the other ways",
        "changes = false",
    ),
];

#[test]
fn what_cannot_work_is_refused_with_what_would() {
    for (overrides, problem, remedy) in REFUSED {
        let said = match study(SMALL, overrides) {
            Ok(_) => panic!("{overrides:?} was taken"),
            Err(why) => why.to_string(),
        };
        assert!(
            said.contains(problem) && said.contains(remedy),
            "{overrides:?}: {said}"
        );
    }
}

#[test]
fn what_can_work_is_planned_and_whoever_loses_its_connection_comes_back() {
    let overrides = [
        POST,
        DRAIN,
        "churn={ rate = 5, changes = true }",
        "server={ connections = 50, full = \"evict\" }",
    ];
    let study = study(SMALL, &overrides).expect("a scenario");
    assert_eq!(study.cells[0].scenario.server.full, WhenFull::Evict);
    let plan = &study.plans()[0];
    let churn = plan.churn.as_ref().expect("readers leave");
    assert_eq!(churn.to_string(), "5/s away 2s changing ways");
    assert!(plan.reconnect.is_some());
    let silent = [POST, "cut={ kind = \"silent\" }", "link.side=readers"];
    let silent = super::study(SMALL, &silent).expect("a scenario");
    let kind = silent.plans()[0].cut.as_ref().map(|cut| cut.kind);
    assert_eq!(kind, Some(CutKind::Silent));
}

#[test]
fn an_event_source_is_planned_for_server_sent_events_alone() {
    let sse = "kind = \"http_stream\"\nframing = \"sse\"\n";
    let poll = "kind = \"short_poll\"\ninterval = \"500ms\"\n";
    let both = SMALL.replace(poll, sse).replace(
        "kind = \"websocket\"\n",
        &format!("{sse}compression = \"gzip\"\n"),
    );
    let policy = "reconnect.policy=[\"event_source\", \"server\"]";
    let planned = study(&both, &[POST, policy]).expect("a scenario");
    let words: Vec<String> = planned
        .plans()
        .iter()
        .filter_map(|plan| Some(plan.reconnect.as_ref()?.to_string()))
        .collect();
    assert_eq!(words.len(), 4);
    assert!(words.contains(&"event_source 3s".to_owned()), "{words:?}");
    let refused = |text: &str, more: &[&str]| {
        let refused = study(text, &[&[POST, DRAIN, policy], more].concat());
        refused.expect_err("it cannot work").to_string()
    };
    let one = both.replace(
        &format!("{sse}compression"),
        "kind = \"http_stream\"\ncompression",
    );
    let said = refused(&one, &[]);
    assert!(said.contains("transport[1] is something else"), "{said}");
    let (plain, _) = both.rsplit_once("[[transport]]").expect("there are two");
    let said = refused(plain, &[CHANGES]);
    assert!(
        said.contains("an EventSource does not come again over another way"),
        "{said}"
    );
}
