//! The two shades of the pieces of a bar, and the key to them.

use crate::{
    canvas::{Canvas, WIDTH, tint},
    legend,
};
use palette::Colour;

/// The grey of the key, which stands for every variant's colour.
const GREY: Colour = Colour(0x5A, 0x60, 0x68);

/// The shade of a piece of a bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shade {
    /// The variant's colour.
    Full,
    /// A tint of the variant's colour.
    Pale,
}

impl Shade {
    /// Returns the colour of a piece, of which a pale one has this share of white.
    pub(crate) fn of(self, colour: Colour, paleness: f64) -> Colour {
        match self {
            Self::Full => colour,
            Self::Pale => tint(colour, paleness),
        }
    }
}

/// Draws the meanings of full and pale, in a grey that stands for every colour.
pub(crate) fn shade_key(canvas: &mut Canvas<'_>, y: f64, meanings: [&str; 2], paleness: f64) {
    let shades = [Shade::Full, Shade::Pale].map(|shade| shade.of(GREY, paleness));
    let entries = [(shades[0], meanings[0]), (shades[1], meanings[1])];
    legend::key(canvas, WIDTH - 60.0, y, &entries);
}
