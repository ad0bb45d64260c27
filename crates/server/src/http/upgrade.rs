//! The opening handshake of a WebSocket (RFC 6455, section 4; over HTTP/2, RFC 8441).

use hyper::{
    HeaderMap, Method, Request, StatusCode, Version,
    ext::Protocol,
    header::{self, HeaderName, HeaderValue},
};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use wire::deflate::{
    Window,
    offer::{self, Agreement},
};

use crate::{
    http::{
        origin,
        refusal::Refusal,
        reply::{self, Reply},
    },
    settings::{Compress, Settings},
};

/// The protocol that an extended CONNECT asks for (RFC 8441, section 5).
const WEB_SOCKET: &str = "websocket";

/// Returns whether a request is the handshake of HTTP/2: an extended CONNECT for a WebSocket. It
/// stands for the GET of HTTP/1.1, at the same addresses.
pub(crate) fn is_extended(request: &Request<impl Sized>) -> bool {
    let protocol = request.extensions().get::<Protocol>();
    request.method() == Method::CONNECT
        && protocol.is_some_and(|protocol| protocol.as_str() == WEB_SOCKET)
}

/// Refuses a CONNECT over HTTP/2 that asks for anything but a WebSocket, whatever its address.
pub(crate) fn check_tunnel(request: &Request<impl Sized>) -> Result<(), Refusal> {
    let is_tunnel = request.version() == Version::HTTP_2 && request.method() == Method::CONNECT;
    if is_tunnel && !is_extended(request) {
        return Err(Refusal::Tunnel);
    }
    Ok(())
}

/// Checks an opening handshake and answers it (section 4.2). One with a body is refused: a proxy in
/// between may see the end of the body at another place than this server does. Offers of extensions
/// and subprotocols are declined here, by an answer that does not mention them; [`deflate`] and
/// [`deflate_alone`] take one up.
pub(crate) fn accept(request: &Request<impl Sized>, settings: &Settings) -> Result<Reply, Refusal> {
    if request.version() == Version::HTTP_2 {
        return accept_extended(request, settings);
    }
    let headers = request.headers();
    // The handshake is a GET (section 4.1).
    let asked = request.method() == Method::GET
        && request.version() == Version::HTTP_11
        && lists(headers, &header::CONNECTION, "upgrade")
        && lists(headers, &header::UPGRADE, WEB_SOCKET);
    if !asked {
        return Err(Refusal::NoUpgrade);
    }
    if has_body(headers) {
        return Err(Refusal::HandshakeBody);
    }
    check_version(headers)?;
    // The key may not be there more than once (section 11.3.1).
    let key = only(headers, &header::SEC_WEBSOCKET_KEY).filter(|key| is_key(key.as_bytes()));
    let accept = derive_accept_key(key.ok_or(Refusal::Key)?.as_bytes());
    origin::check(headers, settings)?;

    let mut reply = reply::empty(StatusCode::SWITCHING_PROTOCOLS);
    reply::offer_upgrade(reply.headers_mut());
    // Base64 is always a header value.
    let accept = HeaderValue::try_from(accept).map_err(|_| Refusal::Key)?;
    reply
        .headers_mut()
        .insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    Ok(reply)
}

/// Checks a handshake of HTTP/2 and answers it (RFC 8441, section 5): there is no key, and the answer
/// is 200. A length of its content is refused by hyper.
fn accept_extended(request: &Request<impl Sized>, settings: &Settings) -> Result<Reply, Refusal> {
    if !is_extended(request) {
        return Err(Refusal::NoExtendedConnect);
    }
    check_version(request.headers())?;
    origin::check(request.headers(), settings)?;
    Ok(reply::empty(StatusCode::OK))
}

/// Refuses a handshake that does not name version 13 exactly once (section 11.3.5).
fn check_version(headers: &HeaderMap) -> Result<(), Refusal> {
    if only(headers, &header::SEC_WEBSOCKET_VERSION) == Some(&HeaderValue::from_static("13")) {
        return Ok(());
    }
    Err(Refusal::Version)
}

/// Returns whether a head says that a body follows (RFC 9112, section 6).
fn has_body(headers: &HeaderMap) -> bool {
    headers.contains_key(header::TRANSFER_ENCODING)
        || headers
            .get(header::CONTENT_LENGTH)
            .is_some_and(|length| length != "0")
}

/// Takes up an offer of permessage-deflate in a handshake that was found right, if this server
/// compresses (RFC 7692, section 5). What readers share is written with the largest window.
pub(crate) fn deflate(
    request: &Request<impl Sized>,
    settings: &Settings,
    reply: &mut Reply,
) -> Option<Agreement> {
    if !settings.compress.may(request.uri().query()) {
        return None;
    }
    let keeps_context = settings.compress == Compress::Context;
    take_up(request, reply, keeps_context, Window::LARGEST)
}

/// Takes up an offer of permessage-deflate for a WebSocket whose messages nobody shares, unless its
/// address declines (`compress=0`): with the contexts and the window that the client offers. Unless
/// it `may_keep` state of its own, only what needs none is taken up.
pub(crate) fn deflate_alone(
    request: &Request<impl Sized>,
    reply: &mut Reply,
    may_keep: bool,
) -> Option<Agreement> {
    if !Compress::Context.may(request.uri().query()) {
        return None;
    }
    let smallest = if may_keep {
        Window::SMALLEST
    } else {
        Window::LARGEST
    };
    take_up(request, reply, may_keep, smallest)
}

/// Answers the first offer that can be kept, if there is one.
fn take_up(
    request: &Request<impl Sized>,
    reply: &mut Reply,
    keeps_context: bool,
    smallest: Window,
) -> Option<Agreement> {
    let offers = request.headers().get_all(header::SEC_WEBSOCKET_EXTENSIONS);
    let offers = offers.iter().filter_map(|value| value.to_str().ok());
    let (agreement, value) = offer::accept(offers, keeps_context, smallest)?;
    let value = HeaderValue::try_from(value).ok()?;
    reply
        .headers_mut()
        .insert(header::SEC_WEBSOCKET_EXTENSIONS, value);
    Some(agreement)
}

/// Returns the value of a header that is there exactly once.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a HeaderValue> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?;
    values.next().is_none().then_some(first)
}

/// Returns whether a header's comma-separated list names `word`.
fn lists(headers: &HeaderMap, name: &HeaderName, word: &str) -> bool {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|listed| listed.trim().eq_ignore_ascii_case(word))
}

/// Returns whether a key is 16 bytes in base64 (section 4.2.1): 22 characters,
/// the last of which carries two bits, and two of padding.
fn is_key(key: &[u8]) -> bool {
    let [digits @ .., last, b'=', b'='] = key else {
        return false;
    };
    let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    digits.len() == 21 && digits.iter().all(is_digit) && b"AQgw".contains(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys() {
        assert!(is_key(b"dGhlIHNhbXBsZSBub25jZQ=="));
        for bad in [
            "",
            "==",
            "dGhlIHNhbXBsZSBub25jZQ",
            "dGhlIHNhbXBsZSBub25jZR==",
            "dGhlIHNhbXBsZSBub25j",
            "dGhlIHNhbXBsZSBub25j!Q==",
            "dGhlIHNhbXBsZSBub25jZQQ==",
        ] {
            assert!(!is_key(bad.as_bytes()), "{bad}");
        }
    }
}
