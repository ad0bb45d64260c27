//! The limits of a path by formula: the readers that fit through its workers at once, and how often
//! it ends their exchanges.

use results::RunRow;
use wire::Exchange;

use super::{Prediction, Quantity, Tolerance, comebacks};
use crate::model::situation::{Arrivals, Situation};

/// The silence after which the server sends a heartbeat, in seconds.
const HEARTBEAT: f64 = 25.0;
/// An hour, in seconds.
const HOUR: f64 = 3_600.0;

/// Returns whether the path of a run ends exchanges.
pub(super) fn cuts(run: &RunRow) -> bool {
    run.link_cut_after_ms.is_some() || run.link_cut_idle_ms.is_some()
}

/// Returns the number of readers who hear anything at once where each of them keeps a worker, as
/// on a stream or WebSocket.
pub(super) fn at_once(run: &RunRow) -> Option<Prediction> {
    let workers = run.link_workers?;
    (run.way()?.exchange() == Exchange::Open).then(|| Prediction {
        quantity: Quantity::ReadersAtOnce,
        predicted: workers.min(run.clients) as f64,
        tolerance: Tolerance::amount(0.0),
        source: "a worker for each reader: min(readers, workers)",
    })
}

/// Returns how often in an hour a reader of a stream or WebSocket is cut, and how many events are
/// sent while it is away.
pub(super) fn of_cuts(run: &RunRow) -> Vec<Prediction> {
    let predicted = || {
        let situation = Situation::of(run)?;
        let lasts = lasts(run, &situation)?;
        let away = comebacks::mean_wait(&run.reconnect)?;
        let cycle = lasts + away;
        let share = 0.15 + cycle / seconds(run)?;
        let per_hour = HOUR / cycle;
        Some(vec![
            Prediction {
                quantity: Quantity::CutsPerHour,
                predicted: per_hour,
                tolerance: Tolerance::share(share),
                source: "3600 / (time to the cut + mean time away)",
            },
            Prediction {
                quantity: Quantity::ReplaysPerHour,
                predicted: per_hour * away * situation.rate,
                // Each cut adds at most the event that was under way.
                tolerance: Tolerance {
                    share: share + 0.15,
                    amount: per_hour,
                    at_most: false,
                },
                source: "cuts x mean time away x rate",
            },
        ])
    };
    predicted().unwrap_or_default()
}

/// Returns the seconds for which a stream or WebSocket lasts; `None` for polls, where nothing is
/// cut, and where chance decides.
fn lasts(run: &RunRow, situation: &Situation) -> Option<f64> {
    if situation.way.exchange() != Exchange::Open {
        return None;
    }
    let seconds = |ms: Option<u64>| ms.map(|ms| ms as f64 / 1e3);
    let (after, idle) = (
        seconds(run.link_cut_after_ms),
        seconds(run.link_cut_idle_ms),
    );
    let Some(idle) = idle.filter(|idle| *idle <= HEARTBEAT) else {
        // Heartbeats come in time, so that no connection is silent for so long.
        return after;
    };
    if situation.rate <= 0.0 {
        return Some(after.map_or(idle, |after| after.min(idle)));
    }
    match situation.arrivals? {
        Arrivals::Constant if 1.0 / situation.rate <= idle => after,
        _ => None,
    }
}

/// Returns how long readers were there: from the beginning of *settle* to the end of the window.
pub(super) fn seconds(run: &RunRow) -> Option<f64> {
    let ms = run.settle_ms? + run.window_ms?;
    (ms > 0).then(|| ms as f64 / 1e3)
}

/// Returns a count of a run for one reader and hour, over the time for which readers were there.
#[must_use]
pub fn per_hour(run: &RunRow, count: Option<u64>) -> Option<f64> {
    let reader_seconds = run.clients.max(1) as f64 * seconds(run)?;
    Some(count? as f64 / reader_seconds * HOUR)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(transport: &str, after: Option<u64>, idle: Option<u64>) -> RunRow {
        let variant = if transport == "http_stream" {
            "sse"
        } else {
            "-"
        };
        let mut run = crate::model::tests::row(transport, variant, 2.0, 60_000);
        (run.link_cut_after_ms, run.link_cut_idle_ms) = (after, idle);
        run.reconnect = "fixed 1s".to_owned();
        (run.settle_ms, run.window_ms) = (Some(0), Some(60_000));
        run
    }

    fn predicted(run: &RunRow) -> Vec<f64> {
        let all = of_cuts(run);
        all.into_iter().map(|one| one.predicted).collect()
    }

    #[test]
    fn cuts_and_replays_follow_from_the_limits() {
        // Every 5 s and 1 s away, at 2 messages a second.
        let cut = run("http_stream", Some(5_000), None);
        assert_eq!(predicted(&cut), [600.0, 1_200.0]);
        assert_eq!(
            predicted(&run("websocket", Some(5_000), Some(4_000))),
            [600.0, 1_200.0]
        );
        assert_eq!(
            predicted(&run("websocket", Some(5_000), Some(60_000))),
            [600.0, 1_200.0]
        );
        // Messages come more often than the limit: nothing is cut, and nothing is predicted.
        assert_eq!(predicted(&run("websocket", None, Some(4_000))), [0.0; 0]);
        // In silence the silence cuts, unless a heartbeat comes first.
        let mut silent = run("websocket", Some(19_000), Some(9_000));
        (silent.publishers, silent.rate_per_s, silent.expected) = (0, 0.0, 0);
        assert_eq!(predicted(&silent), [360.0, 0.0]);
        silent.link_cut_idle_ms = Some(30_000);
        assert_eq!(predicted(&silent), [180.0, 0.0]);
    }

    #[test]
    fn a_spoiled_count_is_told_from_the_prediction() {
        let mut cut = run("websocket", Some(5_000), None);
        cut.clients = 10;
        let prediction = &of_cuts(&cut)[0];
        let holds = |cut: &RunRow| {
            let measured = per_hour(cut, cut.cut_connections).expect("a count");
            prediction.tolerance.holds(prediction.predicted, measured)
        };
        // Ten readers, ten cycles of 6 s each.
        cut.cut_connections = Some(100);
        assert!(holds(&cut));
        cut.cut_connections = Some(70);
        assert!(!holds(&cut));
    }

    #[test]
    fn readers_that_fit_are_as_many_as_the_workers() {
        let mut many = run("websocket", None, None);
        (many.clients, many.link_workers) = (100, Some(30));
        assert_eq!(at_once(&many).map(|one| one.predicted), Some(30.0));
        many.link_workers = Some(300);
        assert_eq!(at_once(&many).map(|one| one.predicted), Some(100.0));
        many.transport = "long_poll".to_owned();
        many.variant = "hold 25s".to_owned();
        assert_eq!(at_once(&many), None);
    }
}
