//! The tests that hold predictions to recorded runs: those of `results/clients-and-rate` and
//! `results/payload-and-rate` (short polls each second) and of `results/comparison` (the growth of the
//! server's memory over twenty seconds), as they stood on 2026-11-29. The first two of these folders
//! were measured anew afterwards.

use super::*;

/// The medians of the valid runs of one cell of short polls each second: readers of one room, bytes of
/// text, answers, drafts and KiB of events a second, and processors.
const POLLS: [(f64, f64, f64, f64, f64, f64); 13] = [
    (10.0, 120.0, 10.00, 1.000, 2.255, 0.001_706),
    (10.0, 120.0, 10.11, 3.119, 7.049, 0.001_893),
    (10.0, 120.0, 10.21, 12.267, 27.789, 0.003_637),
    (50.0, 16.0, 50.16, 1.606, 9.959, 0.005_057),
    (50.0, 256.0, 50.20, 1.605, 28.756, 0.005_149),
    (50.0, 16.0, 50.18, 12.130, 75.803, 0.006_605),
    (50.0, 256.0, 50.25, 12.121, 217.791, 0.007_683),
    (100.0, 120.0, 99.97, 1.000, 22.551, 0.009_296),
    (100.0, 120.0, 100.13, 3.103, 70.130, 0.010_592),
    (100.0, 120.0, 100.13, 12.106, 274.250, 0.010_999),
    (1_000.0, 120.0, 1_000.67, 0.999, 225.436, 0.049_939),
    (1_000.0, 120.0, 1_001.29, 3.098, 700.029, 0.044_057),
    (1_000.0, 120.0, 1_000.76, 12.094, 2_739.739, 0.044_567),
];
/// The cells between others: fifty readers and a hundred.
const BETWEEN_OTHERS: std::ops::Range<usize> = 3..10;

fn cells() -> Vec<Cell> {
    let of = |(readers, payload, pieces, drafts, kib, processors)| Cell {
        way: "short_poll".to_owned(),
        tls: "off".to_owned(),
        http: "1.1".to_owned(),
        speaks: false,
        readers,
        rooms: 1.0,
        rate: drafts,
        payload,
        line_bytes: 0.0,
        pieces,
        drafts,
        kib,
        kept: 0.0,
        kept_events: 0.0,
        processors,
        resident: None,
    };
    POLLS.map(of).into()
}

/// Returns by which share a cell's processor time differs from what all other cells say, and by which
/// it may.
fn unseen(cells: &[Cell], index: usize) -> (f64, f64) {
    let mut others: Vec<&Cell> = cells.iter().collect();
    let cell = others.remove(index);
    let (value, within) = number(&work::processors(&others, &cell.load()));
    (cell.processors / value - 1.0, within)
}

/// Checks that a rate of polls which no run had is told within 15 % and within its interval.
#[test]
fn polls_between_rates_that_were_measured_cost_what_is_said() {
    let cells = cells();
    for index in BETWEEN_OTHERS {
        let (off, within) = unseen(&cells, index);
        assert!(off.abs() < 0.15, "{off} {:?}", cells[index]);
        assert!(off.abs() <= within, "{off} {within} {:?}", cells[index]);
    }
}

/// Checks that these runs need the term of the pause: with one cost for each poll, however rare it is, a
/// hundred a second come out more than a fifth too low.
#[test]
fn one_cost_for_each_poll_is_too_low_between_rare_and_frequent_ones() {
    let cells = cells();
    let plain = |load: &Load| {
        let [time, pieces, drafts, kib, ..] = load.work();
        [time, pieces, drafts, kib, 0.0, 0.0, 0.0]
    };
    let (mut points, hundred) = (Vec::new(), 7);
    for (index, cell) in cells.iter().enumerate() {
        if index != hundred {
            points.push((plain(&cell.load()), cell.processors));
        }
    }
    let fit = fit::Fit::of(&points).expect("a fit");
    let off = cells[hundred].processors / fit.at(plain(&cells[hundred].load())) - 1.0;
    assert!(off > 0.2, "{off}");
}

/// Checks what a log takes by the growth of servers whose logs were filling: bytes of an event's JSON,
/// events between two looks, and KiB between them (medians).
#[test]
fn a_log_takes_what_servers_grew_by() {
    for (way, json, events, grown) in [
        ("ndjson", 232.2, 114.0, 129.0),
        ("sse", 232.2, 114.0, 128.0),
        ("websocket", 232.2, 114.0, 132.0),
        ("long_poll", 232.2, 114.0, 136.0),
        ("short_poll", 232.2, 114.0, 154.0),
        ("ndjson", 8_304.0, 32.0, 844.0),
        ("websocket", 8_304.0, 32.0, 852.0),
        ("long_poll", 8_304.0, 32.0, 916.0),
        ("short_poll", 8_304.0, 32.0, 912.0),
    ] {
        let load = Load {
            kept: json * events / KIB,
            kept_events: events,
            ..cells()[0].load()
        };
        let off = grown * KIB / work::logs(&load) - 1.0;
        assert!(off.abs() < 0.2, "{way}, {json} B: {off}");
    }
}
