//! The logs of all rooms in a Redis that several servers share.
//!
//! Whatever belongs together is changed by one script, so that numbers have no hole and no event
//! is there twice. Nothing here knows a room that is served: the threads that write and follow are
//! in `room/redis/`.

mod keys;
pub(crate) mod reply;
pub(crate) mod script;

use std::{
    fmt,
    hash::{BuildHasher, RandomState},
    time::Duration,
};

use redis::{Client, Cmd, Pipeline, Value};
use wire::Epoch;

use crate::store::{StoreError, redis::script::Script};

use self::keys::Keys;

/// The time that a connection may take to be made.
const CONNECTING: Duration = Duration::from_secs(1);
/// The time that replicas may take to have what was added: less than an answer is waited for.
const COPYING: Duration = Duration::from_secs(1);

/// The settings of a server that keeps its logs in a Redis.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RedisSettings {
    /// The time for which the first draft of a batch waits for others to share it.
    pub delay: Duration,
    /// The name that sets rooms apart from others in the same Redis: only servers with the same
    /// namespace have the same rooms. It may be empty.
    pub namespace: String,
    /// The number of replicas that must have a draft, too, before it is acknowledged.
    pub replicas: u32,
}

impl RedisSettings {
    /// The version of Redis that is needed, for `EXPIRE … GT`.
    pub const MAJOR: u32 = 7;

    /// Returns the beginning of the names of all keys.
    #[must_use]
    pub fn prefix(&self) -> String {
        keys::prefix(&self.namespace)
    }
}

/// A Redis, and the node that this server is to it.
#[derive(Clone)]
pub(crate) struct Redis {
    client: Client,
    /// The name of this server among all that share the Redis: another one each time it starts.
    pub(crate) node: String,
    pub(crate) keys: Keys,
    /// The number of replicas that must have a draft before it is acknowledged.
    pub(crate) replicas: u32,
}

/// A connection to Redis, with all scripts loaded.
pub(crate) struct Connection(redis::Connection);

/// Returns an epoch that no log had before, as far as chance goes.
pub(crate) fn fresh_epoch() -> Epoch {
    // Each state is made with other random keys.
    Epoch::from_bits(RandomState::new().hash_one(0))
}

impl Redis {
    /// Makes sure that a Redis which can be used is at `url` (`redis://HOST:PORT[/DB]`).
    pub(crate) fn open(url: &str, settings: &RedisSettings) -> Result<Self, StoreError> {
        let client = Client::open(url)?;
        let node = format!("{:016x}", RandomState::new().hash_one(url));
        let opened = Self {
            client,
            node,
            keys: Keys::within(&settings.namespace),
            replicas: settings.replicas,
        };
        let mut connection = opened.connect(CONNECTING)?;
        let about = connection.about("server")?;
        match version_of(&about) {
            Some((major, _)) if major >= RedisSettings::MAJOR => {}
            Some((_, version)) => {
                let needed = RedisSettings::MAJOR;
                return Err(StoreError::OldRedis(version.to_owned(), needed));
            }
            None => return Err(StoreError::Redis("it does not say its version".to_owned())),
        }
        if opened.replicas > 0 {
            let about = connection.about("replication")?;
            let has = replicas_of(&about);
            if has < opened.replicas {
                return Err(StoreError::FewReplicas(has, opened.replicas));
            }
        }
        Ok(opened)
    }

    /// Makes a connection, on which nothing is waited for longer than `patience`.
    pub(crate) fn connect(&self, patience: Duration) -> Result<Connection, StoreError> {
        let connection = self.client.get_connection_with_timeout(CONNECTING)?;
        connection.set_read_timeout(Some(patience))?;
        connection.set_write_timeout(Some(patience))?;
        let mut connection = Connection(connection);
        connection.call_all(&Script::ALL.map(Script::load))?;
        Ok(connection)
    }

    /// Returns the command that waits until replicas have what was added over the same connection;
    /// `None` if none need have it.
    pub(crate) fn wait(&self) -> Option<Cmd> {
        (self.replicas > 0).then(|| {
            let mut command = redis::cmd("WAIT");
            command.arg(self.replicas).arg(COPYING.as_millis() as u64);
            command
        })
    }

