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
        ("takeover", "context kept", KEPT),
        ("no_takeover", "context thrown away", THROWN),
        ("raw", "uncompressed", RAW),
    ] {
        for (at, (name, bytes)) in NAMES.into_iter().zip(expected).enumerate() {
            let seen =
                |direction| evidence.fact(&format!("{how} {direction} {}", at + 1), "payload");
            let ours = Finding::new(format!("{name} \"Hello\", {words}"), "B")
                .predicted(bytes)
                .measured(seen("up"));
            findings.push(if how == "takeover" && claim.published.contains_key(name) {
                ours.published(claim, name).judged_within(0.0)
            } else {
                ours
            });
            if how == "takeover" {
                findings.push(
                    Finding::new(format!("{name} \"Hello\", another implementation"), "B")
                        .measured(seen("down"))
                        .note(
                            "The server's (yawc) answer: it flushes each message twice, which the \
                             standard allows and which costs a byte.",
                        ),
                );
            }
        }
    }
    Assessment::of(
        findings,
        "Where both sides keep the context, and to the byte only for zlib used as the standard's \
         example uses it. Thrown away after each message, as servers with many connections do to \
         save memory, compression makes this message longer every time.",
    )
}
