//! Compressed frames as plain ones, and plain ones as compressed, beneath a reader and writer that
//! knows no extension (RFC 7692, section 6; RFC 6455, section 5.2).

use super::{
    Deflater, Fault, Inflater,
    head::{Head, push_head},
};

/// The bit of a frame's first byte that marks a message's last frame.
const FIN: u8 = 0x80;
/// The bit that marks a compressed message, on its first frame (RFC 7692, section 6).
const RSV1: u8 = 0x40;
/// The other two reserved bits.
const OTHER_RESERVED: u8 = 0x30;
/// The opcode bits.
const OPCODE: u8 = 0x0f;
/// The number of plain bytes beyond which no more frames are read before they are taken.
const ENOUGH: usize = 4096;
/// The first byte of a whole, compressed text message.
const COMPRESSED_TEXT: u8 = FIN | RSV1 | 1;

/// Returns a whole frame of a server that carries a compressed text.
#[must_use]
pub fn text_frame(payload: &[u8]) -> Vec<u8> {
    let mut frame = Vec::with_capacity(10 + payload.len());
    push_head(&mut frame, COMPRESSED_TEXT, 0, payload.len());
    frame.extend_from_slice(payload);
    frame
}

/// Compresses each message in `frames` that is whole in one frame, and appends all frames to `out`.
/// Other frames, and a frame that is not whole, stay as they are.
pub fn compress(deflater: &mut Deflater, mut frames: &[u8], out: &mut Vec<u8>) {
    while let Some(head) = Head::read(frames) {
        let length = head.length.min((frames.len() - head.size) as u64) as usize;
        let (frame, rest) = frames.split_at(head.size + length);
        frames = rest;
        if !matches!(head.first, 0x81 | 0x82) || head.length != length as u64 {
            out.extend_from_slice(frame);
            continue;
        }
        let content: Vec<u8> = head.unmasked(&frame[head.size..], 0).collect();
        let payload = deflater.message(&content);
        push_head(out, head.first | RSV1, head.mask_bit, payload.len());
        if head.mask_bit != 0 {
            out.extend_from_slice(&head.key);
        }
        out.extend(head.unmasked(&payload, 0));
    }
    out.extend_from_slice(frames);
}

/// The number of bytes beyond which the room for what waits to be written is given back.
const LARGE: usize = 16 * 1024;

/// The compressed frames that are on their way to a socket.
///
/// Bytes that the socket has taken stay until it has taken all of them. If the rest were moved up each
/// time, a peer that takes little at once could make work of the square of a message's length.
#[derive(Debug)]
pub struct Outgoing {
    deflater: Deflater,
    frames: Vec<u8>,
    taken: usize,
}

impl Outgoing {
    /// Makes an empty one, which compresses with this.
    #[must_use]
    pub const fn new(deflater: Deflater) -> Self {
        Self {
            deflater,
            frames: Vec::new(),
            taken: 0,
        }
    }

    /// Adds plain frames, as [`compress`] does.
    pub fn push(&mut self, plain: &[u8]) {
        compress(&mut self.deflater, plain, &mut self.frames);
    }

    /// Returns the bytes that the socket is to take.
    #[must_use]
    pub fn rest(&self) -> &[u8] {
        &self.frames[self.taken..]
    }

    /// Notes that the socket took so many of them.
    pub fn take(&mut self, count: usize) {
        self.taken += count;
        if self.taken < self.frames.len() {
            return;
        }
        self.taken = 0;
        self.frames.clear();
        // One large message is not to stay in memory for as long as the connection.
        if self.frames.capacity() > LARGE {
            self.frames = Vec::new();
        }
    }
}

/// The frames of one direction, decompressed as they arrive in pieces.
///
/// A compressed message comes out as one plain frame, masked with a key of zeros if it was masked.
/// All other frames come out byte by byte as they went in: their reader finds what is wrong with
/// them.
#[derive(Debug)]
pub struct Incoming {
    inflater: Inflater,
    /// The beginning of a head that is not whole yet.
    kept: Vec<u8>,
    state: State,
    /// The compressed message so far; `None` outside one.
    message: Option<Message>,
    /// The bytes that arrived and were not read yet, from `read` on.
    arrived: Vec<u8>,
    read: usize,
    /// The plain bytes that were not taken yet, from `taken` on: never more than some frames and one
    /// message.
    ready: Vec<u8>,
    taken: usize,
    fault: Option<Fault>,
}

/// The position within a frame.
#[derive(Debug, Clone, Copy)]
enum State {
    /// Before or within a head.
    Head,
    /// Within a payload that is passed on.
    Plain { left: u64 },
    /// Within a payload that belongs to a compressed message.
    Compressed { head: Head, seen: u64 },
}

/// A compressed message that is not whole yet.
#[derive(Debug)]
struct Message {
    /// The first byte of its first frame, without FIN and RSV1.
    first: u8,
    mask_bit: u8,
    payload: Vec<u8>,
}

impl Incoming {
    /// Makes the reader of a direction whose messages `inflater` decompresses.
    #[must_use]
    pub const fn new(inflater: Inflater) -> Self {
        Self {
            inflater,
            kept: Vec::new(),
            state: State::Head,
            message: None,
            arrived: Vec::new(),
            read: 0,
            ready: Vec::new(),
            taken: 0,
            fault: None,
        }
    }

