//! The wheel of a full server that ends its oldest connection for each new one, by formula.
//!
//! Each connection that is opened ends another, and its reader opens a new one after a round: it
//! notices the end, waits, and connects. By Little's law (J. D. C. Little, "A Proof for the
//! Queuing Formula: L = λW", Operations Research 9, 1961) the rate is the number of readers that
//! are away, divided by the length of a round.

use results::{RunRow, row::Path};
use wire::{Exchange, Protocol};

use super::{Prediction, Quantity, Tolerance, comebacks, path};
use crate::model::situation::Situation;

/// The time by which a timer of the load generator is late on average, in seconds. Tokio rounds a
/// deadline up to the next whole millisecond (`TimeSource::deadline_to_tick`), and then waits in
/// `epoll_wait` for a whole number of milliseconds, counted from wherever in a millisecond the wait
/// begins (`Driver::park_internal`): half a millisecond each.
pub const TIMER: f64 = 0.001;
/// An hour, in seconds.
const HOUR: f64 = 3_600.0;
/// The messages that a reader must hear on average before it is ended, so that its next wait is
/// a first one again.
const HEARD: f64 = 5.0;

/// A crowd that is too large for a server.
#[derive(Debug, Clone, Copy)]
pub struct Crowd {
    /// The number of readers, each with a connection of its own.
    pub readers: f64,
    /// The number of connections that the server may have.
    pub places: f64,
    /// The number of speakers that have a connection beside those of the readers.
    pub speakers: f64,
    /// The drafts a second of all of them.
    pub drafts: f64,
    /// The time from the end of a reader's connection until the server has taken the next one, in
    /// seconds.
    pub round: f64,
}

impl Crowd {
    /// Returns the number of readers' connections that are ended in a second.
    ///
    /// A speaker's connection is ended like any other once it is the oldest, which takes `places`
    /// new ones, and is opened anew for the next draft only. So speakers have
    /// `min(speakers, drafts · places / rate)` of the places, and with n readers, c places and a
    /// round of w seconds, `rate · w = n − c + min(speakers, drafts · c / rate)`.
    #[must_use]
    pub fn rate(&self) -> f64 {
        let beyond = self.readers - self.places;
        let always_there = (beyond + self.speakers) / self.round;
        if always_there <= 0.0 {
            return 0.0;
        }
        if self.drafts * self.places >= self.speakers * always_there {
            return always_there;
        }
        let root = beyond.powi(2) + 4.0 * self.round * self.drafts * self.places;
        f64::midpoint(beyond, root.sqrt()) / self.round
    }
}

/// Returns how often in an hour a reader's connection is ended to make room for another.
pub(super) fn of(run: &RunRow) -> Option<Prediction> {
    let crowd = crowd(run)?;
    let rate = crowd.rate();
    Some(Prediction {
        quantity: Quantity::CutsPerHour,
        predicted: rate / crowd.readers * HOUR,
        tolerance: Tolerance {
            // A busy machine makes rounds longer, and the first cuts come before the window.
            share: 0.15 + 0.1 / path::seconds(run)?,
            // The number of cuts is that of Poisson's distribution, so three deviations are
            // permitted.
            amount: 3.0 * (rate / path::seconds(run)?).sqrt() / crowd.readers * HOUR,
            at_most: false,
        },
        source: "readers away / (wait + timer + opening), by Little's law; speakers are ended too",
    })
}

