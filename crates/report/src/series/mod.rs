//! Who is who in every figure: one colour, one marker, one dash and one name for
//! each variant of a transport.
//!
//! The colours differ in lightness as well as in hue, so that they are told apart
//! by colour-blind readers and in grey print; marker and dash say it again.
//! Several variants of one transport (short poll each 250 ms and each second)
//! keep colour and marker and differ in fill and dash.

mod name;

use std::collections::BTreeSet;

pub(crate) use name::milliseconds;

use wire::Way;

use crate::row::RunRow;

/// Red, green, blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour(pub u8, pub u8, pub u8);

/// The shape drawn at points that are measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marker {
    /// Short poll.
    Square,
    /// Long poll.
    Triangle,
    /// Stream of NDJSON.
    Circle,
    /// Stream of SSE.
    Diamond,
    /// WebSocket.
    Star,
    /// A transport that this version does not know.
    Cross,
}

/// How a marker is filled: it tells apart the variants of one transport.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fill {
    /// The first variant.
    Full,
    /// The second.
    Hollow,
    /// The third.
    Cored,
}

/// How one variant of a transport looks and what it is called, in every figure.
#[derive(Debug, Clone, PartialEq)]
pub struct Identity {
    /// The `transport` column.
    pub transport: String,
    /// The `variant` column.
    pub variant: String,
    /// What a reader calls it.
    pub name: String,
    /// Its colour.
    pub colour: Colour,
    /// Its marker.
    pub marker: Marker,
    /// Lengths of strokes and gaps in turn, in pixels; empty for a solid line.
    pub dash: Vec<f64>,
    /// How its marker is filled.
    pub fill: Fill,
}

/// Returns the colour of a way; grey for one that this version does not know. Lightness
/// (CIE L*) 49, 71, 38, 60 and 10: see the test.
const fn colour(way: Option<Way>) -> Colour {
    match way {
        Some(Way::ShortPoll) => Colour(0xD1, 0x49, 0x1B),
        Some(Way::LongPoll) => Colour(0xE6, 0x9F, 0x00),
        Some(Way::Ndjson) => Colour(0x00, 0x66, 0x4F),
        Some(Way::Sse) => Colour(0x3D, 0x98, 0xD8),
        Some(Way::Websocket) => Colour(0x1A, 0x1A, 0x3A),
        None => Colour(0x77, 0x77, 0x77),
    }
}

/// Returns the marker of a way; a cross for one that this version does not know.
const fn marker(way: Option<Way>) -> Marker {
    match way {
        Some(Way::ShortPoll) => Marker::Square,
        Some(Way::LongPoll) => Marker::Triangle,
        Some(Way::Ndjson) => Marker::Circle,
        Some(Way::Sse) => Marker::Diamond,
        Some(Way::Websocket) => Marker::Star,
        None => Marker::Cross,
    }
}

/// Returns the dashes of three variants of a way, for the first, the second and the third.
const fn dashes(way: Option<Way>) -> [&'static [f64]; 3] {
    match way {
        Some(Way::ShortPoll) => [&[26.0, 8.0], &[13.0, 6.0], &[40.0, 6.0]],
        Some(Way::LongPoll) => [
            &[22.0, 7.0, 5.0, 7.0],
            &[12.0, 5.0, 4.0, 5.0],
            &[34.0, 6.0, 5.0, 6.0],
        ],
        Some(Way::Ndjson) => [&[6.0, 6.0], &[3.0, 5.0], &[6.0, 11.0]],
        Some(Way::Sse) => [&[14.0, 8.0], &[9.0, 5.0], &[14.0, 14.0]],
        Some(Way::Websocket) => [&[], &[48.0, 5.0], &[30.0, 5.0, 30.0, 12.0]],
        None => [&[4.0, 10.0], &[4.0, 5.0], &[10.0, 10.0]],
    }
}

/// Returns a way's place in the order of telling; those that are not known come last.
fn rank(way: Option<Way>) -> usize {
    way.map_or(Way::ALL.len(), |way| way as usize)
}

impl Identity {
    /// A variant that stands alone.
    pub(crate) fn of(transport: &str, variant: &str) -> Self {
        Self::new(transport, variant, 0, 1)
    }

    fn new(transport: &str, variant: &str, ordinal: usize, siblings: usize) -> Self {
        let way = Way::from_columns(transport, variant);
        Self {
            transport: transport.to_owned(),
            variant: variant.to_owned(),
            name: name::name(way, transport, variant, siblings),
            colour: colour(way),
            marker: marker(way),
            dash: dashes(way)[ordinal % 3].to_vec(),
            fill: [Fill::Full, Fill::Hollow, Fill::Cored][ordinal % 3],
        }
    }
}

/// The identities of all variants in these rows, in the order of telling. It
/// depends on which variants there are and not on the order of the rows, which
/// a run shuffles.
#[must_use]
pub fn identities<'a>(runs: impl IntoIterator<Item = &'a RunRow>) -> Vec<Identity> {
    let variants: BTreeSet<(usize, &str, u64, &str)> = runs
        .into_iter()
        .map(|run| {
            let (transport, variant) = (run.transport.as_str(), run.variant.as_str());
            (
                rank(Way::from_columns(transport, variant)),
                transport,
                name::milliseconds(variant),
                variant,
            )
        })
        .collect();
    let siblings = |rank, transport| {
        variants
            .iter()
            .filter(|other| other.0 == rank && other.1 == transport)
            .count()
    };
    let mut identities: Vec<Identity> = Vec::with_capacity(variants.len());
    let mut last = None;
    let mut ordinal = 0;
    for &(rank, transport, _, variant) in &variants {
        ordinal = if last == Some((rank, transport)) {
            ordinal + 1
        } else {
            0
        };
        last = Some((rank, transport));
        identities.push(Identity::new(
            transport,
            variant,
            ordinal,
            siblings(rank, transport),
        ));
    }
    identities
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every way, and the one that is not known.
    fn all() -> impl Iterator<Item = Option<Way>> {
        Way::ALL.into_iter().map(Some).chain([None])
    }

    /// CIE 1976 lightness of an sRGB colour, from 0 to 100.
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
        let mut levels: Vec<f64> = Way::ALL.map(|way| lightness(colour(Some(way)))).into();
        levels.sort_by(f64::total_cmp);
        for pair in levels.windows(2) {
            assert!(pair[1] - pair[0] >= 9.0, "lightness {levels:.0?}");
        }
        let palest = levels.last().expect("there are ways");
        assert!(*palest < 75.0, "too pale on white: {levels:.0?}");
    }

    #[test]
    fn a_variant_has_a_marker_and_a_dash_of_its_own() {
        for (at, one) in all().enumerate() {
            for other in all().skip(at + 1) {
                assert_ne!(marker(one), marker(other));
                for ordinal in 0..3 {
                    assert_ne!(dashes(one)[ordinal], dashes(other)[ordinal]);
                }
            }
        }
    }
}
