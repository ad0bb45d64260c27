//! The next text frame of a WebSocket, for the reader of frames and for the opening of a
//! library's session.

use bytes::Bytes;
use futures_util::{FutureExt, Stream, StreamExt};
use tokio_tungstenite::tungstenite::{
    Error, Message,
    protocol::{CloseFrame, frame::coding::CloseCode},
};

use crate::failure::Failure;

/// The reason that tungstenite puts, with code 1002, in place of a close frame whose code no
/// frame may carry.
const REPLACED: &str = "Protocol violation";

/// Waits for the next text frame. A close frame is answered.
pub(super) async fn next_text<S>(frames: &mut S) -> Result<Bytes, Failure>
where
    S: Stream<Item = Result<Message, Error>> + Unpin,
{
    loop {
        match frames.next().await.ok_or(Failure::Closed)?? {
            Message::Text(text) => return Ok(text.into()),
            // Our server sends no binary frames; others may send JSON in them.
            Message::Binary(bytes) => return Ok(bytes),
            Message::Close(frame) => {
                // tungstenite has the answer ready (RFC 6455, section 5.5.1), and sends it at the next look.
                let _ = frames.next().now_or_never();
                return Err(closed(frame.as_ref()));
            }
            _ => {}
        }
    }
}

/// Returns what the close frame of a server means.
fn closed(frame: Option<&CloseFrame>) -> Failure {
    match frame {
        None => Failure::ClosedWithoutCode,
        Some(CloseFrame {
            code: CloseCode::Protocol,
            reason,
        }) if reason.as_str() == REPLACED => Failure::ClosedWithNoSuchCode,
        Some(frame) => Failure::ClosedWith(frame.code.into()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use tokio_tungstenite::tungstenite::{WebSocket, protocol::Role};

    use super::*;

    /// Returns what a client makes of a close frame with this payload.
    fn said(payload: &[u8]) -> String {
        let mut frame = vec![0x88, u8::try_from(payload.len()).unwrap()];
        frame.extend_from_slice(payload);
        let mut socket = WebSocket::from_raw_socket(Cursor::new(frame), Role::Client, None);
        match socket.read().unwrap() {
            Message::Close(frame) => closed(frame.as_ref()).to_string(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_close_frame_says_which_code_was_given_if_any_was() {
        assert_eq!(said(b""), "closed by the server without a code");
        // 1014 was registered after RFC 6455, and tungstenite does not tell it from these.
        for forbidden in [999_u16, 1004, 1005, 1006, 1014, 1015, 2999] {
            assert_eq!(
                said(&forbidden.to_be_bytes()),
                "closed by the server with a code that no frame may carry, such as 1005 (no code \
                 given), or with 1014 (bad gateway)",
                "{forbidden}"
            );
        }
        for code in [1000_u16, 1001, 1002, 1011, 3000, 4999] {
            let text = format!("closed by the server with code {code}");
            assert_eq!(said(&code.to_be_bytes()), text);
        }
        let reasoned = [&1002_u16.to_be_bytes()[..], b"masked"].concat();
        assert_eq!(said(&reasoned), "closed by the server with code 1002");
    }
}
