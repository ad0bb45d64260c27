//! The addresses and the packets of libraries, as their own clients write them.

use wire::{Protocol, Way};

use super::ANN;
use crate::{Traced, request::ROOM};

/// The ping of Engine.IO, and the answer to it.
pub(super) const PING: &str = "2";
pub(super) const PONG: &str = "3";
/// The packets with which a client of Socket.IO leaves its room, and then its session.
pub(super) const LEAVE: &str = "41";
pub(super) const CLOSE: &str = "1";

/// Returns whether the protocol is that of Socket.IO, and not that of SockJS.
pub(super) fn is_socket_io(way: Traced) -> bool {
    way.protocol() == Protocol::SocketIo
}

/// Returns the target of a request that receives, in a session if there is one.
pub(super) fn receive(way: Traced, session: Option<&str>) -> String {
    let over = way.nearest();
    if is_socket_io(way) {
        let over = match over {
            Way::Websocket => "websocket",
            _ => "polling",
        };
        let sid = session.map_or(String::new(), |sid| format!("&sid={sid}"));
        return format!("/socket.io/?EIO=4&transport={over}{sid}");
    }
    sockjs(match over {
        Way::Websocket => "websocket",
        Way::LongPoll => "xhr",
        Way::Sse => "eventsource",
        _ => "xhr_streaming",
    })
}

/// Returns an address of SockJS. The client draws both numbers of it.
pub(super) fn sockjs(way: &str) -> String {
    format!("/sockjs/{ROOM}/000/abcdefgh/{way}?after=latest&name={ANN}")
}

/// Returns the packet with which a client of Socket.IO enters a room.
pub(super) fn enter() -> String {
    format!("40{{\"room\":\"{ROOM}\",\"after\":\"latest\",\"name\":\"{ANN}\"}}")
}

/// Puts a draft into what the library sends.
pub(super) fn wrap(way: Traced, draft: &str) -> String {
    if is_socket_io(way) {
        format!("42[\"message\",{draft}]")
    } else {
        format!("[\"{}\"]", escaped(draft))
    }
}

/// Returns the text by which an event of a person is recognised in what comes.
pub(super) fn sign(way: Traced, kind: &str, from: &str) -> String {
    let json = format!("\"kind\":\"{kind}\",\"from\":\"{from}\"");
    if is_socket_io(way) {
        json
    } else {
        escaped(&json)
    }
}

/// Escapes JSON as it stands in a JSON string (RFC 8259, section 7).
fn escaped(json: &str) -> String {
    json.replace('\\', "\\\\").replace('"', "\\\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_those_of_a_json_string() {
        assert_eq!(escaped(r#"{"text":"a"}"#), r#"{\"text\":\"a\"}"#);
        assert_eq!(escaped(r#""a \"b\"""#), r#"\"a \\\"b\\\"\""#);
    }
}