/// Returns the crowd of a run whose server ends the oldest; `None` where the formula does not hold.
fn crowd(run: &RunRow) -> Option<Crowd> {
    let places: f64 = run.connection_cap.strip_suffix(" evict")?.parse().ok()?;
    let situation = Situation::of(run)?;
    let plain = situation.protocol == Protocol::Plain && run.tabs.unwrap_or(1) == 1;
    let one_server = run.nodes.unwrap_or(1) == 1 && !situation.is_http2;
    let path = Path::read(&run.path);
    let near = path.target.is_none() && path.link.is_none();
    if !(plain && one_server && near) || situation.way.exchange() != Exchange::Open {
        // A poller is not there between two questions; a link has delays and an order of its own.
        return None;
    }
    let speakers = match run.speak.as_str() {
        "post" => (run.publishers * run.rooms) as f64,
        "same" if situation.way.carries_drafts() => 0.0,
        _ => return None,
    };
    let opening = run.opening_p50_us? as f64 / 1e6;
    let crowd = Crowd {
        readers: situation.clients,
        places,
        speakers,
        drafts: if run.publishers == 0 {
            0.0
        } else {
            run.rate_per_s * run.rooms as f64
        },
        round: comebacks::mean_wait(&run.reconnect)? + TIMER + opening,
    };
    let heard = situation.rate * places / crowd.rate();
    // Waits that grow are first waits only for those who heard something in between.
    let are_first = run.reconnect.starts_with("fixed ") || heard >= HEARD;
    (crowd.rate() > 0.0 && are_first).then_some(crowd)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The crowd of the claim `eviction-storm`.
    const STORM: Crowd = Crowd {
        readers: 59.0,
        places: 50.0,
        speakers: 1.0,
        drafts: 2.0,
        round: 0.0134,
    };

    fn near(one: f64, other: f64) -> bool {
        (one - other).abs() < 1e-6 * other.abs()
    }

    /// Returns a run as that claim's, of 9 s: over server-sent events it had 5,742 cuts when it was
    /// measured, over WebSocket 5,850.
    fn run(cuts: u64) -> RunRow {
        let mut run = crate::model::tests::row("http_stream", "sse", 2.0, 6_000);
        (run.clients, run.expected, run.delivered) = (59, 708, 708);
        run.speak = "post".to_owned();
        (run.connection_cap, run.reconnect) = ("50 evict".to_owned(), "fixed 12ms".to_owned());
        (run.settle_ms, run.window_ms) = (Some(1_000), Some(8_000));
        (run.opening_p50_us, run.cut_connections) = (Some(414), Some(cuts));
        run
    }

    #[test]
    fn whoever_is_away_is_away_for_a_round() {
        let away = |crowd: &Crowd| crowd.rate() * crowd.round;
        // The speaker's connection is ended within 75 ms, and comes again at its next draft: it has
        // its place for a share of the time.
        let there = STORM.drafts * STORM.places / STORM.rate();
        assert!(there < 0.2 && near(away(&STORM), 9.0 + there), "{there}");
        // At ten drafts a second, and rounds of a second, it is always there.
        let slow = Crowd {
            readers: 60.0,
            drafts: 10.0,
            round: 1.0,
            ..STORM
        };
        assert!(near(slow.rate(), 11.0));
        let silent = Crowd {
            speakers: 0.0,
            drafts: 0.0,
            ..STORM
        };
        assert!(near(away(&silent), 9.0));
        let fits = Crowd {
            readers: 49.0,
            ..STORM
        };
        assert!(fits.rate() == 0.0);
    }

    #[test]
    fn the_speakers_place_and_the_timer_make_the_wheel_slower() {
        let of = |speakers, drafts, round| {
            let crowd = Crowd {
                speakers,
                drafts,
                round,
                ..STORM
            };
            crowd.rate().round()
        };
        // Ten who are away for 12 ms; nine, and seldom a tenth; with a timer and an opening.
        assert!(near(of(1.0, 1e9, 0.012), 833.0));
        assert!(near(of(1.0, 2.0, 0.012), 761.0));
        assert!(near(of(1.0, 2.0, 0.0134), 683.0));
    }

    #[test]
    fn measured_storms_are_as_predicted_and_spoiled_ones_are_not() {
        let holds = |cuts: u64| {
            let run = run(cuts);
            let prediction = of(&run).expect("a prediction");
            let measured = path::per_hour(&run, run.cut_connections).expect("a count");
            prediction.tolerance.holds(prediction.predicted, measured)
        };
        assert!(holds(5_742) && holds(5_850));
        assert!(!holds(5_742 / 2) && !holds(5_742 * 3));
    }

    #[test]
    fn what_no_formula_covers_is_not_predicted() {
        let changes: [fn(&mut RunRow); 7] = [
            |run| "50 refuse".clone_into(&mut run.connection_cap),
            |run| run.connection_cap.clear(),
            |run| "fixed 12ms place lost".clone_into(&mut run.reconnect),
            // Nobody hears anything in 75 ms, so that waits grow.
            |run| "full_jitter 24ms to 1s".clone_into(&mut run.reconnect),
            |run| "post_close".clone_into(&mut run.speak),
            |run| "link 5ms each way".clone_into(&mut run.path),
            |run| run.opening_p50_us = None,
        ];
        assert!(of(&run(1)).is_some());
        for (number, change) in changes.into_iter().enumerate() {
            let mut run = run(1);
            change(&mut run);
            assert_eq!(of(&run), None, "change {number}");
        }
        let mut poll = run(1);
        "long_poll".clone_into(&mut poll.transport);
        "hold 25s".clone_into(&mut poll.variant);
        assert_eq!(of(&poll), None);
    }
}
