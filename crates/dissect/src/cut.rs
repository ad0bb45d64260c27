//! The element of HTTP/1.1 that the end of a connection cut: its bytes stay in the account that they
//! would have had in the whole.

use crate::{
    Direction, Layer, Purpose,
    body::Begun,
    exchange::{Exchange, Http},
    http::RequestHead,
    http2::PREFACE,
};

/// The accounts of the bytes received of an incomplete element, in the order of the bytes.
pub(crate) type Cut = Vec<(Purpose, Layer, u64)>;

/// The beginning of the only answer that needs no request: its sender closes an idle connection.
const FAREWELL: &[u8] = b"HTTP/1.1 408";

impl Http {
    /// Returns the bytes received of an incomplete element in one direction. To be called after
    /// [`flush`](Self::flush), which releases all bytes before it.
    pub(crate) fn cut(&mut self, direction: Direction) -> Cut {
        let side = match direction {
            Direction::Up => &self.up,
            Direction::Down => &self.down,
        };
        if let Some(body) = &side.body {
            let begun = body.begun();
            return self.cut_framing(direction, begun);
        }
        let came = side.head.kept();
        if came.is_empty() {
            return Cut::new();
        }
        let account = match direction {
            Direction::Up => self.cut_request(came),
            Direction::Down => self.cut_answer(),
        };
        let account = account.map(|(purpose, layer)| (purpose, layer, came.len() as u64));
        account.into_iter().collect()
    }

    /// Returns the account of the beginning of a request's head; `None` if no request begins so.
    fn cut_request(&self, came: &[u8]) -> Option<(Purpose, Layer)> {
        if let Some(head) = RequestHead::parse_beginning(came) {
            let purpose = self.route(&head).purpose_up();
            // A poll without an answer brought nothing.
            return Some((purpose.unwrap_or(Purpose::Empty), Layer::HttpHead));
        }
        let is_preface = self.is_new && PREFACE.starts_with(came);
        is_preface.then_some((Purpose::Setup, Layer::H2Control))
    }

    /// Returns the account of the beginning of an answer's head; `None` if there is none to come, or
    /// if none begins so.
    fn cut_answer(&self) -> Option<(Purpose, Layer)> {
        let begins: &[u8] = if self.waiting.is_empty() {
            FAREWELL
        } else {
            b"HTTP/1."
        };
        let is_head = self.down.head.begins_with(begins);
        is_head.then(|| (self.answer_purpose(), Layer::HttpHead))
    }

    /// Returns the purpose of the head of the answer that comes next.
    pub(crate) fn answer_purpose(&self) -> Purpose {
        let exchange = self.waiting.front().copied().unwrap_or(Exchange::NONE);
        let purpose = exchange.route.purpose_down().or(exchange.answered());
        purpose.unwrap_or(Purpose::Empty)
    }

    /// Returns what came of a size line, of a chunk's end or of trailer lines.
    fn cut_framing(&mut self, direction: Direction, begun: Begun) -> Cut {
        let (flow, is_stream) = match direction {
            Direction::Up => (&self.up.flow, false),
            Direction::Down => (&self.down.flow, self.content.is_stream()),
        };
        let told = match begun {
            Begun::ChunkEnd => flow.chunk_purpose(),
            // The last chunk of a stream is its goodbye.
            Begun::Last { .. } if is_stream => Some(Purpose::Close),
            Begun::Nothing | Begun::SizeLine(_) | Begun::Last { .. } => None,
        };
        let purpose = told.unwrap_or_else(|| self.next_purpose(direction));
        let of = |layer, len: u32| (purpose, layer, u64::from(len));
        match begun {
            Begun::Nothing => Cut::new(),
            Begun::SizeLine(len) => vec![of(Layer::Chunk, len)],
            Begun::ChunkEnd => vec![of(Layer::Chunk, 1)],
            // Without trailer fields the last chunk is one element.
            Begun::Last {
                size_line,
                trailers: 0,
                blank,
            } => vec![of(Layer::Chunk, size_line + blank)],
            Begun::Last {
                size_line,
                trailers,
                blank,
            } => vec![
                of(Layer::Chunk, size_line),
                of(Layer::HttpHead, trailers),
                of(Layer::Chunk, blank),
            ],
        }
    }

    /// Returns the purpose of the framing that comes next in one direction: that of what it is within
    /// or, between two pieces of a stream, of a piece without an event.
    pub(crate) fn next_purpose(&mut self, direction: Direction) -> Purpose {
        match direction {
            Direction::Up => self.up.flow.purpose().unwrap_or(Purpose::Empty),
            Direction::Down => {
                let purpose = self.down.flow.purpose();
                purpose.unwrap_or_else(|| self.content.so_far(&mut self.opening))
            }
        }
    }
}
