//! The admission of people to a room, and their removal.

use std::{
    sync::atomic::Ordering::Relaxed,
    time::{Duration, Instant},
};

use serde::Serialize;
use wire::Person;

use crate::{
    address::Address,
    room::{
        Room,
        presence::{Identity, Presence, Visitor},
        reason::Reason,
    },
};

/// The time after which a poller that came once makes way for somebody new in a
/// full room.
const PASSING: Duration = Duration::from_secs(1);

/// A person in a room, as a moderator sees them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Member {
    /// The number that names them in orders: another one each time they come.
    pub id: u64,
    /// The person as everybody may see them.
    #[serde(flatten)]
    pub person: Person,
    /// True if they may not speak.
    pub muted: bool,
}

impl Room {
    /// Refuses a person who may not come in, a new person where `most` people are
    /// here, and one from an address that has as many as it may. A poller that never
    /// came again makes way for somebody new. A few who come at the very same time
    /// may still pass: the limit is for comfort, not for safety.
    pub(crate) fn admit(
        &self,
        identity: &Identity,
        address: Address,
        most: Option<usize>,
    ) -> Result<(), Reason> {
        if self.rules.any() && self.rules.is_banned(Some(identity), Some(address)) {
            return Err(Reason::Banned);
        }
        let mut presence = self.presence.lock().expect("no holder panics");
        if presence.people.contains_key(identity) {
            return Ok(());
        }
        // Before anybody makes way: somebody who is refused must not push out another.
        self.shares.may_join(address).map_err(Reason::Crowded)?;
        if let Some(most) = most
            && presence.people.len() >= most
        {
            let passing = presence.passing(Instant::now());
            let Some(passing) = passing else {
                return Err(Reason::RoomFull(most));
            };
            self.remove(&mut presence, &passing);
        }
        Ok(())
    }

    /// Sends a person out for a minute, and ends their connections. `bans`: they may not
    /// come back, nor may others from their address if they are the only one there. A person without
    /// a token is known by the name from then on, because each connection of theirs is a new person.
    /// Returns false if nobody here has this visit.
    pub(crate) fn send_out(&self, visit: u64, bans: bool) -> bool {
        let mut presence = self.presence.lock().expect("no holder panics");
        let Some(identity) = presence.with_visit(visit) else {
            return false;
        };
        let Some(visitor) = presence.people.get(&identity) else {
            return false;
        };
        visitor.cut.store(true, Relaxed);
        let known = speaker(&identity, visitor);
        if bans {
            let alone = |address: &Address| {
                let there = presence.people.values();
                let there = there.filter(|one| one.address == Some(*address));
                there.count() == 1
            };
            let address = visitor.address.filter(alone);
            self.rules.ban(known, address);
        } else {
            self.rules.send_out(known);
        }
        self.remove(&mut presence, &identity);
        drop(presence);
        self.seats.wake_all();
        true
    }

    /// Lets a person speak no more, or again. Returns false if nobody here has this
    /// visit.
    pub(crate) fn mute(&self, visit: u64, muted: bool) -> bool {
        let presence = self.presence.lock().expect("no holder panics");
        let mut people = presence.people.iter();
        let found = people.find(|(_, visitor)| visitor.visit == visit);
        if let Some((identity, visitor)) = found {
            self.rules.mute(speaker(identity, visitor), muted);
        }
        found.is_some()
    }
}

impl Room {
    /// Returns the people who are here, as a moderator sees them.
    pub(crate) fn members(&self) -> Vec<Member> {
        let presence = self.presence.lock().expect("no holder panics");
        let mut members: Vec<_> = presence
            .people
            .iter()
            .map(|(identity, visitor)| Member {
                id: visitor.visit,
                person: visitor.person.clone(),
                muted: self.rules.any() && self.rules.is_muted(&speaker(identity, visitor)),
            })
            .collect();
        members.sort_unstable_by_key(|member| member.id);
        members
    }
}

/// Returns who a person is to the rules: without a token, known by the name alone.
fn speaker(identity: &Identity, visitor: &Visitor) -> Identity {
    match identity {
        Identity::Token(_) => identity.clone(),
        _ => Identity::Name(visitor.person.name.clone()),
    }
}

impl Presence {
    /// Returns the poller that came once and has been away for longest.
    fn passing(&self, now: Instant) -> Option<Identity> {
        let gone = self.people.iter().filter(|(_, visitor)| {
            visitor.is_passing && now.saturating_duration_since(visitor.came) >= PASSING
        });
        let first = gone.min_by_key(|(_, visitor)| visitor.visit);
        first.map(|(identity, _)| identity.clone())
    }

    fn with_visit(&self, visit: u64) -> Option<Identity> {
        let mut people = self.people.iter();
        let found = people.find(|(_, visitor)| visitor.visit == visit);
        found.map(|(identity, _)| identity.clone())
    }
}
