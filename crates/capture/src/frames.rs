//! The messages of a WebSocket in one direction (RFC 6455, section 5): how many, and how long.

use wire::deflate::Inflater;

use crate::library;

/// The longest message that is put together.
const LONGEST: usize = 16 << 20;
/// The bytes of the first text that are kept.
const FIRST: usize = 16;

/// The messages that were read in one direction, counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Told {
    /// Messages, and those among them that have a message of Socket.IO, and of SockJS.
    pub(crate) messages: u64,
    pub(crate) engine_io: u64,
    pub(crate) sockjs: u64,
    /// Bytes of the payloads of messages, as sent and as they were before compression.
    pub(crate) payload: u64,
    pub(crate) plain: u64,
    /// Bytes of frame heads without masks, if each message is one frame.
    pub(crate) heads: u64,
    /// The beginning of the first message.
    pub(crate) first: Vec<u8>,
    /// True once a close frame came.
    pub(crate) is_closed: bool,
    /// Compressed messages that could not be inflated.
    pub(crate) uninflated: u64,
}

/// A frame that is whole.
struct Frame {
    opcode: u8,
    fin: bool,
    compressed: bool,
    key: Option<[u8; 4]>,
    begin: usize,
    end: usize,
}

impl Told {
    /// Counts a message of which these bytes were sent.
    pub(crate) fn add(&mut self, payload: &[u8], plain: &[u8]) {
        if self.messages == 0 {
            self.first = plain[..plain.len().min(FIRST)].to_vec();
        }
        self.messages += 1;
        self.payload += payload.len() as u64;
        self.plain += plain.len() as u64;
        self.heads += head_len(payload.len() as u64);
        self.engine_io += u64::from(library::is_message(plain));
        self.sockjs += library::sockjs(plain);
    }
}

/// Reads the frames of one direction, up to the first that is not whole. `deflate` says whether
/// messages may be compressed, and if so whether they may refer to earlier ones.
pub(crate) fn read(bytes: &[u8], deflate: Option<bool>) -> Told {
    let mut told = Told::default();
    let mut inflater = deflate.map(|keeps| Inflater::new(keeps, LONGEST));
    let mut message: Vec<u8> = Vec::new();
    let mut is_compressed = false;
    let mut at = 0;
    while let Some(frame) = frame(bytes, at) {
        at = frame.end;
        match frame.opcode {
            8 => told.is_closed = true,
            0..=2 => {
                if frame.opcode > 0 {
                    message.clear();
                    is_compressed = frame.compressed;
                }
                let payload = &bytes[frame.begin..frame.end];
                if message.len() + payload.len() <= LONGEST {
                    unmask(payload, frame.key, &mut message);
                }
                if frame.fin {
                    end(&message, is_compressed, inflater.as_mut(), &mut told);
                }
            }
            9 | 10 => {}
            _ => break,
        }
    }
    told
}

fn end(message: &[u8], is_compressed: bool, inflater: Option<&mut Inflater>, told: &mut Told) {
    if !is_compressed {
        return told.add(message, message);
    }
    if let Some(Ok(plain)) = inflater.map(|inflater| inflater.message(message)) {
        told.add(message, &plain);
    } else {
        told.uninflated += 1;
        told.add(message, message);
    }
}

fn unmask(payload: &[u8], key: Option<[u8; 4]>, message: &mut Vec<u8>) {
    match key {
        None => message.extend_from_slice(payload),
        Some(key) => {
            let keys = key.iter().cycle();
            message.extend(payload.iter().zip(keys).map(|(byte, key)| byte ^ key));
        }
    }
}

/// Returns the frame that begins at `at`, if all of it is there.
fn frame(bytes: &[u8], at: usize) -> Option<Frame> {
    let rest = bytes.get(at..)?;
    let &[first, second, ..] = rest else {
        return None;
    };
    let (mut head, mut payload) = (2, u64::from(second & 0x7f));
    let longer = match payload {
        126 => 2,
        127 => 8,
        _ => 0,
    };
    if longer > 0 {
        let written = rest.get(2..2 + longer)?;
        payload = written
            .iter()
            .fold(0, |all, &byte| all << 8 | u64::from(byte));
        head += longer;
    }
    let mut key = None;
    if second & 0x80 > 0 {
        key = Some(rest.get(head..head + 4)?.try_into().ok()?);
        head += 4;
    }
    let there = (rest.len() - head) as u64;
    (payload <= there).then(|| Frame {
        opcode: first & 0x0f,
        fin: first & 0x80 > 0,
        compressed: first & 0x40 > 0,
        key,
        begin: at + head,
        end: at + head + payload as usize,
    })
}

/// Reads the frames of a WebSocket of hixie-76: texts between a byte of zeros and one of ones.
pub(crate) fn read_old(bytes: &[u8]) -> Told {
    let mut told = Told::default();
    for frame in bytes.split_inclusive(|&byte| byte == 0xff) {
        if let [0, text @ .., 0xff] = frame {
            told.add(text, text);
        }
    }
    told
}

/// Returns the bytes of a frame's head without the mask, for a payload of this length.
pub(crate) const fn head_len(payload: u64) -> u64 {
    match payload {
        0..=125 => 2,
        126..=0xffff => 4,
        _ => 10,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_counted_whole_and_unmasked() {
        let mut bytes = vec![0x01, 0x82, 1, 2, 3, 4, b'4' ^ 1, b'2' ^ 2];
        bytes.extend([0x89, 0x80, 0, 0, 0, 0]);
        bytes.extend([0x80, 0x81, 9, 9, 9, 9, b'x' ^ 9]);
        bytes.extend([0x88, 0x80, 0, 0, 0, 0]);
        bytes.extend([0x81, 0xff, 0xff]);
        let told = read(&bytes, None);
        assert_eq!((told.messages, told.payload, told.engine_io), (1, 3, 1));
        assert_eq!(told.first, b"42x");
        assert!(told.is_closed);
    }

    #[test]
    fn no_length_is_believed() {
        let huge = [0x82, 127, 0x7f, 255, 255, 255, 255, 255, 255, 255, 1];
        assert_eq!(read(&huge, None), Told::default());
        assert_eq!(read(&[0xc1, 1, 0xff], None).uninflated, 1);
        assert_eq!(read(&[0xc1, 1, 0xff], Some(true)).uninflated, 1);
    }
}
