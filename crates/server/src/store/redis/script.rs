//! The scripts, each of which changes what belongs together.

use std::sync::LazyLock;

use redis::Cmd;

/// Returns the text of a script with the functions that all share before it.
macro_rules! text {
    ($file:literal) => {
        concat!(include_str!("common.lua"), include_str!($file))
    };
}

/// A script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Script {
    /// Adds a batch of changes to a room.
    Append,
    /// Opens a room.
    Open,
    /// Gives a log that has lost events another epoch.
    Renew,
    /// Says that a node is alive.
    Beat,
    /// Removes the people of a dead node from a room.
    Reap,
    /// Forgets a dead node.
    Bury,
    /// Makes the people whom a node holds in a room those that it says.
    Sync,
}

static COMPILED: LazyLock<[redis::Script; Script::ALL.len()]> =
    LazyLock::new(|| Script::ALL.map(|script| redis::Script::new(script.text())));

impl Script {
    /// All scripts.
    pub(crate) const ALL: [Self; 7] = [
        Self::Append,
        Self::Open,
        Self::Renew,
        Self::Beat,
        Self::Reap,
        Self::Bury,
        Self::Sync,
    ];

    const fn text(self) -> &'static str {
        match self {
            Self::Append => text!("append.lua"),
            Self::Open => text!("open.lua"),
            Self::Renew => text!("renew.lua"),
            Self::Beat => text!("beat.lua"),
            Self::Reap => text!("reap.lua"),
            Self::Bury => text!("bury.lua"),
            Self::Sync => text!("sync.lua"),
        }
    }

    /// Returns the command that lets Redis know the script.
    pub(crate) fn load(self) -> Cmd {
        let mut command = redis::cmd("SCRIPT");
        command.arg("LOAD").arg(self.text());
        command
    }

    /// Returns the command that calls the script with these keys; its arguments are added to it.
    pub(crate) fn call(self, keys: &[&str]) -> Cmd {
        let mut command = redis::cmd("EVALSHA");
        command.arg(COMPILED[self as usize].get_hash());
        command.arg(keys.len()).arg(keys);
        command
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_called_by_its_own_hash() {
        for (index, script) in Script::ALL.into_iter().enumerate() {
            assert_eq!(script as usize, index);
        }
    }
}
