//! The script elements of a page without end, whose calls have an event as their argument.

use wire::Protocol;

use super::{Envelope, Position};

impl Envelope {
    /// Returns whether the text is a line of a page whose scripts have events as they are.
    pub(super) const fn is_script(&self) -> bool {
        matches!(self.protocol, Protocol::InPage)
    }

    /// Takes one of the first two bytes of a line in a page: `<s` of a script element, or `<!` of
    /// the page's own beginning.
    pub(super) fn element(&mut self, byte: u8) -> usize {
        let at = usize::from(self.position == Position::Message);
        self.first[at] = byte;
        self.position = match (self.position, byte) {
            (Position::Start, b'<') => Position::Message,
            (Position::Message, b's') => Position::Call,
            _ => Position::Rest,
        };
        self.around += 1;
        self.len += 1;
        1
    }

    /// Takes a byte of a script element before the argument of its call.
    pub(super) fn call(&mut self, byte: u8) -> usize {
        if byte == b'(' {
            self.position = Position::Argument;
        }
        self.around += 1;
        1
    }
}
