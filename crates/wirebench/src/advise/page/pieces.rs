//! The coefficients of one figure over one way, at each stop of the sliders on which it does not
//! depend in proportion.

use std::collections::HashMap;

use serde::Serialize;

/// The number of sliders with stops: messages, payload and round trip.
pub(super) const SLIDERS: usize = 3;
/// The number of terms that coefficients stand for.
pub(super) const TERMS: usize = 11;
/// A coefficient for each term.
pub(super) type Terms = [f64; TERMS];

/// The numbers on which a figure depends in proportion.
#[cfg(test)]
#[derive(Debug, Clone, Copy)]
pub(super) struct Factors {
    /// The bytes of headers.
    pub(super) headers: f64,
    /// The rooms for each reader.
    pub(super) share: f64,
    /// The times in a day that a reader connects.
    pub(super) reconnects: f64,
    /// The bytes that TLS adds to a record; `None` without TLS.
    pub(super) record: Option<f64>,
}

#[cfg(test)]
impl Factors {
    /// Returns the terms, as the page makes them. With TLS header lines may differ (`https` in some of
    /// them), beside what it adds to records.
    pub(super) fn terms(self) -> Terms {
        let Self {
            headers,
            share,
            reconnects,
            ..
        } = self;
        let sealed = f64::from(u8::from(self.record.is_some()));
        let record = self.record.unwrap_or_default();
        [
            1.0,
            headers,
            share,
            headers * share,
            reconnects,
            reconnects * headers,
            sealed,
            sealed * share,
            sealed * reconnects,
            record,
            record * share,
        ]
    }
}

/// The numbers that tell pieces apart.
type PieceKey = ([bool; SLIDERS], Vec<usize>, Vec<u64>);

/// The coefficients of a figure. A slider that changes none of them is left out of the places.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Piece {
    /// True for each slider on which the coefficients depend.
    by: [bool; SLIDERS],
    /// The terms whose coefficients are given at each place; those of all others are zero.
    terms: Vec<usize>,
    /// The coefficients, place by place; the last slider moves fastest.
    at: Vec<f64>,
}

impl Piece {
    /// Makes a piece of the coefficients at the places where there are some; those at others are no
    /// numbers. `None` if there are some nowhere.
    pub(super) fn known(lengths: [usize; SLIDERS], cells: &[Option<Terms>]) -> Option<Self> {
        const UNKNOWN: Terms = [f64::NAN; TERMS];
        if cells.iter().all(Option::is_none) {
            return None;
        }
        let cells: Vec<Terms> = cells.iter().map(|cell| cell.unwrap_or(UNKNOWN)).collect();
        Some(Self::of(lengths, &cells))
    }

    /// Makes a piece of the coefficients at all places.
    fn of(lengths: [usize; SLIDERS], cells: &[Terms]) -> Self {
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
        let is_used = |term: &usize| {
            let coefficients = kept.iter().map(|cell| cell[*term]);
            coefficients
                .filter(|value| !value.is_nan())
                .any(|value| value != 0.0)
        };
        let mut terms: Vec<usize> = (0..TERMS).filter(is_used).collect();
        if terms.is_empty() && kept.iter().any(|cell| cell[0].is_nan()) {
            // What is zero where it is known still has to be told from what is not known.
            terms.push(0);
        }
        let of_cell =
            |cell: &&Terms| -> Vec<f64> { terms.iter().map(|term| cell[*term]).collect() };
        let at = kept.iter().flat_map(of_cell).collect();
        Self { by, terms, at }
    }

    /// Returns what tells pieces apart, to the bit.
    fn key(&self) -> PieceKey {
        let at = self.at.iter().map(|value| value.to_bits()).collect();
        (self.by, self.terms.clone(), at)
    }

    /// Returns the bits of coefficients: those that were computed alike are equal to the bit.
    fn bits(terms: &Terms) -> [u64; TERMS] {
        terms.map(f64::to_bits)
    }

    /// Returns the sum at a place, as the page makes it; no number where it is not known.
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
        let coefficients = &self.at[place * self.terms.len()..];
        let products = self.terms.iter().zip(coefficients);
        products
            .map(|(term, coefficient)| coefficient * terms[*term])
            .sum()
    }
}

/// The pieces so far, each once.
#[derive(Default)]
pub(super) struct Pieces {
    pub(super) list: Vec<Piece>,
    places: HashMap<PieceKey, usize>,
}

impl Pieces {
    /// Returns the place of a piece, which is the same for pieces that are.
    pub(super) fn place(&mut self, piece: Piece) -> usize {
        let next = self.list.len();
        let list = &mut self.list;
        *self.places.entry(piece.key()).or_insert_with(|| {
            list.push(piece);
            next
        })
    }

    /// Returns the places of pieces.
    pub(super) fn places(&mut self, pieces: Vec<Option<Piece>>) -> Vec<Option<usize>> {
        let places = pieces.into_iter();
        places
            .map(|piece| piece.map(|piece| self.place(piece)))
            .collect()
    }
}

fn strides(lengths: [usize; SLIDERS]) -> [usize; SLIDERS] {
    [lengths[1] * lengths[2], lengths[2], 1]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the first four terms, all others being zero.
    fn terms(first: [f64; 4]) -> Terms {
        let mut terms = [0.0; TERMS];
        terms[..4].copy_from_slice(&first);
        terms
    }

    #[test]
    fn a_slider_that_changes_nothing_takes_no_place() {
        let lengths = [2, 3, 2];
        let cells: Vec<Terms> = (0..12)
            .map(|place| {
                let payload = f64::from(place / 2 % 3);
                terms([10.0 + payload, 0.0, 5.0, 0.0])
            })
            .collect();
        let piece = Piece::of(lengths, &cells);
        assert_eq!(piece.by, [false, true, false]);
        assert_eq!(
            (piece.terms.as_slice(), piece.at.len()),
            (&[0, 2][..], 3 * 2)
        );
        for stops in [[0, 0, 0], [1, 2, 1], [0, 1, 1]] {
            let expected = 10.0 + stops[1] as f64 + 5.0 * 7.0;
            let found = piece.sum(lengths, stops, terms([1.0, 100.0, 7.0, 700.0]));
            assert!((found - expected).abs() < 1e-12, "{stops:?}: {found}");
        }
        let same = Piece::of(lengths, &[[0.0; TERMS]; 12]);
        assert_eq!((same.by, same.at.len()), ([false; 3], 0));
        assert!(same.sum(lengths, [1, 2, 1], [1.0; TERMS]).abs() < 1e-12);
        let mut holes = [Some([0.0; TERMS]); 12];
        assert!(Piece::known(lengths, &[None; 12]).is_none());
        holes[2..6].fill(None);
        let partial = Piece::known(lengths, &holes).expect("known at places");
        let at = |stops| partial.sum(lengths, stops, [1.0; TERMS]);
        assert!(at([0, 0, 1]).abs() < 1e-12 && at([0, 1, 0]).is_nan());
        let all: Vec<Terms> = (0..12)
            .map(|place| terms([f64::from(place), 0.0, 0.0, 1.0]))
            .collect();
        let all = Piece::of(lengths, &all);
        assert_eq!((all.by, all.at.len()), ([true; 3], 24));
        let found = all.sum(lengths, [1, 1, 1], terms([1.0, 1.0, 1.0, 2.0]));
        assert!((found - 11.0).abs() < 1e-12);
    }
}
