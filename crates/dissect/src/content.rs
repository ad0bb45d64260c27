//! The content of a response's body, which depends on the request.

use crate::{
    Direction, Layer, Purpose, Span,
    batch::Batch,
    envelope::{Envelope, Part},
    flow::Flow,
    http::{Length, ResponseHead, Route},
    kind::Opening,
    span::Out,
    text::Lines,
};

/// The way in which the content of a body is read.
pub(crate) enum Content {
    /// Content in one layer and for one purpose.
    Plain(Layer),
    /// The answer to a poll: its events decide the purpose of the exchange.
    Batch(Batch),
    /// A stream: each event decides its own purpose.
    Lines(Lines),
    /// The packets of a library that answer a poll: they decide the purpose of the exchange.
    Packets(Packets),
}

/// The reader of a library's packets in the answer to a poll.
pub(crate) struct Packets {
    envelope: Box<Envelope>,
    /// The purpose of the packets so far, unless one of them was a delivery.
    found: Option<Purpose>,
    /// True once the purpose of the exchange is decided.
    decided: bool,
}

impl Packets {
    fn read<S: FnMut(Span)>(
        &mut self,
        bytes: &[u8],
        opening: &mut Opening,
        flow: &mut Flow,
        out: &mut Out<'_, S>,
    ) -> Option<Purpose> {
        let Self {
            envelope,
            found,
            decided,
        } = self;
        let mut verdict = None;
        envelope.read(bytes, opening, &mut |part| match part {
            Part::Purpose(purpose) => verdict = verdict.or(weigh(purpose, found, decided)),
            Part::Bytes(layer, len) => flow.content(layer, len, out),
        });
        verdict
    }

    /// Decides the purpose of the exchange from the packets so far.
    fn so_far(&mut self, opening: &mut Opening) -> Purpose {
        let Self {
            envelope,
            found,
            decided,
        } = self;
        let mut verdict = None;
        envelope.settle(opening, &mut |part| {
            if let Part::Purpose(purpose) = part {
                verdict = weigh(purpose, found, decided);
            }
        });
        *decided = true;
        verdict.or(*found).unwrap_or(Purpose::Empty)
    }
}

/// Takes the purpose of a packet; returns the purpose of the exchange if the packet decides it.
fn weigh(purpose: Purpose, found: &mut Option<Purpose>, decided: &mut bool) -> Option<Purpose> {
    if purpose == Purpose::Deliver {
        return (!std::mem::replace(decided, true)).then_some(purpose);
    }
    // A join or leave counts more than a packet that answers the reader alone.
    let weight = |purpose| match purpose {
        Purpose::Presence => 4,
        Purpose::Ack => 3,
        Purpose::Close => 2,
        Purpose::Heartbeat => 1,
        _ => 0,
    };
    let found = found.get_or_insert(purpose);
    if weight(purpose) > weight(*found) {
        *found = purpose;
    }
    None
}

impl Content {
    /// Chooses how to read the body of this response to a request for this route.
    pub(crate) fn of(route: Route, head: &ResponseHead) -> Self {
        let good = is_good(head);
        match route {
            _ if head.length == Length::Bytes(0) => Self::Plain(Layer::Payload),
            Route::Poll | Route::Script if head.encoded => Self::Plain(Layer::Payload),
            Route::Answer if good => Self::Plain(Layer::Payload),
            Route::Script if good => Self::Batch(Batch::of_script()),
            Route::Poll | Route::Script => Self::Batch(Batch::new()),
            Route::Ndjson | Route::Sse if good && !head.encoded => {
                Self::Lines(Lines::new(route == Route::Sse))
            }
            Route::Page if good && !head.encoded => Self::Lines(Lines::of_page()),
            // The JSON of an acknowledgement or of a refusal.
            Route::Say => Self::Plain(Layer::Batch),
            Route::Fetch(protocol) if good && !head.encoded => Self::Packets(Packets {
                envelope: Box::new(Envelope::new(protocol, Direction::Down)),
                found: None,
                decided: false,
            }),
            Route::Frames(protocol, framing) if good && !head.encoded => {
                Self::Lines(Lines::of_frames(protocol, framing))
            }
            Route::Post(_) | Route::Opening if good => Self::Plain(Layer::Envelope),
            _ if !good => Self::Plain(Layer::Batch),
            _ => Self::Plain(Layer::Payload),
        }
    }

