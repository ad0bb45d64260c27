//! The page, and pages from elsewhere.

use server::Settings;

use crate::fixture::Server;

#[tokio::test]
async fn the_page_and_what_it_links_to() {
    let server = Server::start();
    let page = server.get("/").await;
    assert_eq!(page.status(), 200);
    assert_eq!(
        page.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    assert_eq!(page.header("cache-control"), Some("no-cache"));
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'self';"), "{policy}");
    for rule in [
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ] {
        assert!(policy.contains(rule), "{policy}");
    }
    let links = page
        .body
        .split(['"', '\''])
        .filter(|word| word.starts_with("/page/"));
    for link in links {
        assert_eq!(server.get(link).await.status(), 200, "{link}");
    }
    let script = server.get("/page/chat.js").await;
    assert_eq!(
        script.header("content-type"),
        Some("text/javascript; charset=utf-8")
    );
}

#[tokio::test]
async fn only_allowed_origins_may_read() {
    let server = Server::with(Settings {
        allow_origins: vec!["http://lane.test".into()],
        ..Settings::default()
    });
    let from = |method: &str, path: &str, origin: &str| {
        format!("{method} {path} HTTP/1.1\r\nhost: x\r\norigin: {origin}\r\n\r\n")
    };
    for path in ["/rooms/a/poll", "/nothing"] {
        let lane = server.send(&from("GET", path, "http://lane.test")).await;
        assert_eq!(
            lane.header("access-control-allow-origin"),
            Some("http://lane.test")
        );
        assert_eq!(lane.header("vary"), Some("origin"));
        let other = server.send(&from("GET", path, "http://other.test")).await;
        assert_eq!(other.header("access-control-allow-origin"), None);
    }
    let asked = server
        .send(&from("OPTIONS", "/rooms/a/messages", "http://lane.test"))
        .await;
    assert_eq!(asked.status(), 204);
    assert_eq!(asked.header("allow"), Some("POST, OPTIONS"));
    assert_eq!(
        asked.header("access-control-allow-origin"),
        Some("http://lane.test")
    );
    assert!(
        asked
            .header("access-control-allow-headers")
            .unwrap()
            .contains("content-type")
    );
}
