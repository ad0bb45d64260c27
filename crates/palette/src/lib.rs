//! The looks of lines, bars and names in all figures: colour, marker and dash, so that colour-blind
//! readers and readers of grey print can distinguish them too.
//!
//! This crate defines only which looks there are. The crate that defines the ways to read a room
//! assigns a look to each of them, and the crate that draws figures draws the looks.

/// A colour: red, green, blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour(pub u8, pub u8, pub u8);

/// The shape that is drawn at measured points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marker {
    /// The marker of [`Hue::Orange`].
    Square,
    /// The marker of [`Hue::Amber`].
    Triangle,
    /// The marker of [`Hue::Green`].
    Circle,
    /// The marker of [`Hue::Sky`].
    Diamond,
    /// The marker of [`Hue::Night`].
    Star,
    /// The marker of [`Hue::Grey`].
    Cross,
}

/// The fill of a marker, which distinguishes the variants of one hue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fill {
    /// The fill of the first variant.
    Full,
    /// The fill of the second variant.
    Hollow,
    /// The fill of the third variant.
    Cored,
}

/// A look: six looks differ in colour, marker and dash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hue {
    /// Orange, of lightness 50 (CIE L*).
    Orange,
    /// Amber, of lightness 71.
    Amber,
    /// Green, of lightness 38.
    Green,
    /// Sky blue, of lightness 60.
    Sky,
    /// Night blue, of lightness 11.
    Night,
    /// Grey, for everything that is not known.
    Grey,
}

impl Hue {
    /// Returns the colour of the hue.
    #[must_use]
    pub const fn colour(self) -> Colour {
        match self {
            Self::Orange => Colour(0xD1, 0x49, 0x1B),
            Self::Amber => Colour(0xE6, 0x9F, 0x00),
            Self::Green => Colour(0x00, 0x66, 0x4F),
            Self::Sky => Colour(0x3D, 0x98, 0xD8),
            Self::Night => Colour(0x1A, 0x1A, 0x3A),
            Self::Grey => Colour(0x77, 0x77, 0x77),
        }
    }

    /// Returns the marker of the hue.
    #[must_use]
    pub const fn marker(self) -> Marker {
        match self {
            Self::Orange => Marker::Square,
            Self::Amber => Marker::Triangle,
            Self::Green => Marker::Circle,
            Self::Sky => Marker::Diamond,
            Self::Night => Marker::Star,
            Self::Grey => Marker::Cross,
        }
    }

    /// Returns the dash of the hue's first, second or third variant: the lengths of strokes and
    /// gaps in turn, in pixels; empty for a solid line.
    #[must_use]
    pub const fn dash(self, ordinal: usize) -> &'static [f64] {
        const DASHES: [[&[f64]; 3]; 6] = [
            [&[26.0, 8.0], &[13.0, 6.0], &[40.0, 6.0]],
            [
                &[22.0, 7.0, 5.0, 7.0],
                &[12.0, 5.0, 4.0, 5.0],
                &[34.0, 6.0, 5.0, 6.0],
            ],
            [&[6.0, 6.0], &[3.0, 5.0], &[6.0, 11.0]],
            [&[14.0, 8.0], &[9.0, 5.0], &[14.0, 14.0]],
            [&[], &[48.0, 5.0], &[30.0, 5.0, 30.0, 12.0]],
            [&[4.0, 10.0], &[4.0, 5.0], &[10.0, 10.0]],
        ];
        DASHES[self as usize][ordinal % 3]
    }
}

/// The look and the name of one line or bar.
#[derive(Debug, Clone, PartialEq)]
pub struct Style {
    /// The name for readers.
    pub name: String,
    /// The colour.
    pub colour: Colour,
    /// The marker.
    pub marker: Marker,
    /// The lengths of strokes and gaps in turn, in pixels; empty for a solid line.
    pub dash: Vec<f64>,
    /// The fill of the marker.
    pub fill: Fill,
}

impl Style {
    /// Makes the style of the first, second or third variant (`ordinal` 0, 1, 2) of a hue. Further
    /// variants start again with the first.
    #[must_use]
    pub fn new(name: String, hue: Hue, ordinal: usize) -> Self {
        Self {
            name,
            colour: hue.colour(),
            marker: hue.marker(),
            dash: hue.dash(ordinal).to_vec(),
            fill: [Fill::Full, Fill::Hollow, Fill::Cored][ordinal % 3],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HUES: [Hue; 5] = [Hue::Orange, Hue::Amber, Hue::Green, Hue::Sky, Hue::Night];

    /// Returns the CIE 1976 lightness of an sRGB colour, from 0 to 100.
    fn lightness(Colour(red, green, blue): Colour) -> f64 {
        let linear = |byte: u8| {
            let value = f64::from(byte) / 255.0;
            if value <= 0.040_45 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        let luminance = 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
        116.0 * luminance.cbrt() - 16.0
    }

    #[test]
    fn grey_print_tells_the_colours_apart() {
        let mut levels: Vec<f64> = HUES.iter().map(|hue| lightness(hue.colour())).collect();
        levels.sort_by(f64::total_cmp);
        for pair in levels.windows(2) {
            assert!(pair[1] - pair[0] >= 9.0, "lightness {levels:.0?}");
        }
        assert!(levels[4] < 75.0, "too pale on white: {levels:.0?}");
    }

    #[test]
    fn a_variant_has_a_marker_and_a_dash_of_its_own() {
        for (at, one) in HUES.iter().enumerate() {
            for other in &HUES[at + 1..] {
                assert_ne!(one.marker(), other.marker());
                for ordinal in 0..3 {
                    assert_ne!(one.dash(ordinal), other.dash(ordinal));
                }
            }
        }
    }
}
