//! The framing of events on an HTTP stream: NDJSON lines, or server-sent events.
//!
//! Both framings end an event with a line end, which JSON text cannot contain, so a reader needs no
//! length. The server calls [`frame()`] once for each event; the load generator passes the bytes
//! that arrive to a [`LineReader`].

use bytes::{Buf, Bytes, BytesMut};
use memchr::memchr;

use crate::{Epoch, Framing, Seq};

/// The beginning of the line of a server-sent event that contains the JSON; a space may follow it.
const DATA: &[u8] = b"data:";
/// U+FEFF in UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Returns a heartbeat: an empty line (NDJSON) or an empty comment (SSE).
#[must_use]
pub const fn heartbeat(framing: Framing) -> &'static [u8] {
    match framing {
        Framing::Ndjson => b"\n",
        Framing::Sse => b":\n\n",
    }
}

/// Puts one event into a piece of a stream; `seq` becomes the SSE `id:` that an `EventSource` sends
/// when it reconnects (`Last-Event-ID`).
#[must_use]
pub fn frame(framing: Framing, seq: Seq, json: &[u8]) -> Bytes {
    let mut text = Vec::with_capacity(json.len() + 32);
    match framing {
        Framing::Ndjson => {
            text.extend_from_slice(json);
            text.push(b'\n');
        }
        Framing::Sse => {
            text.extend_from_slice(format!("id: {seq}\ndata: ").as_bytes());
            text.extend_from_slice(json);
            text.extend_from_slice(b"\n\n");
        }
    }
    Bytes::from(text)
}

/// Writes one event as a server-sent event whose `id:` contains the log's epoch as well
/// (`7-3f9a1c`), so that an `EventSource` that reconnects continues in that log, or learns that it
/// is another.
#[must_use]
pub fn frame_of(epoch: Epoch, seq: Seq, json: &[u8]) -> Bytes {
    let id = format!("id: {seq}-{epoch}\ndata: ");
    Bytes::from([id.as_bytes(), json, b"\n\n"].concat())
}

/// A reader that takes a stream in pieces of any size and returns the JSON texts.
///
/// On an SSE stream it reads the subset that this project's server writes: a `data:` field is one
/// line, and `id:` and comments contain nothing that the JSON does not. Other servers may end its
/// lines by CR LF, leave out the space behind the colon, and begin with a byte order mark.
#[derive(Debug)]
pub struct LineReader {
    framing: Framing,
    pending: BytesMut,
    /// The number of bytes at the front of `pending` that are known to contain no line end, so that
    /// a long line which arrives in many pieces is searched once.
    searched: usize,
}

impl LineReader {
    /// Makes a reader at the start of a stream.
    #[must_use]
    pub fn new(framing: Framing) -> Self {
        Self {
            framing,
            pending: BytesMut::new(),
            searched: 0,
        }
    }

    /// Takes the next piece of the stream.
    pub fn push(&mut self, piece: &[u8]) {
        self.pending.extend_from_slice(piece);
    }

    /// Returns the next JSON text, if all of it has arrived. Heartbeats are skipped.
    pub fn next_text(&mut self) -> Option<Bytes> {
        while let Some(line) = self.next_line() {
            if let Some(text) = text_in(self.framing, &line) {
                return Some(line.slice_ref(text));
            }
        }
        None
    }

    /// Takes the next piece of the stream and gives each JSON text that it completes to `take`. A
    /// text that lies within the piece is not copied.
    ///
    /// # Errors
    /// Fails with the first error of `take`; what follows that text in the piece is lost.
    pub fn read<E>(
        &mut self,
        piece: &[u8],
        mut take: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut rest = piece;
        if !self.pending.is_empty() {
            let end = memchr(b'\n', rest).map_or(rest.len(), |at| at + 1);
            self.push(&rest[..end]);
            rest = &rest[end..];
            while let Some(text) = self.next_text() {
                take(&text)?;
            }
        }
        while let Some(end) = memchr(b'\n', rest) {
            let line = &rest[..end];
            rest = &rest[end + 1..];
            if let Some(text) = text_in(self.framing, line) {
                take(text)?;
            }
        }
        self.push(rest);
        Ok(())
    }

