//! The frames of one direction of a connection of HTTP/2 (RFC 9113): the stream to which each byte
//! belongs, the time when it passed, and what is in the heads.
//!
//! The dissector accounts for the bytes. It gives their spans in an order of its own, because a poll
//! that waits for its answer holds back nobody else's; so each frame is kept until all of its bytes
//! are in spans.

use std::{collections::BTreeMap, mem, time::Instant};

use dissect::{Direction, HeaderBlocks, HeaderField, Layer, Span};

/// The number of bytes that a client sends before its first frame (section 3.4).
const PREFACE: u64 = 24;
/// The length of a frame's head (section 4.1).
const HEAD: usize = 9;
/// The length of a priority before header fields (section 6.2).
const PRIORITY_LENGTH: usize = 5;

// The kinds of frames that are told apart (section 6), and their flags.
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RESET: u8 = 3;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 0x1;
const END_HEADERS: u8 = 0x4;
const PADDED: u8 = 0x8;
const PRIORITY: u8 = 0x20;

/// The largest number of bytes kept, a bound on what anybody can send; the rest is counted and not
/// shown.
const KEPT: usize = 128 * 1024;
/// The largest number of frames that wait for their spans; a connection with more is not followed
/// any further.
const MOST_FRAMES: usize = 8192;
/// The longest block of header fields that is read; the server's own limit is the same.
const LONGEST_BLOCK: usize = 64 * 1024;

/// The frames of one direction.
#[derive(Debug)]
pub(crate) struct Frames {
    /// The frames of which some byte is in no span yet, by where they begin.
    waiting: BTreeMap<u64, Frame>,
    /// The number of their bytes that are kept.
    kept: usize,
    /// The number of bytes of this direction that passed.
    passed: u64,
    /// True until the client's first byte, which is one of the preface and of no frame.
    has_preface: bool,
    /// The head that is passing, and the time of its first byte.
    head: Vec<u8>,
    began: Option<Instant>,
    /// The number of bytes of the last frame that have not passed.
    left: u64,
    block: Block,
    fields: HeaderBlocks,
    /// True once the frames can no longer be followed.
    is_lost: bool,
}

/// A frame.
#[derive(Debug)]
struct Frame {
    kind: u8,
    flags: u8,
    stream: u32,
    /// The number of all of its bytes, and of those that are in no span yet.
    len: u64,
    waits: u64,
    /// The time when its first byte passed.
    at: Instant,
    /// The bytes of the frame, as far as they are kept.
    bytes: Vec<u8>,
    /// The head that ends with this frame, line by line.
    head: Option<Vec<u8>>,
}

/// A block of header fields that is not whole.
#[derive(Debug, Default)]
struct Block {
    /// The payload of the frame that is passing.
    payload: Vec<u8>,
    fields: Vec<u8>,
    ends_stream: bool,
}

/// The end of a frame that says something about its stream.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) stream: u32,
    pub(crate) at: Instant,
    /// The fields of a head that is whole; none for other frames.
    pub(crate) fields: Vec<HeaderField>,
    /// True if nothing more comes in this direction.
    pub(crate) ends: bool,
    /// True if nothing more comes in either direction.
    pub(crate) resets: bool,
}

/// The bytes of a span.
#[derive(Debug)]
pub(crate) struct SpanBytes {
    pub(crate) stream: u32,
    pub(crate) at: Instant,
    /// The bytes, as far as they were kept.
    pub(crate) bytes: Vec<u8>,
    /// The head that the span is the end of, line by line.
    pub(crate) head: Option<Vec<u8>>,
}

impl Frames {
    pub(crate) fn new(direction: Direction) -> Self {
        Self {
            waiting: BTreeMap::new(),
            kept: 0,
            passed: 0,
            has_preface: direction == Direction::Up,
            head: Vec::new(),
            began: None,
            left: 0,
            block: Block::default(),
            fields: HeaderBlocks::new(false),
            is_lost: false,
        }
    }

    /// Takes the next bytes that passed, and returns what the frames that they complete say.
    pub(crate) fn pass(&mut self, at: Instant, mut bytes: &[u8]) -> Vec<Said> {
        let mut said = Vec::new();
        if self.has_preface && !bytes.is_empty() {
            self.has_preface = false;
            self.left = PREFACE;
            self.waiting.insert(0, Frame::preface(at));
        }
        while !bytes.is_empty() && !self.is_lost {
            let used = if self.left == 0 {
                self.read_head(at, bytes)
            } else {
                self.read_payload(bytes)
            };
            self.passed += used as u64;
            bytes = &bytes[used..];
            if self.left == 0 && self.head.is_empty() {
                said.extend(self.end());
            }
        }
        if self.is_lost {
            self.waiting.clear();
        }
        said
    }

