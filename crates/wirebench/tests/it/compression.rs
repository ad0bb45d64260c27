//! Compression as a factor of a scenario: rows that say it, and rows that are errors without it.

use crate::fixture::{MINIATURE, Serving, column, lost_nothing, run, text};

#[test]
fn a_compressed_run_says_what_it_was_and_predicts_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let output = run("scenarios/compression.toml", &out, &MINIATURE)
        .args(["--only", "sse,websocket"])
        .output()
        .unwrap();
    lost_nothing(&output, &out);
    let runs = out.join("runs.csv");
    let [
        variants,
        compressions,
        texts,
        packed,
        events,
        around,
        reasons,
    ] = [
        "variant",
        "compression",
        "text",
        "packed_bytes",
        "event_bytes",
        "header_bytes_per_delivery",
        "reasons",
    ]
    .map(|name| column(&runs, name));
    let mut named: Vec<_> = compressions.iter().map(String::as_str).collect();
    named.sort_unstable();
    let all = ["br", "deflate", "deflate_context", "gzip", "none", "none"];
    assert_eq!(named, all, "{variants:?}");
    assert!(texts.iter().all(|text| text == "corpus"));
    for (at, compression) in compressions.iter().enumerate() {
        assert!(!reasons[at].contains("ledger"), "{reasons:?}");
        assert!(around[at].parse::<f64>().unwrap() > 0.0, "{around:?}");
        if compression == "none" {
            assert_eq!(packed[at], "");
            continue;
        }
        assert!(variants[at].ends_with(compression.as_str()), "{variants:?}");
        let number = |text: &str| text.parse::<u64>().unwrap();
        let (packed, events) = (number(&packed[at]), number(&events[at]));
        assert!(
            0 < packed && packed < events,
            "{compression} {packed} {events}"
        );
    }
    let predicted = column(&out.join("predictions.csv"), "variant");
    let is_plain = |variant: &String| matches!(variant.as_str(), "-" | "sse");
    assert!(predicted.iter().all(is_plain), "{predicted:?}");
    let table = text(&output.stdout);
    for name in ["Stream (SSE) gzip", "WebSocket deflate with context"] {
        assert!(table.contains(name), "{name}: {table}");
    }
}

/// Checks that a target that does not compress is no run without compression.
#[test]
fn a_compression_that_is_not_had_is_an_error_row() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let serving = Serving::start(&[]);
    let mut settings = MINIATURE.to_vec();
    settings.push("traffic.drain=1s");
    let output = run("scenarios/compression.toml", &out, &settings)
        .args([
            "--only",
            "sse,websocket",
            "--quiet",
            "--target",
            &serving.url,
        ])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    let runs = out.join("runs.csv");
    let [compressions, valid, errors] =
        ["compression", "valid", "error"].map(|name| column(&runs, name));
    assert_eq!(compressions.len(), 6);
    for ((compression, valid), error) in compressions.iter().zip(&valid).zip(&errors) {
        let expected = match compression.as_str() {
            "none" => continue,
            "gzip" | "br" => "without the",
            _ => "permessage-deflate was declined",
        };
        assert_eq!(valid, "false", "{compression}");
        assert!(error.contains(expected), "{compression}: {error}");
    }
}
