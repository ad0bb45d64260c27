//! The looks of the parts of a stack.

use palette::Colour;

use crate::{
    canvas::{INK, PAPER},
    pattern::Pattern,
};

/// The look and the names of one part of a stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// The word in the CSV column.
    pub key: &'static str,
    /// The name for readers.
    pub name: &'static str,
    /// A short name, for where there is little room.
    pub short: &'static str,
    /// The colour of the part.
    pub colour: Colour,
    /// The pattern that is drawn over the colour.
    pub pattern: Pattern,
}

impl Look {
    /// Returns a colour that is readable on the area.
    #[must_use]
    pub fn ink(&self) -> Colour {
        let Colour(red, green, blue) = self.colour;
        let light = 0.30 * f64::from(red) + 0.59 * f64::from(green) + 0.11 * f64::from(blue);
        match self.pattern {
            Pattern::Plain if light < 120.0 => PAPER,
            _ => INK,
        }
    }

    /// Returns whether a number is readable on the area.
    #[must_use]
    pub fn is_calm(&self) -> bool {
        self.pattern == Pattern::Plain
    }
}
