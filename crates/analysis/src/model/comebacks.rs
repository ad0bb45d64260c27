//! The peak of connections when all readers come back at once.

use std::time::Duration;

use results::RunRow;
use wire::Exchange;

use super::{Prediction, Quantity, Tolerance, path};

/// Returns the prediction for a run whose readers all lost their connections at one moment, while
/// the server stayed: each then connects once.
pub(super) fn of(run: &RunRow) -> Option<Prediction> {
    let lost = run.cut_connections.filter(|lost| *lost > 0)? as f64;
    let begins = |kinds: &[&str]| kinds.iter().any(|kind| run.cut.starts_with(kind));
    // All readers of one room hear the last event before a silence at one moment, and wait as long
    // for the next.
    let at_once =
        begins(&["close at ", "reset at "]) || (begins(&["silent at "]) && run.rooms == 1);
    let keeps = run.variant.split_whitespace().all(|word| word != "close");
    // A short poller connects when its next question is due, so that its interval decides.
    let waits_only = run.way()?.exchange() != Exchange::Immediate;
    if !at_once || !keeps || !waits_only || run.reconnect_refused != Some(0) {
        return None;
    }
    // Connections that are lost at other moments, too, are counted with those of the cut.
    if path::cuts(run) || !run.churn.is_empty() || !run.connection_cap.is_empty() {
        return None;
    }
    let width = width(&run.reconnect)?;
    let predicted = if width > 1.0 { lost / width } else { lost };
    // The number in a second is that of Poisson's distribution, so three deviations are permitted;
    // the share is there because the fullest second is counted, and not any second.
    let tolerance = Tolerance {
        share: 0.1,
        amount: if width > 1.0 {
            3.0 * predicted.sqrt()
        } else {
            0.5
        },
        at_most: false,
    };
    Some(Prediction {
        quantity: Quantity::ReconnectPeak,
        predicted,
        tolerance,
        source: "readers / width of the jitter; Brooker 2015",
    })
}

/// Returns the width of the times at which a policy has readers try first, in seconds.
fn width(reconnect: &str) -> Option<f64> {
    let (least, most) = first_wait(reconnect)?;
    Some(most.saturating_sub(least).as_secs_f64())
}

/// Returns the mean time that a policy has readers wait before they try first, in seconds; `None`
/// if they come back to another place, where nothing is given to them again.
pub(super) fn mean_wait(reconnect: &str) -> Option<f64> {
    let (least, most) = first_wait(reconnect)?;
    let keeps = !without_silence(reconnect).ends_with(" place lost");
    keeps.then(|| f64::midpoint(least.as_secs_f64(), most.as_secs_f64()))
}

/// Returns the words of a policy, and of the place, without those of the patience.
fn without_silence(reconnect: &str) -> &str {
    reconnect
        .split_once(" silence ")
        .map_or(reconnect, |(policy, _)| policy)
}

/// Returns the shortest and the longest time that a policy has readers wait before they try first.
fn first_wait(reconnect: &str) -> Option<(Duration, Duration)> {
    let text = without_silence(reconnect);
    let text = text.strip_suffix(" place lost").unwrap_or(text);
    let (policy, waits) = text.split_once(' ')?;
    let mut waits = waits.split(" to ").map(humantime::parse_duration);
    let base = waits.next()?.ok()?;
    let cap = waits.next().map_or(Some(Duration::MAX), Result::ok)?;
    match policy {
        "fixed" | "exponential" => Some((base, base)),
        "full_jitter" => Some((Duration::ZERO, base)),
        "decorrelated" => Some((base, base.saturating_mul(3).min(cap).max(base))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(cut: &str, reconnect: &str) -> RunRow {
        let mut run = crate::model::tests::row("websocket", "-", 1.0, 1_000);
        (run.cut, run.reconnect) = (cut.to_owned(), reconnect.to_owned());
        (run.cut_connections, run.reconnect_refused) = (Some(1_000), Some(0));
        run
    }

    fn predicted(cut: &str, reconnect: &str) -> Option<f64> {
        Some(of(&run(cut, reconnect))?.predicted)
    }

    #[test]
    fn the_peak_is_the_readers_over_the_width() {
        let at = "reset at 2s";
        assert_eq!(predicted(at, "full_jitter 4s to 30s"), Some(250.0));
        assert_eq!(predicted(at, "full_jitter 1s 600ms to 30s"), Some(625.0));
        assert_eq!(predicted(at, "full_jitter 500ms to 30s"), Some(1_000.0));
        assert_eq!(
            predicted(at, "decorrelated 2s to 30s place lost"),
            Some(250.0)
        );
        assert_eq!(predicted(at, "decorrelated 2s to 4s"), Some(500.0));
        assert_eq!(predicted("close at 2s", "fixed 5s"), Some(1_000.0));
    }

    #[test]
    fn a_silence_is_noticed_by_all_of_one_room_at_once() {
        let back = "full_jitter 4s to 30s place lost silence 2s";
        let mut silent = run("silent at 2s", back);
        assert_eq!(of(&silent).map(|found| found.predicted), Some(250.0));
        silent.rooms = 2;
        assert_eq!(of(&silent), None);
        assert_eq!(mean_wait(back), None);
        assert_eq!(mean_wait("fixed 3s silence 2s"), Some(3.0));
    }

    #[test]
    fn what_no_formula_covers_is_not_predicted() {
        for (cut, reconnect) in [
            ("reset 5/s from 0s", "full_jitter 4s to 30s"),
            ("kill at 2s for 3s", "full_jitter 4s to 30s"),
            ("reset at 2s", "server 1s"),
            ("reset at 2s", "none"),
            ("", ""),
        ] {
            assert_eq!(predicted(cut, reconnect), None, "{cut} {reconnect}");
        }
        let mut refused = run("reset at 2s", "full_jitter 4s to 30s");
        refused.reconnect_refused = Some(3);
        assert_eq!(of(&refused), None);
        let also: [fn(&mut RunRow); 3] = [
            |run| run.churn = "4/s away 5s".to_owned(),
            |run| run.connection_cap = "50 evict".to_owned(),
            |run| run.link_cut_after_ms = Some(1_000),
        ];
        for lose in also {
            let mut both = run("reset at 2s", "full_jitter 4s to 30s");
            lose(&mut both);
            assert_eq!(of(&both), None, "{} {}", both.churn, both.connection_cap);
        }
    }

    #[test]
    fn a_peak_of_everybody_is_told_from_one_that_was_spread() {
        let spread = of(&run("reset at 2s", "full_jitter 4s to 30s")).unwrap();
        assert!(spread.tolerance.holds(spread.predicted, 285.0));
        assert!(!spread.tolerance.holds(spread.predicted, 1_000.0));
        let at_once = of(&run("reset at 2s", "fixed 1s")).unwrap();
        assert!(!at_once.tolerance.holds(at_once.predicted, 850.0));
    }
}
