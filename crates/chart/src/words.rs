//! The language of the texts on a sheet.
//!
//! Charts are written in English. Each text of a sheet passes the canvas, which measures it, cuts it
//! and draws it; so the canvas is the one place where a text can become that of another language,
//! and no chart needs to know of it.

use std::{borrow::Cow, cell::Cell};

/// The faces of the Chinese texts: regular and bold.
pub static FACES: [&[u8]; 2] = [
    include_bytes!("../fonts/NotoSansSC-Regular.ttf"),
    include_bytes!("../fonts/NotoSansSC-Bold.ttf"),
];

/// A function that returns a text in another language; a text that it does not know stays.
pub type Say = fn(&str) -> String;

thread_local! {
    static SAY: Cell<Option<Say>> = const { Cell::new(None) };
}

/// The language that was in force before; it is in force again when this is dropped, also after a
/// panic.
struct Before(Option<Say>);

impl Drop for Before {
    fn drop(&mut self) {
        SAY.set(self.0);
    }
}

/// Draws with every text of every sheet in another language; `None` leaves them in English.
pub fn within<T>(say: Option<Say>, draw: impl FnOnce() -> T) -> T {
    let _before = Before(SAY.replace(say));
    draw()
}

/// Returns a text in the language in force.
pub(crate) fn said(text: &str) -> Cow<'_, str> {
    match SAY.get() {
        None => Cow::Borrowed(text),
        Some(say) => Cow::Owned(say(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_in_force_until_its_end() {
        let shout = |text: &str| text.to_uppercase();
        assert_eq!(within(Some(shout), || said("a").into_owned()), "A");
        assert_eq!(said("a"), "a");
        let inner = within(Some(shout), || within(None, || said("a").into_owned()));
        assert_eq!(inner, "a");
    }
}
