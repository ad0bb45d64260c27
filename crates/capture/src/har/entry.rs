//! An entry of a HAR to an exchange.

use std::time::Duration;

use data_encoding::BASE64;

use super::{
    Lacks,
    model::{Content, Entry, Field, Message},
    times::{Times, time},
};
use crate::{
    Remark,
    content::{self, Brought},
    exchange::{Answer, Bytes, Exchange, Sizes, Socket},
    head::Head,
    terms::{HttpVersion, Path, TlsVersion},
};

/// The client of every exchange in a HAR.
const BROWSER: &str = "browser";

/// Makes an exchange of an entry; `None` if it has no address or time.
pub(super) fn exchange(entry: &Entry, lane: usize, lacks: &mut Lacks) -> Option<Exchange> {
    let started = time(&entry.started_date_time)?;
    let (server, target) = address(&entry.request.url)?;
    let method = entry.request.method.clone();
    let request = head(
        &format!("{method} {target} HTTP/1.1"),
        entry.request.headers.as_deref(),
    );
    let status = size(entry.response.status).unwrap_or(0).min(999) as u16;
    let mut answer = head(
        &format!("HTTP/1.1 {status}"),
        entry.response.headers.as_deref(),
    );
    let media = entry
        .response
        .content
        .as_ref()
        .and_then(|content| content.mime_type.as_ref());
    if let (None, Some(media)) = (answer.field("content-type"), media) {
        answer
            .lines
            .push(format!("content-type: {media}\r\n").into_bytes());
    }
    let sent = entry
        .request
        .post_data
        .as_ref()
        .and_then(|post| post.text.as_deref());
    let sizes = sizes(entry);
    let socket = socket(entry, status, &answer);
    let times = Times::of(entry, started);
    let answered = status > 0;
    lacks.unsized_heads += u64::from(sizes.request_head.is_none());
    lacks.unsized_heads += u64::from(answered && sizes.answer_head.is_none());
    lacks.unsized_bodies += u64::from(answered && socket.is_none() && sizes.answer_body.is_none());
    let brought = brought(entry, &answer, sizes, lacks);
    let remarks = remarks(socket.is_some(), status, &answer);
    Some(Exchange {
        client: BROWSER.to_owned(),
        server,
        lane,
        round_trip: Duration::ZERO,
        path: path(entry),
        method,
        target,
        request: sized(request, sizes.request_head),
        sent: Brought::of(sent.unwrap_or_default().as_bytes(), None),
        at: times.sent,
        asked: times.asked,
        answer: answered.then(|| Answer {
            status,
            head: sized(answer, sizes.answer_head),
            at: times.answered,
            brought,
            chunks: Vec::new(),
        }),
        end: times.end,
        bytes: Bytes::Stated(sizes),
        socket,
        is_whole: true,
        extra: None,
        remarks,
    })
}

fn remarks(is_socket: bool, status: u16, answer: &Head) -> Vec<Remark> {
    if is_socket {
        vec![Remark::ComputedFrames]
    } else if status == 101 {
        let name = answer
            .field("upgrade")
            .unwrap_or_else(|| "nothing".to_owned());
        vec![Remark::Upgraded(name)]
    } else {
        Vec::new()
    }
}

/// Returns the terms of an entry: the scheme says whether it was under TLS, but not which version.
fn path(entry: &Entry) -> Path {
    let url = entry.request.url.as_str();
    let is_sealed = url.starts_with("https://") || url.starts_with("wss://");
    let version = version(entry).trim().to_ascii_lowercase();
    Path {
        tls: if is_sealed {
            TlsVersion::Unknown
        } else {
            TlsVersion::Off
        },
        http: match version.as_str() {
            "http/1.1" | "http/1.0" => HttpVersion::V1_1,
            "h2" | "http/2" | "http/2.0" => HttpVersion::V2,
            "h3" | "http/3" | "http/3.0" | "h3-29" => HttpVersion::V3,
            _ => HttpVersion::Unknown,
        },
        trip: trip(entry),
    }
}

/// Returns the version of HTTP that an entry names, in whatever words. Browsers write it into the
/// answer and, as far as they know it then, into the request.
fn version(entry: &Entry) -> &str {
    let named = [&entry.response.http_version, &entry.request.http_version];
    let mut named = named.into_iter().flatten();
    let named = named.find(|name| !matches!(name.as_str(), "" | "unknown"));
    named.map_or("", String::as_str)
}

/// Returns the time that opening the connection took without TLS, which browsers count within it.
fn trip(entry: &Entry) -> Option<Duration> {
    let timings = entry.timings.as_ref()?;
    let known = |part: Option<f64>| part.filter(|millis| (0.0..1e7).contains(millis));
    let connect = known(timings.connect).filter(|millis| *millis > 0.0)?;
    let rest = connect - known(timings.ssl).unwrap_or(0.0);
    (rest > 0.0).then(|| Duration::from_secs_f64(rest / 1e3))
}

