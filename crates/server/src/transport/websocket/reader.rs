//! The reading half of a WebSocket.
//!
//! Most clients never send anything but pongs: what takes frames apart is made when other bytes come.

use std::io::{self, Read};

use bytes::Bytes;
use tokio_tungstenite::tungstenite::{
    Error, Message,
    error::ProtocolError,
    protocol::{WebSocketContext, frame::CloseFrame},
};
use wire::deflate::{Inflater, frames::Incoming, offer::Agreement};

use crate::{
    net::web_socket,
    room::{socket_io::Inflated, subscriber::Subscriber},
};

/// The number of bytes that are read at first.
const FIRST: usize = 1024;
/// The first byte of a pong (RFC 6455, section 5.2).
const PONG: u8 = 0x8A;
/// The bit of the second byte that says that a frame is masked.
const MASKED: u8 = 0x80;
/// The number of bytes of a mask.
const MASK: usize = 4;
/// The length, in bytes, of the longest content of a pong (section 5.5).
const LONGEST_PONG: u8 = 125;

/// The reading half of a WebSocket.
pub(super) struct Reader {
    /// The state of the frames that come; none before the first that is no pong.
    context: Option<Box<WebSocketContext>>,
    /// The frames as they come compressed; boxed, as most clients send none.
    incoming: Option<Box<Incoming>>,
    /// The length, in bytes, of the longest message.
    limit: usize,
}

impl Reader {
    /// Makes the reading half of a connection that brought `early` bytes already, for messages of
    /// up to `limit` bytes.
    pub(super) fn new(early: Vec<u8>, deflate: Option<Agreement>, limit: usize) -> Self {
        let mut reader = Self {
            context: None,
            incoming: None,
            limit,
        };
        if let Some(agreement) = deflate {
            let mut incoming = Incoming::new(Inflater::new(agreement.client_keeps, limit));
            incoming.push(&early);
            reader.incoming = Some(Box::new(incoming));
        } else if !early.is_empty() {
            reader.context = Some(Box::new(web_socket::reader(early, limit)));
        }
        reader
    }

    /// Returns the next message, if one is there and the socket took all that was
    /// written: a client that does not read is not read from.
    pub(super) fn hear(&mut self, subscriber: &Subscriber) -> Option<Result<Message, Error>> {
        if !subscriber.is_free() {
            return None;
        }
        match self.read(subscriber) {
            Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => None,
            read => Some(read),
        }
    }

    fn read(&mut self, subscriber: &Subscriber) -> Result<Message, Error> {
        let is_first = self.context.is_none() && self.incoming.is_none();
        let early = if is_first {
            first_bytes(subscriber)?
        } else {
            Vec::new()
        };
        if is_pong(&early) {
            // Nobody asks what is in it.
            return Ok(Message::Pong(Bytes::new()));
        }
        let limit = self.limit;
        let make = || Box::new(web_socket::reader(early, limit));
        let context = self.context.get_or_insert_with(make);
        let socket = subscriber.socket_io();
        match &mut self.incoming {
            None => context.read(&mut { socket }),
            Some(incoming) => context.read(&mut Inflated { socket, incoming }),
        }
    }

    /// Writes the server's close frame, or the rest of its answer to the client's.
    pub(super) fn close(&mut self, subscriber: &Subscriber, close_frame: Option<CloseFrame>) {
        let limit = self.limit;
        let make = || Box::new(web_socket::reader(Vec::new(), limit));
        let context = self.context.get_or_insert_with(make);
        // Errors show when the rest is written: this does not wait.
        let _ = match close_frame {
            Some(frame) => context.close(&mut subscriber.socket_io(), Some(frame)),
            None => context.flush(&mut subscriber.socket_io()),
        };
    }
}

/// Reads the first bytes of a client, without waiting. Its end is the error that tungstenite makes of
/// it.
fn first_bytes(subscriber: &Subscriber) -> Result<Vec<u8>, Error> {
    let mut buffer = [0; FIRST];
    match subscriber.socket_io().read(&mut buffer)? {
        0 => Err(ProtocolError::ResetWithoutClosingHandshake.into()),
        count => Ok(buffer[..count].to_vec()),
    }
}

/// Returns whether these bytes are one pong of a client, whole, and nothing else.
fn is_pong(received: &[u8]) -> bool {
    let [PONG, length, rest @ ..] = received else {
        return false;
    };
    let content = length & !MASKED;
    let is_masked = length & MASKED != 0;
    is_masked && content <= LONGEST_PONG && rest.len() == MASK + usize::from(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pong_is_one_whole_frame_as_clients_send_it() {
        for pong in [&[PONG, 0x80, 1, 2, 3, 4][..], &[PONG, 0x81, 1, 2, 3, 4, 5]] {
            assert!(is_pong(pong), "{pong:?}");
            assert!(!is_pong(&pong[..pong.len() - 1]), "{pong:?}");
            assert!(!is_pong(&[pong, pong].concat()), "{pong:?}");
        }
        for other in [
            &[][..],
            // Without a mask, a ping, not the last of its message, with a reserved bit.
            &[PONG, 0],
            &[0x89, 0x80, 1, 2, 3, 4],
            &[0x0A, 0x80, 1, 2, 3, 4],
            &[0xCA, 0x80, 1, 2, 3, 4],
        ] {
            assert!(!is_pong(other), "{other:?}");
        }
        // Longer than a pong may be: the length is in the two bytes that follow.
        let mut long = vec![PONG, 0xFE, 0, 126];
        long.resize(2 + MASK + 126, 0);
        assert!(!is_pong(&long));
    }
}
