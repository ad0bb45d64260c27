//! One direction of a connection, put together from segments in whatever order they come.

use std::{collections::BTreeMap, time::Duration};

use crate::{MOST_OF_A_DIRECTION, Why};

/// The segments of one direction so far. Bytes are placed by their sequence numbers; those that
/// came twice are kept once.
#[derive(Debug, Default)]
pub(crate) struct Stream {
    /// The highest sequence number so far, and its place. Places go on where sequence numbers wrap.
    newest: Option<(u32, i64)>,
    /// The place of the SYN.
    syn: Option<i64>,
    /// The place behind the last byte, by the FIN.
    fin: Option<i64>,
    /// Pieces that do not overlap, by the place of their first byte.
    pieces: BTreeMap<i64, Piece>,
    kept: usize,
}

/// A run of bytes.
#[derive(Debug)]
struct Piece {
    len: u64,
    content: Content,
    /// The time of the first segment that had its first byte.
    at: Duration,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Content {
    Bytes(Vec<u8>),
    /// The packet was cut.
    Cut,
    /// There are too many bytes.
    NotKept,
}

/// A run of the bytes of one direction, up to the first that is not there.
#[derive(Debug, Default)]
pub(crate) struct Run {
    /// The offset of its first byte in the direction.
    pub(crate) offset: u64,
    pub(crate) bytes: Vec<u8>,
    /// The times at which bytes came: offset of the first within the run, and time.
    pub(crate) marks: Vec<(usize, Duration)>,
    /// The number of bytes that segments had: those of the run, and those behind it that are in no
    /// run.
    pub(crate) carried: u64,
    /// The bytes around the content, and the number of records, of a connection that was opened.
    pub(crate) around: (u64, u64),
    /// The place in the direction where the bytes stop, if they stop early.
    pub(crate) gap: Option<(u64, Why)>,
    /// True if the beginning was captured.
    pub(crate) has_begin: bool,
    /// True if the end was captured.
    pub(crate) has_end: bool,
}

impl Run {
    /// Returns the time at which the byte at this place of the run came.
    pub(crate) fn time(&self, place: usize) -> Duration {
        let after = self.marks.partition_point(|mark| mark.0 <= place);
        let mark = self.marks.get(after.saturating_sub(1));
        mark.map_or(Duration::ZERO, |mark| mark.1)
    }

    /// Cuts off what begins at this place, which is that of a mark.
    pub(crate) fn split_off(&mut self, place: usize) -> Self {
        let bytes = self.bytes.split_off(place);
        let first = self.marks.partition_point(|mark| mark.0 < place);
        let marks = self.marks.split_off(first).into_iter();
        let behind = self.carried.saturating_sub(place as u64);
        self.carried -= behind;
        Self {
            offset: self.offset + place as u64,
            bytes,
            marks: marks.map(|(at, time)| (at - place, time)).collect(),
            carried: behind,
            around: (0, 0),
            gap: self.gap.take(),
            has_begin: false,
            has_end: self.has_end,
        }
    }
}

impl Stream {
    /// Returns the place of a sequence number.
    fn place(&mut self, sequence: u32) -> i64 {
        let Some((last, at)) = self.newest else {
            self.newest = Some((sequence, 0));
            return 0;
        };
        let place = at + i64::from(sequence.wrapping_sub(last).cast_signed());
        if place > at {
            self.newest = Some((sequence, place));
        }
        place
    }

    /// Takes a SYN; returns false if another one opened this direction before.
    pub(crate) fn open(&mut self, sequence: u32) -> bool {
        let place = self.place(sequence);
        *self.syn.get_or_insert(place) == place
    }

    /// Returns whether anything of this direction is known: its SYN, a byte or its FIN.
    pub(crate) const fn has_begun(&self) -> bool {
        self.newest.is_some()
    }

    /// Returns whether the SYN that opened this direction is known.
    pub(crate) const fn has_syn(&self) -> bool {
        self.syn.is_some()
    }

    /// Returns whether this direction has begun, and another SYN than this one opened it.
    pub(crate) fn is_other(&self, sequence: u32) -> bool {
        let (Some(syn), Some((last, at))) = (self.syn, self.newest) else {
            return false;
        };
        at + i64::from(sequence.wrapping_sub(last).cast_signed()) != syn
    }

    /// Takes the FIN of a segment that ends before this sequence number.
    pub(crate) fn finish(&mut self, sequence: u32) {
        let place = self.place(sequence);
        self.fin.get_or_insert(place);
    }

