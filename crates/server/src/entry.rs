//! An event as it lies in the log: encoded once, dressed once for each transport.

use bytes::Bytes;
use wire::{Event, Framing, codec, lines};

/// First byte of a WebSocket frame: FIN, no extension bits, opcode 1 (text).
const FIN_AND_TEXT: u8 = 0x81;

/// One event, ready to be sent over any transport. All readers share it.
///
/// Three of the four shapes lie in one buffer, `frame header | JSON | \n`, and
/// are slices of it; only the SSE fields must stand where the frame header does.
#[derive(Debug)]
pub(crate) struct Entry {
    /// The event's JSON, which polls join into a batch.
    pub(crate) json: Bytes,
    /// The JSON and a line end.
    line: Bytes,
    /// `id:` and `data:`.
    sse: Bytes,
    /// A whole WebSocket frame.
    pub(crate) frame: Bytes,
}

impl Entry {
    /// Encodes an event.
    pub(crate) fn new(event: &Event) -> Self {
        let json = codec::encode(event);
        let sse = lines::frame(Framing::Sse, event.seq, &json);
        let (buffer, header) = framed(&json, b"\n");
        let end = buffer.len() - 1;
        Self {
            json: buffer.slice(header..end),
            line: buffer.slice(header..),
            sse,
            frame: buffer.slice(..end),
        }
    }

    /// The event as it stands on an HTTP stream.
    pub(crate) fn piece(&self, framing: Framing) -> &Bytes {
        match framing {
            Framing::Ndjson => &self.line,
            Framing::Sse => &self.sse,
        }
    }
}

/// A text frame from the server, not masked (RFC 6455, section 5.1).
pub(crate) fn text_frame(json: &[u8]) -> Bytes {
    framed(json, b"").0
}

/// The frame of `payload`, followed by `tail`; and the length of its header
/// (RFC 6455, section 5.2: two bytes, four from 126, ten from 65,536).
fn framed(payload: &[u8], tail: &[u8]) -> (Bytes, usize) {
    let mut buffer = Vec::with_capacity(10 + payload.len() + tail.len());
    buffer.push(FIN_AND_TEXT);
    match payload.len() {
        length @ 0..126 => buffer.push(length as u8),
        length @ 126..65_536 => {
            buffer.push(126);
            buffer.extend_from_slice(&(length as u16).to_be_bytes());
        }
        length => {
            buffer.push(127);
            buffer.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    let header = buffer.len();
    buffer.extend_from_slice(payload);
    buffer.extend_from_slice(tail);
    (Bytes::from(buffer), header)
}

#[cfg(test)]
mod tests {
    use wire::Kind;

    use super::*;

    fn event(text: String) -> Event {
        Event {
            seq: 7,
            kind: Kind::Message,
            from: "ann".into(),
            text: Some(text),
            tag: None,
            online: None,
            at: 1,
        }
    }

    #[test]
    fn every_shape_holds_the_same_json() {
        let event = event("hi".into());
        let entry = Entry::new(&event);
        let json = codec::encode(&event);
        assert_eq!(entry.json, json);
        for framing in Framing::ALL {
            assert_eq!(entry.piece(framing), &lines::frame(framing, 7, &json));
        }
        assert_eq!(entry.frame[..2], [0x81, json.len() as u8]);
        assert_eq!(entry.frame[2..], json);
    }

    #[test]
    fn a_frame_header_grows_at_126_and_at_65_536() {
        for (length, header) in [
            (0, 2),
            (125, 2),
            (126, 4),
            (65_535, 4),
            (65_536, 10),
            (70_000, 10),
        ] {
            let (buffer, found) = framed(&vec![b'x'; length], b"");
            assert_eq!(found, header, "{length}");
            assert_eq!(buffer.len(), header + length);
        }
        assert_eq!(text_frame(&[b'x'; 300])[..4], [0x81, 126, 1, 44]);
    }
}
