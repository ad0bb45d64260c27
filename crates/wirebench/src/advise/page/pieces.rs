//! The coefficients of one figure over one way, at each stop of the sliders on which it does not
//! depend in proportion.

use serde::Serialize;

/// The number of sliders with stops: messages, payload and round trip.
pub(super) const SLIDERS: usize = 3;
/// The terms that coefficients stand for: 1, the bytes of headers, rooms for each reader, and the
/// product of both.
const TERMS: usize = 4;
/// A coefficient for each term.
pub(super) type Terms = [f64; TERMS];

/// The coefficients of a figure. A slider that changes none of them is left out of the places.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Piece {
    /// True for each slider on which the coefficients depend.
    by: [bool; SLIDERS],
    /// The number of coefficients at each place; those behind are zero.
    wide: usize,
    /// The coefficients, place by place; the last slider moves fastest.
    at: Vec<f64>,
}

impl Piece {
    /// Makes a piece of the coefficients at all places.
    pub(super) fn of(lengths: [usize; SLIDERS], cells: &[Terms]) -> Self {
        let strides = strides(lengths);
        // The stop of a slider at a place.
        let stop = |place: usize, slider: usize| place / strides[slider] % lengths[slider];
        let by = [0, 1, 2].map(|slider| {
            (0..cells.len()).any(|place| {
                let first = place - stop(place, slider) * strides[slider];
                Self::bits(&cells[place]) != Self::bits(&cells[first])
            })
        });
        let is_kept =
            |place: &usize| (0..SLIDERS).all(|slider| by[slider] || stop(*place, slider) == 0);
        let kept: Vec<&Terms> = (0..cells.len())
            .filter(is_kept)
            .map(|place| &cells[place])
            .collect();
        let width = |terms: &&Terms| {
            let last = terms.iter().rposition(|term| *term != 0.0);
            last.map_or(1, |last| last + 1)
        };
        let wide = kept.iter().map(width).max().unwrap_or(1);
        let at = kept.iter().flat_map(|terms| &terms[..wide]).copied();
        Self {
            by,
            wide,
            at: at.collect(),
        }
    }

    /// Returns the bits of coefficients: those that were computed alike are equal to the bit.
    fn bits(terms: &Terms) -> [u64; TERMS] {
        terms.map(f64::to_bits)
    }

    /// Returns the sum at a place, as the page makes it.
    #[cfg(test)]
    pub(super) fn sum(
        &self,
        lengths: [usize; SLIDERS],
        stops: [usize; SLIDERS],
        terms: Terms,
    ) -> f64 {
        let place = (0..SLIDERS)
            .filter(|slider| self.by[*slider])
            .fold(0, |place, slider| place * lengths[slider] + stops[slider]);
        let coefficients = &self.at[place * self.wide..][..self.wide];
        let products = coefficients.iter().zip(terms);
        products.map(|(coefficient, term)| coefficient * term).sum()
    }
}

fn strides(lengths: [usize; SLIDERS]) -> [usize; SLIDERS] {
    [lengths[1] * lengths[2], lengths[2], 1]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slider_that_changes_nothing_takes_no_place() {
        let lengths = [2, 3, 2];
        let cells: Vec<Terms> = (0..12)
            .map(|place| {
                let payload = f64::from(place / 2 % 3);
                [10.0 + payload, 0.0, 5.0, 0.0]
            })
            .collect();
        let piece = Piece::of(lengths, &cells);
        assert_eq!((piece.by, piece.wide), ([false, true, false], 3));
        assert_eq!(piece.at.len(), 3 * 3);
        for stops in [[0, 0, 0], [1, 2, 1], [0, 1, 1]] {
            let expected = 10.0 + stops[1] as f64 + 5.0 * 7.0;
            let found = piece.sum(lengths, stops, [1.0, 100.0, 7.0, 700.0]);
            assert!((found - expected).abs() < 1e-12, "{stops:?}: {found}");
        }
        let same = Piece::of(lengths, &[[0.0; TERMS]; 12]);
        assert_eq!((same.by, same.wide, same.at.len()), ([false; 3], 1, 1));
        let all: Vec<Terms> = (0..12)
            .map(|place| [f64::from(place), 0.0, 0.0, 1.0])
            .collect();
        let all = Piece::of(lengths, &all);
        assert_eq!((all.by, all.wide, all.at.len()), ([true; 3], 4, 48));
        assert!((all.sum(lengths, [1, 1, 1], [1.0, 1.0, 1.0, 2.0]) - 11.0).abs() < 1e-12);
    }
}
