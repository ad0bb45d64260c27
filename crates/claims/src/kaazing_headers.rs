//! The figure of the claim about 871 bytes of headers for a poll and 2 for a frame, and a ratio of
//! 500:1.

use super::{
    Claim, Evidence,
    figures::{Bar, Bars, Shade},
    words,
};
use analysis::{series::Identity, unit};
use chart::{Figure, FigureError};

/// The bytes of a segment's headers: IPv4 and TCP with timestamps, as on Linux and macOS.
const STAMPED: f64 = 52.0;

/// The observations of one exchange and of one message.
struct Seen {
    wire: f64,
    frame: f64,
    /// The segments of the poll and of the message, those without data included.
    segments: (f64, f64),
}

impl Seen {
    fn of(evidence: &Evidence) -> Option<Self> {
        let fact = |subject, quantity| evidence.fact(subject, quantity);
        Some(Self {
            wire: fact("poll", "request_head")? + fact("poll", "response_head")?,
            frame: fact("websocket", "ws_head")?,
            segments: (fact("poll", "segments")?, fact("websocket", "segments")?),
        })
    }
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
        Bar {
            name: name.to_owned(),
            parts: vec![(bytes, Shade::Full), (under, Shade::Pale)],
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
    let under = (seen.segments.0 * STAMPED, seen.segments.1 * STAMPED);
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
