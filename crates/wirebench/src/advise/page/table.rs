//! The table of a page: what the formulas give at each stop of the sliders, as coefficients of what
//! is in proportion to readers, rooms and header bytes.

use serde::Serialize;

use super::{
    coefficients::{self, SamplePoint},
    pieces::{Piece, SLIDERS},
    words::{self, LABELS, Labels, Slider},
};
use crate::{
    advise::{
        figures::{self, Figures},
        prices::{self, Prices},
        sheets,
        workload::Workload,
    },
    args::WorkloadInputs,
    only::Only,
};

/// The stops of the sliders on which figures do not depend in proportion.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Stops {
    /// Messages a second in each room.
    pub(super) rate: Vec<f64>,
    /// Bytes of text.
    pub(super) payload: Vec<f64>,
    /// Round trips, in milliseconds.
    pub(super) trip: Vec<f64>,
}

/// The table of a page.
#[derive(Debug, Serialize)]
pub(super) struct Table {
    pub(super) stops: Stops,
    start: Start,
    pub(super) figures: Vec<Figure>,
    pub(super) plans: Vec<Plan>,
    pub(super) ways: Vec<Way>,
    currency: String,
    labels: Labels,
    sliders: [Slider; words::COUNT],
}

/// The numbers with which the page begins.
#[derive(Debug, Serialize)]
struct Start {
    readers: f64,
    rooms: f64,
    rate: f64,
    payload: f64,
    headers: f64,
    trip: f64,
}

/// A figure that a page shows.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Figure {
    /// The name in English and in Chinese.
    pub(super) name: [String; 2],
    unit: String,
    /// True if the coefficients are for each reader and the figure is of all of them.
    pub(super) whole: bool,
}

/// A plan of a provider.
#[derive(Debug, Serialize)]
pub(super) struct Plan {
    pub(super) name: String,
    dated: String,
    pub(super) base: f64,
}

/// A way to read.
#[derive(Debug, Serialize)]
pub(super) struct Way {
    /// The title in English and in Chinese.
    pub(super) title: [String; 2],
    pub(super) tint: &'static str,
    /// The coefficients of each figure; `None` where no formula knows it.
    pub(super) figures: Vec<Option<Piece>>,
    /// The parts of each plan's bill; `None` where the plan is not for this way.
    pub(super) bills: Vec<Option<Vec<Part>>>,
}

/// A part of a bill.
#[derive(Debug, Serialize)]
pub(super) struct Part {
    /// The amount, for each reader.
    pub(super) amount: Piece,
    pub(super) included: f64,
    pub(super) each: f64,
}

impl Stops {
    /// Returns the usual stops, and the numbers of the workload among them.
    pub(super) fn usual(workload: &Workload) -> Self {
        const RATES: [f64; 12] = [
            0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0,
        ];
        const PAYLOADS: [f64; 11] = [
            10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1_000.0, 2_000.0, 5_000.0, 10_000.0, 50_000.0,
        ];
        const TRIPS: [f64; 8] = [0.0, 10.0, 25.0, 50.0, 80.0, 150.0, 300.0, 600.0];
        Self {
            rate: with(&RATES, workload.room_rate),
            payload: with(&PAYLOADS, workload.payload as f64),
            trip: with(&TRIPS, workload.round_trip.as_secs_f64() * 1e3),
        }
    }

    pub(super) fn lengths(&self) -> [usize; SLIDERS] {
        [self.rate.len(), self.payload.len(), self.trip.len()]
    }
}

/// Returns the stops with one more, if it is not among them.
fn with(stops: &[f64], own: f64) -> Vec<f64> {
    let mut all = stops.to_vec();
    if !all.iter().any(|stop| (stop - own).abs() <= 1e-9 * own) {
        all.push(own);
    }
    all.sort_by(f64::total_cmp);
    all
}

impl Table {
    /// Makes the table of a workload over the ways that are asked for.
    pub(super) fn of(
        workload: &Workload,
        inputs: &WorkloadInputs,
        only: &[Only],
        prices: &Prices,
        stops: Stops,
    ) -> anyhow::Result<Self> {
        // Header bytes are a slider: they come on top of what HTTP and the profile demand.
        let bare = Workload {
            header_bytes: 0,
            cookie_bytes: 0,
            ..workload.clone()
        };
        let (stops, places) = places(&bare, inputs, stops);
        let all = figures::of(&bare, only)?;
        let figures = all.first().map_or_else(Vec::new, |one| named(one, &bare));
        let ways = all
            .iter()
            .map(|one| coefficients::way(one, &bare, prices, &places, stops.lengths()));
        Ok(Self {
            start: start(workload),
            figures,
            plans: prices.plan.iter().map(Plan::of).collect(),
            ways: ways.collect(),
            currency: prices.currency.clone(),
            labels: LABELS,
            sliders: words::SLIDERS,
            stops,
        })
    }
}

impl Plan {
    fn of(plan: &prices::Plan) -> Self {
        Self {
            name: plan.name.clone(),
            dated: plan.dated.clone(),
            base: plan.base,
        }
    }
}

fn start(workload: &Workload) -> Start {
    let cookie = match workload.cookie_bytes {
        0 => 0,
        bytes => "Cookie: \r\n".len() + bytes,
    };
    Start {
        readers: workload.readers as f64,
        rooms: workload.rooms as f64,
        rate: workload.room_rate,
        payload: workload.payload as f64,
        headers: (workload.header_bytes + cookie) as f64,
        trip: workload.round_trip.as_secs_f64() * 1e3,
    }
}

/// Returns the places, the last slider moving fastest, and the stops: a rate at which a run that is
/// as long as was asked for would see no message is left out.
fn places(workload: &Workload, inputs: &WorkloadInputs, stops: Stops) -> (Stops, Vec<SamplePoint>) {
    let rates: Vec<(f64, f64)> = stops
        .rate
        .iter()
        .filter_map(|rate| {
            let slower = workload.at_rate(inputs, *rate).ok()?;
            Some((*rate, slower.measure.as_secs_f64()))
        })
        .collect();
    let mut places = Vec::new();
    for (rate, measured) in &rates {
        for payload in &stops.payload {
            places.extend(stops.trip.iter().map(|trip| SamplePoint {
                rate: *rate,
                measured: *measured,
                payload: *payload as u64,
                trip: *trip,
            }));
        }
    }
    let rate = rates.into_iter().map(|(rate, _)| rate).collect();
    (Stops { rate, ..stops }, places)
}

fn named(one: &Figures, workload: &Workload) -> Vec<Figure> {
    let lines = sheets::of_formulas(one, workload).into_iter();
    lines
        .map(|line| Figure {
            whole: coefficients::is_of_all(&line.figure),
            name: [line.figure.clone(), words::chinese(&line.figure)],
            unit: line.unit,
        })
        .collect()
}
