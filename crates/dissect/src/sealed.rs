//! A connection under TLS: the records around what a [`Dissector`] reads.
//!
//! Whoever owns an end of the connection pushes the bytes that cross the socket and says, record by
//! record, what was in them; the heads of the records alone do not tell (in TLS 1.3 a ticket looks
//! like data). The content goes to the dissector within. What a record adds to its content (head,
//! number, type, padding, tag) is in [`Layer::Tls`], for what the first byte of its content is
//! for. Records without content are for [`Purpose::Setup`] (handshakes, tickets, new keys), and the
//! last word of each side for [`Purpose::Close`].

use std::{collections::VecDeque, mem, ops::RangeInclusive};

use crate::{Direction, Dissector, Fault, Layer, Purpose, Reason, Span};

/// The length of a record's head (RFC 8446, section 5.1).
const HEAD: u64 = 5;

/// The bytes that records of data add to their content: AES-GCM in TLS 1.3 (head, type, tag),
/// `ChaCha20` in TLS 1.2 (head, tag), AES-GCM in TLS 1.2 (head, number, tag).
const AROUND: [u64; 3] = [22, 21, 29];

/// The type of a record that is an alert (RFC 5246, section 6.2.1).
const ALERT: u8 = 21;

/// The types of records (RFC 8446, section 5.1; RFC 6520).
const TYPES: RangeInclusive<u8> = 20..=24;

/// The content of one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content<'a> {
    /// Bytes of the protocol above.
    Data(&'a [u8]),
    /// A message of TLS itself.
    Control,
    /// The last word of a side.
    Close,
}

/// A dissector for one connection under TLS.
///
/// Each direction has its order. Where bytes are opened at this end, push the bytes first and then
/// tell the content of the records that they complete. Where they are sealed at this end, tell the
/// content of the next record first and push the bytes as they leave; a record of which no content
/// was told is one that TLS made by itself.
#[derive(Debug)]
pub struct Sealed {
    inner: Dissector,
    sides: [Side; 2],
    /// The direction that is sealed at this end.
    ours: Direction,
    /// The first half record that was left at the end.
    is_cut: Option<Fault>,
}

/// One direction.
#[derive(Debug, Default)]
struct Side {
    /// The head of the record that is crossing, as far as it has.
    head: [u8; HEAD as usize],
    /// The bytes of that record that have crossed.
    crossed: u64,
    /// All bytes that have crossed.
    all: u64,
    /// The lengths of whole records of which nothing was said yet; of the direction that is opened
    /// here.
    whole: VecDeque<u64>,
    /// The contents of records that have not crossed, of the direction that is sealed here.
    /// `None` is the last word.
    told: VecDeque<Option<Box<[u8]>>>,
    /// The bytes that records add to content whose purpose is still open: the place of its first
    /// byte within the content, and how many bytes are added.
    around: VecDeque<(u64, u64)>,
    /// The bytes of content so far.
    content: u64,
}

impl Sealed {
    /// Makes a dissector for a connection whose content `inner` understands. `ours` is the
    /// direction that is sealed at this end: up for a client, down for a server.
    #[must_use]
    pub fn new(inner: Dissector, ours: Direction) -> Self {
        Self {
            inner,
            sides: [Side::default(), Side::default()],
            ours,
            is_cut: None,
        }
    }

    /// Takes the next bytes that crossed the socket in one direction.
    pub fn cross<S: FnMut(Span)>(&mut self, direction: Direction, mut wire: &[u8], sink: &mut S) {
        self.sides[direction as usize].all += wire.len() as u64;
        while !wire.is_empty() {
            let side = &mut self.sides[direction as usize];
            let taken = side.take(wire);
            wire = &wire[taken..];
            let Some(length) = side.whole_record() else {
                continue;
            };
            let is_alert = side.head[0] == ALERT;
            side.crossed = 0;
            if direction == self.ours {
                self.has_left(direction, length, is_alert, sink);
            } else {
                side.whole.push_back(length);
            }
        }
    }

    /// Says what is in the next record of one direction; see [`Self`] for when.
    pub fn content<S: FnMut(Span)>(
        &mut self,
        direction: Direction,
        content: Content<'_>,
        sink: &mut S,
    ) {
        let side = &mut self.sides[direction as usize];
        if direction == self.ours {
            match content {
                Content::Data(data) => side.told.push_back(Some(data.into())),
                Content::Close => side.told.push_back(None),
                Content::Control => {}
            }
        } else if let Some(length) = side.whole.pop_front() {
            self.record(direction, length, content, sink);
        }
    }

