//! The test that spoils what was measured and looks whether every verdict that should change does.
//! The measured files are recorded ones, cut down to what is judged.

use std::path::{Path, PathBuf};

use claims::{Assessed, Evidence, Verdict};
use results::{LadderRow, RunRow};

use super::{ClaimFile, evidence};

/// A way to spoil what was measured.
struct Spoiling {
    name: &'static str,
    spoil: fn(&mut Evidence),
}

const SPOILINGS: [Spoiling; 14] = [
    Spoiling {
        name: "bytes x5",
        spoil: |evidence| {
            bytes(evidence, |_| true);
            facts(evidence, 5.0, |unit| unit == "B");
        },
    },
    Spoiling {
        name: "WebSocket bytes x5",
        spoil: |evidence| bytes(evidence, |transport| transport == "websocket"),
    },
    Spoiling {
        name: "latency x3",
        spoil: |evidence| {
            latency(evidence, |_| true);
            facts(evidence, 3.0, |unit| unit == "ms");
        },
    },
    Spoiling {
        name: "WebSocket latency x3",
        spoil: |evidence| latency(evidence, |run| run.transport == "websocket"),
    },
    Spoiling {
        name: "latency from sent x30",
        spoil: |evidence| {
            for_runs(evidence, |run| {
                run.sent_p99_us = run.sent_p99_us.map(|us| us * 30);
            });
        },
    },
    Spoiling {
        name: "long poll CPU x20",
        spoil: |evidence| cpu(evidence, |run| run.transport == "long_poll"),
    },
    Spoiling {
        name: "CPU x20 and latency x3 of one write for all that waits",
        spoil: |evidence| {
            cpu(evidence, is_packed);
            latency(evidence, is_packed);
        },
    },
    Spoiling {
        name: "facts x1.5",
        spoil: |evidence| facts(evidence, 1.5, |_| true),
    },
    Spoiling {
        name: "a message missed in each run, and its polls",
        spoil: |evidence| {
            for_runs(evidence, |run| {
                run.missed += 1;
                run.delivered /= 2;
                run.exchanges *= 3;
            });
        },
    },
    Spoiling {
        name: "p50 x100 of long polls at the highest rate",
        spoil: |evidence| {
            let runs = evidence.parts.values().flat_map(|rows| &rows.runs);
            let highest = runs.map(|run| run.rate_per_s).fold(0.0, f64::max);
            for_runs(evidence, |run| {
                if run.transport == "long_poll" && run.rate_per_s >= highest {
                    run.p50_us = run.p50_us.map(|us| us * 100);
                    run.valid = true;
                }
            });
        },
    },
    Spoiling {
        name: "streams as slow without a buffer, all heard behind a response and slow",
        spoil: |evidence| {
            for_runs(evidence, |run| {
                let times = match run.transport.as_str() {
                    "http_stream" if run.cell.contains("buffer=none") => 10_000,
                    _ if run.cell.contains("buffer=response") => 100,
                    _ => 1,
                };
                run.p50_us = run.p50_us.map(|us| us * times);
                run.delivered = run.expected;
            });
        },
    },
    Spoiling {
        name: "long poll bytes x5, facts of polls x5, of HTTP calls x0.2",
        spoil: |evidence| {
            bytes(evidence, |transport| transport == "long_poll");
            for fact in &mut evidence.facts {
                fact.value *= match fact.subject.split(' ').next() {
                    Some("poll") => 5.0,
                    Some("http") => 0.2,
                    _ => 1.0,
                };
            }
        },
    },
    Spoiling {
        name: "bytes of brotli x5, cuts and peaks x3, half of the readers in",
        spoil: |evidence| {
            for rows in evidence.parts.values_mut() {
                let ledger = rows.ledger.iter_mut();
                let of_brotli = ledger.filter(|row| row.variant.ends_with(" br"));
                of_brotli.for_each(|row| row.bytes *= 5);
            }
            for_runs(evidence, |run| {
                run.cut_connections = run.cut_connections.map(|cuts| cuts * 3);
                run.reconnect_peak_per_s = run.reconnect_peak_per_s.map(|peak| peak * 3);
                run.opened_readers = run.opened_readers.map(|readers| readers / 2);
            });
        },
    },
    Spoiling {
        name: "handshakes of TLS within the window",
        spoil: |evidence| {
            for rows in evidence.parts.values_mut() {
                for row in rows.ledger.iter_mut().filter(|row| row.layer == "tls") {
                    if row.purpose == "setup" && row.is_whole() {
                        row.window = "measure".to_owned();
                    }
                }
            }
        },
    },
];

