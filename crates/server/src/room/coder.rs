//! Compression with a state of its own: of what one reader is sent, in the context of what it was
//! sent before; and of the answer to a poll, which all pollers that ask for the coding share.

use std::{fmt, io::Write, mem};

use brotli::CompressorWriter;
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use wire::{
    Coding,
    deflate::{Deflater, frames},
};

use crate::room::entry::chunk;

/// The quality of brotli: what servers use for content that is made while it is sent, not the 11
/// for files.
const BROTLI_QUALITY: u32 = 4;
/// The size of brotli's window as a power of two: 256 KiB, far more than a reader is sent of one
/// log.
const BROTLI_WINDOW: u32 = 18;
/// The size of brotli's output buffer in bytes.
const BROTLI_BUFFER: usize = 1024;
/// The beginning of a batch without an event.
const NO_EVENT: &[u8] = b"{\"events\":[]";

/// The compressor of one connection that stays open.
pub(crate) enum Coder {
    /// Compressed text frames of a WebSocket that keeps its context (RFC 7692).
    Frames(Deflater),
    /// The content of a stream, flushed after each write; in HTTP chunks or without.
    Stream {
        encoder: Encoder,
        /// True if each write is a chunk.
        chunked: bool,
    },
}

/// The encoder of a content coding.
pub(crate) enum Encoder {
    /// One member of gzip (RFC 1952), as long as the stream.
    Gzip(Box<GzEncoder<Vec<u8>>>),
    /// One stream of brotli (RFC 7932); `None` once it has ended.
    Brotli(Option<Box<CompressorWriter<Vec<u8>>>>),
}

impl Coder {
    /// Makes the compressor of a WebSocket that keeps its context.
    pub(crate) fn frames() -> Self {
        Self::Frames(Deflater::new(true))
    }

    /// Makes the compressor of a stream, in HTTP chunks if it is `chunked`.
    pub(crate) fn stream(coding: Coding, chunked: bool) -> Self {
        let encoder = Encoder::new(coding);
        Self::Stream { encoder, chunked }
    }

    /// Packs what the reader is sent next, so that it can be unpacked as soon as it has come.
    pub(crate) fn pack(&mut self, plain: &[u8]) -> Bytes {
        match self {
            Self::Frames(deflater) => frames::text_frame(&deflater.message(plain)).into(),
            Self::Stream { encoder, chunked } => in_chunk(encoder.pack(plain), *chunked),
        }
    }

    /// Returns the end of a stream: that of its coding, and the last chunk. A WebSocket's close
    /// frame is written elsewhere.
    pub(crate) fn end(&mut self) -> Bytes {
        match self {
            Self::Frames(_) => Bytes::new(),
            Self::Stream { encoder, chunked } => {
                let mut end = in_chunk(encoder.end(), *chunked).to_vec();
                if *chunked {
                    end.extend_from_slice(b"0\r\n\r\n");
                }
                end.into()
            }
        }
    }
}

impl Encoder {
    fn new(coding: Coding) -> Self {
        match coding {
            Coding::Gzip => {
                Self::Gzip(Box::new(GzEncoder::new(Vec::new(), Compression::default())))
            }
            Coding::Br => Self::Brotli(Some(Box::new(CompressorWriter::new(
                Vec::new(),
                BROTLI_BUFFER,
                BROTLI_QUALITY,
                BROTLI_WINDOW,
            )))),
        }
    }

    /// Takes content without flushing it. Writing into memory does not fail.
    fn take(&mut self, plain: &[u8]) {
        let _ = match self {
            Self::Gzip(encoder) => encoder.write_all(plain),
            Self::Brotli(Some(encoder)) => encoder.write_all(plain),
            Self::Brotli(None) => Ok(()),
        };
    }