    /// Returns the number of bytes that wait for the rest of their line.
    #[must_use]
    pub fn pending_bytes(&self) -> usize {
        self.pending.len()
    }

    fn next_line(&mut self) -> Option<Bytes> {
        let Some(end) = memchr(b'\n', &self.pending[self.searched..]) else {
            self.searched = self.pending.len();
            return None;
        };
        let line = self.pending.split_to(self.searched + end).freeze();
        self.pending.advance(1);
        self.searched = 0;
        Some(line)
    }
}

/// Returns the JSON text of a line, if it has one.
fn text_in(framing: Framing, line: &[u8]) -> Option<&[u8]> {
    // Others end lines by CR LF, as both framings permit, or begin the stream with a byte order mark,
    // which RFC 8259, section 8.1, and WHATWG HTML, section 9.2.5, let a reader skip.
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line);
    match framing {
        Framing::Ndjson => (!line.is_empty()).then_some(line),
        Framing::Sse => {
            let data = line.strip_prefix(DATA)?;
            Some(data.strip_prefix(b" ").unwrap_or(data))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_sse_event_is_an_id_a_data_line_and_a_blank_line() {
        assert_eq!(frame(Framing::Sse, 7, b"{}"), "id: 7\ndata: {}\n\n");
        assert_eq!(frame(Framing::Ndjson, 7, b"{}"), "{}\n");
    }

    #[test]
    fn lines_of_other_servers_end_as_they_like() {
        let mut reader = LineReader::new(Framing::Ndjson);
        reader.push(b"\xef\xbb\xbf{\"a\":1}\r\n\r\n\n{\"b\":2}\n");
        let texts: Vec<Bytes> = std::iter::from_fn(|| reader.next_text()).collect();
        assert_eq!(texts, ["{\"a\":1}", "{\"b\":2}"]);
    }

    #[test]
    fn data_of_other_servers_is_written_as_they_like() {
        let stream = b"\xef\xbb\xbfdata:{1}\r\n\r\nid:2\r\ndata: {2}\r\n\r\n:\n\ndata:{3}\n\n";
        for size in 1..=stream.len() {
            let mut reader = LineReader::new(Framing::Sse);
            let mut texts = Vec::new();
            for piece in stream.chunks(size) {
                let taken: Result<(), ()> = reader.read(piece, |text| {
                    texts.push(String::from_utf8(text.to_vec()).unwrap());
                    Ok(())
                });
                assert_eq!(taken, Ok(()));
            }
            assert_eq!(texts, ["{1}", "{2}", "{3}"], "in pieces of {size}");
        }
    }

    proptest! {
        #[test]
        fn any_split_of_a_stream_gives_the_same_texts(
            texts in prop::collection::vec("[ -~]{1,80}", 0..6),
            sse: bool,
            cuts in prop::collection::vec(1_usize..40, 1..20),
        ) {
            let framing = if sse { Framing::Sse } else { Framing::Ndjson };
            let mut stream = Vec::new();
            for (seq, text) in texts.iter().enumerate() {
                stream.extend_from_slice(heartbeat(framing));
                stream.extend_from_slice(&frame(framing, seq as u64, text.as_bytes()));
            }
            let mut reader = LineReader::new(framing);
            let mut uncopied = LineReader::new(framing);
            let mut read = Vec::new();
            let mut read_at_once = Vec::new();
            let mut rest = &stream[..];
            for cut in cuts.iter().cycle() {
                let (piece, after) = rest.split_at((*cut).min(rest.len()));
                reader.push(piece);
                while let Some(text) = reader.next_text() {
                    read.push(String::from_utf8(text.to_vec()).unwrap());
                }
                let taken: Result<(), ()> = uncopied.read(piece, |text| {
                    read_at_once.push(String::from_utf8(text.to_vec()).unwrap());
                    Ok(())
                });
                prop_assert_eq!(taken, Ok(()));
                rest = after;
                if rest.is_empty() {
                    break;
                }
            }
            prop_assert_eq!(&read_at_once, &read);
            prop_assert_eq!(read, texts);
            prop_assert_eq!((reader.pending_bytes(), uncopied.pending_bytes()), (0, 0));
        }
    }
}
