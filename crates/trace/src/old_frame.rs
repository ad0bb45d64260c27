//! Frames and keys of a WebSocket of 2010, written and parsed without a library
//! (draft-hixie-thewebsocketprotocol-76).

use wire::hixie_76::{CLOSE, END, TEXT};

use crate::{TraceError, socket::Socket};

/// Returns a text frame.
pub(crate) fn text(payload: &str) -> Vec<u8> {
    [&[TEXT], payload.as_bytes(), &[END]].concat()
}

/// Returns the name of a frame.
pub(crate) fn name(frame: &[u8]) -> &'static str {
    match frame {
        [TEXT, ..] => "text",
        [END, 0] => "closing",
        _ => "passed-over",
    }
}

/// Takes the server's next frame. The server of a trace sends texts, heartbeats of two bytes, and
/// the closing handshake.
pub(crate) async fn next(socket: &mut Socket, what: &'static str) -> Result<Vec<u8>, TraceError> {
    let whole = |bytes: &[u8]| match bytes.first()? {
        &TEXT => Some(bytes.iter().position(|&byte| byte == END)? + 1),
        _ => Some(CLOSE.len()),
    };
    socket.take(what, whole).await
}

/// Makes a key (section 4.1, steps 16 to 22): the product of a number and a count of spaces, with
/// that many spaces in it, and with other characters. `dice` are random.
pub(crate) fn key(dice: [u8; 32]) -> String {
    let spaces = u32::from(dice[0] % 12) + 1;
    let number = u32::from_be_bytes([dice[1], dice[2], dice[3], dice[4]]) / spaces * spaces;
    let mut key: Vec<char> = number.to_string().chars().collect();
    let count = usize::from(dice[5] % 12) + 1;
    for (&place, &char) in dice[6..18].iter().zip(&dice[18..30]).take(count) {
        // Printable, and neither a digit nor a space.
        let char = char::from(b':' + char % (b'~' - b':' + 1));
        key.insert(usize::from(place) % (key.len() + 1), char);
    }
    for space in 0..spaces as usize {
        // Neither first nor last.
        let place = 1 + usize::from(dice[6 + space]) % (key.len() - 1);
        key.insert(place, ' ');
    }
    key.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use wire::hixie_76::Key;

    use super::*;

    #[test]
    fn keys_are_as_the_draft_makes_them() {
        for seed in 0..=255_u8 {
            let dice =
                std::array::from_fn(|at| seed.wrapping_mul(at as u8).wrapping_add(seed ^ at as u8));
            let key = key(dice);
            assert_eq!(key.trim(), key, "{key}");
            assert!(Key::read(key.as_bytes()).is_ok(), "{key}");
        }
    }
}
