//! The upgrade from HTTP to WebSocket (RFC 6455, section 4.1): the request for it, and the
//! requirements on the answer.
//!
//! The answer is read here and not by tungstenite, which takes a `Connection`
//! line that is a list, or stands twice, for none. Over HTTP/2 an extended CONNECT takes the place of
//! the upgrade (RFC 8441): it has no key, and its answer is 200.

use std::borrow::Cow;

use bytes::Bytes;
use hyper::header::{
    CONNECTION, HOST, HeaderMap, HeaderName, HeaderValue, ORIGIN, SEC_WEBSOCKET_ACCEPT,
    SEC_WEBSOCKET_EXTENSIONS, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION,
    UPGRADE,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_tungstenite::tungstenite::handshake::{client::generate_key, derive_accept_key};
use wire::{
    Compression,
    deflate::offer::{self, Agreement},
};

use super::reader::Reader;
use crate::{
    failure::{Failure, LONGEST_HEAD, MOST_FIELDS},
    measure::ledger::Use,
    socket::{connection::retry_after, meter::Meter, multiplex::Shared, request, tunnel::Tunnel},
};

/// The socket of a WebSocket after its handshake, the compression that was agreed on, and what came
/// behind the head of the answer.
type Opened = (Tunnel, Option<Agreement>, Vec<u8>);

/// Connects, and asks for a WebSocket at `path` with the profile's headers.
pub(super) async fn open(reader: &Reader, path: &str) -> Result<Opened, Failure> {
    let network = &reader.network;
    if network.target.http2 {
        // Boxed, so that the future of a connection of HTTP/1.1 keeps no room for this.
        return Box::pin(open_stream(reader, path)).await;
    }
    let stamp = reader.arrival.clone();
    let mut stream = network.connect(reader.person, Use::Read, stamp).await?;
    let (agreement, rest) = upgrade(reader, path, &mut stream).await?;
    Ok((Tunnel::Own(stream), agreement, rest))
}

/// Opens a stream that is a WebSocket, on the connection of the reader's browser.
async fn open_stream(reader: &Reader, path: &str) -> Result<Opened, Failure> {
    let network = &reader.network;
    let stamp = reader.arrival.clone();
    let shared = Shared::open(network, reader.person, Use::Read, stamp).await?;
    let mut request = request::request(network, path, Bytes::new())?;
    *request.headers_mut() = common_headers(reader);
    let asked = request.headers().clone();
    let answer = shared.connect_web_socket(request).await?;
    let headers = answer.headers();
    let status = answer.status().as_u16();
    if status != 200 {
        return Err(refused(reader, status, headers));
    }
    check_protocol(&asked, headers)?;
    let agreement = agreement(&asked, headers, network.compression)?;
    let stream = hyper::upgrade::on(answer).await?;
    Ok((Tunnel::of_stream(stream, shared), agreement, Vec::new()))
}

/// Asks over `stream` for a WebSocket.
async fn upgrade(
    reader: &Reader,
    path: &str,
    stream: &mut Meter,
) -> Result<(Option<Agreement>, Vec<u8>), Failure> {
    let headers = headers(reader)?;
    let head = head(&reader.network.path(path), &headers)?;
    let lost = |error: std::io::Error| Failure::from(error.kind());
    stream.write_all(&head).await.map_err(lost)?;
    let mut bytes = Vec::with_capacity(1024);
    loop {
        let read = stream.read_buf(&mut bytes).await.map_err(lost);
        let has_begun = !bytes.is_empty();
        if read.map_err(|failure| failure.in_head(has_begun))? == 0 {
            return Err(Failure::Closed.in_head(has_begun));
        }
        if let Some((status, answer, end)) = final_head(&bytes)? {
            if status != 101 {
                return Err(refused(reader, status, &answer));
            }
            check(&headers, &answer)?;
            let agreement = agreement(&headers, &answer, reader.network.compression)?;
            return Ok((agreement, bytes.split_off(end)));
        }
        if bytes.len() > LONGEST_HEAD {
            // The interim heads before it are included.
            return Err(Failure::LongHead);
        }
    }
}

/// Notes how long a refusal asks to wait, and returns what it means.
fn refused(reader: &Reader, status: u16, headers: &HeaderMap) -> Failure {
    reader.resume.told_to_wait.set(retry_after(headers));
    Failure::status(status, headers, &reader.room_name())
}

/// Returns the headers that a handshake has over either version of HTTP.
fn common_headers(reader: &Reader) -> HeaderMap {
    let mut headers = reader.network.headers.read.clone();
    if let Some(place) = &reader.foreign {
        place.add_headers(&mut headers);
    }
    headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
    headers
}

fn headers(reader: &Reader) -> Result<HeaderMap, Failure> {
    let mut headers = common_headers(reader);
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    let key = HeaderValue::from_str(&generate_key())
        .map_err(|error| Failure::Protocol(error.to_string()))?;
    headers.insert(SEC_WEBSOCKET_KEY, key);
    Ok(headers)
}

/// Returns the request's head. Some servers want the usual capitals. What an answer put into a line may
/// have letters that are not ASCII (RFC 9110, section 5.5).
fn head(path: &str, headers: &HeaderMap) -> Result<Vec<u8>, Failure> {
    let first: [(HeaderName, &str); 5] = [
        (HOST, "Host"),
        (CONNECTION, "Connection"),
        (UPGRADE, "Upgrade"),
        (SEC_WEBSOCKET_VERSION, "Sec-WebSocket-Version"),
        (SEC_WEBSOCKET_KEY, "Sec-WebSocket-Key"),
    ];
    if path.contains([' ', '\r', '\n']) {
        return Err(Failure::Protocol(
            "what was asked for is no path".to_owned(),
        ));
    }
    let mut head = format!("GET {path} HTTP/1.1\r\n").into_bytes();
    let mut line = |name: &str, value: &HeaderValue| {
        for part in [name.as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
            head.extend_from_slice(part);
        }
    };
    for (key, name) in &first {
        if let Some(value) = headers.get(key) {
            line(name, value);
        }
    }
    for (key, value) in headers {
        let name = match key {
            _ if first.iter().any(|(known, _)| known == key) => continue,
            _ if key == SEC_WEBSOCKET_PROTOCOL => "Sec-WebSocket-Protocol",
            _ if key == SEC_WEBSOCKET_EXTENSIONS => "Sec-WebSocket-Extensions",
            _ if key == ORIGIN => "Origin",
            key => key.as_str(),
        };
        line(name, value);
    }
    head.extend_from_slice(b"\r\n");
    Ok(head)
}

/// Returns status, fields and end of the first head that is no interim one, if it is
/// whole.
fn final_head(bytes: &[u8]) -> Result<Option<(u16, HeaderMap, usize)>, Failure> {
    let mut lenient = httparse::ParserConfig::default();
    // Not part of a name, and taken away by whoever passes it on (RFC 9112, section 5.1).
    lenient.allow_spaces_after_header_name_in_responses(true);
    lenient.allow_obsolete_multiline_headers_in_responses(true);
    let mut at = 0;
    loop {
        let mut fields = [httparse::EMPTY_HEADER; MOST_FIELDS];
        let mut answer = httparse::Response::new(&mut fields);
        let parsed = lenient.parse_response(&mut answer, &bytes[at..]);
        let parsed = parsed.map_err(|error| match error {
            httparse::Error::TooManyHeaders => Failure::LongHead,
            error => Failure::Protocol(format!("no answer to an upgrade: {error}")),
        })?;
        let (httparse::Status::Complete(end), Some(status)) = (parsed, answer.code) else {
            return Ok(None);
        };
        at += end;
        if status >= 200 || status == 101 {
            return Ok(Some((status, map(answer.headers), at)));
        }
    }
}

fn map(fields: &[httparse::Header<'_>]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for field in fields {
        let name = HeaderName::from_bytes(field.name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(&unfolded(field.value))) {
            headers.append(name, value);
        }
    }
    headers
}

/// Returns a value with a blank in place of each line end within it, and of the white space around that
/// (RFC 9112, section 5.2).
fn unfolded(value: &[u8]) -> Cow<'_, [u8]> {
    if !value.contains(&b'\n') {
        return Cow::Borrowed(value);
    }
    let lines = value.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    Cow::Owned(lines.collect::<Vec<_>>().join(&b' '))
}

