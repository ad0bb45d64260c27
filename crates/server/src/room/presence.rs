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

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, atomic::Ordering::Relaxed},
    time::{Duration, Instant},
};

use wire::{Kind, People, Person, Way};

use crate::room::{Room, reason::Reason, unix_ms};

/// A mark that tells one person from another.
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
}

/// The people in a room.
#[derive(Debug, Default)]
pub(crate) struct Presence {
    people: HashMap<Identity, Visitor>,
    /// The number of visits so far, which puts people in the order of their
    /// coming and tells a person who came back from the one who left.
    visits: u64,
}

#[derive(Debug)]
struct Visitor {
    person: Person,
    visit: u64,
    connections: usize,
    /// The time until which a person without a connection is here.
    lease: Option<Instant>,
}

/// A guard for one connection of a person; dropping it ends that connection's
/// part in the presence.
#[derive(Debug)]
pub(crate) struct PresenceGuard {
    room: Arc<Room>,
    identity: Identity,
    visit: u64,
    grace: Duration,
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
        // From now on the connection tells, not what was promised before it.
        visitor.lease = None;
        PresenceGuard {
            room: Arc::clone(self),
            identity,
            visit: visitor.visit,
            grace,
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
        visitor.lease = Some(Instant::now() + lease);
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
        let mut over: Vec<_> = presence
            .people
            .iter()
            .filter(|(_, visitor)| visitor.connections == 0)
            .filter(|(_, visitor)| visitor.lease.is_none_or(|lease| lease <= now))
            .map(|(identity, visitor)| (visitor.visit, identity.clone()))
            .collect();
        // Whoever came first leaves first; a map has no order of its own.
        over.sort_unstable_by_key(|(visit, _)| *visit);
        for (_, identity) in over {
            self.remove(&mut presence, &identity);
        }
        let any = |visitor: &Visitor| visitor.connections == 0;
        self.has_leases
            .store(presence.people.values().any(any), Relaxed);
    }

    /// Refuses a new person where `most` people are here. A few who come at the
    /// very same time may still pass: the limit is for comfort, not for safety.
    pub(crate) fn admit(&self, identity: &Identity, most: usize) -> Result<(), Reason> {
        let presence = self.presence.lock().expect("no holder panics");
        if presence.people.len() < most || presence.people.contains_key(identity) {
            return Ok(());
        }
        Err(Reason::RoomFull(most))
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
            visitor.lease = Some(visitor.lease.map_or(until, |lease| lease.max(until)));
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
                self.note(Kind::Join, member.name.clone(), online);
                vacant.insert(Visitor {
                    person: Person {
                        name: member.name,
                        transport: member.way.transport(),
                        framing: member.way.framing(),
                        since: unix_ms(),
                    },
                    visit: presence.visits,
                    connections: 0,
                    lease: None,
                })
            }
        }
    }

    fn remove(&self, presence: &mut Presence, identity: &Identity) {
        if let Some(visitor) = presence.people.remove(identity) {
            self.note(Kind::Leave, visitor.person.name, presence.people.len());
        }
    }
}

#[cfg(test)]
mod tests;
