//! HTTP/2 (RFC 9113): the frames of many exchanges on one connection.
//!
//! The head of each frame that belongs to an exchange (HEADERS, CONTINUATION, DATA) is in
//! [`Layer::H2Frame`], with padding and priority; what is in it, in the layers of HTTP/1.1: header
//! blocks as they crossed, compressed, in [`Layer::HttpHead`]. Frames that belong to the connection
//! are whole in [`Layer::H2Control`]. A WebSocket over a stream (RFC 8441) is read frame by frame too.
//!
//! Spans of different exchanges do not come in the order of their bytes: a poll that waits for its
//! answer holds back nobody else's.

mod blocks;
mod cut;
mod data;
mod framed;
mod frames;
mod heads;
mod hpack;
mod huffman;
mod socket;
mod stream;
mod table;

use std::collections::BTreeMap;

use crate::{
    Direction, Layer, Purpose, Reason, Span, exchange::Reading, http::LONGEST_HEAD, span::Out,
};
use frames::{Frames, HEAD, Head, Kind, Step};
use hpack::Decoder;
use stream::{Element, Stream};

pub use blocks::{HeaderBlocks, HeaderField};
pub(crate) use frames::{PREFACE, PREFACE_HEAD};

/// The most streams that are open at a time.
const MOST_STREAMS: usize = 1024;

/// The most parts of frames that one header block has.
const MOST_ELEMENTS: usize = 256;

/// The length of a priority before header fields (RFC 9113, section 6.2).
const PRIORITY: usize = 5;

/// A connection that speaks HTTP/2.
pub(crate) struct Http2 {
    sides: [Side; 2],
    streams: BTreeMap<u32, Stream>,
    /// The highest number of a stream that the client opened.
    newest: u32,
    /// True for each direction in which content has come.
    has_content: [bool; 2],
    foreign: Option<Reading>,
    of_one_kind: bool,
    /// The readings of streams, where the caller told them by their numbers.
    readings: BTreeMap<u32, Reading>,
    /// True if the connection was open before its first byte that is read.
    is_cut: bool,
    /// The first stream of which it is known that the client opened it; 0 before there is one.
    oldest: u32,
}

/// One direction.
struct Side {
    frames: Frames,
    decoder: Decoder,
    /// The place of the next byte on the connection.
    at: u64,
    /// The frame whose payload is crossing.
    frame: Option<Frame>,
    /// The header block that goes on in the next frame.
    block: Option<Pending>,
}

/// A frame whose payload is crossing.
struct Frame {
    head: Head,
    /// The bytes of padding at the end; of a padded frame, `None` until its first byte was read.
    padding: Option<usize>,
    /// The bytes of content that came when their stream was over.
    late: usize,
}

/// A header block that is not whole.
struct Pending {
    stream: u32,
    ends_stream: bool,
    /// The payload of the frame that is crossing.
    payload: Vec<u8>,
    /// The fields so far.
    fields: Vec<u8>,
    /// The parts of the frames so far, with their places.
    elements: Vec<(u64, Element)>,
}

impl Side {
    const fn new(direction: Direction, at: u64) -> Self {
        Self {
            frames: Frames::new(direction),
            decoder: Decoder::new(),
            at,
            frame: None,
            block: None,
        }
    }
}

impl Http2 {
    /// Makes the reader of a connection of whose preface the [first part](PREFACE_HEAD) was read,
    /// and whose server's next byte is at `at`.
    pub(crate) const fn new(foreign: Option<Reading>, of_one_kind: bool, at: u64) -> Self {
        Self {
            sides: [
                Side::new(Direction::Up, PREFACE_HEAD as u64),
                Side::new(Direction::Down, at),
            ],
            streams: BTreeMap::new(),
            newest: 0,
            has_content: [false; 2],
            foreign,
            of_one_kind,
            readings: BTreeMap::new(),
            is_cut: false,
            oldest: 0,
        }
    }

    /// Makes the reader of a connection whose streams have these readings, from the first byte of
    /// each side on or, if it `is_cut`, from the first frame that is there.
    pub(crate) fn of_streams(readings: BTreeMap<u32, Reading>, is_cut: bool) -> Self {
        let mut http2 = Self::new(Some(Reading::Answer), false, 0);
        http2.readings = readings;
        http2.is_cut = is_cut;
        let [up, down] = &mut http2.sides;
        up.at = 0;
        if is_cut {
            up.frames.expect_preface(0);
            up.decoder = Decoder::cut();
            down.decoder = Decoder::cut();
        } else {
            up.frames.expect_preface(PREFACE.len());
        }
        http2
    }

    /// Returns whether the capture does not show what a stream was asked for.
    const fn is_unknown(&self, stream: u32) -> bool {
        self.is_cut && (stream < self.oldest || stream > self.newest)
    }

    /// Makes the stream of this number.
    fn open(&mut self, number: u32) {
        self.newest = number;
        if self.oldest == 0 {
            self.oldest = number;
        }
        let stream = match self.readings.get(&number) {
            Some(&reading) => Stream::new(Some(reading), true),
            None => Stream::new(self.foreign, self.of_one_kind),
        };
        self.streams.insert(number, stream);
    }

