//! The claim about 871 bytes of headers for a poll and 2 for a frame, and a ratio of 500:1.

use super::{
    Assessment, Claim, Evidence, Finding,
    evidence::At,
    figures::{Bar, Bars, Piece},
    words,
};
use analysis::{model::framing, series::Identity, unit};
use chart::{Figure, FigureError};

/// The lines of the published request and response, their first lines included.
const LINES: f64 = 11.0 + 6.0;
/// The bytes of the published message.
const MESSAGE: u64 = 21;
/// The bytes of a segment's headers: IPv4 and TCP with timestamps, as on Linux and macOS.
const STAMPED: f64 = 52.0;
/// The published use cases: name and clients, each of which polls or receives a push once a second.
const CASES: [(&str, f64); 3] = [("a", 1e3), ("b", 1e4), ("c", 1e5)];
/// The observations of one exchange and of one message.
struct Seen {
    characters: f64,
    wire: f64,
    frame: f64,
    /// The segments with data, of the poll and of the message; `all` counts those without, too.
    data: (f64, f64),
    all: (f64, f64),
}

impl Seen {
    fn of(evidence: &Evidence) -> Option<Self> {
        let both = |quantity: &str| {
            Some((
                evidence.fact("poll", quantity)?,
                evidence.fact("websocket", quantity)?,
            ))
        };
        let sum = |one, other| Some(evidence.fact("poll", one)? + evidence.fact("poll", other)?);
        Some(Self {
            characters: sum("request_characters", "response_characters")?,
            wire: sum("request_head", "response_head")?,
            frame: evidence.fact("websocket", "ws_head")?,
            data: both("data_segments")?,
            all: both("segments")?,
        })
    }

    fn ratio(&self, segments: (f64, f64), header: f64) -> f64 {
        (self.wire + segments.0 * header) / (self.frame + segments.1 * header)
    }
}

pub(super) fn assess(claim: &Claim, evidence: &Evidence) -> Assessment {
    let seen = Seen::of(evidence);
    let seen = seen.as_ref();
    let published = |name: &str| claim.published.get(name).map_or(f64::NAN, |one| one.value);
    let (characters, frame) = (published("characters"), framing::ws_head(MESSAGE) as f64);
    // Each line has a line end, and each head an empty line.
    let wire = characters + 2.0 * (LINES + 2.0);
    let mut findings = vec![
        Finding::new("characters of the heads of one poll", "B")
            .published(claim, "characters")
            .predicted(characters)
            .measured(seen.map(|seen| seen.characters))
            .judged_within(0.0)
            .note("Without line ends."),
        Finding::new("bytes of the same heads on the wire", "B")
            .published(claim, "characters")
            .predicted(wire)
            .measured(seen.map(|seen| seen.wire))
            .judged_within(0.0)
            .note("Each of the 17 lines ends in two bytes, each head in two more."),
        Finding::new("head of a frame with 21 bytes", "B")
            .published(claim, "frame")
            .predicted(frame)
            .measured(seen.map(|seen| seen.frame))
            .judged_within(0.0),
    ];
    findings.extend(ratios(claim, seen, wire, frame));
    findings.extend(scaled(claim, seen));
    findings.push(under_load(evidence));
    Assessment::of(
        findings,
        "Three counts carry the claim: characters, bytes of the same heads, and the frame's head. \
         The ratio of the article's own figures is 435:1, 454:1 on the wire, and between 24:1 and \
         10:1 once TCP and IP are counted: a small message costs a segment whatever carries it.",
    )
}

/// Returns the published use cases: the counts above times the clients, which add nothing new.
fn scaled(claim: &Claim, seen: Option<&Seen>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (case, clients) in CASES {
        let rate = |bytes: f64| bytes * 8.0 * clients / 1e6;
        let title = format!("{} clients", unit::grouped(clients as u64));
        for (name, what, bytes) in [
            ("poll", "heads of", seen.map(|seen| seen.wire)),
            ("ws", "frame heads of", seen.map(|seen| seen.frame)),
        ] {
            findings.push(
                Finding::new(format!("{what} {title}, once a second each"), "Mbit/s")
                    .published(claim, &format!("case_{case}_{name}"))
                    .measured(bytes.map(rate))
                    .note("One connection's bytes times the clients. Printed in Mibit/s."),
            );
        }
    }
    findings
}

