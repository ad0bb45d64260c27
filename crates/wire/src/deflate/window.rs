//! The window of a compressor (RFC 7692, section 7.1.2).

/// The number of bytes, as a power of two, that a compressor looks back.
///
/// The standard has 8 to 15 bits. zlib makes no raw stream with 8, so there is none here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Window(u8);

impl Window {
    /// The window of 32 KiB, which is there where nothing is said of it.
    pub const LARGEST: Self = Self(15);
    /// The smallest window, of 512 bytes.
    pub const SMALLEST: Self = Self(9);

    /// Returns the window of so many bits, if there is one.
    #[must_use]
    pub const fn of_bits(bits: u8) -> Option<Self> {
        if Self::SMALLEST.0 <= bits && bits <= Self::LARGEST.0 {
            return Some(Self(bits));
        }
        None
    }

    /// Returns its number of bits.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }
}
