//! Tests of whole runs: rows as a run would write them, and the predictions for them.

mod bytes;

use wire::{Exchange, Way};

use super::*;
use crate::series::Identity;
use palette::Marker;
use results::{LedgerRow, RunRow, digest::Account};

/// Returns a run of 100 people in one room, 100 bytes of text, profile `minimal`.
pub(crate) fn row(transport: &str, variant: &str, rate: f64, measured_ms: u64) -> RunRow {
    let deliveries = (rate * measured_ms as f64 / 1e3) as u64 * 100;
    RunRow {
        scenario: "formula".to_owned(),
        transport: transport.to_owned(),
        variant: variant.to_owned(),
        cell: "-".to_owned(),
        repeat: 1,
        clients: 100,
        rooms: 1,
        publishers: u64::from(rate > 0.0),
        rate_per_s: rate,
        payload_bytes: 100,
        headers: "minimal".to_owned(),
        measured_ms,
        expected: deliveries,
        delivered: deliveries,
        offered_per_s: rate,
        achieved_per_s: rate,
        valid: true,
        path: "loopback".to_owned(),
        read_delay_us: Some(0),
        say_delay_us: Some(0),
        arrivals: "constant".to_owned(),
        speak: "same".to_owned(),
        pacing: "open".to_owned(),
        settle_ms: Some(1_000),
        named: Some(false),
        host_bytes: Some(15),
        read_line_bytes: Some(0),
        say_line_bytes: (transport != "websocket").then_some(0),
        ..RunRow::default()
    }
}

fn predicted(run: &RunRow, quantity: Quantity) -> Option<f64> {
    of_run(run)
        .iter()
        .find(|prediction| prediction.quantity == quantity)
        .map(|prediction| prediction.predicted)
}

fn close(found: Option<f64>, expected: f64) {
    let near = found.is_some_and(|found| (found - expected).abs() < expected.abs() * 1e-6 + 1e-9);
    assert!(near, "{found:?} is not {expected}");
}

#[test]
fn how_often_a_poller_asks() {
    let mut run = row("short_poll", "1s", 4.0, 10_000);
    close(predicted(&run, Quantity::ExchangesPerDelivery), 0.25);
    close(predicted(&run, Quantity::EmptyShare), 0.0);
    run.arrivals = "poisson".to_owned();
    close(predicted(&run, Quantity::EmptyShare), (-4.0_f64).exp());
    let mut rare = row("short_poll", "250ms", 1.0, 10_000);
    close(predicted(&rare, Quantity::ExchangesPerDelivery), 4.0);
    close(predicted(&rare, Quantity::EmptyShare), 0.75);
    rare.arrivals = "burst 5".to_owned();
    close(predicted(&rare, Quantity::EmptyShare), 0.95);
    let held = row("long_poll", "hold 25s", 4.0, 10_000);
    close(predicted(&held, Quantity::ExchangesPerDelivery), 1.0);
    close(predicted(&held, Quantity::EmptyShare), 0.0);
    // Every message ends a hold, and two holds run out before it comes.
    let mut slow = row("long_poll", "hold 2s", 0.2, 100_000);
    close(predicted(&slow, Quantity::ExchangesPerDelivery), 3.0);
    slow.pacing = "closed".to_owned();
    assert_eq!(predicted(&slow, Quantity::ExchangesPerDelivery), None);
}

#[test]
fn latencies_on_a_network() {
    let poll = row("short_poll", "1s", 4.0, 10_000);
    close(predicted(&poll, Quantity::P50), 500_000.0);
    close(predicted(&poll, Quantity::P95), 950_000.0);
    close(predicted(&poll, Quantity::Deviation), 1e6 / 12_f64.sqrt());
    let mut held = row("long_poll", "hold 25s", 4.0, 10_000);
    held.read_delay_us = Some(50_000);
    held.arrivals = "poisson".to_owned();
    let mean = predicted(&held, Quantity::Mean).expect("a mean");
    assert!((mean - 68_700.0).abs() < 100.0, "{mean}");
    close(predicted(&held, Quantity::Max), 150_000.0);
    held.say_delay_us = Some(50_000);
    close(predicted(&held, Quantity::Mean), mean + 50_000.0);
    // This is the step of Pimentel and Nickerson.
    held.arrivals = "constant".to_owned();
    held.say_delay_us = Some(0);
    for (delay, expected) in [(120_000, 120_000.0), (130_000, 260_000.0)] {
        held.read_delay_us = Some(delay);
        close(predicted(&held, Quantity::Mean), expected);
    }
    let mut socket = row("websocket", "-", 4.0, 10_000);
    socket.read_delay_us = Some(120_000);
    close(predicted(&socket, Quantity::Mean), 120_000.0);
}

