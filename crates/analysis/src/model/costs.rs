//! The costs of one reader's messages, drafts, openings and silences in bytes and requests, by the
//! formulas that predict a run: the parts of its totals, each by itself.

use wire::Carrier;

use super::{
    Quantity,
    situation::Situation,
    size::{self, HEARTBEAT},
    timing, totals,
};

/// An hour, in seconds.
const HOUR: f64 = 3_600.0;
/// A time in which there are heartbeats enough for a mean, in seconds.
const LONG_SILENCE: f64 = 1e6;

/// Bytes in both directions.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Both {
    /// The bytes from clients to the server.
    pub up: f64,
    /// The bytes from the server to clients.
    pub down: f64,
}

impl Both {
    /// Returns the sum of two amounts.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            up: self.up + other.up,
            down: self.down + other.down,
        }
    }

    /// Returns a multiple of the amount.
    #[must_use]
    pub fn times(self, factor: f64) -> Self {
        Self {
            up: self.up * factor,
            down: self.down * factor,
        }
    }

    /// Returns the bytes of both directions together.
    #[must_use]
    pub fn sum(self) -> f64 {
        self.up + self.down
    }
}

/// The requests of a reader that polls.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PollRequests {
    /// The number of requests for each message that the reader gets.
    pub per_message: f64,
    /// The share of requests that bring nothing, from 0 to 1.
    pub empty: f64,
    /// The formula of the number of requests.
    pub source: &'static str,
}

/// The bytes and requests of a situation, item by item. An item is `None` where no formula knows
/// it: over HTTP/2 the length of a head depends on the heads before it (HPACK, RFC 7541), so that polls,
/// drafts that a POST brings and openings are not known there, and the pieces of streams are.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Costs {
    /// The bytes of one message on its way to one reader, with the requests that bring it and those
    /// that bring nothing.
    pub read: Option<Both>,
    /// The bytes of one draft on its way to the server, with its answer.
    pub say: Option<Both>,
    /// The bytes until a reader is ready to receive, without handshakes of TLS and TCP; none for
    /// polls, whose first request is like any other.
    pub opening: Option<Both>,
    /// The bytes of one heartbeat on a connection that is silent; none for polls.
    pub heartbeat: Option<Both>,
    /// The requests of a reader, if it polls.
    pub asked: Option<PollRequests>,
}

impl Costs {
    /// Returns the costs of a situation.
    #[must_use]
    pub fn of(situation: &Situation) -> Self {
        let asked = timing::exchanges(situation);
        let event = Both {
            up: 0.0,
            down: totals::event(situation),
        };
        let around = totals::around_read(situation, asked.as_ref());
        Self {
            read: around.map(|around| around.plus(event)),
            say: totals::of_draft(situation),
            opening: opening(situation),
            heartbeat: heartbeat(situation),
            asked: asked.map(|asked| PollRequests {
                per_message: asked.per_delivery,
                empty: asked.empty,
                source: asked.source(),
            }),
        }
    }
}

/// Returns the pair of two quantities of a situation.
fn pair(situation: &Situation, [up, down]: [Quantity; 2]) -> Option<Both> {
    let parts = size::of(situation);
    let of = |quantity| {
        let part = parts.iter().find(|part| part.quantity == quantity);
        part.map(|part| part.predicted)
    };
    Some(Both {
        up: of(up)?,
        down: of(down)?,
    })
}

fn opening(situation: &Situation) -> Option<Both> {
    if situation.way.carrier() == Carrier::Batch && !situation.protocol.is_library() {
        return Some(Both::default());
    }
    pair(situation, [Quantity::OpeningUp, Quantity::OpeningDown])
}

