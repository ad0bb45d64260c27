//! Tests of the page's arithmetic against the formulas, in Rust and in the browser's language, and
//! of what is in the page.

use std::{io::Write, process::Command, time::Duration};

use serde_json::{Value, json};

use super::*;
use crate::advise::{figures, sheets};

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
        rate: vec![0.02, 2.0, 30.0],
        payload: vec![10.0, 200.0, 5_000.0],
        trip: vec![0.0, 80.0, 300.0],
    }
}

/// The positions of all sliders.
#[derive(Debug, Clone, Copy)]
struct State {
    readers: usize,
    rooms: usize,
    headers: usize,
    at: [usize; 3],
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
    let mut all = Vec::new();
    for _ in 0..40 {
        let readers = [1, 7, 150, 2_000, 20_000][draw(5)];
        all.push(State {
            readers,
            rooms: [1, 3, 50, readers][draw(4)].min(readers),
            headers: [0, 40, 333, 2_048][draw(4)],
            at: [draw(3), draw(3), draw(3)],
        });
    }
    all
}

/// Returns what the formulas say at a position: the figures of each way, then its bills.
fn expected(
    workload: &Workload,
    inputs: &WorkloadInputs,
    prices: &Prices,
    state: State,
) -> Vec<Vec<Option<f64>>> {
    let stops = stops();
    let rate = stops.rate[state.at[0]];
    let there = Workload {
        readers: state.readers,
        rooms: state.rooms,
        payload: stops.payload[state.at[1]] as usize,
        round_trip: Duration::from_micros((stops.trip[state.at[2]] * 1e3) as u64),
        header_bytes: state.headers,
        ..workload.at_rate(inputs, rate).expect("a rate")
    };
    let all = figures::of(&there, &[]).expect("figures");
    all.iter()
        .map(|one| {
            let lines = sheets::of_formulas(one, &there).into_iter();
            let bill =
                |plan: &crate::advise::prices::Plan| plan.bill(one.choice.way, &one.advice, &there);
            lines
                .map(|line| line.value)
                .chain(prices.plan.iter().map(bill))
                .collect()
        })
        .collect()
}

/// Returns what differs between two answers.
fn differs(found: &[Vec<Option<f64>>], expected: &[Vec<Option<f64>>]) -> Option<String> {
    let mut pairs = found.iter().zip(expected).enumerate();
    if found.len() != expected.len() {
        return Some(format!("{} ways, not {}", found.len(), expected.len()));
    }
    pairs.find_map(|(way, (found, expected))| {
        let near = |one: f64, other: f64| (one - other).abs() <= 1e-9 * other.abs() + 1e-9;
        let place = found.iter().zip(expected).position(|pair| match pair {
            (Some(found), Some(expected)) => !near(*found, *expected),
            (found, expected) => found.is_some() != expected.is_some(),
        });
        let place = place.or((found.len() != expected.len()).then_some(0))?;
        Some(format!(
            "way {way}, figure {place}: {:?}, not {:?}",
            found.get(place),
            expected.get(place)
        ))
    })
}

/// Returns what the table says at a position, reckoned here as the page does.
fn reckoned(table: &Table, state: State) -> Vec<Vec<Option<f64>>> {
    let (readers, headers) = (state.readers as f64, state.headers as f64);
    let share = state.rooms as f64 / readers;
    let terms = [1.0, headers, share, headers * share];
    let sum = |piece: &pieces::Piece| piece.sum(table.stops.lengths(), state.at, terms);
    let of_way = |way: &table::Way| {
        let figures = way
            .figures
            .iter()
            .zip(&table.figures)
            .map(|(piece, figure)| {
                let whole = if figure.whole { readers } else { 1.0 };
                piece.as_ref().map(|piece| sum(piece) * whole)
            });
        let bills = way.bills.iter().zip(&table.plans).map(|(parts, plan)| {
            let charges = parts
                .as_ref()?
                .iter()
                .map(|part| (sum(&part.amount) * readers - part.included).max(0.0) * part.each);
            Some(plan.base + charges.sum::<f64>())
        });
        figures.chain(bills).collect()
    };
    table.ways.iter().map(of_way).collect()
}

