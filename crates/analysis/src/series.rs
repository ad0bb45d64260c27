//! The identities of the variants in all figures: one colour, one marker, one dash and one name for
//! each variant of a transport.
//!
//! The colours differ in lightness as well as in hue, so that colour-blind readers can distinguish
//! them, also in grey print; marker and dash repeat the distinction. Several variants of one
//! transport (short poll each 250 ms and each second) have the same colour and marker, and differ
//! in fill and dash.

mod name;

use std::collections::BTreeSet;

pub use name::milliseconds;
use palette::{Hue, Style};
use results::RunRow;
use wire::{Protocol, Way};

/// A variant of a transport: its keys, and its look and its name in all figures.
#[derive(Debug, Clone, PartialEq)]
pub struct Identity {
    /// The value of the column `transport`.
    pub transport: String,
    /// The value of the column `variant`.
    pub variant: String,
    /// The name, colour, marker and dash of the variant.
    pub style: Style,
}

/// Returns the hue of a way, which is grey for a way that this version does not know.
const fn hue(way: Option<Way>) -> Hue {
    match way {
        Some(Way::ShortPoll) => Hue::Orange,
        Some(Way::LongPoll) => Hue::Amber,
        Some(Way::Ndjson) => Hue::Green,
        Some(Way::Sse) => Hue::Sky,
        Some(Way::Websocket) => Hue::Night,
        None => Hue::Grey,
    }
}

/// Returns a way's place in the order of presentation; unknown ways come last.
fn rank(way: Option<Way>) -> usize {
    way.map_or(Way::ALL.len(), |way| way as usize)
}

impl Identity {
    /// Returns the identity of a variant that has no siblings.
    #[must_use]
    pub fn of(transport: &str, variant: &str) -> Self {
        Self::new(transport, variant, 0, 1)
    }

    fn new(transport: &str, variant: &str, ordinal: usize, siblings: usize) -> Self {
        let way = Way::from_columns(transport, variant);
        let name = name::name(way, transport, variant, siblings);
        Self {
            transport: transport.to_owned(),
            variant: variant.to_owned(),
            style: Style::new(name, hue(way), ordinal),
        }
    }
}

/// Returns the identities of all variants in these rows, in the order of presentation. The result
/// depends on which variants there are, and not on the order of the rows, which a run shuffles.
#[must_use]
pub fn identities<'a>(runs: impl IntoIterator<Item = &'a RunRow>) -> Vec<Identity> {
    let variants: BTreeSet<(usize, &str, Protocol, u64, &str)> = runs
        .into_iter()
        .map(|run| {
            let (transport, variant) = (run.transport.as_str(), run.variant.as_str());
            (
                rank(Way::from_columns(transport, variant)),
                transport,
                Protocol::from_variant(variant),
                name::milliseconds(variant),
                variant,
            )
        })
        .collect();
    let siblings = |rank, transport, protocol| {
        variants
            .iter()
            .filter(|other| (other.0, other.1, other.2) == (rank, transport, protocol))
            .count()
    };
    let mut identities: Vec<Identity> = Vec::with_capacity(variants.len());
    let mut last = None;
    let mut ordinal = 0;
    for &(rank, transport, protocol, _, variant) in &variants {
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
            siblings(rank, transport, protocol),
        ));
    }
    identities
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks that no two ways look alike, and that none looks like an unknown way.
    #[test]
    fn every_way_has_a_look_of_its_own() {
        let ways = Way::ALL.into_iter().map(Some).chain([None]);
        let mut hues: Vec<Hue> = ways.map(hue).collect();
        let count = hues.len();
        hues.sort_unstable();
        hues.dedup();
        assert_eq!(hues.len(), count, "{hues:?}");
    }
}
