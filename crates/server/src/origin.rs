//! Which web pages may come here (RFC 6454, and CORS of the Fetch standard).
//!
//! Only browsers send `Origin`, and they send it truthfully: it protects people
//! from pages, not the server from programs. A request without it is let in.

use hyper::{
    HeaderMap,
    header::{self, HeaderName, HeaderValue},
};

use crate::{refusal::Refusal, settings::Settings};

/// What a page of an allowed origin may do (Fetch standard, CORS protocol).
const GRANTS: [(HeaderName, &str); 3] = [
    (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, POST"),
    (
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        "content-type, last-event-id",
    ),
    (header::ACCESS_CONTROL_MAX_AGE, "600"),
];

/// Refuses a WebSocket from a foreign page: browsers do not apply CORS to
/// WebSockets, so the server must look (RFC 6455, section 10.2).
pub(crate) fn check(headers: &HeaderMap, settings: &Settings) -> Result<(), Refusal> {
    let Some(origin) = headers.get(header::ORIGIN) else {
        return Ok(());
    };
    if is_own(origin, headers) || is_allowed(origin, settings) {
        return Ok(());
    }
    let origin = String::from_utf8_lossy(origin.as_bytes()).into_owned();
    Err(Refusal::Origin(origin))
}

/// The origin of the request, if pages from there may read our answers.
pub(crate) fn granted(headers: &HeaderMap, settings: &Settings) -> Option<HeaderValue> {
    let origin = headers.get(header::ORIGIN)?;
    is_allowed(origin, settings).then(|| origin.clone())
}

/// Lets a page of `origin` read this answer.
pub(crate) fn grant(origin: HeaderValue, headers: &mut HeaderMap) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(header::VARY, HeaderValue::from_static("origin"));
}

/// Tells a browser that asks beforehand what it may send.
pub(crate) fn grant_methods(headers: &mut HeaderMap) {
    for (name, value) in GRANTS {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

/// Whether the page came from the address to which it speaks now. The scheme is
/// not compared: behind a proxy that ends TLS we do not know our own.
fn is_own(origin: &HeaderValue, headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).map(HeaderValue::as_bytes);
    let origin = origin.as_bytes();
    let rest = origin
        .strip_prefix(b"http://")
        .or_else(|| origin.strip_prefix(b"https://"));
    matches!((rest, host), (Some(rest), Some(host)) if rest.eq_ignore_ascii_case(host))
}

fn is_allowed(origin: &HeaderValue, settings: &Settings) -> bool {
    let mut allowed = settings.allow_origins.iter();
    allowed.any(|allowed| origin.as_bytes().eq_ignore_ascii_case(allowed.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_pages_allowed_pages_and_programs_come_in() {
        let settings = Settings {
            allow_origins: vec!["http://lane.test:81".into()],
            ..Settings::default()
        };
        let check = |origin: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, HeaderValue::from_static("chat.test:80"));
            if let Some(origin) = origin {
                headers.insert(header::ORIGIN, HeaderValue::from_static(origin));
            }
            check(&headers, &settings).is_ok()
        };
        assert!(check(None));
        assert!(check(Some("http://chat.test:80")));
        assert!(check(Some("http://Lane.test:81")));
        for foreign in [
            "null",
            "http://chat.test:81",
            "http://chat.test:80.evil",
            "",
        ] {
            assert!(!check(Some(foreign)), "{foreign}");
        }
    }
}
