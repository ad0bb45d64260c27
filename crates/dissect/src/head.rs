//! The search for the end of a head: the blank line after its fields (RFC 9112 section 2.1).
//!
//! A head that arrives whole, as nearly all do, is read in place. Only a head that arrives in
//! pieces is copied, until its rest has arrived.

use memchr::memchr;

use crate::{Reason, http::LONGEST_HEAD};

/// A search for the end of each head in one direction.
#[derive(Default)]
pub(crate) struct HeadFinder {
    kept: Vec<u8>,
    line: Line,
}

/// The position of the last byte within a line.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Line {
    /// Within a line that is not empty.
    #[default]
    Within,
    /// After a line end.
    Start,
    /// After a line end and a carriage return.
    Return,
}

impl HeadFinder {
    /// Takes the next bytes. When the blank line is among them: how many of
    /// them belong to the head, and the whole head.
    ///
    /// The end is a matter of the bytes alone, not of how they were cut; so the
    /// head is parsed once, and any cut gives the same answer.
    pub(crate) fn find<'a>(
        &'a mut self,
        bytes: &'a [u8],
    ) -> Result<Option<(usize, &'a [u8])>, Reason> {
        let room = LONGEST_HEAD - self.kept.len();
        let within = &bytes[..bytes.len().min(room)];
        match self.blank_line(within) {
            Some(end) if self.kept.is_empty() => Ok(Some((end, &bytes[..end]))),
            Some(end) => {
                self.kept.extend_from_slice(&bytes[..end]);
                Ok(Some((end, &self.kept)))
            }
            None if bytes.len() >= room => Err(Reason::LongHead),
            None => {
                self.kept.extend_from_slice(bytes);
                Ok(None)
            }
        }
    }

    /// Returns whether no byte of a head was kept.
    pub(crate) const fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// Returns the bytes received of an incomplete head.
    pub(crate) fn kept(&self) -> &[u8] {
        &self.kept
    }

    /// Returns whether the beginning of a head was kept that begins so, as far as it goes.
    pub(crate) fn begins_with(&self, text: &[u8]) -> bool {
        let count = self.kept.len().min(text.len());
        count > 0 && self.kept[..count] == text[..count]
    }

    /// Gives the memory of a head that has been read back: an idle connection keeps
    /// none.
    pub(crate) fn forget(&mut self) {
        *self = Self::default();
    }

    /// Returns the place after the blank line, if it ends in `bytes`.
    fn blank_line(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        while at < bytes.len() {
            match (self.line, bytes[at]) {
                (Line::Within, _) => {
                    at += memchr(b'\n', &bytes[at..])?;
                    self.line = Line::Start;
                }
                (Line::Start | Line::Return, b'\n') => return Some(at + 1),
                (Line::Start, b'\r') => self.line = Line::Return,
                (Line::Start | Line::Return, _) => self.line = Line::Within,
            }
            at += 1;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    #[test]
    fn a_whole_head_is_not_copied() {
        let mut finder = HeadFinder::default();
        let bytes = [HEAD, b"after"].concat();
        let (used, head) = finder.find(&bytes).unwrap().unwrap();
        assert_eq!(used, HEAD.len());
        assert_eq!(head.as_ptr(), bytes.as_ptr());
    }

    #[test]
    fn a_head_in_pieces_is_put_together() {
        for cut in 1..HEAD.len() {
            let mut finder = HeadFinder::default();
            assert_eq!(finder.find(&HEAD[..cut]), Ok(None));
            let found = finder.find(&HEAD[cut..]);
            assert_eq!(found, Ok(Some((HEAD.len() - cut, HEAD))));
        }
    }

    #[test]
    fn the_limit_is_the_same_for_any_cut() {
        let endless = vec![b'x'; LONGEST_HEAD];
        assert_eq!(HeadFinder::default().find(&endless), Err(Reason::LongHead));
        let mut finder = HeadFinder::default();
        assert_eq!(finder.find(&endless[1..]), Ok(None));
        assert_eq!(finder.find(b"x"), Err(Reason::LongHead));
    }
}
