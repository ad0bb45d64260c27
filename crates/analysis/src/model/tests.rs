//! Tests of whole runs: rows as a run would write them, and the predictions for them.

use wire::{Exchange, Way};

use super::*;
use crate::series::Identity;
use palette::Marker;
use results::{LedgerRow, RunRow, digest::Account};

/// Returns a run of 100 people in one room, 100 bytes of text, profile `minimal`.
pub(super) fn row(transport: &str, variant: &str, rate: f64, measured_ms: u64) -> RunRow {
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

/// The run has 400 deliveries a room from number 5 on: 5 with one digit, 35 with two.
#[test]
fn bytes_of_a_websocket() {
    let run = row("websocket", "-", 4.0, 10_000);
    let event = 210.0 + 75.0 / 40.0;
    close(predicted(&run, Quantity::EventJson), event);
    close(predicted(&run, Quantity::FrameHead), 4.0);
    close(predicted(&run, Quantity::DraftJson), 167.0);
    close(predicted(&run, Quantity::DraftHead), 4.0);
    close(predicted(&run, Quantity::DraftMask), 4.0);
    close(predicted(&run, Quantity::OpeningUp), 182.0);
    close(predicted(&run, Quantity::BytesUp), 1.75);
    close(predicted(&run, Quantity::BytesDown), event + 4.0);
    assert_eq!(predicted(&run, Quantity::PollHead), None);
    assert_eq!(predicted(&run, Quantity::ExchangesPerDelivery), None);
    assert_eq!(predicted(&run, Quantity::Mean), None);
}

/// The same under TLS: a record for each event, and one for each draft.
#[test]
fn bytes_of_a_websocket_under_tls() {
    let plain = row("websocket", "-", 4.0, 10_000);
    for (tls, added) in [("1.3", 22.0), ("1.2", 29.0), ("1.2 ChaCha20", 21.0)] {
        let run = RunRow {
            tls: tls.to_owned(),
            ..plain.clone()
        };
        close(predicted(&run, Quantity::TlsRecord), added);
        let more =
            |quantity| predicted(&run, quantity).unwrap() - predicted(&plain, quantity).unwrap();
        close(Some(more(Quantity::BytesUp)), added / 100.0);
        close(Some(more(Quantity::BytesDown)), added);
        close(Some(more(Quantity::OpeningUp)), 0.0);
    }
    assert_eq!(predicted(&plain, Quantity::TlsRecord), None);
    // Handshakes in the window are in no formula.
    let sealed = |variant| RunRow {
        tls: "1.3".to_owned(),
        ..row("long_poll", variant, 4.0, 10_000)
    };
    assert!(predicted(&sealed("hold 25s"), Quantity::BytesUp).is_some());
    assert_eq!(
        predicted(&sealed("hold 25s close"), Quantity::BytesUp),
        None
    );
}

/// Over HTTP/2 frames take the place of chunks, and heads are compressed.
#[test]
fn bytes_over_http_2() {
    let over = |transport, variant, rate, measured| RunRow {
        http: "2".to_owned(),
        ..row(transport, variant, rate, measured)
    };
    for (transport, variant) in [
        ("http_stream", "ndjson"),
        ("http_stream", "sse"),
        ("long_poll", "hold 25s"),
        ("long_poll", "socket_io"),
    ] {
        let run = over(transport, variant, 4.0, 10_000);
        close(predicted(&run, Quantity::H2Frame), 9.0);
        close(predicted(&run, Quantity::DraftJson), 167.0);
        for unknown in [
            Quantity::Chunk,
            Quantity::PollHead,
            Quantity::PollAnswerHead,
            Quantity::DraftHead,
            Quantity::OpeningUp,
            Quantity::BytesUp,
            Quantity::BytesDown,
        ] {
            assert_eq!(predicted(&run, unknown), None, "{variant} {unknown:?}");
        }
    }
    let silent = over("http_stream", "sse", 0.0, 600_000);
    close(predicted(&silent, Quantity::SilenceDown), 12.0 * 144.0);
    let old = row("http_stream", "ndjson", 4.0, 10_000);
    assert_eq!(predicted(&old, Quantity::H2Frame), None);
}

#[test]
fn bytes_of_streams() {
    let ndjson = row("http_stream", "ndjson", 4.0, 10_000);
    close(predicted(&ndjson, Quantity::TextFrame), 1.0);
    close(predicted(&ndjson, Quantity::Chunk), 6.0);
    close(predicted(&ndjson, Quantity::AckJson), 8.0 + 75.0 / 40.0);
    let sse = row("http_stream", "sse", 4.0, 10_000);
    close(predicted(&sse, Quantity::TextFrame), 13.0 + 75.0 / 40.0);
    close(predicted(&sse, Quantity::Chunk), 6.0);
    let silent = row("http_stream", "sse", 0.0, 600_000);
    close(predicted(&silent, Quantity::SilenceDown), 8.0 * 144.0);
    close(predicted(&silent, Quantity::SilenceUp), 0.0);
}

#[test]
fn bytes_that_a_library_adds() {
    let socket_io = row("websocket", "socket_io", 4.0, 10_000);
    close(
        predicted(&socket_io, Quantity::Envelope),
        17.0 + 75.0 / 40.0,
    );
    close(
        predicted(&socket_io, Quantity::EventJson),
        210.0 + 75.0 / 40.0,
    );
    close(predicted(&socket_io, Quantity::FrameHead), 4.0);
    close(predicted(&socket_io, Quantity::DraftEnvelope), 14.0);
    // The plain request for a longer path, and a frame that enters the room.
    close(
        predicted(&socket_io, Quantity::OpeningUp),
        182.0 + 8.0 + 42.0,
    );
    let sockjs = row("http_stream", "sockjs", 4.0, 10_000);
    close(predicted(&sockjs, Quantity::Envelope), 25.0);
    close(predicted(&sockjs, Quantity::TextFrame), 1.0);
    close(predicted(&sockjs, Quantity::Chunk), 6.0);
    let sse = row("http_stream", "sse sockjs", 4.0, 10_000);
    close(predicted(&sse, Quantity::TextFrame), 10.0);
    let polled = row("long_poll", "sockjs", 4.0, 10_000);
    close(predicted(&polled, Quantity::Envelope), 26.0);
    assert_eq!(predicted(&polled, Quantity::BatchAround), None);
    // A ping every 25 s, and a masked answer.
    let silent = row("websocket", "socket_io", 0.0, 600_000);
    close(predicted(&silent, Quantity::SilenceDown), 3.0 * 144.0);
    close(predicted(&silent, Quantity::SilenceUp), 7.0 * 144.0);
    // What no protocol has, and words that no formula knows.
    for (transport, variant) in [("short_poll", "socket_io"), ("websocket", "sockjs deflate")] {
        assert_eq!(of_run(&row(transport, variant, 4.0, 10_000)), []);
    }
}

/// The formulas know lengths and not what is said: of a compressed run they predict nothing.
#[test]
fn compressed_runs_have_no_predictions() {
    for (transport, variant) in [
        ("short_poll", "1s"),
        ("long_poll", "hold 25s"),
        ("http_stream", "ndjson"),
        ("http_stream", "sse"),
    ] {
        let plain = row(transport, variant, 4.0, 10_000);
        assert!(!of_run(&plain).is_empty(), "{variant}");
        for coding in ["gzip", "br"] {
            let packed = row(transport, &format!("{variant} {coding}"), 4.0, 10_000);
            assert_eq!(of_run(&packed), [], "{variant} {coding}");
        }
    }
    for deflate in ["deflate", "deflate_context"] {
        assert_eq!(of_run(&row("websocket", deflate, 4.0, 10_000)), []);
    }
}

#[test]
fn bytes_of_scripts_in_a_page() {
    let plain = row("long_poll", "hold 25s", 4.0, 10_000);
    let jsonp = row("long_poll", "hold 25s jsonp", 4.0, 10_000);
    let more = |quantity| {
        let [script, bare] = [&jsonp, &plain].map(|run| predicted(run, quantity));
        script.zip(bare).map(|(script, bare)| script - bare)
    };
    // `jsonp` for `long-poll`, and the name of the function.
    close(more(Quantity::PollHead), -4.0 + 21.0);
    // Another media type, and that it is one: 14 and 33 bytes more.
    close(more(Quantity::PollAnswerHead), 14.0 + 33.0);
    close(more(Quantity::BatchAround), 0.0);
    close(more(Quantity::EmptyBatch), 0.0);
    close(more(Quantity::BytesDown), 14.0 + 33.0 + 19.0);
    close(more(Quantity::BytesUp), 17.0);
    close(predicted(&jsonp, Quantity::Envelope), 19.0);
    let lines = row("http_stream", "ndjson", 4.0, 10_000);
    let iframe = row("http_stream", "iframe", 4.0, 10_000);
    close(predicted(&iframe, Quantity::Envelope), 20.0);
    close(predicted(&iframe, Quantity::TextFrame), 1.0);
    close(predicted(&iframe, Quantity::Chunk), 6.0);
    let [script, bare] = [&iframe, &lines].map(|run| predicted(run, Quantity::BytesDown));
    close(script.zip(bare).map(|(script, bare)| script - bare), 20.0);
    // A question each hold, and an answer with nothing in its call.
    let silent = row("long_poll", "hold 25s jsonp", 0.0, 600_000);
    let mute = row("long_poll", "hold 25s", 0.0, 600_000);
    let [script, bare] = [&silent, &mute].map(|run| predicted(run, Quantity::SilenceDown));
    let more = (14.0 + 33.0 + 19.0) * 144.0;
    close(script.zip(bare).map(|(script, bare)| script - bare), more);
    for (transport, variant) in [("long_poll", "jsonp"), ("http_stream", "iframe deflate")] {
        assert_eq!(of_run(&row(transport, variant, 4.0, 10_000)), []);
    }
}

/// Compares with the bytes that the sockets of a real run carried: one person, four messages in a
/// second, polled each 250 ms: 1,260 bytes up and 1,996 down.
#[test]
fn a_real_run_of_four_messages_to_the_byte() {
    let mut run = row("short_poll", "250ms", 4.0, 1_000);
    run.clients = 1;
    run.expected = 4;
    run.settle_ms = Some(200);
    run.host_bytes = Some(14);
    close(predicted(&run, Quantity::BytesUp), 1_260.0 / 4.0);
    close(predicted(&run, Quantity::BytesDown), 1_996.0 / 4.0);
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

/// The accounts are those of one reader's polls, as in the capture of `exchange`.
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

/// A part that no formula knows is absent: heads are the proxy's, and the figures that draw a formula ask
/// for the situation.
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

/// There are three passages and the draft's, each at most 20 ms longer: 320 ms becomes 400.
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

/// A way that the formulas or the chart's colours omit is found here.
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