    /// Takes the bytes of a span; `None` if its frame is not known.
    pub(crate) fn take(&mut self, span: &Span) -> Option<SpanBytes> {
        let (&start, frame) = self.waiting.range_mut(..=span.start).next_back()?;
        let kept = frame.bytes.len();
        let place = |offset: u64| usize::try_from(offset).map_or(kept, |offset| offset.min(kept));
        let from = span.start - start;
        let bytes = frame.bytes[place(from)..place(from + span.len)].to_vec();
        let is_head = span.layer == Layer::HttpHead;
        let head = if is_head { frame.head.take() } else { None };
        let (stream, at) = (frame.stream, frame.at);
        frame.waits = frame.waits.saturating_sub(span.len);
        if frame.waits == 0 {
            self.kept -= kept;
            self.waiting.remove(&start);
        }
        Some(SpanBytes {
            stream,
            at,
            bytes,
            head,
        })
    }

    /// Returns whether a byte of this stream is in no span yet.
    pub(crate) fn waits_for(&self, stream: u32) -> bool {
        self.waiting.values().any(|frame| frame.stream == stream)
    }

    /// Takes bytes of a frame's head; returns how many.
    fn read_head(&mut self, at: Instant, bytes: &[u8]) -> usize {
        let at = *self.began.get_or_insert(at);
        let count = (HEAD - self.head.len()).min(bytes.len());
        self.head.extend_from_slice(&bytes[..count]);
        if let Ok(head) = <[u8; HEAD]>::try_from(self.head.as_slice()) {
            let start = self.passed + count as u64 - HEAD as u64;
            let frame = Frame::new(head, at);
            self.left = frame.len - HEAD as u64;
            self.kept += HEAD;
            self.waiting.insert(start, frame);
            self.is_lost |= self.waiting.len() > MOST_FRAMES;
            self.began = None;
            self.head.clear();
        }
        count
    }

    /// Takes bytes of a frame's payload; returns how many.
    fn read_payload(&mut self, bytes: &[u8]) -> usize {
        let left = usize::try_from(self.left).unwrap_or(usize::MAX);
        let bytes = &bytes[..left.min(bytes.len())];
        if let Some(frame) = self.waiting.values_mut().next_back() {
            // Once something was left out, all that follows it in the frame is.
            let is_whole = frame.bytes.len() as u64 + self.left == frame.len;
            if is_whole && self.kept + bytes.len() <= KEPT {
                frame.bytes.extend_from_slice(bytes);
                self.kept += bytes.len();
            }
            if matches!(frame.kind, HEADERS | CONTINUATION) {
                self.block.payload.extend_from_slice(bytes);
                let length = self.block.payload.len() + self.block.fields.len();
                self.is_lost |= length > LONGEST_BLOCK;
            }
        }
        self.left -= bytes.len() as u64;
        bytes.len()
    }

    /// Takes the end of a frame, and returns what it says about its stream.
    fn end(&mut self) -> Option<Said> {
        let frame = self.waiting.values_mut().next_back()?;
        let said = Said {
            stream: frame.stream,
            at: frame.at,
            fields: Vec::new(),
            ends: frame.flags & END_STREAM != 0,
            resets: frame.kind == RESET,
        };
        match frame.kind {
            DATA => said.ends.then_some(said),
            RESET => Some(said),
            HEADERS | CONTINUATION => {
                let is_read = self.block.end_frame(frame.kind, frame.flags);
                if is_read && frame.flags & END_HEADERS == 0 {
                    return None;
                }
                let block = mem::take(&mut self.block);
                let fields = self.fields.read(&block.fields).ok().filter(|_| is_read);
                let Some(fields) = fields else {
                    self.is_lost = true;
                    return None;
                };
                frame.head = Some(lines(&fields));
                Some(Said {
                    fields,
                    ends: block.ends_stream,
                    ..said
                })
            }
            _ => None,
        }
    }
}

impl Frame {
    /// Makes the frame that this is the head of (section 4.1).
    fn new(head: [u8; HEAD], at: Instant) -> Self {
        let payload = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let len = HEAD as u64 + u64::from(payload);
        Self {
            kind: head[3],
            flags: head[4],
            stream: u32::from_be_bytes([head[5], head[6], head[7], head[8]]) & 0x7fff_ffff,
            len,
            waits: len,
            at,
            bytes: head.to_vec(),
            head: None,
        }
    }

    /// Makes what stands for the preface: it belongs to no stream, as frames of the connection do.
    fn preface(at: Instant) -> Self {
        Self {
            len: PREFACE,
            waits: PREFACE,
            bytes: Vec::new(),
            ..Self::new([0, 0, 0, u8::MAX, 0, 0, 0, 0, 0], at)
        }
    }
}

