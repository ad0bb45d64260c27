//! The people of a room at all servers.
//!
//! Redis keeps for each person which servers they are at: somebody comes with the first of them,
//! and leaves with the last. A server's people are its own as long as it says that it is alive;
//! another one removes them once its lease is over.

use redis::{Cmd, Value};
use serde::Deserialize;
use wire::{Event, Kind, People, Person, codec};

use crate::{
    room::{Room, unix_ms},
    store::{
        StoreError,
        redis::{Redis, reply, script::Script},
        stored::{KnownBy, Visit},
    },
};

/// A person as Redis has them.
#[derive(Deserialize)]
struct Held {
    /// The person's own JSON.
    person: String,
}

/// Returns the mark by which all servers know a person. A connection is known at its own server
/// only.
pub(super) fn mark(visit: &Visit, node: &str) -> String {
    match &visit.known_by {
        KnownBy::Token(token) => format!("t:{token}"),
        KnownBy::Name => format!("n:{}", visit.person.name),
        KnownBy::Connection => format!("c:{node}:{}:{}", visit.person.since, visit.number),
    }
}

/// Returns the command that replaces the people whom Redis has at this server in a room by those
/// who are in `room`, if the log still has its epoch; by nobody, if the room is not open here
/// (`None`).
pub(super) fn sync(redis: &Redis, name: &str, room: Option<&Room>, log_events: usize) -> Cmd {
    let (node, keys) = (&redis.node, redis.keys.room(name));
    let rooms = redis.keys.rooms_of(node);
    let mut command = Script::Sync.call(&[&keys.about, &keys.log, &keys.people, &rooms]);
    let epoch = room.map(|room| room.epoch().to_string());
    command.arg(epoch.unwrap_or_default());
    command.arg(log_events).arg(node).arg(name);
    for visit in room.map(Room::visits).unwrap_or_default() {
        let coming = Event {
            seq: 0,
            kind: Kind::Join,
            from: visit.person.name.clone(),
            text: None,
            tag: None,
            online: Some(0),
            at: unix_ms(),
        };
        command.arg(mark(&visit, node));
        command.arg(&codec::encode(&visit.person)[..]);
        command.arg(&codec::encode(&coming)[..]);
    }
    command
}

/// Returns the command that asks who is in a room.
pub(super) fn who(redis: &Redis, name: &str) -> Cmd {
    let mut command = redis::cmd("HVALS");
    command.arg(redis.keys.room(name).people);
    command
}

/// Returns the people that Redis named, in the order of their coming.
pub(super) fn read(value: Value) -> Result<People, StoreError> {
    let people = reply::list(value).into_iter().map(|value| {
        let Value::BulkString(json) = value else {
            return Err(reply::strange());
        };
        let held: Held = codec::decode(&json).map_err(|_| reply::strange())?;
        codec::decode(held.person.as_bytes()).map_err(|_| reply::strange())
    });
    let mut people: Vec<Person> = people.collect::<Result<_, _>>()?;
    people.sort_by_key(|person| person.since);
    Ok(People {
        online: people.len(),
        people,
    })
}

impl Room {
    /// Returns everybody who is here by way of this server.
    fn visits(&self) -> Vec<Visit> {
        let presence = self.presence.lock().expect("no holder panics");
        let mut all = presence.all();
        drop(presence);
        all.sort_unstable_by_key(|visit| visit.number);
        all
    }
}

#[cfg(test)]
mod tests {
    use wire::Transport;

    use super::*;

    fn visit(known_by: KnownBy) -> Visit {
        Visit {
            number: 3,
            known_by,
            person: Person {
                name: "ann".into(),
                transport: Transport::Websocket,
                framing: None,
                since: 7,
            },
        }
    }

    #[test]
    fn a_token_and_a_name_are_the_same_at_every_node_and_a_connection_is_not() {
        let marks = |known_by: KnownBy| ["x", "y"].map(|node| mark(&visit(known_by.clone()), node));
        for same in [KnownBy::Token("a".into()), KnownBy::Name] {
            let [one, other] = marks(same);
            assert_eq!(one, other);
        }
        let [one, other] = marks(KnownBy::Connection);
        assert_ne!(one, other);
        // A token does not pass for a name.
        let token = KnownBy::Token("ann".into());
        assert_ne!(marks(token), marks(KnownBy::Name));
    }
}
