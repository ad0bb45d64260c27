//! A run of each library over each of its ways: rows, formulas and figures.

use std::collections::BTreeSet;

use crate::fixture::{MINIATURE, column, lost_nothing, run, text};

/// The quantities that are exact, whatever the machine does.
const EXACT: [&str; 10] = [
    "event_json",
    "envelope",
    "text_frame",
    "chunk",
    "frame_head",
    "poll_head",
    "draft_json",
    "draft_envelope",
    "opening_up",
    "opening_down",
];

#[test]
fn libraries_are_told_apart_and_predicted_to_the_byte() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let mut settings = MINIATURE.to_vec();
    settings.push("traffic.speak=same");
    let output = run("scenarios/protocols.toml", &out, &settings)
        .args(["--only", "socket_io,sockjs"])
        .output()
        .unwrap();
    lost_nothing(&output, &out);
    let runs = out.join("runs.csv");
    let [transports, variants, protocols] =
        ["transport", "variant", "protocol"].map(|name| column(&runs, name));
    let spoken: BTreeSet<_> = transports.iter().zip(&variants).zip(&protocols).collect();
    assert_eq!((spoken.len(), transports.len()), (6, 6), "{spoken:?}");
    let table = text(&output.stdout);
    for name in [
        "Socket.IO over WebSocket",
        "Socket.IO over polling",
        "SockJS over xhr-polling",
        "SockJS over xhr-streaming",
        "SockJS over eventsource",
        "SockJS over WebSocket",
    ] {
        assert!(table.contains(name), "{name}: {table}");
    }
    assert!(out.join("figures/library_adds.svg").is_file());
    let predictions = out.join("predictions.csv");
    let columns = ["quantity", "variant", "predicted", "measured", "within"];
    let [quantities, variants, predicted, measured, within] =
        columns.map(|name| column(&predictions, name));
    let mut seen = BTreeSet::new();
    for (at, quantity) in quantities.iter().enumerate() {
        if !EXACT.contains(&quantity.as_str()) {
            continue;
        }
        let what = format!(
            "{quantity} of {}: {} predicted, {} measured",
            variants[at], predicted[at], measured[at]
        );
        // What a way does not have, or nobody waited for, has no value.
        if !measured[at].is_empty() {
            assert_eq!(within[at], "true", "{what}");
            seen.insert(quantity.as_str());
        }
    }
    assert_eq!(seen.len(), EXACT.len(), "{seen:?}");
}
