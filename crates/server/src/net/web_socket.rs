//! WebSockets after the handshake: reading and closing with tungstenite (RFC
//! 6455).

use std::time::Duration;

use futures_util::SinkExt;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    time::timeout,
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Error,
        error::ProtocolError,
        protocol::{
            Role, WebSocketConfig, WebSocketContext,
            frame::{CloseFrame, coding::CloseCode},
        },
    },
};
use wire::deflate::{Fault, offer::Agreement};

use crate::net::{deflated::Deflated, handover::Handover, stream::Stream};

/// The time that a client has to answer the server's close frame.
const PATIENCE: Duration = Duration::from_secs(2);
/// The size of a read buffer in bytes. tungstenite's default is 128 KiB for
/// each socket, which it fills with zeros at each read: too expensive with
/// thousands of readers.
const READ_BUFFER: usize = 4096;
/// The size of the read buffer of a reader in a room: most of them never send
/// anything.
const SMALL_READ_BUFFER: usize = 1024;

/// The server's end of a WebSocket.
pub(crate) type Socket = WebSocketStream<Stream>;

/// Makes a WebSocket that reads and writes, and takes messages of up to `limit`
/// bytes.
pub(crate) async fn socket(handover: Handover, limit: usize) -> Socket {
    let config = Some(config(limit, READ_BUFFER));
    let Handover { stream, early } = handover;
    WebSocketStream::from_partially_read(stream, early, Role::Server, config).await
}

/// Makes the same of one whose messages are compressed as the handshake agreed.
pub(crate) async fn deflated(
    handover: Handover,
    agreement: Agreement,
    limit: usize,
) -> WebSocketStream<Deflated> {
    let config = Some(config(limit, READ_BUFFER));
    let stream = Deflated::new(handover, agreement, limit);
    WebSocketStream::from_raw_socket(stream, Role::Server, config).await
}

/// Makes the reading half of a WebSocket whose frames are written elsewhere.
pub(crate) fn reader(early: Vec<u8>, limit: usize) -> WebSocketContext {
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

/// Sends a whole frame that was prepared before. Returns `None` if the client is gone, or takes
/// nothing of it for as long as `write_timeout`.
///
/// The frame goes past tungstenite, which would copy it into a buffer of its own. Bytes that
/// tungstenite still holds (half a pong) must be out before.
pub(crate) async fn send(socket: &mut Socket, frame: &[u8], write_timeout: Duration) -> Option<()> {
    timeout(write_timeout, socket.flush()).await.ok()?.ok()?;
    let mut rest = frame;
    while !rest.is_empty() {
        let written = timeout(write_timeout, socket.get_mut().write(rest)).await;
        let count = written.ok()?.ok()?;
        if count == 0 {
            return None;
        }
        rest = &rest[count..];
    }
    Some(())
}

/// Makes a close frame with its reason.
#[expect(
    clippy::unnecessary_wraps,
    reason = "the callers return it where a client that left gets none"
)]
pub(crate) fn close_frame(code: CloseCode, reason: &'static str) -> Option<CloseFrame> {
    Some(CloseFrame {
        code,
        reason: reason.into(),
    })
}

/// Returns the close frame that answers a frame that cannot be read (section
/// 7.4.1); `None` where no client is left to be answered.
pub(crate) fn fault(error: &Error) -> Option<CloseFrame> {
    match error {
        Error::Capacity(_) => close_frame(CloseCode::Size, "the message is longer than the limit"),
        // What is found beneath tungstenite, where messages are inflated.
        Error::Io(error) => match error.get_ref()?.downcast_ref()? {
            Fault::TooLong(_) => {
                close_frame(CloseCode::Size, "the message is longer than the limit")
            }
            Fault::Broken => close_frame(CloseCode::Invalid, "the message cannot be inflated"),
            Fault::Frame => close_frame(CloseCode::Protocol, "not a frame that may come here"),
        },
        Error::Utf8(_) => close_frame(CloseCode::Invalid, "text is UTF-8"),
        Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => None,
        Error::Protocol(_) => close_frame(CloseCode::Protocol, "not a frame that may come here"),
        _ => None,
    }
}

/// Closes a WebSocket in the order of section 7.1.1: the server's close frame,
/// or its answer to the client's; the end of the server's side; then the
/// client's.
///
/// Data that the client still sends is read and dropped. Closing with unread bytes would reset the
/// connection, and the reset could overtake the server's close frame.
pub(crate) async fn close<S>(mut socket: WebSocketStream<S>, close_frame: Option<CloseFrame>)
where
    S: AsyncRead + AsyncWrite + AsMut<Stream> + Unpin,
{
    let goodbye = async {
        match close_frame {
            Some(frame) => socket.close(Some(frame)).await.ok()?,
            None => socket.flush().await.ok()?,
        }
        socket.get_mut().shutdown().await.ok()?;
        let stream = socket.get_mut().as_mut();
        let mut dropped = [0; 1024];
        while stream.read(&mut dropped).await.ok()? > 0 {}
        Some(())
    };
    // A client that is gone, or does not answer, is let go without a word.
    let _ = timeout(PATIENCE, goodbye).await;
}
