//! The long poll in a script, and the stream in a page that never ends.

use serde_json::Value;

use crate::fixture::{Server, get};

/// Returns the argument of the call that a script makes.
fn argument(script: &str, callback: &str) -> Value {
    let (_, rest) = script
        .split_once(&format!("*/{callback}("))
        .expect("a call");
    serde_json::from_str(rest.strip_suffix(");\n").expect("an end")).unwrap()
}

#[tokio::test]
async fn jsonp_is_a_long_poll_in_a_script() {
    let server = Server::start();
    server.say("</script>\u{2028}").await;
    let answer = server.get("/rooms/a/jsonp?callback=a.b_1&after=0").await;
    assert_eq!(answer.status(), 200);
    assert_eq!(
        answer.header("content-type"),
        Some("text/javascript; charset=utf-8")
    );
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert!(!answer.body.contains(['<', '\u{2028}']), "{answer:?}");
    let plain = server.get("/rooms/a/poll?after=0").await.json();
    assert_eq!(argument(&answer.body, "a.b_1"), plain);
    let padded = server
        .get("/rooms/a/jsonp?callback=f&after=0&padding=2048")
        .await;
    assert_eq!(
        padded.body.len(),
        answer.body.len() + 2048 - "a.b_1".len() + 1
    );
    assert_eq!(argument(&padded.body, "f"), plain);
    // A reader that is to be informed about the log gets a script too.
    let told = server.get("/rooms/a/jsonp?callback=f&epoch=1").await;
    assert!(argument(&told.body, "f")["epoch"].is_string(), "{told:?}");
    // It is held, until there is something or the hold is over.
    let empty = server.get("/rooms/a/jsonp?callback=f&after=1&hold=0").await;
    assert_eq!(
        argument(&empty.body, "f"),
        serde_json::json!({"events":[],"next":1,"missed":0})
    );
    let mut held = server.connect().await;
    held.write(get("/rooms/a/jsonp?callback=f&after=1").as_bytes())
        .await;
    server.say("now").await;
    assert_eq!(
        argument(&held.answer(false).await.body, "f")["events"][0]["text"],
        "now"
    );
}

#[tokio::test]
async fn an_iframe_is_a_stream_in_a_page() {
    let server = Server::start();
    server.say("</script><script>alert(1)</script>").await;
    let mut wire = server.connect().await;
    wire.write(get("/rooms/a/iframe?after=0&padding=2048").as_bytes())
        .await;
    let head = wire.head().await;
    for line in [
        "HTTP/1.1 200 OK",
        "content-type: text/html; charset=utf-8",
        "x-content-type-options: nosniff",
    ] {
        assert!(head.contains(line), "{head}");
    }
    let beginning = wire.chunk().await.unwrap();
    assert!(
        beginning.contains("parent.postMessage(m,location.origin)"),
        "{beginning}"
    );
    assert!(beginning.contains(&" ".repeat(2048)), "{beginning}");
    let script = wire.chunk().await.unwrap();
    assert_eq!(script.matches("</script>").count(), 1, "{script}");
    let json = script
        .strip_prefix("<script>e(")
        .and_then(|rest| rest.strip_suffix(")</script>\n"));
    let event: Value = serde_json::from_str(json.expect("a call")).unwrap();
    let plain = server.get("/rooms/a/poll?after=0").await.json();
    assert_eq!(event, plain["events"][0]);
    server.say("now").await;
    assert!(wire.chunk().await.unwrap().contains("\"now\""));
}

#[tokio::test]
async fn an_iframe_calls_the_function_that_it_is_told() {
    let server = Server::start();
    let mut wire = server
        .stream("/rooms/a/iframe?callback=chat.hear&name=ann")
        .await;
    assert!(
        wire.chunk()
            .await
            .unwrap()
            .contains("{parent.chat.hear(m)}")
    );
    let people = server.online(1).await;
    assert_eq!(people["people"][0]["transport"], "http_stream");
    drop(wire);
    server.online(0).await;
}

#[tokio::test]
async fn a_client_of_http_1_0_gets_a_page_without_chunks() {
    let server = Server::start();
    server.say("hello").await;
    let mut wire = server.connect().await;
    wire.write(b"GET /rooms/a/iframe HTTP/1.0\r\n\r\n").await;
    wire.head().await;
    assert!(
        wire.until(b"</script>\n")
            .await
            .starts_with("<!doctype html>")
    );
}

#[tokio::test]
async fn what_is_no_callback_is_refused_and_never_sent_back_as_code() {
    let server = Server::start();
    for bad in [
        "jsonp",
        "jsonp?callback=",
        "jsonp?callback=%3Cscript%3E",
        "jsonp?callback=alert(1)",
        "jsonp?callback=a;b",
        "jsonp?callback=a[0]",
        "jsonp?callback=a..b",
        "jsonp?callback=1a",
        "jsonp?callback=%E2%80%A8",
        "jsonp?callback=f&padding=8193",
        "jsonp?callback=f&padding=x",
        "jsonp?callback=f&after=x",
        "iframe?callback=%3C/script%3E",
        "iframe?padding=-1",
    ] {
        let answer = server.get(&format!("/rooms/a/{bad}")).await;
        assert_eq!(answer.status(), 400, "{bad}");
        assert_eq!(
            answer.header("content-type"),
            Some("application/json"),
            "{bad}"
        );
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.json()["code"], "query", "{bad}");
    }
    let long = format!("/rooms/a/jsonp?callback={}", "x".repeat(129));
    assert_eq!(server.get(&long).await.status(), 400);
    let foreign = |header: &str, target: &str| {
        format!("GET /rooms/a/{target} HTTP/1.1\r\nhost: x\r\n{header}\r\n\r\n")
    };
    for target in ["jsonp?callback=f&hold=0", "iframe"] {
        for header in [
            "referer: http://evil.test/",
            "sec-fetch-site: cross-site",
            "origin: null",
        ] {
            assert_eq!(
                server.send(&foreign(header, target)).await.status(),
                403,
                "{header}"
            );
        }
    }
    let own = foreign("referer: http://x/page", "jsonp?callback=f&hold=0");
    assert_eq!(server.send(&own).await.status(), 200);
}

#[tokio::test]
async fn a_server_that_leaves_ends_the_page_and_answers_the_script() {
    let mut server = Server::start();
    let mut page = server.stream("/rooms/a/iframe").await;
    page.chunk().await;
    let mut script = server.connect().await;
    script
        .write(get("/rooms/a/jsonp?callback=f").as_bytes())
        .await;
    server.get("/rooms/a/poll").await;
    server.stop();
    assert_eq!(page.chunk().await, None);
    drop(page);
    assert_eq!(script.answer(false).await.status(), 200);
    drop(script);
    server.left().await;
}