/// Checks that the accounts are those of one reader's polls, as in the capture of `exchange`.
#[test]
fn a_ledger_is_held_against_its_prediction() {
    let mut run = row("long_poll", "hold 25s", 4.0, 10_000);
    run.host_bytes = Some(14);
    run.exchanges = 4_000;
    let account = |direction: &str, purpose: &str, layer: &str, each: u64| LedgerRow {
        transport: run.transport.clone(),
        variant: run.variant.clone(),
        cell: run.cell.clone(),
        repeat: 1,
        direction: direction.to_owned(),
        purpose: purpose.to_owned(),
        layer: layer.to_owned(),
        bytes: each * 4_000,
        count: 4_000,
        window: "measure".to_owned(),
    };
    let ledger = [
        account("up", "deliver", "http_head", 79),
        account("down", "deliver", "http_head", 134),
        account("down", "deliver", "payload", 212),
        account("down", "deliver", "batch", 50),
    ];
    let ledger: Vec<Account<'_>> = ledger.iter().map(Account::from).collect();
    let rows = comparing::compare(&run, &ledger, None);
    let find = |quantity: Quantity| {
        let name = quantity.name();
        rows.iter().find(|row| row.quantity == name).expect(name)
    };
    assert_eq!(find(Quantity::PollHead).within, Some(true));
    assert_eq!(find(Quantity::PollAnswerHead).within, Some(true));
    assert_eq!(find(Quantity::EventJson).within, Some(true));
    assert_eq!(find(Quantity::ExchangesPerDelivery).within, Some(true));
    // A value of 50 bytes around the events is wrong: nothing writes that.
    assert_eq!(find(Quantity::BatchAround).within, Some(false));
    assert_eq!(find(Quantity::DraftJson).within, None);
    assert_eq!(find(Quantity::DraftJson).measured, None);
}

#[test]
fn what_a_row_does_not_say_is_not_predicted() {
    let unknown = row("carrier_pigeon", "-", 4.0, 10_000);
    assert_eq!(of_run(&unknown), []);
    let mut foreign = row("long_poll", "hold 25s", 4.0, 10_000);
    foreign.path = "target http://chat.example".to_owned();
    assert_eq!(predicted(&foreign, Quantity::PollHead), None);
    assert_eq!(predicted(&foreign, Quantity::BytesUp), None);
    let mut old = row("short_poll", "1s", 4.0, 10_000);
    old.arrivals.clear();
    old.host_bytes = None;
    assert_eq!(predicted(&old, Quantity::EmptyShare), None);
}

/// Checks that the size of an event is not predicted at a server that other runs may have used: its
/// number goes on from theirs.
#[test]
fn what_has_the_digits_of_a_number_is_predicted_in_a_fresh_room() {
    let mut run = row("websocket", "-", 4.0, 10_000);
    let has = |run: &RunRow, quantity| of_run(run).iter().any(|one| one.quantity == quantity);
    assert!(has(&run, Quantity::EventJson) && has(&run, Quantity::FrameHead));
    run.path = "target http://chat.example".to_owned();
    assert!(!has(&run, Quantity::EventJson) && has(&run, Quantity::FrameHead));
}

/// Checks that a part that no formula knows is absent: heads are the proxy's, and the figures that
/// draw a formula ask for the situation.
#[test]
fn through_a_proxy_nothing_is_predicted() {
    for (transport, variant) in [("long_poll", "hold 25s"), ("websocket", "-")] {
        let mut run = row(transport, variant, 4.0, 10_000);
        run.link_workers = Some(10);
        assert!(!of_run(&run).is_empty() && Situation::of(&run).is_some());
        run.proxy = "nginx right".to_owned();
        assert_eq!(of_run(&run), []);
        assert!(Situation::of(&run).is_none());
        run.link_cut_after_ms = Some(1_000);
        run.reconnect = "fixed 1s".to_owned();
        assert_eq!(of_run(&run), []);
    }
}

