//! A reader of event streams as any server may write them (WHATWG HTML, sections 9.2.5 and 9.2.6):
//! each kind of line end, a byte order mark, data of several lines, and fields in any order.
//! [`LineReader`](crate::lines::LineReader) reads the streams of this project's server faster.

use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};

/// The byte order mark U+FEFF in UTF-8, which may precede everything else.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A reader that takes an event stream in pieces of any size and returns the data of its events.
#[derive(Debug, Default)]
pub struct EventReader {
    pending: BytesMut,
    /// The number of bytes at the front of `pending` that are known to contain no line end.
    searched: usize,
    /// True if the last line ended with a carriage return, so that a following line feed belongs to
    /// it.
    after_return: bool,
    begun: bool,
    /// The data of the event so far, with a line feed after each of its lines.
    data: BytesMut,
    /// The id that becomes the last event's id at the end of the event.
    id: Option<String>,
    /// The last event's id, until it is taken.
    new_id: Option<String>,
    retry: Option<Duration>,
}

impl EventReader {
    /// Makes a reader at the start of a stream.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next piece of the stream.
    pub fn push(&mut self, piece: &[u8]) {
        self.pending.extend_from_slice(piece);
    }

    /// Returns the data of the next event that has any, if all of it has arrived.
    pub fn next_event(&mut self) -> Option<Bytes> {
        while let Some(line) = self.next_line() {
            if !line.is_empty() {
                self.field(&line);
                continue;
            }
            if let Some(id) = self.id.take() {
                self.new_id = Some(id);
            }
            if !self.data.is_empty() {
                let mut data = self.data.split();
                data.truncate(data.len() - 1);
                return Some(data.freeze());
            }
        }
        None
    }

    /// Returns the last event's id, if one came since the last call.
    pub const fn take_id(&mut self) -> Option<String> {
        self.new_id.take()
    }

    /// Returns the time to wait before reconnecting, if the stream set one since the last call.
    pub const fn take_retry(&mut self) -> Option<Duration> {
        self.retry.take()
    }

    /// Returns the number of bytes that wait for the rest of their line or event.
    #[must_use]
    pub fn pending_bytes(&self) -> usize {
        self.pending.len() + self.data.len()
    }

    fn field(&mut self, line: &[u8]) {
        let (name, value) = match line.iter().position(|&byte| byte == b':') {
            Some(colon) => {
                let value = &line[colon + 1..];
                (&line[..colon], value.strip_prefix(b" ").unwrap_or(value))
            }
            None => (line, &b""[..]),
        };
        match name {
            b"data" => {
                self.data.extend_from_slice(value);
                self.data.extend_from_slice(b"\n");
            }
            b"id" if !value.contains(&0) => {
                self.id = Some(String::from_utf8_lossy(value).into_owned());
            }
            b"retry" if !value.is_empty() && value.iter().all(u8::is_ascii_digit) => {
                let number = std::str::from_utf8(value).ok();
                let millis = number.and_then(|number| number.parse().ok());
                self.retry = millis.map(Duration::from_millis).or(self.retry);
            }
            // A comment has an empty name; other unknown names are ignored.
            _ => {}
        }
    }

    fn next_line(&mut self) -> Option<Bytes> {
        if !self.begun && !self.begin() {
            return None;
        }
        if self.after_return && !self.pending.is_empty() {
            self.after_return = false;
            if self.pending[0] == b'\n' {
                self.pending.advance(1);
            }
        }
        let is_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
        let Some(end) = self.pending[self.searched..].iter().position(is_end) else {
            self.searched = self.pending.len();
            return None;
        };
        let line = self.pending.split_to(self.searched + end).freeze();
        // The next byte, which may be a line feed, may not have arrived yet.
        self.after_return = self.pending[0] == b'\r';
        self.pending.advance(1);
        self.searched = 0;
        Some(line)
    }

    /// Skips a byte order mark. Returns false as long as it is not known whether there is one.
    fn begin(&mut self) -> bool {
        if self.pending.starts_with(BYTE_ORDER_MARK) {
            self.pending.advance(BYTE_ORDER_MARK.len());
        } else if BYTE_ORDER_MARK.starts_with(&self.pending) {
            return false;
        }
        self.begun = true;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the data and id of each event of a stream that arrives in pieces of `size`.
    fn read(stream: &[u8], size: usize) -> Vec<(String, Option<String>)> {
        let mut reader = EventReader::new();
        let mut events = Vec::new();
        for piece in stream.chunks(size) {
            reader.push(piece);
            while let Some(data) = reader.next_event() {
                events.push((String::from_utf8(data.to_vec()).unwrap(), reader.take_id()));
            }
        }
        events
    }

    #[test]
    fn each_line_end_is_one_however_the_stream_is_cut() {
        let lines = [
            ": hi", "", "id:1", "data:a", "", "event: x", "data: b", "data", "data:  c", "id: 2",
            "", "data: d", "",
        ];
        let text = |data: &str| data.to_owned();
        let events = [
            (text("a"), Some(text("1"))),
            (text("b\n\n c"), Some(text("2"))),
            (text("d"), None),
        ];
        for end in ["\n", "\r", "\r\n"] {
            for mark in ["", "\u{feff}"] {
                let stream = format!("{mark}{}{end}", lines.join(end));
                for size in 1..=stream.len() {
                    assert_eq!(read(stream.as_bytes(), size), events, "{end:?} {size}");
                }
            }
        }
        let mixed = b"data: a\r\rdata: b\n\r\ndata: c\r\n\n";
        let data: Vec<String> = read(mixed, 1).into_iter().map(|event| event.0).collect();
        assert_eq!(data, ["a", "b", "c"]);
    }

    #[test]
    fn an_event_without_its_end_is_none() {
        let mut reader = EventReader::new();
        reader.push(b"id: 5\ndata: a\n");
        assert_eq!(reader.next_event(), None);
        assert_eq!((reader.take_id(), reader.pending_bytes()), (None, 2));
        reader.push(b"\n");
        assert_eq!(reader.next_event().unwrap(), "a");
        assert_eq!(reader.take_id().as_deref(), Some("5"));
        assert_eq!(reader.pending_bytes(), 0);
        // An id without data counts as well, and an empty one unsets it.
        reader.push(b"id\n\n");
        assert_eq!(reader.next_event(), None);
        assert_eq!(reader.take_id().as_deref(), Some(""));
    }

    #[test]
    fn only_digits_say_when_to_come_back() {
        let mut reader = EventReader::new();
        reader.push(b"retry: 50\n\nretry: soon\nretry\nretry: 5x\nid: a\0b\n\n");
        assert_eq!(reader.next_event(), None);
        assert_eq!(reader.take_retry(), Some(Duration::from_millis(50)));
        assert_eq!((reader.take_retry(), reader.take_id()), (None, None));
    }
}