    /// Checks the answer to [`Self::wait`]; returns an error if fewer replicas than are asked for
    /// have what was added.
    pub(crate) fn copied(&self, answer: Result<Value, StoreError>) -> Result<(), StoreError> {
        match answer? {
            Value::Int(has) if has >= i64::from(self.replicas) => Ok(()),
            Value::Int(has) => {
                let has = u32::try_from(has).unwrap_or_default();
                Err(StoreError::NotCopied(has, self.replicas))
            }
            _ => Err(reply::strange()),
        }
    }
}

/// Returns the version of a Redis that describes itself so: the first number, and all of it.
fn version_of(about: &str) -> Option<(u32, &str)> {
    let version = value_of(about, "redis_version")?;
    let major = version.split('.').next()?.parse().ok()?;
    Some((major, version))
}

/// Returns the number of replicas that follow a Redis which describes itself so.
fn replicas_of(about: &str) -> u32 {
    let count = value_of(about, "connected_slaves");
    count.and_then(|count| count.parse().ok()).unwrap_or(0)
}

fn value_of<'a>(about: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = about.lines().filter_map(|line| line.trim().split_once(':'));
    lines.find_map(|(key, value)| (key == name).then_some(value))
}

impl Connection {
    /// Sends a command, and returns its answer.
    pub(crate) fn call(&mut self, command: &Cmd) -> Result<Value, StoreError> {
        Ok(command.query(&mut self.0)?)
    }

    /// Sends commands in one go, and returns their answers; an error if any of them failed.
    pub(crate) fn call_all(&mut self, commands: &[Cmd]) -> Result<Vec<Value>, StoreError> {
        if commands.is_empty() {
            return Ok(Vec::new());
        }
        let mut together = Pipeline::with_capacity(commands.len());
        for command in commands {
            together.add_command(command.clone());
        }
        Ok(together.query(&mut self.0)?)
    }

    /// Returns what a Redis says of itself in a section.
    fn about(&mut self, section: &str) -> Result<String, StoreError> {
        let mut info = redis::cmd("INFO");
        let about = self.call(info.arg(section))?;
        Ok(reply::text(&about).unwrap_or_default())
    }
}

impl From<redis::RedisError> for StoreError {
    fn from(error: redis::RedisError) -> Self {
        if error.is_io_error() || error.is_timeout() || error.is_connection_dropped() {
            Self::Away(error.to_string())
        } else {
            Self::Redis(error.to_string())
        }
    }
}

impl fmt::Debug for Redis {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Redis")
            .field("node", &self.node)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Connection")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_from_what_redis_says_of_itself() {
        let about = "# Server\r\nredis_version:7.0.15\r\nredis_mode:standalone\r\n";
        assert_eq!(version_of(about), Some((7, "7.0.15")));
        assert_eq!(version_of("# Server\r\nredis_mode:standalone\r\n"), None);
        assert_eq!(version_of("redis_version:valkey\r\n"), None);
    }

    #[test]
    fn replicas_are_counted_by_what_redis_says_of_itself() {
        let about = "# Replication\r\nrole:master\r\nconnected_slaves:2\r\n";
        assert_eq!(replicas_of(about), 2);
        assert_eq!(replicas_of("role:slave\r\n"), 0);
    }

    #[test]
    fn fewer_replicas_than_are_asked_for_are_not_enough() {
        let with = |replicas| Redis {
            client: Client::open("redis://127.0.0.1:1").unwrap(),
            node: String::new(),
            keys: Keys::within(""),
            replicas,
        };
        assert!(with(0).wait().is_none());
        assert!(with(2).wait().is_some());
        assert!(with(2).copied(Ok(Value::Int(2))).is_ok());
        assert!(with(1).copied(Ok(Value::Int(3))).is_ok());
        for answer in [Value::Int(1), Value::Int(0), Value::Int(-1), Value::Nil] {
            assert!(with(2).copied(Ok(answer.clone())).is_err(), "{answer:?}");
        }
        let away = StoreError::Away(String::new());
        assert!(with(1).copied(Err(away)).is_err());
    }

    #[test]
    fn what_is_no_url_of_a_redis_is_refused() {
        for url in ["redis://", "http://127.0.0.1:1", "redis://127.0.0.1:1/x"] {
            assert!(
                Redis::open(url, &RedisSettings::default()).is_err(),
                "{url}"
            );
        }
    }
}
