//! Requests and responses of HTTP/1.1, written and parsed without a library.

use std::fmt::Write;

use crate::{Settings, TraceError, socket::Socket};

/// The room of every trace.
pub(crate) const ROOM: &str = "lesson";

/// Returns a request that reads.
pub(crate) fn get(settings: &Settings, host: &str, target: &str) -> String {
    let mut head = format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n");
    lines(&mut head, &settings.read_headers, host);
    head.push_str("\r\n");
    head
}

/// Returns a request that opens a WebSocket (RFC 6455, section 4.1).
pub(crate) fn upgrade(settings: &Settings, host: &str, target: &str, key: &str) -> String {
    let mut head = format!(
        "GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
    );
    lines(&mut head, &settings.read_headers, host);
    head.push_str("\r\n");
    head
}

/// Returns a request that opens a WebSocket of 2010 (hixie-76, section 4.1), without the eight bytes
/// that follow it.
pub(crate) fn upgrade_of_2010(
    settings: &Settings,
    host: &str,
    target: &str,
    [first, second]: &[String; 2],
) -> String {
    let mut head = format!(
        "GET {target} HTTP/1.1\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\nHost: {host}\r\n\
         Origin: http://{host}\r\nSec-WebSocket-Key1: {first}\r\nSec-WebSocket-Key2: {second}\r\n"
    );
    lines(&mut head, &settings.read_headers, host);
    head.push_str("\r\n");
    head
}

/// Returns a request that says a draft, or leaves (with an empty body).
pub(crate) fn post(settings: &Settings, host: &str, target: &str, body: &str) -> String {
    let mut head = format!(
        "POST {target} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {}\r\n",
        body.len()
    );
    lines(&mut head, &settings.say_headers, host);
    head.push_str("\r\n");
    head + body
}

/// Returns a request that sends a form, whose type takes the place of the profile's.
pub(crate) fn form(settings: &Settings, host: &str, target: &str, body: &str) -> String {
    let mut say_headers = settings.say_headers.clone();
    say_headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-type"));
    say_headers.push((
        "Content-Type".to_owned(),
        "application/x-www-form-urlencoded".to_owned(),
    ));
    let settings = Settings {
        say_headers,
        ..settings.clone()
    };
    post(&settings, host, target, body)
}

/// Returns a draft's JSON.
pub(crate) fn draft(from: &str, text: &str) -> String {
    let draft = wire::Draft {
        from: from.to_owned(),
        text: text.to_owned(),
        tag: None,
    };
    String::from_utf8_lossy(&wire::codec::encode(&draft)).into_owned()
}

fn lines(head: &mut String, lines: &[(String, String)], host: &str) {
    for (name, value) in lines {
        // Writing to a String cannot fail.
        let _ = write!(head, "{name}: {}\r\n", value.replace("{host}", host));
    }
}

/// Reads a whole answer with a `Content-Length`: its body.
pub(crate) async fn answer(socket: &mut Socket, what: &'static str) -> Result<String, TraceError> {
    let head = head(socket, what).await?;
    let length = content_length(&head).unwrap_or(0);
    let body = socket.take(what, |_| Some(length)).await?;
    let body = String::from_utf8_lossy(&body).into_owned();
    if head.starts_with("HTTP/1.1 2") {
        Ok(body)
    } else {
        Err(TraceError::Refused(body))
    }
}

/// Reads a head, through its empty line.
pub(crate) async fn head(socket: &mut Socket, what: &'static str) -> Result<String, TraceError> {
    let head = socket.take(what, head_len).await?;
    Ok(String::from_utf8_lossy(&head).into_owned())
}

/// Reads a chunk: size line, data, line end (RFC 9112, section 7.1).
pub(crate) async fn chunk(socket: &mut Socket, what: &'static str) -> Result<String, TraceError> {
    let chunk = socket.take(what, chunk_len).await?;
    Ok(String::from_utf8_lossy(&chunk).into_owned())
}

fn head_len(bytes: &[u8]) -> Option<usize> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    Some(end + 4)
}

fn chunk_len(bytes: &[u8]) -> Option<usize> {
    let end = bytes.windows(2).position(|window| window == b"\r\n")?;
    let digits = std::str::from_utf8(&bytes[..end]).ok()?;
    let size = usize::from_str_radix(digits.split(';').next()?.trim(), 16).ok()?;
    Some(end + 2 + size + 2)
}

fn content_length(head: &str) -> Option<usize> {
    let mut lines = head.lines().filter_map(|line| line.split_once(':'));
    let (_, value) = lines.find(|(name, _)| name.eq_ignore_ascii_case("content-length"))?;
    value.trim().parse().ok()
}

/// Returns the place from which to continue reading, as a batch states it.
pub(crate) fn next_place(batch: &str) -> Option<u64> {
    let (_, rest) = batch.rsplit_once("\"next\":")?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_wait_for_what_is_not_there_yet() {
        assert_eq!(head_len(b"HTTP/1.1 200 OK\r\n"), None);
        assert_eq!(head_len(b"HTTP/1.1 200 OK\r\n\r\nx"), Some(19));
        assert_eq!(chunk_len(b"1"), None);
        assert_eq!(chunk_len(b"1\r\n\n"), Some(6));
        assert_eq!(chunk_len(b"1a\r\n"), Some(4 + 26 + 2));
        assert_eq!(
            content_length("HTTP/1.1 200 OK\r\nContent-length: 7\r\n"),
            Some(7)
        );
        assert_eq!(
            next_place(r#"{"events":[],"next":12,"missed":0}"#),
            Some(12)
        );
    }
}
