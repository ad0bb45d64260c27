//! The packets of Engine.IO and Socket.IO, and the frames of SockJS, as far as their first bytes
//! determine their purpose.

use wire::Protocol;

use crate::{Direction, Purpose, kind::Kind};

/// The number of bytes of a name that are kept: those of the longest known one.
const LONGEST: usize = 7;

/// The name of an event of Socket.IO, between the number before it and its first argument.
#[derive(Debug)]
pub(crate) struct Name {
    quotes: u8,
    len: usize,
    bytes: [u8; LONGEST],
}

impl Name {
    pub(crate) const fn new() -> Self {
        Self {
            quotes: 0,
            len: 0,
            bytes: [0; LONGEST],
        }
    }

    /// Takes the next byte; true if the arguments begin behind it, or the list ends with it.
    pub(crate) fn take(&mut self, byte: u8) -> bool {
        match (byte, self.quotes) {
            (b'"', _) => self.quotes = self.quotes.saturating_add(1),
            (_, 1) => {
                if let Some(slot) = self.bytes.get_mut(self.len) {
                    *slot = byte;
                }
                self.len += 1;
            }
            _ => {}
        }
        self.quotes >= 2 && matches!(byte, b',' | b']')
    }

    /// Returns the kind of the event: the names are the kinds of the wire contract, and two more.
    pub(crate) fn kind(&self) -> Kind {
        match self.bytes.get(..self.len) {
            Some(b"message" | b"gap") => Kind::Message,
            Some(b"join" | b"leave" | b"people") => Kind::Presence,
            Some(b"refused") => Kind::Answer,
            _ => Kind::Unknown,
        }
    }
}

/// Returns the purpose of a packet of `len` bytes that has no message and begins with `first`.
pub(crate) fn purpose(
    protocol: Protocol,
    direction: Direction,
    first: [u8; 2],
    len: usize,
) -> Purpose {
    let unknown = match direction {
        Direction::Up => Purpose::Say,
        Direction::Down => Purpose::Deliver,
    };
    match (protocol, first) {
        // The line with which a page without end begins is `<!doctype html>`.
        (Protocol::InPage | Protocol::SockjsInPage, [b'<', b'!'])
        | (Protocol::Sockjs | Protocol::SockjsInPage, [b'o', _]) => Purpose::Setup,
        // A stream begins with many of them, so that an old browser shows it.
        (Protocol::Sockjs, [b'h', _]) if len > 2 => Purpose::Setup,
        (Protocol::Sockjs | Protocol::SockjsInPage, [b'h', _]) => Purpose::Heartbeat,
        (Protocol::Sockjs | Protocol::SockjsInPage, [b'c', _]) => Purpose::Close,
        (Protocol::InPage | Protocol::Sockjs | Protocol::SockjsInPage, _) => unknown,
        (_, [b'2' | b'3', _]) if len == 1 => Purpose::Heartbeat,
        // A longer one is the probe before a change to a WebSocket.
        (_, [b'0' | b'2' | b'3' | b'5' | b'6', _] | [b'4', b'0' | b'4']) => Purpose::Setup,
        (_, [b'1', _] | [b'4', b'1']) => Purpose::Close,
        (_, [b'4', b'3']) => Purpose::Ack,
        _ => unknown,
    }
}
