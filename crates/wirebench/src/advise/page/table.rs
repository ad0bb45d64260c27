//! The table of a page: what the formulas give at each stop of the sliders, as coefficients of what
//! is in proportion to readers, rooms, header bytes, reconnects and what TLS adds, over both versions of
//! HTTP.

use humantime::format_duration;
use scenario::{Http, Tls};
use serde::Serialize;

use super::{
    coefficients::{self, Asked, Coefficients, SamplePoint},
    limits::{self, Meets, ProxyChoice},
    pieces::{Piece, Pieces, SLIDERS},
    start::{Start, start},
    words::{self, LABELS, Labels, Selection, Slider},
    work::{Known, Measured, VERSIONS},
};
use crate::{
    advise::{
        calibration::{Constants, both},
        figures::{self, Figures},
        prices::{self, Prices},
        sheets::{FORMULAS, Formula, MEMORY, PROCESSOR, unknown},
        workload::{IDLE, Workload},
    },
    args::WorkloadInputs,
    only::Only,
};

/// The versions of HTTP that somebody may choose.
pub(super) const HTTP: [Http; 2] = [Http::V1_1, Http::V2];

/// The stops of the sliders on which figures do not depend in proportion.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Stops {
    /// Messages a second in each room.
    pub(super) rate: Vec<f64>,
    /// Bytes of text.
    pub(super) payload: Vec<f64>,
    /// Round trips, in milliseconds.
    pub(super) trip: Vec<f64>,
    /// Bytes of headers. Figures are in proportion to them, but not what a calibration knows.
    pub(super) headers: Vec<f64>,
}

/// The material of a table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Material<'a> {
    pub(super) workload: &'a Workload,
    pub(super) inputs: &'a WorkloadInputs,
    pub(super) only: &'a [Only],
    pub(super) prices: &'a Prices,
    pub(super) measured: &'a Measured,
}

/// The table of a page.
#[derive(Debug, Serialize)]
pub(super) struct Table {
    pub(super) stops: Stops,
    start: Start,
    pub(super) figures: Vec<Figure>,
    /// The figures of processor time, memory and what breaks first.
    others: [Figure; 3],
    pub(super) plans: Vec<Plan>,
    /// All coefficients, each once.
    pub(super) pieces: Vec<Piece>,
    pub(super) ways: Vec<Way>,
    pub(super) proxies: Vec<ProxyChoice>,
    pub(super) tls: Vec<Version>,
    http: [&'static str; 2],
    /// The silence at which an exchange ends, in seconds, without a proxy and with one.
    idle: [Option<f64>; 2],
    constants: Constants,
    /// The words for what no formula knows, over each version of HTTP.
    unknown: [[String; 2]; 2],
    currency: String,
    labels: Labels,
    sliders: [Slider; words::COUNT],
    selections: [Selection; words::SELECTIONS],
}

/// A figure that a page shows.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Figure {
    /// The name in English and in Chinese.
    pub(super) name: [String; 2],
    unit: [String; 2],
    /// True if the coefficients are for each reader and the figure is of all of them.
    pub(super) whole: bool,
}

/// A version of TLS, and what it adds to a record.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Version {
    name: &'static str,
    pub(super) record: Option<f64>,
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
    /// The pieces of its load, for each reader.
    loads: Vec<Option<usize>>,
    /// The note about each proxy.
    notes: Vec<Option<[String; 2]>>,
    /// The parts that depend on the version of HTTP.
    pub(super) over: Vec<Over>,
}

/// A way over one version of HTTP.
#[derive(Debug, Serialize)]
pub(super) struct Over {
    /// The pieces of each figure; `None` where no formula knows it.
    pub(super) figures: Vec<Option<usize>>,
    /// The parts of each plan's bill; `None` where the plan is not for this way.
    pub(super) bills: Vec<Option<Vec<Part>>>,
    limits: Vec<Meets>,
    work: Vec<Vec<Known>>,
}

