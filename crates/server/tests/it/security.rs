//! The promises of SECURITY.md about the server's own addresses: no cookies, nothing of a request
//! in a page, no file but the page's own, and no way through to another server.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};

use server::Settings;
use tokio::net::TcpListener;

use crate::{
    attacks::draft,
    fixture::{Answer, Server, get, post},
};

/// A text that would run if a page repeated it.
const SCRIPT: &str = "<script>alert(1)</script>";
/// The same as it may stand in an address.
const IN_ADDRESS: &str = "%3Cscript%3Ealert(1)%3C/script%3E";

/// Asks for one of each kind of answer, right and wrong.
async fn answers(server: &Server) -> Vec<(String, Answer)> {
    let paths = [
        "/",
        "/page/chat.js",
        "/page/nothing.js",
        "/nothing",
        "/healthz/live",
        "/rooms/a/poll?name=ann&person=ann",
        "/rooms/a/long-poll?after=0&hold=0&name=ann",
        "/rooms/a/jsonp?callback=f",
        "/rooms/a/people",
        "/rooms/a b/poll",
        "/sockjs/info",
        "/sockjs/iframe.html",
        "/socket.io/?EIO=4&transport=polling",
        "/socket.io/?EIO=9&transport=polling",
    ];
    let mut answers = Vec::new();
    for path in paths {
        answers.push((path.to_owned(), server.get(path).await));
        let path = format!("{path}{}", if path.contains('?') { "&" } else { "?" });
        let path = format!("{path}x={IN_ADDRESS}&callback={IN_ADDRESS}&name={IN_ADDRESS}");
        answers.push((path.clone(), server.get(&path).await));
    }
    for path in [
        format!("/{IN_ADDRESS}"),
        format!("/rooms/{IN_ADDRESS}/poll"),
    ] {
        answers.push((path.clone(), server.get(&path).await));
    }
    let said = server.post("/rooms/a/messages", &draft(SCRIPT)).await;
    answers.push(("a draft".to_owned(), said));
    let wrong = server.post("/rooms/a/messages", SCRIPT).await;
    answers.push(("no draft".to_owned(), wrong));
    answers
}

#[tokio::test]
async fn no_answer_sets_a_cookie_and_no_page_repeats_what_was_asked() {
    let server = Server::start();
    let mut pages = 0;
    for (asked, answer) in answers(&server).await {
        assert_eq!(answer.header("set-cookie"), None, "{asked}");
        let kind = answer.header("content-type").unwrap_or_default().to_owned();
        if kind.starts_with("text/html") {
            assert!(!answer.body.contains(SCRIPT), "{asked}");
            pages += 1;
        } else {
            // A browser takes none of these for a page.
            let is_text = ["application/json", "text/plain"]
                .iter()
                .any(|text| kind.starts_with(text));
            let is_told = answer.header("x-content-type-options") == Some("nosniff");
            let is_empty = answer.body.is_empty();
            assert!(is_text || is_told || is_empty, "{asked}: {answer:?}");
        }
    }
    // The page of the chat at least, twice.
    assert!(pages >= 2, "{pages}");
}

/// Checks that a page that names a script, a style or a handler in its own text would need a policy
/// that lets foreign ones run as well.
#[tokio::test]
async fn the_policy_lets_nothing_inline_run_and_the_page_has_nothing_inline() {
    let server = Server::start();
    let page = server.get("/").await;
    let policy = page.header("content-security-policy").unwrap().to_owned();
    for loose in [
        "unsafe-inline",
        "unsafe-eval",
        "script-src *",
        "default-src *",
    ] {
        assert!(!policy.contains(loose), "{policy}");
    }
    assert!(policy.contains("script-src 'self'") && policy.contains("style-src 'self'"));
    assert_eq!(inline(&page.body), None::<&str>);
    // What the check would find.
    for wrong in [
        "<p><script>x()</script>",
        "<a onclick=\"x()\">",
        "<p style=\"color: red\">",
        "<style>p {}</style>",
        "<a href=\"javascript:x()\">",
    ] {
        assert!(inline(wrong).is_some(), "{wrong}");
    }
}

/// Returns the first element that stands in a page's own text and is code or style.
fn inline(page: &str) -> Option<&str> {
    page.split('<').skip(1).find(|element| {
        let tag = element.split('>').next().unwrap_or_default();
        let name = tag.split_whitespace().next().unwrap_or_default();
        let handles = tag.split_whitespace().any(|word| {
            let name = word.split('=').next().unwrap_or_default();
            word.contains('=') && (name.starts_with("on") || name == "style")
        });
        let is_code = name == "script" && !tag.contains("src=");
        is_code || handles || name == "style" || tag.contains("javascript:")
    })
}

#[tokio::test]
async fn no_path_leads_out_of_the_pages_own_files() {
    let server = Server::start();
    for path in [
        "/page/../Cargo.toml",
        "/page/../../server/Cargo.toml",
        "/page/%2e%2e/Cargo.toml",
        "/page/%2e%2e%2fCargo.toml",
        "/page/..%2f..%2f..%2f..%2fetc%2fpasswd",
        "/page/....//....//etc/passwd",
        "/page//etc/passwd",
        "/page/\\..\\Cargo.toml",
        "/page/client/../../Cargo.toml",
        "/../../../../etc/passwd",
        "//etc/passwd",
        "/page/",
        "/page/client",
        "/page/chat.js%00.html",
    ] {
        let answer = server.get(path).await;
        assert!((400..500).contains(&answer.status()), "{path}: {answer:?}");
        for known in ["[package]", "root:"] {
            assert!(!answer.body.contains(known), "{path}");
        }
    }
    assert_eq!(server.get("/page/client/choose.js").await.status(), 200);
}

/// Starts a server whom nobody is to reach through another; it counts who does.
async fn elsewhere() -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let reached = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&reached);
    tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            count.fetch_add(1, SeqCst);
        }
    });
    (address, reached)
}

#[tokio::test]
async fn a_server_asks_no_other_server_for_anybody() {
    let (other, reached) = elsewhere().await;
    let server = Server::with(Settings {
        echo: true,
        ..Settings::default()
    });
    let of = |line: String, host: String| format!("{line} HTTP/1.1\r\nhost: {host}\r\n\r\n");
    let own = server.address;
    for request in [
        of(format!("CONNECT {other}"), other.to_string()),
        of(format!("GET http://{other}/"), other.to_string()),
        of(format!("GET http://{other}/rooms/a/poll"), own.to_string()),
        of(format!("GET //{other}/rooms/a/poll"), own.to_string()),
        of(
            format!("GET /rooms/a/poll?url=http://{other}/"),
            own.to_string(),
        ),
        of("GET /".to_owned(), "metadata.example.com".to_owned()),
        post(&format!("http://{other}/rooms/a/messages"), &draft("x")),
        format!(
            "GET / HTTP/1.1\r\nhost: x\r\nx-forwarded-host: {other}\r\nforwarded: host={other}\r\n\r\n"
        ),
        get(&format!("/sockjs/iframe.html?url=http://{other}/")),
    ] {
        let answer = server.send(&request).await;
        let status = answer.status();
        assert!(!(300..400).contains(&status), "{request}: {answer:?}");
        assert_eq!(answer.header("location"), None, "{request}");
        let is_tunnel = request.starts_with("CONNECT");
        assert!(!is_tunnel || status >= 400, "{answer:?}");
    }
    // A name that is not this machine's is not answered for.
    let foreign = of("GET /".to_owned(), "metadata.example.com".to_owned());
    assert_eq!(server.send(&foreign).await.status(), 421);
    assert_eq!(reached.load(SeqCst), 0);
}
