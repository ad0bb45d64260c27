//! The next text frame of a WebSocket, for the reader of frames and for the opening of a
//! library's session.

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::failure::Failure;

/// Waits for the next text frame.
pub(super) async fn next_text<S>(frames: &mut S) -> Result<Bytes, Failure>
where
    S: Stream<Item = Result<Message, Error>> + Unpin,
{
    loop {
        match frames.next().await.ok_or(Failure::Closed)?? {
            Message::Text(text) => return Ok(text.into()),
            // Ours sends none; others may send JSON so.
            Message::Binary(bytes) => return Ok(bytes),
            Message::Close(frame) => {
                return Err(frame.map_or(Failure::Closed, |frame| {
                    Failure::ClosedWith(frame.code.into())
                }));
            }
            _ => {}
        }
    }
}
