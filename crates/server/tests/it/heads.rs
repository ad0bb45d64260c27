//! Tests of heads as RFC 9112 requires them, with both readers of heads.

use proptest::prelude::*;
use server::{PerAddress, Settings};
use tokio::io::AsyncWriteExt;

use crate::fixture::{Server, get, post, seqs, soon};

/// Returns the same request with a header that makes the server leave it to hyper and changes
/// nothing else.
fn slowly(request: &str) -> String {
    request.replacen("\r\n\r\n", "\r\nupgrade: nothing\r\n\r\n", 1)
}

#[tokio::test]
async fn one_valid_host_is_asked_for() {
    let server = Server::start();
    for path in ["/rooms/a/poll", "/healthz", "/rooms/a/people", "/", "/no"] {
        for hosts in [
            "",
            "host: x\r\nhost: y\r\n",
            "host: x\r\nhost: x\r\n",
            "host: a b\r\n",
        ] {
            let request = format!("GET {path} HTTP/1.1\r\n{hosts}\r\n");
            let answer = server.send(&request).await;
            assert_eq!(answer.status(), 400, "{request}: {answer:?}");
        }
    }
    let old = server.send("GET /healthz HTTP/1.0\r\n\r\n").await;
    assert_eq!(old.status(), 200);
    let empty = server.send("GET /healthz HTTP/1.1\r\nhost:\r\n\r\n").await;
    assert_eq!(empty.status(), 200);
}

#[tokio::test]
async fn codings_and_keys_that_are_there_twice_are_refused() {
    let server = Server::start();
    let chunked = |codings: &str| {
        format!(
            "POST /rooms/a/messages HTTP/1.1\r\nhost: x\r\n{codings}\r\n1d\r\n{}\r\n0\r\n\r\n",
            r#"{"from":"ann","text":"hello!"}"#.get(..29).unwrap()
        )
    };
    for (codings, status) in [
        ("transfer-encoding: chunked, chunked\r\n", 400),
        (
            "transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n",
            400,
        ),
        ("transfer-encoding: gzip, chunked\r\n", 501),
    ] {
        let answer = server.send(&chunked(codings)).await;
        assert_eq!(answer.status(), status, "{codings}: {answer:?}");
        assert_eq!(answer.header("connection"), Some("close"));
    }
    let key = "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let version = "sec-websocket-version: 13\r\n";
    let handshake =
        "GET /rooms/a/ws HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n";
    for (headers, status) in [
        (format!("{version}{key}{key}"), 400),
        (format!("{version}{version}{key}"), 426),
        (format!("{version}{key}"), 101),
    ] {
        let answer = server.send(&format!("{handshake}{headers}\r\n")).await;
        assert_eq!(answer.status(), status, "{headers}");
    }
}