/// A part of a bill.
#[derive(Debug, Serialize)]
pub(super) struct Part {
    /// The piece of the amount, for each reader.
    pub(super) amount: usize,
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
        const HEADERS: [f64; 9] = [
            0.0, 50.0, 100.0, 200.0, 500.0, 1_000.0, 2_000.0, 4_000.0, 8_000.0,
        ];
        Self {
            rate: with(&RATES, workload.room_rate),
            payload: with(&PAYLOADS, workload.payload as f64),
            trip: with(&TRIPS, workload.round_trip.as_secs_f64() * 1e3),
            headers: with(&HEADERS, super::start::header_bytes(workload)),
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
    pub(super) fn of(material: Material<'_>, stops: Stops) -> anyhow::Result<Self> {
        let Material {
            workload,
            inputs,
            prices,
            ..
        } = material;
        let (stops, places) = places(workload, inputs, stops);
        let proxies = limits::proxies();
        let mut pieces = Pieces::default();
        let mut ways: Vec<Way> = Vec::new();
        for http in HTTP {
            let plain = bare(workload, http, Tls::Off);
            let all = figures::of(&plain, material.only)?;
            let sealed = figures::of(&bare(workload, http, Tls::V1_3), material.only)?;
            for (index, (one, sealed)) in all.iter().zip(&sealed).enumerate() {
                let asked = Asked {
                    plain: one,
                    sealed,
                    workload: &plain,
                    prices,
                };
                let made = asked.coefficients(&places, stops.lengths());
                if ways.len() <= index {
                    let loads = pieces.places(made.loads.clone());
                    ways.push(Way::of(one, loads, &proxies));
                }
                let over = over(asked, made, (&mut pieces, material.measured, &stops));
                ways[index].over.push(over);
            }
        }
        let records = records(workload, material.only)?;
        let tls = VERSIONS.iter().zip(records);
        Ok(Self {
            start: start(workload, &proxies),
            figures: FORMULAS.iter().map(Figure::of).collect(),
            others: [
                (PROCESSOR, "processors"),
                (MEMORY, "MiB"),
                ("breaks first", ""),
            ]
            .map(|(name, unit)| Figure::named(name, unit, false)),
            plans: prices.plan.iter().map(Plan::of).collect(),
            pieces: pieces.list,
            ways,
            tls: tls
                .map(|(tls, record)| Version {
                    name: tls.version().unwrap_or("off"),
                    record,
                })
                .collect(),
            http: HTTP.map(Http::version),
            idle: [inputs.proxy_idle_s, inputs.proxy_idle_s.or(Some(IDLE))],
            constants: Constants::all(),
            unknown: [false, true].map(|is_http2| both(unknown(is_http2))),
            currency: prices.currency.clone(),
            labels: LABELS,
            sliders: words::SLIDERS,
            selections: words::CHOSEN,
            proxies,
            stops,
        })
    }
}

impl Way {
    /// Makes a way with what does not depend on the version of HTTP.
    fn of(one: &Figures, loads: Vec<Option<usize>>, proxies: &[ProxyChoice]) -> Self {
        Self {
            title: [one.title.clone(), chinese(one)],
            tint: one.choice.way.properties().tint,
            loads,
            notes: limits::notes(one, proxies),
            over: Vec::new(),
        }
    }
}

/// Returns what each version of TLS adds to a record.
fn records(workload: &Workload, only: &[Only]) -> anyhow::Result<[Option<f64>; 3]> {
    let mut records = [None; 3];
    for (record, tls) in records.iter_mut().zip(VERSIONS) {
        let all = figures::of(&bare(workload, Http::V1_1, tls), only)?;
        let bytes = all.first().map(|one| one.situation.record as f64);
        *record = bytes.filter(|_| tls != Tls::Off);
    }
    Ok(records)
}

/// Returns the workload over these versions, without what the page has sliders for and formulas do not
/// need: header bytes come on top of what HTTP and the profile demand, and a proxy changes no figure.
fn bare(workload: &Workload, http: Http, tls: Tls) -> Workload {
    Workload {
        header_bytes: 0,
        cookie_bytes: 0,
        proxy: None,
        http,
        tls,
        ..workload.clone()
    }
}

fn over(
    asked: Asked<'_>,
    made: Coefficients,
    (pieces, measured, stops): (&mut Pieces, &Measured, &Stops),
) -> Over {
    let Asked {
        plain,
        sealed,
        workload,
        ..
    } = asked;
    let bills = made.bills.into_iter().map(|bill| -> Option<Vec<Part>> {
        let parts = bill?.into_iter();
        Some(parts.map(|one| part(one, pieces)).collect())
    });
    let bills: Vec<Option<Vec<Part>>> = bills.collect();
    Over {
        figures: pieces.places(made.figures),
        bills,
        limits: limits::met(plain, workload),
        work: measured.known([plain, sealed], workload, &stops.headers),
    }
}

/// Returns a part of a bill whose piece is kept.
fn part(part: coefficients::Part, pieces: &mut Pieces) -> Part {
    Part {
        amount: pieces.place(part.amount),
        included: part.included,
        each: part.each,
    }
}

impl Figure {
    fn of(formula: &Formula) -> Self {
        let whole = coefficients::is_of_all(formula.figure);
        Self::named(formula.figure, formula.unit, whole)
    }

    fn named(name: &str, unit: &str, whole: bool) -> Self {
        Self {
            name: both(name),
            unit: both(unit),
            whole,
        }
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

/// Returns the title of a way in Chinese.
fn chinese(one: &Figures) -> String {
    let label = one.choice.way.properties().label[1];
    match one.choice.interval {
        Some(interval) => format!("{label}，{}", format_duration(interval)),
        None => label.to_owned(),
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
