//! HTTP answers: in one piece, or a head after which the connection continues in another way.

use bytes::Bytes;
use hyper::{
    HeaderMap, Response, StatusCode,
    header::{self, HeaderValue},
};

use wire::Coding;

use crate::{
    http::{body::Body, coding},
    room::coder,
    settings::Settings,
};

/// An HTTP answer.
pub(crate) type Reply = Response<Body>;

/// Answers with JSON in one piece, which no browser interprets as another type.
pub(crate) fn json(status: StatusCode, text: Bytes) -> Reply {
    let mut reply = bare_json(status, text);
    let nosniff = HeaderValue::from_static("nosniff");
    reply
        .headers_mut()
        .insert(header::X_CONTENT_TYPE_OPTIONS, nosniff);
    reply
}

/// Answers a poll with its batch. It goes without `nosniff`, which would cost
/// each poll 33 bytes for nothing: browsers do not sniff `application/json`.
pub(crate) fn batch(text: Bytes, coding: Option<Coding>, settings: &Settings) -> Reply {
    let (text, coding) = coder::batch(text, coding);
    let mut reply = bare_json(StatusCode::OK, text);
    do_not_store(reply.headers_mut());
    coding::describe(reply.headers_mut(), coding, settings);
    reply
}

/// Answers a draft, without `nosniff` as for a batch.
pub(crate) fn said(text: Bytes) -> Reply {
    bare_json(StatusCode::CREATED, text)
}

fn bare_json(status: StatusCode, text: Bytes) -> Reply {
    let mut reply = bare(status, Body::whole(text));
    let json = HeaderValue::from_static("application/json");
    reply.headers_mut().insert(header::CONTENT_TYPE, json);
    reply
}

/// Answers with JSON that is not to be stored, as `/people` does.
pub(crate) fn fresh_json(text: Bytes) -> Reply {
    let mut reply = json(StatusCode::OK, text);
    do_not_store(reply.headers_mut());
    reply
}

/// Returns the head of an answer that goes on for as long as both sides stay.
/// No length is known, so the content comes in chunks (RFC 9112, section 7.1).
pub(crate) fn open(content_type: &'static str) -> Reply {
    let mut reply = bare(StatusCode::OK, Body::Open);
    let content_type = HeaderValue::from_static(content_type);
    reply
        .headers_mut()
        .insert(header::CONTENT_TYPE, content_type);
    do_not_store(reply.headers_mut());
    reply
}

/// Answers with a script that is not to be stored.
pub(crate) fn script(text: Bytes) -> Reply {
    let mut reply = bare(StatusCode::OK, Body::whole(text));
    let headers = reply.headers_mut();
    let script = HeaderValue::from_static("text/javascript; charset=utf-8");
    headers.insert(header::CONTENT_TYPE, script);
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    do_not_store(headers);
    reply
}

/// Returns the head of a page that is never finished.
pub(crate) fn open_page() -> Reply {
    let mut reply = open("text/html; charset=utf-8");
    let headers = reply.headers_mut();
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    reply
}

/// Answers with the text of OpenMetrics 1.0.
pub(crate) fn open_metrics(text: Bytes) -> Reply {
    let mut reply = bare(StatusCode::OK, Body::whole(text));
    let content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    let headers = reply.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    do_not_store(headers);
    reply
}

/// Answers with nothing but a status.
pub(crate) fn empty(status: StatusCode) -> Reply {
    bare(status, Body::empty())
}

/// Adds the two headers that name WebSocket as the protocol to change to.
pub(crate) fn offer_upgrade(headers: &mut HeaderMap) {
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
}

fn bare(status: StatusCode, body: Body) -> Reply {
    let mut reply = Response::new(body);
    *reply.status_mut() = status;
    reply
}

/// Forbids caches to store an answer, because a poll would receive old events
/// from one. The header costs a poll some bytes, as it does in any real chat.
fn do_not_store(headers: &mut HeaderMap) {
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
}
