//! What a traced life leaves: every byte, with its direction and its time.

use std::{
    net::SocketAddr,
    time::{Duration, SystemTime},
};

use dissect::Direction;
use wire::Way;

use crate::Settings;

/// A whole life. Times are from its beginning, at the client's own socket.
#[derive(Debug, Clone)]
pub struct Record {
    /// How the person listened.
    pub way: Way,
    /// When it began, by the clock on the wall.
    pub began: SystemTime,
    /// One-way delay of the link in between.
    pub delay: Duration,
    /// The person's connections, in the order in which they were opened.
    pub connections: Vec<Connection>,
    /// What happened beside bytes, in order of time.
    pub notes: Vec<Note>,
}

/// One connection of the person.
#[derive(Debug, Clone)]
pub struct Connection {
    /// From 1.
    pub number: usize,
    /// The client's end.
    pub client: SocketAddr,
    /// The end that the client knows: the server, or the link before it.
    pub server: SocketAddr,
    /// When it was asked for.
    pub dialled: Duration,
    /// When it was there.
    pub opened: Duration,
    /// What crossed it.
    pub pieces: Vec<Piece>,
    /// When each side was done sending: client, server.
    pub ended: [Option<Duration>; 2],
}

/// The bytes of one write (up) or read (down).
#[derive(Debug, Clone)]
pub struct Piece {
    /// When.
    pub at: Duration,
    /// Which way.
    pub direction: Direction,
    /// The bytes; never empty.
    pub bytes: Vec<u8>,
}

/// Something worth a word.
#[derive(Debug, Clone)]
pub struct Note {
    /// When.
    pub at: Duration,
    /// Which kind.
    pub kind: NoteKind,
    /// In words.
    pub text: String,
}

/// What a note is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoteKind {
    /// A part of the life begins.
    Step,
    /// Another person speaks.
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
        }
    }

    /// Bytes of all connections in one direction, as counted at the sockets.
    #[must_use]
    pub fn total(&self, direction: Direction) -> u64 {
        let pieces = self.connections.iter().flat_map(|one| &one.pieces);
        pieces
            .filter(|piece| piece.direction == direction)
            .map(|piece| piece.bytes.len() as u64)
            .sum()
    }
}

impl Connection {
    /// All bytes of one direction.
    #[must_use]
    pub fn bytes(&self, direction: Direction) -> Vec<u8> {
        let pieces = self.pieces.iter();
        pieces
            .filter(|piece| piece.direction == direction)
            .flat_map(|piece| piece.bytes.iter().copied())
            .collect()
    }

    /// When the byte at `offset` of a direction passed the client's socket.
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
