//! The people of a room, as a store keeps them and gives them back.

use std::{sync::Arc, time::Instant};

use crate::{
    room::presence::{Identity, Presence, Visitor},
    store::stored::{KnownBy, Visit},
};

/// Returns the mark by which a store knows a person.
pub(super) fn known_by(identity: &Identity) -> KnownBy {
    match identity {
        Identity::Token(token) => KnownBy::Token(token.clone()),
        Identity::Name(_) => KnownBy::Name,
        Identity::Connection(_) => KnownBy::Connection,
    }
}

impl Visitor {
    /// Returns what a store is to know of a person.
    pub(super) fn as_stored(&self, known_by: KnownBy) -> Visit {
        Visit {
            number: self.visit,
            known_by,
            person: self.person.clone(),
        }
    }
}

impl Presence {
    /// Returns everybody who is here, as a store is to know them.
    pub(crate) fn all(&self) -> Vec<Visit> {
        let people = self.people.iter();
        people
            .map(|(identity, visitor)| visitor.as_stored(known_by(identity)))
            .collect()
    }

    /// Makes the presence of a room from the people who were in it when its server ended. Those who
    /// can be recognised have until `lease` to come back. A person who is known by a connection
    /// alone cannot be, and so leaves at once.
    pub(crate) fn restored(people: &[Visit], lease: Instant) -> Self {
        let mut presence = Self::default();
        for one in people {
            let (identity, lease) = match &one.known_by {
                KnownBy::Token(token) => (Identity::Token(token.clone()), Some(lease)),
                KnownBy::Name => (Identity::Name(one.person.name.clone()), Some(lease)),
                KnownBy::Connection => (Identity::Connection(one.number), None),
            };
            presence.visits = presence.visits.max(one.number);
            presence.people.insert(identity, Visitor::away(one, lease));
        }
        presence
    }
}

impl Visitor {
    /// Makes a person without a connection, who is here until `lease`.
    fn away(one: &Visit, lease: Option<Instant>) -> Self {
        Self {
            person: one.person.clone(),
            visit: one.number,
            connections: 0,
            lease,
            came: Instant::now(),
            is_passing: false,
            address: None,
            is_counted: false,
            cut: Arc::default(),
        }
    }
}