/// Makes the table of an application with few stops.
fn made(text: &str) -> (Table, Workload, WorkloadInputs, Prices) {
    let inputs = inputs(text);
    let workload = Workload::of(&inputs).expect("a workload");
    let prices = Prices::read(None).expect("prices");
    let table = Table::of(&workload, &inputs, &[], &prices, stops()).expect("a table");
    (table, workload, inputs, prices)
}

#[test]
fn the_table_has_what_the_formulas_say_wherever_the_sliders_stand() {
    for text in APPLICATIONS {
        let (table, workload, inputs, prices) = made(text);
        assert_eq!(table.stops, stops(), "{text}");
        for state in states() {
            let expected = expected(&workload, &inputs, &prices, state);
            let difference = differs(&reckoned(&table, state), &expected);
            assert_eq!(difference, None, "{text} {state:?}");
        }
    }
}

/// Returns whether Node is installed. If not, fails where the checks require it and says that the
/// test is skipped elsewhere.
fn have_node() -> bool {
    if Command::new("node").arg("--version").output().is_ok() {
        return true;
    }
    assert!(
        std::env::var_os("WIREBENCH_REQUIRE").is_none(),
        "node is not installed; install Debian's package nodejs"
    );
    let _ = writeln!(
        std::io::stderr(),
        "SKIPPED: node is not installed, so the page's own arithmetic was not run"
    );
    false
}

/// Evaluates the page's own script over tables and positions.
const HARNESS: &str = "const fs = require('fs');\n\
    const script = fs.readFileSync(process.argv[2], 'utf8');\n\
    const reckon = new Function(`${script}\\nreturn reckon;`)();\n\
    const cases = JSON.parse(fs.readFileSync(process.argv[3], 'utf8'));\n\
    const answers = cases.map(({ table, states }) => states.map((state) =>\n\
      reckon(table, state).map(({ figures, bills }) => [...figures, ...bills])));\n\
    console.log(JSON.stringify(answers));\n";

#[test]
fn the_script_of_the_page_reckons_as_the_formulas_do() {
    if !have_node() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).expect("written");
        path
    };
    let all: Vec<_> = APPLICATIONS.iter().map(|text| made(text)).collect();
    let cases: Vec<Value> = all
        .iter()
        .map(|(table, ..)| {
            let states = states().into_iter().map(|state| {
                let [rate, payload, trip] = state.at;
                json!({
                    "readers": state.readers, "rooms": state.rooms, "headers": state.headers,
                    "at": { "rate": rate, "payload": payload, "trip": trip },
                })
            });
            json!({ "table": table, "states": states.collect::<Vec<_>>() })
        })
        .collect();
    let output = Command::new("node")
        .arg(file("harness.js", HARNESS))
        .arg(file("reckon.js", SCRIPTS[0]))
        .arg(file("cases.json", &Value::from(cases).to_string()))
        .output()
        .expect("node runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let answers: Vec<Vec<Vec<Vec<Option<f64>>>>> =
        serde_json::from_slice(&output.stdout).expect("answers");
    assert_eq!(answers.len(), all.len());
    for ((_, workload, inputs, prices), answers) in all.iter().zip(&answers) {
        assert_eq!(answers.len(), states().len());
        for (state, found) in states().into_iter().zip(answers) {
            let expected = expected(workload, inputs, prices, state);
            assert_eq!(differs(found, &expected), None, "{state:?}");
        }
    }
}

#[test]
fn the_page_needs_no_network() {
    let (table, ..) = made(APPLICATIONS[0]);
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
    let (table, ..) = made(APPLICATIONS[0]);
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
    let (table, ..) = made(APPLICATIONS[0]);
    assert!(table.figures.len() > 10);
    for figure in &table.figures {
        assert_ne!(figure.name[0], figure.name[1]);
    }
}

#[test]
fn a_rate_at_which_no_run_sees_a_message_is_no_stop() {
    let inputs = inputs("readers = 10\nmessages_per_room = 2\nmeasure_s = 5\n");
    let workload = Workload::of(&inputs).expect("a workload");
    let prices = Prices::read(None).expect("prices");
    let few = Stops {
        payload: vec![10.0],
        trip: vec![0.0],
        ..stops()
    };
    let table = Table::of(&workload, &inputs, &[], &prices, few).expect("a table");
    assert_eq!(table.stops.rate, [2.0, 30.0]);
}
