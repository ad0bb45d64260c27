//! Tests of whole pieces of advice, against sums that are made by hand.

use super::*;
use crate::model::tests::row;

const USAGE: Usage = Usage {
    readers: 100.0,
    rooms: 1.0,
    speaks: true,
    reconnects_a_day: 2.0,
    hours_a_day: 24.0,
    hidden: 0.0,
    tail: 10.0,
};

fn situation(transport: &str, variant: &str, rate: f64) -> Situation {
    let mut run = row(transport, variant, rate, 10_000);
    run.read_delay_us = Some(40_000);
    run.say_delay_us = Some(40_000);
    Situation::of(&run).expect("known")
}

fn near(found: f64, expected: f64) {
    assert!(
        (found - expected).abs() <= 1e-9 * expected.abs() + 1e-9,
        "{found} is not {expected}"
    );
}

#[test]
fn latencies_by_hand() {
    let of = |transport, variant| {
        Advice::of(&situation(transport, variant, 4.0), &USAGE)
            .delays
            .expect("known")
    };
    let poll = of("short_poll", "5s");
    near(poll.p50, 0.080 + 2.5);
    near(poll.p99, 0.080 + 4.95);
    near(poll.staleness, 0.080 + 2.5 + 0.125);
    // A round trip of 80 ms fits between two messages.
    near(of("long_poll", "hold 25s").p99, 0.080);
    near(of("websocket", "-").p50, 0.080);
    near(of("http_stream", "sse").p99, 0.080);
    // A poll that asks more often than the round trip lets it waits for its answer.
    near(of("short_poll", "10ms").p50, 0.080 + 0.040);
}

#[test]
fn a_month_by_hand() {
    let socket = situation("websocket", "-", 4.0);
    let advice = Advice::of(&socket, &USAGE);
    let (read, say) = (
        advice.costs.read.expect("bytes"),
        advice.costs.say.expect("bytes"),
    );
    let opening = advice.costs.opening.expect("bytes");
    let month = advice.month.expect("bytes");
    let seconds = 30.0 * 86_400.0;
    near(month.down, read.down * 4.0 * seconds + opening.down * 60.0);
    near(month.up, say.up * 0.04 * seconds + opening.up * 60.0);
    near(advice.requests.expect("known"), 200.0 / 86_400.0);
    // One message in a minute leaves room for two heartbeats, whose pings are answered.
    let silent = Advice::of(&situation("websocket", "-", 1.0 / 60.0), &USAGE);
    let second = silent.month.expect("bytes").down / seconds;
    let read = silent.costs.read.expect("bytes").down;
    near(
        second,
        (read + 2.0 * 2.0) / 60.0 + opening.down * 60.0 / seconds,
    );
}

#[test]
fn a_tab_in_the_background_asks_once_a_minute() {
    let poll = situation("short_poll", "1s", 4.0);
    let half = Usage {
        hidden: 0.5,
        ..USAGE
    };
    let asks = |usage: &Usage| Advice::of(&poll, usage).requests.expect("known");
    // Drafts are requests as well.
    near(asks(&USAGE), 100.0 + 4.0);
    near(asks(&half), 50.0 + 50.0 / 60.0 + 4.0);
    let held = situation("long_poll", "hold 25s", 4.0);
    let [all, less] = [USAGE, half].map(|usage| Advice::of(&held, &usage).requests);
    assert_eq!(all, less, "no timer starts a long poll");
}

#[test]
fn what_is_strained_most_comes_first() {
    let bounds = Bounds {
        tabs: 7.0,
        shares_connections: false,
        files: 1_024.0,
        workers: Some(50.0),
        idle_cut: Some(20.0),
    };
    let first = |transport, variant, bounds: &Bounds| {
        let situation = situation(transport, variant, 4.0);
        let advice = Advice::of(&situation, &USAGE);
        strains(&situation, &advice, &USAGE, bounds)[0]
    };
    let workers = first("http_stream", "sse", &bounds);
    assert_eq!((workers.limit, workers.breaks()), (Limit::Workers, true));
    let free = Bounds {
        workers: None,
        ..bounds
    };
    assert_eq!(
        first("http_stream", "sse", &free).limit,
        Limit::BrowserConnections
    );
    let shared = Bounds {
        shares_connections: true,
        ..free
    };
    assert_eq!(first("http_stream", "sse", &shared).limit, Limit::ProxyIdle);
    assert_eq!(first("websocket", "-", &free).limit, Limit::ProxyIdle);
    let poll = first("short_poll", "1s", &bounds);
    assert_eq!((poll.limit, poll.breaks()), (Limit::OpenFiles, false));
}
