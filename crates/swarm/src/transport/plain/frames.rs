//! Whole frames of text from a server (RFC 6455, section 5.2), without a copy of their payload.

use crate::failure::Failure;

/// The first byte of a whole message of text, and of one that other servers send as binary: FIN, no
/// reserved bit, and the opcode.
const TEXT: u8 = 0x81;
const BINARY: u8 = 0x82;

/// The beginning of what has come.
#[derive(Debug, PartialEq, Eq)]
enum Next<'a> {
    /// A whole message, and the length of its frame.
    Message(&'a [u8], usize),
    /// The beginning of one.
    Part,
    /// Anything else: a control frame, a fragment, a frame of more than 64 KiB, a fault.
    Other,
}

/// Gives the messages at the beginning of `kept` and `bytes` to `take`, and leaves in `kept` what
/// is not taken. Returns false if that is no beginning of a message.
pub(super) fn take_texts(
    kept: &mut Vec<u8>,
    bytes: &[u8],
    take: &mut impl FnMut(&[u8]) -> Result<(), Failure>,
) -> Result<bool, Failure> {
    if kept.is_empty() {
        let (used, is_usual) = take_from(bytes, take)?;
        kept.extend_from_slice(&bytes[used..]);
        return Ok(is_usual);
    }
    kept.extend_from_slice(bytes);
    let (used, is_usual) = take_from(kept, take)?;
    if used == kept.len() {
        // Most readers keep nothing most of the time, and there may be ten thousand of them.
        *kept = Vec::new();
    } else {
        kept.drain(..used);
    }
    Ok(is_usual)
}

/// Returns how many of the bytes were messages, and whether the next may become one.
fn take_from(
    bytes: &[u8],
    take: &mut impl FnMut(&[u8]) -> Result<(), Failure>,
) -> Result<(usize, bool), Failure> {
    let mut used = 0;
    loop {
        match next(&bytes[used..]) {
            Next::Message(payload, length) => {
                take(payload)?;
                used += length;
            }
            Next::Part => return Ok((used, true)),
            Next::Other => return Ok((used, false)),
        }
    }
}

/// Looks at the beginning of what has come.
fn next(bytes: &[u8]) -> Next<'_> {
    let (first, start, length) = match *bytes {
        [first, ..] if first != TEXT && first != BINARY => return Next::Other,
        [first, length @ 0..126, ..] => (first, 2, usize::from(length)),
        [first, 126, high, low, ..] => (first, 4, usize::from(u16::from_be_bytes([high, low]))),
        [] | [_] | [_, 126, ..] => return Next::Part,
        // Masked, or longer than what is kept here.
        _ => return Next::Other,
    };
    let end = start + length;
    match bytes.get(start..end) {
        None => Next::Part,
        Some(payload) if first == TEXT && str::from_utf8(payload).is_err() => Next::Other,
        Some(payload) => Next::Message(payload, end),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Returns a frame with this first byte.
    fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
        let mut frame = vec![first];
        if payload.len() < 126 {
            frame.push(payload.len() as u8);
        } else {
            frame.push(126);
            frame.extend((payload.len() as u16).to_be_bytes());
        }
        [&frame, payload].concat()
    }

    /// Returns the messages in pieces of this size, whether all was usual, and what is left.
    fn taken(bytes: &[u8], size: usize) -> (Vec<Vec<u8>>, bool, Vec<u8>) {
        let (mut kept, mut messages) = (Vec::new(), Vec::new());
        let mut pieces = bytes.chunks(size);
        let is_usual = pieces.by_ref().all(|piece| {
            let taken = take_texts(&mut kept, piece, &mut |payload: &[u8]| {
                messages.push(payload.to_vec());
                Ok(())
            });
            taken.expect("nobody fails")
        });
        kept.extend(pieces.flatten());
        (messages, is_usual, kept)
    }

    #[test]
    fn what_is_no_whole_text_is_left_with_all_that_follows() {
        let text = frame(TEXT, b"hello");
        let fragment = frame(0x01, b"hel");
        let compressed = frame(TEXT | 0x40, b"hello");
        let masked = [&[TEXT, 0x85][..], &[0; 9]].concat();
        let long = [&[TEXT, 127][..], &[0; 8]].concat();
        let broken = frame(TEXT, b"\xff\xfe");
        let (ping, close) = (frame(0x89, b"between"), frame(0x88, &[3, 233]));
        for other in [fragment, compressed, masked, long, broken, ping, close] {
            let bytes = [&text[..], &text, &other, &text].concat();
            let left = [&other[..], &text].concat();
            for size in 1..=bytes.len() {
                let (messages, is_usual, kept) = taken(&bytes, size);
                assert_eq!(messages, [b"hello", b"hello"], "{other:?} by {size}");
                assert!(!is_usual, "{other:?} by {size}");
                assert_eq!(kept, left, "{other:?} by {size}");
            }
        }
    }

    #[test]
    fn the_beginning_of_a_frame_is_kept() {
        let bytes = [frame(BINARY, b"\xff"), frame(TEXT, &[b'a'; 300])].concat();
        for end in 3..bytes.len() {
            let (messages, is_usual, kept) = taken(&bytes[..end], 7);
            assert_eq!((messages.len(), is_usual), (1, true), "{end}");
            assert_eq!(kept, &bytes[3..end]);
        }
    }

    #[test]
    fn a_failure_of_the_one_who_takes_is_passed_on() {
        let mut take = |_: &[u8]| Err(Failure::Unreadable);
        let taken = take_texts(&mut Vec::new(), &frame(TEXT, b"x"), &mut take);
        assert_eq!(taken, Err(Failure::Unreadable));
    }

    proptest! {
        #[test]
        fn any_cut_of_any_texts_gives_the_same_texts(
            texts in prop::collection::vec("[ -~\u{e9}]{0,400}", 0..6),
            size in 1_usize..600,
        ) {
            let frames = texts.iter().map(|text| frame(TEXT, text.as_bytes()));
            let bytes: Vec<u8> = frames.flatten().collect();
            let texts: Vec<Vec<u8>> = texts.into_iter().map(String::into_bytes).collect();
            prop_assert_eq!(taken(&bytes, size), (texts, true, Vec::new()));
        }
    }
}
