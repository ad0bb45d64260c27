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

/// The parameters by which a page of SockJS names the function that takes an answer, and the frame
/// that takes the answer to a form.
const CALLBACK: &str = "&c=_jp.abcdefg";
const FORM_FRAME: &str = "&i=abcdefghi";

/// Returns whether the protocol is that of Socket.IO, and not that of SockJS.
pub(super) fn is_socket_io(way: Traced) -> bool {
    way.protocol() == Protocol::SocketIo
}

/// Returns the target of a request that receives, in a session if there is one.
pub(super) fn receive(way: Traced, session: Option<&str>) -> String {
    match way.protocol() {
        Protocol::SocketIo => {
            let over = match way.nearest() {
                Way::Websocket => "websocket",
                Way::ShortPoll | Way::LongPoll | Way::Ndjson | Way::Sse => "polling",
            };
            let sid = session.map_or(String::new(), |sid| format!("&sid={sid}"));
            format!("/socket.io/?EIO=4&transport={over}{sid}")
        }
        Protocol::SockjsInPage => {
            let over = match way.nearest() {
                Way::ShortPoll | Way::LongPoll => "jsonp",
                Way::Ndjson | Way::Sse | Way::Websocket => "htmlfile",
            };
            sockjs(over) + CALLBACK
        }
        Protocol::Plain | Protocol::InPage | Protocol::Sockjs => sockjs(match way.nearest() {
            Way::ShortPoll | Way::LongPoll => "xhr",
            Way::Ndjson => "xhr_streaming",
            Way::Sse => "eventsource",
            Way::Websocket => "websocket",
        }),
    }
}

/// Returns whether a request that receives is a POST.
pub(super) fn receives_by_post(way: Traced) -> bool {
    way.protocol() == Protocol::Sockjs && way.nearest() != Way::Sse
}

/// Returns whether what is sent is a form, as from a page that can only read scripts.
pub(super) fn says_by_form(way: Traced) -> bool {
    way.protocol() == Protocol::SockjsInPage && way.nearest() == Way::LongPoll
}

/// Returns the target of a request that sends, in a session.
pub(super) fn send(way: Traced, session: &str) -> String {
    if is_socket_io(way) {
        receive(way, Some(session))
    } else if says_by_form(way) {
        sockjs("jsonp_send") + FORM_FRAME
    } else {
        sockjs("xhr_send")
    }
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
    let list = format!("[\"{}\"]", escaped(draft));
    if is_socket_io(way) {
        format!("42[\"message\",{draft}]")
    } else if says_by_form(way) {
        format!("d={}", encoded(&list))
    } else {
        list
    }
}

/// Returns the text by which an event of a person is recognised in what comes.
pub(super) fn sign(way: Traced, kind: &str, from: &str) -> String {
    let json = format!("\"kind\":\"{kind}\",\"from\":\"{from}\"");
    match way.protocol() {
        Protocol::SocketIo => json,
        // A string in the string of a script.
        Protocol::SockjsInPage => escaped(&escaped(&json)),
        Protocol::Plain | Protocol::InPage | Protocol::Sockjs => escaped(&json),
    }
}

/// Writes a text as the value of a field in a form (WHATWG URL, section 5.2).
fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b' ' => "+".to_owned(),
        byte if byte.is_ascii_alphanumeric() || b"*-._".contains(&byte) => {
            char::from(byte).to_string()
        }
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
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
        assert_eq!(encoded("[\"a b+\u{e9}\"]"), "%5B%22a+b%2B%C3%A9%22%5D");
    }
}
