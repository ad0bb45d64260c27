use std::path::PathBuf;

use serde_json::json;

use super::*;

#[test]
fn what_is_wrong_with_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let said = || complaint(folder.path()).map(|complaint| complaint.to_string());
    assert_eq!(said(), None);
    for (text, begins) in [
        ("{\"a\":\n1}", None),
        ("\u{feff}{\"a\":\n1}", None),
        (
            "{\"a\":\n{\"b\": 1",
            Some("manifest.json, line 2: is cut short; "),
        ),
        ("", Some("manifest.json, line 1: is cut short; ")),
        (
            "{a}",
            Some("manifest.json, line 1: is no JSON (key must be"),
        ),
        (
            "{\"started\":\n[1]}",
            Some("manifest.json, line 2: is no manifest (invalid type"),
        ),
    ] {
        fs::write(folder.path().join(FILE), text).expect("written");
        let said = said();
        let fits = match (&said, begins) {
            (Some(said), Some(begins)) => said.starts_with(begins),
            (said, begins) => said.is_none() && begins.is_none(),
        };
        assert!(fits, "{text}: {said:?}");
        assert_eq!(read(folder.path()).is_some(), begins.is_none(), "{text}");
    }
}

/// Returns the published folders.
fn published() -> Vec<PathBuf> {
    let results = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../results");
    let folders = |of: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(of).expect("a folder");
        entries
            .map(|entry| entry.expect("an entry").path())
            .collect()
    };
    let mut all = folders(&results);
    all.extend(folders(&results.join("claims")));
    all.retain(|folder| folder.join(FILE).is_file());
    all
}

/// Checks the published manifests, which are of several versions. No key of them is lost, neither
/// the keys that this version knows nor the others.
#[test]
fn published_manifests_are_read_whole() {
    let folders = published();
    assert!(folders.len() > 5, "{folders:?}");
    for folder in folders {
        let shown = folder.display();
        let text = fs::read(folder.join(FILE)).expect("it is there");
        let written: Value = serde_json::from_slice(&text).expect("JSON");
        let manifest = read(&folder).unwrap_or_else(|| panic!("{shown} cannot be read"));
        assert_eq!(manifest.ended, Ended::Complete, "{shown}");
        assert!(!manifest.scenario.question.is_empty(), "{shown}");
        assert!(!manifest.scenario.cells.is_empty(), "{shown}");
        let again = serde_json::to_value(&manifest).expect("JSON");
        kept(&written, &again, &shown.to_string());
    }
}

/// Asserts that every value in `before` is in `after` too, except empty values.
fn kept(before: &Value, after: &Value, at: &str) {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            for (key, value) in before.iter().filter(|(_, value)| !value.is_null()) {
                if !value.as_object().is_some_and(Map::is_empty) {
                    let other = after
                        .get(key)
                        .unwrap_or_else(|| panic!("{at}.{key} is lost"));
                    kept(value, other, &format!("{at}.{key}"));
                }
            }
        }
        (Value::Array(before), Value::Array(after)) => {
            assert_eq!(before.len(), after.len(), "{at}");
            for (at_number, (before, after)) in before.iter().zip(after).enumerate() {
                kept(before, after, &format!("{at}[{at_number}]"));
            }
        }
        (before, after) => assert_eq!(before, after, "{at}"),
    }
}

fn of(value: Value) -> Manifest {
    serde_json::from_value(value).expect("a manifest")
}

