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

/// What is told apart by colour, in the order in which the comparison is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    ShortPoll,
    LongPoll,
    Ndjson,
    Sse,
    Websocket,
    Unknown,
}

impl Kind {
    fn of(transport: &str, variant: &str) -> Self {
        match transport {
            "short_poll" => Self::ShortPoll,
            "long_poll" => Self::LongPoll,
            "http_stream" if variant.starts_with("sse") => Self::Sse,
            "http_stream" => Self::Ndjson,
            "websocket" => Self::Websocket,
            _ => Self::Unknown,
        }
    }

    /// Lightness (CIE L*) 49, 71, 38, 60 and 10: see the test.
    const fn colour(self) -> Colour {
        match self {
            Self::ShortPoll => Colour(0xD1, 0x49, 0x1B),
            Self::LongPoll => Colour(0xE6, 0x9F, 0x00),
            Self::Ndjson => Colour(0x00, 0x66, 0x4F),
            Self::Sse => Colour(0x3D, 0x98, 0xD8),
            Self::Websocket => Colour(0x1A, 0x1A, 0x3A),
            Self::Unknown => Colour(0x77, 0x77, 0x77),
        }
    }

    const fn marker(self) -> Marker {
        match self {
            Self::ShortPoll => Marker::Square,
            Self::LongPoll => Marker::Triangle,
            Self::Ndjson => Marker::Circle,
            Self::Sse => Marker::Diamond,
            Self::Websocket => Marker::Star,
            Self::Unknown => Marker::Cross,
        }
    }

    const fn dash(self, ordinal: usize) -> &'static [f64] {
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

impl Identity {
    /// A variant that stands alone.
    pub(crate) fn of(transport: &str, variant: &str) -> Self {
        Self::new(transport, variant, 0, 1)
    }

    fn new(transport: &str, variant: &str, ordinal: usize, siblings: usize) -> Self {
        let kind = Kind::of(transport, variant);
        Self {
            transport: transport.to_owned(),
            variant: variant.to_owned(),
            name: name::name(kind, transport, variant, siblings),
            colour: kind.colour(),
            marker: kind.marker(),
            dash: kind.dash(ordinal).to_vec(),
            fill: [Fill::Full, Fill::Hollow, Fill::Cored][ordinal % 3],
        }
    }
}

/// The identities of all variants in these rows, in the order of telling. It
/// depends on which variants there are and not on the order of the rows, which
/// a run shuffles.
#[must_use]
pub fn identities<'a>(runs: impl IntoIterator<Item = &'a RunRow>) -> Vec<Identity> {
    let variants: BTreeSet<(Kind, &str, u64, &str)> = runs
        .into_iter()
        .map(|run| {
            let (transport, variant) = (run.transport.as_str(), run.variant.as_str());
            (
                Kind::of(transport, variant),
                transport,
                name::milliseconds(variant),
                variant,
            )
        })
        .collect();
    let siblings = |kind, transport| {
        variants
            .iter()
            .filter(|other| other.0 == kind && other.1 == transport)
            .count()
    };
    let mut identities: Vec<Identity> = Vec::with_capacity(variants.len());
    let mut last = None;
    let mut ordinal = 0;
    for &(kind, transport, _, variant) in &variants {
        ordinal = if last == Some((kind, transport)) {
            ordinal + 1
        } else {
            0
        };
        last = Some((kind, transport));
        identities.push(Identity::new(
            transport,
            variant,
            ordinal,
            siblings(kind, transport),
        ));
    }
    identities
}

#[cfg(test)]
mod tests {
    use super::*;

    const KINDS: [Kind; 5] = [
        Kind::ShortPoll,
        Kind::LongPoll,
        Kind::Ndjson,
        Kind::Sse,
        Kind::Websocket,
    ];

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
        let mut levels: Vec<f64> = KINDS.iter().map(|kind| lightness(kind.colour())).collect();
        levels.sort_by(f64::total_cmp);
        for pair in levels.windows(2) {
            assert!(pair[1] - pair[0] >= 9.0, "lightness {levels:.0?}");
        }
        assert!(levels[4] < 75.0, "too pale on white: {levels:.0?}");
    }

    #[test]
    fn a_variant_has_a_marker_and_a_dash_of_its_own() {
        for (at, one) in KINDS.iter().enumerate() {
            for other in &KINDS[at + 1..] {
                assert_ne!(one.marker(), other.marker());
                for ordinal in 0..3 {
                    assert_ne!(one.dash(ordinal), other.dash(ordinal));
                }
            }
        }
    }
}
