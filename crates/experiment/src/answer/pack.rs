//! The packing of tokens into what a source writes.

use std::io::{self, Write};

use brotli::CompressorWriter;
use flate2::{Compression as Level, write::GzEncoder};
use wire::{Compression, deflate::Deflater};

/// The quality and window of brotli: those of the chat's server for what is made while it is sent.
const BROTLI: (u32, u32) = (4, 18);
/// The size of brotli's output buffer in bytes.
const BROTLI_BUFFER: usize = 1024;

/// A coder of content.
pub(super) enum Coder {
    /// The content as it is.
    Plain,
    /// One stream of gzip, flushed after each token.
    Gzip(Box<GzEncoder<Vec<u8>>>),
    /// One stream of brotli, flushed after each token.
    Br(Box<CompressorWriter<Vec<u8>>>),
    /// Messages of permessage-deflate.
    Deflate(Deflater),
}

impl Coder {
    pub(super) fn new(compression: Compression) -> Self {
        match compression {
            Compression::None => Self::Plain,
            Compression::Gzip => Self::Gzip(Box::new(GzEncoder::new(Vec::new(), Level::default()))),
            Compression::Br => Self::Br(Box::new(CompressorWriter::new(
                Vec::new(),
                BROTLI_BUFFER,
                BROTLI.0,
                BROTLI.1,
            ))),
            Compression::Deflate => Self::Deflate(Deflater::new(false)),
            Compression::DeflateContext => Self::Deflate(Deflater::new(true)),
        }
    }

    /// Codes the next content and flushes it.
    fn code(&mut self, plain: &[u8]) -> io::Result<Vec<u8>> {
        Ok(match self {
            Self::Plain => plain.to_vec(),
            Self::Gzip(encoder) => {
                encoder.write_all(plain)?;
                encoder.flush()?;
                std::mem::take(encoder.get_mut())
            }
            Self::Br(encoder) => {
                encoder.write_all(plain)?;
                encoder.flush()?;
                std::mem::take(encoder.get_mut())
            }
            Self::Deflate(deflater) => deflater.message(plain),
        })
    }

    /// Returns the next content as a chunk.
    pub(super) fn chunk(&mut self, plain: &[u8]) -> io::Result<Vec<u8>> {
        let content = self.code(plain)?;
        let mut chunk = format!("{:x}\r\n", content.len()).into_bytes();
        chunk.extend(content);
        chunk.extend(b"\r\n");
        Ok(chunk)
    }

    /// Returns the next content as a text frame (RFC 6455, section 5.2).
    pub(super) fn frame(&mut self, plain: &[u8]) -> io::Result<Vec<u8>> {
        let content = self.code(plain)?;
        let first = if matches!(self, Self::Deflate(_)) {
            0xc1
        } else {
            0x81
        };
        let length = content.len();
        let mut frame = match length {
            ..126 => vec![first, length as u8],
            126..65_536 => [&[first, 126][..], &(length as u16).to_be_bytes()].concat(),
            _ => [&[first, 127][..], &(length as u64).to_be_bytes()].concat(),
        };
        frame.extend(content);
        Ok(frame)
    }

    /// Returns content that is whole, as the body of an answer.
    pub(super) fn body(compression: Compression, plain: &[u8]) -> io::Result<Vec<u8>> {
        Ok(match Self::new(compression) {
            Self::Gzip(mut encoder) => {
                encoder.write_all(plain)?;
                encoder.finish()?
            }
            Self::Br(mut encoder) => {
                encoder.write_all(plain)?;
                encoder.into_inner()
            }
            mut other => other.code(plain)?,
        })
    }
}
