//! Several shared byte strings that go out in one write.

use std::{collections::VecDeque, io::IoSlice};

use bytes::{Buf, Bytes};

/// What one write carries: pointers to bytes that all readers share.
///
/// When several events wait for one reader they are not copied together:
/// hyper, and tokio for a WebSocket, hand the pointers to one `writev`.
#[derive(Debug, Default)]
pub(crate) struct Pieces {
    waiting: VecDeque<Bytes>,
    left: usize,
}

impl Pieces {
    /// Adds a piece at the end.
    pub(crate) fn push(&mut self, piece: Bytes) {
        // `Buf::chunk` may be empty only when nothing is left.
        if !piece.is_empty() {
            self.left += piece.len();
            self.waiting.push_back(piece);
        }
    }
}

impl From<Bytes> for Pieces {
    fn from(piece: Bytes) -> Self {
        let mut pieces = Self::default();
        pieces.push(piece);
        pieces
    }
}

impl Buf for Pieces {
    fn remaining(&self) -> usize {
        self.left
    }

    fn chunk(&self) -> &[u8] {
        self.waiting.front().map_or(&[], |piece| piece)
    }

    fn chunks_vectored<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize {
        let mut filled = 0;
        for (slice, piece) in slices.iter_mut().zip(&self.waiting) {
            *slice = IoSlice::new(piece);
            filled += 1;
        }
        filled
    }

    fn advance(&mut self, mut count: usize) {
        assert!(count <= self.left, "advanced past the last piece");
        self.left -= count;
        while let Some(first) = self.waiting.front_mut() {
            if count < first.len() {
                first.advance(count);
                return;
            }
            count -= first.len();
            self.waiting.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_way_of_taking_them_gives_the_bytes_in_order(
            texts in prop::collection::vec("[a-z]{0,9}", 0..8),
            steps in prop::collection::vec(1_usize..7, 1..20),
        ) {
            let mut pieces = Pieces::default();
            for text in &texts {
                pieces.push(Bytes::from(text.clone()));
            }
            let mut taken = Vec::new();
            for step in steps.iter().cycle() {
                let mut slices = [IoSlice::new(&[]); 3];
                let filled = pieces.chunks_vectored(&mut slices);
                let seen: Vec<u8> = slices[..filled].iter().flat_map(|slice| slice.to_vec()).collect();
                let step = (*step).min(seen.len());
                taken.extend_from_slice(&seen[..step]);
                pieces.advance(step);
                if pieces.remaining() == 0 {
                    break;
                }
            }
            prop_assert_eq!(taken, texts.concat().into_bytes());
            prop_assert!(pieces.chunk().is_empty());
        }
    }
}