impl Block {
    /// Takes the end of a frame; returns false if it cannot be read.
    fn end_frame(&mut self, kind: u8, flags: u8) -> bool {
        let payload = mem::take(&mut self.payload);
        let fields = fields_in(kind, flags, &payload);
        self.fields.extend_from_slice(fields.unwrap_or_default());
        self.ends_stream |= kind == HEADERS && flags & END_STREAM != 0;
        fields.is_some()
    }
}

/// Returns the header fields in a frame's payload, without padding and priority (section 6.2).
fn fields_in(kind: u8, flags: u8, payload: &[u8]) -> Option<&[u8]> {
    let has = |flag: u8| kind == HEADERS && flags & flag != 0;
    let (padding, mut fields) = if has(PADDED) {
        let (&count, rest) = payload.split_first()?;
        (usize::from(count), rest)
    } else {
        (0, payload)
    };
    if has(PRIORITY) {
        fields = fields.get(PRIORITY_LENGTH..)?;
    }
    fields.get(..fields.len().checked_sub(padding)?)
}

/// Returns the fields of a head as lines of text.
fn lines(fields: &[HeaderField]) -> Vec<u8> {
    let line = |(name, value): &HeaderField| [&name[..], b": ", &value[..], b"\r\n"].concat();
    fields.iter().flat_map(line).collect()
}

#[cfg(test)]
mod tests {
    use dissect::Purpose;

    use super::*;

    const PING: u8 = 6;

    fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
        let length = (payload.len() as u32).to_be_bytes();
        let head = [&length[1..], &[kind, flags], &stream.to_be_bytes()].concat();
        [&head, payload].concat()
    }

    fn span(layer: Layer, start: u64, len: u64) -> Span {
        Span {
            direction: Direction::Down,
            purpose: Purpose::Deliver,
            layer,
            start,
            len,
            continues: false,
        }
    }

    #[test]
    fn spans_find_their_frames_in_any_order_and_however_the_bytes_are_cut() {
        let answer = frame(HEADERS, END_HEADERS, 1, &[0x88]);
        let content = frame(DATA, END_STREAM, 3, b"abc");
        let bytes = [answer, content].concat();
        for cut in 0..bytes.len() {
            let mut frames = Frames::new(Direction::Down);
            let now = Instant::now();
            let mut said = frames.pass(now, &bytes[..cut]);
            said.extend(frames.pass(now, &bytes[cut..]));
            let told: Vec<_> = said.iter().map(|said| (said.stream, said.ends)).collect();
            assert_eq!(told, [(1, false), (3, true)], "{cut}");
            let content = frames.take(&span(Layer::Payload, 19, 3)).unwrap();
            assert_eq!((content.stream, &content.bytes[..]), (3, &b"abc"[..]));
            let head = frames.take(&span(Layer::HttpHead, 9, 1)).unwrap();
            assert_eq!((head.stream, &head.bytes[..]), (1, &b"\x88"[..]));
            assert_eq!(head.head.as_deref(), Some(&b":status: 200\r\n"[..]));
            assert!(frames.waits_for(1) && frames.waits_for(3));
            for (start, stream) in [(0, 1), (10, 3)] {
                let head = frames.take(&span(Layer::H2Frame, start, 9)).unwrap();
                assert_eq!((head.stream, head.bytes.len()), (stream, 9), "{cut}");
            }
            assert!(!frames.waits_for(1) && !frames.waits_for(3));
            assert_eq!(frames.kept, 0);
        }
    }

    #[test]
    fn a_head_may_be_padded_have_a_priority_and_go_on() {
        let mut frames = Frames::new(Direction::Up);
        let now = Instant::now();
        assert!(frames.pass(now, &[0; PREFACE as usize]).is_empty());
        let flags = PADDED | PRIORITY | END_STREAM;
        let begun = frame(HEADERS, flags, 5, &[2, 0, 0, 0, 0, 16, 0x82, 0, 0]);
        assert!(frames.pass(now, &begun).is_empty());
        let said = frames.pass(now, &frame(CONTINUATION, END_HEADERS, 5, &[0x84]));
        let field = |name: &str, value: &str| (name.as_bytes().to_vec(), value.as_bytes().to_vec());
        assert_eq!(said.len(), 1);
        assert_eq!((said[0].stream, said[0].ends), (5, true));
        let fields = [field(":method", "GET"), field(":path", "/")];
        assert_eq!(said[0].fields, fields);
    }

    #[test]
    fn a_connection_whose_frames_never_get_spans_is_given_up() {
        let mut frames = Frames::new(Direction::Down);
        let now = Instant::now();
        let ping = frame(PING, 0, 0, &[]);
        frames.pass(now, &ping.repeat(MOST_FRAMES));
        let first = span(Layer::H2Control, 0, 9);
        assert!(frames.take(&first).is_some());
        frames.pass(now, &ping);
        assert!(!frames.is_lost);
        frames.pass(now, &ping);
        assert!(frames.is_lost && frames.waiting.is_empty());
    }
}
