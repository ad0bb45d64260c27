//! The heads of WebSocket frames (RFC 6455, section 5.2).

/// The bit of the second byte that says that a key follows.
pub(super) const MASKED: u8 = 0x80;
/// The short length that says that two bytes of length follow.
const TWO_BYTES: u8 = 0x7e;
/// The short length that says that eight bytes of length follow.
const EIGHT_BYTES: u8 = 0x7f;

/// The head of a frame.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head {
    pub(super) first: u8,
    pub(super) mask_bit: u8,
    pub(super) key: [u8; 4],
    /// The bytes of the head itself.
    pub(super) size: usize,
    /// The bytes of the payload.
    pub(super) length: u64,
}

impl Head {
    /// The length of the longest head: 2 bytes, 8 of length, 4 of key.
    pub(super) const LONGEST: usize = 14;

    /// Reads a head, if all of it is there.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let &[first, second, ref rest @ ..] = bytes else {
            return None;
        };
        let (written, short) = match second & !MASKED {
            TWO_BYTES => (2, 0),
            EIGHT_BYTES => (8, 0),
            short => (0, u64::from(short)),
        };
        let digits = rest.get(..written)?;
        let length = digits
            .iter()
            .fold(short, |number, &byte| number << 8 | u64::from(byte));
        let mask_bit = second & MASKED;
        let mut key = [0; 4];
        let mut size = 2 + written;
        if mask_bit != 0 {
            key.copy_from_slice(rest.get(written..written + 4)?);
            size += 4;
        }
        Some(Self {
            first,
            mask_bit,
            key,
            size,
            length,
        })
    }

    /// Applies the key to bytes of the payload that begin at `offset`: masks or unmasks them
    /// (RFC 6455, section 5.3).
    pub(super) fn unmasked<'a>(
        &self,
        bytes: &'a [u8],
        offset: usize,
    ) -> impl Iterator<Item = u8> + use<'a> {
        let key = self.key;
        let masked = bytes.iter().enumerate();
        masked.map(move |(at, byte)| byte ^ key[(offset + at) % 4])
    }
}

/// Appends a frame's head without a key.
pub(super) fn push_head(out: &mut Vec<u8>, first: u8, mask_bit: u8, length: usize) {
    out.push(first);
    match length {
        0..126 => out.push(mask_bit | length as u8),
        126..65_536 => {
            out.push(mask_bit | TWO_BYTES);
            out.extend_from_slice(&(length as u16).to_be_bytes());
        }
        _ => {
            out.push(mask_bit | EIGHT_BYTES);
            out.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
}