    /// Packs content and flushes it.
    fn pack(&mut self, plain: &[u8]) -> Vec<u8> {
        self.take(plain);
        match self {
            Self::Gzip(encoder) => {
                let _ = encoder.flush();
                mem::take(encoder.get_mut())
            }
            Self::Brotli(Some(encoder)) => {
                let _ = encoder.flush();
                mem::take(encoder.get_mut())
            }
            Self::Brotli(None) => Vec::new(),
        }
    }

    fn end(&mut self) -> Vec<u8> {
        match self {
            Self::Gzip(encoder) => {
                let _ = encoder.try_finish();
                mem::take(encoder.get_mut())
            }
            Self::Brotli(encoder) => {
                let ended = encoder.take();
                ended.map_or_else(Vec::new, |encoder| encoder.into_inner())
            }
        }
    }
}

impl fmt::Debug for Coder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Frames(_) => "frames",
            Self::Stream { encoder, .. } => match encoder {
                Encoder::Gzip(_) => "gzip",
                Encoder::Brotli(_) => "br",
            },
        })
    }
}

/// Puts packed bytes into a chunk where the stream has chunks. No bytes make no chunk, because an
/// empty chunk would end the stream.
fn in_chunk(packed: Vec<u8>, chunked: bool) -> Bytes {
    if chunked && !packed.is_empty() {
        return chunk(&[&packed]);
    }
    packed.into()
}

/// Packs the batch that answers a poll, and returns it with its coding. A batch without an event
/// stays as it is: it would only become longer.
pub(crate) fn batch(batch: Bytes, coding: Option<Coding>) -> (Bytes, Option<Coding>) {
    let Some(coding) = coding.filter(|_| !batch.starts_with(NO_EVENT)) else {
        return (batch, None);
    };
    let mut encoder = Encoder::new(coding);
    encoder.take(&batch);
    (encoder.end().into(), Some(coding))
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;

    use super::*;

    fn unpacked(coding: Coding, packed: &[u8]) -> Vec<u8> {
        let mut plain = Vec::new();
        match coding {
            Coding::Gzip => GzDecoder::new(packed).read_to_end(&mut plain),
            Coding::Br => brotli::Decompressor::new(packed, 4096).read_to_end(&mut plain),
        }
        .expect("whole content");
        plain
    }

    #[test]
    fn a_stream_is_one_piece_of_content_and_each_write_is_flushed() {
        for coding in Coding::ALL {
            let mut coder = Coder::stream(coding, false);
            let line = b"{\"seq\":1,\"kind\":\"message\",\"text\":\"once more\"}\n";
            let first = coder.pack(line);
            let second = coder.pack(line);
            // The context is kept.
            assert!(2 * second.len() < first.len(), "{coding:?}");
            let end = coder.end();
            let all = [first, second, end].concat();
            assert_eq!(unpacked(coding, &all), line.repeat(2), "{coding:?}");
            assert!(coder.end().is_empty());
        }
    }

    #[test]
    fn a_chunk_is_never_empty_but_the_last() {
        for coding in Coding::ALL {
            let mut coder = Coder::stream(coding, true);
            let packed = coder.pack(b"x\n");
            assert!(!packed.starts_with(b"0") && packed.ends_with(b"\r\n"));
            let end = coder.end();
            assert!(
                !end.starts_with(b"0\r\n"),
                "the end of {coding:?} has bytes"
            );
            assert!(end.ends_with(b"\r\n0\r\n\r\n"));
        }
    }

    #[test]
    fn a_batch_is_packed_if_it_has_an_event() {
        let empty = Bytes::from_static(b"{\"events\":[],\"next\":7,\"missed\":0}");
        let full = Bytes::from_static(b"{\"events\":[{\"seq\":7}],\"next\":7,\"missed\":0}");
        for coding in Coding::ALL {
            assert_eq!(batch(empty.clone(), Some(coding)), (empty.clone(), None));
            let (packed, named) = batch(full.clone(), Some(coding));
            assert_eq!(named, Some(coding));
            assert_eq!(unpacked(coding, &packed), full);
        }
        assert_eq!(batch(full.clone(), None), (full, None));
    }
}
