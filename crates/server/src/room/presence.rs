//! The people in a room: everybody who gave a name, once, however they are
//! connected.
//!
//! A person is known by the token it chose (`person=`), so two people may share
//! a name and one person who changes transport neither leaves nor joins.
//! Without a token, each stream or WebSocket is a person of its own, and a
//! poller, whose requests have only the name in common, is its name.
//!
//! A leave is reported:
//! - when a connection ends: at once; with a token after the grace, in which the
//!   person may come back over another transport;
//! - when a poller stays away: when its lease is over, that is its interval or hold
//!   plus the grace, counted from its last request;
//! - on request of anybody: at once, by `POST /rooms/{room}/leave`.
//!
//! Joins and leaves that come too fast, or would push messages out of the log, are not reported one
//! by one. The people are counted all the same, and once reports are possible again, one event
//! states how many there are.

pub(crate) mod admission;
mod restored;

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use wire::{Kind, People, Person, Way};

use crate::{
    address::Address,
    room::{Room, pace, recorder::Whom, unix_ms},
};

#[cfg(test)]
use crate::room::planted::{Fault, altered, is};

/// The number of seconds whose joins and leaves may be reported at once.
const BURST: Duration = Duration::from_secs(5);

/// A mark that distinguishes one person from another.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Identity {
    /// The token that the client chose.
    Token(String),
    /// A poller without a token.
    Name(String),
    /// A stream or WebSocket without a token, by the number of its visit.
    Connection(u64),
}

/// A person who reads under a name.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) name: String,
    /// The token, if the client chose one.
    pub(crate) token: Option<String>,
    pub(crate) way: Way,
    /// The address, where people are counted by it.
    pub(crate) address: Option<Address>,
}

/// The people in a room.
#[derive(Debug, Default)]
pub(crate) struct Presence {
    people: HashMap<Identity, Visitor>,
    /// The number of visits so far, which puts people in the order of their coming and
    /// distinguishes a person who came back from the one who left.
    visits: u64,
    /// The time at which the joins and leaves that were reported will have been earned.
    earned: Option<Instant>,
    /// The last join or leave that was not reported.
    untold: Option<(Kind, String)>,
}

#[derive(Debug)]
struct Visitor {
    person: Person,
    visit: u64,
    connections: usize,
    /// The time until which a person without a connection is here.
    lease: Option<Instant>,
    /// The time of the join.
    came: Instant,
    /// True for a poller that never came again after its first poll.
    is_passing: bool,
    address: Option<Address>,
    /// True if it counts as a person of that address.
    is_counted: bool,
    /// True once its connections are to end.
    cut: Arc<AtomicBool>,
}

/// A guard for one connection of a person; dropping it ends that connection's
/// part in the presence.
#[derive(Debug)]
pub(crate) struct PresenceGuard {
    room: Arc<Room>,
    identity: Identity,
    visit: u64,
    grace: Duration,
    /// True once this connection is to end: its person was sent out.
    pub(crate) cut: Arc<AtomicBool>,
}

impl PresenceGuard {
    /// Records that the person goes on reading in another way.
    pub(crate) fn change(&self, way: Way) {
        let mut presence = self.room.presence.lock().expect("no holder panics");
        if let Some(visitor) = presence.people.get_mut(&self.identity)
            && visitor.visit == self.visit
        {
            visitor.person.transport = way.transport();
            visitor.person.framing = way.framing();
        }
    }

    /// Returns whether the person was sent out.
    pub(crate) fn is_cut(&self) -> bool {
        self.cut.load(Relaxed)
    }
}

impl Drop for PresenceGuard {
    fn drop(&mut self) {
        self.room.disconnect(&self.identity, self.visit, self.grace);
    }
}

