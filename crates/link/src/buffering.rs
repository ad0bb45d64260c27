//! A proxy's buffering: what of a response is kept back, and until when.
//!
//! A reverse proxy that buffers gathers a response and passes it on when its buffer is full
//! or the response is complete. Polls do not notice. A stream, whose response is never
//! complete, arrives in lumps or not at all (RFC 6202 section 3.2). After a `101` there is
//! no response to gather, and every byte passes at once.
//!
//! This imitation sees only responses. One to `HEAD` or `CONNECT`, whose length is not set by
//! its head alone, is therefore misread; no transport here uses either. Data that is not HTTP is
//! not kept back.

use std::borrow::Cow;

use crate::Buffering;

/// The largest number of bytes that are kept back on one connection, so that 1,000 endless streams
/// cannot take more than 1 GiB.
const HOLD_LIMIT: usize = 1 << 20;
/// The number of bytes after which a head that has not ended is taken for data that is not HTTP.
const HEAD_LIMIT: usize = 64 << 10;
/// The offset of the status in a head: behind `HTTP/1.1 `.
const STATUS: usize = 9;
/// The largest number of header fields in a head.
const HEADER_LIMIT: usize = 128;

/// The position of the next byte in the responses of one connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Within a head that has not ended, or before the next head.
    Head,
    /// Within a body of which this many bytes are still to come.
    Length(u64),
    /// Within a chunked body (RFC 9112 section 7.1).
    Chunked(Chunk),
    /// Within a body that lasts until the connection ends.
    UntilClose,
    /// After an upgrade, or within data that is not HTTP.
    Opaque,
}

/// The position of the next byte in a chunked body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Chunk {
    /// Within the digits of a size; the value is the size so far.
    Size(u64),
    /// Behind the digits, in the rest of the line.
    Extension(u64),
    /// Within the data, of which this many bytes are still to come.
    Data(u64),
    /// At the line end behind the data.
    DataEnd,
    /// Behind the last chunk; `blank` as long as the line is empty.
    Trailer { blank: bool },
}

/// The bytes kept back on one connection.
#[derive(Debug)]
pub(crate) struct Hold {
    /// The number of bytes that may gather; without a limit nothing is kept back.
    limit: Option<usize>,
    held: Vec<u8>,
    /// The number of bytes in `held` that are parsed; the rest is an incomplete head.
    read: usize,
    state: State,
    /// The number of answers that are complete, interim ones aside.
    answers: u64,
}

impl Hold {
    /// Makes an empty hold.
    pub(crate) fn new(buffering: Buffering) -> Self {
        Self {
            limit: match buffering {
                Buffering::None => None,
                Buffering::Bytes(bytes) => Some(bytes.min(HOLD_LIMIT)),
                Buffering::Response => Some(HOLD_LIMIT),
            },
            held: Vec::new(),
            read: 0,
            state: State::Head,
            answers: 0,
        }
    }

    /// Makes an empty hold that knows where answers end. Without buffering it keeps nothing back but a
    /// head of which only a part is there.
    pub(crate) fn following(buffering: Buffering) -> Self {
        let mut hold = Self::new(buffering);
        hold.limit.get_or_insert(1);
        hold
    }

    /// Returns the number of answers that are complete so far.
    pub(crate) fn answers(&self) -> u64 {
        self.answers
    }

    /// Takes in new bytes, and returns those that need not wait any longer.
    pub(crate) fn feed<'a>(&mut self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        let Some(limit) = self.limit else {
            return bytes.into();
        };
        if self.state == State::Opaque && self.held.is_empty() {
            return bytes.into();
        }
        self.held.extend_from_slice(bytes);
        let complete = self.read_on();
        // A head goes out whole, however small the limit: it is read in place.
        let out = if self.read - complete >= limit {
            self.read
        } else {
            complete
        };
        self.read -= out;
        self.held.drain(..out).collect()
    }

    /// Gives out everything: nothing more will come.
    pub(crate) fn finish(&mut self) -> Vec<u8> {
        self.read = 0;
        std::mem::take(&mut self.held)
    }

    /// Advances the state over the bytes, and returns the offset up to which responses are
    /// complete.
    fn read_on(&mut self) -> usize {
        let mut complete = 0;
        while self.read < self.held.len() {
            let Some(step) = self.state.step(&self.held[self.read..]) else {
                break;
            };
            // 1xx but 101: the answer itself is still to come (RFC 9110, section 15.2).
            let is_interim =
                self.state == State::Head && self.held[self.read..].get(STATUS) == Some(&b'1');
            self.read += step.used;
            self.state = step.state;
            self.answers += u64::from(step.state == State::Head && !is_interim);
            if step.state == State::Head || step.state == State::Opaque {
                complete = self.read;
            }
        }
        complete
    }
}