/// Each claim with the spoilings that have to change its verdict, that of a judged
/// figure, or its soundness, by their place above; all others must leave it alone.
const CHANGED_BY: [(&str, &[usize]); 28] = [
    ("kaazing-headers", &[0, 7, 8, 11]),
    ("kaazing-latency", &[2, 3]),
    ("abril-5-updates", &[1, 11]),
    ("bth-payload", &[0, 1, 7, 8, 11]),
    ("hpbn-idle", &[8]),
    ("rfc6202-model", &[2, 3]),
    ("rfc6202-buffering", &[8, 10]),
    ("pimentel-threshold", &[3]),
    ("shortpoll-uniform", &[2]),
    ("bozdag-coherence", &[2, 5, 8]),
    ("framing", &[0, 7]),
    ("deflate-hello", &[0, 7]),
    ("cometd-chat", &[9]),
    ("etherpad-batching", &[3, 6]),
    ("browser-cap", &[2, 7, 11]),
    ("wrk2-stall", &[2, 3, 4]),
    ("agent-turns", &[0, 2, 7, 11]),
    ("token-envelope", &[0, 7]),
    ("slept-interval", &[2, 7]),
    ("seventh-tab", &[7, 11]),
    ("serverless-cuts", &[8, 12]),
    ("held-worker", &[8, 12]),
    ("fleet-polls", &[8, 13]),
    ("shared-connection", &[0, 1, 13]),
    ("brotli-streams", &[0, 12]),
    ("jitter-width", &[8, 12]),
    ("eviction-storm", &[8, 12]),
    ("resume-place", &[8]),
];

fn for_runs(evidence: &mut Evidence, change: impl Fn(&mut RunRow)) {
    let parts = evidence.parts.values_mut();
    parts.flat_map(|rows| &mut rows.runs).for_each(change);
}

fn is_packed(run: &RunRow) -> bool {
    run.transport == "websocket" && run.cell.contains("coalesce=true")
}

fn bytes(evidence: &mut Evidence, of: fn(&str) -> bool) {
    for rows in evidence.parts.values_mut() {
        for row in rows.ledger.iter_mut().filter(|row| of(&row.transport)) {
            row.bytes *= 5;
        }
    }
}

fn latency(evidence: &mut Evidence, of: fn(&RunRow) -> bool) {
    for rows in evidence.parts.values_mut() {
        let of_run = |run: &RunRow, row: &LadderRow| {
            (&run.transport, &run.variant, &run.cell, run.repeat)
                == (&row.transport, &row.variant, &row.cell, row.repeat)
        };
        for run in rows.runs.iter_mut().filter(|run| of(run)) {
            for column in [
                &mut run.p50_us,
                &mut run.p99_us,
                &mut run.max_us,
                &mut run.mean_us,
                &mut run.deviation_us,
            ] {
                *column = column.map(|us| us * 3);
            }
            for rung in rows.ladder.iter_mut().filter(|rung| of_run(run, rung)) {
                rung.latency_us *= 3;
            }
        }
    }
}

fn cpu(evidence: &mut Evidence, of: fn(&RunRow) -> bool) {
    for_runs(evidence, |run| {
        if of(run) {
            run.server_cpu_us_per_delivery = run.server_cpu_us_per_delivery.map(|us| us * 20.0);
        }
    });
}

fn facts(evidence: &mut Evidence, times: f64, of: fn(&str) -> bool) {
    let measured = |subject: &str| !matches!(subject, "setting" | "scenario");
    for fact in &mut evidence.facts {
        if measured(&fact.subject) && of(&fact.unit) {
            fact.value *= times;
        }
    }
}

/// The verdict of the claim, of each judged figure, and whether all was measured
/// as predicted.
#[derive(Debug, Clone, PartialEq)]
struct Outcome {
    verdict: Verdict,
    is_sound: bool,
    figures: Vec<Figure>,
}

impl Outcome {
    /// Returns all of an assessment but the figures themselves.
    fn said(&self) -> (Verdict, bool, Vec<Option<Verdict>>) {
        let figures = self.figures.iter().map(|figure| figure.2);
        (self.verdict, self.is_sound, figures.collect())
    }
}

