//! The content of a response's body, which depends on the request.

use crate::{
    Layer, Purpose, Span,
    batch::Batch,
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
}

impl Content {
    /// Chooses how to read the body of this response to a request for this route.
    pub(crate) fn of(route: Route, head: &ResponseHead) -> Self {
        let good = is_good(head);
        match route {
            _ if head.length == Length::Bytes(0) => Self::Plain(Layer::Payload),
            Route::Poll if head.encoded => Self::Plain(Layer::Payload),
            Route::Answer if good => Self::Plain(Layer::Payload),
            Route::Poll => Self::Batch(Batch::new()),
            Route::Ndjson | Route::Sse if good && !head.encoded => {
                Self::Lines(Lines::new(route == Route::Sse))
            }
            // The JSON of an acknowledgement or of a refusal.
            Route::Say => Self::Plain(Layer::Batch),
            _ if !good => Self::Plain(Layer::Batch),
            _ => Self::Plain(Layer::Payload),
        }
    }

    /// Returns the purpose of the bytes after the head, if it is known before they are read.
    pub(crate) fn purpose(&self, route: Route, head: &ResponseHead) -> Option<Purpose> {
        match (self, route) {
            (Self::Batch(_) | Self::Lines(_), _) => None,
            // Compressed events: what they are cannot be seen, but they came.
            (_, Route::Poll) if head.length == Length::Bytes(0) => Some(Purpose::Empty),
            (_, Route::Answer) if matches!(head.length, Length::Bytes(0)) || !is_good(head) => {
                Some(Purpose::Empty)
            }
            (_, Route::Poll | Route::Answer) => Some(Purpose::Deliver),
            (_, Route::Ndjson | Route::Sse) if head.encoded => Some(Purpose::Deliver),
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
        }
        (bytes.len(), None)
    }

    /// A chunk or the body ends here.
    pub(crate) fn boundary<S: FnMut(Span)>(&mut self, flow: &mut Flow, out: &mut Out<'_, S>) {
        if let Self::Lines(lines) = self {
            lines.boundary(flow, out);
        }
    }

    /// Returns the purpose of the bytes that are held back, as far as it is known.
    pub(crate) fn so_far(&mut self, opening: &mut Opening) -> Purpose {
        match self {
            Self::Plain(_) => Purpose::Empty,
            Self::Batch(batch) => batch.so_far(),
            Self::Lines(lines) => lines.so_far(opening),
        }
    }

    /// The last chunk is a stream's goodbye; of any other body, its last part.
    pub(crate) const fn is_stream(&self) -> bool {
        matches!(self, Self::Lines(_))
    }
}

fn is_good(head: &ResponseHead) -> bool {
    (200..300).contains(&head.status)
}
