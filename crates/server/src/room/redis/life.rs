//! The upkeep of a server's part in a Redis from time to time: who is here, which other servers are
//! dead, and which rooms stay.

use redis::Value;

use crate::{
    room::redis::{EMPTY, Shared, people},
    store::{
        StoreError,
        redis::{Connection, Redis, reply, script::Script},
    },
};

/// Tells Redis who is here in all rooms.
pub(super) fn sync(shared: &Shared, connection: &mut Connection) -> Result<(), StoreError> {
    let node = &shared.redis.node;
    let open = shared.rooms();
    let left = named(&shared.redis, connection, node)?;
    let left = left
        .iter()
        .filter(|name| open.iter().all(|(open, _)| open != *name));
    let rooms: Vec<_> = open
        .iter()
        .filter_map(|(name, room)| Some((name, Some(room.upgrade()?))))
        .chain(left.map(|name| (name, None)))
        .collect();
    let commands: Vec<_> = rooms
        .iter()
        .map(|(name, room)| people::sync(&shared.redis, name, room.as_deref(), shared.log_events))
        .collect();
    let answers = connection.call_all(&commands)?;
    for ((name, room), answer) in rooms.iter().zip(answers) {
        if let (Some(room), Value::Int(1)) = (room, answer) {
            shared.lose(connection, name, room);
        }
    }
    Ok(())
}

/// Removes the people of a server that is dead.
pub(super) fn reap(
    shared: &Shared,
    connection: &mut Connection,
    dead: &str,
) -> Result<(), StoreError> {
    let keys = &shared.redis.keys;
    let nodes = keys.nodes();
    for room in named(&shared.redis, connection, dead)? {
        let of_room = keys.room(&room);
        let mut command =
            Script::Reap.call(&[&nodes, &of_room.about, &of_room.log, &of_room.people]);
        command.arg(dead).arg(shared.log_events);
        connection.call(&command)?;
    }
    let mut command = Script::Bury.call(&[&nodes, &keys.rooms_of(dead), &keys.bell_of(dead)]);
    connection.call(command.arg(dead)).map(drop)
}

/// Returns the rooms that people of a server are in.
fn named(
    redis: &Redis,
    connection: &mut Connection,
    node: &str,
) -> Result<Vec<String>, StoreError> {
    let mut command = redis::cmd("SMEMBERS");
    let answer = connection.call(command.arg(redis.keys.rooms_of(node)))?;
    Ok(reply::list(answer).iter().filter_map(reply::text).collect())
}

/// Extends the time for which Redis keeps the rooms that are open here.
pub(super) fn refresh(shared: &Shared, connection: &mut Connection) -> Result<(), StoreError> {
    let mut commands = Vec::new();
    for (name, _) in shared.rooms() {
        let keys = shared.redis.keys.room(&name);
        for key in [keys.about, keys.log, keys.people] {
            let mut command = redis::cmd("EXPIRE");
            command.arg(key).arg(EMPTY).arg("GT");
            commands.push(command);
        }
    }
    connection.call_all(&commands).map(drop)
}
