//! Tests of what is concluded from a calibration, and of what is not.

mod recorded;

use super::*;
use crate::{advise::figures, args::WorkloadInputs};

/// Returns the runs of a machine on which an answer costs ten microseconds, a draft a hundred, the
/// server itself nine million bytes, a reader 5,000 and a room 20,000.
pub(in crate::advise) fn calibration() -> Calibration {
    let loads = [
        (1_000.0, 20.0, 5.0, 0.25),
        (300.0, 6.0, 5.0, 0.25),
        (100.0, 2.0, 5.0, 0.25),
        (300.0, 2.0, 5.0, 0.25),
        (300.0, 6.0, 15.0, 0.8),
        (300.0, 6.0, 5.0, 1.0),
        (300.0, 1.0, 5.0, 0.25),
    ];
    let cells = loads
        .into_iter()
        .map(|(readers, rooms, rate, kib): (f64, f64, f64, f64)| Cell {
            way: "websocket".to_owned(),
            tls: "off".to_owned(),
            http: "1.1".to_owned(),
            speaks: false,
            readers,
            rooms,
            rate,
            payload: 100.0,
            line_bytes: 0.0,
            pieces: readers * rate,
            drafts: rooms * rate,
            kib: readers * rate * kib,
            kept: rooms * rate * kib * 2.2,
            kept_events: rooms * rate * 2.2,
            processors: (readers * rate * 10.0 + rooms * rate * 100.0) / 1e6,
            resident: None,
        })
        .map(|cell| Cell {
            resident: Some(taken(&cell.load())),
            ..cell
        });
    Calibration {
        made: "2026-11-28T00:00:00Z".to_owned(),
        machine: "a machine".to_owned(),
        version: "0.0.0".to_owned(),
        cell: cells.collect(),
    }
}

fn taken(load: &Load) -> f64 {
    9e6 + load.readers * 5_000.0 + load.rooms * 20_000.0 + work::logs(load)
}

/// Returns the answer about a workload over one way, and its load with full logs.
fn asked(of: Option<&Calibration>, lines: &str, way: &str) -> (Answer, Load) {
    let inputs: WorkloadInputs = toml::from_str(lines).expect("inputs");
    let workload = Workload::of(&inputs).expect("a workload");
    let all = figures::of(&workload, &[]).expect("figures");
    let one = all
        .iter()
        .find(|one| one.choice.way.properties().key == way)
        .expect("the way");
    let load = Load::of(one, &workload).expect("a load");
    let answer = Calibration::answer(of, Some(load), one, &workload);
    (answer, load)
}

const BETWEEN: &str = "readers = 500\nrooms = 10\nmessages_per_room = 5\n";

fn unknown(asked: (Answer, Load)) -> String {
    match asked.0 {
        Answer::Unknown(why) => why,
        Answer::Known(work) => panic!("{work:?}"),
    }
}

fn number(told: &Told) -> (f64, f64) {
    match told {
        Told::Number(value, within) => (*value, *within),
        Told::Words(words) => panic!("{words}"),
    }
}

#[test]
fn a_load_between_those_that_were_measured_is_told() {
    let (answer, load) = asked(Some(&calibration()), BETWEEN, "websocket");
    let Answer::Known(work) = answer else {
        panic!("within what was measured");
    };
    let expected = (500.0 * 5.0 * 10.0 + 50.0 * 100.0) / 1e6;
    let (processors, within) = number(&work.processors);
    assert!((processors / expected - 1.0).abs() < 0.01, "{processors}");
    assert!(within < 0.01, "{within}");
    // A log keeps twice what comes in thirty seconds.
    assert!(load.kept > 10.0 * 300.0 * 0.2, "{load:?}");
    let (memory, within) = number(&work.memory);
    let expected = taken(&load);
    assert!(
        (memory / expected - 1.0).abs() < 1e-6,
        "{memory} {expected}"
    );
    // A fifth of what the full logs take is all that is not known, and less than is ever said.
    let of_logs = 0.2 * work::logs(&load) / memory;
    assert!(of_logs < 0.05, "{of_logs}");
    assert!((within - 0.05).abs() < 1e-9, "{within}");
    let longer = Load {
        kept: load.kept * 50.0,
        ..load
    };
    let known = calibration();
    let cells: Vec<&Cell> = known
        .cell
        .iter()
        .filter(|cell| cell.way == "websocket")
        .collect();
    let (memory, within) = number(&work::memory(&cells, &longer));
    let of_logs = 0.2 * work::logs(&longer) / memory;
    assert!(
        of_logs > 0.05 && (within - of_logs).abs() < 1e-6,
        "{within}"
    );
}

