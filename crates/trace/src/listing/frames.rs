//! WebSocket frames bit by bit (RFC 6455, section 5.2).

use dissect::{Direction, Layer, Span};

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

/// Writes a part of what a frame carries, and what it is under the mask. `reason` says what it is for.
pub(super) fn content(text: &mut Text, element: &Element, span: &Span, reason: &str) {
    let part = element.bytes_of(span);
    let Some(key) = key_at(element, span) else {
        return text.pair(&opened(element, part), reason);
    };
    text.pair(&hex(part), "as it was sent");
    text.pair(&opened(element, &frame::unmask(part, key)), "unmasked");
    if !reason.is_empty() {
        text.pair("", reason);
    }
}

/// Returns the masking key as it begins at the first byte of a span.
fn key_at(element: &Element, span: &Span) -> Option<[u8; 4]> {
    let mut spans = element.spans.iter();
    let mask = spans.find(|span| span.layer == Layer::WsMask)?;
    let mut key = <[u8; 4]>::try_from(element.bytes_of(mask)).ok()?;
    let before = span.start.saturating_sub(mask.start + mask.len);
    key.rotate_left((before % 4) as usize);
    Some(key)
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
