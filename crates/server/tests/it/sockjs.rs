//! Tests of SockJS, byte for byte, including its errors.

use std::time::Duration;

use futures_util::SinkExt;
use serde_json::Value;
use server::Settings;
use tokio_tungstenite::tungstenite::Message;

use crate::fixture::{Answer, Client, Server, get, hear, hear_close, post, soon};

const DRAFT: &str = r#"["{\"from\":\"ann\",\"text\":\"hi\"}"]"#;

fn at(session: &str, way: &str) -> String {
    format!("/sockjs/a/000/{session}/{way}")
}

async fn xhr(server: &Server, session: &str) -> String {
    let answer = server.post(&at(session, "xhr"), "").await;
    assert_eq!(answer.status(), 200, "{answer:?}");
    answer.body
}

async fn send(server: &Server, session: &str, body: &str) -> Answer {
    server.post(&at(session, "xhr_send"), body).await
}

/// Returns the messages of an array frame, as JSON.
fn messages(frame: &str) -> Vec<Value> {
    let array = frame
        .trim_end()
        .strip_prefix('a')
        .unwrap_or_else(|| panic!("{frame}"));
    let texts: Vec<String> = serde_json::from_str(array).unwrap();
    texts
        .iter()
        .map(|text| serde_json::from_str(text).unwrap())
        .collect()
}

async fn text(client: &mut Client) -> String {
    match hear(client).await {
        Some(Message::Text(text)) => text.to_string(),
        other => panic!("{other:?}"),
    }
}

/// Checks that a chat goes on as if nothing had happened.
async fn all_is_well(server: &Server, session: &str) {
    assert_eq!(xhr(server, session).await, "o\n");
    server.say("well").await;
    assert!(xhr(server, session).await.contains("well"));
}

#[tokio::test]
async fn the_service_says_what_it_is() {
    let server = Server::start();
    for path in ["/sockjs/a", "/sockjs/a/"] {
        assert_eq!(server.get(path).await.body, "Welcome to SockJS!\n");
    }
    let info = server.get("/sockjs/a/info").await;
    assert_eq!(info.header("cache-control"), Some("no-store"));
    assert_eq!(info.json()["websocket"], true);
    assert_eq!(info.json()["cookie_needed"], false);
    assert!(info.json()["entropy"].is_u64());
    let frame = server.get("/sockjs/a/iframe-1.6.1.html?t=1").await;
    assert!(frame.body.contains("SockJS.bootstrap_iframe()"));
    let tag = frame.header("etag").unwrap();
    let again =
        format!("GET /sockjs/a/iframe.html HTTP/1.1\r\nhost: x\r\nif-none-match: {tag}\r\n\r\n");
    assert_eq!(server.send(&again).await.status(), 304);
    for nothing in [
        "/sockjs/",
        "/sockjs/a%20b/info",
        "/sockjs/a/x",
        "/sockjs/a/0/s/x",
        "/sockjs/a/0.0/s/xhr",
    ] {
        assert_eq!(server.get(nothing).await.status(), 404, "{nothing}");
    }
    assert_eq!(server.get(&at("s", "xhr")).await.status(), 405);
    assert_eq!(server.post(&at("s", "eventsource"), "").await.status(), 405);
}

#[tokio::test]
async fn polls_get_a_frame_each_and_events_share_one() {
    let server = Server::start();
    assert_eq!(xhr(&server, "s").await, "o\n");
    assert_eq!(send(&server, "s", DRAFT).await.status(), 204);
    server.say("two").await;
    let frame = xhr(&server, "s").await;
    let plain = server.get("/rooms/a/poll?after=0").await.json();
    assert_eq!(Value::from(messages(&frame)), plain["events"]);
    assert!(frame.ends_with("]\n"));
    // A place of another transport is good here, and the other way round.
    assert_eq!(server.post(&at("p", "xhr?after=1"), "").await.body, "o\n");
    let later = messages(&xhr(&server, "p").await);
    assert_eq!((later.len(), &later[0]["seq"]), (1, &Value::from(2)));
}

