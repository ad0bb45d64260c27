//! From HTTP to WebSocket: the request that asks for it (RFC 6455, section 4.1).

use hyper::{
    Request,
    header::{CONNECTION, HeaderValue, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE},
};
use tokio_tungstenite::tungstenite::handshake::client::generate_key;

use crate::{failure::Failure, transport::Reader};

/// The opening handshake at `path`, with the profile's headers.
pub(crate) fn request(reader: &Reader, path: &str) -> Result<Request<()>, Failure> {
    let network = &reader.network;
    let mut request = Request::new(());
    *request.uri_mut() = format!("ws://{}{}", network.target.host, network.path(path))
        .parse()
        .map_err(|_| Failure::Protocol("the target makes no URL".to_owned()))?;
    let headers = request.headers_mut();
    headers.clone_from(&network.headers.read);
    if let Some(place) = &reader.foreign {
        place.add_headers(headers);
    }
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
    let key = HeaderValue::from_str(&generate_key())
        .map_err(|error| Failure::Protocol(error.to_string()))?;
    headers.insert(SEC_WEBSOCKET_KEY, key);
    Ok(request)
}
