//! The listing of heads, line by line, each with its purpose.

use super::{Text, old, visible};
use crate::handshake;

/// The reason for each header line, with a reference to the standard where it states one.
const REASONS: [(&str, &str); 43] = [
    (
        "host",
        "which of the names at this address is meant (RFC 9110, 7.2)",
    ),
    (
        "connection",
        "what is about this connection alone (RFC 9110, 7.6.1)",
    ),
    ("upgrade", "which protocol to change to (RFC 9110, 7.8)"),
    (
        "content-length",
        "how many bytes of body follow (RFC 9110, 8.6)",
    ),
    ("content-type", "what the body is (RFC 9110, 8.3)"),
    (
        "transfer-encoding",
        "the body comes in chunks, its length not yet known (RFC 9112, 7)",
    ),
    (
        "cache-control",
        "whether anyone may keep the answer (RFC 9111, 5.2)",
    ),
    (
        "pragma",
        "no-cache, for caches older than HTTP/1.1 (RFC 9111, 5.4)",
    ),
    ("date", "when the answer was made (RFC 9110, 6.6.1)"),
    ("server", "which software answers (RFC 9110, 10.2.4)"),
    ("user-agent", "which software asks (RFC 9110, 10.1.5)"),
    ("accept", "what the asker can read (RFC 9110, 12.5.1)"),
    (
        "accept-encoding",
        "which compressions the asker knows (RFC 9110, 12.5.3)",
    ),
    (
        "accept-language",
        "which languages the person reads (RFC 9110, 12.5.4)",
    ),
    (
        "accept-charset",
        "which character sets the asker knows (RFC 9110, 12.5.2)",
    ),
    ("referer", "the page that asks (RFC 9110, 10.1.3)"),
    (
        "origin",
        "whose page asks: what a server checks (RFC 6454, 7)",
    ),
    (
        "cookie",
        "what this server asked the browser to remember (RFC 6265, 4.2)",
    ),
    (
        "set-cookie",
        "what the browser is to remember (RFC 6265, 4.1)",
    ),
    ("keep-alive", "for how long the connection may be kept"),
    (
        "etag",
        "a name for this version of the answer (RFC 9110, 8.8.3)",
    ),
    (
        "last-modified",
        "since when the answer is so (RFC 9110, 8.8.2)",
    ),
    (
        "vary",
        "on which request headers the answer depends (RFC 9110, 12.5.5)",
    ),
    ("dnt", "do not track"),
    (
        "sec-websocket-key",
        "16 random bytes in base64: proof that this is no plain HTTP (RFC 6455, 4.1)",
    ),
    (
        "sec-websocket-accept",
        "made from the key: proof that the server speaks WebSocket (RFC 6455, 4.2.2)",
    ),
    (
        "sec-websocket-version",
        "13, the only one in use (RFC 6455, 4.1)",
    ),
    (
        "sec-websocket-key1",
        "a number hidden among spaces and other characters (hixie-76, 1.3)",
    ),
    (
        "sec-websocket-key2",
        "another number, hidden likewise (hixie-76, 1.3)",
    ),
    (
        "sec-websocket-origin",
        "whose pages are let in: the client compares it (hixie-76, 1.3)",
    ),
    (
        "sec-websocket-location",
        "what the server thinks was asked for: the client compares it (hixie-76, 1.3)",
    ),
    (
        "sec-websocket-extensions",
        "what both could agree on, such as compression (RFC 6455, 9)",
    ),
    (
        "sec-websocket-protocol",
        "what is spoken inside the frames (RFC 6455, 1.9)",
    ),
    (
        "sec-fetch-site",
        "whether page and server have one origin (Fetch Metadata)",
    ),
    ("sec-fetch-mode", "how the page asks (Fetch Metadata)"),
    ("sec-fetch-dest", "what the answer is for (Fetch Metadata)"),
    (
        "sec-ch-ua",
        "which browser, as a hint (User-Agent Client Hints)",
    ),
    (
        "sec-ch-ua-mobile",
        "whether it is a phone (User-Agent Client Hints)",
    ),
    (
        "sec-ch-ua-platform",
        "which operating system (User-Agent Client Hints)",
    ),
    (
        "access-control-allow-origin",
        "whose pages may read the answer (Fetch standard)",
    ),
    (
        "x-content-type-options",
        "do not guess what the body is (Fetch standard)",
    ),
    (
        "referrer-policy",
        "what the page tells of itself when it asks elsewhere (Referrer Policy)",
    ),
    (
        "last-event-id",
        "the last event seen before a break (WHATWG HTML, 9.2)",
    ),
];

/// Writes a head.
pub(super) fn write(text: &mut Text, head: &[u8]) {
    let head = String::from_utf8_lossy(head);
    for (index, line) in head.split_inclusive('\n').enumerate() {
        let reason = match line.split_once(':') {
            _ if index == 0 => first_line(line),
            _ if line == "\r\n" => "an empty line: the head is over",
            Some((name, _)) => reason(name),
            None => "",
        };
        text.pair(&visible(line.as_bytes()), reason);
        if let Some(key) = value(line, "sec-websocket-key") {
            steps(text, key);
        }
        for name in ["sec-websocket-key1", "sec-websocket-key2"] {
            if let Some(key) = value(line, name) {
                old::key(text, key);
            }
        }
    }
}

fn first_line(line: &str) -> &'static str {
    match line.split(' ').nth(1) {
        Some("101") => "status line: from here on no more HTTP (RFC 9110, 15.2.2)",
        Some("201") => "status line: the draft is in the log (RFC 9110, 15.3.2)",
        Some(_) if line.starts_with("HTTP/") => "status line (RFC 9112, section 4)",
        _ => "request line: method, target, version (RFC 9112, section 3)",
    }
}

fn reason(name: &str) -> &'static str {
    let name = name.to_ascii_lowercase();
    REASONS
        .iter()
        .find(|(known, _)| *known == name)
        .map_or("", |(_, reason)| reason)
}

/// Returns the value of a line, if its field has this name.
pub(super) fn value<'a>(line: &'a str, wanted: &str) -> Option<&'a str> {
    let (name, value) = line.split_once(':')?;
    name.eq_ignore_ascii_case(wanted).then(|| value.trim())
}

/// Writes the steps from the handshake's key to its answer.
fn steps(text: &mut Text, key: &str) {
    let steps = handshake::steps(key);
    text.line(14, &format!("the key's 16 bytes      {}", steps.nonce));
    text.line(14, &format!("key and GUID, joined    {}", steps.joined));
    text.line(14, &format!("SHA-1 of that           {}", steps.hash));
    text.line(14, &format!("in base64, the answer   {}", steps.accept));
}
