//! The packets of a library's server, read as the library's client would.

use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;
use wire::{Glance, Kind, Protocol, Seq, codec};

use crate::{decoded::EventInfo, failure::Failure};

/// The byte between the packets of one answer to a poll of Engine.IO.
const SEPARATOR: u8 = 0x1e;

/// The answer to a draft: the number of its event, or why it was refused.
#[derive(Deserialize)]
struct Answer {
    seq: Option<Seq>,
    error: Option<String>,
}

/// The packet that opens a session of Engine.IO.
#[derive(Deserialize)]
struct Open {
    sid: String,
}

/// A packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Packet {
    /// The session is open; its id, where the server chose it.
    Opened(Option<String>),
    /// The client is in its room.
    Connected,
    /// An event or a notice of the room.
    Event(EventInfo),
    /// A draft was taken.
    Taken,
    /// A draft, or the client itself, was refused.
    Refused,
    /// A ping, which is answered.
    Ping,
    /// The session is over.
    Closed,
    /// A packet that asks for nothing.
    Nothing,
}

/// Reads a frame, a line or the answer to a poll.
///
/// # Errors
/// Fails if anything in it is not what the protocol says.
pub(crate) fn read(protocol: Protocol, bytes: &[u8]) -> Result<Vec<Packet>, Failure> {
    let wrong = || Failure::Envelope(protocol.title().unwrap_or_default());
    let text = std::str::from_utf8(bytes).map_err(|_| wrong())?;
    let packets = match protocol {
        Protocol::Sockjs | Protocol::SockjsInPage => frame(text.strip_suffix('\n').unwrap_or(text)),
        _ => text
            .split(char::from(SEPARATOR))
            .map(engine_io)
            .collect::<Option<Vec<_>>>(),
    };
    packets.ok_or_else(wrong)
}

/// Reads a packet of Engine.IO.
fn engine_io(text: &str) -> Option<Packet> {
    let rest = text.get(1..)?;
    match text.as_bytes().first()? {
        b'0' => {
            let open: Open = serde_json::from_str(rest).ok()?;
            Some(Packet::Opened(Some(open.sid)))
        }
        b'1' => Some(Packet::Closed),
        b'2' if rest.is_empty() => Some(Packet::Ping),
        b'4' => socket_io(rest),
        b'6' => Some(Packet::Nothing),
        _ => None,
    }
}

/// Reads a packet of Socket.IO in the only namespace.
fn socket_io(text: &str) -> Option<Packet> {
    let rest = text.get(1..)?;
    match text.as_bytes().first()? {
        b'0' => rest.starts_with('{').then_some(Packet::Connected),
        b'1' => Some(Packet::Closed),
        b'2' => event(rest),
        b'3' => {
            let list = rest.trim_start_matches(|byte: char| byte.is_ascii_digit());
            let [answer]: [Answer; 1] = serde_json::from_str(list).ok()?;
            match (answer.seq, answer.error) {
                (Some(_), None) => Some(Packet::Taken),
                (None, Some(_)) => Some(Packet::Refused),
                _ => None,
            }
        }
        b'4' => Some(Packet::Refused),
        _ => None,
    }
}

/// Reads an event: its name, its argument, and the place behind it. All three have to agree.
fn event(list: &str) -> Option<Packet> {
    let items: Vec<&RawValue> = serde_json::from_str(list).ok()?;
    let (name, items) = items.split_first()?;
    let name: &str = serde_json::from_str(name.get()).ok()?;
    if name == "refused" {
        return Some(Packet::Refused);
    }
    let [message, place] = items else {
        return None;
    };
    let place: &str = serde_json::from_str(place.get()).ok()?;
    let info = event_info(message.get())?;
    let (kind, at) = match info.kind {
        Kind::Message => ("message", info.seq),
        Kind::Join => ("join", info.seq),
        Kind::Leave => ("leave", info.seq),
        Kind::Gap => ("gap", info.next),
        Kind::Error | Kind::Said => return None,
    };
    (name == kind && place.parse() == Ok(at)).then_some(Packet::Event(info))
}

/// Reads a frame of SockJS.
fn frame(text: &str) -> Option<Vec<Packet>> {
    match text.as_bytes().first()? {
        b'o' if text.len() == 1 => Some(vec![Packet::Opened(None)]),
        // One `h` is a heartbeat; many of them are the beginning of a stream.
        b'h' => text
            .bytes()
            .all(|byte| byte == b'h')
            .then(|| vec![Packet::Nothing]),
        b'c' => Some(vec![Packet::Closed]),
        b'a' => {
            let messages: Vec<String> = serde_json::from_str(&text[1..]).ok()?;
            messages.iter().map(|message| sockjs(message)).collect()
        }
        _ => None,
    }
}