/// The number of bytes used by one step, and the state to which it led. A step that leads to
/// [`State::Head`] has completed a response.
struct Step {
    used: usize,
    state: State,
}

impl State {
    /// Reads on in `bytes`, which are not empty; `None` when a head needs more of them.
    fn step(self, bytes: &[u8]) -> Option<Step> {
        let (used, state) = match self {
            Self::Head => return read_head(bytes),
            Self::Length(left) => {
                let used = left.min(bytes.len() as u64);
                let state = match left - used {
                    0 => Self::Head,
                    left => Self::Length(left),
                };
                (used as usize, state)
            }
            Self::Chunked(chunk) => chunk.step(bytes),
            Self::UntilClose | Self::Opaque => (bytes.len(), self),
        };
        Some(Step { used, state })
    }
}

/// Reads a head, if it has ended.
fn read_head(bytes: &[u8]) -> Option<Step> {
    let mut fields = [httparse::EMPTY_HEADER; HEADER_LIMIT];
    let mut head = httparse::Response::new(&mut fields);
    match head.parse(bytes) {
        Ok(httparse::Status::Complete(used)) => Some(Step {
            used,
            state: body_of(&head),
        }),
        Ok(httparse::Status::Partial) if bytes.len() <= HEAD_LIMIT => None,
        Ok(httparse::Status::Partial) | Err(_) => Some(Step {
            used: 0,
            state: State::Opaque,
        }),
    }
}

/// Returns how the body behind a head ends (RFC 9112 section 6.3).
fn body_of(head: &httparse::Response<'_, '_>) -> State {
    let field = |name: &str| {
        let mut fields = head.headers.iter();
        let field = fields.find(|field| field.name.eq_ignore_ascii_case(name))?;
        Some(field.value.trim_ascii())
    };
    match head.code {
        Some(101) => return State::Opaque,
        Some(100..200 | 204 | 304) => return State::Head,
        _ => {}
    }
    if let Some(codings) = field("transfer-encoding") {
        return if codings.to_ascii_lowercase().ends_with(b"chunked") {
            State::Chunked(Chunk::Size(0))
        } else {
            State::UntilClose
        };
    }
    let Some(length) = field("content-length") else {
        return State::UntilClose;
    };
    match str::from_utf8(length).map(str::parse) {
        Ok(Ok(0)) => State::Head,
        Ok(Ok(length)) => State::Length(length),
        _ => State::Opaque,
    }
}

impl Chunk {
    /// Reads on: all the data there is, or a single byte of what surrounds it.
    fn step(self, bytes: &[u8]) -> (usize, State) {
        let chunk = match (self, bytes[0]) {
            (Self::Data(left), _) => {
                let used = left.min(bytes.len() as u64);
                let chunk = match left - used {
                    0 => Self::DataEnd,
                    left => Self::Data(left),
                };
                return (used as usize, State::Chunked(chunk));
            }
            (Self::Trailer { blank: true }, b'\n') => return (1, State::Head),
            (Self::Size(0) | Self::Extension(0) | Self::Trailer { .. }, b'\n') => {
                Self::Trailer { blank: true }
            }
            (Self::Size(size) | Self::Extension(size), b'\n') => Self::Data(size),
            (Self::Size(size), byte) => match char::from(byte).to_digit(16) {
                Some(_) if size >> 60 != 0 => return (0, State::Opaque),
                Some(digit) => Self::Size(size << 4 | u64::from(digit)),
                None => Self::Extension(size),
            },
            (Self::DataEnd, b'\n') => Self::Size(0),
            (Self::Trailer { .. }, byte) if byte != b'\r' => Self::Trailer { blank: false },
            (unchanged, _) => unchanged,
        };
        (1, State::Chunked(chunk))
    }
}

#[cfg(test)]
mod tests;
