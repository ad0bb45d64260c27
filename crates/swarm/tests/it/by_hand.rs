//! Requests and answers of HTTP, by hand: as much of it as a test needs.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Reads the next request's head and body.
pub(crate) async fn request(
    stream: &mut TcpStream,
    bytes: &mut Vec<u8>,
) -> Option<(String, String)> {
    let end = |bytes: &[u8]| bytes.windows(4).position(|four| four == b"\r\n\r\n");
    while end(bytes).is_none() {
        (stream.read_buf(bytes).await.ok()? > 0).then_some(())?;
    }
    let body = end(bytes)? + 4;
    let head = String::from_utf8(bytes[..body].to_vec()).ok()?;
    let length = field(&head, "content-length").map_or(0, |text| text.parse().unwrap());
    while bytes.len() < body + length {
        (stream.read_buf(bytes).await.ok()? > 0).then_some(())?;
    }
    let text = String::from_utf8(bytes[body..body + length].to_vec()).ok()?;
    bytes.drain(..body + length);
    Some((head, text))
}

/// Returns a field of a head.
pub(crate) fn field<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| {
        let (field, value) = line.split_once(':')?;
        field.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

/// Sends an answer that has a length.
pub(crate) async fn answer(
    stream: &mut TcpStream,
    status: &str,
    lines: &str,
    body: &str,
) -> Option<()> {
    let length = body.len();
    let text = format!("HTTP/1.1 {status}\r\n{lines}Content-Length: {length}\r\n\r\n{body}");
    stream.write_all(text.as_bytes()).await.ok()
}