    /// Takes the next bytes of the connection.
    pub fn push(&mut self, bytes: &[u8]) {
        self.arrived.extend_from_slice(bytes);
    }

    /// Reads what has arrived until there are enough plain bytes, so that many small messages that
    /// are large once they are inflated do not fill the memory.
    fn fill(&mut self) {
        // One large message is not to stay in memory for as long as the connection.
        if self.ready.capacity() > 4 * ENOUGH {
            self.ready = Vec::new();
        }
        self.ready.clear();
        self.taken = 0;
        let mut arrived = std::mem::take(&mut self.arrived);
        while self.ready.len() < ENOUGH && self.read < arrived.len() && self.fault.is_none() {
            let bytes = &arrived[self.read..];
            let used = match self.state {
                State::Head => self.head(bytes),
                State::Plain { left } => Ok(self.pass(bytes, left)),
                State::Compressed { head, seen } => self.collect(bytes, head, seen),
            };
            match used {
                Ok(used) => self.read += used,
                Err(fault) => self.fault = Some(fault),
            }
        }
        if self.read == arrived.len() {
            arrived.clear();
            self.read = 0;
        }
        self.arrived = arrived;
    }

    /// Moves plain bytes into `buffer` and returns their number; 0 if there are none yet.
    ///
    /// # Errors
    /// Fails once all plain bytes before a message that cannot be read were taken.
    pub fn take(&mut self, buffer: &mut [u8]) -> Result<usize, Fault> {
        if self.taken == self.ready.len() {
            self.fill();
        }
        let ready = &self.ready[self.taken..];
        if ready.is_empty() {
            return self.fault.map_or(Ok(0), Err);
        }
        let count = ready.len().min(buffer.len());
        buffer[..count].copy_from_slice(&ready[..count]);
        self.taken += count;
        Ok(count)
    }

    /// Reads a head, and returns how many of the bytes are part of it.
    fn head(&mut self, bytes: &[u8]) -> Result<usize, Fault> {
        let before = self.kept.len();
        let most = bytes.len().min(Head::LONGEST - before);
        self.kept.extend_from_slice(&bytes[..most]);
        let Some(head) = Head::read(&self.kept) else {
            return Ok(most);
        };
        self.kept.truncate(head.size);
        self.begin(head)?;
        self.kept.clear();
        Ok(head.size - before)
    }

    /// Decides what becomes of a frame whose head is whole.
    fn begin(&mut self, head: Head) -> Result<(), Fault> {
        let opcode = head.first & OPCODE;
        let is_first = matches!(opcode, 1 | 2);
        let is_compressed = is_first && head.first & RSV1 != 0;
        let begun = self.message.as_ref().filter(|_| opcode == 0);
        let goes_on = begun.is_some();
        if is_first && self.message.is_some() {
            return Err(Fault::Frame);
        }
        let is_reserved = head.first & (RSV1 | OTHER_RESERVED) != 0;
        if begun.is_some_and(|message| is_reserved || message.mask_bit != head.mask_bit) {
            return Err(Fault::Frame);
        }
        if !is_compressed && !goes_on {
            self.ready.extend_from_slice(&self.kept);
            self.state = match head.length {
                0 => State::Head,
                left => State::Plain { left },
            };
            return Ok(());
        }
        if is_compressed {
            self.message = Some(Message {
                first: head.first & (OTHER_RESERVED | OPCODE),
                mask_bit: head.mask_bit,
                payload: Vec::new(),
            });
        }
        self.state = State::Compressed { head, seen: 0 };
        // A frame without a payload is whole already.
        self.collect(&[], head, 0).map(|_| ())
    }

    /// Passes on the next bytes of a frame that is not compressed.
    fn pass(&mut self, bytes: &[u8], left: u64) -> usize {
        let used = left.min(bytes.len() as u64) as usize;
        self.ready.extend_from_slice(&bytes[..used]);
        self.state = match left - used as u64 {
            0 => State::Head,
            left => State::Plain { left },
        };
        used
    }

    /// Takes the next bytes of a compressed message.
    fn collect(&mut self, bytes: &[u8], head: Head, seen: u64) -> Result<usize, Fault> {
        let used = (head.length - seen).min(bytes.len() as u64) as usize;
        let seen_now = seen + used as u64;
        let limit = self.inflater.limit();
        if let Some(message) = &mut self.message {
            // What is compressed is at most a little longer than its content.
            let most = limit + limit / 1024 + 64;
            if head.length > most as u64 || message.payload.len() + used > most {
                return Err(Fault::TooLong(limit));
            }
            let offset = seen as usize;
            message
                .payload
                .extend(head.unmasked(&bytes[..used], offset));
        }
        if seen_now < head.length {
            self.state = State::Compressed {
                head,
                seen: seen_now,
            };
            return Ok(used);
        }
        self.state = State::Head;
        if head.first & FIN != 0
            && let Some(message) = self.message.take()
        {
            self.finish(&message)?;
        }
        Ok(used)
    }

    /// Decompresses a message that is whole.
    fn finish(&mut self, message: &Message) -> Result<(), Fault> {
        let content = self.inflater.message(&message.payload)?;
        let first = message.first | FIN;
        push_head(&mut self.ready, first, message.mask_bit, content.len());
        if message.mask_bit != 0 {
            self.ready.extend_from_slice(&[0; 4]);
        }
        self.ready.extend_from_slice(&content);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
