//! The content of what a connection carried compressed: the classroom's own server packed it, or a
//! page for it, so that it can be unpacked again for whoever looks at the bytes.
//!
//! Unpacked are the codings that browsers are answered in: gzip, and permessage-deflate with and
//! without a context. What cannot be unpacked is shown as it crossed.

use std::{io::Write, mem};

use dissect::{Direction, Layer, Span};
use flate2::write::GzDecoder;
use wire::deflate::Inflater;

/// The largest number of bytes of one message, unpacked: far more than the text limit lets through.
const LONGEST: usize = 1024 * 1024;
/// The reserved bit that marks a compressed message (RFC 7692, section 6).
const PACKED: u8 = 0x40;
/// The bits of the opcode, and the one of them that marks a control frame (RFC 6455, section 5.2).
const OPCODE: u8 = 0x0f;
const CONTROL: u8 = 0x08;
/// The bit of a message's last frame.
const LAST: u8 = 0x80;

/// The unpackers of one connection.
#[derive(Debug, Default)]
pub(crate) struct Inside {
    /// The unpacker of the answer that is crossing, if it is gzip.
    answer: Option<Box<GzDecoder<Vec<u8>>>>,
    /// The unpackers of both directions of a WebSocket, if it agreed on permessage-deflate.
    frames: Option<Box<[Frames; 2]>>,
}

/// The unpacker of one direction of a WebSocket.
#[derive(Debug)]
struct Frames {
    /// `None` once a part of the context is missing.
    inflater: Option<Inflater>,
    keeps_context: bool,
    /// The first byte of the head of the frame that is crossing.
    first: u8,
    /// The key by which its payload is masked.
    key: Option<[u8; 4]>,
    /// The payload of a compressed message so far; `None` between such messages.
    message: Option<Vec<u8>>,
}

impl Inside {
    /// Takes the bytes of the next span, as far as they were kept, and returns what is in them if
    /// they are the end of something compressed.
    pub(crate) fn open(&mut self, span: &Span, bytes: &[u8]) -> Option<Vec<u8>> {
        let is_whole = bytes.len() as u64 == span.len;
        if let Some(frames) = &mut self.frames {
            return frames[span.direction as usize].open(span.layer, bytes, is_whole);
        }
        match (span.direction, span.layer) {
            (Direction::Down, Layer::HttpHead) => {
                self.begin(&String::from_utf8_lossy(bytes));
                None
            }
            (Direction::Down, Layer::Payload) => self.unpack(bytes, is_whole),
            _ => None,
        }
    }

    /// Reads from the head of an answer what follows it.
    fn begin(&mut self, head: &str) {
        let value_of = |wanted: &str| {
            let mut fields = head.lines().filter_map(|line| line.split_once(':'));
            let named = fields.find(|(name, _)| name.eq_ignore_ascii_case(wanted));
            named.map(|(_, value)| value.trim())
        };
        let is_gzip = value_of("content-encoding") == Some("gzip");
        self.answer = is_gzip.then(|| Box::new(GzDecoder::new(Vec::new())));
        let agreed = value_of("sec-websocket-extensions");
        if let Some(agreed) = agreed.filter(|agreed| agreed.starts_with("permessage-deflate")) {
            self.frames = Some(Box::new([
                Frames::new(!agreed.contains("client_no_context_takeover")),
                Frames::new(!agreed.contains("server_no_context_takeover")),
            ]));
        }
    }

    /// Unpacks the next bytes of an answer. Each write of the server's was flushed, so that all that
    /// it packed comes out.
    fn unpack(&mut self, bytes: &[u8], is_whole: bool) -> Option<Vec<u8>> {
        let mut answer = self.answer.take()?;
        if !is_whole || answer.write_all(bytes).is_err() || answer.flush().is_err() {
            // Nothing that follows can be understood without it.
            return None;
        }
        let plain = mem::take(answer.get_mut());
        self.answer = Some(answer);
        (!plain.is_empty()).then_some(plain)
    }
}

impl Frames {
    fn new(keeps_context: bool) -> Self {
        Self {
            inflater: Some(Inflater::new(keeps_context, LONGEST)),
            keeps_context,
            first: 0,
            key: None,
            message: None,
        }
    }

    fn open(&mut self, layer: Layer, bytes: &[u8], is_whole: bool) -> Option<Vec<u8>> {
        match layer {
            Layer::WsHead => {
                self.head(*bytes.first()?);
                None
            }
            Layer::WsMask => {
                self.key = bytes.try_into().ok();
                None
            }
            _ => self.payload(bytes, is_whole),
        }
    }

    /// Begins a frame, and with a text or binary frame a message.
    fn head(&mut self, first: u8) {
        self.first = first;
        self.key = None;
        if matches!(first & OPCODE, 1 | 2) {
            self.message = (first & PACKED != 0).then(Vec::new);
        }
    }

