//! An event in the log: encoded once for each transport when it enters, and
//! shared by all readers.

use std::sync::Mutex;

use bytes::Bytes;
use wire::{Epoch, Event, Framing, Kind, Seq, codec, lines};

use crate::room::wrapping::{self, Carrier, Wrapping};

/// The first byte of a WebSocket frame: FIN, no extension bits, opcode 1
/// (text).
const FIN_AND_TEXT: u8 = 0x81;
/// A whole ping frame: FIN, opcode 9, empty.
const PING: [u8; 2] = [0x89, 0];

/// The encoding of events on a connection that stays open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// A WebSocket frame for each event.
    Frame,
    /// Lines in HTTP chunks (RFC 9112, section 7.1): events that go out
    /// together share one chunk.
    Chunk(Framing),
    /// Lines without chunks: a client of HTTP/1.0 knows no chunks.
    Line(Framing),
    /// Server-sent events, in chunks or without, whose ids name the log. They are
    /// made when they are sent: few readers ask for them.
    Placed {
        /// True if they stand in chunks.
        chunked: bool,
        /// The log's epoch.
        epoch: Epoch,
    },
    /// The text of another protocol around each event.
    Wrapped(Wrapping, Carrier),
}

impl Encoding {
    /// The number of encodings that a sweep keeps in a place of their own.
    pub(crate) const COUNT: usize = 1 + 2 * Framing::ALL.len() + 2;

    /// Returns the number of this encoding, below [`Self::COUNT`]; `None` for
    /// one of another protocol.
    pub(crate) fn index(self) -> Option<usize> {
        Some(match self {
            Self::Frame => 0,
            Self::Chunk(framing) => 1 + framing as usize,
            Self::Line(framing) => 1 + Framing::ALL.len() + framing as usize,
            Self::Placed { chunked, .. } => 1 + 2 * Framing::ALL.len() + usize::from(chunked),
            Self::Wrapped(..) => return None,
        })
    }

    /// Encodes JSON that is not an event, such as a gap, as if it were one.
    pub(crate) fn encode(self, seq: u64, json: &[u8]) -> Bytes {
        match self {
            Self::Frame => text_frame(json),
            Self::Chunk(framing) => chunk(&[&lines::frame(framing, seq, json)]),
            Self::Line(framing) => lines::frame(framing, seq, json),
            Self::Placed { chunked, epoch } => {
                let line = lines::frame_of(epoch, seq, json);
                if chunked { chunk(&[&line]) } else { line }
            }
            Self::Wrapped(wrapping, carrier) => carrier.carry(wrapping.wrap(json)),
        }
    }

    /// Returns the bytes that are sent after a long silence: a ping, or an
    /// empty line or comment.
    pub(crate) fn heartbeat(self) -> Bytes {
        match self {
            Self::Frame => Bytes::from_static(&PING),
            Self::Chunk(framing) => chunk(&[lines::heartbeat(framing)]),
            Self::Line(framing) => Bytes::from_static(lines::heartbeat(framing)),
            Self::Placed { chunked: true, .. } => chunk(&[lines::heartbeat(Framing::Sse)]),
            Self::Placed { .. } => Bytes::from_static(lines::heartbeat(Framing::Sse)),
            Self::Wrapped(wrapping, carrier) => wrapping::heartbeat(wrapping, carrier),
        }
    }

    /// Returns the bytes that end the stream from the server's side: the last
    /// chunk (RFC 9112, section 7.1). A WebSocket's close frame is written
    /// elsewhere, and lines without chunks just end.
    pub(crate) fn end(self) -> Bytes {
        match self {
            Self::Chunk(_)
            | Self::Placed { chunked: true, .. }
            | Self::Wrapped(_, Carrier::Chunk) => Bytes::from_static(b"0\r\n\r\n"),
            Self::Frame | Self::Line(_) | Self::Placed { .. } | Self::Wrapped(..) => Bytes::new(),
        }
    }

    /// Returns the largest number of events that go out together, besides what
    /// their length allows.
    pub(crate) fn most_joined(self) -> usize {
        match self {
            Self::Wrapped(wrapping, Carrier::Bare) => wrapping.most_joined(),
            _ => usize::MAX,
        }
    }

    /// Joins pieces that were encoded one by one.
    pub(crate) fn join(self, encoded: &[Bytes]) -> Bytes {
        match self {
            Self::Wrapped(wrapping, Carrier::Bare) => wrapping::join_bare(wrapping, encoded),
            Self::Frame
            | Self::Line(_)
            | Self::Placed { chunked: false, .. }
            | Self::Wrapped(_, Carrier::Frame | Carrier::Sentinels | Carrier::Deflated) => {
                Bytes::from(encoded.concat())
            }
            Self::Chunk(_) | Self::Placed { .. } | Self::Wrapped(_, Carrier::Chunk) => {
                let bare: Vec<&[u8]> = encoded.iter().map(|piece| bare(piece)).collect();
                chunk(&bare)
            }
        }
    }
}

/// An event, ready to be sent over any transport. All readers share it.
#[derive(Debug)]
pub(crate) struct Entry {
    /// The JSON of the event, which polls join into a batch: a slice of the
    /// frame.
    pub(crate) json: Bytes,
    frame: Bytes,
    /// The chunks, one for each framing. The line without a chunk is a slice of it.
    chunks: [Bytes; Framing::ALL.len()],
    seq: Seq,
    /// True if the event is that a person came or left.
    pub(crate) is_presence: bool,
    /// The event as readers of other protocols are sent it, once there is one.
    wrapped: Mutex<Vec<(Wrapping, Carrier, Bytes)>>,
}

