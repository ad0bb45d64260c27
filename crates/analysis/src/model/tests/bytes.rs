//! The bytes of items and of whole runs, over each way and in each protocol.

use super::*;

/// Checks a run that has 400 deliveries a room from number 5 on: 5 with one digit, 35 with two.
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

/// Checks the same under TLS: a record for each event, and one for each draft.
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

/// Checks that over HTTP/2 frames take the place of chunks, and heads are compressed.
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
    assert_socket_over_http_2(&over("websocket", "-", 4.0, 10_000));
    let silent = over("http_stream", "sse", 0.0, 600_000);
    close(predicted(&silent, Quantity::SilenceDown), 12.0 * 144.0);
    let silent = over("websocket", "-", 0.0, 600_000);
    close(predicted(&silent, Quantity::SilenceDown), 11.0 * 144.0);
    close(predicted(&silent, Quantity::SilenceUp), 15.0 * 144.0);
    let old = row("http_stream", "ndjson", 4.0, 10_000);
    assert_eq!(predicted(&old, Quantity::H2Frame), None);
}

/// Checks a WebSocket over HTTP/2 against the same over HTTP/1.1: a frame of nine bytes is added to each
/// event and each draft.
fn assert_socket_over_http_2(run: &RunRow) {
    let old = RunRow {
        http: "1.1".to_owned(),
        ..run.clone()
    };
    for same in [
        Quantity::FrameHead,
        Quantity::EventJson,
        Quantity::DraftHead,
        Quantity::DraftMask,
        Quantity::DraftJson,
    ] {
        assert_eq!(predicted(run, same), predicted(&old, same), "{same:?}");
        assert!(predicted(run, same).is_some(), "{same:?}");
    }
    close(predicted(run, Quantity::H2Frame), 9.0);
    let more = |quantity| predicted(run, quantity).unwrap() - predicted(&old, quantity).unwrap();
    close(Some(more(Quantity::BytesDown)), 9.0);
    close(Some(more(Quantity::BytesUp)), 9.0 / 100.0);
    assert_eq!(predicted(run, Quantity::OpeningUp), None);
    // Drafts by requests have heads, and records of TLS may have several frames.
    let posts = RunRow {
        say_line_bytes: Some(0),
        speak: "post".to_owned(),
        ..run.clone()
    };
    assert_eq!(predicted(&posts, Quantity::BytesUp), None);
    assert_eq!(predicted(&posts, Quantity::DraftHead), None);
    let sealed = RunRow {
        tls: "1.3".to_owned(),
        ..run.clone()
    };
    assert_eq!(predicted(&sealed, Quantity::BytesDown), None);
    close(predicted(&sealed, Quantity::TlsRecord), 22.0);
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

/// Checks a stream in which a piece of 244 bytes comes 538 times before the reader asks anew.
#[test]
fn a_long_stream_is_asked_for_anew_as_often_as_it_ends() {
    for (settle, measured, ends) in [(1, 10, 0), (1, 134, 1), (150, 300, 2), (400, 10, 0)] {
        let [library, plain] = ["sockjs", "ndjson"].map(|variant| {
            let mut run = row("http_stream", variant, 4.0, measured * 1_000);
            run.settle_ms = Some(settle * 1_000);
            run.speak = "post".to_owned();
            run
        });
        let more = predicted(&library, Quantity::BytesUp)
            .zip(predicted(&plain, Quantity::BytesUp))
            .map(|(library, plain)| library - plain);
        let question = predicted(&library, Quantity::OpeningUp).expect("a question");
        let events = (4 * measured) as f64;
        close(more, question * f64::from(ends) / events);
    }
}

#[test]
fn bytes_that_the_scripts_of_a_library_add() {
    let page = row("http_stream", "iframe sockjs", 4.0, 10_000);
    // An element, the list and its quotes, and three backslashes for each quote of the event.
    close(predicted(&page, Quantity::Envelope), 25.0 + 3.0 + 64.0);
    close(predicted(&page, Quantity::TextFrame), 2.0);
    close(predicted(&page, Quantity::Chunk), 7.0);
    close(predicted(&page, Quantity::DraftEnvelope), 16.0);
    let polled = row("long_poll", "jsonp sockjs", 4.0, 10_000);
    close(predicted(&polled, Quantity::Envelope), 22.0 + 3.0 + 64.0);
    assert_eq!(predicted(&polled, Quantity::EmptyBatch), None);
    // "d=" and three bytes for each of the list, of two braces, three colons, two commas, and six
    // for a quote.
    close(
        predicted(&polled, Quantity::DraftEnvelope),
        2.0 + 4.0 * 3.0 + 7.0 * 2.0 + 12.0 * 5.0,
    );
    let [script, plain] = [&polled, &row("long_poll", "sockjs", 4.0, 10_000)]
        .map(|run| predicted(run, Quantity::PollHead).expect("a head"));
    // A GET for "jsonp" with the name of a function, and a POST for "xhr" with a time.
    close(Some(plain - script), 1.0 + 19.0 + 16.0 - 2.0 - 14.0);
    // Of a text that is no random letters, nobody knows what a form makes of it.
    let said = |text: &str| {
        let mut run = row("long_poll", "jsonp sockjs", 4.0, 10_000);
        run.text = text.to_owned();
        of_run(&run)
    };
    assert!(!said("random").is_empty());
    assert_eq!([said("corpus"), said("emoji")], [[], []]);
    for unknown in ["iframe sockjs gzip", "jsonp socket_io"] {
        assert_eq!(
            of_run(&row("long_poll", unknown, 4.0, 10_000)),
            [],
            "{unknown}"
        );
    }
}

/// Checks that nothing is predicted of a compressed run: the formulas know lengths and not what is
/// said.
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
