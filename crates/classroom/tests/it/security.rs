//! The promises of SECURITY.md about a classroom: no cookies, nothing inline in any page, and no
//! file but its own.

use crate::{Running, whole};

/// Asks for a page; the head and the body of the answer.
async fn page(running: &Running, target: &str) -> (String, String) {
    let mut client = running.connect(running.address.port()).await;
    let request = format!("GET {target} HTTP/1.1\r\nhost: x\r\n\r\n");
    client.send(&request).await;
    let answer = String::from_utf8(client.read_until(whole).await).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_ascii_lowercase(), body.to_owned())
}

#[tokio::test]
async fn pages_have_a_policy_nothing_inline_and_no_cookies() {
    let running = Running::start("");
    for target in [
        "/",
        "/classroom",
        "/classroom/main.js",
        "/lessons",
        "/classroom/config",
    ] {
        let (head, body) = page(&running, target).await;
        assert!(head.starts_with("http/1.1 200"), "{target}: {head}");
        assert!(!head.contains("set-cookie"), "{target}: {head}");
        if !head.contains("content-type: text/html") {
            continue;
        }
        let policy = head
            .lines()
            .find(|line| line.starts_with("content-security-policy: "))
            .unwrap_or_else(|| panic!("{target} has no policy: {head}"));
        assert!(policy.contains("script-src 'self'"), "{policy}");
        assert!(!policy.contains("unsafe-"), "{policy}");
        // The address of a page may hold a person's token.
        assert!(head.contains("referrer-policy: no-referrer"), "{head}");
        for script in body.split("<script").skip(1) {
            let tag = script.split('>').next().unwrap_or_default();
            assert!(tag.contains("src="), "{target}: <script{tag}>");
        }
        assert!(
            !body.contains("<style") && !body.contains(" style="),
            "{target}"
        );
    }
    running.stop().await;
}

#[tokio::test]
async fn no_path_leads_out_of_the_classrooms_own_files() {
    let running = Running::start("");
    for target in [
        "/classroom/../Cargo.toml",
        "/classroom/%2e%2e/Cargo.toml",
        "/classroom/..%2f..%2f..%2f..%2fetc%2fpasswd",
        "/classroom//etc/passwd",
        "/classroom/books/../../Cargo.toml",
        "/lessons/../../Cargo.toml",
        "/lessons/%2e%2e/%2e%2e/etc/passwd",
        "/lessons//etc/passwd",
    ] {
        let (head, body) = page(&running, target).await;
        assert!(head.starts_with("http/1.1 4"), "{target}: {head}");
        assert!(
            !body.contains("[package]") && !body.contains("root:"),
            "{target}"
        );
    }
    running.stop().await;
}