/// A judged figure: its name, what was measured, and its verdict.
type Figure = (String, [Option<f64>; 2], Option<Verdict>);

fn outcome(claim_file: &ClaimFile, evidence: &Evidence) -> Outcome {
    let assessed = Assessed {
        name: claim_file.name.clone(),
        claim: claim_file.claim.clone(),
        assessment: claims::assess(&claim_file.name, &claim_file.claim, evidence).expect("a judge"),
        not_valid: Vec::new(),
        figures: Vec::new(),
    };
    let findings = &assessed.assessment.findings;
    Outcome {
        verdict: assessed.assessment.verdict,
        is_sound: assessed.is_sound(),
        figures: findings
            .iter()
            .filter(|finding| finding.is_judged())
            .map(|finding| {
                let measured = [finding.measured, finding.measured_to];
                (finding.quantity.clone(), measured, finding.verdict())
            })
            .collect(),
    }
}

/// Returns a claim, and the evidence that was recorded for it.
pub(super) fn recorded(name: &str) -> (ClaimFile, Evidence) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let scenario = root.join(format!("../../scenarios/claims/{name}.toml"));
    let folder: PathBuf = root.join("tests/fixture/claims").join(name);
    let claim_file = ClaimFile::load(&scenario).expect("a claim's file");
    let (evidence, _) = evidence(&claim_file, &folder).expect("recorded files");
    for part in claim_file.parts() {
        let there = !claim_file.has_runs || evidence.parts.contains_key(&part.name);
        assert!(there, "{name} has no rows of part {:?}", part.name);
    }
    (claim_file, evidence)
}

#[test]
fn spoiled_files_change_the_verdicts_that_rest_on_them() {
    assert_eq!(CHANGED_BY.map(|claim| claim.0).to_vec(), names());
    let mut wrong = Vec::new();
    for (name, expected) in CHANGED_BY {
        let (claim_file, evidence) = recorded(name);
        let before = outcome(&claim_file, &evidence);
        let changed: Vec<usize> = (0..SPOILINGS.len())
            .filter(|&at| {
                let mut spoiled = evidence.clone();
                (SPOILINGS[at].spoil)(&mut spoiled);
                let after = outcome(&claim_file, &spoiled);
                before.said() != after.said()
            })
            .collect();
        if changed != expected {
            let names = |which: &[usize]| {
                let which = which.iter();
                which
                    .map(|&at| SPOILINGS[at].name)
                    .collect::<Vec<_>>()
                    .join(", ")
            };
            wrong.push(format!(
                "{name} is changed by {changed:?} ({}), and should be by {expected:?} ({})",
                names(&changed),
                names(expected)
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Checks that no judged figure is a constant, or computed from published figures alone: each
/// changes when the measured results do.
#[test]
fn each_judged_figure_is_measured() {
    let mut fixed = Vec::new();
    for name in names() {
        let (claim_file, evidence) = recorded(name);
        let before = outcome(&claim_file, &evidence);
        let after: Vec<Outcome> = SPOILINGS
            .iter()
            .map(|spoiling| {
                let mut spoiled = evidence.clone();
                (spoiling.spoil)(&mut spoiled);
                outcome(&claim_file, &spoiled)
            })
            .collect();
        for figure in &before.figures {
            let moved = |other: &Outcome| {
                let same = other.figures.iter().find(|one| one.0 == figure.0);
                same.is_none_or(|one| one != figure)
            };
            if !after.iter().any(moved) {
                fixed.push(format!("{name}: {} ({:?})", figure.0, figure.2));
            }
        }
    }
    assert!(fixed.is_empty(), "nothing changes\n{}", fixed.join("\n"));
}

/// Checks the ratios of the most quoted comparison: by its heads alone, and with what TCP and IP
/// put around them.
#[test]
fn the_ratio_of_heads_falls_to_ten_once_segments_are_counted() {
    let (claim_file, evidence) = recorded("kaazing-headers");
    let judged = claims::assess(&claim_file.name, &claim_file.claim, &evidence).expect("checks");
    let ratios = judged.findings.iter().filter(|one| one.unit == ":1");
    let rounded: Vec<_> = ratios
        .map(|one| [one.predicted, one.measured].map(|ratio| ratio.map(|ratio| ratio as u64)))
        .collect();
    assert_eq!(rounded, [[Some(454); 2], [Some(18); 2], [Some(10); 2]]);
}

fn names() -> Vec<&'static str> {
    claims::names().collect()
}
