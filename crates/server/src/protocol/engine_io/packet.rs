//! The packets of Engine.IO: a digit, and what it carries.

/// The byte between two packets of one payload (RS, "record separator"). JSON
/// text cannot contain it.
pub(super) const SEPARATOR: u8 = 0x1e;

/// A ping, which only the server sends.
pub(super) const PING: &str = "2";
/// The end of the session.
pub(super) const CLOSE: &str = "1";
/// A packet without meaning: it releases a poll that is held.
pub(super) const NOOP: &str = "6";
/// The question whether a WebSocket gets through, and its answer.
pub(super) const PROBE: (&str, &str) = ("2probe", "3probe");
/// The change to the WebSocket.
pub(super) const UPGRADE: &str = "5";

/// A packet from a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packet<'a> {
    /// The session ends.
    Close,
    /// The answer to a ping.
    Pong,
    /// A message of Socket.IO.
    Message(&'a str),
    /// A packet that has no meaning here and does no harm.
    Idle,
}

impl<'a> Packet<'a> {
    /// Reads a packet; `None` if a client may not send it: no known type, bytes
    /// (`b` on a poll), or a ping, which only the server sends.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        match text.as_bytes().first()? {
            b'1' => Some(Self::Close),
            b'3' => Some(Self::Pong),
            b'4' => Some(Self::Message(&text[1..])),
            b'0' | b'5' | b'6' => Some(Self::Idle),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets() {
        assert_eq!(Packet::parse("4hello"), Some(Packet::Message("hello")));
        assert_eq!(Packet::parse("4"), Some(Packet::Message("")));
        assert_eq!(Packet::parse("3"), Some(Packet::Pong));
        assert_eq!(Packet::parse("1"), Some(Packet::Close));
        for bad in [
            "", "2", "2probe", "7", "9", "bAQID", "x", "\u{e4}", "\u{1e}",
        ] {
            assert_eq!(Packet::parse(bad), None, "{bad:?}");
        }
    }
}
