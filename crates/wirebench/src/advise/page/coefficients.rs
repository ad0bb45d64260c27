//! The answers of the formulas at the places of the sliders, and the coefficients that follow.

use analysis::{
    advice::Advice,
    model::{Situation, exchange::Client},
};
use humantime::format_duration;

use super::{
    pieces::{Piece, SLIDERS, Terms},
    table::{Part, Way},
};
use crate::advise::{
    figures::{self, Figures},
    prices::{Charge, Prices},
    sheets,
    workload::Workload,
};

/// The figures that are of all readers together: their coefficients are for each reader.
const OF_ALL: [&str; 2] = ["requests", "connections open"];
/// The readers, rooms and header bytes at which formulas are asked, two of each: many readers in one
/// room and one in each, without headers and with a thousand bytes.
const READERS: f64 = 1_000.0;
const ROOMS: [f64; 2] = [1.0, READERS];
const HEADERS: [u64; 2] = [0, 1_000];
/// The share of a figure below which a coefficient is what rounding left.
const NOTHING: f64 = 1e-12;

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

/// The answers of the formulas for one way: its figures, and the amounts of each plan.
struct FormulaAnswers {
    figures: Vec<Option<f64>>,
    bills: Vec<Option<[Charge; 5]>>,
}

/// Makes the coefficients of one way.
pub(super) fn way(
    one: &Figures,
    workload: &Workload,
    prices: &Prices,
    places: &[SamplePoint],
    lengths: [usize; SLIDERS],
) -> Way {
    let mut cells: Option<Cells> = None;
    for place in places {
        let answers = ROOMS
            .map(|rooms| HEADERS.map(|headers| ask(one, workload, prices, *place, rooms, headers)));
        let cells = cells.get_or_insert_with(|| Cells::like(&answers[0][0]));
        cells.add(&answers);
    }
    let cells = cells.unwrap_or_default();
    let piece = |cells: Vec<Terms>| {
        // A figure that is not known everywhere is not shown at all.
        (cells.len() == places.len()).then(|| Piece::of(lengths, &cells))
    };
    Way {
        title: [one.title.clone(), chinese(one)],
        tint: one.choice.way.properties().tint,
        figures: cells.figures.into_iter().map(piece).collect(),
        bills: cells
            .bills
            .into_iter()
            .map(|bill| {
                let charged = bill?.into_iter().filter(|part| part.charge.each > 0.0);
                charged.map(|part| part.made(piece)).collect()
            })
            .collect(),
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

/// The coefficients of one way at the places so far.
#[derive(Default)]
struct Cells {
    figures: Vec<Vec<Terms>>,
    bills: Vec<Option<Vec<Charged>>>,
}

/// The coefficients of one part of a bill, and its price.
struct Charged {
    charge: Charge,
    cells: Vec<Terms>,
}

impl Cells {
    /// Makes empty lists of coefficients for these figures and bills.
    fn like(answers: &FormulaAnswers) -> Self {
        let charged = |charge| Charged {
            charge,
            cells: Vec::new(),
        };
        let bills = answers.bills.iter();
        Self {
            figures: vec![Vec::new(); answers.figures.len()],
            bills: bills
                .map(|bill| bill.map(|charges| charges.map(charged).into()))
                .collect(),
        }
    }

    /// Adds the coefficients of a place.
    fn add(&mut self, answers: &[[FormulaAnswers; 2]; 2]) {
        for (index, cells) in self.figures.iter_mut().enumerate() {
            cells.extend(terms(answers, |answers| answers.figures[index]));
        }
        for (index, bill) in self.bills.iter_mut().enumerate() {
            for (part, charged) in bill.iter_mut().flatten().enumerate() {
                let amount = |answers: &FormulaAnswers| Some(answers.bills[index]?[part].amount);
                charged.cells.extend(terms(answers, amount));
            }
        }
    }
}

impl Charged {
    /// Makes a part of a bill; `None` if its amount is not known.
    fn made(self, piece: impl Fn(Vec<Terms>) -> Option<Piece>) -> Option<Part> {
        Some(Part {
            amount: piece(self.cells)?,
            included: self.charge.included,
            each: self.charge.each,
        })
    }
}

/// Asks the formulas at a place.
fn ask(
    one: &Figures,
    workload: &Workload,
    prices: &Prices,
    place: SamplePoint,
    rooms: f64,
    headers: u64,
) -> FormulaAnswers {
    let situation = situation(&one.situation, place, rooms, headers);
    let mut usage = figures::usage(workload);
    (usage.readers, usage.rooms) = (READERS, rooms);
    let there = Figures {
        choice: one.choice,
        title: one.title.clone(),
        transport: one.transport.clone(),
        variant: one.variant.clone(),
        situation,
        advice: Advice::of(&situation, &usage),
        predictions: Vec::new(),
        strains: Vec::new(),
        line_bytes: one.line_bytes,
    };
    let way = one.choice.way;
    let plans = prices.plan.iter();
    let lines = sheets::of_formulas(&there, workload).into_iter();
    FormulaAnswers {
        figures: lines
            .map(|line| {
                let is_whole = is_of_all(&line.figure);
                let share = if is_whole { READERS } else { 1.0 };
                line.value.map(|value| value / share)
            })
            .collect(),
        bills: plans
            .map(|plan| {
                let charges = plan.charges(way, &there.advice, workload)?;
                Some(charges.map(|charge| Charge {
                    amount: charge.amount / READERS,
                    ..charge
                }))
            })
            .collect(),
    }
}

/// Returns a situation with the numbers of a place.
fn situation(base: &Situation, place: SamplePoint, rooms: f64, headers: u64) -> Situation {
    // One way, as a link's delay is written down: in whole microseconds.
    let delay = (place.trip * 500.0).floor() / 1e6;
    let longer = |client: Client| Client {
        lines: client.lines + headers,
        ..client
    };
    Situation {
        rate: place.rate,
        measured: place.measured,
        text: place.payload,
        readers: READERS / rooms,
        clients: READERS,
        read_delay: delay,
        say_delay: delay,
        client: base.client.map(longer),
        say_client: base.say_client.map(longer),
        ..*base
    }
}

/// Returns the coefficients of a figure from what it is at few and many rooms, without headers and
/// with them.
fn terms(
    answers: &[[FormulaAnswers; 2]; 2],
    of: impl Fn(&FormulaAnswers) -> Option<f64>,
) -> Option<Terms> {
    let [[few, few_long], [many, many_long]] = answers;
    let [few, few_long, many, many_long] = [of(few)?, of(few_long)?, of(many)?, of(many_long)?];
    let share = ROOMS.map(|rooms| rooms / READERS);
    let (wide, long) = (share[1] - share[0], HEADERS[1] as f64);
    let by_rooms = (many - few) / wide;
    let by_both = ((many_long - many) - (few_long - few)) / wide / long;
    let by_headers = (few_long - few) / long - by_both * share[0];
    let base = few - by_rooms * share[0];
    let size = [few, few_long, many, many_long]
        .into_iter()
        .fold(0.0, |most: f64, value| most.max(value.abs()));
    let cleaned = |coefficient: f64, most: f64| {
        if (coefficient * most).abs() <= NOTHING * size {
            0.0
        } else {
            rounded(coefficient)
        }
    };
    Some([
        cleaned(base, 1.0),
        cleaned(by_headers, long),
        cleaned(by_rooms, 1.0),
        cleaned(by_both, long),
    ])
}

/// Rounds a number to twelve digits, which are enough and make the page shorter.
fn rounded(value: f64) -> f64 {
    format!("{value:.11e}").parse().unwrap_or(value)
}