    fn payload(&mut self, bytes: &[u8], is_whole: bool) -> Option<Vec<u8>> {
        let is_control = self.first & CONTROL != 0;
        let message = self.message.as_mut().filter(|_| !is_control)?;
        let key = self.key.unwrap_or_default();
        message.extend(
            bytes
                .iter()
                .zip(key.iter().cycle())
                .map(|(byte, key)| byte ^ key),
        );
        let is_lost = !is_whole || message.len() > LONGEST;
        if self.first & LAST == 0 && !is_lost {
            return None;
        }
        let message = self.message.take()?;
        let plain = match &mut self.inflater {
            Some(inflater) if !is_lost => inflater.message(&message).ok(),
            _ => None,
        };
        if plain.is_none() && self.keeps_context {
            self.inflater = None;
        }
        plain
    }
}

#[cfg(test)]
mod tests {
    use dissect::Purpose;
    use flate2::{Compression, write::GzEncoder};
    use wire::deflate::Deflater;

    use super::*;

    const TEXTS: [&str; 3] = ["once more", "once more and once more", "再说一遍"];

    fn span(direction: Direction, layer: Layer, len: usize) -> Span {
        Span {
            direction,
            purpose: Purpose::Deliver,
            layer,
            start: 0,
            len: len as u64,
            continues: false,
        }
    }

    /// Lets bytes of one account cross.
    fn cross(
        inside: &mut Inside,
        direction: Direction,
        layer: Layer,
        bytes: &[u8],
    ) -> Option<String> {
        let plain = inside.open(&span(direction, layer, bytes.len()), bytes);
        plain.map(|plain| String::from_utf8(plain).unwrap())
    }

    fn answered(head: &str) -> Inside {
        let mut inside = Inside::default();
        let head = head.as_bytes();
        assert_eq!(
            cross(&mut inside, Direction::Down, Layer::HttpHead, head),
            None
        );
        inside
    }

    #[test]
    fn each_flush_of_a_stream_comes_out_by_itself() {
        let mut inside = answered("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n");
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        for text in TEXTS {
            encoder.write_all(text.as_bytes()).unwrap();
            encoder.flush().unwrap();
            let packed = mem::take(encoder.get_mut());
            assert_eq!(
                cross(&mut inside, Direction::Down, Layer::Chunk, b"2a\r\n"),
                None
            );
            let plain = cross(&mut inside, Direction::Down, Layer::Payload, &packed);
            assert_eq!(plain.as_deref(), Some(text));
        }
        // The trailer says nothing.
        encoder.try_finish().unwrap();
        let trailer = mem::take(encoder.get_mut());
        assert_eq!(
            cross(&mut inside, Direction::Down, Layer::Payload, &trailer),
            None
        );
    }

    #[test]
    fn what_is_not_whole_or_not_packed_is_not_unpacked() {
        let mut plain = answered("HTTP/1.1 200 OK\r\n\r\n");
        assert_eq!(
            cross(&mut plain, Direction::Down, Layer::Payload, b"{}"),
            None
        );
        let mut inside = answered("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n");
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(b"all of it").unwrap();
        let packed = encoder.finish().unwrap();
        let cut = span(Direction::Down, Layer::Payload, packed.len() + 1);
        assert_eq!(inside.open(&cut, &packed), None);
        assert_eq!(
            cross(&mut inside, Direction::Down, Layer::Payload, &packed),
            None
        );
        let mut broken = answered("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n");
        assert_eq!(
            cross(&mut broken, Direction::Down, Layer::Payload, b"no gzip"),
            None
        );
    }

    #[test]
    fn messages_of_both_directions_are_unpacked_with_and_without_a_context() {
        for keeps in [false, true] {
            let more = "; server_no_context_takeover; client_no_context_takeover";
            let more = if keeps { "" } else { more };
            let mut inside = answered(&format!(
                "HTTP/1.1 101 Switching Protocols\r\nsec-websocket-extensions: permessage-deflate{more}\r\n\r\n"
            ));
            for direction in Direction::ALL {
                let mut deflater = Deflater::new(keeps);
                for text in TEXTS {
                    let mut payload = deflater.message(text.as_bytes());
                    let length = payload.len() as u8;
                    // A ping in between, and a message that is not compressed.
                    for head in [[0x89, 1], [0x81, 1]] {
                        assert_eq!(cross(&mut inside, direction, Layer::WsHead, &head), None);
                        assert_eq!(cross(&mut inside, direction, Layer::Payload, b"x"), None);
                    }
                    let head = [0xc1, length];
                    assert_eq!(cross(&mut inside, direction, Layer::WsHead, &head), None);
                    if direction == Direction::Up {
                        let key = [1, 2, 3, 250];
                        for (byte, key) in payload.iter_mut().zip(key.iter().cycle()) {
                            *byte ^= key;
                        }
                        assert_eq!(cross(&mut inside, direction, Layer::WsMask, &key), None);
                    }
                    let plain = cross(&mut inside, direction, Layer::Payload, &payload);
                    assert_eq!(plain.as_deref(), Some(text), "{keeps} {direction:?}");
                }
            }
        }
    }
}
