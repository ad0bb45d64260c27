//! The frames that carry header fields (RFC 9113, sections 6.2 and 6.10).

use super::{
    Http2, MOST_ELEMENTS, MOST_STREAMS, PRIORITY, Pending,
    frames::{HEAD, Head},
    hpack::Block,
};
use crate::{
    Direction, Layer, Reason, Span,
    http::{Length, RequestHead, ResponseHead, Route},
    span::Out,
};

impl Http2 {
    /// Takes the end of a frame of header fields.
    pub(super) fn end_headers<S: FnMut(Span)>(
        &mut self,
        direction: Direction,
        head: Head,
        out: &mut Out<'_, S>,
    ) -> Result<(), Reason> {
        let side = &mut self.sides[direction as usize];
        let block = side.block.as_mut().ok_or(Reason::Frame)?;
        let padded = usize::from(head.is_padded());
        let before = padded + if head.has_priority() { PRIORITY } else { 0 };
        let padding = match block.payload.first() {
            Some(&count) if head.is_padded() => usize::from(count),
            _ => 0,
        };
        let end = head.len.checked_sub(padding).filter(|end| *end >= before);
        let end = end.ok_or(Reason::Frame)?;
        let at = side.at - (HEAD + head.len) as u64;
        let parts = [
            (Layer::H2Frame, HEAD + before),
            (Layer::HttpHead, end - before),
            (Layer::H2Frame, padding),
        ];
        let mut place = at;
        for part in parts.into_iter().filter(|part| part.1 > 0) {
            block.elements.push((place, part));
            place += part.1 as u64;
        }
        block.fields.extend_from_slice(&block.payload[before..end]);
        block.payload.clear();
        if !head.ends_block() {
            // Frames with nothing in them would have no end either.
            let is_endless = block.elements.len() > MOST_ELEMENTS;
            return if is_endless {
                Err(Reason::LongHead)
            } else {
                Ok(())
            };
        }
        let Some(block) = side.block.take() else {
            return Err(Reason::Frame);
        };
        let fields = side.decoder.read(&block.fields)?;
        self.take_block(direction, &block, fields, out)
    }

    /// Takes a whole header block.
    fn take_block<S: FnMut(Span)>(
        &mut self,
        direction: Direction,
        block: &Pending,
        fields: Block,
        out: &mut Out<'_, S>,
    ) -> Result<(), Reason> {
        let number = block.stream;
        if direction == Direction::Up && number > self.newest {
            if self.streams.len() == MOST_STREAMS {
                return Err(Reason::Unanswered);
            }
            self.open(number);
        }
        let is_cut = self.is_cut;
        let Some(stream) = self.streams.get_mut(&number) else {
            for &(at, (layer, len)) in &block.elements {
                self.late(direction, number, at, layer, len, out)?;
            }
            return Ok(());
        };
        let mut elements = Vec::with_capacity(block.elements.len());
        for &(at, element) in &block.elements {
            stream.lies(direction, at, element.1);
            elements.push(element);
        }
        if stream.has_begun(direction) {
            stream.trailers(direction, &elements, out);
        } else if direction == Direction::Up {
            stream.request(&request(fields, block.ends_stream, is_cut)?, &elements, out)?;
        } else {
            let status = fields.status.or(is_cut.then_some(200));
            let status = status.ok_or(Reason::ResponseHead)?;
            let head = |to_head| response(status, &fields, block.ends_stream || to_head);
            stream.response(status, head, &elements, out)?;
        }
        if stream.is_full() {
            return Err(Reason::Unanswered);
        }
        if block.ends_stream {
            self.end_stream(direction, number, out);
        }
        Ok(())
    }
}

/// Returns the head of a request with these fields. Of a connection that was open before, the fields
/// may be such as only an earlier head says.
fn request(fields: Block, is_whole: bool, is_cut: bool) -> Result<RequestHead, Reason> {
    let unknown = |text: &str| is_cut.then(|| text.to_owned());
    let method = fields.method.or_else(|| unknown("GET"));
    let method = method.ok_or(Reason::RequestHead)?;
    let is_connect = method == "CONNECT";
    let is_socket = is_connect && fields.protocol.as_deref() == Some("websocket");
    // Of what a CONNECT asks for, only WebSockets are followed (RFC 8441).
    if !is_socket && (is_connect || fields.protocol.is_some()) {
        return Err(Reason::Upgrade);
    }
    let path = fields.path.or_else(|| unknown("/"));
    let path = path.ok_or(Reason::RequestHead)?;
    let brings = matches!(method.as_str(), "POST" | "PUT" | "PATCH");
    Ok(RequestHead {
        route: Route::of(&path, brings),
        brings,
        is_head: method == "HEAD",
        upgrade: is_socket,
        old: false,
        length: length(is_whole),
    })
}

/// Returns the head of a response with these fields.
fn response(status: u16, fields: &Block, is_whole: bool) -> ResponseHead {
    ResponseHead {
        status,
        upgrade: false,
        deflate: fields.is_deflated,
        encoded: fields.is_encoded,
        length: length(is_whole),
    }
}

const fn length(is_whole: bool) -> Length {
    if is_whole {
        Length::Bytes(0)
    } else {
        Length::Open
    }
}
