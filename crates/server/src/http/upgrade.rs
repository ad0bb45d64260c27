//! The opening handshake of a WebSocket (RFC 6455, section 4).

use hyper::{
    HeaderMap, Request, StatusCode, Version,
    header::{self, HeaderName, HeaderValue},
};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use wire::deflate::offer::{self, Agreement};

use crate::{
    http::{
        origin,
        refusal::Refusal,
        reply::{self, Reply},
    },
    settings::{Compress, Settings},
};

/// Checks an opening handshake and answers it (section 4.2). It has no body: whoever stands
/// between may take its end for another place than this server does. Offers of
/// extensions and subprotocols are not taken up here, which is said by not
/// mentioning them.
pub(crate) fn accept(request: &Request<impl Sized>, settings: &Settings) -> Result<Reply, Refusal> {
    let headers = request.headers();
    let asked = request.version() == Version::HTTP_11
        && lists(headers, &header::CONNECTION, "upgrade")
        && lists(headers, &header::UPGRADE, "websocket");
    if !asked {
        return Err(Refusal::NoUpgrade);
    }
    if has_body(headers) {
        return Err(Refusal::HandshakeBody);
    }
    // Neither may be there more than once (section 11.3.1 and 11.3.5).
    if only(headers, &header::SEC_WEBSOCKET_VERSION) != Some(&HeaderValue::from_static("13")) {
        return Err(Refusal::Version);
    }
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

/// Returns whether a head says that a body follows (RFC 9112, section 6).
fn has_body(headers: &HeaderMap) -> bool {
    headers.contains_key(header::TRANSFER_ENCODING)
        || headers
            .get(header::CONTENT_LENGTH)
            .is_some_and(|length| length != "0")
}

/// Takes up an offer of permessage-deflate in a handshake that was found right, if this server
/// compresses (RFC 7692, section 5).
pub(crate) fn deflate(
    request: &Request<impl Sized>,
    settings: &Settings,
    reply: &mut Reply,
) -> Option<Agreement> {
    if settings.compress == Compress::Off {
        return None;
    }
    let offers = request.headers().get_all(header::SEC_WEBSOCKET_EXTENSIONS);
    let offers = offers.iter().filter_map(|value| value.to_str().ok());
    let keeps_context = settings.compress == Compress::Context;
    let (agreement, value) = offer::accept(offers, keeps_context)?;
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
