//! The script elements of a page without end, whose calls have an event as their argument.

use wire::Protocol;

use super::{Envelope, Place};

impl Envelope {
    /// Returns whether the text is a line of a page whose scripts have events as they are.
    pub(super) const fn is_script(&self) -> bool {
        matches!(self.protocol, Protocol::InPage)
    }

    /// Takes one of the first two bytes of a line in a page: `<s` of a script element, or `<!` of
    /// the page's own beginning.
    pub(super) fn element(&mut self, byte: u8) -> usize {
        let at = usize::from(self.place == Place::Message);
        self.first[at] = byte;
        self.place = match (self.place, byte) {
            (Place::Start, b'<') => Place::Message,
            (Place::Message, b's') => Place::Call,
            _ => Place::Rest,
        };
        self.around += 1;
        self.len += 1;
        1
    }

    /// Takes a byte of a script element before the argument of its call.
    pub(super) fn call(&mut self, byte: u8) -> usize {
        if byte == b'(' {
            self.place = Place::Argument;
        }
        self.around += 1;
        1
    }
}
