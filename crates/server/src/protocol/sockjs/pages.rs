//! The answers of a SockJS service outside sessions: its greeting, its capabilities, and the page
//! for a frame on another origin.

use bytes::Bytes;
use hyper::{
    HeaderMap, Response, StatusCode,
    header::{self, HeaderName, HeaderValue},
};

use crate::{
    http::{
        body::Body,
        reply::{self, Reply},
    },
    protocol::ids::Ids,
    transport::Answer,
};

/// The page that a client on another origin opens in a frame. The library comes
/// from where its own servers say that it is.
const FRAME: &str = "<!DOCTYPE html>\n<html>\n<head>\n  \
    <meta http-equiv=\"X-UA-Compatible\" content=\"IE=edge\" />\n  \
    <meta http-equiv=\"Content-Type\" content=\"text/html; charset=UTF-8\" />\n  \
    <script src=\"https://cdn.jsdelivr.net/npm/sockjs-client@1.6.1/dist/sockjs.min.js\"></script>\n  \
    <script>\n    document.domain = document.domain;\n    SockJS.bootstrap_iframe();\n  </script>\n\
    </head>\n<body>\n  <h2>Don't panic!</h2>\n  \
    <p>This is a SockJS hidden iframe. It's used for cross domain magic.</p>\n</body>\n</html>";
/// The version of that page, which changes with it.
const FRAME_TAG: &str = "\"sockjs-client-1.6.1\"";

/// Returns whether a page's name is that of the frame, which clients change so
/// that nothing old comes from a cache.
pub(super) fn is_frame(name: &str) -> bool {
    let page = name.strip_suffix(".html");
    page.is_some_and(|page| page.starts_with("iframe"))
}

/// Answers a client that checks whether the service is there.
pub(super) fn greeting() -> Reply {
    let mut reply = Response::new(Body::whole(Bytes::from_static(b"Welcome to SockJS!\n")));
    set(
        &mut reply,
        header::CONTENT_TYPE,
        "text/plain; charset=UTF-8",
    );
    set(&mut reply, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    reply
}

/// Says what the service can do. The number is for clients that have no source
/// of random numbers themselves.
pub(super) fn info(ids: &Ids) -> Reply {
    let random = u32::from_str_radix(&ids.fresh()[..8], 16).unwrap_or(0);
    let json = format!(
        "{{\"websocket\":true,\"origins\":[\"*:*\"],\"cookie_needed\":false,\"entropy\":{random}}}"
    );
    reply::fresh_json(Bytes::from(json))
}

/// Answers with the page for a frame.
pub(super) fn frame(headers: &HeaderMap) -> Reply {
    let known = headers.get(header::IF_NONE_MATCH);
    let mut reply = if known.is_some_and(|tag| tag == FRAME_TAG) {
        reply::empty(StatusCode::NOT_MODIFIED)
    } else {
        let mut reply = Response::new(Body::whole(Bytes::from_static(FRAME.as_bytes())));
        set(&mut reply, header::CONTENT_TYPE, "text/html; charset=UTF-8");
        reply
    };
    set(&mut reply, header::ETAG, FRAME_TAG);
    set(
        &mut reply,
        header::CACHE_CONTROL,
        "public, max-age=31536000",
    );
    reply
}

/// Answers a request that cannot be followed, in the words of the protocol.
pub(super) fn error(words: &'static str) -> Answer {
    let mut reply = Response::new(Body::whole(Bytes::from_static(words.as_bytes())));
    *reply.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    set(
        &mut reply,
        header::CONTENT_TYPE,
        "text/plain; charset=UTF-8",
    );
    set(&mut reply, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    Answer::Http(reply)
}

/// Sets a header of an answer.
pub(super) fn set(reply: &mut Reply, name: HeaderName, value: &'static str) {
    reply
        .headers_mut()
        .insert(name, HeaderValue::from_static(value));
}