impl Room {
    /// Adds a person who opens a stream or a WebSocket.
    pub(crate) fn connect(self: &Arc<Self>, member: Member, grace: Duration) -> PresenceGuard {
        let mut presence = self.presence.lock().expect("no holder panics");
        let identity = match &member.token {
            Some(token) => Identity::Token(token.clone()),
            None => Identity::Connection(presence.visits + 1),
        };
        let visitor = self.welcome(&mut presence, identity.clone(), member);
        visitor.connections += 1;
        // From now on the person is present by this connection, and no longer by a lease.
        visitor.lease = None;
        visitor.is_passing = false;
        PresenceGuard {
            room: Arc::clone(self),
            identity,
            visit: visitor.visit,
            grace,
            cut: Arc::clone(&visitor.cut),
        }
    }

    /// Adds a person who polls, or extends their stay, until `lease` from now.
    pub(crate) fn renew(&self, member: Member, lease: Duration) {
        let identity = match &member.token {
            Some(token) => Identity::Token(token.clone()),
            None => Identity::Name(member.name.clone()),
        };
        let mut presence = self.presence.lock().expect("no holder panics");
        let visitor = self.welcome(&mut presence, identity, member);
        let now = Instant::now();
        visitor.is_passing = visitor.lease.is_none() && visitor.connections == 0;
        visitor.lease = Some(now + lease);
        self.has_leases.store(true, Relaxed);
    }

    /// Removes a person who says that they are leaving. Their open connections
    /// go on reading, unseen.
    pub(crate) fn leave(&self, identity: &Identity) {
        let mut presence = self.presence.lock().expect("no holder panics");
        self.remove(&mut presence, identity);
    }

    /// Ends the leases that are over.
    pub(crate) fn end_leases(&self, now: Instant) {
        let mut presence = self.presence.lock().expect("no holder panics");
        let is_away = |visitor: &Visitor| visitor.connections == 0;
        #[cfg(test)]
        let is_away = |visitor: &Visitor| altered(Fault::EndedThere, is_away(visitor), |_| true);
        let mut over: Vec<_> = presence
            .people
            .iter()
            .filter(|(_, visitor)| is_away(visitor))
            .filter(|(_, visitor)| visitor.lease.is_none_or(|lease| lease <= now))
            .map(|(identity, visitor)| (visitor.visit, identity.clone()))
            .collect();
        // Whoever came first leaves first; a map has no order of its own.
        over.sort_unstable_by_key(|(visit, _)| *visit);
        for (_, identity) in over {
            self.remove(&mut presence, &identity);
        }
        self.tell_untold(&mut presence);
        let any = |visitor: &Visitor| visitor.connections == 0;
        let some = presence.untold.is_some() || presence.people.values().any(any);
        self.has_leases.store(some, Relaxed);
    }

    /// Returns whether nobody is here.
    pub(crate) fn is_deserted(&self) -> bool {
        let presence = self.presence.lock().expect("no holder panics");
        presence.people.is_empty()
    }

    /// Returns the people who are here.
    pub(crate) fn people(&self) -> People {
        let presence = self.presence.lock().expect("no holder panics");
        let mut visitors: Vec<_> = presence.people.values().collect();
        visitors.sort_unstable_by_key(|visitor| visitor.visit);
        let people = visitors.into_iter().map(|visitor| visitor.person.clone());
        People {
            online: presence.people.len(),
            people: people.collect(),
        }
    }

    fn disconnect(&self, identity: &Identity, visit: u64, grace: Duration) {
        let mut presence = self.presence.lock().expect("no holder panics");
        let Some(visitor) = presence.people.get_mut(identity) else {
            return;
        };
        #[cfg(test)]
        if is(Fault::WrongVisit) && visitor.connections == 0 {
            return;
        }
        #[cfg(test)]
        let visit = altered(Fault::WrongVisit, visit, |old| {
            if visitor.connections > 0 {
                visitor.visit
            } else {
                old
            }
        });
        // Somebody who left by request and came back is on another visit.
        if visitor.visit != visit {
            return;
        }
        visitor.connections -= 1;
        if visitor.connections > 0 {
            return;
        }
        if matches!(identity, Identity::Token(_)) {
            let until = Instant::now() + grace;
            let later = visitor.lease.map_or(until, |lease| lease.max(until));
            #[cfg(test)]
            let later = altered(Fault::ShortLease, later, |_| until);
            visitor.lease = Some(later);
            self.has_leases.store(true, Relaxed);
        } else {
            self.remove(&mut presence, identity);
        }
    }

