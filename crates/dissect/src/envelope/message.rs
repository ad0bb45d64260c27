//! The messages within an envelope: objects, strings, and what a string stands for.

use memchr::memchr2;

use super::{Envelope, Part, Position};
use crate::{Direction, Purpose, escape::Escape, kind::Opening};

impl Envelope {
    /// Takes the first byte of an argument.
    pub(super) fn argument(&mut self, byte: u8) -> usize {
        self.position = match byte {
            b'{' => Position::Object,
            b'"' => {
                self.payload += 1;
                self.position = Position::Text;
                return 1;
            }
            _ => Position::Rest,
        };
        0
    }

    /// Takes a message that is a JSON object.
    pub(super) fn object(
        &mut self,
        bytes: &[u8],
        opening: &mut Opening,
        put: &mut impl FnMut(Part),
    ) -> usize {
        let mut at = 0;
        while at < bytes.len() {
            if self.in_string {
                let (used, ended) = self.string(&bytes[at..]);
                self.in_string = !ended;
                at += used;
                continue;
            }
            match bytes[at] {
                b'"' => self.in_string = true,
                b'{' => self.depth = self.depth.saturating_add(1),
                b'}' => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
            at += 1;
            if self.depth == 0 {
                break;
            }
        }
        self.payload += at;
        if self.is_script() {
            // Nothing before it says what it is.
            self.see(&bytes[..at], opening, put);
        }
        if self.depth == 0 {
            self.settle(opening, put);
            self.close(put);
            self.position = Position::Rest;
        }
        at
    }

    /// Takes a message that is a JSON string.
    pub(super) fn text(&mut self, bytes: &[u8], put: &mut impl FnMut(Part)) -> usize {
        let (used, ended) = self.string(bytes);
        self.payload += used;
        if ended {
            self.close(put);
            self.position = Position::Rest;
        }
        used
    }

    /// Returns how many of the bytes belong to the string, up to its closing quote or the next
    /// backslash, and whether that was the quote.
    fn string(&mut self, bytes: &[u8]) -> (usize, bool) {
        if std::mem::take(&mut self.escaped) {
            return (1, false);
        }
        match memchr2(b'"', b'\\', bytes) {
            None => (bytes.len(), false),
            Some(at) => {
                self.escaped = bytes[at] == b'\\';
                (at + 1, !self.escaped)
            }
        }
    }

    /// Takes a byte of a list outside its strings.
    pub(super) fn list(&mut self, byte: u8, put: &mut impl FnMut(Part)) -> usize {
        self.around += 1;
        if byte == b'"' {
            self.position = Position::Quoted;
            if self.direction == Direction::Up {
                self.tell(Purpose::Say, put);
            }
        }
        1
    }

    /// Takes the content of a string, decoded as it is read.
    pub(super) fn quoted(
        &mut self,
        bytes: &[u8],
        opening: &mut Opening,
        put: &mut impl FnMut(Part),
    ) -> usize {
        if self.escape != Escape::None {
            if let Some(decoded) = self.escape.take(bytes[0]) {
                self.payload += decoded.len;
                self.escapes += decoded.written - decoded.len;
                self.see(&decoded.bytes[..decoded.len], opening, put);
            }
            return 1;
        }
        let run = memchr2(b'"', b'\\', bytes).unwrap_or(bytes.len());
        self.payload += run;
        self.see(&bytes[..run], opening, put);
        match bytes.get(run) {
            None => return run,
            Some(b'\\') => self.escape = Escape::Begun,
            Some(_) => {
                self.settle(opening, put);
                self.close(put);
                self.around += 1;
                self.position = Position::List;
            }
        }
        run + 1
    }
}
