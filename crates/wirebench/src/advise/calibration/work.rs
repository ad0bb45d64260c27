//! The processor time and memory that follow for a load from the runs that were measured.

use super::{
    Cell, KIB, ROUNDING,
    fit::{Fit, Point, QUANTITIES},
    load::Load,
};
use crate::advise::workload::short;

/// The factor below the smallest measured load from which on processor time is not fitted: a server
/// that wakes seldom pays more each time, and how much more was not measured there.
pub(super) const BELOW: f64 = 1.5;
/// The bytes that a log keeps for each byte of an event's JSON (a frame and two chunks have it, and the
/// allocator adds a little), and for each event beside that (what stands around the JSON in each of the
/// three, the counts of who shares them, and the entry itself). Runs are too short to fill a log, so that
/// no fit finds it. A test holds both to the growth of runs that were published.
pub(super) const COPIES: f64 = 3.2;
pub(super) const AROUND: f64 = 430.0;
/// The share by which they may be wrong.
pub(super) const LOG_WITHIN: f64 = 0.2;
/// The least share by which memory may be wrong, however well the runs agree: the servers of a
/// calibration live for some seconds. Those of twenty cells that lived for twenty had up to 4 % less than
/// was fitted.
pub(super) const MEMORY_WITHIN: f64 = 0.05;
pub(super) const TOO_LIKE: &str = "the runs do not differ enough: run advise --calibrate";
pub(super) const TOO_FEW: &str = "fewer messages than were measured: run advise --calibrate";

/// The server's work for a load.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::advise) struct Work {
    /// Processors' worth of processor time.
    pub(in crate::advise) processors: Told,
    /// Bytes of resident memory of the whole server.
    pub(in crate::advise) memory: Told,
}

/// A figure that follows from a calibration.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::advise) enum Told {
    /// The figure, and the share of it within which a run lies, ninety-five times in a hundred.
    Number(f64, f64),
    /// The reason why there is none.
    Words(String),
}

/// Returns the processor time of a load. Of a load far below all that were measured, it says only
/// that it takes less than the least of the larger ones.
pub(super) fn processors(cells: &[&Cell], load: &Load) -> Told {
    let least = |of: fn(&Cell) -> f64| cells.iter().map(|cell| of(cell)).fold(f64::MAX, f64::min);
    let is_rare = |amount: f64, of: fn(&Cell) -> f64| amount * BELOW < least(of);
    if is_rare(load.pieces, |cell| cell.pieces) || is_rare(load.drafts, |cell| cell.drafts) {
        return less(cells, load);
    }
    fitted(&processor_points(cells), load.work())
}

/// Returns the runs to which processor time is fitted.
pub(super) fn processor_points(cells: &[&Cell]) -> Vec<Point> {
    let points = cells.iter();
    points
        .map(|cell| (cell.load().work(), cell.processors))
        .collect()
}

/// Returns the processor time that a load stays below: the least of those that had more of everything.
fn less(cells: &[&Cell], load: &Load) -> Told {
    let has_more = |cell: &&&Cell| {
        let mut pairs = cell.load().work().into_iter().zip(load.work());
        pairs.all(|(measured, wanted)| wanted <= measured * ROUNDING)
    };
    let larger = cells.iter().filter(has_more).map(|cell| cell.processors);
    let processors = larger.min_by(f64::total_cmp);
    Told::Words(processors.map_or_else(|| TOO_FEW.to_owned(), less_than))
}

/// Returns the words for less processor time than the least that was measured.
pub(super) fn less_than(processors: f64) -> String {
    format!("less than {}, the least measured", short(processors))
}

/// Returns the bytes that the logs of a load take.
pub(super) fn logs(load: &Load) -> f64 {
    COPIES * KIB * load.kept + AROUND * load.kept_events
}

/// Returns the memory of the whole server under a load: that of logs by their events, all else fitted.
pub(super) fn memory(cells: &[&Cell], load: &Load) -> Told {
    match fitted(&memory_points(cells), load.memory()) {
        Told::Number(rest, within) => {
            let logs = logs(load);
            let bytes = rest + logs;
            let of_parts = (within * rest + LOG_WITHIN * logs) / bytes;
            Told::Number(bytes, of_parts.max(MEMORY_WITHIN))
        }
        words @ Told::Words(_) => words,
    }
}

/// Returns the runs to which memory is fitted, without that of logs.
pub(super) fn memory_points(cells: &[&Cell]) -> Vec<Point> {
    let measured = cells.iter().filter_map(|cell| {
        let load = cell.load();
        let rest = cell.resident? - logs(&load);
        (rest > 0.0).then_some((load.memory(), rest))
    });
    measured.collect()
}

fn fitted(points: &[Point], load: [f64; QUANTITIES]) -> Told {
    Fit::of(points).map_or_else(
        || Told::Words(TOO_LIKE.to_owned()),
        |fit| Told::Number(fit.at(load), fit.within),
    )
}
