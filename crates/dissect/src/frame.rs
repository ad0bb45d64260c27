//! The head of a WebSocket frame (RFC 6455 section 5.2).

use crate::{Direction, Reason};

/// A frame's head, mask included (section 5.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FrameHead {
    pub(crate) opcode: u8,
    pub(crate) fin: bool,
    pub(crate) compressed: bool,
    pub(crate) masked: bool,
    /// The length of the head without the mask, in bytes: 2, 4 or 10.
    pub(crate) len: u8,
    pub(crate) payload: u64,
    /// The masking key; zero if there is none.
    pub(crate) key: [u8; 4],
}

impl FrameHead {
    /// Reads a head if all of it is there. What its first two bytes show to be
    /// wrong is found with two bytes, whatever else has arrived.
    pub(crate) fn parse(
        bytes: &[u8],
        direction: Direction,
        deflate: bool,
    ) -> Result<Option<(usize, Self)>, Reason> {
        let &[first, second, ref rest @ ..] = bytes else {
            return Ok(None);
        };
        let mut head = Self::of(first, second);
        head.check(first, direction, deflate)?;
        let mask = if head.masked { 4 } else { 0 };
        let (len, allowed) = match head.payload {
            126 => (2, 126..=0xffff),
            127 => (8, 0x1_0000..=u64::MAX >> 1),
            _ => (0, 0..=125),
        };
        if len > 0 {
            let Some(written) = rest.get(..len) else {
                return Ok(None);
            };
            head.len += len as u8;
            head.payload = written
                .iter()
                .fold(0, |number, &byte| number << 8 | u64::from(byte));
        }
        if !allowed.contains(&head.payload) {
            return Err(Reason::FrameLength);
        }
        let whole = usize::from(head.len) + mask;
        if let Some(&[a, b, c, d]) = bytes.get(usize::from(head.len)..whole) {
            head.key = [a, b, c, d];
        }
        Ok((bytes.len() >= whole).then_some((whole, head)))
    }

    /// Reads the beginning of a head of which nothing more came; `None` if no frame begins so. Its
    /// length is that of the whole head.
    pub(crate) fn parse_beginning(
        bytes: &[u8],
        direction: Direction,
        deflate: bool,
    ) -> Option<Self> {
        let (&first, rest) = bytes.split_first()?;
        let shortest = match direction {
            Direction::Up => 0x80,
            Direction::Down => 0,
        };
        let mut head = Self::of(first, rest.first().copied().unwrap_or(shortest));
        head.check(first, direction, deflate).ok()?;
        head.len += match head.payload {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        Some(head)
    }

    /// Returns what the first two bytes of a head say.
    fn of(first: u8, second: u8) -> Self {
        Self {
            opcode: first & 0x0f,
            fin: first & 0x80 != 0,
            compressed: first & 0x40 != 0,
            masked: second & 0x80 != 0,
            len: 2,
            payload: u64::from(second & 0x7f),
            key: [0; 4],
        }
    }

    /// Checks the reserved bits, the opcode and the mask bit of a head's first two bytes.
    fn check(&self, first: u8, direction: Direction, deflate: bool) -> Result<(), Reason> {
        // RFC 7692 section 6: the compression bit is for a message's first
        // frame, and only where the handshake agreed on it.
        let allowed = if deflate && matches!(self.opcode, 1 | 2) {
            0x40
        } else {
            0
        };
        if first & 0x70 & !allowed != 0 {
            return Err(Reason::ReservedBits);
        }
        match self.opcode {
            0..=2 => {}
            8..=10 if self.fin && self.payload <= 125 => {}
            8..=10 => return Err(Reason::ControlFrame),
            _ => return Err(Reason::Opcode),
        }
        match (direction, self.masked) {
            (Direction::Up, false) => Err(Reason::Unmasked),
            (Direction::Down, true) => Err(Reason::Masked),
            _ => Ok(()),
        }
    }

    /// Returns whether this is a close, ping or pong (section 5.5).
    pub(crate) const fn is_control(&self) -> bool {
        self.opcode >= 8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(bytes: &[u8], direction: Direction) -> Result<Option<(usize, FrameHead)>, Reason> {
        FrameHead::parse(bytes, direction, false)
    }

    #[test]
    fn lengths_are_written_in_the_shortest_form() {
        let down = Direction::Down;
        assert_eq!(parse(&[0x81], down), Ok(None));
        assert_eq!(parse(&[0x81, 126, 0], down), Ok(None));
        let shortest = parse(&[0x81, 126, 0, 126], down).unwrap().unwrap();
        assert_eq!((shortest.0, shortest.1.payload), (4, 126));
        assert_eq!(parse(&[0x81, 126, 0, 125], down), Err(Reason::FrameLength));
        let long = |payload: u64| [&[0x82, 127][..], &payload.to_be_bytes()].concat();
        assert_eq!(parse(&long(65_535), down), Err(Reason::FrameLength));
        assert_eq!(parse(&long(1 << 63), down), Err(Reason::FrameLength));
        assert_eq!(parse(&long(65_536), down).unwrap().unwrap().0, 10);
    }

    #[test]
    fn two_bytes_show_what_is_forbidden() {
        let (up, down) = (Direction::Up, Direction::Down);
        for (bytes, direction, reason) in [
            ([0x91, 0], down, Reason::ReservedBits),
            ([0xc1, 0], down, Reason::ReservedBits),
            ([0x83, 0], down, Reason::Opcode),
            ([0x8b, 0], down, Reason::Opcode),
            ([0x81, 0x80], down, Reason::Masked),
            ([0x81, 0], up, Reason::Unmasked),
            ([0x09, 0], down, Reason::ControlFrame),
            ([0x88, 126], down, Reason::ControlFrame),
        ] {
            assert_eq!(parse(&bytes, direction), Err(reason), "{bytes:x?}");
        }
        // With compression agreed on, its bit is for first frames of messages.
        assert!(FrameHead::parse(&[0xc1, 0], down, true).is_ok());
        for bytes in [[0xc0, 0], [0xc9, 0]] {
            assert_eq!(
                FrameHead::parse(&bytes, down, true),
                Err(Reason::ReservedBits)
            );
        }
    }
}