    /// Ends the connection. From here on the lengths of all spans add up to the bytes that
    /// crossed. Half a record at the end is a fault. Nothing of it can be opened, so all of it is in
    /// [`Layer::Tls`], unless it does not begin as a record does.
    pub fn finish<S: FnMut(Span)>(&mut self, sink: &mut S) {
        for direction in Direction::ALL {
            let side = &mut self.sides[direction as usize];
            let whole: u64 = mem::take(&mut side.whole).into_iter().sum();
            let half = mem::take(&mut side.crossed);
            let at = side.all - half;
            // A handshake that failed: nothing was opened of what came last.
            put(direction, Purpose::Setup, Layer::Tls, whole, sink);
            let (purpose, layer) = half_record(side.head[0]);
            put(direction, purpose, layer, half, sink);
            if half > 0 {
                let reason = Reason::Truncated;
                self.is_cut.get_or_insert(Fault {
                    direction,
                    at,
                    reason,
                });
            }
        }
        let sides = &mut self.sides;
        self.inner
            .finish(&mut |span: Span| forward(sides, span, sink));
        for (direction, side) in Direction::ALL.into_iter().zip(&mut self.sides) {
            let rest = mem::take(&mut side.around).into_iter();
            let rest = rest.map(|(_, around)| around).sum();
            put(direction, Purpose::Setup, Layer::Unparsed, rest, sink);
        }
    }

    /// Returns the first break of the protocol and its position, if there was one: in the content,
    /// counted in its own bytes, or else of the records themselves.
    #[must_use]
    pub fn fault(&self) -> Option<&Fault> {
        self.inner.fault().or(self.is_cut.as_ref())
    }

    /// Enters a record that was sealed here and has left.
    fn has_left<S: FnMut(Span)>(
        &mut self,
        direction: Direction,
        length: u64,
        is_alert: bool,
        sink: &mut S,
    ) {
        let told = &mut self.sides[direction as usize].told;
        let is_next = match told.front() {
            Some(Some(data)) => AROUND.contains(&(length.saturating_sub(data.len() as u64))),
            Some(None) => true,
            None => false,
        };
        let next = if is_next { told.pop_front() } else { None };
        let content = match &next {
            Some(Some(data)) => Content::Data(data),
            Some(None) => Content::Close,
            None if is_alert => Content::Close,
            None => Content::Control,
        };
        self.record(direction, length, content, sink);
    }

    fn record<S: FnMut(Span)>(
        &mut self,
        direction: Direction,
        length: u64,
        content: Content<'_>,
        sink: &mut S,
    ) {
        let data = match content {
            // More cannot have been in it.
            Content::Data(data) if !data.is_empty() && data.len() as u64 <= length => data,
            Content::Close => return put(direction, Purpose::Close, Layer::Tls, length, sink),
            _ => return put(direction, Purpose::Setup, Layer::Tls, length, sink),
        };
        let side = &mut self.sides[direction as usize];
        let around = length - data.len() as u64;
        side.around.push_back((side.content, around));
        side.content += data.len() as u64;
        let sides = &mut self.sides;
        self.inner.push(direction, data, &mut |span: Span| {
            forward(sides, span, sink);
        });
    }
}

impl Side {
    /// Takes bytes of the record that is crossing; returns how many are its own.
    fn take(&mut self, wire: &[u8]) -> usize {
        if self.crossed < HEAD {
            let got = self.crossed as usize;
            let count = wire.len().min(HEAD as usize - got);
            self.head[got..got + count].copy_from_slice(&wire[..count]);
            self.crossed += count as u64;
            return count;
        }
        let left = (self.length() - self.crossed).min(wire.len() as u64);
        self.crossed += left;
        left as usize
    }

    /// Returns the length of the record that is crossing, if all of it has.
    fn whole_record(&self) -> Option<u64> {
        (self.crossed >= HEAD && self.crossed == self.length()).then_some(self.crossed)
    }

    fn length(&self) -> u64 {
        HEAD + u64::from(u16::from_be_bytes([self.head[3], self.head[4]]))
    }
}

/// Returns the account of a record of this type whose end did not come.
fn half_record(kind: u8) -> (Purpose, Layer) {
    match kind {
        ALERT => (Purpose::Close, Layer::Tls),
        kind if TYPES.contains(&kind) => (Purpose::Setup, Layer::Tls),
        _ => (Purpose::Setup, Layer::Unparsed),
    }
}

/// Passes on a span of content, and before it what the records add whose content begins in it.
fn forward<S: FnMut(Span)>(sides: &mut [Side; 2], span: Span, sink: &mut S) {
    let waiting = &mut sides[span.direction as usize].around;
    // Nearly always the first record that waits is meant; with HTTP/2 it may be a later one.
    let from = match waiting.front() {
        Some(&(first, _)) if first < span.start => {
            waiting.partition_point(|&(first, _)| first < span.start)
        }
        _ => 0,
    };
    while let Some(&(first, around)) = waiting.get(from)
        && first < span.start + span.len
    {
        waiting.remove(from);
        put(span.direction, span.purpose, Layer::Tls, around, sink);
    }
    sink(span);
}

fn put<S: FnMut(Span)>(
    direction: Direction,
    purpose: Purpose,
    layer: Layer,
    len: u64,
    sink: &mut S,
) {
    if len > 0 {
        sink(Span {
            direction,
            purpose,
            layer,
            // Records have no place within the content, which is what spans are counted in.
            start: 0,
            len,
            continues: false,
        });
    }
}

#[cfg(test)]
mod tests;