/// Computes the ratios. The ratio on the wire is judged. Those with TCP and IP rest on the kernel's
/// count of segments and are checked against the formula alone, because the published ratio leaves
/// both out.
fn ratios(claim: &Claim, seen: Option<&Seen>, wire: f64, frame: f64) -> Vec<Finding> {
    let ratio = |what: &str, predicted: f64, measured: Option<f64>| {
        Finding::new(format!("ratio, {what}"), ":1")
            .predicted(predicted)
            .measured(measured)
            .within(0.01)
    };
    // These include pure acknowledgements: one for the answer to a poll, which the next request is
    // too late to carry, and one for each message.
    let with =
        |header: f64, polled: f64, told: f64| (wire + polled * header) / (frame + told * header);
    let data = |header| seen.map(|seen| seen.ratio(seen.data, header));
    let all = |header| seen.map(|seen| seen.ratio(seen.all, header));
    vec![
        ratio(
            "heads on the wire",
            wire / frame,
            seen.map(|seen| seen.wire / seen.frame),
        )
        .published(claim, "ratio")
        .judged_within(0.0)
        .note("The article's own figures, 871 to 2, come to 435:1."),
        ratio(
            "with 52 B of TCP/IP a segment",
            with(STAMPED, 2.0, 1.0),
            data(STAMPED),
        )
        .note("Segments that carry data, IPv4 and TCP with timestamps."),
        ratio(
            "with 52 B, acknowledgements included",
            with(STAMPED, 3.0, 2.0),
            all(STAMPED),
        )
        .note("Segments as the kernel counted them."),
    ]
}

/// Checks the same heads in a chat in which every client polls once a second.
fn under_load(evidence: &Evidence) -> Finding {
    let runs = evidence.runs(&At {
        transport: "short_poll",
        ..At::default()
    });
    let clients = runs.first().map_or(0.0, |run| run.run.clients as f64);
    Finding::new("polls a second of as many silent clients", "1/s")
        .predicted(clients)
        .measured(runs.median(|run| Some(run.run.exchanges as f64 / (run.window_s()?))))
        .within(0.02)
        .note("This chat with the same request lines: what one connection costs, all cost.")
}

pub(super) fn draw(claim: &Claim, evidence: &Evidence) -> Result<Vec<Figure>, FigureError> {
    let Some(seen) = Seen::of(evidence) else {
        return Ok(Vec::new());
    };
    let bar = |who: &str, bytes: f64, under: f64| {
        let identity = Identity::of(who, "-");
        let name = if who == "websocket" {
            "WebSocket"
        } else {
            "Poll"
        };
        let piece = |value, pale| Piece { value, pale };
        Bar {
            name: name.to_owned(),
            pieces: vec![piece(bytes, false), piece(under, true)],
            colour: identity.style.colour,
            number: format!("{} B", unit::count(bytes + under)),
        }
    };
    let group = |title: &str, poll: (f64, f64), message: (f64, f64)| {
        let ratio = (poll.0 + poll.1) / (message.0 + message.1);
        let bars = vec![
            bar("short_poll", poll.0, poll.1),
            bar("websocket", message.0, message.1),
        ];
        (format!("{title}: {}:1", words::number(ratio)), bars)
    };
    let printed = claim
        .published
        .get("characters")
        .map_or(0.0, |one| one.value);
    let under = (seen.all.0 * STAMPED, seen.all.1 * STAMPED);
    Bars {
        name: "three_ways",
        title: "Overhead of one message by what is counted",
        reading: "Bytes around one message. Each group has a scale of its own.",
        caption: "The published request and response, replayed over loopback · segments as the \
                  kernel counted them, 52 B of headers each",
        key: ["heads", "TCP/IP (estimate)"],
        groups: vec![
            group("As printed, characters", (printed, 0.0), (seen.frame, 0.0)),
            group("On the wire, bytes", (seen.wire, 0.0), (seen.frame, 0.0)),
            group(
                "With TCP and IP, acknowledgements included",
                (seen.wire, under.0),
                (seen.frame, under.1),
            ),
        ],
    }
    .draw()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The ratios of the project's list, from the figures alone.
    #[test]
    fn ten_to_one_up_to_twenty_four_to_one() {
        let seen = Seen {
            characters: 871.0,
            wire: 909.0,
            frame: 2.0,
            data: (2.0, 1.0),
            all: (3.0, 2.0),
        };
        let bare = 40.0;
        let ratios = [
            seen.ratio(seen.data, bare),
            seen.ratio(seen.data, STAMPED),
            seen.ratio(seen.all, bare),
            seen.ratio(seen.all, STAMPED),
        ];
        let rounded = ratios.map(|ratio| ratio.round() as u32);
        assert_eq!(rounded, [24, 19, 13, 10]);
    }
}
