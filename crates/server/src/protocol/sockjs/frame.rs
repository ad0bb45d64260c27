//! The frames of SockJS: o, h, a and c.

use crate::room::wrapping::quoted;

/// The session is open.
pub(super) const OPEN: &str = "o";
/// The heartbeat frame, which is sent after a long silence.
pub(super) const HEARTBEAT: &str = "h";
/// The session is over.
pub(super) const GO_AWAY: &str = "c[3000,\"Go away!\"]";
/// The close frame for a second connection to a session that is in use.
pub(super) const TAKEN: &str = "c[2010,\"Another connection still open\"]";

/// Makes an array frame of one message.
pub(super) fn message(text: &str) -> String {
    format!("a[{}]", quoted(text))
}

/// The messages that a client sent in one request or one WebSocket frame.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Sent {
    Messages(Vec<String>),
    /// The body is empty, or it is JSON but no array of strings.
    NoPayload,
    /// The body is no JSON.
    Broken,
}

impl Sent {
    /// Reads what a client sent.
    pub(super) fn parse(text: &[u8]) -> Self {
        if text.is_empty() {
            return Self::NoPayload;
        }
        match serde_json::from_slice::<Vec<String>>(text) {
            Ok(messages) => Self::Messages(messages),
            Err(error) if error.is_data() => Self::NoPayload,
            Err(_) => Self::Broken,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_clients_send() {
        let messages =
            |texts: &[&str]| Sent::Messages(texts.iter().map(|&text| text.into()).collect());
        assert_eq!(Sent::parse(b"[\"a\",\"b\"]"), messages(&["a", "b"]));
        assert_eq!(Sent::parse(b"[]"), messages(&[]));
        for none in ["", "{}", "7", "\"a\"", "[1]", "[[\"a\"]]", "null"] {
            assert_eq!(Sent::parse(none.as_bytes()), Sent::NoPayload, "{none}");
        }
        for broken in ["[\"a\"", "x", "[\"a\"]]", "\u{1e}"] {
            assert_eq!(Sent::parse(broken.as_bytes()), Sent::Broken, "{broken}");
        }
        assert_eq!(Sent::parse(b"[\"\xff\"]"), Sent::Broken);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            let _ = Sent::parse(&bytes);
        }
    }
}
