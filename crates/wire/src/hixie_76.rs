//! The handshake of draft-hixie-thewebsocketprotocol-76, the WebSocket of the browsers of 2010: two
//! keys and eight bytes go up, and sixteen bytes that only a server of this protocol computes come
//! down.

use md5::{Digest, Md5};

/// The number of bytes that a client sends after the head of its request (section 1.3).
pub const KEY_3: usize = 8;
/// The number of bytes that a server sends after the head of its answer.
pub const ANSWER: usize = 16;

/// The byte with which a text begins (section 5.3).
pub const TEXT: u8 = 0x00;
/// The byte with which a text ends: it never occurs in UTF-8.
pub const END: u8 = 0xff;
/// The closing handshake of either side (section 1.4).
pub const CLOSE: [u8; 2] = [END, 0];
/// A frame without content that is no text. Whoever receives it reads past it (sections 4.2 and
/// 5.3), so it can serve as a heartbeat.
pub const PASSED_OVER: [u8; 2] = [0x80, 0];

/// The reason why a value cannot be a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The key has no digit, so it stands for no number.
    #[error("has no digits")]
    NoDigits,
    /// The digits are a number beyond 4,294,967,295.
    #[error("has digits that are a number of more than 32 bits")]
    TooLarge,
    /// The key has no space. A script of another protocol may have sent it (section 5.2, step 5).
    #[error("has no spaces")]
    NoSpaces,
    /// The number of spaces does not divide the number (section 5.2, step 6).
    #[error("has a number that its spaces do not divide")]
    NotDivisible,
}

/// A key, taken apart (section 5.2, steps 4 to 7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// The number that the digits of the key form together.
    pub number: u32,
    /// The number of its spaces.
    pub spaces: u32,
    /// The number divided by the spaces.
    pub part: u32,
}

impl Key {
    /// Reads the value of `Sec-WebSocket-Key1` or `Sec-WebSocket-Key2`.
    ///
    /// # Errors
    /// Returns an error if the value cannot have been made as section 4.1 says.
    pub fn read(value: &[u8]) -> Result<Self, KeyError> {
        let mut number = None;
        for digit in value.iter().filter(|byte| byte.is_ascii_digit()) {
            let longer = number.unwrap_or(0_u32).checked_mul(10);
            let longer = longer.and_then(|number| number.checked_add(u32::from(digit - b'0')));
            number = Some(longer.ok_or(KeyError::TooLarge)?);
        }
        let number = number.ok_or(KeyError::NoDigits)?;
        let spaces = value.split(|byte| *byte == b' ').count() - 1;
        let spaces = u32::try_from(spaces).map_err(|_| KeyError::NotDivisible)?;
        if spaces == 0 {
            return Err(KeyError::NoSpaces);
        }
        if !number.is_multiple_of(spaces) {
            return Err(KeyError::NotDivisible);
        }
        Ok(Self {
            number,
            spaces,
            part: number / spaces,
        })
    }
}

/// Joins the two quotients, each as four bytes with the highest first, and the eight bytes that
/// followed the head (section 5.2, step 8).
#[must_use]
pub fn challenge(first: Key, second: Key, third: [u8; KEY_3]) -> [u8; ANSWER] {
    let mut challenge = [0; ANSWER];
    challenge[..4].copy_from_slice(&first.part.to_be_bytes());
    challenge[4..8].copy_from_slice(&second.part.to_be_bytes());
    challenge[8..].copy_from_slice(&third);
    challenge
}

/// Returns the MD5 hash of a challenge, which is the server's answer (section 5.2, step 9).
#[must_use]
pub fn answer(challenge: [u8; ANSWER]) -> [u8; ANSWER] {
    Md5::digest(challenge).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(first: &str, second: &str, third: [u8; KEY_3]) -> (Key, Key, Vec<u8>) {
        let (first, second) = (
            Key::read(first.as_bytes()).unwrap(),
            Key::read(second.as_bytes()).unwrap(),
        );
        let answer = answer(challenge(first, second, third));
        (first, second, answer.to_vec())
    }

    /// Checks the example of section 1.2.
    #[test]
    fn the_drafts_first_example() {
        let (first, second, answer) =
            answered("4 @1  46546xW%0l 1 5", "12998 5 Y3 1  .P00", *b"^n:ds[4U");
        assert_eq!(
            (first.number, first.spaces, first.part),
            (4_146_546_015, 5, 829_309_203)
        );
        assert_eq!(
            (second.number, second.spaces, second.part),
            (1_299_853_100, 5, 259_970_620)
        );
        assert_eq!(answer, b"8jKS'y:G*Co,Wxa-");
    }

    /// Checks the example of section 1.3, whose numbers the draft itself names.
    #[test]
    fn the_drafts_second_example() {
        let (first, second, answer) = answered(
            "18x 6]8vM;54 *(5:  {   U1]8  z [  8",
            "1_ tx7X d  <  nw  334J702) 7]o}` 0",
            *b"Tm[K T2u",
        );
        assert_eq!(
            (first.number, first.spaces, first.part),
            (1_868_545_188, 12, 155_712_099)
        );
        assert_eq!(
            (second.number, second.spaces, second.part),
            (1_733_470_270, 10, 173_347_027)
        );
        assert_eq!(answer, b"fQJ,fN/4F4!~K~MH");
    }

    #[test]
    fn keys_that_nobody_can_have_made() {
        for (key, error) in [
            ("", KeyError::NoDigits),
            ("a b", KeyError::NoDigits),
            ("12", KeyError::NoSpaces),
            ("1 2 3", KeyError::NotDivisible),
            ("4294967296 ", KeyError::TooLarge),
            ("9 9 9 9 9 9 9 9 9 9 9 9 9", KeyError::TooLarge),
        ] {
            assert_eq!(Key::read(key.as_bytes()), Err(error), "{key}");
        }
        assert_eq!(Key::read(b"4294967295 ").unwrap().part, u32::MAX);
        assert_eq!(Key::read(b" 0").unwrap().part, 0);
    }
}