impl Entry {
    /// Encodes an event.
    pub(crate) fn new(event: &Event) -> Self {
        let frame = text_frame(&codec::encode(event));
        let json = frame.slice(header_length(&frame)..);
        let chunks = Framing::ALL.map(|framing| Encoding::Chunk(framing).encode(event.seq, &json));
        Self {
            json,
            frame,
            chunks,
            seq: event.seq,
            is_presence: event.kind != Kind::Message,
            wrapped: Mutex::default(),
        }
    }

    /// Returns the number of bytes that it occupies.
    pub(crate) fn size(&self) -> usize {
        let chunks: usize = self.chunks.iter().map(Bytes::len).sum();
        self.frame.len() + chunks + size_of::<Self>() + self.wrapped_size()
    }

    /// Returns the number of bytes that it occupies for other protocols.
    pub(crate) fn wrapped_size(&self) -> usize {
        let wrapped = self.wrapped.lock().expect("no holder panics");
        wrapped.iter().map(|(.., bytes)| bytes.len()).sum()
    }

    /// Returns the event in this encoding.
    pub(crate) fn encoded(&self, encoding: Encoding) -> Bytes {
        match encoding {
            Encoding::Frame => self.frame.clone(),
            Encoding::Chunk(framing) => self.chunks[framing as usize].clone(),
            Encoding::Line(framing) => {
                let chunk = &self.chunks[framing as usize];
                chunk.slice_ref(bare(chunk))
            }
            Encoding::Placed { .. } => encoding.encode(self.seq, &self.json),
            Encoding::Wrapped(Wrapping::Alone, Carrier::Bare) => self.json.clone(),
            Encoding::Wrapped(wrapping, carrier) => self.wrapped(wrapping, carrier),
        }
    }

    /// Returns the event in this wrapping, which is made once.
    fn wrapped(&self, wrapping: Wrapping, carrier: Carrier) -> Bytes {
        let mut wrapped = self.wrapped.lock().expect("no holder panics");
        let known = |(other, in_what, _): &&(Wrapping, Carrier, Bytes)| {
            *other == wrapping && *in_what == carrier
        };
        if let Some((.., bytes)) = wrapped.iter().find(known) {
            return bytes.clone();
        }
        let bytes = carrier.carry(wrapping.wrap(&self.json));
        wrapped.push((wrapping, carrier, bytes.clone()));
        bytes
    }
}

/// Makes a text frame of a server, not masked (RFC 6455, section 5.2: a header
/// of two bytes, four from a length of 126, ten from 65,536).
pub(crate) fn text_frame(payload: &[u8]) -> Bytes {
    let mut frame = Vec::with_capacity(10 + payload.len());
    frame.push(FIN_AND_TEXT);
    match payload.len() {
        length @ 0..126 => frame.push(length as u8),
        length @ 126..65_536 => {
            frame.push(126);
            frame.extend_from_slice(&(length as u16).to_be_bytes());
        }
        length => {
            frame.push(127);
            frame.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    frame.extend_from_slice(payload);
    Bytes::from(frame)
}

fn header_length(frame: &[u8]) -> usize {
    match frame[1] {
        126 => 4,
        127 => 10,
        _ => 2,
    }
}

/// Makes one chunk of these lines: its size in hexadecimal, then the lines.
pub(crate) fn chunk(lines: &[&[u8]]) -> Bytes {
    let size: usize = lines.iter().map(|line| line.len()).sum();
    let mut chunk = Vec::with_capacity(size + 12);
    chunk.extend_from_slice(format!("{size:X}\r\n").as_bytes());
    for line in lines {
        chunk.extend_from_slice(line);
    }
    chunk.extend_from_slice(b"\r\n");
    Bytes::from(chunk)
}

/// Returns the content of a chunk that [`chunk`] made.
fn bare(chunk: &[u8]) -> &[u8] {
    // A size is at most 16 digits long.
    let size = chunk.iter().position(|&byte| byte == b'\n').unwrap_or(0);
    &chunk[size + 1..chunk.len() - 2]
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
            let line = lines::frame(framing, 7, &json);
            assert_eq!(entry.encoded(Encoding::Line(framing)), line);
            let chunk = [format!("{:X}\r\n", line.len()).as_bytes(), &line, b"\r\n"].concat();
            assert_eq!(entry.encoded(Encoding::Chunk(framing)), chunk);
        }
        let frame = entry.encoded(Encoding::Frame);
        assert_eq!(frame[..2], [0x81, json.len() as u8]);
        assert_eq!(frame[2..], json);
    }

    #[test]
    fn what_goes_out_together_is_one_chunk_or_several_frames() {
        let [one, two] = ["one", "two"].map(|text| Entry::new(&event(text.into())));
        let join =
            |encoding: Encoding| encoding.join(&[one.encoded(encoding), two.encoded(encoding)]);
        let frames = [one.encoded(Encoding::Frame), two.encoded(Encoding::Frame)].concat();
        assert_eq!(join(Encoding::Frame), frames);
        for framing in Framing::ALL {
            let lines = join(Encoding::Line(framing));
            let chunk = join(Encoding::Chunk(framing));
            assert!(chunk.starts_with(format!("{:X}\r\n", lines.len()).as_bytes()));
            assert_eq!(bare(&chunk), lines);
        }
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
            let frame = text_frame(&vec![b'x'; length]);
            assert_eq!(header_length(&frame), header, "{length}");
            assert_eq!(frame.len(), header + length);
        }
        assert_eq!(text_frame(&[b'x'; 300])[..4], [0x81, 126, 1, 44]);
    }
}