/// Reads a message of SockJS: what a frame of the plain WebSocket carries.
fn sockjs(message: &str) -> Option<Packet> {
    let info = event_info(message)?;
    Some(match info.kind {
        Kind::Message | Kind::Join | Kind::Leave | Kind::Gap => Packet::Event(info),
        Kind::Said => Packet::Taken,
        Kind::Error => Packet::Refused,
    })
}

fn event_info(json: &str) -> Option<EventInfo> {
    let bytes = Bytes::copy_from_slice(json.as_bytes());
    let glance: Glance<'_> = codec::decode(&bytes).ok()?;
    Some(EventInfo::new(&glance, json.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const JSON: &str = r#"{"seq":7,"kind":"message","from":"ann","text":"\"x\"","at":1}"#;

    fn quoted(json: &str) -> String {
        serde_json::Value::from(json).to_string()
    }

    #[test]
    fn an_event_is_the_same_whatever_is_around_it() {
        let socket_io = format!("42[\"message\",{JSON},\"7\"]");
        let sockjs = format!("a[{}]", quoted(JSON));
        let polled = format!("2\u{1e}{socket_io}");
        let read = |protocol, text: &str| read(protocol, text.as_bytes()).unwrap();
        let plain = read(Protocol::SocketIo, &socket_io);
        let [Packet::Event(info)] = plain[..] else {
            panic!("{plain:?}");
        };
        assert_eq!(
            (info.seq, info.kind, info.length),
            (7, Kind::Message, JSON.len())
        );
        assert_eq!(read(Protocol::Sockjs, &sockjs), plain);
        assert_eq!(read(Protocol::Sockjs, &format!("{sockjs}\n")), plain);
        let [Packet::Ping, Packet::Event(other)] = read(Protocol::SocketIo, &polled)[..] else {
            panic!("{polled}");
        };
        assert_eq!(other, info);
    }

    #[test]
    fn packets_beside_events() {
        for (protocol, text, packet) in [
            (
                Protocol::SocketIo,
                "0{\"sid\":\"ab\",\"upgrades\":[]}",
                Packet::Opened(Some("ab".to_owned())),
            ),
            (Protocol::SocketIo, "40{\"sid\":\"cd\"}", Packet::Connected),
            (Protocol::SocketIo, "2", Packet::Ping),
            (Protocol::SocketIo, "41", Packet::Closed),
            (Protocol::SocketIo, "4312[{\"seq\":7}]", Packet::Taken),
            (
                Protocol::SocketIo,
                "431[{\"error\":\"x\",\"code\":\"y\"}]",
                Packet::Refused,
            ),
            (Protocol::Sockjs, "o\n", Packet::Opened(None)),
            (Protocol::Sockjs, "h", Packet::Nothing),
            (Protocol::Sockjs, "c[3000,\"Go away!\"]", Packet::Closed),
            (
                Protocol::Sockjs,
                r#"a["{\"kind\":\"said\",\"seq\":7}"]"#,
                Packet::Taken,
            ),
        ] {
            let found = read(protocol, text.as_bytes());
            assert_eq!(found, Ok(vec![packet]), "{text}");
        }
    }

    #[test]
    fn what_is_no_packet_says_so() {
        let swapped = format!("42[\"join\",{JSON},\"7\"]");
        let elsewhere = format!("42[\"message\",{JSON},\"8\"]");
        let nowhere = format!("42[\"message\",{JSON}]");
        for text in [
            "", "7", "2probe", "42[", "42[]", "42{}", "0{}", "43[]", "45", &swapped, &elsewhere,
            &nowhere, JSON,
        ] {
            let found = read(Protocol::SocketIo, text.as_bytes());
            assert_eq!(found, Err(Failure::Envelope("Socket.IO")), "{text}");
        }
        let bare = format!("a[{JSON}]");
        let open = format!("a[{}", quoted(JSON));
        for text in [
            "", "x", "ox", "hx", "a", "a{}", "a[\"x\"]", &bare, &open, JSON,
        ] {
            let found = read(Protocol::Sockjs, text.as_bytes());
            assert_eq!(found, Err(Failure::Envelope("SockJS")), "{text}");
        }
        assert!(read(Protocol::Sockjs, b"\xff").is_err());
    }
}