    /// Returns the purpose of the bytes after the head, if it is known before they are read.
    pub(crate) fn purpose(&self, route: Route, head: &ResponseHead) -> Option<Purpose> {
        match (self, route) {
            (Self::Batch(_) | Self::Lines(_) | Self::Packets(_), _) => None,
            (_, Route::Fetch(_)) if head.encoded && is_good(head) => Some(Purpose::Deliver),
            (_, Route::Fetch(_)) => Some(Purpose::Empty),
            // Compressed events: what they are cannot be seen, but they came.
            (_, Route::Poll | Route::Script) if head.length == Length::Bytes(0) => {
                Some(Purpose::Empty)
            }
            (_, Route::Answer) if matches!(head.length, Length::Bytes(0)) || !is_good(head) => {
                Some(Purpose::Empty)
            }
            (_, Route::Poll | Route::Script | Route::Answer) => Some(Purpose::Deliver),
            (_, Route::Ndjson | Route::Sse | Route::Page | Route::Frames(..)) if head.encoded => {
                Some(Purpose::Deliver)
            }
            (_, route) => route.purpose_down(),
        }
    }

    /// Reads content; stops early at an event that decides about the exchange.
    pub(crate) fn read<S: FnMut(Span)>(
        &mut self,
        bytes: &[u8],
        opening: &mut Opening,
        flow: &mut Flow,
        out: &mut Out<'_, S>,
    ) -> (usize, Option<Purpose>) {
        match self {
            Self::Plain(layer) => flow.content(*layer, bytes.len(), out),
            Self::Batch(batch) => return batch.read(bytes, opening, flow, out),
            Self::Lines(lines) => lines.read(bytes, opening, flow, out),
            Self::Packets(packets) => {
                let verdict = packets.read(bytes, opening, flow, out);
                return (bytes.len(), verdict);
            }
        }
        (bytes.len(), None)
    }

    /// Notes that a chunk or the body ends here.
    pub(crate) fn boundary<S: FnMut(Span)>(&mut self, flow: &mut Flow, out: &mut Out<'_, S>) {
        match self {
            Self::Plain(_) | Self::Batch(_) => {}
            Self::Lines(lines) => lines.boundary(flow, out),
            Self::Packets(packets) => packets.envelope.pause(&mut |part| {
                if let Part::Bytes(layer, len) = part {
                    flow.content(layer, len, out);
                }
            }),
        }
    }

    /// Notes that the content ends here, perhaps within a piece and within an escape of it.
    pub(crate) fn end<S: FnMut(Span)>(&mut self, flow: &mut Flow, out: &mut Out<'_, S>) {
        self.boundary(flow, out);
        match self {
            Self::Plain(_) | Self::Batch(_) => {}
            Self::Lines(lines) => lines.cut(flow, out),
            Self::Packets(packets) => packets.envelope.cut(&mut |part| {
                if let Part::Bytes(layer, len) = part {
                    flow.content(layer, len, out);
                }
            }),
        }
    }

    /// Returns the purpose of the bytes that are held back, as far as it is known.
    pub(crate) fn so_far(&mut self, opening: &mut Opening) -> Purpose {
        match self {
            Self::Plain(_) => Purpose::Empty,
            Self::Batch(batch) => batch.so_far(),
            Self::Lines(lines) => lines.so_far(opening),
            Self::Packets(packets) => packets.so_far(opening),
        }
    }

    /// Returns whether the last chunk is a stream's goodbye; of any other body, it is the last
    /// part.
    pub(crate) const fn is_stream(&self) -> bool {
        matches!(self, Self::Lines(_))
    }
}

fn is_good(head: &ResponseHead) -> bool {
    (200..300).contains(&head.status)
}
