//! Content as it was before it was packed (RFC 9110, section 8.4): gzip, deflate
//! and br, in whatever pieces it arrives, and never more of it than is allowed.
//! The meter beneath counts what crossed the socket.

use std::io::{self, Write};

use brotli_decompressor::DecompressorWriter;
use bytes::Bytes;
use flate2::write::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use hyper::header::{CONTENT_ENCODING, HeaderMap};

use crate::failure::{Failure, LONGEST_ANSWER};

/// The maximum size of an unpacked piece of a stream, in bytes.
const LONGEST_PIECE: usize = LONGEST_ANSWER as usize;

/// Buffer of the brotli decoder, in bytes.
const BROTLI_BUFFER: usize = 4096;

/// The number of codings that are taken off one content at most.
const MOST_CODINGS: usize = 3;

/// An unpacker of the content of one answer.
pub(crate) struct Unpack {
    coding: &'static str,
    decoder: Decoder,
    /// The unpacker of what this one brings, where the content was packed more than once.
    within: Option<Box<Self>>,
}

enum Decoder {
    Gzip(Box<MultiGzDecoder<Bounded>>),
    /// The coding `deflate` before its first byte, which tells whether the content is in zlib's
    /// format, as it should be, or bare, as some servers send it.
    Deflate,
    Zlib(Box<ZlibDecoder<Bounded>>),
    Bare(Box<DeflateDecoder<Bounded>>),
    Brotli(Box<DecompressorWriter<Bounded>>),
}

/// A buffer for what is unpacked, up to a limit.
#[derive(Default)]
struct Bounded(Vec<u8>);

impl Write for Bounded {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        if self.0.len() + piece.len() > LONGEST_PIECE {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.0.extend_from_slice(piece);
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl std::fmt::Debug for Unpack {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("Unpack").field(&self.coding).finish()
    }
}

impl Unpack {
    /// Returns what an answer with this head needs; `None` where it is not packed. All lines are one
    /// list, in which `identity` is nothing (RFC 9110, sections 5.3 and 8.4).
    pub(crate) fn of(headers: &HeaderMap) -> Result<Option<Self>, Failure> {
        let lines = headers.get_all(CONTENT_ENCODING).iter();
        let lines = lines.map(|line| line.to_str().unwrap_or("?").to_ascii_lowercase());
        let list = lines.collect::<Vec<_>>().join(", ");
        let named = list.split(',').map(str::trim);
        let named = named.filter(|name| !matches!(*name, "" | "identity"));
        let mut unpack = None;
        for (number, name) in named.enumerate() {
            let layer = if number < MOST_CODINGS {
                Self::layer(name)
            } else {
                None
            };
            let Some(mut layer) = layer else {
                return Err(Failure::Encoding(list));
            };
            // They stand in the order in which they were applied: the last comes off first.
            layer.within = unpack.take().map(Box::new);
            unpack = Some(layer);
        }
        Ok(unpack)
    }

    /// Returns an unpacker of one coding; `None` if it is not known here.
    fn layer(name: &str) -> Option<Self> {
        let (coding, decoder) = match name {
            "gzip" | "x-gzip" => (
                "gzip",
                Decoder::Gzip(Box::new(MultiGzDecoder::new(Bounded::default()))),
            ),
            "deflate" => ("deflate", Decoder::Deflate),
            "br" => {
                let decoder = DecompressorWriter::new(Bounded::default(), BROTLI_BUFFER);
                ("br", Decoder::Brotli(Box::new(decoder)))
            }
            _ => return None,
        };
        Some(Self {
            coding,
            decoder,
            within: None,
        })
    }

    /// Returns whether the content has this coding and no other.
    pub(crate) fn is_only(&self, coding: &str) -> bool {
        self.within.is_none() && self.coding == coding
    }

    /// Unpacks a whole body.
    pub(crate) fn whole(mut self, packed: &[u8]) -> Result<Bytes, Failure> {
        if packed.is_empty() {
            // 204 and 304 keep the line and have no content.
            return Ok(Bytes::new());
        }
        let mut content = self.push_own(packed)?.to_vec();
        let rest = self.finish().map_err(|error| self.failure(&error))?;
        content.extend_from_slice(&rest);
        match self.within {
            None => Ok(content.into()),
            Some(within) => within.whole(&content),
        }
    }