#[test]
fn what_another_version_writes_is_kept() {
    let manifest = of(json!({
        "weather": "fine",
        "ended": "paused",
        "machine": { "colour": "grey", "processors": 2 },
        "hygiene": { "quic": true },
        "scenario": { "cells": [{ "scenario": { "traffic": { "rate": 4.0 } } }] },
    }));
    assert_eq!(manifest.ended, Ended::Other("paused".to_owned()));
    assert_eq!(manifest.ended.word(), "paused");
    assert_eq!(manifest.scenario.cells[0].label, "-");
    let conditions = manifest.conditions();
    let told: Vec<String> = conditions
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    for known in [
        "colour=\"grey\"",
        "processors=2",
        "weather=\"fine\"",
        "hygiene={\"quic\":true}",
    ] {
        assert!(told.contains(&known.to_owned()), "{known}: {told:?}");
    }
    let leaves = manifest.leaves();
    assert!(
        !told.iter().any(|one| one.starts_with("sittings")),
        "{told:?}"
    );
    let leaf = |part, key: &str, cell: Option<&str>| {
        let leaf = (part, key.to_owned(), cell.map(str::to_owned));
        leaves.get(&leaf).map(String::as_str)
    };
    assert_eq!(leaf(Part::Machine, "colour", None), Some("grey"));
    assert_eq!(leaf(Part::Conditions, "hygiene.quic", None), Some("true"));
    assert_eq!(leaf(Part::Conditions, "weather", None), Some("fine"));
    let rate = leaf(Part::Scenario, "traffic.rate", Some("-"));
    assert_eq!(rate, Some("4.0"));
}

/// Values that differ each time are not compared, and neither are mere descriptions.
#[test]
fn what_is_no_cause_is_no_leaf() {
    let manifest = of(json!({
        "started": "now", "resumed": ["then"], "ended": "complete", "command": ["run"],
        "clock": { "step_ns": 1 }, "calibrations": [{ "cpu": 1 }], "plans": [{ "seed": 2 }],
        "sittings": [{ "sitting": 1, "began": "now" }],
        "request": { "scenario": "x.toml", "only": ["websocket"] },
        "scenario": {
            "question": "Q?", "motive": "M.", "expect": "E.", "question_zh": "Q.",
            "cells": [{ "label": "a", "scenario": {
                "question": "Q?", "motive": "M.", "expect": "E.", "expect_zh": "E.",
                "expectation": { "p50": "< 1ms" },
            } }],
        },
    }));
    assert_eq!(manifest.leaves(), BTreeMap::new());
    assert!(!manifest.has_target());
    let given = of(json!({ "request": { "target": "http://127.0.0.1:1" } }));
    assert!(given.has_target());
    assert_eq!(given.leaves().len(), 1);
}

/// Checks that typed keys keep their names, lose nothing, and are compared as they were when nobody
/// knew them.
#[test]
fn what_runs_used_is_read_by_its_type() {
    let value = json!({
        "calibrations": [{
            "accounting": { "sample": 50 }, "clients": 4, "rate": 2.5, "colour": "grey",
            "floor": { "p50_us": 7, "cpu_us_per_delivery": 1.5 },
            "loopback": { "send_us": 3.5 }, "payload": { "min": 1, "max": 9 },
        }],
        "proxies": { "nginx right": {
            "program": "nginx", "version": "1.2", "arguments": "-c x", "config": "y",
        } },
        "redis": {
            "is_own": false, "version": "7.2", "appendonly": "yes", "appendfsync": "always",
            "is_on_this_machine": true,
        },
        "shards": [{ "shard": "1/2", "runs": { "a": { "clock_error_us": 2000 } } }],
        "merged": "later",
    });
    let manifest = of(value.clone());
    assert_eq!(manifest.others, Others::new());
    let calibration = &manifest.calibrations[0];
    let floor = calibration.floor.as_ref().map(|floor| floor.p50_us);
    assert_eq!((calibration.payload.max, floor), (9, Some(7)));
    assert_eq!(manifest.proxies["nginx right"].program, "nginx");
    assert_eq!(manifest.shards[0].runs["a"].clock_error_us, Some(2_000));
    let again = serde_json::to_value(&manifest).expect("JSON");
    kept(&value, &again, "manifest");
    let leaves = manifest.leaves();
    for (key, text) in [
        ("proxies.nginx right.version", "1.2"),
        ("redis.appendfsync", "always"),
        ("merged", "later"),
    ] {
        let leaf = (Part::Conditions, key.to_owned(), None);
        assert_eq!(leaves.get(&leaf).map(String::as_str), Some(text), "{key}");
    }
    assert!(
        !leaves
            .keys()
            .any(|(_, key, _)| key.starts_with("calibrations"))
    );
}
