//! WebSocket frames, written and parsed without a library (RFC 6455, section 5).

use crate::{TraceError, socket::Socket};

/// The opcode of a text frame (RFC 6455, section 5.2).
pub(crate) const TEXT: u8 = 0x1;
/// The opcode of a close frame (section 5.5.1).
pub(crate) const CLOSE: u8 = 0x8;
/// The opcode of a ping (section 5.5.2).
pub(crate) const PING: u8 = 0x9;
/// The opcode of a pong (section 5.5.3).
pub(crate) const PONG: u8 = 0xA;

/// Returns a client's frame: whole, and masked, as every frame of a client must be.
pub(crate) fn masked(opcode: u8, payload: &[u8], key: [u8; 4]) -> Vec<u8> {
    let mut frame = vec![0x80 | opcode];
    match payload.len() {
        len @ 0..126 => frame.push(0x80 | len as u8),
        len @ 126..65_536 => {
            frame.push(0x80 + 126);
            frame.extend_from_slice(&(len as u16).to_be_bytes());
        }
        len => {
            frame.push(0x80 + 127);
            frame.extend_from_slice(&(len as u64).to_be_bytes());
        }
    }
    frame.extend_from_slice(&key);
    frame.extend(unmask(payload, key));
    frame
}

/// Masks or unmasks: byte i XOR key byte i mod 4 (section 5.3).
pub(crate) fn unmask(payload: &[u8], key: [u8; 4]) -> Vec<u8> {
    payload
        .iter()
        .zip(key.iter().cycle())
        .map(|(byte, key)| byte ^ key)
        .collect()
}

/// Returns the name of an opcode.
pub(crate) const fn opcode_name(opcode: u8) -> &'static str {
    match opcode {
        0x0 => "continuation",
        TEXT => "text",
        0x2 => "binary",
        CLOSE => "close",
        PING => "ping",
        PONG => "pong",
        _ => "reserved",
    }
}

/// Returns the lengths of a frame's head without the mask, and of its payload.
pub(crate) fn lengths(bytes: &[u8]) -> Option<(usize, usize)> {
    let second = *bytes.get(1)?;
    let number = |range: std::ops::Range<usize>| {
        let digits = bytes.get(range)?;
        Some(
            digits
                .iter()
                .fold(0, |sum, byte| sum << 8 | usize::from(*byte)),
        )
    };
    match second & 0x7f {
        126 => Some((4, number(2..4)?)),
        127 => Some((10, number(2..10)?)),
        len => Some((2, usize::from(len))),
    }
}

/// Reads the server's next frame: its opcode and payload.
pub(crate) async fn next(
    socket: &mut Socket,
    what: &'static str,
) -> Result<(u8, Vec<u8>), TraceError> {
    let whole = |bytes: &[u8]| lengths(bytes).map(|(head, payload)| head + payload);
    let frame = socket.take(what, whole).await?;
    let (head, _) = lengths(&frame).ok_or(TraceError::Closed(what))?;
    Ok((frame[0] & 0xf, frame[head..].to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks the example of RFC 6455, section 5.7: a masked "Hello".
    #[test]
    fn the_rfcs_own_example() {
        let frame = masked(TEXT, b"Hello", [0x37, 0xfa, 0x21, 0x3d]);
        assert_eq!(
            frame,
            [
                0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58
            ]
        );
        assert_eq!(lengths(&frame), Some((2, 5)));
        assert_eq!(lengths(&masked(TEXT, &[0; 126], [0; 4])), Some((4, 126)));
        assert_eq!(
            lengths(&masked(TEXT, &vec![0; 65_536], [0; 4])),
            Some((10, 65_536))
        );
    }
}
