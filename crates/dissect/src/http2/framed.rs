//! The particulars of an exchange that comes in frames: no length and no chunk says where its
//! content ends.

use crate::{
    Direction, Layer, Purpose, Span, body::Step, envelope::Part, exchange::Http, span::Out,
};

impl Http {
    /// Takes an element between pieces of content: the head of a frame, its padding, or fields
    /// behind the content.
    pub(crate) fn framing<S: FnMut(Span)>(
        &mut self,
        direction: Direction,
        layer: Layer,
        len: usize,
        out: &mut Out<'_, S>,
    ) {
        if direction == Direction::Down {
            self.content.boundary(&mut self.down.flow, out);
            self.down.flow.element(layer, len, out);
            return;
        }
        let flow = &mut self.up.flow;
        if let Some(packets) = &mut self.packets {
            packets.pause(&mut |part| {
                if let Part::Bytes(layer, len) = part {
                    flow.content(layer, len, out);
                }
            });
        }
        flow.element(layer, len, out);
    }

    /// Takes content of the request.
    pub(crate) fn request_bytes<S: FnMut(Span)>(&mut self, bytes: &[u8], out: &mut Out<'_, S>) {
        self.request_body(&Step::Content(bytes.len()), bytes, out);
    }

    /// Takes content of the response.
    pub(crate) fn response_bytes<S: FnMut(Span)>(&mut self, bytes: &[u8], out: &mut Out<'_, S>) {
        self.response_body(&Step::Content(bytes.len()), bytes, out);
    }

    /// Ends the request.
    pub(crate) fn end_request<S: FnMut(Span)>(&mut self, out: &mut Out<'_, S>) {
        if self.up.body.take().is_some() {
            self.read_packets(None, out);
            self.up.flow.end_run(out);
        }
    }

    /// Ends the content of the response. An empty frame says so, which of a stream is the goodbye.
    pub(crate) fn begin_goodbye<S: FnMut(Span)>(&mut self, out: &mut Out<'_, S>) {
        if self.down.body.is_some() {
            self.end_content(out);
            if self.content.is_stream() {
                self.down.flow.begin(Some(Purpose::Close), 0);
            }
        }
    }
}
