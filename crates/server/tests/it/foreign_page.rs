//! Tests of pages of other sites: what they embed, and names that were made to lead here.

use serde_json::Value;
use server::Settings;

use crate::{attacks::draft, fixture::Server};

#[tokio::test]
async fn what_a_foreign_page_embeds_neither_joins_nor_opens_anything() {
    let server = Server::start();
    let ask =
        |line: &str, headers: &str| format!("{line} HTTP/1.1\r\nhost: x\r\n{headers}\r\n\r\n");
    for signs in [
        "sec-fetch-site: cross-site\r\nsec-fetch-mode: no-cors\r\nsec-fetch-dest: image",
        "sec-fetch-site: same-site",
        "accept: image/avif,image/webp,*/*;q=0.8",
        "referer: http://evil.test/",
    ] {
        for line in [
            "GET /rooms/a/poll?name=eve&interval=3600",
            "GET /rooms/a/long-poll?name=eve",
            "GET /rooms/a/stream?name=eve",
            "GET /rooms/a/sse?name=eve",
            "GET /rooms/new/poll",
            "POST /rooms/a/leave?name=ann",
        ] {
            let answer = server.send(&ask(line, signs)).await;
            assert_eq!(
                (answer.status(), &answer.json()["code"]),
                (403, &"origin".into()),
                "{line} {signs}"
            );
        }
    }
    assert_eq!(server.get("/rooms/a/people").await.json()["online"], 0);
    for fine in [
        "sec-fetch-site: same-origin",
        "sec-fetch-site: none",
        "accept: */*",
    ] {
        let answer = server.send(&ask("GET /rooms/a/poll", fine)).await;
        assert_eq!(answer.status(), 200, "{fine}");
    }
}

#[tokio::test]
async fn a_name_that_was_made_to_lead_here_is_refused_everywhere() {
    let server = Server::with(Settings {
        hosts: vec!["class.example".into()],
        ..Settings::default()
    });
    let body = draft("x");
    let say = format!(
        "POST /rooms/a/messages HTTP/1.1\r\ncontent-length: {}",
        body.len()
    );
    for (host, known) in [
        ("evil.test", false),
        ("127.0.0.1.evil.test", false),
        ("class.example", true),
        ("127.0.0.1", true),
    ] {
        for head in [
            &say,
            "GET /rooms/a/poll HTTP/1.1",
            "GET / HTTP/1.1",
            "GET /rooms/a/people HTTP/1.1",
        ] {
            let body = if head.starts_with("POST") { &body } else { "" };
            let answer = server
                .send(&format!(
                    "{head}\r\nhost: {host}\r\norigin: http://{host}\r\n\r\n{body}"
                ))
                .await;
            assert_eq!(answer.status() != 421, known, "{host} {head}");
        }
    }
    let refused = server
        .send("GET / HTTP/1.1\r\nhost: evil.test\r\n\r\n")
        .await
        .json();
    assert_eq!(refused["code"], "host");
    let words: &Value = &refused["error"];
    assert!(words.as_str().unwrap().contains("--host"), "{words}");
}