/// Checks that tabs which never wait are predicted as readers with connections of their own, and that of
/// those which may wait no times are, and no sums.
#[test]
fn tabs_that_wait_for_a_connection_have_heads_and_no_times() {
    let tabs = |transport: &str, variant: &str, tabs: u64, speak: &str| {
        let mut run = row(transport, variant, 4.0, 10_000);
        (run.http, run.tabs) = ("1.1".to_owned(), Some(tabs));
        speak.clone_into(&mut run.speak);
        run
    };
    for (transport, variant) in [("short_poll", "1s"), ("long_poll", "hold 25s")] {
        let alone = of_run(&tabs(transport, variant, 1, "post"));
        assert_eq!(of_run(&tabs(transport, variant, 6, "post")), alone);
        for (count, speak) in [(7, "post"), (2, "same")] {
            let mut run = tabs(transport, variant, count, speak);
            run.read_delay_us = Some(50_000);
            for quantity in [
                Quantity::PollHead,
                Quantity::EventJson,
                Quantity::DraftHead,
                Quantity::AckHead,
            ] {
                let of_alone = alone.iter().find(|one| one.quantity == quantity);
                close(
                    predicted(&run, quantity),
                    of_alone.expect("a head").predicted,
                );
            }
            for quantity in [
                Quantity::PollAnswerHead,
                Quantity::ExchangesPerDelivery,
                Quantity::BytesUp,
                Quantity::BytesDown,
                Quantity::Mean,
                Quantity::Max,
            ] {
                assert_eq!(predicted(&run, quantity), None, "{transport} {quantity:?}");
            }
            run.http = "2".to_owned();
            assert!(predicted(&run, Quantity::ExchangesPerDelivery).is_some());
        }
    }
    // A WebSocket is none of the connections that are shared.
    let socket = |count| of_run(&tabs("websocket", "-", count, "same"));
    assert_eq!(socket(8), socket(1));
}

/// Checks three passages and the draft's, each at most 20 ms longer: 320 ms becomes 400.
#[test]
fn jitter_is_known_and_other_limits_are_not_predicted() {
    let mut run = row("long_poll", "hold 25s", 4.0, 10_000);
    (run.read_delay_us, run.say_delay_us) = (Some(80_000), Some(80_000));
    run.path = "link 80ms each way".to_owned();
    close(predicted(&run, Quantity::Max), 320_000.0);
    run.path = "link 80ms each way, jitter 20ms".to_owned();
    close(predicted(&run, Quantity::Max), 400_000.0);
    run.path = format!("{}, more than a delay", run.path);
    assert_eq!(predicted(&run, Quantity::Max), None);
}

/// Finds a way that the formulas or the chart's colours omit.
#[test]
fn every_way_has_formulas_and_a_look() {
    for way in Way::ALL {
        let variant = match (way.exchange(), way.framing()) {
            (Exchange::Immediate, _) => "1s",
            (Exchange::Held, _) => "hold 25s",
            (Exchange::Open, Some(framing)) => framing.name(),
            (Exchange::Open, None) => "-",
        };
        let run = row(way.transport().name(), variant, 4.0, 10_000);
        assert_eq!(run.way(), Some(way));
        let quantities: Vec<_> = of_run(&run).iter().map(|one| one.quantity).collect();
        for quantity in [Quantity::EventJson, Quantity::DraftJson] {
            assert!(quantities.contains(&quantity), "{way}: {quantities:?}");
        }
        let opens = quantities.contains(&Quantity::OpeningUp);
        let polls = quantities.contains(&Quantity::PollHead);
        assert_eq!((opens, polls), (way.stays_open(), way.polls()), "{way}");
        let identity = Identity::of(way.transport().name(), variant);
        assert!(
            identity.style.name.starts_with(way.title()),
            "{}",
            identity.style.name
        );
        assert_ne!(identity.style.marker, Marker::Cross, "{way}");
    }
    let unknown = row("carrier_pigeon", "-", 4.0, 10_000);
    assert_eq!((unknown.way(), of_run(&unknown).len()), (None, 0));
}
