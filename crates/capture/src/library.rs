//! Messages in the packets of Engine.IO and Socket.IO, and in the frames of SockJS.

use serde_json::Value;

/// The byte that separates packets in the answer to a poll (Engine.IO 4).
const SEPARATOR: u8 = 0x1e;

/// Returns whether a packet of Engine.IO has a message: an event of Socket.IO, text or binary, or a
/// message without Socket.IO.
pub(crate) fn is_message(packet: &[u8]) -> bool {
    match packet {
        // CONNECT, DISCONNECT, ACK and CONNECT_ERROR of Socket.IO bring no message.
        [b'4', b'0' | b'1' | b'3' | b'4' | b'6', ..] => false,
        [b'4', ..] => true,
        _ => false,
    }
}

/// Returns the number of messages in the body of a poll of Engine.IO.
pub(crate) fn engine_io(body: &[u8]) -> u64 {
    if body.first().is_some_and(u8::is_ascii_digit)
        && let Some(messages) = prefixed(body)
    {
        return messages;
    }
    let packets = body.split(|&byte| byte == SEPARATOR);
    packets.filter(|packet| is_message(packet)).count() as u64
}

/// Returns the number of messages in a body of Engine.IO 3, where each packet has its length in
/// characters before it.
fn prefixed(body: &[u8]) -> Option<u64> {
    let mut rest = str::from_utf8(body).ok()?;
    let mut messages = 0;
    while !rest.is_empty() {
        let colon = rest.bytes().take(10).position(|byte| byte == b':')?;
        let length: usize = rest[..colon].parse().ok().filter(|length| *length > 0)?;
        let text = &rest[colon + 1..];
        let end = text
            .char_indices()
            .nth(length)
            .map_or(text.len(), |at| at.0);
        messages += u64::from(is_message(&text.as_bytes()[..end]));
        rest = &text[end..];
    }
    Some(messages)
}

/// Returns the number of messages in frames of SockJS, one a line, or in what a client sends: a
/// list of texts.
pub(crate) fn sockjs_frames(body: &[u8]) -> u64 {
    let lines = body.split(|&byte| byte == b'\n');
    lines.map(|line| sockjs(line.trim_ascii())).sum()
}

/// Returns the number of messages in one frame of SockJS.
pub(crate) fn sockjs(frame: &[u8]) -> u64 {
    let frame = frame.strip_prefix(b"data:").unwrap_or(frame).trim_ascii();
    let list = frame.strip_prefix(b"a").unwrap_or(frame);
    if !list.starts_with(b"[") {
        return u64::from(frame.starts_with(b"m"));
    }
    match serde_json::from_slice(list) {
        Ok(Value::Array(list)) => list.len() as u64,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_told_from_pings_and_handshakes() {
        assert_eq!(
            engine_io(b"42[\"a\",1]\x1e2\x1e43[7]\x1e40{}\x1e451-[\"b\"]"),
            2
        );
        assert_eq!(engine_io(b"6:42[\"a\"2:405:42[\"\xc3\xa9"), 2);
        assert_eq!(engine_io(b"0{\"sid\":\"x\"}"), 0);
        assert_eq!(engine_io(b""), 0);
        assert_eq!(sockjs_frames(b"o\nh\na[\"x\",\"y\"]\n"), 2);
        assert_eq!(sockjs_frames(b"[\"x\"]"), 1);
        assert_eq!(sockjs(b"c[3000,\"Go away!\"]"), 0);
    }
}
