//! Tests of the page's arithmetic against the command's table, here in Rust and in `script` in the
//! browser's language, and of what is in the page.

mod script;

use std::time::Duration;

use super::{pieces::Factors, *};
use crate::advise::{
    calibration::{Calibration, Cell, tests::calibration},
    figures::{self, Figures},
    prices::Plan,
    sheets::{self, Sources},
};

/// Applications that use all that the formulas distinguish: who speaks, TLS, tabs in the background,
/// intervals below a round trip, header profiles, and HTTP/2.
const APPLICATIONS: [&str; 4] = [
    "readers = 300\nmessages_per_room = 2\n",
    "readers = 300\nmessages_per_reader = 0.01\ntls = \"1.3\"\nbackground_tabs = 0.25\n\
     reconnects_a_day = 40\nhours_a_day = 8\nintervals_s = [0.1, 7]\nhold_s = 12\n",
    "readers = 300\nmessages_per_room = 1\narrivals = \"constant\"\nprofile = \"browser\"\n\
     tls = \"1.2\"\n",
    "readers = 300\nmessages_per_room = 1\nhttp = \"2\"\ntls = \"1.3\"\n",
];

fn inputs(text: &str) -> WorkloadInputs {
    toml::from_str(text).expect("inputs")
}

fn stops() -> Stops {
    Stops {
        rate: vec![0.02, 10.0, 30.0],
        payload: vec![10.0, 200.0, 20_000.0],
        trip: vec![0.0, 80.0, 300.0],
        headers: vec![0.0, 40.0, 333.0, 2_048.0],
    }
}

/// The positions of all sliders and choices; `at` has those of the rate, the payload, the round trip and
/// the header bytes.
#[derive(Debug, Clone, Copy)]
struct State {
    readers: usize,
    rooms: usize,
    reconnects: f64,
    tabs: f64,
    files: f64,
    workers: f64,
    tls: usize,
    http: usize,
    proxy: usize,
    at: [usize; 4],
}

impl State {
    fn headers(&self) -> f64 {
        stops().headers[self.at[3]]
    }

    fn factors(&self, table: &Table) -> Factors {
        Factors {
            headers: self.headers(),
            share: self.rooms as f64 / self.readers as f64,
            reconnects: self.reconnects,
            record: table.tls[self.tls].record,
        }
    }
}

/// Returns many positions, drawn by a simple generator that is the same each time.
fn states() -> Vec<State> {
    let mut seed = 7_u64;
    let mut draw = |most: usize| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % most
    };
    let proxies = limits::proxies().len();
    let mut all = Vec::new();
    for _ in 0..60 {
        let readers = [1, 7, 150, 700, 2_000, 20_000][draw(6)];
        all.push(State {
            readers,
            rooms: [1, 3, 20, readers][draw(4)].min(readers),
            reconnects: [0.0, 10.0, 333.0][draw(3)],
            tabs: [1.0, 5.0, 7.0, 300.0][draw(4)],
            files: [256.0, 4_096.0, 1e6][draw(3)],
            workers: [0.0, 0.0, 50.0, 5_000.0][draw(4)],
            tls: draw(3),
            http: draw(2),
            proxy: draw(proxies),
            at: [draw(3), draw(3), draw(3), draw(4)],
        });
    }
    all
}

/// All that a page says of one way: the figures and bills, and the texts and numbers of processor time,
/// memory and what breaks first.
#[derive(Debug, PartialEq)]
struct Said {
    numbers: Vec<Option<f64>>,
    others: Vec<(String, Option<f64>)>,
}

/// Returns a calibration that knows polls and WebSockets in the clear, whose readers do not speak.
fn calibrated() -> Calibration {
    let base = calibration();
    let of = |way: &str| {
        let cells = base.cell.iter().cloned();
        let named = cells.map(|cell| Cell {
            way: way.to_owned(),
            ..cell
        });
        named.collect::<Vec<Cell>>()
    };
    Calibration {
        cell: ["short_poll", "long_poll", "websocket"]
            .into_iter()
            .flat_map(of)
            .collect(),
        ..base.clone()
    }
}