/// Checks an answer by RFC 6455, section 4.1, from "If the status code received".
fn check(asked: &HeaderMap, answer: &HeaderMap) -> Result<(), Failure> {
    let wrong = |what: &str| Err(Failure::Protocol(format!("a 101 {what}")));
    if !has(answer, &UPGRADE, "websocket") {
        return wrong("without Upgrade: websocket");
    }
    if !has(answer, &CONNECTION, "upgrade") {
        return wrong("without Connection: Upgrade");
    }
    let accept = asked
        .get(SEC_WEBSOCKET_KEY)
        .map(|key| derive_accept_key(key.as_bytes()));
    let accepted = answer.get(SEC_WEBSOCKET_ACCEPT);
    if accepted.map(|value| value.as_bytes().trim_ascii()) != accept.as_deref().map(str::as_bytes) {
        return wrong("whose Sec-WebSocket-Accept is not of our key");
    }
    check_protocol(asked, answer)
}

/// Checks that an answer chooses no subprotocol but one that was offered.
fn check_protocol(asked: &HeaderMap, answer: &HeaderMap) -> Result<(), Failure> {
    let chosen = answer.get(SEC_WEBSOCKET_PROTOCOL);
    let chosen = chosen.map(|value| value.to_str().unwrap_or_default());
    if chosen.is_some_and(|chosen| !has(asked, &SEC_WEBSOCKET_PROTOCOL, chosen)) {
        let why = "an answer to a handshake with a protocol that was not offered";
        return Err(Failure::Protocol(why.to_owned()));
    }
    Ok(())
}

