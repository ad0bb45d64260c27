//! Requests without what a way to read adds to them, and the bodies of answers.

use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt, Full};
use hyper::{HeaderMap, Method, Request, Response, Uri, Version, body::Incoming};
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