/// Returns the workload of a position.
fn there(made: &Made, state: State) -> Workload {
    let stops = stops();
    let proxy = limits::proxies()[state.proxy].proxy;
    Workload {
        readers: state.readers,
        rooms: state.rooms,
        payload: stops.payload[state.at[1]] as usize,
        round_trip: Duration::from_micros((stops.trip[state.at[2]] * 1e3) as u64),
        header_bytes: state.headers() as usize,
        reconnects_a_day: state.reconnects,
        tabs: state.tabs,
        open_files: state.files,
        workers: (state.workers > 0.0).then_some(state.workers),
        tls: work::VERSIONS[state.tls],
        http: table::HTTP[state.http],
        proxy,
        proxy_idle: proxy.is_some().then_some(60.0),
        ..made
            .workload
            .at_rate(&made.inputs, stops.rate[state.at[0]])
            .expect("a rate")
    }
}

/// Returns what the command says at a position.
fn expected(made: &Made, state: State) -> Vec<Said> {
    let there = there(made, state);
    // A proxy changes no figure; hitch would take TLS from the scenario that is predicted.
    let without = Workload {
        proxy: None,
        ..there.clone()
    };
    let all = figures::of(&without, &[]).expect("figures");
    let sources = Sources {
        workload: &there,
        calibration: Some(&made.calibration),
        prices: &made.prices,
    };
    all.iter()
        .map(|one| {
            let numbers = sheets::FORMULAS.iter().map(|line| (line.of)(&one.advice));
            let bill = |plan: &Plan| plan.bill(one.choice.way, &one.advice, &there);
            let strained = Figures {
                strains: figures::strained(one, &there),
                ..one.clone()
            };
            Said {
                numbers: numbers.chain(made.prices.plan.iter().map(bill)).collect(),
                others: sheets::beside_formulas(&strained, &sources),
            }
        })
        .collect()
}

/// Returns what differs between two answers.
fn differs(found: &[Said], expected: &[Said]) -> Option<String> {
    let near = |one: f64, other: f64| (one - other).abs() <= 1e-9 * other.abs() + 1e-9;
    let alike = |found: Option<f64>, expected: Option<f64>| match (found, expected) {
        (Some(found), Some(expected)) => near(found, expected),
        (found, expected) => found.is_some() == expected.is_some(),
    };
    if found.len() != expected.len() {
        return Some(format!("{} ways, not {}", found.len(), expected.len()));
    }
    let mut pairs = found.iter().zip(expected).enumerate();
    pairs.find_map(|(way, (found, expected))| {
        let numbers = found.numbers.iter().zip(&expected.numbers);
        let place = numbers
            .clone()
            .position(|(found, expected)| !alike(*found, *expected));
        let is_as_long = found.numbers.len() == expected.numbers.len();
        if let Some(place) = place.or((!is_as_long).then_some(0)) {
            let [found, expected] = [&found.numbers, &expected.numbers].map(|all| all.get(place));
            return Some(format!(
                "way {way}, figure {place}: {found:?}, not {expected:?}"
            ));
        }
        let others = found.others.iter().zip(&expected.others);
        let mut others =
            others.filter(|((text, value), other)| *text != other.0 || !alike(*value, other.1));
        let (found, expected) = others.next()?;
        Some(format!("way {way}: {found:?}, not {expected:?}"))
    })
}

/// Returns the figures and bills that the table has at a position, reckoned here as the page does.
fn reckoned(table: &Table, state: State) -> Vec<Vec<Option<f64>>> {
    let readers = state.readers as f64;
    let terms = state.factors(table).terms();
    let [rate, payload, trip, _] = state.at;
    let sum =
        |piece: usize| table.pieces[piece].sum(table.stops.lengths(), [rate, payload, trip], terms);
    let of_way = |way: &table::Way| {
        let over = &way.over[state.http];
        let figures = over.figures.iter().zip(&table.figures);
        let figures = figures.map(|(piece, figure)| {
            let whole = if figure.whole { readers } else { 1.0 };
            let value = piece.map(|piece| sum(piece) * whole);
            value.filter(|value| !value.is_nan())
        });
        let bills = over.bills.iter().zip(&table.plans).map(|(parts, plan)| {
            let charges = parts
                .as_ref()?
                .iter()
                .map(|part| (sum(part.amount) * readers - part.included).max(0.0) * part.each);
            Some(plan.base + charges.sum::<f64>())
        });
        figures.chain(bills).collect()
    };
    table.ways.iter().map(of_way).collect()
}

