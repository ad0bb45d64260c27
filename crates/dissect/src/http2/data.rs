//! The frames that carry content (RFC 9113, section 6.1).

use super::{
    Frame, Http2,
    frames::{HEAD, Head},
};
use crate::{Direction, Layer, Purpose, Reason, Span, span::Out};

impl Http2 {
    /// Takes the head of a frame of content, and the byte that says how it is padded.
    pub(super) fn begin_data<S: FnMut(Span)>(
        &mut self,
        direction: Direction,
        head: Head,
        len: usize,
        out: &mut Out<'_, S>,
    ) -> Result<(), Reason> {
        let at = self.sides[direction as usize].at - len as u64;
        self.has_content[direction as usize] = true;
        let is_last = head.len == 0 && head.ends_stream();
        let Some(stream) = self.streams.get_mut(&head.stream) else {
            return self.late(direction, head.stream, at, Layer::H2Frame, len, out);
        };
        // Content comes behind a head, and none behind the end (section 8.1).
        if head.len > 0 && !stream.has_begun(direction) {
            return Err(Reason::Frame);
        }
        if is_last {
            stream.says_goodbye(direction, out);
        }
        stream.lies(direction, at, len);
        stream.framing(direction, len, out);
        Ok(())
    }

    /// Takes content, or the padding behind it.
    pub(super) fn data<S: FnMut(Span)>(
        &mut self,
        direction: Direction,
        head: Head,
        mut bytes: &[u8],
        out: &mut Out<'_, S>,
    ) -> Result<(), Reason> {
        let side = &mut self.sides[direction as usize];
        let mut padding = side.frame.as_ref().and_then(|frame| frame.padding);
        // The bytes of the frame from the first of `bytes` on.
        let mut left = side.frames.left + bytes.len();
        if padding.is_none() {
            let (&count, rest) = bytes.split_first().ok_or(Reason::Frame)?;
            bytes = rest;
            left -= 1;
            padding = Some(usize::from(count));
            if usize::from(count) > left {
                return Err(Reason::Frame);
            }
            side.at += 1;
            if let Some(frame) = &mut side.frame {
                frame.padding = padding;
            }
            self.begin_data(direction, head, HEAD + 1, out)?;
        }
        let side = &mut self.sides[direction as usize];
        let at = side.at;
        side.at += bytes.len() as u64;
        let content = left.saturating_sub(padding.unwrap_or(0)).min(bytes.len());
        let content = &bytes[..content];
        match (self.streams.get_mut(&head.stream), &mut side.frame) {
            (Some(stream), _) => {
                stream.lies(direction, at, content.len());
                stream.content(direction, content, out)?;
                if stream.is_full() {
                    return Err(Reason::Unanswered);
                }
            }
            (None, Some(frame)) => frame.late += content.len(),
            (None, None) => {}
        }
        Ok(())
    }

    /// Takes the end of a frame of content.
    pub(super) fn end_data<S: FnMut(Span)>(
        &mut self,
        direction: Direction,
        Frame {
            head,
            padding,
            late,
        }: Frame,
        out: &mut Out<'_, S>,
    ) -> Result<(), Reason> {
        let end = self.sides[direction as usize].at;
        let padding = padding.unwrap_or(0);
        match self.streams.get_mut(&head.stream) {
            Some(stream) if padding > 0 => {
                stream.lies(direction, end - padding as u64, padding);
                stream.framing(direction, padding, out);
            }
            None if late + padding > 0 => {
                let len = late + padding;
                let at = end - len as u64;
                self.late(direction, head.stream, at, Layer::Payload, len, out)?;
            }
            _ => {}
        }
        if head.ends_stream() {
            self.end_stream(direction, head.stream, out);
        }
        Ok(())
    }

    /// Takes what still comes on a stream that is over, because the other side did not know it yet
    /// (section 5.1).
    pub(super) fn late<S: FnMut(Span)>(
        &self,
        direction: Direction,
        number: u32,
        at: u64,
        layer: Layer,
        len: usize,
        out: &mut Out<'_, S>,
    ) -> Result<(), Reason> {
        if self.is_unknown(number) {
            // Nothing says what the request was for.
            let (purpose, layer) = (Purpose::Setup, Layer::Unparsed);
            out.put_at(at, direction, purpose, layer, len as u64);
            return Ok(());
        }
        if number > self.newest {
            return Err(Reason::Unasked);
        }
        out.put_at(at, direction, Purpose::Close, layer, len as u64);
        Ok(())
    }
}
