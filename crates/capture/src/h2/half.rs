//! One direction of a connection: the heads and the content of each stream, and the time of each.

use std::{collections::BTreeMap, time::Duration};

use dissect::{Direction, HeaderBlocks};

use super::{
    Connection,
    frames::{self, CONTINUATION, DATA, Frame, HEADERS, RESET},
};
use crate::{Gap, Why, stream::Run, stretch::Wire};

/// The pieces of one answer whose times are kept.
const MOST_PIECES: usize = 10_000;

/// The header fields of a message, as text.
#[derive(Debug, Default)]
pub(super) struct Fields {
    /// The fields whose names begin with a colon, and the others.
    pseudo: Vec<(String, String)>,
    pub(super) plain: Vec<(String, String)>,
    /// The bytes in which they crossed, with the heads of their frames.
    pub(super) packed: u64,
    /// True if some field refers to a head that the capture has not got.
    pub(super) is_partial: bool,
}

impl Fields {
    fn new(fields: Vec<dissect::HeaderField>, packed: u64) -> Self {
        let mut all = Self {
            packed,
            ..Self::default()
        };
        let mut cookies: Vec<String> = Vec::new();
        for (name, value) in fields {
            let name = line(&name);
            let value = line(&value);
            match name.as_str() {
                "" => all.is_partial = true,
                // HTTP/1.1 has one line for what HTTP/2 may send in parts (RFC 9113, section 8.2.3).
                "cookie" => cookies.push(value),
                _ if name.starts_with(':') => all.pseudo.push((name, value)),
                _ => all.plain.push((name, value)),
            }
        }
        if !cookies.is_empty() {
            all.plain.push(("cookie".to_owned(), cookies.join("; ")));
        }
        all
    }

    /// Returns the value of a field whose name begins with a colon.
    pub(super) fn pseudo(&self, name: &str) -> Option<&str> {
        let found = self.pseudo.iter().find(|field| field.0 == name);
        found.map(|field| field.1.as_str())
    }

    pub(super) fn status(&self) -> Option<u16> {
        self.pseudo(":status")
            .and_then(|status| status.parse().ok())
    }
}

/// Returns bytes as the text of one line.
fn line(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace(['\r', '\n'], " ")
}

/// The head and the content that one side sent on one stream.
#[derive(Debug, Default)]
pub(super) struct Half {
    /// The head: of an answer, the final one.
    pub(super) head: Option<Fields>,
    /// The times of the first and the last byte of the head, of the last byte of the content, and of
    /// the last byte of all.
    pub(super) at: Duration,
    pub(super) headed: Duration,
    pub(super) sent: Duration,
    pub(super) end: Duration,
    pub(super) content: Vec<u8>,
    /// The times at which pieces of content came.
    pub(super) pieces: Vec<Duration>,
    /// True once this side said that nothing more comes.
    pub(super) is_ended: bool,
    /// True once this side reset the stream.
    pub(super) is_reset: bool,
}

/// The halves of all streams in one direction.
#[derive(Debug, Default)]
pub(super) struct Halves {
    pub(super) streams: BTreeMap<u32, Half>,
    /// The place at which reading had to stop although more bytes are there.
    pub(super) gap: Option<Gap>,
}

/// A header block of which more is to come.
struct Block {
    stream: u32,
    begin: usize,
    bytes: Vec<u8>,
    packed: u64,
    ends_stream: bool,
}

/// Reads one direction. `budget` is how many bytes of fields may still be kept.
pub(super) fn read(
    wire: &Wire,
    connection: &Connection,
    direction: Direction,
    budget: &mut usize,
) -> Halves {
    let side = match direction {
        Direction::Up => &wire.up,
        Direction::Down => &wire.down,
    };
    let mut reader = Reader {
        side,
        direction,
        halves: Halves::default(),
        blocks: HeaderBlocks::new(connection.is_cut),
        pending: None,
        budget,
    };
    let first = connection.first_frames()[direction as usize];
    for frame in frames::frames(&side.bytes, first) {
        if reader.frame(&frame).is_none() {
            break;
        }
    }
    reader.halves
}

/// A direction that is being read.
struct Reader<'a> {
    side: &'a Run,
    direction: Direction,
    halves: Halves,
    blocks: HeaderBlocks,
    pending: Option<Block>,
    budget: &'a mut usize,
}

impl Reader<'_> {
    /// Takes a frame; `None` if none behind it can be read. The dissector says what is wrong.
    fn frame(&mut self, frame: &Frame) -> Option<()> {
        let last = self.side.time(frame.end.saturating_sub(1));
        match frame.kind {
            HEADERS | CONTINUATION => self.head(frame)?,
            DATA => {
                let half = self.halves.streams.entry(frame.stream).or_default();
                let content = frame.content(&self.side.bytes);
                if !content.is_empty() && half.pieces.len() < MOST_PIECES {
                    half.pieces.push(self.side.time(frame.begin));
                }
                half.content.extend_from_slice(content);
                half.sent = last;
                half.end = last;
                half.is_ended |= frame.ends_stream() && frame.is_whole();
            }
            RESET => {
                let half = self.halves.streams.entry(frame.stream).or_default();
                half.is_reset = true;
                half.end = last;
            }
            _ => {}
        }
        Some(())
    }

    /// Takes a frame of a header block.
    fn head(&mut self, frame: &Frame) -> Option<()> {
        let block = gather(self.pending.take(), frame, &self.side.bytes)?;
        if !frame.is_whole() {
            return None;
        }
        if !frame.ends_block() {
            self.pending = Some(block);
            return Some(());
        }
        let fields = self.blocks.read(&block.bytes).ok()?;
        let lengths = fields.iter().map(|field| field.0.len() + field.1.len());
        let Some(left) = self.budget.checked_sub(lengths.sum()) else {
            self.halves.gap = Some(Gap {
                direction: self.direction,
                at: self.side.offset + block.begin as u64,
                why: Why::NotKept,
            });
            return None;
        };
        *self.budget = left;
        let half = self.halves.streams.entry(block.stream).or_default();
        let fields = Fields::new(fields, block.packed);
        let last = self.side.time(frame.end.saturating_sub(1));
        half.take_head(fields, self.side.time(block.begin), last);
        half.is_ended |= block.ends_stream;
        Some(())
    }
}

/// Adds a frame to its header block; `None` if it does not belong there.
fn gather(pending: Option<Block>, frame: &Frame, bytes: &[u8]) -> Option<Block> {
    let mut block = match (pending, frame.kind) {
        (None, HEADERS) => Block {
            stream: frame.stream,
            begin: frame.begin,
            bytes: Vec::new(),
            packed: 0,
            ends_stream: frame.ends_stream(),
        },
        (Some(block), CONTINUATION) if block.stream == frame.stream => block,
        _ => return None,
    };
    block.bytes.extend_from_slice(frame.content(bytes));
    block.packed += (frame.end - frame.begin) as u64;
    Some(block)
}

impl Half {
    /// Takes a head: the first or, of an answer, the one behind interim ones. Fields behind the
    /// content (trailers) are read past.
    fn take_head(&mut self, fields: Fields, begin: Duration, last: Duration) {
        self.sent = last;
        self.end = last;
        let is_interim = |fields: &Fields| fields.status().is_some_and(|status| status < 200);
        if self.head.as_ref().is_none_or(is_interim) {
            self.head = Some(fields);
            self.at = begin;
            self.headed = last;
        }
    }
}
