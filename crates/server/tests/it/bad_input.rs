//! Tests of bad input: the answer says what to do, and other clients are not affected.

use server::Settings;
use tokio::io::AsyncWriteExt;

use crate::fixture::{Answer, Server, post};

fn assert_says(answer: &Answer, status: u16, words: &str) {
    assert_eq!(answer.status(), status, "{answer:?}");
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let json = answer.json();
    let error = json["error"].as_str().unwrap();
    assert!(error.contains(words), "{words:?} is not in {error:?}");
    let code = json["code"].as_str().unwrap();
    let is_word = |letter| matches!(letter, 'a'..='z' | '_');
    assert!(code.chars().all(is_word) && !code.is_empty(), "{json}");
    let other = |key: &str| !matches!(key, "error" | "code" | "limit");
    assert!(
        !json.as_object().unwrap().keys().any(|key| other(key)),
        "{json}"
    );
}

#[tokio::test]
async fn drafts() {
    let server = Server::with(Settings {
        text_limit: 100,
        ..Settings::default()
    });
    for (draft, status, words) in [
        ("", 400, "EOF"),
        ("{", 400, "EOF"),
        ("[]", 400, "a draft is"),
        (r#"{"from":"ann"}"#, 400, "missing field `text`"),
        (r#"{"text":"hi"}"#, 400, "missing field `from`"),
        (r#"{"from":"ann","text":7}"#, 400, "expected a string"),
        (
            r#"{"from":"ann","text":"hi","colour":"red"}"#,
            400,
            "colour",
        ),
        (r#"{"from":"","text":"hi"}"#, 400, "\"from\" has 0"),
        (r#"{"from":"ann","text":""}"#, 400, "\"text\" is empty"),
        (
            &format!(r#"{{"from":"ann","text":"{}"}}"#, "x".repeat(101)),
            413,
            "limit is 100",
        ),
        (
            &format!(r#"{{"from":"ann","text":"x","tag":"{}"}}"#, "x".repeat(65)),
            400,
            "tag",
        ),
        (&"x".repeat(100_000), 413, "2648 bytes"),
    ] {
        let answer = server.post("/rooms/a/messages", draft).await;
        assert_says(&answer, status, words);
    }
    // The longest that is right, all of it escaped.
    let long = r"\u0041".repeat(100);
    let draft = format!(
        r#"{{"from":"{0}","text":"{long}","tag":"{1}"}}"#,
        r"\ud83d\ude00".repeat(64),
        r"\u0042".repeat(64)
    );
    assert_eq!(server.post("/rooms/a/messages", &draft).await.status(), 201);
}

#[tokio::test]
async fn a_draft_that_is_not_utf_8() {
    let server = Server::start();
    let mut wire = server.connect().await;
    wire.write(b"POST /rooms/a/messages HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n\r\n\"\xff\"")
        .await;
    assert_says(&wire.answer(false).await, 400, "UTF-8");
}

#[tokio::test]
async fn an_oversized_body_is_refused_before_it_is_sent_if_the_client_asks() {
    let server = Server::start();
    let mut wire = server.connect().await;
    let head = "POST /rooms/a/messages HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 9999999\r\n\r\n";
    assert_says(&wire.exchange(head).await, 413, "bytes");
}

/// Checks that a body that is too long by its own declaration is refused before it comes, and that
/// the answer arrives though its sender goes on writing; so is one in chunks, once it is too long.
#[tokio::test]
async fn an_oversized_body_is_refused_before_it_is_read() {
    let server = Server::start();
    let declared = "content-length: 10000000000\r\n\r\n";
    let chunked = "transfer-encoding: chunked\r\n\r\n";
    for path in ["/rooms/a/messages", "/sockjs/a/0/s/xhr_send"] {
        for (framing, beginning) in [
            (declared, String::new()),
            (declared, "{".to_owned()),
            // Two megabytes, of which it need not read all.
            (declared, "x".repeat(2_000_000)),
            (chunked, format!("3b9aca00\r\n{}", "x".repeat(2_000_000))),
        ] {
            let mut wire = server.connect().await;
            let head = format!("POST {path} HTTP/1.1\r\nhost: x\r\n{framing}");
            wire.write(head.as_bytes()).await;
            wire.write(beginning.as_bytes()).await;
            let answer = wire.answer(false).await;
            assert_says(&answer, 413, "bytes");
            assert_eq!(answer.header("connection"), Some("close"));
            wire.stream.shutdown().await.unwrap();
            assert_eq!(wire.rest().await, b"");
        }
    }
}

/// Checks that a coded draft is refused by its coding, and not for what its bytes look like.
#[tokio::test]
async fn a_draft_with_a_coding_is_refused_by_name() {
    let server = Server::start();
    let draft = post("/rooms/a/messages", r#"{"from":"ann","text":"hi"}"#);
    let coded =
        |coding: &str| draft.replacen("host", &format!("content-encoding: {coding}\r\nhost"), 1);
    for coding in ["gzip", "identity, br", "Zstd"] {
        let answer = server.send(&coded(coding)).await;
        assert_says(&answer, 415, "Content-Encoding");
        assert_eq!(
            answer.header("accept-encoding"),
            Some("identity"),
            "{coding}"
        );
    }
    for coding in ["identity", "Identity, identity", ""] {
        assert_eq!(server.send(&coded(coding)).await.status(), 201, "{coding}");
    }
}

#[tokio::test]
async fn an_oversized_chunked_body_is_refused_too() {
    let server = Server::start();
    let mut wire = server.connect().await;
    wire.write(b"POST /rooms/a/messages HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n")
        .await;
    let chunk = format!("{:x}\r\n{}\r\n", 500_000, "x".repeat(500_000));
    wire.write(format!("{chunk}{chunk}0\r\n\r\n").as_bytes())
        .await;
    assert_says(&wire.answer(false).await, 413, "bytes");
}

#[tokio::test]
async fn queries() {
    let server = Server::start();
    for (target, words) in [
        ("poll?after=x", "\"after\" is \"x\""),
        ("poll?after=-1", "\"after\""),
        ("long-poll?hold=soon", "\"hold\" is \"soon\""),
        ("long-poll?hold=-1", "\"hold\""),
        ("stream?after=", "\"after\""),
        ("sse?name=", "\"name\""),
        ("ws?ack=maybe", "\"ack\""),
        ("poll?interval=0", "\"interval\""),
        ("poll?person=a%20b", "\"person\""),
    ] {
        let answer = server.get(&format!("/rooms/a/{target}")).await;
        assert_says(&answer, 400, words);
    }
    let resumed = "GET /rooms/a/sse HTTP/1.1\r\nhost: x\r\nlast-event-id: x\r\n\r\n";
    assert_says(&server.send(resumed).await, 400, "Last-Event-ID");
    assert_says(&server.post("/rooms/a/leave", "").await, 400, "who leaves");
}

#[tokio::test]
async fn paths_and_methods() {
    let server = Server::start();
    for target in [
        "/nothing",
        "/rooms/a",
        "/rooms/a%20b/poll",
        "/rooms//poll",
        "/echo",
        "/page/x",
    ] {
        assert_says(&server.get(target).await, 404, "nothing at");
    }
    for (request, allow) in [
        ("DELETE /rooms/a/poll", "GET, HEAD, OPTIONS"),
        ("POST /rooms/a/stream", "GET, HEAD, OPTIONS"),
        ("GET /rooms/a/messages", "POST, OPTIONS"),
        ("PUT /rooms/a/messages", "POST, OPTIONS"),
        ("GET /rooms/a/leave", "POST, OPTIONS"),
        ("DELETE /rooms/a/ws", "GET, HEAD, OPTIONS"),
        ("POST /", "GET, HEAD, OPTIONS"),
    ] {
        let answer = server
            .send(&format!("{request} HTTP/1.1\r\nhost: x\r\n\r\n"))
            .await;
        assert_eq!(answer.header("allow"), Some(allow), "{request}");
        if !request.starts_with("HEAD") {
            assert_says(&answer, 405, "this address takes");
        }
    }
}

/// Makes a handshake with one of its headers replaced by `line`, or left out.
fn handshake(replaced: &str, line: &str) -> String {
    let mut request = "GET /rooms/a/ws HTTP/1.1\r\nhost: x\r\n".to_owned();
    for header in [
        "connection: upgrade\r\n",
        "upgrade: websocket\r\n",
        "sec-websocket-version: 13\r\n",
        "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
    ] {
        request += if header.starts_with(replaced) {
            line
        } else {
            header
        };
    }
    request + "\r\n"
}

#[tokio::test]
async fn handshakes() {
    let server = Server::start();
    for header in ["connection", "upgrade"] {
        let answer = server.send(&handshake(header, "")).await;
        assert_says(&answer, 426, "Upgrade: websocket");
        assert_eq!(answer.header("upgrade"), Some("websocket"));
    }
    for version in ["", "sec-websocket-version: 8\r\n"] {
        let answer = server
            .send(&handshake("sec-websocket-version", version))
            .await;
        assert_says(&answer, 426, "13");
        assert_eq!(answer.header("sec-websocket-version"), Some("13"));
    }
    for key in ["", "sec-websocket-key: short==\r\n"] {
        let answer = server.send(&handshake("sec-websocket-key", key)).await;
        assert_says(&answer, 400, "Sec-WebSocket-Key");
    }
    let foreign = server
        .send(&handshake("none", "").replace("\r\n\r\n", "\r\norigin: http://evil.test\r\n\r\n"))
        .await;
    assert_says(&foreign, 403, "evil.test");
    assert_eq!(server.send(&handshake("none", "")).await.status(), 101);
}

#[tokio::test]
async fn more_rooms_than_there_may_be() {
    let server = Server::with(Settings {
        max_rooms: 1,
        ..Settings::default()
    });
    server.say("hi").await;
    let reader = server.stream("/rooms/a/stream").await;
    let full = server
        .post("/rooms/b/messages", r#"{"from":"ann","text":"hi"}"#)
        .await;
    assert_says(&full, 503, "limit");
    assert_says(&server.get("/rooms/b/poll").await, 503, "limit");
    assert_eq!(full.header("retry-after"), Some("1"));
    // Looking who is there opens no room.
    assert_eq!(server.get("/rooms/b/people").await.json()["online"], 0);
    // The room that nobody is in any more makes way.
    drop(reader);
    crate::fixture::soon(async { while server.get("/rooms/b/poll").await.status() != 200 {} })
        .await;
}

#[tokio::test]
async fn nobody_else_is_disturbed() {
    let server = Server::start();
    let mut stream = server.stream("/rooms/a/stream").await;
    let mut garbage = server.connect().await;
    garbage
        .write(b"\x16\x03\x01 this is not HTTP\r\n\r\n")
        .await;
    garbage.rest().await;
    let mut cut = server.connect().await;
    cut.write(&post("/rooms/a/messages", "{\"from\":").as_bytes()[..60])
        .await;
    drop(cut);
    server.post("/rooms/a/messages", "{").await;
    server.say("hi").await;
    assert!(stream.chunk().await.unwrap().contains("\"hi\""));
}

#[tokio::test]
async fn settings_that_cannot_work() {
    let listener = server::listen("127.0.0.1:0".parse().unwrap()).unwrap();
    let settings = Settings {
        log_events: 0,
        ..Settings::default()
    };
    let error = server::serve(listener, settings, std::future::pending())
        .await
        .unwrap_err();
    assert!(error.to_string().contains("log_events is 0"), "{error}");
}
