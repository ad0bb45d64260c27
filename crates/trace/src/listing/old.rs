//! The handshake and the frames of a WebSocket of 2010, number by number.

use dissect::Direction;
use wire::hixie_76::{self, KEY_3, Key, TEXT};

use super::{Text, heads, hex, visible};
use crate::{Element, Record, elements};

/// Writes the steps from a key to its four bytes.
pub(super) fn key(text: &mut Text, key: &str) {
    match Key::read(key.as_bytes()) {
        Ok(key) => {
            text.line(14, &format!("its digits              {}", key.number));
            text.line(14, &format!("its spaces              {}", key.spaces));
            text.line(14, &format!("the one by the other    {}", key.part));
            text.line(
                14,
                &format!("as four bytes           {}", hex(&key.part.to_be_bytes())),
            );
        }
        Err(why) => text.line(14, &format!("this key {why}")),
    }
}

/// Writes the bytes behind a head: the client's eight, or the server's hash.
pub(super) fn hash(text: &mut Text, record: &Record, element: &Element, part: &[u8]) {
    if element.direction == Direction::Up {
        return text.pair(&hex(part), "eight random bytes that no header announces");
    }
    text.pair(&hex(part), "MD5 of both quotients and the eight bytes");
    text.pair(&visible(part), "the same as characters");
    let asked = elements(record)
        .into_iter()
        .find(|other| other.connection == element.connection && other.direction == Direction::Up);
    if let Some(challenge) = asked.and_then(|asked| challenge(&asked.bytes)) {
        let answer = hixie_76::answer(challenge);
        text.line(14, &format!("all sixteen             {}", hex(&challenge)));
        text.line(14, &format!("MD5 of that             {}", hex(&answer)));
    }
}

/// Computes the challenge of a whole request.
fn challenge(request: &[u8]) -> Option<[u8; hixie_76::ANSWER]> {
    let (head, third) = request.split_at_checked(request.len().checked_sub(KEY_3)?)?;
    let head = String::from_utf8_lossy(head);
    let key = |name| {
        let value = head.lines().find_map(|line| heads::value(line, name))?;
        Key::read(value.as_bytes()).ok()
    };
    let (first, second) = (key("sec-websocket-key1")?, key("sec-websocket-key2")?);
    Some(hixie_76::challenge(first, second, third.try_into().ok()?))
}

/// Writes the byte before a text or behind it, or a frame without a text.
pub(super) fn head(text: &mut Text, part: &[u8]) {
    let reason = match part {
        [TEXT] => "a text begins; no length is told (hixie-76, section 5.3)",
        [hixie_76::END] => "the text is over: no byte of UTF-8 is 0xff",
        [hixie_76::END, 0] => "the closing handshake (section 1.4)",
        [_, 0] => "no text, and 0 bytes of content: read past, so it serves as a heartbeat",
        _ => "a frame that is read past",
    };
    text.pair(&hex(part), reason);
}
