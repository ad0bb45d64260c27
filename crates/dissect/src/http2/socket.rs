//! A WebSocket over a stream of HTTP/2 (RFC 8441): frames within frames.
//!
//! The frames of the WebSocket are read as on a connection of their own, by the same code. The
//! heads of the frames of HTTP/2 come between their bytes: they are put aside with their places,
//! and put back among the spans, each with the purpose of the WebSocket's frame around it or behind
//! it.

use std::collections::VecDeque;

use wire::Protocol;

use super::stream::Element;
use crate::{Direction, Layer, Purpose, Reason, Span, kind::Opening, span::Out, websocket::Frames};

/// The largest number of elements of HTTP/2 that are put aside in one direction.
const MOST_ASIDE: usize = 4096;

/// A function that takes the spans of a stream in its own order.
pub(super) type Sink<'a> = &'a mut dyn FnMut(Span);

/// A WebSocket.
pub(super) struct Socket {
    frames: [Frames; 2],
    opening: Opening,
    weaves: [Weave; 2],
    written: [u64; 2],
}

/// One direction of a WebSocket, between whose bytes there are elements of HTTP/2.
#[derive(Default)]
struct Weave {
    /// The number of the WebSocket's bytes that came, and of those that are in a span.
    came: u64,
    given: u64,
    /// The elements that were put aside, each with the number of the WebSocket's bytes before it.
    aside: VecDeque<(u64, Element)>,
    /// True if the bytes broke the protocol.
    is_broken: bool,
}

impl Socket {
    pub(super) fn new(deflate: bool, protocol: Protocol) -> Self {
        Self {
            frames: Direction::ALL.map(|direction| Frames::new(direction, deflate, protocol)),
            opening: Opening::new(),
            weaves: [Weave::default(), Weave::default()],
            written: [0; 2],
        }
    }

    /// Puts an element of HTTP/2 aside.
    pub(super) fn framing(&mut self, direction: Direction, element: Element) {
        let weave = &mut self.weaves[direction as usize];
        weave.aside.push_back((weave.came, element));
    }

    /// Returns whether so much was put aside that the WebSocket cannot be followed.
    pub(super) fn is_full(&self) -> bool {
        self.weaves
            .iter()
            .any(|weave| weave.aside.len() > MOST_ASIDE)
    }

    /// Takes the next bytes of one direction.
    pub(super) fn read(
        &mut self,
        direction: Direction,
        bytes: &[u8],
        sink: Sink<'_>,
    ) -> Result<(), Reason> {
        let weave = &mut self.weaves[direction as usize];
        weave.came += bytes.len() as u64;
        let mut give = |span| weave.give(span, sink);
        let mut out = Out {
            written: &mut self.written,
            sink: &mut give,
        };
        let read = self.frames[direction as usize].read(bytes, &mut self.opening, &mut out);
        weave.is_broken |= read.is_err();
        read
    }

    /// Gives what is left in one direction, in which nothing more comes: of a frame that was cut off,
    /// what there was.
    pub(super) fn end(&mut self, direction: Direction, sink: Sink<'_>) {
        let weave = &mut self.weaves[direction as usize];
        let is_broken = weave.is_broken;
        let mut give = |span| weave.give(span, sink);
        let mut out = Out {
            written: &mut self.written,
            sink: &mut give,
        };
        let frames = &mut self.frames[direction as usize];
        frames.flush(&mut self.opening, &mut out);
        if !is_broken {
            for (purpose, layer, len) in frames.cut() {
                out.put(direction, purpose, layer, len);
            }
        }
        weave.end(direction, sink);
    }
}

impl Weave {
    /// Gives a span of the WebSocket, and the elements before it and within it.
    fn give(&mut self, mut span: Span, sink: Sink<'_>) {
        while let Some(&(at, (layer, len))) = self.aside.front()
            && at < self.given + span.len
        {
            self.aside.pop_front();
            let before = at - self.given;
            if before > 0 {
                sink(Span {
                    len: before,
                    ..span
                });
                span.len -= before;
                span.continues = true;
                self.given = at;
            }
            sink(Span {
                layer,
                len: len as u64,
                continues: false,
                ..span
            });
        }
        self.given += span.len;
        sink(span);
    }

    /// Gives what is in no frame of the WebSocket: bytes with which no frame begins, and elements
    /// behind the last frame.
    ///
    /// If the bytes broke the protocol, they are unparsed up to the last frame of HTTP/2. The frame
    /// itself, in which they did so, is accounted for by the reader of the connection.
    fn end(&mut self, direction: Direction, sink: Sink<'_>) {
        let (purpose, layer, end) = if self.is_broken {
            let last = self.aside.pop_back().map_or(self.given, |(at, _)| at);
            (Purpose::Setup, Layer::Unparsed, last)
        } else {
            (Purpose::Close, Layer::WsHead, self.came)
        };
        let span = |layer, len| Span {
            direction,
            purpose,
            layer,
            start: 0,
            len,
            continues: false,
        };
        if end > self.given {
            self.give(span(layer, end - self.given), sink);
        }
        for (_, (layer, len)) in self.aside.drain(..) {
            sink(span(layer, len as u64));
        }
        self.came = self.given;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: Element = (Layer::H2Frame, 9);

    /// Returns what a direction comes to, as purpose, layer, length and whether it continues.
    fn spans(act: impl FnOnce(&mut Weave, Sink<'_>)) -> Vec<(Purpose, Layer, u64, bool)> {
        let mut spans = Vec::new();
        let mut weave = Weave::default();
        act(&mut weave, &mut |span| {
            spans.push((span.purpose, span.layer, span.len, span.continues));
        });
        spans
    }

    fn payload(len: u64) -> Span {
        Span {
            direction: Direction::Down,
            purpose: Purpose::Deliver,
            layer: Layer::Payload,
            start: 0,
            len,
            continues: false,
        }
    }

    #[test]
    fn heads_stand_before_and_within_what_they_carry() {
        let woven = spans(|weave, sink| {
            weave.aside.push_back((0, HEAD));
            weave.aside.push_back((4, HEAD));
            weave.aside.push_back((10, HEAD));
            weave.came = 10;
            weave.give(payload(10), sink);
            weave.end(Direction::Down, sink);
        });
        let of = |purpose, layer, len, continues| (purpose, layer, len, continues);
        assert_eq!(
            woven,
            [
                of(Purpose::Deliver, Layer::H2Frame, 9, false),
                of(Purpose::Deliver, Layer::Payload, 4, false),
                of(Purpose::Deliver, Layer::H2Frame, 9, false),
                of(Purpose::Deliver, Layer::Payload, 6, true),
                of(Purpose::Close, Layer::H2Frame, 9, false),
            ]
        );
    }

    #[test]
    fn what_broke_the_protocol_is_unparsed_up_to_its_last_frame() {
        let woven = spans(|weave, sink| {
            weave.aside.push_back((0, HEAD));
            weave.aside.push_back((1, HEAD));
            (weave.came, weave.is_broken) = (3, true);
            weave.end(Direction::Up, sink);
        });
        let unparsed = [Layer::H2Frame, Layer::Unparsed];
        assert_eq!(
            woven.iter().map(|span| span.1).collect::<Vec<_>>(),
            unparsed
        );
        assert_eq!(woven.iter().map(|span| span.2).sum::<u64>(), 10);
    }
}
