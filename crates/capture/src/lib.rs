//! A capture of packets (pcap, pcapng) or of a browser (HAR) to conversations.
//!
//! [`read`] takes a file and gives a [`Captured`]: the conversations in it, each recognised
//! ([`Kind`]) and with a ledger in which each byte is in exactly one account, and remarks about what
//! could not be read. A file may be cut, damaged or of something else: what can be told is told, and
//! the rest is named. It opens no socket and knows no server.
//!
//! Reading order: `packets` takes a file of packets apart and `segment` a packet; `stream`,
//! `connections` and `stretch` put the bytes of each direction together again. `split` finds the
//! exchanges of HTTP in them, with `head`, `body` and `frames`; `har` reads the same from the
//! export of a browser. `h2` reads the streams of HTTP/2. `opened`, with `keys` and `cipher`,
//! undoes TLS where there are keys. `content` counts what an answer brought. `judge`, with `group`
//! and `poll`, recognises conversations; `account` and `figures` say what each cost, and `terms` on
//! which terms it was held, with the medians of `middle`. `tables` writes them down.

mod account;
mod body;
mod cipher;
mod connections;
mod content;
mod conversation;
mod error;
mod exchange;
mod figures;
mod frames;
mod group;
mod h2;
mod har;
mod head;
mod judge;
mod keys;
mod leftover;
mod library;
mod middle;
mod opened;
mod packets;
mod poll;
mod query;
mod remark;
mod sealed;
mod segment;
mod split;
mod stream;
mod stretch;
mod tables;
mod terms;

pub use conversation::{Captured, Conversation, Kind, Over, Totals};
pub use error::CaptureError;
pub use figures::Figures;
pub use keys::Keys;
pub use remark::{Gap, Remark, Why};
pub use tables::{accounts, conversations, json};
pub use terms::{HttpVersion, Terms, TlsVersion};

use std::{
    fs::File,
    io::{BufReader, Read, Seek},
    path::Path,
};

/// The bytes of one direction of a connection that are kept and read; those behind them are only
/// counted.
pub const MOST_OF_A_DIRECTION: usize = 16 << 20;
/// The bytes of all connections of a file that are kept and read.
pub const MOST_OF_A_FILE: usize = 512 << 20;
/// The connections of a file that are followed.
pub const MOST_CONNECTIONS: usize = 200_000;

/// The formats in which captures are packed: the first bytes of each, its name and the command that
/// unpacks it.
const PACKED: [(&[u8], &str, &str); 6] = [
    (b"\x1f\x8b", "gzip", "gunzip"),
    (b"\x28\xb5\x2f\xfd", "Zstandard", "unzstd"),
    (b"\x04\x22\x4d\x18", "LZ4", "unlz4"),
    (b"\xfd7zXZ\0", "xz", "unxz"),
    (b"BZh", "bzip2", "bunzip2"),
    (b"PK\x03\x04", "ZIP", "unzip"),
];

/// Reads a capture, and opens connections under TLS as far as there are keys: those given, and those
/// in the file.
///
/// # Errors
/// Fails if the file cannot be opened, is empty, or is neither pcap, pcapng nor HAR. What is wrong
/// within such a file is no error, but a [`Remark`].
pub fn read(file: &Path, keys: &Keys) -> Result<Captured, CaptureError> {
    let mut opened = File::open(file)?;
    let mut first = [0; 64];
    let mut count = 0;
    while count < first.len() {
        match opened.read(&mut first[count..])? {
            0 => break,
            more => count += more,
        }
    }
    opened.rewind()?;
    let first = &first[..count];
    if first.is_empty() {
        return Err(CaptureError::Empty);
    }
    if let Some(&(_, name, unpack)) = PACKED.iter().find(|(magic, ..)| first.starts_with(magic)) {
        return Err(CaptureError::Packed { name, unpack });
    }
    if har::is_text(first) {
        return har::read(BufReader::new(opened));
    }
    packets::captured(opened, keys)
}
