//! The frames of one direction (RFC 9113, section 4.1), by their places.

use crate::{stream::Run, stretch::Wire};

/// The length of a frame's head.
pub(super) const HEAD: usize = 9;

/// The kinds of frames that are told apart here.
pub(super) const DATA: u8 = 0;
pub(super) const HEADERS: u8 = 1;
pub(super) const RESET: u8 = 3;
pub(super) const CONTINUATION: u8 = 9;

const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
const PADDED: u8 = 8;
const PRIORITY: u8 = 0x20;

/// The longest frame that is believed where nothing but frames shows that a connection is HTTP/2.
const LONGEST: usize = 1 << 20;
/// The segments at whose beginning the first frame is looked for.
const MOST_TRIED: usize = 64;
/// The fewest whole frames of a connection that is recognised by them.
const FEWEST: usize = 2;

/// A frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) kind: u8,
    flags: u8,
    pub(super) stream: u32,
    /// The place of its first byte, and the one behind the last byte that is there.
    pub(super) begin: usize,
    pub(super) end: usize,
    /// The length of its payload.
    len: usize,
}

impl Frame {
    fn read(bytes: &[u8], begin: usize) -> Option<Self> {
        let head = bytes.get(begin..begin.checked_add(HEAD)?)?;
        let len = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
        Some(Self {
            kind: head[3],
            flags: head[4],
            stream: u32::from_be_bytes([head[5], head[6], head[7], head[8]]) & 0x7fff_ffff,
            begin,
            end: (begin + HEAD + len).min(bytes.len()),
            len,
        })
    }

    /// Returns whether all of it is there.
    pub(super) const fn is_whole(&self) -> bool {
        self.end - self.begin == HEAD + self.len
    }

    /// Returns whether its sender sends nothing more on the stream.
    pub(super) const fn ends_stream(&self) -> bool {
        matches!(self.kind, DATA | HEADERS) && self.flags & END_STREAM != 0
    }

    /// Returns whether the header block ends with it.
    pub(super) const fn ends_block(&self) -> bool {
        self.flags & END_HEADERS != 0
    }

    /// Returns the part of its payload that is there, without padding and priority.
    pub(super) fn content<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        let mut payload = bytes.get(self.begin + HEAD..self.end).unwrap_or_default();
        let mut end = self.len;
        if matches!(self.kind, DATA | HEADERS) && self.flags & PADDED != 0 {
            let Some((&padding, rest)) = payload.split_first() else {
                return &[];
            };
            payload = rest;
            end = end.saturating_sub(1 + usize::from(padding));
        }
        let end = end.min(payload.len());
        let has_priority = self.kind == HEADERS && self.flags & PRIORITY != 0;
        let begin = if has_priority { 5 } else { 0 };
        payload.get(begin..end).unwrap_or_default()
    }

    /// Returns whether the length and the stream are as the kind demands (section 6).
    fn is_right(&self) -> bool {
        let has_stream = self.stream != 0;
        let is_right = match self.kind {
            0 | 1 | 9 => has_stream,
            2 => has_stream && self.len == 5,
            3 => has_stream && self.len == 4,
            4 => !has_stream && self.len.is_multiple_of(6),
            6 => !has_stream && self.len == 8,
            7 => !has_stream && self.len >= 8,
            8 => self.len == 4,
            _ => false,
        };
        is_right && self.len <= LONGEST
    }
}

/// Returns the frames from this place on; the last may be cut. Fewer bytes than a frame's head has
/// are in none.
pub(super) fn frames(bytes: &[u8], at: usize) -> impl Iterator<Item = Frame> {
    let mut at = at;
    std::iter::from_fn(move || {
        let frame = Frame::read(bytes, at)?;
        at = frame.end;
        Some(frame)
    })
}

/// Returns where the frames of both directions begin, if all bytes behind these places are frames.
pub(super) fn starts(wire: &Wire) -> Option<[usize; 2]> {
    let (up, down) = (start(&wire.up)?, start(&wire.down)?);
    (up.1 + down.1 >= FEWEST).then_some([up.0, down.0])
}

/// Returns the place of the first frame and the number of whole frames from there on. A direction
/// without bytes has none, and fits.
fn start(side: &Run) -> Option<(usize, usize)> {
    if side.bytes.is_empty() {
        return Some((0, 0));
    }
    let mut places = side.marks.iter().take(MOST_TRIED).map(|mark| mark.0);
    places.find_map(|place| {
        let mut whole = 0;
        let mut first = None;
        for frame in frames(&side.bytes, place) {
            if !frame.is_right() {
                return None;
            }
            whole += usize::from(frame.is_whole());
            // The block that a continuation ends began before.
            if frame.kind != CONTINUATION && first.is_none() {
                first = Some(frame.begin);
            }
        }
        first.filter(|_| whole > 0).map(|first| (first, whole))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_and_priority_are_no_content() {
        let frame = [&[0, 0, 10, 1, 0x2c, 0, 0, 0, 1][..], b"\x02PPPPPab\0\0"].concat();
        let read: Vec<Frame> = frames(&frame, 0).collect();
        assert_eq!(read.len(), 1);
        assert_eq!(read[0].content(&frame), b"ab");
        assert!(read[0].is_whole() && read[0].ends_block() && !read[0].ends_stream());
        for cut in 0..frame.len() {
            for one in frames(&frame[..cut], 0) {
                assert!(!one.is_whole());
                assert!(b"ab".starts_with(one.content(&frame[..cut])), "{cut}");
            }
        }
        // More padding than there is.
        let wrong = [&[0, 0, 1, 0, 8, 0, 0, 0, 1][..], &[200]].concat();
        let read = Frame::read(&wrong, 0);
        assert_eq!(read.map(|frame| frame.content(&wrong).len()), Some(0));
    }
}
