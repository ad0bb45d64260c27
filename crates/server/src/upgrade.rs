//! From HTTP to WebSocket, and out of it again (RFC 6455).

use std::time::Duration;

use futures_util::SinkExt;
use hyper::{
    HeaderMap, Request, StatusCode, Version,
    body::Incoming,
    header::{self, HeaderName, HeaderValue},
    upgrade::OnUpgrade,
};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Error,
        error::ProtocolError,
        handshake::derive_accept_key,
        protocol::{
            Role, WebSocketConfig,
            frame::{CloseFrame, coding::CloseCode},
        },
    },
};

use crate::{
    origin,
    pieces::Pieces,
    refusal::Refusal,
    reply::{self, Reply},
    settings::Settings,
};

/// How long a client may take to answer our goodbye.
const PATIENCE: Duration = Duration::from_secs(2);
/// tungstenite's own read buffer is 128 KiB for each socket, which it fills
/// with zeros at each read: ruinous with thousands of readers.
const READ_BUFFER: usize = 4096;

/// The server's end of a WebSocket.
pub(crate) type Socket = WebSocketStream<TcpStream>;

/// A connection that will speak WebSocket once its 101 is sent.
#[derive(Debug)]
pub(crate) struct Upgrade {
    connection: OnUpgrade,
}

/// Checks an opening handshake and answers it (section 4.2). Offers of
/// extensions (permessage-deflate) and subprotocols are not taken up, which is
/// said by not mentioning them.
pub(crate) fn accept(
    request: &mut Request<Incoming>,
    settings: &Settings,
) -> Result<(Reply, Upgrade), Refusal> {
    let headers = request.headers();
    let asked = request.version() == Version::HTTP_11
        && lists(headers, &header::CONNECTION, "upgrade")
        && lists(headers, &header::UPGRADE, "websocket");
    if !asked {
        return Err(Refusal::NoUpgrade);
    }
    if headers.get(header::SEC_WEBSOCKET_VERSION) != Some(&HeaderValue::from_static("13")) {
        return Err(Refusal::Version);
    }
    let key = headers
        .get(header::SEC_WEBSOCKET_KEY)
        .filter(|key| is_key(key.as_bytes()));
    let accept = derive_accept_key(key.ok_or(Refusal::Key)?.as_bytes());
    origin::check(headers, settings)?;

    let mut reply = reply::empty(StatusCode::SWITCHING_PROTOCOLS);
    reply::offer_upgrade(reply.headers_mut());
    // Base64 is always a header value.
    let accept = HeaderValue::try_from(accept).map_err(|_| Refusal::Key)?;
    reply
        .headers_mut()
        .insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    let connection = hyper::upgrade::on(request);
    Ok((reply, Upgrade { connection }))
}

impl Upgrade {
    /// The WebSocket, which takes messages of up to `limit` bytes. `None` if
    /// the connection ended before it came to that.
    pub(crate) async fn socket(&mut self, limit: usize) -> Option<Socket> {
        let upgraded = (&mut self.connection).await.ok()?;
        let parts = upgraded.downcast::<TokioIo<TcpStream>>().ok()?;
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .write_buffer_size(0)
            .max_message_size(Some(limit))
            .max_frame_size(Some(limit));
        // A client may send its first frames right behind the handshake.
        let early = parts.read_buf.to_vec();
        let stream = parts.io.into_inner();
        Some(WebSocketStream::from_partially_read(stream, early, Role::Server, Some(config)).await)
    }
}

/// Sends whole frames that were prepared before, in one write.
///
/// They go past tungstenite, which would copy each into a buffer of its own.
/// What it may still hold (half a pong) must be out before.
pub(crate) async fn send(socket: &mut Socket, mut frames: Pieces) -> Result<(), Error> {
    socket.flush().await?;
    Ok(socket.get_mut().write_all_buf(&mut frames).await?)
}

/// A close frame with its reason.
#[expect(
    clippy::unnecessary_wraps,
    reason = "the callers return it where a client that left gets none"
)]
pub(crate) fn farewell(code: CloseCode, reason: &'static str) -> Option<CloseFrame> {
    Some(CloseFrame {
        code,
        reason: reason.into(),
    })
}

/// What to answer to a frame that cannot be read (section 7.4.1). `None` where
/// there is nobody left to answer.
pub(crate) fn fault(error: &Error) -> Option<CloseFrame> {
    match error {
        Error::Capacity(_) => farewell(CloseCode::Size, "the message is longer than the limit"),
        Error::Utf8(_) => farewell(CloseCode::Invalid, "text is UTF-8"),
        Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => None,
        Error::Protocol(_) => farewell(CloseCode::Protocol, "not a frame that may come here"),
        _ => None,
    }
}

/// Closes a WebSocket in the order of section 7.1.1: our close frame, or the
/// answer to the client's; the end of our side; then the client's.
///
/// What the client still sends is read and dropped. Closing with unread bytes
/// would reset the connection, and the reset could overtake our close frame.
pub(crate) async fn close(mut socket: Socket, farewell: Option<CloseFrame>) {
    let goodbye = async {
        match farewell {
            Some(frame) => socket.close(Some(frame)).await.ok()?,
            None => socket.flush().await.ok()?,
        }
        let stream = socket.get_mut();
        stream.shutdown().await.ok()?;
        let mut dropped = [0; 1024];
        while stream.read(&mut dropped).await.ok()? > 0 {}
        Some(())
    };
    // A client that is gone, or does not answer, is let go without a word.
    let _ = timeout(PATIENCE, goodbye).await;
}

/// Whether a header's comma-separated list names `word`.
fn lists(headers: &HeaderMap, name: &HeaderName, word: &str) -> bool {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|listed| listed.trim().eq_ignore_ascii_case(word))
}

/// Whether it is 16 bytes in base64 (section 4.2.1): 22 characters, the last of
/// which carries two bits, and two of padding.
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
