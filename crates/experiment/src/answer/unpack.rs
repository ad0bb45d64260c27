//! The unpacking of what a reader takes from its socket: chunks, frames and compression.

use std::io::Write;

use brotli_decompressor::DecompressorWriter;
use flate2::write::GzDecoder;
use wire::{Compression, deflate::Inflater};

use crate::ExperimentError;

/// The size of the brotli decoder's buffer in bytes.
const BROTLI_BUFFER: usize = 4096;
/// The longest message that is inflated, in bytes.
const LONGEST: usize = 1 << 20;

/// A decoder of content.
enum Decoder {
    Plain,
    Gzip(Box<GzDecoder<Vec<u8>>>),
    Br(Box<DecompressorWriter<Vec<u8>>>),
    Deflate(Inflater),
}

/// The frames or chunks of one connection, unpacked as they come.
pub(super) struct Unpacker {
    decoder: Decoder,
    is_socket: bool,
    /// The bytes that have come and are no whole frame or chunk yet.
    rest: Vec<u8>,
    /// The bytes of the content so far, as it crossed the socket.
    pub(super) content: u64,
    /// The bytes of frames and chunks around it.
    pub(super) framing: u64,
    /// The content so far, decompressed.
    pub(super) plain: Vec<u8>,
}

impl Unpacker {
    pub(super) fn new(compression: Compression, is_socket: bool) -> Self {
        let decoder = match compression {
            Compression::None => Decoder::Plain,
            Compression::Gzip => Decoder::Gzip(Box::new(GzDecoder::new(Vec::new()))),
            Compression::Br => {
                Decoder::Br(Box::new(DecompressorWriter::new(Vec::new(), BROTLI_BUFFER)))
            }
            Compression::Deflate => Decoder::Deflate(Inflater::new(false, LONGEST)),
            Compression::DeflateContext => Decoder::Deflate(Inflater::new(true, LONGEST)),
        };
        Self {
            decoder,
            is_socket,
            rest: Vec::new(),
            content: 0,
            framing: 0,
            plain: Vec::new(),
        }
    }

    /// Takes the next bytes of a stream or WebSocket.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<(), ExperimentError> {
        self.rest.extend_from_slice(bytes);
        loop {
            let found = if self.is_socket {
                frame(&self.rest)
            } else {
                chunk(&self.rest)?
            };
            let Some((start, end, whole)) = found else {
                return Ok(());
            };
            let content = self.rest[start..end].to_vec();
            self.rest.drain(..whole);
            self.framing += (whole - content.len()) as u64;
            self.content(&content)?;
        }
    }

    /// Takes content without its frame.
    pub(super) fn content(&mut self, content: &[u8]) -> Result<(), ExperimentError> {
        self.content += content.len() as u64;
        match &mut self.decoder {
            Decoder::Plain => self.plain.extend_from_slice(content),
            Decoder::Gzip(decoder) => {
                decoder.write_all(content)?;
                decoder.flush()?;
                self.plain.append(decoder.get_mut());
            }
            Decoder::Br(decoder) => {
                decoder.write_all(content)?;
                self.plain.append(decoder.get_mut());
            }
            Decoder::Deflate(inflater) => {
                let message = inflater.message(content);
                let message = message.map_err(|fault| unread(&fault.to_string()))?;
                self.plain.extend(message);
            }
        }
        Ok(())
    }
}

/// Returns where the content of the first frame begins and ends, and where the frame ends; `None`
/// if it is not whole.
fn frame(bytes: &[u8]) -> Option<(usize, usize, usize)> {
    let (start, length) = match *bytes.get(1)? {
        126 => (
            4,
            usize::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?)),
        ),
        127 => (
            10,
            u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?) as usize,
        ),
        length => (2, usize::from(length)),
    };
    let end = start + length;
    (bytes.len() >= end).then_some((start, end, end))
}

/// Returns the same of the first chunk (RFC 9112, section 7.1).
fn chunk(bytes: &[u8]) -> Result<Option<(usize, usize, usize)>, ExperimentError> {
    let Some(line) = bytes.windows(2).position(|pair| pair == b"\r\n") else {
        return Ok(None);
    };
    let size = std::str::from_utf8(&bytes[..line]).ok();
    let size = size.and_then(|size| usize::from_str_radix(size, 16).ok());
    let size = size.ok_or_else(|| unread("a chunk without a size"))?;
    let (start, end) = (line + 2, line + 2 + size);
    Ok((bytes.len() >= end + 2).then_some((start, end, end + 2)))
}

fn unread(why: &str) -> ExperimentError {
    ExperimentError::Answer(why.to_owned())
}