#[test]
fn a_run_has_what_was_said_in_it_and_a_window_that_is_longer() {
    let inputs: WorkloadInputs =
        toml::from_str(&format!("{BETWEEN}measure_s = 10\n")).expect("inputs");
    let workload = Workload::of(&inputs).expect("a workload");
    let all = figures::of(&workload, &[]).expect("figures");
    let of = |way: &str| {
        let one = all
            .iter()
            .find(|one| one.choice.way.properties().key == way);
        let one = one.expect("the way");
        let whole = Load::of(one, &workload).expect("a load");
        (whole, Load::of_run(one, &workload, 0.5).expect("a load"))
    };
    let (whole, run) = of("websocket");
    assert!((run.pieces / whole.pieces - 0.5).abs() < 1e-12);
    assert!((run.drafts / whole.drafts - 0.5).abs() < 1e-12);
    // Eleven seconds of five messages, where the log would keep 300.
    assert!((run.kept / whole.kept - 55.0 / 300.0).abs() < 1e-12);
    let (whole, run) = of("short_poll");
    assert!((run.pieces / whole.pieces - 1.0).abs() < 1e-12);
}

#[test]
fn what_is_far_below_or_under_other_conditions_is_not_told() {
    let calibration = calibration();
    let rare = "readers = 500\nrooms = 10\nmessages_per_room = 0.01\n";
    let (answer, _) = asked(Some(&calibration), rare, "websocket");
    let Answer::Known(work) = answer else {
        panic!("within what was measured");
    };
    assert!(
        matches!(&work.processors, Told::Words(words) if words.contains("less than 0.006")),
        "{work:?}"
    );
    assert!(matches!(work.memory, Told::Number(..)), "{work:?}");
    // So is one whose drafts are so, however many readers each of them has.
    let seldom = Load {
        drafts: 2.0,
        ..calibration.cell[6].load()
    };
    let cells: Vec<&Cell> = calibration.cell.iter().collect();
    let told = work::processors(&cells, &seldom);
    assert!(matches!(told, Told::Words(..)), "{told:?}");
    let said = "readers = 500\nrooms = 10\nmessages_per_reader = 0.1\n";
    let said = unknown(asked(Some(&calibration), said, "websocket"));
    assert!(said.contains("said by readers"), "{said}");
    assert!(has_lines_like(1_000.0, 1_090.0) && has_lines_like(0.0, 60.0));
    assert!(!has_lines_like(0.0, 1_000.0) && !has_lines_like(1_000.0, 0.0));
}

#[test]
fn beyond_it_the_nearest_run_is_named_and_nothing_else_said() {
    let calibration = calibration();
    let of = |lines: &str, way: &str| unknown(asked(Some(&calibration), lines, way));
    let large = of(
        "readers = 5000\nrooms = 100\nmessages_per_room = 5\n",
        "websocket",
    );
    assert!(
        large.contains("beyond the calibration; nearest: 1000 readers in 20 rooms"),
        "{large}"
    );
    let long = of(&format!("{BETWEEN}payload = 9000"), "websocket");
    assert!(long.contains("beyond"), "{long}");
    assert!(of(BETWEEN, "sse").contains("not calibrated"));
    let sealed = of(&format!("{BETWEEN}tls = \"1.3\""), "websocket");
    assert!(sealed.contains("TLS 1.3"), "{sealed}");
    assert!(unknown(asked(None, BETWEEN, "websocket")).contains("run advise --calibrate"));
}

#[test]
fn what_is_written_is_read_and_what_is_spoiled_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("deep").join("calibration.toml");
    calibration().write(&file).expect("written");
    let read = Calibration::read(Some(&file)).expect("read");
    assert_eq!(read, Some(calibration()));
    let text = fs::read_to_string(&file).expect("text");
    for (right, wrong) in [
        ("processors = ", "processors = -"),
        ("rate = 5.0", "rate = nan"),
        ("way = ", "weg = "),
        // What readers added, as it was kept before.
        ("resident = ", "memory = "),
    ] {
        fs::write(&file, text.replacen(right, wrong, 1)).expect("written");
        assert!(Calibration::read(Some(&file)).is_err(), "{wrong}");
    }
    assert!(Calibration::read(Some(&folder.path().join("none"))).is_err());
}

#[test]
fn a_file_that_cannot_be_written_is_known_beforehand() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("deep").join("calibration.toml");
    Calibration::check_file(&file).expect("a file can be made there");
    let left = fs::read_dir(folder.path().join("deep")).expect("its folder");
    assert_eq!(left.count(), 0);
    fs::write(&file, "").expect("written");
    let within = file.join("calibration.toml");
    let error = Calibration::check_file(&within).expect_err("a file is no folder");
    assert!(error.to_string().contains("cannot make"), "{error}");
    let error = Calibration::check_file(folder.path()).expect_err("a folder is no file");
    assert!(error.to_string().contains("is a folder"), "{error}");
}