/// Checks that a request that came whole is answered, though its sender ended its side.
#[tokio::test]
async fn whoever_asks_and_ends_its_side_is_answered() {
    let server = Server::start();
    let draft = post("/rooms/a/messages", r#"{"from":"ann","text":"x"}"#);
    let poll = get("/rooms/a/poll");
    for request in [draft, get("/healthz"), slowly(&poll), poll, get("/")] {
        for _ in 0..50 {
            let mut wire = server.connect().await;
            wire.write(request.as_bytes()).await;
            wire.stream.shutdown().await.unwrap();
            let answer = wire.answer(false).await;
            assert!(answer.status() < 300, "{request}: {answer:?}");
            assert_eq!(wire.rest().await, b"");
        }
    }
    assert_eq!(server.say("y").await, 51);
    // A cut body is no request, and a stream has no end that could be waited for.
    let mut wire = server.connect().await;
    wire.write(&post("/rooms/a/messages", "{\"from\":\"ann\"}").as_bytes()[..70])
        .await;
    wire.stream.shutdown().await.unwrap();
    wire.rest().await;
    let mut wire = server.connect().await;
    wire.write(get("/rooms/a/stream?after=latest").as_bytes())
        .await;
    wire.stream.shutdown().await.unwrap();
    soon(wire.rest()).await;
}

/// Checks that the host of a target in absolute form is the one that counts, whatever `Host` says,
/// for both readers of heads.
#[tokio::test]
async fn a_target_in_absolute_form_names_the_host() {
    let server = Server::with(Settings {
        hosts: vec!["class.example".into()],
        allow_origins: vec!["http://lane.test".into()],
        ..Settings::default()
    });
    for path in ["/rooms/a/poll", "/healthz", "/rooms/a/people"] {
        for (target, host, status) in [
            ("http://x", "x", 200),
            ("http://x", "evil.test", 200),
            ("http://class.example:80", "evil.test", 200),
            ("HTTP://127.0.0.1:80", "evil.test", 200),
            ("https://x", "x", 200),
            ("http://evil.test", "x", 421),
            ("http://evil.test:80", "127.0.0.1:80", 421),
            ("http://ann@x", "x", 400),
            // Section 3.2: these are refused whatever the target says.
            ("http://x", "a b", 400),
            ("http://x", "x\r\nhost: x", 400),
        ] {
            let request = format!("GET {target}{path} HTTP/1.1\r\nhost: {host}\r\n\r\n");
            for request in [request.clone(), slowly(&request)] {
                let answer = server.send(&request).await;
                assert_eq!(answer.status(), status, "{request}: {answer:?}");
            }
        }
    }
    // The host that counts is also the one that a page's origin is compared with.
    for (origin, status) in [("http://x", 200), ("http://y", 403)] {
        let request =
            format!("GET http://x/rooms/a/poll HTTP/1.1\r\nhost: y\r\norigin: {origin}\r\n\r\n");
        assert_eq!(server.send(&request).await.status(), status, "{origin}");
    }
    let old = "GET http://evil.test/healthz HTTP/1.0\r\n\r\n";
    assert_eq!(server.send(old).await.status(), 421);
}

/// Checks that an address that speaks WebSocket asks for it where no handshake comes, by GET and by
/// HEAD alike, and that the connection goes on.
#[tokio::test]
async fn whoever_asks_a_websocket_for_a_page_is_told_to_upgrade() {
    let server = Server::with(Settings {
        echo: true,
        ..Settings::default()
    });
    for path in ["/rooms/a/ws", "/echo", "/sockjs/a/websocket"] {
        for method in ["GET", "HEAD"] {
            let plain = format!("{method} {path} HTTP/1.1\r\nhost: x\r\n\r\n");
            let full = format!(
                "{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\n\
                 upgrade: websocket\r\nsec-websocket-version: 13\r\n\
                 sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
            );
            for request in [plain.clone(), slowly(&plain), full] {
                if method == "GET" && request.contains("version: 13") {
                    continue;
                }
                let mut wire = server.connect().await;
                for _ in 0..2 {
                    let answer = wire.exchange(&request).await;
                    assert_eq!(answer.status(), 426, "{request}: {answer:?}");
                    assert_eq!(answer.header("upgrade"), Some("websocket"), "{request}");
                    assert_eq!(answer.header("connection"), Some("upgrade"), "{request}");
                }
            }
        }
        let allow = "GET, HEAD, OPTIONS";
        let request = format!("OPTIONS {path} HTTP/1.1\r\nhost: x\r\n\r\n");
        assert_eq!(server.send(&request).await.header("allow"), Some(allow));
        let refused = server.send(&request.replace("OPTIONS", "DELETE")).await;
        assert_eq!(
            (refused.status(), refused.header("allow")),
            (405, Some(allow))
        );
    }
    // Nobody was let in by asking.
    assert_eq!(server.get("/rooms/a/people").await.json()["online"], 0);
}

/// Checks that a draft that has to wait for its turn is said and answered all the same.
#[tokio::test]
async fn a_draft_that_waits_outlives_its_senders_side() {
    let server = Server::with(Settings {
        per_address: PerAddress {
            drafts_per_second: Some(40),
            ..PerAddress::default()
        },
        ..Settings::default()
    });
    let draft = r#"{"from":"ann","text":"x"}"#;
    let chunked = format!(
        "POST /rooms/a/messages HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n\
         {:x}\r\n{draft}\r\n0\r\n\r\n",
        draft.len()
    );
    let began = std::time::Instant::now();
    for number in 1..=100 {
        let request = match number % 2 {
            0 => chunked.clone(),
            _ => post("/rooms/a/messages", draft),
        };
        let mut wire = server.connect().await;
        wire.write(request.as_bytes()).await;
        wire.stream.shutdown().await.unwrap();
        let answer = wire.answer(false).await;
        assert_eq!(answer.json()["seq"], number, "{answer:?}");
        assert_eq!(wire.rest().await, b"");
    }
    // Eighty at once, and the rest as they are earned.
    assert!(began.elapsed().as_millis() > 400);
}

/// Checks that after anything else between polls, the polls go on, and the order is kept.
#[tokio::test]
async fn a_connection_comes_back_to_polls() {
    let server = Server::start();
    let mut wire = server.connect().await;
    let draft = post("/rooms/a/messages", r#"{"from":"ann","text":"x"}"#);
    let poll = get("/rooms/a/poll");
    for turn in 1..=20 {
        for request in [&draft, &slowly(&poll), &poll, &get("/rooms/a/people")] {
            let answer = wire.exchange(request).await;
            assert!(answer.status() < 300, "{answer:?}");
            if *request == poll {
                assert_eq!(seqs(&answer.json()).len(), turn);
            }
        }
        let together = [&*slowly(&poll), &poll, &slowly(&poll), &poll].concat();
        for cut in [1, 30, together.len() - 3] {
            wire.write(&together.as_bytes()[..cut]).await;
            tokio::task::yield_now().await;
            wire.write(&together.as_bytes()[cut..]).await;
            for _ in 0..4 {
                assert_eq!(seqs(&wire.answer(false).await.json()).len(), turn);
            }
        }
    }
}

#[tokio::test]
async fn json_and_pages_say_what_browsers_may_do() {
    let server = Server::start();
    for path in ["/healthz", "/rooms/a/people", "/no"] {
        let answer = server.get(path).await;
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    }
    let page = server.get("/").await;
    assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
    for path in [
        "/",
        "/healthz",
        "/rooms/a/people",
        "/rooms/a/poll",
        "/rooms/a/long-poll",
        "/rooms/a/sse",
        "/rooms/a/stream",
    ] {
        let mut wire = server.connect().await;
        let answer = wire
            .exchange(&format!("HEAD {path}?name=ann HTTP/1.1\r\nhost: x\r\n\r\n"))
            .await;
        assert_eq!(answer.status(), 200, "{path}");
        let people = wire.exchange(&get("/rooms/a/people")).await.json();
        assert_eq!(people["online"], 0, "{path}");
    }
}

/// Checks that HEAD of a stream gets the head of GET and nothing behind it, neither what was said
/// before nor what is said later; that the connection goes on; and that nobody enters the room by it.
#[tokio::test]
async fn a_head_of_a_stream_makes_no_reader() {
    let server = Server::start();
    let mut said = vec![server.say("before").await];
    for way in ["sse", "stream", "iframe"] {
        let target = format!("/rooms/a/{way}?after=0&name=ann");
        let mut wire = server.connect().await;
        let request = get(&target).replacen("GET", "HEAD", 1);
        let answer = wire.exchange(&request).await;
        assert_eq!(answer.status(), 200, "{way}");
        said.push(server.say("after").await);
        // What a stream sends would come before this answer.
        let people = wire.exchange(&get("/rooms/a/people")).await;
        assert_eq!(people.json()["online"], 0, "{way}");
        // Who asks without a name enters no room either.
        let mut reader = server.connect().await;
        let request = get(&format!("/rooms/a/{way}?after=0"));
        reader.write(request.as_bytes()).await;
        let head = reader.head().await;
        let kind = answer.header("content-type").expect("a kind");
        assert!(
            head.contains(&format!("content-type: {kind}\r\n")),
            "{head}"
        );
    }
    // Had anybody joined, the log would say so between them.
    let log = server.get("/rooms/a/poll").await.json();
    assert_eq!(seqs(&log), said);
}

/// Generates a line of a head.
fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "x-[a-z]{1,8}: [ -~]{0,30}",
        1 => "(host|Host): (x|y|a b|\\[::1\\]:80|x:y|)",
        1 => "[Cc]onnection: (close|keep-alive|Keep-Alive|keep-alive, close|te)",
        1 => "[Oo]rigin: (http://x|https://x|http://evil|http://lane.test|null|)",
        1 => "(authorization|if-none-match|range|dnt|pragma|te|cookie): [a-z0-9 ]{0,20}",
        1 => "content-length: 0",
        1 => "expect: (100-continue|x)",
        1 => "bad header: x",
        1 => "transfer-encoding: (gzip|x)",
    ]
}

