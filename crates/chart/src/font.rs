//! The only typeface of all figures, built in: no system font is used, so that the same rows give
//! the same picture on every machine.
//!
//! The typeface is Inter, under the SIL Open Font License 1.1; see `assets/fonts`.

use std::sync::{Arc, OnceLock};

use plotters::style::{FontStyle, register_font};
use resvg::usvg::{FallbackSelectionFn, fontdb};

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

/// Returns the same faces for rendering the picture, and no others.
pub(crate) fn database() -> Arc<fontdb::Database> {
    static DATABASE: OnceLock<Arc<fontdb::Database>> = OnceLock::new();
    let database = DATABASE.get_or_init(|| {
        let mut database = fontdb::Database::new();
        database.load_font_data(REGULAR.to_vec());
        database.load_font_data(BOLD.to_vec());
        for face in FACES {
            database.load_font_data(face.to_vec());
        }
        database.set_sans_serif_family("Inter");
        Arc::new(database)
    });
    Arc::clone(database)
}

/// Returns whether a character is a square of the type's size: a Chinese one, or a mark of Chinese
/// text.
pub(crate) const fn is_square(letter: char) -> bool {
    matches!(letter, '\u{2E80}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{FF01}'..='\u{FF60}')
}

/// Returns the choice of a face for a character that Inter lacks: the Chinese one of the same
/// weight.
pub(crate) fn fallback() -> FallbackSelectionFn<'static> {
    Box::new(|letter, used, database| {
        let weight = database.face(*used.first()?)?.weight;
        let mut faces = database.faces();
        faces
            .find(|face| is_square(letter) && face.weight == weight && !used.contains(&face.id))
            .map(|face| face.id)
    })
}
