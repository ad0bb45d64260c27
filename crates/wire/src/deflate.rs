//! permessage-deflate (RFC 7692): what both ends of a compressed WebSocket share.
//!
//! [`offer`] negotiates, a [`Deflater`] and an [`Inflater`] treat the payload of one message, and
//! [`frames`] puts both beneath a reader and writer of plain frames.
//!
//! An end that keeps no context needs no state between two messages. All its connections on one
//! thread use the same one, which is cleared before each message; only a kept context is memory of
//! a connection.

pub mod frames;
mod head;
pub mod offer;
mod window;

use std::{cell::RefCell, io};

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

pub use window::Window;

/// The bytes that end a flushed message and are removed (RFC 7692, section 7.2.1).
const TAIL: [u8; 4] = [0x00, 0x00, 0xff, 0xff];
/// The payload of an empty message: a block of fixed codes with nothing in it (section 7.2.3.6).
const EMPTY: [u8; 1] = [0x00];

thread_local! {
    /// The state that messages without a context share.
    static DEFLATE: RefCell<Compress> = RefCell::new(compress(Window::LARGEST));
    static INFLATE: RefCell<Decompress> = RefCell::new(Decompress::new(false));
}

/// The reason why a compressed message cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The message has more bytes than may come, once it is inflated.
    #[error("an inflated message of more than {0} bytes")]
    TooLong(usize),
    /// The payload is not compressed as RFC 7692 has it.
    #[error("a message that cannot be inflated")]
    Broken,
    /// A frame came that may not come within a compressed message (section 6.1; RFC 6455, section
    /// 5.4): with RSV1 once more, of another message, or not masked as the first one was.
    #[error("a frame that may not come within a compressed message")]
    Frame,
}

/// An error of the socket beneath a reader of plain frames, which keeps what the fault was.
impl From<Fault> for io::Error {
    fn from(fault: Fault) -> Self {
        Self::new(io::ErrorKind::InvalidData, fault)
    }
}

/// A compressor of the messages of one direction.
#[derive(Debug, Default)]
pub struct Deflater {
    /// The compressor, where it is not the one that all share.
    own: Option<Box<Compress>>,
    keeps_context: bool,
}

/// A decompressor of the messages of one direction.
#[derive(Debug)]
pub struct Inflater {
    /// The context; `None` where each message begins without one.
    kept: Option<Box<Decompress>>,
    limit: usize,
}

/// Makes a compressor at zlib's usual level, without a header.
fn compress(window: Window) -> Compress {
    Compress::new_with_window_bits(Compression::default(), false, window.bits())
}

impl Deflater {
    /// Makes a compressor with the largest window; `keeps_context` if it may refer to earlier
    /// messages.
    #[must_use]
    pub fn new(keeps_context: bool) -> Self {
        Self::with_window(keeps_context, Window::LARGEST)
    }

    /// Makes a compressor that looks back no further than `window`. One with a smaller window than
    /// the largest has a state of its own, whether it keeps its context or not.
    #[must_use]
    pub fn with_window(keeps_context: bool, window: Window) -> Self {
        let is_own = keeps_context || window != Window::LARGEST;
        Self {
            own: is_own.then(|| Box::new(compress(window))),
            keeps_context,
        }
    }

    /// Returns the payload of a compressed message (section 7.2.1).
    pub fn message(&mut self, content: &[u8]) -> Vec<u8> {
        match &mut self.own {
            Some(own) => {
                if !self.keeps_context {
                    own.reset();
                }
                deflated(own, content)
            }
            None => DEFLATE.with_borrow_mut(|compress| {
                compress.reset();
                deflated(compress, content)
            }),
        }
    }
}

/// Compresses, flushes, and removes the tail.
fn deflated(compress: &mut Compress, content: &[u8]) -> Vec<u8> {
    // What does not shrink grows by a few bytes for each 16 KiB.
    let mut payload = Vec::with_capacity(content.len() + content.len() / 1024 + 64);
    let before = compress.total_in();
    loop {
        let used = (compress.total_in() - before) as usize;
        // Fails only for parameters that contradict each other.
        let _ = compress.compress_vec(&content[used..], &mut payload, FlushCompress::Sync);
        if payload.len() < payload.capacity() {
            break;
        }
        payload.reserve(payload.capacity());
    }
    match payload.strip_suffix(&TAIL) {
        Some(message) => {
            let length = message.len();
            payload.truncate(length);
        }
        // There was nothing to flush: a second empty message in a row.
        None => payload = EMPTY.to_vec(),
    }
    payload
}

impl Inflater {
    /// Makes a decompressor of messages of up to `limit` bytes; `keeps_context` if a message may
    /// refer to earlier ones. Its window is the largest, which reads what was written with any.
    #[must_use]
    pub fn new(keeps_context: bool, limit: usize) -> Self {
        Self {
            kept: keeps_context.then(|| Box::new(Decompress::new(false))),
            limit,
        }
    }

    /// Returns the largest number of bytes of a message.
    pub(crate) const fn limit(&self) -> usize {
        self.limit
    }

    /// Returns the content of a message with this payload (section 7.2.2).
    ///
    /// # Errors
    /// Fails if the content is longer than the limit, at which decompression stops, or if the
    /// payload is not compressed as RFC 7692 has it.
    pub fn message(&mut self, payload: &[u8]) -> Result<Vec<u8>, Fault> {
        let limit = self.limit;
        match &mut self.kept {
            Some(kept) => inflated(kept, payload, limit),
            None => INFLATE.with_borrow_mut(|decompress| {
                decompress.reset(false);
                inflated(decompress, payload, limit)
            }),
        }
    }
}

/// Adds the tail and decompresses.
fn inflated(decompress: &mut Decompress, payload: &[u8], limit: usize) -> Result<Vec<u8>, Fault> {
    let mut content = Vec::with_capacity((4 * payload.len() + 64).min(limit + 1));
    for part in [payload, &TAIL] {
        inflate_part(decompress, part, &mut content, limit)?;
    }
    Ok(content)
}

/// Decompresses a part of a message to its end.
fn inflate_part(
    decompress: &mut Decompress,
    mut part: &[u8],
    content: &mut Vec<u8>,
    limit: usize,
) -> Result<(), Fault> {
    loop {
        let before = (decompress.total_in(), content.len());
        let status = decompress
            .decompress_vec(part, content, FlushDecompress::Sync)
            .map_err(|_| Fault::Broken)?;
        if content.len() > limit {
            return Err(Fault::TooLong(limit));
        }
        part = &part[(decompress.total_in() - before.0) as usize..];
        if status == Status::StreamEnd {
            // A block marked as the last ends a message early, with its context (section 7.2.3.4).
            decompress.reset(false);
        } else if content.len() == content.capacity() {
            content.reserve_exact(content.len().max(64).min(limit + 1 - content.len()));
            continue;
        } else if part.is_empty() {
            return Ok(());
        } else if before == (decompress.total_in(), content.len()) {
            return Err(Fault::Broken);
        }
        if part.is_empty() {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests;