#[tokio::test]
async fn streams_begin_as_the_protocol_has_it() {
    let server = Server::start();
    server.say("x").await;
    let batch = server.get("/rooms/a/poll").await.body;
    let json = batch.strip_prefix("{\"events\":[").unwrap();
    let (json, _) = json.split_once("],\"next\"").unwrap();
    let frame = format!("a[{}]", Value::from(json));
    for (request, first, content) in [
        (
            post(&at("1", "xhr_streaming"), ""),
            format!("{}\n", "h".repeat(2048)),
            format!("{frame}\n"),
        ),
        (
            get(&at("2", "eventsource")),
            "\r\n".into(),
            format!("data: {frame}\r\n\r\n"),
        ),
        (
            get(&at("3", "htmlfile?c=_jp.a1")),
            "var c = parent._jp.a1;".into(),
            format!(
                "<script>\np({});\n</script>\r\n",
                Value::from(frame.clone())
            ),
        ),
    ] {
        let mut wire = server.connect().await;
        wire.write(request.as_bytes()).await;
        let head = wire.head().await;
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        let beginning = wire.chunk().await.unwrap();
        assert!(beginning.contains(&first), "{beginning}");
        let open = wire.chunk().await.unwrap();
        let event = wire.chunk().await.unwrap();
        assert_eq!(event, content);
        assert_eq!(
            open,
            content
                .replace(&frame, "o")
                .replace(&Value::from(frame.clone()).to_string(), "\"o\"")
        );
    }
    let jsonp = server.get(&at("4", "jsonp?c=f")).await;
    assert_eq!(jsonp.body, "/**/f(\"o\");\r\n");
    let jsonp = server.get(&at("4", "jsonp?c=f")).await;
    assert_eq!(jsonp.body, format!("/**/f({});\r\n", Value::from(frame)));
    assert_eq!(jsonp.header("x-content-type-options"), Some("nosniff"));
}

#[tokio::test]
async fn a_long_stream_is_ended_and_the_next_one_goes_on() {
    let server = Server::start();
    let text = "x".repeat(30_000);
    for _ in 0..12 {
        server.say(&text).await;
    }
    let mut heard = Vec::new();
    for round in 0..4 {
        let mut wire = server.connect().await;
        wire.write(post(&at("s", "xhr_streaming"), "").as_bytes())
            .await;
        wire.head().await;
        let mut frames = String::new();
        while heard.len() + frames.matches("a[").count() < 12 {
            let Some(chunk) = wire.chunk().await else {
                break;
            };
            frames += &chunk;
        }
        for line in frames.lines().filter(|line| line.starts_with('a')) {
            heard.extend(messages(line));
        }
        if heard.len() == 12 {
            assert!(round >= 2, "no answer is longer than it may be");
            break;
        }
    }
    let seqs: Vec<u64> = heard
        .iter()
        .map(|event| event["seq"].as_u64().unwrap())
        .collect();
    assert_eq!(seqs, (1..=12).collect::<Vec<u64>>());
}

