//! The frame of HTTP/2 that the end of a connection cut: its bytes stay in the account that they
//! would have had in the whole.

use super::{
    Frame, Http2, PRIORITY,
    frames::{HEAD, Head, Kind},
    stream::Element,
};
use crate::{Direction, Layer, Purpose, cut::Cut};

impl Http2 {
    /// Returns the bytes received of an incomplete frame in one direction, and those of the header
    /// block that the frame continues. To be called after [`flush`](Self::flush), which releases all
    /// bytes before them.
    pub(crate) fn cut(&mut self, direction: Direction) -> Cut {
        let side = &self.sides[direction as usize];
        let preface = side.frames.of_preface();
        if preface > 0 {
            return vec![(Purpose::Setup, Layer::H2Control, preface as u64)];
        }
        let begun = side.frames.of_head();
        let Some(frame) = &side.frame else {
            return match begun {
                Some((came, kind)) if side.block.is_none() => self.cut_head(direction, came, kind),
                _ => {
                    let head = begun.map(|(came, _)| (Layer::H2Frame, came));
                    self.cut_block(direction, head.into_iter().collect())
                }
            };
        };
        let (head, came) = (frame.head, frame.head.len - side.frames.left);
        match head.kind {
            Kind::Headers | Kind::Continuation => {
                let block = side.block.as_ref();
                let payload = block.map_or(&[][..], |block| block.payload.as_slice());
                let last = parts(head, payload);
                self.cut_block(direction, last)
            }
            Kind::Data => {
                let element = self.rest_of_data(frame, came);
                let purpose = self.purpose_on(direction, head.stream);
                of(purpose, [element])
            }
            kind => {
                let purpose = self.purpose_of(direction, kind);
                of(Some(purpose), [(Layer::H2Control, HEAD + came)])
            }
        }
    }

    /// Returns the account of a frame's head that is not whole. The number of the stream stands at
    /// the end of the head, so the purpose of a frame on a stream is not known.
    fn cut_head(&self, direction: Direction, came: usize, kind: Option<Kind>) -> Cut {
        let (purpose, layer) = match kind {
            None | Some(Kind::Data | Kind::Headers) => (Purpose::Setup, Layer::H2Frame),
            // Such frames may not come here.
            Some(Kind::Push | Kind::Continuation) => return Cut::new(),
            Some(kind) => (self.purpose_of(direction, kind), Layer::H2Control),
        };
        of(Some(purpose), [(layer, came)])
    }

    /// Returns the accounts of a header block that is not whole; `last` has the elements that came
    /// of its last frame. The block itself would tell the purpose of a request, but half a block
    /// cannot be decoded.
    fn cut_block(&mut self, direction: Direction, last: Vec<Element>) -> Cut {
        let Some(block) = &self.sides[direction as usize].block else {
            return Cut::new();
        };
        let stream = block.stream;
        let before = block.elements.iter().map(|&(_, element)| element);
        let elements: Vec<Element> = before.chain(last).collect();
        let purpose = if direction == Direction::Up && stream > self.newest {
            Some(Purpose::Setup)
        } else {
            self.purpose_on(direction, stream)
        };
        of(purpose, elements)
    }

    /// Returns the element of a frame of content that is in no span yet, if `came` bytes of the
    /// frame's payload came: the frame's head, its padding or, if its stream was over, content and
    /// padding.
    fn rest_of_data(&self, frame: &Frame, came: usize) -> Element {
        let head = frame.head;
        let Some(padding) = frame.padding else {
            // The byte that says how much padding there is did not come.
            return (Layer::H2Frame, HEAD);
        };
        let padded = came.saturating_sub(head.len - padding);
        if self.streams.contains_key(&head.stream) {
            (Layer::H2Frame, padded)
        } else {
            (Layer::Payload, frame.late + padded)
        }
    }

    /// Returns the purpose of the frame that comes next on a stream; `None` if it is not known.
    fn purpose_on(&mut self, direction: Direction, number: u32) -> Option<Purpose> {
        if self.is_unknown(number) {
            return None;
        }
        match self.streams.get_mut(&number) {
            Some(stream) => Some(stream.next_purpose(direction)),
            // The other side did not know yet that the stream was over.
            None => (number <= self.newest).then_some(Purpose::Close),
        }
    }
}

/// Returns the elements of a frame of header fields, of whose payload only these bytes came.
fn parts(head: Head, payload: &[u8]) -> Vec<Element> {
    let padded = usize::from(head.is_padded());
    let before = padded + if head.has_priority() { PRIORITY } else { 0 };
    let padding = match payload.first() {
        Some(&count) if head.is_padded() => usize::from(count),
        _ => 0,
    };
    let end = head.len.saturating_sub(padding).max(before);
    let came = |place: usize| payload.len().min(place);
    vec![
        (Layer::H2Frame, HEAD + came(before)),
        (Layer::HttpHead, came(end) - came(before)),
        (Layer::H2Frame, payload.len() - came(end)),
    ]
}

/// Returns the accounts of elements that are for one purpose; none if that is not known.
fn of(purpose: Option<Purpose>, elements: impl IntoIterator<Item = Element>) -> Cut {
    let Some(purpose) = purpose else {
        return Cut::new();
    };
    let elements = elements.into_iter();
    elements
        .map(|(layer, len)| (purpose, layer, len as u64))
        .collect()
}
