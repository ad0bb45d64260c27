//! Requests without what a way to read adds to them, and the bodies of answers.

use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt, Full};
use hyper::{
    HeaderMap, Method, Request, Response, Uri, Version,
    body::{Body, Incoming},
    header::{CONTENT_LENGTH, HeaderValue},
};
use wire::Coding;

use crate::{
    failure::{Failure, LONGEST_ANSWER},
    socket::{content::Unpack, network::Network},
};

/// Returns a request that says `draft` in a room.
pub(crate) fn say(
    network: &Network,
    path: &str,
    draft: Bytes,
) -> Result<Request<Full<Bytes>>, Failure> {
    let mut request = request(network, path, draft)?;
    *request.method_mut() = Method::POST;
    request.headers_mut().clone_from(&network.headers.say);
    Ok(request)
}

/// Returns a request for `path` with nothing in it but `body`.
pub(crate) fn request(
    network: &Network,
    path: &str,
    body: Bytes,
) -> Result<Request<Full<Bytes>>, Failure> {
    let mut request = Request::new(Full::new(body));
    *request.uri_mut() = uri(&network.path(path))?;
    Ok(request)
}

/// Tells the length of an empty body where the method is one that brings content (RFC 9110, section
/// 8.6). Browsers send it, hyper does not by itself, and some servers refuse a request without it.
pub(crate) fn tell_empty(request: &mut Request<Full<Bytes>>) {
    let brings = matches!(
        *request.method(),
        Method::POST | Method::PUT | Method::PATCH
    );
    if brings && request.body().is_end_stream() {
        let none = HeaderValue::from_static("0");
        request.headers_mut().insert(CONTENT_LENGTH, none);
    }
}

fn uri(path: &str) -> Result<Uri, Failure> {
    path.parse()
        .map_err(|_| Failure::Protocol("what was asked for is no path".to_owned()))
}

/// Returns what an answer to a request for this coding needs to be unpacked.
///
/// # Errors
/// Fails if the answer came in another coding, or in none.
pub(crate) fn unpack_as(
    coding: Option<Coding>,
    headers: &HeaderMap,
) -> Result<Option<Unpack>, Failure> {
    let unpack = Unpack::of(headers)?;
    match coding {
        Some(coding)
            if !unpack
                .as_ref()
                .is_some_and(|one| one.is_only(coding.name())) =>
        {
            Err(Failure::NotCoded(coding.name()))
        }
        _ => Ok(unpack),
    }
}

/// Returns all of an answer's body, unpacked.
pub(crate) async fn whole_body(response: Response<Incoming>) -> Result<Bytes, Failure> {
    let unpack = Unpack::of(response.headers())?;
    let body = if response.version() == Version::HTTP_2 {
        bounded(response.into_body()).await?
    } else {
        response.into_body().collect().await?.to_bytes()
    };
    match unpack {
        None => Ok(body),
        Some(unpack) => unpack.whole(&body),
    }
}

/// Returns a body whose connection has no bound to its bytes, because it carries other answers too.
async fn bounded(mut body: Incoming) -> Result<Bytes, Failure> {
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        if let Some(piece) = frame?.data_ref() {
            if (whole.len() + piece.len()) as u64 > LONGEST_ANSWER {
                return Err(Failure::TooLong("a response", LONGEST_ANSWER));
            }
            whole.extend_from_slice(piece);
        }
    }
    Ok(whole.freeze())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_body_has_a_length_where_the_method_brings_content() {
        for (method, body, told) in [
            (Method::POST, "", Some("0")),
            (Method::PUT, "", Some("0")),
            (Method::PATCH, "", Some("0")),
            // hyper tells that of content itself.
            (Method::POST, "a", None),
            (Method::GET, "", None),
        ] {
            let mut request = Request::new(Full::from(body));
            *request.method_mut() = method.clone();
            tell_empty(&mut request);
            let length = request.headers().get(CONTENT_LENGTH);
            let length = length.map(|length| length.to_str().unwrap());
            assert_eq!(length, told, "{method} {body}");
        }
    }
}