/// Returns the host of a URL with its port, and the target.
fn address(url: &str) -> Option<(String, String)> {
    let (_, rest) = url.split_once("://")?;
    let rest = rest.split('#').next()?;
    let at = rest.find(['/', '?']).unwrap_or(rest.len());
    let (host, target) = rest.split_at(at);
    let target = if target.starts_with('/') {
        target.to_owned()
    } else {
        format!("/{target}")
    };
    (!host.is_empty()).then(|| (host.to_owned(), target))
}

fn head(first: &str, fields: Option<&[Field]>) -> Head {
    let fields = fields.unwrap_or_default().iter();
    // The fields of HTTP/2 that stand for the first line.
    let fields = fields.filter(|field| !field.name.starts_with(':'));
    Head::written(
        first,
        fields.map(|field| (field.name.as_str(), field.value.as_str())),
    )
}

fn sized(head: Head, size: Option<u64>) -> Head {
    let len = size.map_or(head.len, |size| size as usize);
    Head { len, ..head }
}

/// Returns a size that is stated: browsers write -1 for one that is not known.
fn size(size: Option<f64>) -> Option<u64> {
    size.filter(|size| (0.0..1e15).contains(size))
        .map(|size| size as u64)
}

fn sizes(entry: &Entry) -> Sizes {
    let (request, response) = (&entry.request, &entry.response);
    let answer_head = size(response.headers_size);
    let transfer = size(response.transfer_size);
    let content = response.content.as_ref();
    let plain = content.and_then(|content| size(content.size));
    let saved = content
        .and_then(|content| size(content.compression))
        .unwrap_or(0);
    let stated = size(response.body_size);
    let body = stated.or_else(|| transfer.map(|all| all.saturating_sub(answer_head.unwrap_or(0))));
    let posted = request
        .post_data
        .as_ref()
        .and_then(|post| post.text.as_ref());
    Sizes {
        request_head: size(request.headers_size),
        request_body: size(request.body_size)
            .or(posted.map(|text| text.len() as u64))
            .or(Some(0)),
        answer_head,
        answer_body: body.or_else(|| plain.map(|plain| plain.saturating_sub(saved))),
    }
}

fn text(content: &Content) -> Option<Vec<u8>> {
    let text = content.text.as_ref()?;
    if content.encoding.as_deref() == Some("base64") {
        return BASE64.decode(text.as_bytes()).ok();
    }
    Some(text.clone().into_bytes())
}

/// Counts what an answer brought, by its text or, if that was not saved, by its size.
fn brought(entry: &Entry, head: &Head, sizes: Sizes, lacks: &mut Lacks) -> Brought {
    let none = Content::default();
    let content = entry.response.content.as_ref().unwrap_or(&none);
    let plain = size(content.size);
    let text = text(content);
    let coded = sizes.answer_body.or(plain).unwrap_or(0);
    let codings = head.list("content-encoding");
    let is_coded = codings.is_some_and(|codings| !content::names(&codings).is_empty());
    let mut brought = if let Some(text) = &text {
        Brought::of(text, None)
    } else {
        let has_content = plain.unwrap_or(coded) > 0;
        lacks.no_texts += u64::from(has_content && entry.messages.is_none());
        Brought {
            items: u64::from(has_content),
            plain,
            // Nobody knows whether two such answers are the same.
            mark: time(&entry.started_date_time).map_or(0, |at| at.as_nanos() as u64),
            ..Brought::default()
        }
    };
    brought.coded = coded;
    // What is sent with its head in one sum says nothing about compression.
    brought.is_coded = is_coded && sizes.answer_head.is_some();
    brought
}

/// Returns the WebSocket behind an entry, if there is one.
fn socket(entry: &Entry, status: u16, answer: &Head) -> Option<Box<Socket>> {
    let is_socket = status == 101 && answer.has("upgrade", "websocket");
    let url = entry.request.url.as_str();
    let is_socket = is_socket || url.starts_with("ws://") || url.starts_with("wss://");
    if !is_socket && entry.messages.is_none() {
        return None;
    }
    let mut socket = Socket::default();
    for message in entry.messages.iter().flatten() {
        let payload = payload(message);
        let told = match message.kind.as_str() {
            "send" => &mut socket.said,
            "receive" => &mut socket.heard,
            _ => continue,
        };
        told.add(&payload, &payload);
    }
    Some(Box::new(socket))
}

fn payload(message: &Message) -> Vec<u8> {
    let data = message.data.as_deref().unwrap_or_default();
    if message.opcode == Some(2.0)
        && let Ok(bytes) = BASE64.decode(data.as_bytes())
    {
        return bytes;
    }
    data.as_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_apart() {
        let of = |url: &str| address(url).map(|(host, target)| format!("{host} {target}"));
        assert_eq!(of("https://a.b:8/c?d#e").as_deref(), Some("a.b:8 /c?d"));
        assert_eq!(of("ws://a").as_deref(), Some("a /"));
        assert_eq!(of("https://a?b=c").as_deref(), Some("a /?b=c"));
        assert_eq!(of("about:blank"), None);
        assert_eq!(of("data:text/plain,x"), None);
    }
}
