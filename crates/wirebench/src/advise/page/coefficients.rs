//! The answers of the formulas at the places of the sliders, and the coefficients of one way that
//! follow.

use analysis::{
    advice::Advice,
    model::{Situation, exchange::Client},
};
use wire::{Exchange, Way};

use super::{
    pieces::{Piece, SLIDERS, Terms},
    samples::{READERS, Sample, Samples},
};
use crate::advise::{
    calibration::Load,
    figures::{self, Figures},
    prices::{Charge, Prices},
    sheets::FORMULAS,
    workload::Workload,
};

/// The figures that are of all readers together: their coefficients are for each reader.
const OF_ALL: [&str; 2] = ["requests", "connections open"];
/// The quantities of a load, beside readers and rooms.
pub(super) const LOADS: usize = 6;

/// Returns whether a figure is of all readers together.
pub(super) fn is_of_all(figure: &str) -> bool {
    OF_ALL.contains(&figure)
}

/// A place at which formulas are asked.
#[derive(Debug, Clone, Copy)]
pub(super) struct SamplePoint {
    pub(super) rate: f64,
    pub(super) measured: f64,
    pub(super) payload: u64,
    pub(super) trip: f64,
}

/// One way over one version of HTTP, in the clear and under TLS.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) plain: &'a Figures,
    pub(super) sealed: &'a Figures,
    pub(super) workload: &'a Workload,
    pub(super) prices: &'a Prices,
}

/// The coefficients of one way over one version of HTTP.
#[derive(Debug)]
pub(super) struct Coefficients {
    /// The coefficients of each figure; `None` where no formula knows it.
    pub(super) figures: Vec<Option<Piece>>,
    /// The coefficients of each plan's charges; `None` where the plan is not for this way.
    pub(super) bills: Vec<Option<Vec<Part>>>,
    /// The coefficients of the load, for each reader.
    pub(super) loads: Vec<Option<Piece>>,
}

/// A part of a bill.
#[derive(Debug)]
pub(super) struct Part {
    /// The amount, for each reader.
    pub(super) amount: Piece,
    pub(super) included: f64,
    pub(super) each: f64,
}

/// The answers of the formulas for one way: its figures, the amounts of each plan, and its load.
struct Answers {
    figures: [Option<f64>; FORMULAS.len()],
    bills: Vec<Option<[Charge; 5]>>,
    loads: Option<[f64; LOADS]>,
}

impl Asked<'_> {
    /// Makes the coefficients of the way.
    pub(super) fn coefficients(
        &self,
        places: &[SamplePoint],
        lengths: [usize; SLIDERS],
    ) -> Coefficients {
        let way = self.way();
        let opens = way.exchange() == Exchange::Open;
        // Of polls over HTTP/2 no bytes are known, and nothing else depends on TLS.
        let seals = opens || !self.plain.situation.is_http2;
        let all: Vec<Samples<Answers>> = places
            .iter()
            .map(|place| Samples::of(opens, seals, |sample| self.answers(*place, sample)))
            .collect();
        let piece = |of: &dyn Fn(&Answers) -> Option<f64>| {
            let cells = all.iter().map(|samples| samples.terms(of));
            Piece::known(lengths, &cells.collect::<Vec<Option<Terms>>>())
        };
        let charges = all.first().map(|samples| samples.first().bills.clone());
        let bill = |(plan, charges): (usize, Option<[Charge; 5]>)| -> Option<Vec<Part>> {
            let numbered = charges?.into_iter().enumerate();
            numbered
                .filter(|(_, charge)| charge.each > 0.0)
                .map(|(part, charge)| {
                    Some(Part {
                        amount: piece(&|answers| Some(answers.bills[plan]?[part].amount))?,
                        included: charge.included,
                        each: charge.each,
                    })
                })
                .collect()
        };
        Coefficients {
            figures: (0..FORMULAS.len())
                .map(|index| piece(&|answers| answers.figures[index]))
                .collect(),
            bills: charges
                .unwrap_or_default()
                .into_iter()
                .enumerate()
                .map(bill)
                .collect(),
            loads: (0..LOADS)
                .map(|index| piece(&|answers| Some(answers.loads?[index])))
                .collect(),
        }
    }

    fn way(&self) -> Way {
        self.plain.choice.way
    }

    /// Asks the formulas at a place.
    fn answers(&self, place: SamplePoint, sample: Sample) -> Answers {
        let base = if sample.is_sealed {
            &self.sealed.situation
        } else {
            &self.plain.situation
        };
        let situation = situation(base, place, sample);
        let mut usage = figures::usage(self.workload);
        (usage.readers, usage.rooms) = (READERS, sample.rooms);
        usage.reconnects_a_day = sample.reconnects;
        let advice = Advice::of(&situation, &usage);
        let each = |value: f64| value / READERS;
        let plans = self.prices.plan.iter();
        let bill = |charges: [Charge; 5]| {
            charges.map(|charge| Charge {
                amount: each(charge.amount),
                ..charge
            })
        };
        let load = Load::in_rooms(
            self.way(),
            (&situation, &advice),
            (READERS, sample.rooms),
            self.workload.log_at(place.rate),
        );
        Answers {
            figures: FORMULAS.map(|formula| {
                let value = (formula.of)(&advice)?;
                Some(if is_of_all(formula.figure) {
                    each(value)
                } else {
                    value
                })
            }),
            bills: plans
                .map(|plan| plan.charges(self.way(), &advice, self.workload).map(bill))
                .collect(),
            loads: load.map(|load| {
                [
                    load.pieces,
                    load.drafts,
                    load.wakes,
                    load.kib,
                    load.kept,
                    load.kept_events,
                ]
                .map(each)
            }),
        }
    }
}

/// Returns a situation with the numbers of a place.
fn situation(base: &Situation, place: SamplePoint, sample: Sample) -> Situation {
    // One way, as a link's delay is written down: in whole microseconds.
    let delay = (place.trip * 500.0).floor() / 1e6;
    let longer = |client: Client| Client {
        lines: client.lines + sample.headers,
        ..client
    };
    Situation {
        rate: place.rate,
        measured: place.measured,
        text: place.payload,
        readers: READERS / sample.rooms,
        clients: READERS,
        read_delay: delay,
        say_delay: delay,
        client: base.client.map(longer),
        say_client: base.say_client.map(longer),
        record: sample.record,
        ..*base
    }
}
