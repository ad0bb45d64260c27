use super::*;
use crate::model::tests::row;

/// Returns a run in which a reader takes 4,000 bytes of memory, a piece 10 µs, and bytes are
/// as the formulas say.
fn run(clients: u64, factor: f64) -> RunRow {
    let mut run = row("websocket", "-", 4.0, 10_000);
    run.clients = clients;
    run.delivered = 40 * clients;
    run.exchanges = run.delivered;
    run.window_ms = Some(10_000);
    run.server_rss_added_bytes = Some(1_000_000 + 4_000 * clients);
    run.server_cpu_us_per_delivery = Some(10.0 * factor);
    run.opening_cpu_us_per_client = Some(100.0 * factor);
    run.setup_bytes_per_client = Some(300.0);
    run.spread_p50_us = Some(10 * clients);
    let bytes = predicted(&run).expect("a formula") * run.delivered as f64;
    run.bytes_down = (bytes * factor) as u64;
    run
}

fn near(found: f64, expected: f64) {
    assert!(
        (found - expected).abs() <= 1e-4 * expected.abs() + 1e-9,
        "{found} is not {expected}"
    );
}

fn calibration() -> Calibration {
    let mut wrong = run(20_000, 5.0);
    wrong.valid = false;
    let mut through_a_proxy = run(30_000, 5.0);
    through_a_proxy.proxy = "nginx right".to_owned();
    let runs = vec![
        run(10, 9.0),
        run(100, 9.0),
        run(1_000, 0.5),
        run(1_000, 2.0),
        run(10_000, 1.0),
        wrong,
        through_a_proxy,
    ];
    Calibration::of(&runs, "websocket").expect("enough runs")
}

#[test]
fn small_runs_and_those_that_are_not_plain_say_nothing_of_processor_time() {
    let found = calibration();
    near(found.readers, 10_000.0);
    near(found.memory.slope, 4_000.0);
    let Range { low, typical, high } = found.piece_us;
    near(low, 5.0);
    near(typical, 10.0);
    near(high, 20.0);
    near(found.share.low, 0.5);
    near(found.share.high, 2.0);
    assert_eq!(Calibration::of(&[run(10, 1.0)], "websocket"), None);
    assert_eq!(Calibration::of(&[run(10_000, 1.0)], "long_poll"), None);
}

/// Compares with sums that are made by hand.
#[test]
fn only_the_number_of_servers_grows() {
    let found = calibration();
    let paper = found.at(95_000.0);
    near(paper.servers, 10.0);
    near(paper.memory.typical, 9.5 * (1e6 + 4_000.0 * 10_000.0));
    // 4 pieces a second of 10 µs each.
    near(paper.processors.typical, 3.8);
    near(paper.processors.high, 7.6);
    near(paper.storm_s.typical, 9.5);
    near(paper.storm_bytes, 28.5e6);
    near(paper.month.typical, paper.bits.typical / 8.0 * 2_592_000.0);
    near(paper.bits.typical, 95_000.0 * found.bytes * 8.0);
}

#[test]
fn a_run_over_several_servers_is_held_against_the_formulas() {
    let found = calibration();
    let mut spread = run(50_000, 1.5);
    assert_eq!(
        found.over_servers(&spread),
        None,
        "its servers are not known"
    );
    spread.nodes = Some(5);
    spread.server_rss_added_bytes = Some(5 * 1_000_000 + 4_000 * 50_000);
    let beside = found.over_servers(&spread).expect("all figures");
    near(beside.memory_computed.typical, beside.memory);
    near(beside.piece_us, 15.0);
    near(beside.opening_us, 150.0);
    near(beside.share, 1.5);
}

#[test]
fn the_first_bound_to_be_met_comes_first() {
    let bounds = calibration().bounds(20_000.0);
    let readers: Vec<f64> = bounds.iter().map(|bound| bound.readers).collect();
    // The largest run, open files, one processor (4 x 10 µs), ports, and 100 ms of spread for
    // ten thousand.
    for (found, expected) in readers
        .into_iter()
        .zip([10_000.0, 20_000.0, 25_000.0, PORTS, 100_000.0])
    {
        near(found, expected);
    }
}

#[test]
fn what_a_redis_sends_is_a_line_over_servers() {
    let of = |nodes: u64| {
        let mut run = run(1_000, 1.0);
        (run.nodes, run.rooms) = (Some(nodes), 10);
        // 400 messages.
        run.broker_bytes_out = Some(400 * (50 + 300 * nodes));
        run
    };
    let line = broker(&[of(1), of(2), of(4)]).expect("three numbers of servers");
    near(line.slope, 300.0);
    near(line.base, 50.0);
    assert_eq!(broker(&[of(1), of(2)]), None);
    assert_eq!(broker(&[run(1_000, 1.0)]), None);
}
