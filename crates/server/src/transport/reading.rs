//! The request to read a room that all four transports are given.

use std::{sync::Arc, time::Duration};

use hyper::Request;
use wire::{Coding, Way};

use crate::{
    address::Address,
    http::query::Query,
    room::{
        Room,
        log::Start,
        presence::{Member, PresenceGuard},
        reason::Reason,
        rooms::Rooms,
    },
    settings::Settings,
};

/// A request to read a room.
#[derive(Debug)]
pub(crate) struct Reading {
    /// The head of the request; `None` for a plain poll, whose first line says
    /// all that matters.
    pub(crate) request: Option<Box<Request<()>>>,
    pub(crate) room: Arc<Room>,
    pub(crate) way: Way,
    pub(crate) query: Query,
    /// The content coding that it asks for, if the server compresses.
    pub(crate) coding: Option<Coding>,
    /// The address of the reader.
    pub(crate) address: Address,
    pub(crate) settings: Arc<Settings>,
}

impl Reading {
    /// Opens a room for the reader who sent `query`, if they may read there.
    pub(crate) fn open(
        rooms: &Rooms,
        settings: &Arc<Settings>,
        room: &str,
        way: Way,
        query: Query,
        address: Address,
    ) -> Result<Self, Reason> {
        Self::open_known(rooms, settings, (room, None), way, query, address)
    }

    /// Does what [`Self::open`] does, for a reader who already has a room, most often this one.
    pub(crate) fn open_known(
        rooms: &Rooms,
        settings: &Arc<Settings>,
        (name, known): (&str, Option<&Arc<Room>>),
        way: Way,
        query: Query,
        address: Address,
    ) -> Result<Self, Reason> {
        let room = rooms.open_known(known, name, Some(address))?;
        rooms.catch_up(name, &room, query.after);
        if let Some(identity) = query.identity() {
            room.admit(&identity, address, settings.max_people)?;
        } else if room.rules.any() && room.rules.is_banned(None, Some(address)) {
            return Err(Reason::Banned);
        }
        Ok(Self {
            way,
            query,
            address,
            room,
            settings: Arc::clone(settings),
            request: None,
            coding: None,
        })
    }

    /// Extends the presence of a poller by `promise` and the grace. Returns where
    /// to begin to read.
    ///
    /// The place is taken before the reader joins, here and in [`connect`]: a reader from `latest`
    /// sees its own join first, and knows from its count how many are here. A reader that has no
    /// place is given it with what it is sent first: its join may push out the oldest event.
    ///
    /// [`connect`]: Self::connect
    pub(crate) fn renew(&self, promise: Duration) -> Start {
        let start = self.start();
        if let Some(member) = self.member() {
            self.room.renew(member, promise + self.settings.lease_grace);
        }
        start
    }

    fn start(&self) -> Start {
        self.room.start(self.query.after, self.query.epoch)
    }

    /// Adds a reader who opens a connection. Returns where to begin to read,
    /// and the guard that keeps a person present; a reader without a name has
    /// none.
    pub(crate) fn connect(&self) -> (Start, Option<PresenceGuard>) {
        let start = self.start();
        let connect = |member| self.room.connect(member, self.settings.lease_grace);
        (start, self.member().map(connect))
    }

    fn member(&self) -> Option<Member> {
        let name = self.query.name.clone()?;
        let token = self.query.person.clone();
        Some(Member {
            name,
            token,
            way: self.way,
            address: Some(self.address),
        })
    }
}
