//! The thread that follows the streams of the rooms that are open here.

use std::{
    sync::{Arc, Weak},
    thread,
    time::Duration,
};

use redis::Value;
use wire::codec;

use crate::{
    room::{Room, redis::Shared},
    store::{
        StoreError,
        redis::{Connection, Redis, reply},
    },
};

/// The time for which a question waits for something new.
const BLOCK: Duration = Duration::from_millis(500);
/// The time that an answer is waited for beyond that.
const PATIENCE: Duration = Duration::from_millis(2500);
/// The number of entries of each stream that are taken at once.
const MOST: usize = 256;
/// The time between two attempts to reach a Redis that has failed.
const RETRY: Duration = Duration::from_millis(250);

/// The thread's state.
#[derive(Debug)]
pub(super) struct Follower {
    shared: Arc<Shared>,
    connection: Option<Connection>,
    /// The last entry of the bell that was seen.
    rung: String,
}

impl Follower {
    pub(super) fn new(shared: &Arc<Shared>) -> Self {
        Self {
            shared: Arc::clone(shared),
            connection: None,
            rung: "0".to_owned(),
        }
    }

    /// Follows until the server leaves.
    pub(super) fn run(mut self) {
        while !self.shared.has_ended() {
            if self.step().is_err() {
                // The thread that writes reports this to the person who runs the server.
                self.connection = None;
                thread::sleep(RETRY);
            }
        }
    }

    fn step(&mut self) -> Result<(), StoreError> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.begin()?,
        };
        self.read(&mut connection)?;
        self.connection = Some(connection);
        Ok(())
    }

    /// Makes a connection, and compares the logs: a Redis that was away may have lost something.
    fn begin(&self) -> Result<Connection, StoreError> {
        let mut connection = self.shared.redis.connect(PATIENCE)?;
        for (name, room) in self.shared.rooms() {
            if let Some(room) = room.upgrade()
                && !is_same(&self.shared.redis, &mut connection, &name, &room)?
            {
                self.shared.lose(&mut connection, &name, &room);
            }
        }
        Ok(connection)
    }

    /// Takes what has come, or waits a moment for it.
    fn read(&mut self, connection: &mut Connection) -> Result<(), StoreError> {
        let bell = self.shared.bell();
        let rooms: Vec<_> = self
            .shared
            .rooms()
            .into_iter()
            .map(|(name, room)| (self.shared.redis.keys.room(&name).log, room))
            .collect();
        let arrived = connection.call(&self.question(&bell, &rooms))?;
        for stream in reply::arrived(arrived)? {
            if stream.key == bell {
                if let Some(last) = stream.entries.last().and_then(reply::id_of) {
                    self.rung = last;
                }
            } else if let Some((_, room)) = rooms.iter().find(|(key, _)| *key == stream.key)
                && let Some(room) = room.upgrade()
            {
                let events: Result<Vec<_>, _> = stream.entries.iter().map(reply::event).collect();
                room.take_over(&events?);
            }
        }
        Ok(())
    }

    /// Returns the command that asks for what follows in all rooms.
    fn question(&self, bell: &str, rooms: &[(String, Weak<Room>)]) -> redis::Cmd {
        let mut command = redis::cmd("XREAD");
        command.arg("COUNT").arg(MOST);
        command.arg("BLOCK").arg(BLOCK.as_millis() as u64);
        command.arg("STREAMS").arg(bell);
        for (key, _) in rooms {
            command.arg(key);
        }
        command.arg(&self.rung);
        for (_, room) in rooms {
            let newest = room.upgrade().map(|room| format!("{}-0", room.newest()));
            command.arg(newest.unwrap_or_else(|| "$".to_owned()));
        }
        command
    }
}

/// Returns whether the log in Redis is the one that a room has: it has the same epoch, reaches at
/// least as far, and has the room's newest event, or has dropped that event because so many
/// followed.
fn is_same(
    redis: &Redis,
    connection: &mut Connection,
    name: &str,
    room: &Room,
) -> Result<bool, StoreError> {
    let (epoch, newest, last) = room.end_of_log();
    let keys = redis.keys.room(name);
    let id = format!("{newest}-0");
    let mut about = redis::cmd("HMGET");
    about.arg(&keys.about).arg("epoch").arg("newest");
    let mut there = redis::cmd("XRANGE");
    there.arg(&keys.log).arg(&id).arg(&id);
    let mut first = redis::cmd("XRANGE");
    first.arg(&keys.log).arg("-").arg("+").arg("COUNT").arg(1);
    let mut answers = connection.call_all(&[about, there, first])?.into_iter();
    let mut next = || reply::list(answers.next().unwrap_or(Value::Nil));
    let about: Vec<_> = next().iter().map(reply::text).collect();
    let (there, first) = (next(), next());
    let number = |text: &Option<String>| text.as_ref().map_or(Some(0), |text| text.parse().ok());
    if about.first() != Some(&Some(epoch.to_string()))
        || about
            .get(1)
            .and_then(number)
            .is_none_or(|has: u64| has < newest)
    {
        return Ok(false);
    }
    match (last, there.first()) {
        (Some(last), Some(there)) => {
            let there = reply::event(there)?;
            Ok(codec::encode(&there) == codec::encode(&last))
        }
        (Some(last), None) => match first.first() {
            Some(first) => Ok(reply::event(first)?.seq > last.seq),
            None => Ok(true),
        },
        (None, _) => Ok(true),
    }
}
