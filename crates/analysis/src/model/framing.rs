//! The number of bytes around a payload, by its length; exact on any machine.

/// Returns the bytes of a WebSocket frame's head without the mask (RFC 6455, section 5.2): 2 up to
/// 125 bytes of payload, 4 up to 65,535, then 10.
#[must_use]
pub const fn ws_head(payload: u64) -> u64 {
    match payload {
        0..=125 => 2,
        126..=65_535 => 4,
        _ => 10,
    }
}

/// The bytes of a masking key, which every frame from a client carries (RFC 6455, section 5.3).
pub const WS_MASK: u64 = 4;

/// Returns the bytes around `content` bytes in one HTTP chunk (RFC 9112, section 7.1): the length
/// in hexadecimal and two line ends.
#[must_use]
pub const fn chunk(content: u64) -> u64 {
    let digits = if content == 0 {
        1
    } else {
        content.ilog2() as u64 / 4 + 1
    };
    digits + 4
}

/// Returns the bytes around `json` on a stream of server-sent events (WHATWG HTML, section 9.2):
/// `data: ` and the blank line are 8; the `id: ` line with the event's number is added to that.
#[must_use]
pub const fn sse(seq: u64) -> u64 {
    const DATA_AND_BLANK: u64 = 8;
    const ID_LINE: u64 = 5;
    DATA_AND_BLANK + ID_LINE + decimal_digits(seq)
}

/// The bytes of the head of a frame of HTTP/2 (RFC 9113, section 4.1): its length in 3, its type and
/// flags in 1 each, the number of its stream in 4.
pub const H2_FRAME: u64 = 9;

/// The most bytes of content in one frame of HTTP/2, unless the receiver allows more (RFC 9113, section
/// 6.5.2).
pub const LONGEST_FRAME: u64 = 16 * 1024;

/// The bytes around a JSON text on an NDJSON stream: its line end.
pub const NDJSON: u64 = 1;

/// Returns the bytes of the JSON around `events` events in a poll's answer, if no event was missed:
/// `{"events":[` ... `],"next":N,"missed":0}` and a comma between neighbours.
#[must_use]
pub const fn batch(events: u64, next: u64) -> u64 {
    const AROUND: u64 = br#"{"events":[],"next":,"missed":0}"#.len() as u64;
    AROUND + decimal_digits(next) + events.saturating_sub(1)
}

/// The most bytes of content in one TLS record (RFC 8446, section 5.1).
pub const LONGEST_RECORD: u64 = 16 * 1024;

/// Returns what one TLS record adds to its content: a head of 5 bytes and a tag of 16; in TLS 1.3
/// a byte for the type, too (RFC 8446, section 5.2), and in TLS 1.2 the explicit part of the number
/// with AES-GCM (RFC 5288, section 3) but not with `ChaCha20` (RFC 7905, section 2).
#[must_use]
pub const fn tls_record(is_1_3: bool, is_chacha: bool) -> u64 {
    match (is_1_3, is_chacha) {
        (true, _) => 5 + 1 + 16,
        (false, true) => 5 + 16,
        (false, false) => 5 + 8 + 16,
    }
}

/// Returns the number of digits of a number in decimal.
#[must_use]
pub const fn decimal_digits(number: u64) -> u64 {
    match number.checked_ilog10() {
        Some(log) => log as u64 + 1,
        None => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_by_version_and_cipher() {
        let added = [(true, false), (true, true), (false, false), (false, true)];
        assert_eq!(
            added.map(|(new, chacha)| tls_record(new, chacha)),
            [22, 22, 29, 21]
        );
    }

    #[test]
    fn websocket_heads_step_at_126_and_65536() {
        let heads = [0, 125, 126, 65_535, 65_536].map(ws_head);
        assert_eq!(heads, [2, 2, 4, 4, 10]);
        assert_eq!(heads.map(|head| head + WS_MASK), [6, 6, 8, 8, 14]);
    }

    #[test]
    fn chunk_ends_are_5_to_8_bytes() {
        assert_eq!(
            [1, 15, 16, 255, 256, 4_095, 4_096, 65_535].map(chunk),
            [5, 5, 6, 6, 7, 7, 8, 8]
        );
        assert_eq!(chunk(0), b"0\r\n\r\n".len() as u64);
    }

    #[test]
    fn text_frames_as_they_are_written() {
        assert_eq!(sse(7), b"id: 7\ndata: \n\n".len() as u64);
        assert_eq!(sse(123), b"id: 123\ndata: \n\n".len() as u64);
        assert_eq!(
            batch(0, 0),
            br#"{"events":[],"next":0,"missed":0}"#.len() as u64
        );
        assert_eq!(
            batch(3, 12),
            br#"{"events":[,,],"next":12,"missed":0}"#.len() as u64
        );
    }
}