    /// Unpacks the next piece of a stream, as far as it goes.
    pub(crate) fn push(&mut self, packed: &[u8]) -> Result<Bytes, Failure> {
        let content = self.push_own(packed)?;
        match &mut self.within {
            None => Ok(content),
            Some(within) => within.push(&content),
        }
    }

    fn push_own(&mut self, packed: &[u8]) -> Result<Bytes, Failure> {
        self.take(packed).map_err(|error| self.failure(&error))
    }

    fn take(&mut self, packed: &[u8]) -> io::Result<Bytes> {
        if let (Decoder::Deflate, Some(first)) = (&self.decoder, packed.first()) {
            // RFC 1950, section 2.2: method 8 and a window of up to 32 KiB.
            let is_zlib = first & 0x0f == 8 && first >> 4 <= 7;
            self.decoder = if is_zlib {
                Decoder::Zlib(Box::new(ZlibDecoder::new(Bounded::default())))
            } else {
                Decoder::Bare(Box::new(DeflateDecoder::new(Bounded::default())))
            };
        }
        match &mut self.decoder {
            Decoder::Deflate => Ok(Bytes::new()),
            Decoder::Gzip(decoder) => push(decoder.as_mut(), packed, |it| it.get_mut()),
            Decoder::Zlib(decoder) => push(decoder.as_mut(), packed, |it| it.get_mut()),
            Decoder::Bare(decoder) => push(decoder.as_mut(), packed, |it| it.get_mut()),
            Decoder::Brotli(decoder) => push(decoder.as_mut(), packed, |it| it.get_mut()),
        }
    }

    /// Checks that the content is whole.
    fn finish(&mut self) -> io::Result<Vec<u8>> {
        let out = match &mut self.decoder {
            Decoder::Deflate => return Err(io::ErrorKind::UnexpectedEof.into()),
            Decoder::Gzip(decoder) => {
                decoder.try_finish()?;
                decoder.get_mut()
            }
            Decoder::Zlib(decoder) => {
                decoder.try_finish()?;
                decoder.get_mut()
            }
            Decoder::Bare(decoder) => {
                decoder.try_finish()?;
                decoder.get_mut()
            }
            Decoder::Brotli(decoder) => {
                decoder.close()?;
                decoder.get_mut()
            }
        };
        Ok(std::mem::take(&mut out.0))
    }

    fn failure(&self, error: &io::Error) -> Failure {
        if error.kind() == io::ErrorKind::FileTooLarge {
            return Failure::TooLong("unpacked content", LONGEST_ANSWER);
        }
        Failure::Packed(self.coding)
    }
}

fn push<D: Write>(
    decoder: &mut D,
    packed: &[u8],
    out: impl Fn(&mut D) -> &mut Bounded,
) -> io::Result<Bytes> {
    decoder.write_all(packed)?;
    decoder.flush()?;
    Ok(std::mem::take(&mut out(decoder).0).into())
}

#[cfg(test)]
mod tests {
    use flate2::{Compression, write};
    use hyper::header::HeaderValue;

    use super::*;

    fn unpack(coding: &'static str) -> Unpack {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(coding));
        Unpack::of(&headers).unwrap().unwrap()
    }