#[tokio::test]
async fn a_websocket_has_frames_and_a_raw_one_has_none() {
    let server = Server::start();
    let mut socket = server
        .websocket(&at("s", "websocket?name=ann&ack=1&after=latest"))
        .await;
    assert_eq!(text(&mut socket).await, "o");
    let join = messages(&text(&mut socket).await);
    assert_eq!(join[0]["kind"], "join");
    for sent in [DRAFT, &DRAFT[1..DRAFT.len() - 1]] {
        socket.send(Message::text(sent)).await.unwrap();
        let mut kinds = [
            messages(&text(&mut socket).await),
            messages(&text(&mut socket).await),
        ]
        .map(|frame| frame[0]["kind"].as_str().unwrap().to_owned());
        kinds.sort();
        assert_eq!(kinds, ["message", "said"]);
    }
    socket.send(Message::text("")).await.unwrap();
    socket.send(Message::text(r#"["no draft"]"#)).await.unwrap();
    assert_eq!(messages(&text(&mut socket).await)[0]["kind"], "error");
    let mut raw = server.websocket("/sockjs/a/websocket?after=2").await;
    let event: Value = serde_json::from_str(&text(&mut raw).await).unwrap();
    assert_eq!(event["seq"], 3);
}

/// Checks that a client which says very much in one frame and takes no answer keeps nobody waiting,
/// and is heard to the end once it takes the answers.
#[tokio::test]
async fn many_messages_in_one_frame_are_heard_as_their_answers_are_taken() {
    let server = Server::start();
    let mut socket = server.websocket(&at("s", "websocket?after=latest")).await;
    let said = |text: &str| format!("{{\"from\":\"ann\",\"text\":\"{text}\"}}");
    let mut messages = vec!["0".to_owned(); 20_000];
    messages.insert(0, said("first"));
    messages.push(said("last"));
    let frame = Value::from(messages).to_string();
    socket.send(Message::text(frame)).await.unwrap();
    let poll = async || server.get("/rooms/a/poll?after=0").await.body;
    let mut batch = poll().await;
    while !batch.contains("first") {
        batch = poll().await;
    }
    assert!(!batch.contains("last"), "others had to wait");
    while !text(&mut socket).await.contains("last") {}
}

#[tokio::test]
async fn what_is_no_array_of_texts_is_refused_and_the_session_stays() {
    let server = Server::start();
    assert_eq!(xhr(&server, "s").await, "o\n");
    for (body, words) in [
        ("", "Payload expected."),
        ("7", "Payload expected."),
        ("{}", "Payload expected."),
        ("[1]", "Payload expected."),
        ("[\"x", "Broken JSON encoding."),
        ("x", "Broken JSON encoding."),
    ] {
        let answer = send(&server, "s", body).await;
        assert_eq!(
            (answer.status(), answer.body.as_str()),
            (500, words),
            "{body}"
        );
    }
    assert_eq!(send(&server, "nobody", DRAFT).await.status(), 404);
    let long = format!("[\"{}\"]", "x".repeat(1_000_000));
    assert_eq!(send(&server, "s", &long).await.status(), 413);
    let form = "d=%5B%22%7B%5C%22from%5C%22%3A%5C%22ann%5C%22%2C%5C%22text%5C%22%3A%5C%22form%5C%22%7D%22%5D";
    let length = form.len();
    let form = format!(
        "POST {} HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: {length}\r\n\r\n{form}",
        at("s", "jsonp_send")
    );
    assert_eq!(server.send(&form).await.body, "ok");
    assert!(xhr(&server, "s").await.contains("form"));
    // A refused draft is reported to its speaker alone.
    assert_eq!(send(&server, "s", "[\"no draft\"]").await.status(), 204);
    assert_eq!(messages(&xhr(&server, "s").await)[0]["code"], "not_a_draft");
    for bad in ["[", "x", "[1]"] {
        let mut socket = server.websocket(&at("w", "websocket")).await;
        socket.send(Message::text(bad)).await.unwrap();
        assert_eq!(hear_close(&mut socket).await, 1007, "{bad}");
    }
    for bad in [
        "htmlfile",
        "htmlfile?c=%3Cb%3E",
        "jsonp",
        "jsonp?c=alert(1)",
        "jsonp?callback=a;",
    ] {
        let answer = server.get(&at("c", bad)).await;
        assert_eq!(answer.status(), 500, "{bad}");
        assert!(answer.body.contains("\"callback\" parameter"), "{bad}");
    }
    all_is_well(&server, "t").await;
}

#[tokio::test]
async fn two_that_receive_at_once_are_told() {
    let server = Server::start();
    assert_eq!(xhr(&server, "s").await, "o\n");
    let mut held = server.connect().await;
    held.write(post(&at("s", "xhr"), "").as_bytes()).await;
    let taken = soon(async {
        loop {
            let frame = xhr(&server, "s").await;
            if frame.starts_with('c') {
                return frame;
            }
        }
    });
    assert_eq!(taken.await, "c[2010,\"Another connection still open\"]\n");
    server.say("hello").await;
    assert!(held.answer(false).await.body.contains("hello"));
}

#[tokio::test]
async fn who_cuts_a_connection_is_gone_and_is_told_so() {
    let server = Server::start();
    assert_eq!(server.post(&at("s", "xhr?name=ann"), "").await.body, "o\n");
    server.online(1).await;
    xhr(&server, "s").await;
    let mut held = server.connect().await;
    held.write(post(&at("s", "xhr"), "").as_bytes()).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    drop(held);
    server.online(0).await;
    assert_eq!(xhr(&server, "s").await, "c[3000,\"Go away!\"]\n");
    assert_eq!(send(&server, "s", DRAFT).await.status(), 404);
}

#[tokio::test]
async fn silence_has_heartbeats() {
    let server = Server::with(Settings {
        heartbeat: Duration::from_millis(50),
        ..Settings::default()
    });
    assert_eq!(xhr(&server, "s").await, "o\n");
    assert_eq!(xhr(&server, "s").await, "h\n");
    let mut socket = server.websocket(&at("w", "websocket")).await;
    assert_eq!(text(&mut socket).await, "o");
    assert_eq!(text(&mut socket).await, "h");
    let mut wire = server.stream(&at("e", "eventsource")).await;
    for expected in ["\r\n", "data: o\r\n\r\n", "data: h\r\n\r\n"] {
        assert_eq!(wire.chunk().await.unwrap(), expected);
    }
}

#[tokio::test]
async fn a_server_that_leaves_says_so() {
    let mut server = Server::start();
    assert_eq!(xhr(&server, "s").await, "o\n");
    let mut held = server.connect().await;
    held.write(post(&at("s", "xhr"), "").as_bytes()).await;
    let mut stream = server.stream(&at("e", "eventsource")).await;
    let mut socket = server.websocket(&at("w", "websocket")).await;
    text(&mut socket).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    server.stop();
    assert_eq!(held.answer(false).await.body, "c[3000,\"Go away!\"]\n");
    let mut last = String::new();
    while let Some(chunk) = stream.chunk().await {
        last = chunk;
    }
    assert_eq!(last, "data: c[3000,\"Go away!\"]\r\n\r\n");
    assert_eq!(text(&mut socket).await, "c[3000,\"Go away!\"]");
    assert_eq!(hear_close(&mut socket).await, 1001);
    drop((held, stream, socket));
    server.left().await;
}