/// Returns what an answer says of the compression that was offered (RFC 7692, section 5).
fn agreement(
    asked: &HeaderMap,
    answer: &HeaderMap,
    compression: Compression,
) -> Result<Option<Agreement>, Failure> {
    let answers = answer.get_all(SEC_WEBSOCKET_EXTENSIONS).iter();
    let mut answers = answers.map(|value| value.to_str().unwrap_or_default());
    if compression.is_deflate() {
        let offered = asked.get(SEC_WEBSOCKET_EXTENSIONS);
        let offered = offered.and_then(|value| value.to_str().ok());
        return Ok(Some(offer::agreed(answers, offered.unwrap_or_default())?));
    }
    match answers.next() {
        None => Ok(None),
        Some(_) => Err(Failure::Protocol(
            "an answer to a handshake with an extension that was not offered".to_owned(),
        )),
    }
}

/// Returns whether a field that is a list has `word` in it, on any of its lines.
fn has(headers: &HeaderMap, name: &HeaderName, word: &str) -> bool {
    let lines = headers.get_all(name).iter();
    lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .any(|item| item.trim().eq_ignore_ascii_case(word.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

    fn checked(lines: &str) -> Result<(), Failure> {
        let mut asked = HeaderMap::new();
        asked.insert(SEC_WEBSOCKET_KEY, HeaderValue::from_static(KEY));
        asked.insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static("a, b"));
        let head = format!("HTTP/1.1 103 X\r\n\r\nHTTP/1.1 101 X\r\n{lines}\r\nrest");
        let (status, answer, end) = final_head(head.as_bytes()).unwrap().unwrap();
        assert_eq!((status, &head[end..]), (101, "rest"));
        check(&asked, &answer)?;
        agreement(&asked, &answer, Compression::None).map(|_| ())
    }

    #[test]
    fn a_compression_that_was_offered_must_be_taken_up() {
        let mut answer = HeaderMap::new();
        let line = |keeps| HeaderValue::from_static(offer::offer(keeps));
        let agreed = |answer: &HeaderMap, compression| {
            let mut asked = HeaderMap::new();
            let keeps = compression == Compression::DeflateContext;
            asked.insert(SEC_WEBSOCKET_EXTENSIONS, line(keeps));
            agreement(&asked, answer, compression).map_err(|failure| failure.to_string())
        };
        let declined = Err("permessage-deflate was declined".to_owned());
        assert_eq!(agreed(&answer, Compression::Deflate), declined);
        assert_eq!(agreed(&answer, Compression::DeflateContext), declined);
        answer.insert(SEC_WEBSOCKET_EXTENSIONS, line(false));
        let agreement = agreed(&answer, Compression::Deflate).unwrap();
        assert!(!agreement.expect("taken up").server_keeps);
        assert!(agreed(&answer, Compression::DeflateContext).is_err());
        assert!(agreed(&answer, Compression::None).is_err());
    }

    #[test]
    fn a_101_may_be_written_in_many_ways() {
        // The answer to that key in RFC 6455, section 1.3.
        let accept = "sec-websocket-ACCEPT:s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n";
        let with = |lines: &str| checked(&format!("{accept}{lines}"));
        for lines in [
            "Upgrade: websocket\r\nConnection: Upgrade\r\n",
            "UPGRADE:WebSocket\r\nCONNECTION:keep-alive, Upgrade\r\n",
            "Upgrade: websocket\r\nConnection: keep-alive\r\nConnection: upgrade\r\n",
            "Upgrade: h2c, websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: b\r\n",
            "Upgrade : websocket\r\nConnection\t: Upgrade\r\n",
            "Upgrade:\r\n websocket\r\nConnection: keep-alive, \r\n\tUpgrade\r\n",
            "Upgrade: h2c,\n  \n websocket\r\nConnection: Upgrade\r\nA: b\r\n c\r\n",
        ] {
            assert_eq!(with(lines), Ok(()), "{lines}");
        }
        for lines in [
            "Upgrade: websocket\r\nConnection: keep-alive\r\n",
            "Upgrade: websocket2\r\nConnection: Upgrade\r\n",
            "Connection: Upgrade\r\n",
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: c\r\n",
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Extensions: x\r\n",
        ] {
            assert!(with(lines).is_err(), "{lines}");
        }
        assert!(checked("Upgrade: websocket\r\nConnection: Upgrade\r\n").is_err());
    }

    #[test]
    fn a_line_is_sent_as_it_is_also_where_it_is_not_ascii() {
        let mut headers = HeaderMap::new();
        headers.insert("x-place", HeaderValue::from_str("caf\u{e9}").unwrap());
        headers.insert(HOST, HeaderValue::from_static("a"));
        let head = String::from_utf8(head("/ws", &headers).unwrap()).unwrap();
        let lines = "GET /ws HTTP/1.1\r\nHost: a\r\nx-place: caf\u{e9}\r\n\r\n";
        assert_eq!(head, lines);
    }

    #[test]
    fn half_a_head_is_none_yet() {
        assert!(
            final_head(b"HTTP/1.1 101 X\r\nUpgrade: web")
                .unwrap()
                .is_none()
        );
        assert!(final_head(b"SSH-2.0-x\r\n").is_err());
        let many = format!("HTTP/1.1 101 X\r\n{}\r\n", "A: b\r\n".repeat(101));
        assert_eq!(final_head(many.as_bytes()).unwrap_err(), Failure::LongHead);
    }
}