    fn gzip(content: &[u8]) -> Vec<u8> {
        let mut encoder = write::GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    /// "hello hello hello", as Node's zlib packs it.
    const BROTLI: [u8; 20] = [
        0x1b, 0x10, 0x00, 0xf8, 0x8d, 0x94, 0x6e, 0xde, 0x44, 0x55, 0x86, 0x96, 0x6c, 0x20, 0x6f,
        0x01, 0x4f, 0x1c, 0x60, 0x1c,
    ];

    #[test]
    fn each_coding_is_unpacked_whole_and_by_the_byte() {
        let content = b"hello hello hello";
        let mut zlib = write::ZlibEncoder::new(Vec::new(), Compression::best());
        zlib.write_all(content).unwrap();
        let mut bare = write::DeflateEncoder::new(Vec::new(), Compression::best());
        bare.write_all(content).unwrap();
        for (coding, packed) in [
            ("gzip", gzip(content)),
            ("X-GZIP", gzip(content)),
            ("deflate", zlib.finish().unwrap()),
            ("deflate", bare.finish().unwrap()),
            ("br", BROTLI.to_vec()),
        ] {
            assert_eq!(
                unpack(coding).whole(&packed).unwrap(),
                &content[..],
                "{coding}"
            );
            let mut pieces = unpack(coding);
            let mut all = Vec::new();
            for byte in &packed {
                all.extend_from_slice(&pieces.push(&[*byte]).unwrap());
            }
            assert_eq!(all, content, "{coding}");
            // Cut short it is not whole, and says so where the coding has an end.
            let cut = unpack(coding).whole(&packed[..packed.len() - 2]);
            assert!(coding == "deflate" || cut.is_err(), "{coding}");
            assert_eq!(unpack(coding).whole(b"").unwrap(), "");
        }
    }

    #[test]
    fn what_cannot_be_unpacked_says_so() {
        let failure = |packed: &[u8]| unpack("gzip").whole(packed).unwrap_err().to_string();
        assert_eq!(
            failure(b"no gzip"),
            "an answer whose gzip content cannot be unpacked"
        );
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("zstd"));
        let said = Unpack::of(&headers).unwrap_err().to_string();
        assert!(said.contains("Content-Encoding: zstd"), "{said}");
        assert!(Unpack::of(&HeaderMap::new()).unwrap().is_none());
    }

    #[test]
    fn a_list_of_codings_is_taken_off_from_its_end() {
        let of = |lines: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(CONTENT_ENCODING, HeaderValue::from_static(line));
            }
            Unpack::of(&headers)
        };
        for lines in [&["identity"][..], &["", "Identity, identity"], &[","]] {
            assert!(of(lines).unwrap().is_none(), "{lines:?}");
        }
        let content = b"hello hello hello";
        let mut zlib = write::ZlibEncoder::new(Vec::new(), Compression::best());
        zlib.write_all(content).unwrap();
        let twice = gzip(&zlib.finish().unwrap());
        for (lines, packed, is_gzip) in [
            (&["identity, gzip"][..], gzip(content), true),
            (&["GZIP", "identity"], gzip(content), true),
            (&["gzip, gzip"], gzip(&gzip(content)), false),
            (&["deflate, gzip"], twice.clone(), false),
            (&["deflate", "identity, x-gzip"], twice.clone(), false),
        ] {
            let unpack = || of(lines).unwrap().unwrap();
            assert_eq!(unpack().is_only("gzip"), is_gzip, "{lines:?}");
            assert_eq!(unpack().whole(&packed).unwrap(), &content[..], "{lines:?}");
            let mut pieces = unpack();
            let mut all = Vec::new();
            for byte in &packed {
                all.extend_from_slice(&pieces.push(&[*byte]).unwrap());
            }
            assert_eq!(all, content, "{lines:?}");
        }
        assert!(
            of(&["gzip, deflate"])
                .unwrap()
                .unwrap()
                .whole(&twice)
                .is_err()
        );
        for lines in [
            &["gzip, zstd"][..],
            &["gzip, gzip, gzip, gzip"],
            &["gzip;q=1"],
        ] {
            let said = of(lines).unwrap_err().to_string();
            assert!(
                said.contains(&format!("Content-Encoding: {}", lines[0])),
                "{said}"
            );
        }
    }

    #[test]
    fn a_bomb_is_not_unpacked() {
        let bomb = gzip(&vec![0; LONGEST_PIECE + 1]);
        assert!(bomb.len() < LONGEST_PIECE / 500);
        let failure = unpack("gzip").whole(&bomb).unwrap_err();
        assert_eq!(
            failure,
            Failure::TooLong("unpacked content", LONGEST_ANSWER)
        );
    }
}
