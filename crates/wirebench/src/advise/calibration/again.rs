//! A run of a calibration, made into a workload that can be run by itself.

use std::time::Duration;

use wire::Exchange;

use super::{
    Cell,
    measure::{INTERVAL, MOST_SETTLE, RAMP, SETTLE},
};
use crate::advise::{document::Choice, workload::Workload};

/// A run of a calibration, to be run again.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::advise) struct Nearest {
    pub(in crate::advise) workload: Workload,
    pub(in crate::advise) choice: Choice,
}

/// The seconds that a run which is made again measures: longer than in a calibration, so that it can be
/// believed by itself.
const AGAIN: Duration = Duration::from_secs(10);

/// Returns what a run was made of: the conditions are those of the workload that it is like.
pub(super) fn again(cell: &Cell, choice: Choice, workload: &Workload) -> Nearest {
    // The intervals of a calibration are multiples of its shortest.
    let asks = choice.way.exchange() == Exchange::Immediate;
    let steps = cell.readers / cell.pieces / INTERVAL.as_secs_f64();
    let interval = INTERVAL
        * if asks {
            steps.round().max(1.0) as u32
        } else {
            1
        };
    let workload = Workload {
        readers: cell.readers as usize,
        rooms: cell.rooms as usize,
        room_rate: cell.rate,
        payload: cell.payload as usize,
        round_trip: Duration::ZERO,
        is_poisson: false,
        ramp: Some(RAMP),
        measure: AGAIN,
        intervals: vec![interval],
        proxy: None,
        ..workload.clone()
    };
    Nearest {
        workload: workload.settled(SETTLE.max(interval), MOST_SETTLE),
        choice: Choice {
            interval: asks.then_some(interval),
            ..choice
        },
    }
}