/// A table with few stops, and what it was made of.
struct Made {
    table: Table,
    workload: Workload,
    inputs: WorkloadInputs,
    prices: Prices,
    calibration: Calibration,
}

fn made_with(text: &str, stops: Stops) -> Made {
    let inputs = inputs(text);
    let workload = Workload::of(&inputs).expect("a workload");
    let prices = Prices::read(None).expect("prices");
    let calibration = calibrated();
    let measured = Measured::of(Ok(Some(calibration.clone())));
    let material = Material {
        workload: &workload,
        inputs: &inputs,
        only: &[],
        prices: &prices,
        measured: &measured,
    };
    let table = Table::of(material, stops).expect("a table");
    Made {
        table,
        workload,
        inputs,
        prices,
        calibration,
    }
}

/// Makes the table of an application with few stops.
fn made(text: &str) -> Made {
    made_with(text, stops())
}

#[test]
fn the_table_has_what_the_formulas_say_wherever_the_sliders_stand() {
    for text in APPLICATIONS {
        let made = made(text);
        assert_eq!(made.table.stops, stops(), "{text}");
        for state in states() {
            let expected = expected(&made, state);
            let reckoned = reckoned(&made.table, state).into_iter();
            // What no formula gives is reckoned by the script alone.
            let found: Vec<Said> = reckoned
                .map(|numbers| Said {
                    numbers,
                    others: Vec::new(),
                })
                .collect();
            assert_eq!(differs(&found, &expected), None, "{text} {state:?}");
        }
    }
}

#[test]
fn without_a_calibration_the_page_says_why_it_has_no_processor_time() {
    let made = made(APPLICATIONS[0]);
    let only: [Only; 1] = ["websocket".parse().expect("a way")];
    let all = figures::of(&made.workload, &only).expect("figures");
    let plain = &all[0];
    let why = |read| {
        let measured = Measured::of(read);
        let known = measured.known([plain, plain], &made.workload, &stops().headers);
        let lengths: Vec<usize> = known.iter().map(Vec::len).collect();
        assert_eq!(lengths, [1; 3], "each reason once");
        serde_json::to_string(&known[0][0]).expect("text")
    };
    let none = why(Ok(None));
    assert!(
        none.contains("not calibrated: run advise --calibrate"),
        "{none}"
    );
    assert!(none.contains("没有校准"), "{none}");
    let spoiled = why(Err(anyhow::anyhow!("it cannot be believed")));
    assert!(spoiled.contains("it cannot be believed"), "{spoiled}");
}

#[test]
fn the_page_needs_no_network() {
    let table = made(APPLICATIONS[0]).table;
    let inside = page(&table, "en", Parts::Inside)
        .expect("a page")
        .into_string();
    assert!(
        !inside.contains("src=") && !inside.contains("href="),
        "something is loaded"
    );
    assert!(inside.contains("function reckon(") && inside.contains("addEventListener"));
}

#[cfg(feature = "classroom")]
#[test]
fn a_page_that_is_served_runs_nothing_within() {
    let table = made(APPLICATIONS[0]).table;
    let beside = page(&table, "zh-CN", Parts::Beside)
        .expect("a page")
        .into_string();
    assert!(beside.contains("lang=\"zh-CN\"") && !beside.contains("<style"));
    let scripts: Vec<&str> = beside.split("<script").skip(1).collect();
    assert_eq!(scripts.len(), 2);
    assert!(scripts[0].contains("src=\"/advise/page.js\"></script>"));
    assert!(
        scripts[1].starts_with(" type=\"application/json\""),
        "data, and no script"
    );
    let served = super::beside(args::Lang::En).map(|page| page.path);
    assert_eq!(served, ["/advise", "/advise/page.css", "/advise/page.js"]);
}

#[test]
fn every_figure_has_a_name_in_both_languages() {
    let table = made(APPLICATIONS[0]).table;
    assert!(table.figures.len() > 10);
    for figure in &table.figures {
        assert_ne!(figure.name[0], figure.name[1]);
    }
}

#[test]
fn a_rate_at_which_no_run_sees_a_message_is_no_stop() {
    let few = Stops {
        payload: vec![10.0],
        trip: vec![0.0],
        ..stops()
    };
    let made = made_with("readers = 10\nmessages_per_room = 2\nmeasure_s = 5\n", few);
    assert_eq!(made.table.stops.rate, [10.0, 30.0]);
}
