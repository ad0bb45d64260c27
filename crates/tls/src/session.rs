//! One connection under TLS, without a socket.

use std::io::{self, Read, Write};

use rustls::{Connection, HandshakeKind};

use crate::{Failure, Suite};

/// The most bytes of content that one record holds (RFC 8446, section 5.1).
pub const LONGEST_CONTENT: usize = 16 * 1024;

/// The length of a record's head: type, version and length (RFC 8446, section 5.1).
const HEAD: usize = 5;

/// The most bytes that may follow a head (RFC 5246, section 6.2.3; RFC 8446 allows fewer).
const LONGEST_SEALED: u16 = 16 * 1024 + 2048;

/// The names of the protocols above (RFC 7301; RFC 9113, section 3.1).
pub(crate) const HTTP_1_1: &[u8] = b"http/1.1";
pub(crate) const HTTP_2: &[u8] = b"h2";

/// The content of a record that arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opened<'a> {
    /// Bytes of the protocol above.
    Data(&'a [u8]),
    /// A message of TLS itself: a part of a handshake, a ticket, a change of keys.
    Control,
    /// The other side's last word (`close_notify`, RFC 8446, section 6.1).
    Close,
}

/// One connection under TLS.
#[derive(Debug)]
pub struct Session {
    connection: Connection,
    /// The beginning of a record whose end has not arrived.
    begun: Vec<u8>,
    /// Content that was opened; the part before `taken` was taken already.
    opened: Vec<u8>,
    taken: usize,
    has_ended: bool,
    has_said_goodbye: bool,
}

impl Session {
    pub(crate) fn new(mut connection: Connection) -> Self {
        // What is to be sealed is bounded here, a record at a time.
        connection.set_buffer_limit(None);
        Self {
            connection,
            begun: Vec::new(),
            opened: Vec::new(),
            taken: 0,
            has_ended: false,
            has_said_goodbye: false,
        }
    }

    /// Returns whether the handshake is still going on.
    #[must_use]
    pub fn is_handshaking(&self) -> bool {
        self.connection.is_handshaking()
    }

    /// Returns what the two sides agreed on; `None` before they did.
    #[must_use]
    pub fn suite(&self) -> Option<Suite> {
        let version = self.connection.protocol_version()?;
        let cipher = self.connection.negotiated_cipher_suite()?.suite();
        Suite::of(version, cipher)
    }

    /// Returns whether the two sides agreed on HTTP/2 (RFC 7301).
    #[must_use]
    pub fn is_http2(&self) -> bool {
        self.connection.alpn_protocol() == Some(HTTP_2)
    }

    /// Returns whether the handshake was a short one, by a ticket of an earlier connection.
    #[must_use]
    pub fn is_resumed(&self) -> bool {
        self.connection.handshake_kind() == Some(HandshakeKind::Resumed)
    }

    /// Seals the beginning of `content` in one record, to be sent by [`send`](Self::send). Returns
    /// how many bytes are in it; 0 only for no content.
    ///
    /// # Errors
    /// Fails if this side has said its last word.
    pub fn seal(&mut self, content: &[u8]) -> io::Result<usize> {
        if content.is_empty() {
            return Ok(0);
        }
        let most = content.len().min(LONGEST_CONTENT);
        self.connection.writer().write(&content[..most])
    }

    /// Says this side's last word, to be sent by [`send`](Self::send). Returns false if it was said
    /// before, or if nothing was agreed on yet.
    pub fn end(&mut self) -> bool {
        if self.has_said_goodbye || self.is_handshaking() {
            return false;
        }
        self.connection.send_close_notify();
        self.has_said_goodbye = true;
        true
    }

    /// Returns whether something is to be sent.
    #[must_use]
    pub fn has_to_send(&self) -> bool {
        self.connection.wants_write()
    }

    /// Sends all that is to be sent.
    ///
    /// # Errors
    /// Fails with the error of `socket`, which may be that it would block; what it did not take
    /// stays to be sent.
    pub fn send(&mut self, socket: &mut dyn Write) -> io::Result<()> {
        while self.connection.wants_write() {
            if self.connection.write_tls(socket)? == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
        }
        Ok(())
    }

