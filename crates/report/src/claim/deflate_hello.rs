//! Five letters, compressed: seven bytes, then five, then four.

use super::{Assessment, Claim, Evidence, Finding};

/// Payload bytes of the first, second and third "Hello" (RFC 7692, section
/// 7.2.3, and zlib at its own level for the third).
const KEPT: [f64; 3] = [7.0, 5.0, 4.0];
const THROWN: [f64; 3] = [7.0; 3];
const RAW: [f64; 3] = [5.0; 3];
const NAMES: [&str; 3] = ["first", "second", "third"];

pub(super) fn assess(claim: &Claim, evidence: &Evidence) -> Assessment {
    let mut findings = Vec::new();
    for (how, words, expected) in [
        ("raw", "uncompressed", RAW),
        ("takeover", "compressed, context kept", KEPT),
        ("no_takeover", "compressed, context thrown away", THROWN),
    ] {
        for (at, (name, bytes)) in NAMES.into_iter().zip(expected).enumerate() {
            for (direction, from) in [("down", "server"), ("up", "client")] {
                let subject = format!("{how} {direction} {}", at + 1);
                let finding = Finding::new(format!("{name} \"Hello\" from the {from}, {words}"), "B")
                    .predicted(bytes)
                    .measured(evidence.fact(&subject, "payload"));
                findings.push(if how == "takeover" {
                    finding.published(claim, name).judged_within(0.0)
                } else {
                    finding
                });
            }
        }
    }
    Assessment::of(
        findings,
        "Where both sides keep the context. Thrown away after each message, as servers with many \
         connections do to save memory, compression makes this message longer every time.",
    )
}
