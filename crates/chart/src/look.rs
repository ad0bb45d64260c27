//! How the parts of a stack look.

use palette::Colour;

use crate::{
    canvas::{INK, PAPER},
    pattern::Pattern,
};

/// How one part of a stack looks and what it is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// The word in the CSV column.
    pub key: &'static str,
    /// What a reader calls it.
    pub name: &'static str,
    /// The same where there is little room.
    pub short: &'static str,
    /// Its colour.
    pub colour: Colour,
    /// What is drawn over the colour.
    pub pattern: Pattern,
}

impl Look {
    /// A colour that can be read on the area.
    #[must_use]
    pub fn ink(&self) -> Colour {
        let Colour(red, green, blue) = self.colour;
        let light = 0.30 * f64::from(red) + 0.59 * f64::from(green) + 0.11 * f64::from(blue);
        match self.pattern {
            Pattern::Plain if light < 120.0 => PAPER,
            _ => INK,
        }
    }

    /// Whether a number can be read on the area.
    #[must_use]
    pub fn is_calm(&self) -> bool {
        self.pattern == Pattern::Plain
    }
}
