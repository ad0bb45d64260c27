//! The only typeface of all figures, built in: no system font is used, so that the same rows give
//! the same picture on every machine.
//!
//! The typeface is Inter, under the SIL Open Font License 1.1; see `assets/fonts`.

use std::sync::OnceLock;

use plotters::style::{FontStyle, register_font};
use ttf_parser::Face;

use crate::words::FACES;

const REGULAR: &[u8] = include_bytes!("../fonts/Inter-Regular.ttf");
const BOLD: &[u8] = include_bytes!("../fonts/Inter-Bold.ttf");

/// The font family, as a whole CSS list: an SVG in a browser falls back along it, for example for
/// Chinese text. The built-in faces are registered under the list itself, because plotters looks
/// families up by exactly this text.
pub(crate) const FAMILY: &str = "Inter, 'Noto Sans SC', sans-serif";

/// Registers the faces with plotters, which measures text with them, once for the whole process;
/// returns whether both faces could be read.
pub(crate) fn register() -> bool {
    static DONE: OnceLock<bool> = OnceLock::new();
    *DONE.get_or_init(|| {
        register_font(FAMILY, FontStyle::Normal, REGULAR).is_ok()
            && register_font(FAMILY, FontStyle::Bold, BOLD).is_ok()
    })
}

/// Returns the Latin and the Chinese face for the outlines of the picture; `None` if one cannot be
/// read.
pub(crate) fn faces(is_bold: bool) -> Option<[&'static Face<'static>; 2]> {
    static ALL: OnceLock<Option<[Face<'static>; 4]>> = OnceLock::new();
    let parsed = || {
        let parse = |bytes: &'static [u8]| Face::parse(bytes, 0).ok();
        let [chinese, chinese_bold] = FACES;
        Some([
            parse(REGULAR)?,
            parse(chinese)?,
            parse(BOLD)?,
            parse(chinese_bold)?,
        ])
    };
    let [latin, chinese, latin_bold, chinese_bold] = ALL.get_or_init(parsed).as_ref()?;
    Some(if is_bold {
        [latin_bold, chinese_bold]
    } else {
        [latin, chinese]
    })
}

/// Returns whether a character is a square of the type's size: a Chinese one, or a mark of Chinese
/// text.
pub(crate) const fn is_square(letter: char) -> bool {
    matches!(letter, '\u{2E80}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{FF01}'..='\u{FF60}')
}
