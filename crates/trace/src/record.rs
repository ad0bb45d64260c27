//! The record of a trace: every byte, with its direction and its time.

use std::{
    net::SocketAddr,
    time::{Duration, SystemTime},
};

use crate::{Settings, Traced};
use dissect::Direction;

/// The record of a trace. Times are counted from its beginning, at the client's own socket.
#[derive(Debug, Clone)]
pub struct Record {
    /// The way in which the person listened.
    pub way: Traced,
    /// The time of day at which the trace began.
    pub began: SystemTime,
    /// The one-way delay of the link in between.
    pub delay: Duration,
    /// The person's connections, in the order in which they were opened.
    pub connections: Vec<Connection>,
    /// The events other than bytes, in order of time.
    pub notes: Vec<Note>,
    /// The version of TLS that the connections were under.
    pub tls: Option<tls::Version>,
    /// The secrets of the connections in the form of SSLKEYLOGFILE; empty without TLS.
    pub secrets: String,
}

/// A connection of the person.
#[derive(Debug, Clone)]
pub struct Connection {
    /// The number of the connection, from 1.
    pub number: usize,
    /// The client's end.
    pub client: SocketAddr,
    /// The end that the client knows: the server, or the link before it.
    pub server: SocketAddr,
    /// The time at which the connection was requested.
    pub dialled: Duration,
    /// The time at which the connection was open.
    pub opened: Duration,
    /// The bytes that crossed the connection; under TLS, the content of its records.
    pub pieces: Vec<Piece>,
    /// The bytes that crossed the socket under TLS; empty without it.
    pub sealed: Vec<Piece>,
    /// The times at which the client and the server finished sending.
    pub ended: [Option<Duration>; 2],
}

/// The bytes of one write (up) or read (down).
#[derive(Debug, Clone)]
pub struct Piece {
    /// The time of the write or read.
    pub at: Duration,
    /// The direction of the bytes.
    pub direction: Direction,
    /// The bytes; never empty.
    pub bytes: Vec<u8>,
}

/// A note about an event other than bytes.
#[derive(Debug, Clone)]
pub struct Note {
    /// The time of the event.
    pub at: Duration,
    /// The kind of the note.
    pub kind: NoteKind,
    /// The text of the note.
    pub text: String,
}

/// The subject of a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoteKind {
    /// A step of the trace begins.
    Step,
    /// Another person sends a message.
    Other,
}

impl Record {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            way: settings.way,
            began: SystemTime::now(),
            delay: settings.delay(),
            connections: Vec::new(),
            notes: Vec::new(),
            tls: settings.tls,
            secrets: String::new(),
        }
    }

    /// Returns the bytes of all connections in one direction, as counted at the sockets; under TLS,
    /// those within the records.
    #[must_use]
    pub fn total(&self, direction: Direction) -> u64 {
        sum(
            self.connections.iter().flat_map(|one| &one.pieces),
            direction,
        )
    }

    /// Returns the bytes of all sockets in one direction, records and handshakes included.
    #[must_use]
    pub fn crossed(&self, direction: Direction) -> u64 {
        sum(
            self.connections.iter().flat_map(Connection::crossed),
            direction,
        )
    }
}

fn sum<'a>(pieces: impl Iterator<Item = &'a Piece>, direction: Direction) -> u64 {
    pieces
        .filter(|piece| piece.direction == direction)
        .map(|piece| piece.bytes.len() as u64)
        .sum()
}

impl Connection {
    /// Returns the bytes as they crossed the socket.
    #[must_use]
    pub fn crossed(&self) -> &[Piece] {
        if self.sealed.is_empty() {
            &self.pieces
        } else {
            &self.sealed
        }
    }

    /// Returns all bytes of one direction.
    #[must_use]
    pub fn bytes(&self, direction: Direction) -> Vec<u8> {
        let pieces = self.pieces.iter();
        pieces
            .filter(|piece| piece.direction == direction)
            .flat_map(|piece| piece.bytes.iter().copied())
            .collect()
    }

    /// Returns the time at which the byte at `offset` of a direction passed the client's socket.
    #[must_use]
    pub fn time_of(&self, direction: Direction, offset: u64) -> Duration {
        let mut end = 0;
        for piece in self.pieces.iter().filter(|one| one.direction == direction) {
            end += piece.bytes.len() as u64;
            if offset < end {
                return piece.at;
            }
        }
        self.opened
    }
}
