//! The connections that may be open at once, in all and of one address.

use std::sync::Arc;

use tokio::net::TcpStream;

use crate::{
    address::Address,
    chat::Chat,
    net::notice::{Topic, tell},
    room::shares::Shares,
};

/// The answer to a connection beyond the limit of the server.
const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\n\
    retry-after: 5\r\nconnection: close\r\ncontent-length: 100\r\n\r\n\
    {\"error\":\"there are as many connections as there may be; try again later\",\"code\":\"connections_full\"}";
/// The answer to a connection beyond the limit of its address.
const MANY: &[u8] = b"HTTP/1.1 429 Too Many Requests\r\ncontent-type: application/json\r\n\
    retry-after: 5\r\nconnection: close\r\ncontent-length: 103\r\n\r\n\
    {\"error\":\"your address has as many connections as it may; close one or wait\",\"code\":\"many_connections\"}";

/// A connection that counts; dropping it makes room for another.
#[derive(Debug)]
pub(crate) struct Admitted {
    // The shares and not the chat: when the last connection is counted as gone, none holds the chat
    // any more.
    shares: Arc<Shares>,
    address: Address,
}

impl Admitted {
    /// Lets a connection in, or answers its client with the reason for refusing it. Where
    /// connections are evicted, one beyond the limit is let in if `evict` can end another.
    pub(crate) fn new(
        stream: &TcpStream,
        chat: &Arc<Chat>,
        address: Address,
        evict: impl FnOnce() -> bool,
    ) -> Option<Self> {
        let most = chat.settings.max_connections;
        let shares = &chat.rooms.shares;
        // The address is looked at first: a client beyond its own limit must not make another
        // connection end.
        if !shares.connect(address) {
            return refuse(stream, chat, ("many_connections", MANY), || {
                "one address has as many connections as it may; more are refused".to_owned()
            });
        }
        let is_full = shares.come() >= most;
        if is_full && !(chat.settings.evict && evicts(chat, most, evict)) {
            shares.go();
            shares.disconnect(address);
            return refuse(stream, chat, ("connections_full", FULL), || {
                format!("{most} connections are open, which is the limit; more are refused")
            });
        }
        Some(Self {
            shares: Arc::clone(shares),
            address,
        })
    }

    /// Returns the address that it came from.
    pub(crate) fn address(&self) -> Address {
        self.address
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        self.shares.disconnect(self.address);
        self.shares.go();
    }
}

/// Ends a connection that makes room for another; false if there is none.
fn evicts(chat: &Chat, most: usize, evict: impl FnOnce() -> bool) -> bool {
    if !evict() {
        return false;
    }
    if let Some(counters) = &chat.settings.counters {
        counters.evict();
    }
    tell(Topic::Refused, || {
        format!("{most} connections are open, which is the limit; the oldest make room")
    });
    true
}

/// Writes an answer before any request has come, as far as the socket takes it.
fn refuse<T>(
    stream: &TcpStream,
    chat: &Chat,
    (code, answer): (&'static str, &[u8]),
    notice: impl FnOnce() -> String,
) -> Option<T> {
    if let Some(counters) = &chat.settings.counters {
        counters.refuse(code);
    }
    // The socket is new: it takes that much, or its client is gone. Under TLS nobody could read it.
    if chat.settings.tls.is_none() {
        let _ = stream.try_write(answer);
    }
    tell(Topic::Refused, notice);
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answers_are_as_long_as_they_say() {
        for answer in [FULL, MANY] {
            let text = std::str::from_utf8(answer).unwrap();
            let (head, body) = text.split_once("\r\n\r\n").unwrap();
            let length = format!("content-length: {}", body.len());
            assert!(head.contains(&length), "{length}");
        }
    }
}
