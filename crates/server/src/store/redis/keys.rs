//! The names of the keys.

/// The beginning of every name.
const OURS: &str = "wirebench:";

/// The names of the keys of servers that have the same rooms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Keys {
    prefix: String,
}

/// The keys of a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RoomKeys {
    /// The room's epoch and its newest event.
    pub(crate) about: String,
    /// The stream of events.
    pub(crate) log: String,
    /// The people, by the mark by which they are known.
    pub(crate) people: String,
}

/// Returns the beginning of the names in a namespace; the empty one is that of all servers that were
/// not given another. No name of one begins like those of another.
pub(super) fn prefix(namespace: &str) -> String {
    if namespace.is_empty() {
        OURS.to_owned()
    } else {
        format!("{OURS}run:{namespace}:")
    }
}

impl Keys {
    /// Returns the names in a namespace.
    pub(crate) fn within(namespace: &str) -> Self {
        Self {
            prefix: prefix(namespace),
        }
    }

    /// Returns the keys of the room of this name.
    pub(crate) fn room(&self, room: &str) -> RoomKeys {
        let key = |what| format!("{}room:{room}:{what}", self.prefix);
        RoomKeys {
            about: key("about"),
            log: key("log"),
            people: key("people"),
        }
    }

    /// Returns the key of the last batch that a node added to the room of this name.
    pub(crate) fn last_batch(&self, room: &str, node: &str) -> String {
        format!("{}room:{room}:batch:{node}", self.prefix)
    }

    /// Returns the key of the rooms that people of a node are in.
    pub(crate) fn rooms_of(&self, node: &str) -> String {
        format!("{}node:{node}:rooms", self.prefix)
    }

    /// Returns the key of the stream by which a node's follower is woken.
    pub(crate) fn bell_of(&self, node: &str) -> String {
        format!("{}node:{node}:bell", self.prefix)
    }

    /// Returns the key of the nodes that are alive, by the end of their leases.
    pub(crate) fn nodes(&self) -> String {
        format!("{}nodes", self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_two_namespaces_never_meet() {
        let all = |namespace: &str| {
            let keys = Keys::within(namespace);
            let RoomKeys { about, log, people } = keys.room("a");
            let nodes = keys.nodes();
            let (last, rooms, bell) = (
                keys.last_batch("a", "n"),
                keys.rooms_of("n"),
                keys.bell_of("n"),
            );
            vec![about, log, people, last, rooms, bell, nodes]
        };
        assert_eq!(all("")[0], "wirebench:room:a:about");
        for (one, other) in [("x", "y"), ("", "x"), ("x", "x-1"), ("room", "")] {
            let others = all(other);
            for key in all(one) {
                assert!(key.starts_with(&prefix(one)), "{key}");
                assert!(!others.contains(&key), "{key} is of {one:?} and {other:?}");
            }
        }
        // What is removed with a run is its own alone.
        assert!(!all("x-1").iter().any(|key| key.starts_with(&prefix("x"))));
    }
}