    /// Takes the bytes of a segment, of which `length` were on the wire. `budget` is how many bytes
    /// may still be kept of the whole file.
    pub(crate) fn take(
        &mut self,
        sequence: u32,
        bytes: &[u8],
        length: u64,
        at: Duration,
        budget: &mut usize,
    ) {
        let start = self.place(sequence);
        let captured = (bytes.len() as u64).min(length);
        let bytes = &bytes[..captured as usize];
        self.insert(start, captured, Some(bytes), at, budget);
        let cut = start.saturating_add_unsigned(captured);
        self.insert(cut, length - captured, None, at, budget);
    }

    /// Puts what is new between the pieces that are there.
    fn insert(
        &mut self,
        start: i64,
        len: u64,
        bytes: Option<&[u8]>,
        at: Duration,
        budget: &mut usize,
    ) {
        let end = start.saturating_add_unsigned(len);
        let first = self.pieces.range(..=start).next_back();
        let first = first.map_or(start, |(&place, _)| place);
        let mut next = start;
        let mut holes = Vec::new();
        for (&place, piece) in self.pieces.range_mut(first..end) {
            let piece_end = place.saturating_add_unsigned(piece.len);
            if piece_end <= start {
                continue;
            }
            if place >= start {
                piece.at = piece.at.min(at);
            }
            if next < place {
                holes.push((next, place));
            }
            next = next.max(piece_end);
        }
        if next < end {
            holes.push((next, end));
        }
        for (from, to) in holes {
            let part = |place: i64| place.abs_diff(start) as usize;
            let content = match bytes {
                None => Content::Cut,
                Some(bytes) => self.keep(&bytes[part(from)..part(to)], budget),
            };
            self.put(from, to.abs_diff(from), content, at);
        }
    }

    fn keep(&mut self, bytes: &[u8], budget: &mut usize) -> Content {
        if self.kept + bytes.len() > MOST_OF_A_DIRECTION || bytes.len() > *budget {
            return Content::NotKept;
        }
        self.kept += bytes.len();
        *budget -= bytes.len();
        Content::Bytes(bytes.to_vec())
    }

    /// Puts a piece where none is. What is not kept becomes one with what is not kept before it.
    fn put(&mut self, place: i64, len: u64, content: Content, at: Duration) {
        let before = self.pieces.range_mut(..place).next_back();
        if let Some((&from, piece)) = before
            && !matches!(content, Content::Bytes(_))
            && piece.content == content
            && from.saturating_add_unsigned(piece.len) == place
        {
            piece.len += len;
            return;
        }
        self.pieces.insert(place, Piece { len, content, at });
    }

    /// Puts the bytes together: at least one run, and another one behind each gap.
    pub(crate) fn runs(self) -> Vec<Run> {
        let first = self.pieces.keys().next().copied();
        let base = self.syn.map(|syn| syn + 1).or(first);
        let start = base.unwrap_or(0);
        let mut next = start;
        let mut run = Run {
            has_begin: self.syn.is_some(),
            ..Run::default()
        };
        let mut runs = Vec::new();
        for (place, piece) in self.pieces {
            let skip = start.saturating_sub(place).max(0).cast_unsigned();
            if skip >= piece.len {
                continue;
            }
            let place = place.max(start);
            let len = piece.len - skip;
            if place > next {
                let missing = Why::Missing(place.abs_diff(next));
                run.gap.get_or_insert((next.abs_diff(start), missing));
            }
            let why = match &piece.content {
                Content::Bytes(_) => None,
                Content::Cut => Some(Why::Cut),
                Content::NotKept => Some(Why::NotKept),
            };
            if let Content::Bytes(bytes) = piece.content {
                if run.gap.is_some() {
                    let behind = Run {
                        offset: place.abs_diff(start),
                        ..Run::default()
                    };
                    runs.push(std::mem::replace(&mut run, behind));
                }
                run.marks.push((run.bytes.len(), piece.at));
                run.bytes.extend_from_slice(&bytes[skip as usize..]);
            } else if let Some(why) = why {
                run.gap.get_or_insert((place.abs_diff(start), why));
            }
            run.carried += len;
            next = place.saturating_add_unsigned(len);
        }
        run.has_end = self.fin.is_some();
        if let Some(fin) = self.fin
            && fin > next
            && base.is_some()
        {
            let missing = Why::Missing(fin.abs_diff(next));
            run.gap.get_or_insert((next.abs_diff(start), missing));
        }
        runs.push(run);
        runs
    }
}

#[cfg(test)]
mod tests;
