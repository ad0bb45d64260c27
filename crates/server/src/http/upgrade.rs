//! From HTTP to WebSocket, and out of it again (RFC 6455).

use std::{io, time::Duration};

use futures_util::SinkExt;
use hyper::{
    HeaderMap, Request, StatusCode, Version,
    header::{self, HeaderName, HeaderValue},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Error, Message,
        error::ProtocolError,
        handshake::derive_accept_key,
        protocol::{
            Role, WebSocketConfig, WebSocketContext,
            frame::{CloseFrame, coding::CloseCode},
        },
    },
};

use crate::{
    connection::Taken,
    http::{
        origin,
        refusal::Refusal,
        reply::{self, Reply},
    },
    net::tap::Stream,
    room::live::Live,
    settings::Settings,
};

/// How long a client may take to answer our goodbye.
const PATIENCE: Duration = Duration::from_secs(2);
/// tungstenite's own read buffer is 128 KiB for each socket, which it fills
/// with zeros at each read: ruinous with thousands of readers.
const READ_BUFFER: usize = 4096;
/// For a reader in a room: most of them never say anything.
const SMALL_READ_BUFFER: usize = 1024;

/// The server's end of a WebSocket.
pub(crate) type Socket = WebSocketStream<Stream>;

/// Checks an opening handshake and answers it (section 4.2). Offers of
/// extensions (permessage-deflate) and subprotocols are not taken up, which is
/// said by not mentioning them.
pub(crate) fn accept(request: &Request<impl Sized>, settings: &Settings) -> Result<Reply, Refusal> {
    let headers = request.headers();
    let asked = request.version() == Version::HTTP_11
        && lists(headers, &header::CONNECTION, "upgrade")
        && lists(headers, &header::UPGRADE, "websocket");
    if !asked {
        return Err(Refusal::NoUpgrade);
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

/// A WebSocket of its own, which takes messages of up to `limit` bytes.
pub(crate) async fn socket(taken: Taken, limit: usize) -> Socket {
    let config = Some(config(limit, READ_BUFFER));
    let Taken { stream, early } = taken;
    WebSocketStream::from_partially_read(stream, early, Role::Server, config).await
}

/// The reading half of a WebSocket whose frames are written elsewhere.
pub(crate) fn hearing(early: Vec<u8>, limit: usize) -> WebSocketContext {
    let config = Some(config(limit, SMALL_READ_BUFFER));
    WebSocketContext::from_partially_read(early, Role::Server, config)
}

fn config(limit: usize, read_buffer: usize) -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(read_buffer)
        .write_buffer_size(0)
        .max_message_size(Some(limit))
        .max_frame_size(Some(limit))
}

/// The next message, if one is there and the client listens: whoever does not
/// cannot shout.
pub(crate) fn hear(live: &Live, hearing: &mut WebSocketContext) -> Option<Result<Message, Error>> {
    if !live.is_free() {
        return None;
    }
    match hearing.read(&mut live.wire()) {
        Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => None,
        heard => Some(heard),
    }
}

/// Closes a reader's WebSocket, in the order of [`close`].
pub(crate) async fn part(live: Live, mut hearing: WebSocketContext, farewell: Option<CloseFrame>) {
    // Errors show when the rest is written: this does not wait.
    let _ = match farewell {
        Some(frame) => hearing.close(&mut live.wire(), Some(frame)),
        None => hearing.flush(&mut live.wire()),
    };
    drop(hearing);
    // Boxed, as it is not needed before the very end.
    Box::pin(live.part(true)).await;
}

/// Sends a whole frame that was prepared before.
///
/// It goes past tungstenite, which would copy it into a buffer of its own.
/// What that may still hold (half a pong) must be out before.
pub(crate) async fn send(socket: &mut Socket, frame: &[u8]) -> Result<(), Error> {
    socket.flush().await?;
    Ok(socket.get_mut().write_all(frame).await?)
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

/// Returns the value of a header that is there exactly once.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a HeaderValue> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?;
    values.next().is_none().then_some(first)
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
