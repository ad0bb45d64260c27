//! The web pages that may use this server (RFC 6454, and CORS of the Fetch
//! standard).
//!
//! Only browsers send `Origin`, and they send it truthfully: it protects people
//! from pages, not the server from programs. They leave it out of what a page merely
//! embeds (`<img>`, `<script>`); then `Sec-Fetch-Site` (Fetch Metadata), `Referer` and
//! `Accept` tell that another site's page asks. A request that says nothing of the kind
//! is let in.

use hyper::{
    HeaderMap, StatusCode,
    header::{self, HeaderName, HeaderValue},
};

use crate::{
    http::{
        refusal::Refusal,
        reply::{self, Reply},
    },
    settings::Settings,
};

/// The header that states whose page makes a browser ask (Fetch Metadata).
static SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The headers that say what a page of an allowed origin may do (Fetch
/// standard, CORS protocol).
const GRANTS: [(HeaderName, &str); 3] = [
    (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, POST"),
    (
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        "content-type, last-event-id, authorization, x-request-id, x-padding",
    ),
    (header::ACCESS_CONTROL_MAX_AGE, "600"),
];

/// Refuses a foreign page. For a WebSocket the server must look, as browsers do
/// not apply CORS to it (RFC 6455, section 10.2); and so it must for whatever
/// leaves a trace, such as a draft or a presence, for a browser sends a simple
/// request first and asks afterwards whether the page may read the answer.
pub(crate) fn check(headers: &HeaderMap, settings: &Settings) -> Result<(), Refusal> {
    let host = host(headers);
    let is_foreign = is_cross_site(headers) && !comes_from_allowed(headers, settings);
    if !headers.contains_key(header::ORIGIN) && is_foreign {
        return Err(Refusal::CrossSite);
    }
    for origin in headers.get_all(header::ORIGIN) {
        let origin = origin.as_bytes();
        if !is_own(origin, host) && !is_allowed(origin, host, settings) {
            return Err(Refusal::Origin(
                String::from_utf8_lossy(origin).into_owned(),
            ));
        }
    }
    Ok(())
}

/// Returns whether the page that a `Referer` names is of an origin that is allowed. No page can
/// name another than its own.
fn comes_from_allowed(headers: &HeaderMap, settings: &Settings) -> bool {
    let page = headers.get(header::REFERER).map(HeaderValue::as_bytes);
    page.and_then(origin_of)
        .is_some_and(|origin| is_allowed(origin, host(headers), settings))
}

/// Returns the origin that an address begins with, such as `http://x:80` of `http://x:80/y`.
fn origin_of(page: &[u8]) -> Option<&[u8]> {
    let host = page.windows(3).position(|three| three == b"://")? + 3;
    let end = page[host..]
        .iter()
        .position(|byte| matches!(byte, b'/' | b'?' | b'#'));
    Some(&page[..end.map_or(page.len(), |end| host + end)])
}

/// Returns whether a page of another site makes the browser ask this, as far as a
/// request without `Origin` tells. `Sec-Fetch-Site` is sent to this machine and over
/// TLS only.
pub(crate) fn is_cross_site(headers: &HeaderMap) -> bool {
    if headers.contains_key(&SEC_FETCH_SITE) {
        let mut sites = headers.get_all(&SEC_FETCH_SITE).iter();
        return !sites.all(|site| site_is_own(site.as_bytes()));
    }
    let value = |name: &HeaderName| headers.get(name).map(HeaderValue::as_bytes);
    value(&header::ACCEPT).is_some_and(wants_image)
        || value(&header::REFERER)
            .is_some_and(|page| !refers_to(page, host(headers).unwrap_or(b"")))
}

/// Returns whether a person opens this in a window of their own, from wherever. Without Fetch Metadata
/// it is the `Accept` that tells: a window wants a page, and a `<script>` takes anything.
pub(crate) fn is_navigation(headers: &HeaderMap) -> bool {
    let is = |name: &str, value: &str| headers.get(name).is_some_and(|given| given == value);
    is("sec-fetch-mode", "navigate") && is("sec-fetch-dest", "document")
        || !headers.contains_key(&SEC_FETCH_SITE)
            && headers
                .get("accept")
                .map(HeaderValue::as_bytes)
                .is_some_and(wants_page)
}

/// Returns whether an `Accept` is that of a window, in which HTML comes first.
fn wants_page(accept: &[u8]) -> bool {
    accept.starts_with(b"text/html")
}

/// Returns whether a value of `Sec-Fetch-Site` is that of a page of this very origin,
/// or of a person who typed the address.
pub(crate) fn site_is_own(site: &[u8]) -> bool {
    matches!(site, b"same-origin" | b"none")
}

/// Returns whether an `Accept` is that of an `<img>`.
pub(crate) fn wants_image(accept: &[u8]) -> bool {
    accept.starts_with(b"image/")
}

/// Returns whether a `Referer` names a page of `host`, or none at all.
pub(crate) fn refers_to(page: &[u8], host: &[u8]) -> bool {
    let rest = page
        .strip_prefix(b"http://")
        .or_else(|| page.strip_prefix(b"https://"));
    let Some(rest) = rest else { return true };
    let end = rest
        .iter()
        .position(|byte| matches!(byte, b'/' | b'?' | b'#'));
    rest[..end.unwrap_or(rest.len())].eq_ignore_ascii_case(host)
}

/// Returns whether a page from `origin` may read what `host` serves without a grant: it is the
/// host's own page, and its origin is not also one that is granted everything.
pub(crate) fn needs_no_grant(origin: &[u8], host: &[u8], settings: &Settings) -> bool {
    is_own(origin, Some(host)) && !is_allowed(origin, Some(host), settings)
}

/// Returns the origin of the request, if pages from there may read the answers.
pub(crate) fn granted(headers: &HeaderMap, settings: &Settings) -> Option<HeaderValue> {
    let origin = headers.get(header::ORIGIN)?;
    is_allowed(origin.as_bytes(), host(headers), settings).then(|| origin.clone())
}

/// Adds the headers that let a page of `origin` read this answer.
pub(crate) fn grant(origin: HeaderValue, headers: &mut HeaderMap) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.append(header::VARY, HeaderValue::from_static("origin"));
}

/// Adds the headers that tell a browser that asks beforehand what a page may send.
fn grant_methods(headers: &mut HeaderMap) {
    for (name, value) in GRANTS {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

/// Answers OPTIONS at an address that takes the methods in `allow`.
pub(crate) fn options(allow: &'static str) -> Reply {
    let mut reply = reply::empty(StatusCode::NO_CONTENT);
    let headers = reply.headers_mut();
    headers.insert(header::ALLOW, HeaderValue::from_static(allow));
    // Of no use to a page whose origin is not granted as well.
    grant_methods(headers);
    reply
}

fn host(headers: &HeaderMap) -> Option<&[u8]> {
    headers.get(header::HOST).map(HeaderValue::as_bytes)
}

/// Returns whether the page came from the address to which it sends now. The
/// scheme is not compared: behind a proxy that ends TLS the server does not
/// know its own.
fn is_own(origin: &[u8], host: Option<&[u8]>) -> bool {
    let rest = origin
        .strip_prefix(b"http://")
        .or_else(|| origin.strip_prefix(b"https://"));
    matches!((rest, host), (Some(rest), Some(host)) if rest.eq_ignore_ascii_case(host))
}

fn is_allowed(origin: &[u8], host: Option<&[u8]>, settings: &Settings) -> bool {
    let mut allowed = settings.allow_origins.iter();
    allowed.any(|allowed| origin.eq_ignore_ascii_case(allowed.as_bytes()))
        || is_neighbour(origin, host, &settings.allow_ports)
}

/// Returns whether the page came from this host, by whatever name, at one of
/// `ports`.
fn is_neighbour(origin: &[u8], host: Option<&[u8]>, ports: &[u16]) -> bool {
    let neighbour = || {
        let origin = std::str::from_utf8(origin).ok()?;
        let rest = origin.strip_prefix("http://");
        let (name, port) = split(rest.or_else(|| origin.strip_prefix("https://"))?);
        let (own, _) = split(std::str::from_utf8(host?).ok()?);
        Some(name.eq_ignore_ascii_case(own) && ports.contains(&port))
    };
    !ports.is_empty() && neighbour().unwrap_or(false)
}

/// Splits an authority into host and port; an IPv6 address stands in brackets,
/// so the last colon counts.
fn split(authority: &str) -> (&str, u16) {
    let by_port = authority.rsplit_once(':');
    by_port
        .and_then(|(name, port)| Some((name, port.parse().ok()?)))
        .unwrap_or((authority, 80))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_foreign_page_embeds_is_told_from_what_programs_send() {
        let is_cross_site = |pairs: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, HeaderValue::from_static("chat.test:80"));
            for (name, value) in pairs {
                headers.append(*name, HeaderValue::from_static(value));
            }
            check(&headers, &Settings::default()).is_err()
        };
        for fine in [
            &[][..],
            &[("accept", "*/*")],
            &[("sec-fetch-site", "same-origin"), ("accept", "image/png")],
            &[("sec-fetch-site", "none")],
            &[("referer", "http://Chat.test:80/lessons?x=1")],
            &[("referer", "android-app://x")],
        ] {
            assert!(!is_cross_site(fine), "{fine:?}");
        }
        for foreign in [
            &[("sec-fetch-site", "cross-site")][..],
            &[("sec-fetch-site", "same-site")],
            &[
                ("sec-fetch-site", "same-origin"),
                ("sec-fetch-site", "cross-site"),
            ],
            &[
                ("sec-fetch-site", "cross-site"),
                ("sec-fetch-mode", "navigate"),
            ],
            &[("accept", "image/avif,image/webp,*/*;q=0.8")],
            &[("referer", "http://evil.test/")],
            &[("referer", "http://chat.test:80.evil.test/")],
        ] {
            assert!(is_cross_site(foreign), "{foreign:?}");
        }
    }

    #[test]
    fn what_an_allowed_page_embeds_is_let_in_by_its_referer() {
        let settings = Settings {
            allow_origins: vec!["http://lane.test:81".into()],
            ..Settings::default()
        };
        let check = |referer: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, HeaderValue::from_static("chat.test:80"));
            headers.insert(&SEC_FETCH_SITE, HeaderValue::from_static("cross-site"));
            if let Some(referer) = referer {
                headers.insert(header::REFERER, HeaderValue::from_static(referer));
            }
            check(&headers, &settings).is_ok()
        };
        for page in [
            "http://lane.test:81/",
            "http://Lane.test:81",
            "http://lane.test:81?x",
        ] {
            assert!(check(Some(page)), "{page}");
        }
        for page in [
            "http://lane.test:81.evil.test/",
            "http://evil.test/http://lane.test:81/",
            "https://lane.test:81/",
            "http://lane.test/",
            "",
        ] {
            assert!(!check(Some(page)), "{page}");
        }
        assert!(!check(None));
    }

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

    #[test]
    fn pages_of_the_same_host_at_a_named_port_come_in() {
        let settings = Settings {
            allow_ports: vec![8080, 80],
            ..Settings::default()
        };
        for (origin, host, fine) in [
            ("http://192.0.2.7:8080", "192.0.2.7:8081", true),
            ("http://[::1]:8080", "[::1]:8081", true),
            ("http://class.test", "class.test:8081", true),
            ("http://192.0.2.8:8080", "192.0.2.7:8081", false),
            ("http://192.0.2.7:8082", "192.0.2.7:8081", false),
            ("http://192.0.2.7:8080.evil", "192.0.2.7:8081", false),
            ("null", "192.0.2.7:8081", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, HeaderValue::from_static(host));
            headers.insert(header::ORIGIN, HeaderValue::from_static(origin));
            assert_eq!(check(&headers, &settings).is_ok(), fine, "{origin}");
            assert_eq!(granted(&headers, &settings).is_some(), fine, "{origin}");
        }
    }
}
