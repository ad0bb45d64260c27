//! The packets of Socket.IO: <https://socket.io/docs/v4/socket-io-protocol/>
//! (revision 5), the text part; nothing here is binary.

use serde_json::value::RawValue;

/// The names that a library uses for itself, and that nobody may emit.
const RESERVED: [&str; 6] = [
    "connect",
    "connect_error",
    "disconnect",
    "disconnecting",
    "newListener",
    "removeListener",
];

/// A packet from a client.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Packet<'a> {
    pub(crate) kind: Kind,
    /// The namespace; `/` where none is named.
    pub(crate) namespace: &'a str,
    /// The number under which the client waits for an acknowledgement.
    pub(crate) id: Option<u64>,
    /// The JSON after it; empty if there is none.
    pub(crate) payload: &'a str,
}

/// The kind of a packet. Those with binary parts are not understood, because no
/// draft is binary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Connect,
    Disconnect,
    Event,
    Ack,
}

impl<'a> Packet<'a> {
    /// Reads a packet; `None` if it is none that a client may send.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let kind = match text.as_bytes().first()? {
            b'0' => Kind::Connect,
            b'1' => Kind::Disconnect,
            b'2' => Kind::Event,
            b'3' => Kind::Ack,
            _ => return None,
        };
        let rest = &text[1..];
        let (namespace, rest) = match rest.strip_prefix('/') {
            Some(_) => rest.split_once(',').unwrap_or((rest, "")),
            None => ("/", rest),
        };
        // A query behind the namespace is a habit of old clients.
        let namespace = namespace.split('?').next().unwrap_or(namespace);
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, payload) = rest.split_at(digits);
        let id = match number {
            "" => None,
            _ => Some(number.parse().ok()?),
        };
        Some(Self {
            kind,
            namespace,
            id,
            payload,
        })
    }
}

/// An event that a client emits: its name, and its first argument.
#[derive(Debug)]
pub(crate) struct Emitted<'a> {
    pub(crate) name: String,
    pub(crate) argument: Option<&'a RawValue>,
}

impl<'a> Emitted<'a> {
    /// Reads the payload of an event: an array whose first item is the name.
    pub(crate) fn parse(payload: &'a str) -> Option<Self> {
        let items: Vec<&RawValue> = serde_json::from_str(payload).ok()?;
        let name: String = serde_json::from_str(items.first()?.get()).ok()?;
        let argument = items.get(1).copied();
        (!RESERVED.contains(&name.as_str())).then_some(Self { name, argument })
    }
}

/// Encodes an event to this client alone, inside a message of Engine.IO.
pub(crate) fn event(name: &str, json: &str) -> String {
    format!("42[\"{name}\",{json}]")
}

/// Encodes an acknowledgement, inside a message of Engine.IO.
pub(crate) fn ack(id: u64, json: &str) -> String {
    format!("43{id}[{json}]")
}

/// Returns JSON that was encoded here as text.
pub(super) fn text(json: &[u8]) -> String {
    String::from_utf8_lossy(json).into_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn packets_of_the_protocols_document() {
        let packet = |kind, namespace, id, payload| {
            Some(Packet {
                kind,
                namespace,
                id,
                payload,
            })
        };
        for (text, parsed) in [
            ("0", packet(Kind::Connect, "/", None, "")),
            (
                "0{\"token\":\"123\"}",
                packet(Kind::Connect, "/", None, "{\"token\":\"123\"}"),
            ),
            (
                "0/admin,{\"token\":\"123\"}",
                packet(Kind::Connect, "/admin", None, "{\"token\":\"123\"}"),
            ),
            ("0/admin", packet(Kind::Connect, "/admin", None, "")),
            ("1/admin,", packet(Kind::Disconnect, "/admin", None, "")),
            ("2[\"foo\"]", packet(Kind::Event, "/", None, "[\"foo\"]")),
            (
                "2/admin,12[\"foo\"]",
                packet(Kind::Event, "/admin", Some(12), "[\"foo\"]"),
            ),
            (
                "313[\"bar\"]",
                packet(Kind::Ack, "/", Some(13), "[\"bar\"]"),
            ),
        ] {
            assert_eq!(Packet::parse(text), parsed, "{text}");
        }
        for none in [
            "",
            "4{\"message\":\"x\"}",
            "51-[\"baz\",{\"_placeholder\":true,\"num\":0}]",
            "7",
            "x",
            "\u{e4}",
            "299999999999999999999[\"foo\"]",
        ] {
            assert_eq!(Packet::parse(none), None, "{none}");
        }
    }

    #[test]
    fn an_event_has_a_name_that_is_not_reserved() {
        let emitted = Emitted::parse("[\"foo\", {\"a\":1}, 2]").unwrap();
        assert_eq!(emitted.name, "foo");
        assert_eq!(emitted.argument.unwrap().get(), "{\"a\":1}");
        for bad in [
            "",
            "{}",
            "[]",
            "[1]",
            "[\"connect\"]",
            "[\"foo\"",
            "[\"foo\"]]",
        ] {
            assert!(Emitted::parse(bad).is_none(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,60}", digits in "[0-6][0-9/,\\[\\]\"a-z-]{0,30}") {
            for text in [text, digits] {
                if let Some(packet) = Packet::parse(&text) {
                    let _ = Emitted::parse(packet.payload);
                }
            }
        }
    }
}