    /// Reads the next bytes of one direction.
    pub(crate) fn read<S: FnMut(Span)>(
        &mut self,
        direction: Direction,
        mut bytes: &[u8],
        out: &mut Out<'_, S>,
    ) -> Result<(), Reason> {
        while !bytes.is_empty() {
            let side = &mut self.sides[direction as usize];
            let used = match side.frames.step(bytes)? {
                Step::Partial(used) => {
                    side.at += used as u64;
                    used
                }
                Step::Preface(used) => {
                    side.at += used as u64;
                    let (layer, len) = (Layer::H2Control, PREFACE.len() as u64);
                    out.put_at(0, direction, Purpose::Setup, layer, len);
                    used
                }
                Step::Head(used, head) => {
                    side.at += used as u64;
                    self.begin(direction, head, out)?;
                    used
                }
                Step::Payload(used) => {
                    self.payload(direction, &bytes[..used], out)?;
                    used
                }
            };
            bytes = &bytes[used..];
        }
        Ok(())
    }

    /// Takes the head of a frame.
    fn begin<S: FnMut(Span)>(
        &mut self,
        direction: Direction,
        head: Head,
        out: &mut Out<'_, S>,
    ) -> Result<(), Reason> {
        let side = &mut self.sides[direction as usize];
        let continues = side.block.as_ref().map(|block| block.stream);
        let is_right = match (head.kind, continues) {
            (Kind::Continuation, Some(stream)) => head.stream == stream,
            // Nothing may come between (section 6.10).
            (_, Some(_)) | (Kind::Continuation | Kind::Push, None) => false,
            (Kind::Data | Kind::Headers | Kind::Reset, None) => head.stream != 0,
            (Kind::Settings | Kind::Ping | Kind::GoAway, None) => head.stream == 0,
            (Kind::Window | Kind::Other, None) => true,
        };
        if !is_right || (head.is_padded() && head.len == 0) {
            return Err(Reason::Frame);
        }
        let padding = (!head.is_padded()).then_some(0);
        side.frame = Some(Frame {
            head,
            padding,
            late: 0,
        });
        match head.kind {
            Kind::Headers => {
                side.block = Some(Pending {
                    stream: head.stream,
                    ends_stream: head.ends_stream(),
                    payload: Vec::new(),
                    fields: Vec::new(),
                    elements: Vec::new(),
                });
            }
            Kind::Data if !head.is_padded() => self.begin_data(direction, head, HEAD, out)?,
            _ => {}
        }
        if head.len == 0 {
            self.end(direction, out)?;
        }
        Ok(())
    }

    /// Takes a part of a frame's payload.
    fn payload<S: FnMut(Span)>(
        &mut self,
        direction: Direction,
        bytes: &[u8],
        out: &mut Out<'_, S>,
    ) -> Result<(), Reason> {
        let side = &mut self.sides[direction as usize];
        let Some(frame) = &mut side.frame else {
            return Err(Reason::Frame);
        };
        let head = frame.head;
        match head.kind {
            Kind::Headers | Kind::Continuation => {
                side.at += bytes.len() as u64;
                let block = side.block.as_mut().ok_or(Reason::Frame)?;
                if block.payload.len() + block.fields.len() + bytes.len() > LONGEST_HEAD {
                    return Err(Reason::LongHead);
                }
                block.payload.extend_from_slice(bytes);
            }
            Kind::Data => self.data(direction, head, bytes, out)?,
            _ => side.at += bytes.len() as u64,
        }
        if self.sides[direction as usize].frames.left == 0 {
            self.end(direction, out)?;
        }
        Ok(())
    }

    /// Takes the end of a frame.
    fn end<S: FnMut(Span)>(
        &mut self,
        direction: Direction,
        out: &mut Out<'_, S>,
    ) -> Result<(), Reason> {
        let side = &mut self.sides[direction as usize];
        let Some(frame) = side.frame.take() else {
            return Err(Reason::Frame);
        };
        let head = frame.head;
        match head.kind {
            Kind::Data => self.end_data(direction, frame, out),
            Kind::Headers | Kind::Continuation => self.end_headers(direction, head, out),
            _ => {
                let len = (HEAD + head.len) as u64;
                let (at, purpose) = (side.at - len, self.purpose_of(direction, head.kind));
                out.put_at(at, direction, purpose, Layer::H2Control, len);
                if head.kind == Kind::Reset
                    && let Some(mut stream) = self.streams.remove(&head.stream)
                {
                    stream.flush(out);
                }
                Ok(())
            }
        }
    }

    /// Returns the purpose of a frame that belongs to the connection.
    fn purpose_of(&self, direction: Direction, kind: Kind) -> Purpose {
        match (kind, direction) {
            (Kind::Ping, _) => Purpose::Heartbeat,
            (Kind::Reset | Kind::GoAway, _) => Purpose::Close,
            // A side that grants room does so for what the other side sends; before that comes, it
            // only begins.
            (Kind::Window, Direction::Up) if self.has_content[1] => Purpose::Deliver,
            (Kind::Window, Direction::Down) if self.has_content[0] => Purpose::Say,
            _ => Purpose::Setup,
        }
    }

    fn end_stream<S: FnMut(Span)>(
        &mut self,
        direction: Direction,
        number: u32,
        out: &mut Out<'_, S>,
    ) {
        let Some(stream) = self.streams.get_mut(&number) else {
            return;
        };
        stream.end(direction, out);
        if stream.is_over() {
            stream.flush(out);
            self.streams.remove(&number);
        }
    }

    /// Lets go all that is held back: the connection is over, or it can no longer be followed. The
    /// streams stay, because they tell the purpose of a frame that was cut.
    pub(crate) fn flush<S: FnMut(Span)>(&mut self, out: &mut Out<'_, S>) {
        for stream in self.streams.values_mut() {
            stream.flush(out);
        }
    }
}