    /// Returns the visitor, who joins if they were not here.
    fn welcome<'a>(
        &self,
        presence: &'a mut Presence,
        identity: Identity,
        member: Member,
    ) -> &'a mut Visitor {
        let online = presence.people.len() + 1;
        let known_by = self.is_recorded().then(|| restored::known_by(&identity));
        match presence.people.entry(identity) {
            Entry::Occupied(known) => {
                let visitor = known.into_mut();
                // The name stays as it joined, so that the leave names the same.
                visitor.person.transport = member.way.transport();
                visitor.person.framing = member.way.framing();
                visitor
            }
            Entry::Vacant(vacant) => {
                presence.visits += 1;
                let told = (Kind::Join, member.name.clone());
                let visitor = vacant.insert(Visitor {
                    person: Person {
                        name: member.name,
                        transport: member.way.transport(),
                        framing: member.way.framing(),
                        since: unix_ms(),
                    },
                    visit: presence.visits,
                    connections: 0,
                    lease: None,
                    came: Instant::now(),
                    is_passing: false,
                    address: member.address,
                    is_counted: member.address.is_some_and(|from| self.shares.join(from)),
                    cut: Arc::default(),
                });
                let whom = known_by.map(|known_by| Whom::Came(visitor.as_stored(known_by)));
                let (earned, untold) = (&mut presence.earned, &mut presence.untold);
                self.tell(earned, untold, told, online, whom);
                visitor
            }
        }
    }

    fn remove(&self, presence: &mut Presence, identity: &Identity) {
        if let Some(visitor) = presence.people.remove(identity) {
            if let Some(address) = visitor.address.filter(|_| visitor.is_counted) {
                self.shares.leave(address);
            }
            let online = presence.people.len();
            let known_by = self.is_recorded().then(|| restored::known_by(identity));
            let whom = known_by.map(|known_by| Whom::Left(visitor.as_stored(known_by)));
            let told = (Kind::Leave, visitor.person.name);
            let (earned, untold) = (&mut presence.earned, &mut presence.untold);
            self.tell(earned, untold, told, online, whom);
        }
    }

    /// Reports that somebody joined or left, or keeps the report until it may be made. `whom` is
    /// the person as a store is to know them; it is written in the same transaction as the report,
    /// or alone if there is none now.
    fn tell(
        &self,
        earned: &mut Option<Instant>,
        untold: &mut Option<(Kind, String)>,
        (kind, name): (Kind, String),
        online: usize,
        whom: Option<Whom>,
    ) {
        let earns = self.presence_per_second.map(|per_second| {
            let now = Instant::now();
            pace::step_of(earned.unwrap_or(now), per_second, now, BURST)
        });
        let may = earns != Some(None);
        let noted = if may {
            self.note(kind, &name, online, whom)
        } else {
            Err(whom)
        };
        match noted {
            Ok(()) => {
                *earned = earns.flatten();
                *untold = None;
            }
            Err(whom) => {
                *untold = Some((kind, name));
                self.has_leases.store(true, Relaxed);
                self.record_person(whom);
            }
        }
    }

    /// Reports how many people are here, once it may be reported.
    fn tell_untold(&self, presence: &mut Presence) {
        let online = presence.people.len();
        if let Some(untold) = presence.untold.take() {
            let Presence {
                earned,
                untold: kept,
                ..
            } = presence;
            self.tell(earned, kept, untold, online, None);
        }
    }
}

#[cfg(test)]
mod tests;
