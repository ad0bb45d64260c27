//! The people of a simulation: who is there by the rules that the room has for it.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::{Duration, Instant},
};

use wire::{Kind, Way};

use super::{
    chance::Chance,
    model::{Happened, Model, Said, Whom},
};
use crate::room::{
    Room,
    presence::{Identity, Member, PresenceGuard},
};

/// The grace after the end of a connection, in seconds.
pub(super) const GRACE: u64 = 20;
/// The leases of polls, in seconds.
const LEASES: [u64; 2] = [10, 30];
/// The times by which the clock is ahead when leases are looked at, in seconds: far from all of
/// those above, so that it does not matter how long a step takes.
const AHEAD: [u64; 4] = [5, 15, 25, 35];

/// A person of the model.
#[derive(Debug, Clone)]
struct There {
    name: String,
    visit: u64,
    connections: usize,
    lease: Option<u64>,
}

/// The people of the model, and the guards of the real ones.
#[derive(Debug, Default)]
pub(super) struct People {
    there: HashMap<Identity, There>,
    visits: u64,
    guards: Vec<(PresenceGuard, Identity, u64)>,
}

impl People {
    /// Lets somebody come, go on, leave, or be forgotten.
    pub(super) fn step(&mut self, room: &Arc<Room>, chance: &mut Chance, model: &mut Model) {
        match chance.below(5) {
            0 => self.connect(room, chance, model),
            1 if !self.guards.is_empty() => {
                let guard = self.guards.swap_remove(chance.below(self.guards.len()));
                self.disconnect(guard, model);
            }
            2 => self.renew(room, chance, model),
            3 => {
                let member = some_member(chance);
                let identity = known_by(&member);
                room.leave(&identity);
                self.leaves(&identity, model);
            }
            _ => {
                let ahead = chance.one_of(&AHEAD);
                self.end_leases(room, ahead, model);
            }
        }
    }

    fn connect(&mut self, room: &Arc<Room>, chance: &mut Chance, model: &mut Model) {
        let member = some_member(chance);
        let identity = match &member.token {
            Some(token) => Identity::Token(token.clone()),
            None => Identity::Connection(self.visits + 1),
        };
        let guard = room.connect(member.clone(), Duration::from_secs(GRACE));
        let there = self.welcome(&identity, member.name, model);
        there.connections += 1;
        there.lease = None;
        let visit = there.visit;
        self.guards.push((guard, identity, visit));
    }

    fn renew(&mut self, room: &Room, chance: &mut Chance, model: &mut Model) {
        let (member, lease) = (some_member(chance), chance.one_of(&LEASES));
        let identity = known_by(&member);
        room.renew(member.clone(), Duration::from_secs(lease));
        self.welcome(&identity, member.name, model).lease = Some(lease);
    }

    fn disconnect(&mut self, guard: (PresenceGuard, Identity, u64), model: &mut Model) {
        let (guard, identity, visit) = guard;
        drop(guard);
        let there = self.there.get_mut(&identity);
        let Some(there) = there.filter(|there| there.visit == visit) else {
            return;
        };
        there.connections -= 1;
        if there.connections > 0 {
            return;
        }
        if matches!(identity, Identity::Token(_)) {
            there.lease = Some(there.lease.unwrap_or(0).max(GRACE));
        } else {
            self.leaves(&identity, model);
        }
    }

    fn end_leases(&mut self, room: &Room, ahead: u64, model: &mut Model) {
        room.end_leases(Instant::now() + Duration::from_secs(ahead));
        let is_over = |there: &There| {
            there.connections == 0 && there.lease.is_none_or(|lease| lease <= ahead)
        };
        let over = self.there.iter().filter(|(_, there)| is_over(there));
        let mut over: Vec<_> = over
            .map(|(identity, there)| (there.visit, identity.clone()))
            .collect();
        over.sort_unstable_by_key(|(visit, _)| *visit);
        for (_, identity) in over {
            self.leaves(&identity, model);
        }
    }

    fn welcome(&mut self, identity: &Identity, name: String, model: &mut Model) -> &mut There {
        if !self.there.contains_key(identity) {
            self.visits += 1;
            let whom = Whom::Came(self.visits, identity.clone());
            tell(model, Kind::Join, &name, self.there.len() + 1, whom);
        }
        let visit = self.visits;
        self.there.entry(identity.clone()).or_insert(There {
            name,
            visit,
            connections: 0,
            lease: None,
        })
    }

    fn leaves(&mut self, identity: &Identity, model: &mut Model) {
        if let Some(there) = self.there.remove(identity) {
            let whom = Whom::Left(there.visit);
            tell(model, Kind::Leave, &there.name, self.there.len(), whom);
        }
    }

    /// Checks that the room knows the same people, in the order in which they came.
    pub(super) fn check(&self, room: &Room) -> Result<(), String> {
        let mut wanted: Vec<_> = self.there.values().collect();
        wanted.sort_unstable_by_key(|there| there.visit);
        let wanted: Vec<_> = wanted.into_iter().map(|there| &there.name).collect();
        let found = room.people();
        let names: Vec<_> = found.people.iter().map(|person| &person.name).collect();
        if names != wanted || found.online != wanted.len() {
            return Err(format!("{names:?} are there, not {wanted:?}"));
        }
        Ok(())
    }

    /// Forgets everybody but those that a store has, who are away and may come back for a while. A
    /// person who is known by a connection alone cannot.
    pub(super) fn crash(&mut self, stored: &BTreeMap<u64, (Identity, String)>) {
        self.guards.clear();
        let there = stored.iter().map(|(visit, (identity, name))| {
            let lease = (!matches!(identity, Identity::Connection(_))).then_some(GRACE);
            let there = There {
                name: name.clone(),
                visit: *visit,
                connections: 0,
                lease,
            };
            (identity.clone(), there)
        });
        self.there = there.collect();
        self.visits = stored.keys().max().copied().unwrap_or(0);
    }

    /// Lets everybody go, and forgets them.
    pub(super) fn end(&mut self, room: &Arc<Room>, model: &mut Model) -> Result<(), String> {
        while let Some(guard) = self.guards.pop() {
            self.disconnect(guard, model);
        }
        self.end_leases(room, AHEAD[AHEAD.len() - 1], model);
        if !room.is_deserted() {
            return Err("somebody is there who has left".to_owned());
        }
        Ok(())
    }
}

fn tell(model: &mut Model, kind: Kind, name: &str, online: usize, whom: Whom) {
    model.happen(Happened {
        said: Said {
            kind,
            from: name.to_owned(),
            text: None,
            online: Some(online as u64),
        },
        whom: Some(whom),
        reply: None,
    });
}

/// Returns one of a few people, of whom some have a token.
fn some_member(chance: &mut Chance) -> Member {
    let number = chance.below(4);
    Member {
        name: format!("person {number}"),
        token: (number > 0).then(|| format!("token-{number}")),
        way: Way::Websocket,
        address: None,
    }
}

/// Returns what a poller is known by.
fn known_by(member: &Member) -> Identity {
    match &member.token {
        Some(token) => Identity::Token(token.clone()),
        None => Identity::Name(member.name.clone()),
    }
}