fn head() -> impl Strategy<Value = String> {
    let method = prop_oneof![6 => Just("GET"), 1 => Just("HEAD"), 1 => Just("DELETE")];
    let target = prop_oneof![
        Just("/rooms/a/poll"),
        Just("/rooms/a/poll?after=0"),
        Just("/rooms/a/poll?after=x"),
        Just("/rooms/a/poll?_=~!$'()*,;:@"),
        Just("/rooms/a/long-poll?after=latest&hold=0.01"),
        Just("http://x/rooms/a/poll"),
        Just("http://evil.test/rooms/a/poll"),
        Just("/rooms/a/poll#x"),
    ];
    let version = prop_oneof![8 => Just("HTTP/1.1"), 1 => Just("HTTP/1.0")];
    let host = prop_oneof![6 => Just("host: x\r\n"), 1 => Just("")];
    let lines = prop::collection::vec(line(), 0..4);
    (method, target, version, host, lines).prop_map(|(method, target, version, host, lines)| {
        let mut lines = lines.join("\r\n");
        if !lines.is_empty() {
            lines.push_str("\r\n");
        }
        format!("{method} {target} {version}\r\n{host}{lines}\r\n")
    })
}

/// Returns all bytes in answer to a request and one more behind it, with the dates masked.
async fn fate(server: &Server, request: &str) -> String {
    let mut wire = server.connect().await;
    let last = "GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    wire.write(request.as_bytes()).await;
    // Of a connection that is over by now, whether the rest can be sent is chance.
    let _ = wire.stream.write_all(last.as_bytes()).await;
    let mut came = Vec::new();
    let _ = soon(tokio::io::AsyncReadExt::read_to_end(
        &mut wire.stream,
        &mut came,
    ))
    .await;
    let came = String::from_utf8(came).unwrap();
    let lines = came.lines().filter(|line| !line.starts_with("date: "));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn both_readers_of_heads_give_one_answer() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let server = runtime.block_on(async {
        let server = Server::with(Settings {
            allow_origins: vec!["http://lane.test".into()],
            ..Settings::default()
        });
        server.say("hi").await;
        server
    });
    let config = ProptestConfig {
        cases: 300,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    proptest!(config, |(head in head())| {
        let [quick, slow] = runtime.block_on(async {
            [fate(&server, &head).await, fate(&server, &slowly(&head)).await]
        });
        prop_assert!(quick.starts_with("HTTP/1."), "{head:?}: {quick:?}");
        prop_assert_eq!(quick, slow, "{:?}", head);
    });
}
