//! WebSocket frames bit by bit (RFC 6455, section 5.2).

use dissect::{Direction, Layer};

use super::{Text, hex, visible};
use crate::{Element, frame};

/// Writes the first two bytes, and a longer length where there is one.
pub(super) fn head(text: &mut Text, part: &[u8], direction: Direction) {
    let &[first, second, ..] = part else {
        return text.pair(&hex(part), "half a frame head");
    };
    text.pair(&hex(part), "");
    let fin = if first & 0x80 > 0 {
        "the last frame of its message"
    } else {
        "more frames of this message follow"
    };
    text.pair(&format!("FIN     {:b}", first >> 7), fin);
    text.pair(
        &format!("RSV1-3  {:03b}", first >> 4 & 7),
        "no extension was agreed on",
    );
    let opcode = first & 0xf;
    text.pair(&format!("opcode  {opcode:04b}"), frame::opcode_name(opcode));
    let mask = match direction {
        Direction::Up => "every frame of a client is masked (section 5.3)",
        Direction::Down => "no frame of a server is masked (section 5.1)",
    };
    text.pair(&format!("MASK    {:b}", second >> 7), mask);
    let short = second & 0x7f;
    let len = frame::lengths(part).map_or(0, |(_, payload)| payload);
    let reason = match short {
        126 => format!("126: the length is in the next 2 bytes, {len}"),
        127 => format!("127: the length is in the next 8 bytes, {len}"),
        _ => format!("{len} bytes of payload"),
    };
    text.pair(&format!("length  {short:07b}"), &reason);
}

/// Writes the masking key.
pub(super) fn mask(text: &mut Text, part: &[u8]) {
    text.pair(
        &hex(part),
        "masking key: payload byte i is XORed with key byte i mod 4",
    );
}

/// Writes the payload, and what it is under the mask.
pub(super) fn payload(text: &mut Text, element: &Element, part: &[u8]) {
    let key = element
        .spans
        .iter()
        .find(|span| span.layer == Layer::WsMask)
        .and_then(|span| <[u8; 4]>::try_from(element.bytes_of(span)).ok());
    let Some(key) = key else {
        return text.pair(&opened(element, part), "");
    };
    text.pair(&hex(part), "as it was sent");
    text.pair(&opened(element, &frame::unmask(part, key)), "unmasked");
}

/// Returns the payload as text; a close frame begins with two bytes of code (section
/// 5.5.1).
fn opened(element: &Element, payload: &[u8]) -> String {
    let opcode = element.bytes.first().map_or(0, |byte| byte & 0xf);
    match payload {
        &[high, low, ref reason @ ..] if opcode == frame::CLOSE => {
            let code = u16::from_be_bytes([high, low]);
            format!("code {code} {}", visible(reason))
                .trim_end()
                .to_owned()
        }
        _ => visible(payload),
    }
}
