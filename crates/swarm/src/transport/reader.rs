//! A person who listens, and what one step of listening brings.

use std::rc::Rc;

use bytes::Bytes;
use wire::{Seq, Way};

use super::{
    in_page::{self, InPage},
    resume::Resume,
};
use crate::{
    clock::{Clock, Nanos},
    draft,
    foreign::ReaderState,
    library::Library,
    socket::{arrival::Stamp, network::Network, pool::Pool},
};

/// A person who listens, and the place that the person listens to.
#[derive(Debug)]
pub(crate) struct Reader {
    /// The network that connections are made from.
    pub(crate) network: Rc<Network>,
    /// The run's clock.
    pub(crate) clock: Clock,
    /// Number of the person.
    pub(crate) person: usize,
    /// The reader's index among the people of its shard.
    pub(crate) place: usize,
    /// Number of the room.
    pub(crate) room: usize,
    /// The number in the name that the person gives, if it gives one.
    pub(crate) name: Option<usize>,
    /// The time within the interval at which a short poller asks.
    pub(crate) phase: Nanos,
    /// True if the person also speaks.
    pub(crate) speaks: bool,
    /// True if drafts that are sent over the socket should be answered.
    pub(crate) wants_answers: bool,
    /// The arrival of what the person read last; present for the few people of whom it is
    /// known.
    pub(crate) arrival: Option<Stamp>,
    /// The connections of HTTP/1.1 that the reader shares with other tabs of its browser; absent
    /// where it has its own.
    pub(crate) pool: Option<Rc<Pool>>,
    /// The reader's place on a server that does not keep our contract.
    pub(crate) foreign: Option<Box<ReaderState>>,
    /// The reader's part in the protocol of a library, if it speaks one.
    pub(crate) library: Option<Rc<Library>>,
    /// The reader's part in reading as a page does, if it reads so.
    pub(crate) in_page: Option<InPage>,
    /// The state that the reader keeps from one connection to the next.
    pub(crate) resume: Resume,
}

/// The part of a reader by which what it hears is counted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Receiver<'a> {
    /// Number of the person.
    pub(crate) person: usize,
    /// The reader's index among the people of its shard.
    pub(crate) place: usize,
    /// The arrival of what the person read last, if it is known.
    pub(crate) arrival: Option<&'a Stamp>,
    /// The state that the reader keeps from one connection to the next.
    pub(crate) resume: &'a Resume,
}

impl Reader {
    /// Returns the part of the reader by which what it hears is counted.
    pub(crate) const fn receiver(&self) -> Receiver<'_> {
        Receiver {
            person: self.person,
            place: self.place,
            arrival: self.arrival.as_ref(),
            resume: &self.resume,
        }
    }

    /// Returns whether a stream or a WebSocket of this reader is read in a batch: in the clear,
    /// from a server of ours, by somebody who only listens, whom nobody calls away and who does not
    /// come back by a policy.
    pub(super) fn reads_in_batch(&self) -> bool {
        let network = &self.network;
        let target = &network.target;
        let is_ours = self.foreign.is_none() && self.library.is_none() && self.in_page.is_none();
        let is_plain = target.tls.is_none() && !target.http2 && !target.one_by_one;
        let stays = network.lines.is_none() && self.resume.call.is_none();
        is_ours && is_plain && stays && !self.speaks
    }

    /// Returns the reader's place if messages have tags and no numbers.
    pub(crate) fn by_tags(&self) -> Option<&ReaderState> {
        let place = self.foreign.as_deref()?;
        place.description().goes_by_tags().then_some(place)
    }

    /// Returns the name of its room, as the server knows it.
    pub(crate) fn room_name(&self) -> String {
        let foreign = self.foreign.as_deref();
        foreign.map_or_else(|| draft::room_name(self.room), ReaderState::room_name)
    }

    /// Returns `/rooms/ROOM/PATH?after=PLACE`, without a name.
    pub(super) fn lurking(&self, way: Way, place: Option<Seq>) -> String {
        if let Some(foreign) = &self.foreign {
            return foreign.path(place);
        }
        let room = draft::room_name(self.room);
        let way = match &self.in_page {
            Some(_) => in_page::path(way),
            None => way.path(),
        };
        let place = self.resume.place(place);
        format!("/rooms/{room}/{way}?after={place}")
    }

    /// Returns the same path with the name of a person who has one.
    pub(super) fn path(&self, way: Way, place: Option<Seq>) -> String {
        let mut path = self.lurking(way, place);
        if let Some(name) = self.name {
            path.push_str("&name=");
            path.push_str(&draft::person_name(name));
        }
        path
    }
}

/// The result of one step of listening. It is still JSON: the person decodes it borrowed,
/// so that no text is copied.
#[derive(Debug)]
pub(crate) enum Heard {
    /// A poll's answer: a batch.
    Batch(Bytes),
    /// A piece of a stream or socket: one event, or a notice.
    Text(Bytes),
}