/// Returns the bytes of one heartbeat, from those of an hour in which nobody speaks.
fn heartbeat(situation: &Situation) -> Option<Both> {
    if situation.way.polls() {
        return Some(Both::default());
    }
    let silent = Situation {
        rate: 0.0,
        measured: LONG_SILENCE,
        ..*situation
    };
    let hour = pair(&silent, [Quantity::SilenceUp, Quantity::SilenceDown])?;
    Some(hour.times(HEARTBEAT / HOUR))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{of_run, tests::row};

    fn costs(transport: &str, variant: &str) -> (Costs, Situation) {
        let situation = Situation::of(&row(transport, variant, 4.0, 10_000)).expect("known");
        (Costs::of(&situation), situation)
    }

    /// Checks that the parts add up to the totals that runs are held against.
    #[test]
    fn the_parts_add_up_to_the_predictions_of_runs() {
        for (transport, variant) in [
            ("short_poll", "1s"),
            ("short_poll", "250ms close"),
            ("long_poll", "hold 25s"),
            ("http_stream", "ndjson"),
            ("http_stream", "sse"),
            ("websocket", "-"),
        ] {
            let run = row(transport, variant, 4.0, 10_000);
            let (costs, situation) = costs(transport, variant);
            let (read, say) = (costs.read.expect("bytes"), costs.say.expect("bytes"));
            let all = read.plus(say.times(1.0 / situation.readers));
            let predicted = of_run(&run);
            let of = |quantity| {
                let one = predicted.iter().find(|one| one.quantity == quantity);
                one.expect("predicted").predicted
            };
            for (found, quantity) in [(all.up, Quantity::BytesUp), (all.down, Quantity::BytesDown)]
            {
                let expected = of(quantity);
                assert!(
                    (found - expected).abs() < 1e-9,
                    "{variant}: {found} {expected}"
                );
            }
        }
    }

    /// Compares with the texts of the standards: a ping and its masked pong, a chunk with a comment.
    #[test]
    fn a_heartbeat_by_itself() {
        let of = |transport, variant| costs(transport, variant).0.heartbeat.expect("bytes");
        let near = |found: Both, up: f64, down: f64| {
            let is = (found.up - up).abs() < 1e-9 && (found.down - down).abs() < 1e-9;
            assert!(is, "{found:?}");
        };
        near(of("websocket", "-"), 6.0, 2.0);
        near(of("http_stream", "ndjson"), 0.0, 6.0);
        near(of("http_stream", "sse"), 0.0, 8.0);
        near(of("short_poll", "1s"), 0.0, 0.0);
    }

    #[test]
    fn heads_of_http_2_are_not_made_up() {
        let mut run = row("long_poll", "hold 25s", 4.0, 10_000);
        run.http = "2".to_owned();
        let costs = Costs::of(&Situation::of(&run).expect("known"));
        assert_eq!((costs.read, costs.say), (None, None));
        assert!(costs.asked.is_some());
    }

    /// Checks that over HTTP/2 a frame's head of nine bytes takes the place of a chunk's size and ends,
    /// and that TLS adds a record to each.
    #[test]
    fn over_http_2_the_pieces_of_streams_are_known_and_their_heads_are_not() {
        let near = |found: f64, expected: f64| {
            assert!((found - expected).abs() < 1e-9, "{found}, not {expected}");
        };
        for (variant, beat) in [("ndjson", 1.0), ("sse", 3.0)] {
            let costs = |http: &str, tls: &str, text| {
                let run = results::RunRow {
                    http: http.to_owned(),
                    tls: tls.to_owned(),
                    payload_bytes: text,
                    ..row("http_stream", variant, 4.0, 10_000)
                };
                Costs::of(&Situation::of(&run).expect("known"))
            };
            let down = |http, tls, text| costs(http, tls, text).read.expect("bytes").down;
            near(down("2", "", 100) - down("1.1", "", 100), 9.0 - 6.0);
            near(down("2", "", 5_000) - down("1.1", "", 5_000), 9.0 - 8.0);
            near(down("2", "1.3", 100) - down("2", "", 100), 22.0);
            let new = costs("2", "", 100);
            assert_eq!((new.say, new.opening), (None, None), "{variant}");
            near(new.heartbeat.expect("bytes").down, beat + 9.0);
            near(new.read.expect("bytes").up, 0.0);
            // In how many frames and records more than one of them is, is not known.
            for tls in ["", "1.3"] {
                assert_eq!(costs("2", tls, 20_000).read, None);
            }
        }
    }
}