    /// Takes the bytes that arrived, and tells `sink` the content of each record that they
    /// complete, in order. Data is then in [`content`](Self::content).
    ///
    /// # Errors
    /// Fails if the other side cannot be understood or trusted. An alert that says so is then to be
    /// sent.
    pub fn receive(
        &mut self,
        mut wire: &[u8],
        sink: &mut dyn FnMut(Opened<'_>),
    ) -> Result<(), Failure> {
        while !wire.is_empty() {
            if self.begun.is_empty() {
                self.check_head(wire)?;
            }
            if self.begun.is_empty()
                && let Some(length) = whole_record(wire)
            {
                let (record, rest) = wire.split_at(length);
                wire = rest;
                self.open(record, sink)?;
                continue;
            }
            let missing = missing(&self.begun).min(wire.len());
            self.begun.extend_from_slice(&wire[..missing]);
            wire = &wire[missing..];
            self.check_head(&self.begun)?;
            if whole_record(&self.begun).is_some() {
                let record = std::mem::take(&mut self.begun);
                self.open(&record, sink)?;
            }
        }
        Ok(())
    }

    /// Returns the content that was opened and not [taken](Self::take) yet.
    #[must_use]
    pub fn content(&self) -> &[u8] {
        &self.opened[self.taken..]
    }

    /// Takes so many bytes of [`content`](Self::content), or all that there are.
    pub fn take(&mut self, count: usize) {
        self.taken += count.min(self.content().len());
        if self.taken == self.opened.len() {
            self.opened.clear();
            self.taken = 0;
        }
    }

    /// Returns whether the other side has said its last word.
    #[must_use]
    pub const fn has_ended(&self) -> bool {
        self.has_ended
    }

    /// Refuses what cannot be a record as soon as its head shows it: rustls would be asked only
    /// when as many bytes have arrived as a head of some other protocol seems to promise.
    fn check_head(&self, head: &[u8]) -> Result<(), Failure> {
        let is_server = matches!(self.connection, Connection::Server(_));
        match *head {
            [kind, ..] if is_server && kind.is_ascii_alphabetic() => Err(Failure::PlainHttp),
            [kind, ..] if !(20..=23).contains(&kind) => Err(Failure::NotTls),
            [_, major, ..] if major != 3 => Err(Failure::NotTls),
            [_, _, _, high, low, ..] if u16::from_be_bytes([high, low]) > LONGEST_SEALED => {
                Err(Failure::NotTls)
            }
            _ => Ok(()),
        }
    }

    fn open(&mut self, mut record: &[u8], sink: &mut dyn FnMut(Opened<'_>)) -> Result<(), Failure> {
        while !record.is_empty() {
            let taken = self
                .connection
                .read_tls(&mut record)
                .map_err(|error| Failure::Other(error.to_string()))?;
            if taken == 0 {
                break;
            }
        }
        let state = self.connection.process_new_packets()?;
        let count = state.plaintext_bytes_to_read();
        if count > 0 {
            let before = self.opened.len();
            self.opened.resize(before + count, 0);
            let place = &mut self.opened[before..];
            let read = self.connection.reader().read_exact(place);
            read.map_err(|error| Failure::Other(error.to_string()))?;
            sink(Opened::Data(&self.opened[before..]));
        } else if state.peer_has_closed() && !self.has_ended {
            sink(Opened::Close);
        } else {
            sink(Opened::Control);
        }
        self.has_ended |= state.peer_has_closed();
        Ok(())
    }
}

/// Returns the length of the record that `wire` begins with, if it is all there.
fn whole_record(wire: &[u8]) -> Option<usize> {
    let head = wire.get(..HEAD)?;
    let length = HEAD + usize::from(u16::from_be_bytes([head[3], head[4]]));
    (wire.len() >= length).then_some(length)
}

/// Returns how many bytes are missing until the next thing is known: the length of a record that
/// has begun, or its end.
fn missing(begun: &[u8]) -> usize {
    match begun.get(..HEAD) {
        None => HEAD - begun.len(),
        Some(head) => {
            let length = HEAD + usize::from(u16::from_be_bytes([head[3], head[4]]));
            length - begun.len()
        }
    }
}
