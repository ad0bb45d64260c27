//! The knowledge that a calibration has of one way, as data: the page with sliders computes processor
//! time and memory from it for any load.

use report::Lang;
use serde::Serialize;

use super::{
    Calibration, Cell, KIB, NO_REQUESTS, NOT_CALIBRATED, ROUNDING,
    fit::{Fit, Point, QUANTITIES},
    load::PAUSES,
    most,
    work::{self, AROUND, BELOW, COPIES, LOG_WITHIN, MEMORY_WITHIN, TOO_FEW, TOO_LIKE},
};
use crate::advise::{figures::Figures, workload::Workload};

/// The basis on which the work of a load over one way is told.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(in crate::advise) struct Basis {
    /// The largest load that was measured, in each dimension.
    most: [f64; 5],
    /// The fewest answers or pieces and the fewest drafts a second that were measured.
    least: [f64; 2],
    cells: Vec<BasisCell>,
    processors: Option<Costs>,
    memory: Option<Costs>,
}

/// A run that was measured.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct BasisCell {
    dimensions: [f64; 5],
    work: [f64; QUANTITIES],
    processors: f64,
    /// The words, in both languages, in place of a figure for which this run is the nearest, and of one
    /// that is less.
    nearest: [String; 2],
    less: [String; 2],
}

/// The cost of each quantity, and the share of their sum within which a run lies.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Costs {
    each: [f64; QUANTITIES],
    within: f64,
}

/// The numbers and words that are the same for all ways.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(in crate::advise) struct Constants {
    rounding: f64,
    below: f64,
    pauses: [f64; 3],
    /// The bytes that logs take for each KiB of events' JSON and for each event.
    logs: [f64; 2],
    logs_within: f64,
    /// The least share by which memory may be wrong.
    memory_within: f64,
    too_few: [String; 2],
    too_like: [String; 2],
    no_requests: [String; 2],
}

impl Constants {
    /// Returns them.
    pub(in crate::advise) fn all() -> Self {
        Self {
            rounding: ROUNDING,
            below: BELOW,
            pauses: PAUSES,
            logs: [COPIES * KIB, AROUND],
            logs_within: LOG_WITHIN,
            memory_within: MEMORY_WITHIN,
            too_few: both(TOO_FEW),
            too_like: both(TOO_LIKE),
            no_requests: both(NO_REQUESTS),
        }
    }
}

impl Basis {
    /// Returns the basis of one way whose requests have so many bytes of header lines, or why there is
    /// none.
    pub(in crate::advise) fn of(
        calibration: Option<&Calibration>,
        line_bytes: f64,
        figures: &Figures,
        workload: &Workload,
    ) -> Result<Self, String> {
        let calibration = calibration.ok_or(NOT_CALIBRATED)?;
        let cells = calibration.like(line_bytes, figures, workload)?;
        let costs = |points: &[Point]| {
            Fit::of(points).map(|fit| Costs {
                each: fit.costs(),
                within: fit.within,
            })
        };
        let least =
            |of: fn(&Cell) -> f64| cells.iter().map(|cell| of(cell)).fold(f64::MAX, f64::min);
        Ok(Self {
            most: most(&cells),
            least: [least(|cell| cell.pieces), least(|cell| cell.drafts)],
            processors: costs(&work::processor_points(&cells)),
            memory: costs(&work::memory_points(&cells)),
            cells: cells.into_iter().map(BasisCell::of).collect(),
        })
    }
}

impl BasisCell {
    fn of(cell: &Cell) -> Self {
        Self {
            dimensions: cell.load().dimensions(),
            work: cell.load().work(),
            processors: cell.processors,
            nearest: both(&cell.as_nearest()),
            less: both(&work::less_than(cell.processors)),
        }
    }
}

/// Returns a text in English and in Chinese.
pub(in crate::advise) fn both(text: &str) -> [String; 2] {
    [Lang::En, Lang::Zh].map(|lang| lang.say(text))
}
