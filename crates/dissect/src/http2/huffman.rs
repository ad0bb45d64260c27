//! The Huffman code of header strings (RFC 7541, section 5.2 and appendix B).
//!
//! The code is canonical: sorted by length and then by symbol, the codes follow each other. So the
//! lengths alone determine it.

use std::sync::OnceLock;

/// The length of each symbol's code in bits; the last one ends a string.
const LENGTHS: [u8; SYMBOLS] = [
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28,
    28, 28, 28, 28, 28, 28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5,
    5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10, 13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
    7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6, 15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6,
    6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28, 20, 22, 20, 20, 22, 22, 22, 23, 22,
    23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, 22,
    21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20,
    22, 22, 22, 23, 22, 22, 23, 26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19,
    21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27, 20, 24, 20, 21, 22, 21, 21, 23, 22,
    22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26, 30,
];

/// The number of symbols: each byte, and the end of a string.
const SYMBOLS: usize = 257;

/// The symbol that ends a string; as a part of one it is a fault.
const END: u16 = 256;

/// The length of the longest code in bits.
const LONGEST: usize = 30;

/// The codes of one length.
#[derive(Clone, Copy, Default)]
struct Rank {
    /// The first code.
    first: u32,
    /// The number of codes.
    count: u32,
    /// The place of the first code's symbol among all symbols in the order of their codes.
    place: u32,
}

/// The code, in the form in which it is read.
struct Code {
    ranks: [Rank; LONGEST + 1],
    symbols: Vec<u16>,
}

impl Code {
    fn new() -> Self {
        let mut symbols: Vec<u16> = (0..=END).collect();
        symbols.sort_by_key(|&symbol| (LENGTHS[usize::from(symbol)], symbol));
        let mut ranks = [Rank::default(); LONGEST + 1];
        let (mut code, mut place) = (0, 0);
        for (length, rank) in ranks.iter_mut().enumerate() {
            code <<= 1;
            let count = LENGTHS.iter().filter(|&&one| usize::from(one) == length);
            let count = count.count() as u32;
            *rank = Rank {
                first: code,
                count,
                place,
            };
            code += count;
            place += count;
        }
        Self { ranks, symbols }
    }
}

/// Reads a string, of at most `most` bytes; `None` if it is none, or too long.
pub(super) fn read(coded: &[u8], most: usize) -> Option<Vec<u8>> {
    static CODE: OnceLock<Code> = OnceLock::new();
    let code = CODE.get_or_init(Code::new);
    let mut text = Vec::with_capacity(coded.len() * 2);
    let (mut bits, mut length) = (0_u32, 0);
    for &byte in coded {
        for shift in (0..8).rev() {
            bits = bits << 1 | u32::from(byte >> shift & 1);
            length += 1;
            let rank = code.ranks.get(length)?;
            let Some(nth) = bits.checked_sub(rank.first).filter(|nth| *nth < rank.count) else {
                continue;
            };
            let symbol = code.symbols[(rank.place + nth) as usize];
            if text.len() == most {
                return None;
            }
            // The end of a string is no byte of it.
            text.push(u8::try_from(symbol).ok()?);
            (bits, length) = (0, 0);
        }
    }
    // What is left pads the last byte with the beginning of the end's code, which is all ones.
    (length < 8 && bits == (1 << length) - 1).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        let digit = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
        (0..hex.len()).step_by(2).map(digit).collect()
    }

    /// Checks the examples of RFC 7541, appendix C.
    #[test]
    fn strings_of_the_standard() {
        for (hex, text) in [
            ("f1e3c2e5f23a6ba0ab90f4ff", "www.example.com"),
            ("a8eb10649cbf", "no-cache"),
            ("25a849e95ba97d7f", "custom-key"),
            ("25a849e95bb8e8b4bf", "custom-value"),
            (
                "d07abe941054d444a8200595040b8166e082a62d1bff",
                "Mon, 21 Oct 2013 20:13:21 GMT",
            ),
            ("6402", "302"),
        ] {
            assert_eq!(read(&bytes(hex), 99).unwrap(), text.as_bytes(), "{text}");
        }
    }

    #[test]
    fn padding_is_short_and_all_ones() {
        assert_eq!(read(&bytes("1f"), 9), Some(b"a".to_vec()));
        // Zeros, a whole byte of ones, the end itself, and more than is wanted.
        assert_eq!(read(&bytes("18"), 9), None);
        assert_eq!(read(&bytes("1fff"), 9), None);
        assert_eq!(read(&bytes("ffffffff"), 9), None);
        assert_eq!(read(&bytes("1f"), 0), None);
    }

    #[test]
    fn the_code_is_complete() {
        let share = |length: &u8| 1_u64 << (LONGEST - usize::from(*length));
        assert_eq!(LENGTHS.iter().map(share).sum::<u64>(), 1 << LONGEST);
    }
}
