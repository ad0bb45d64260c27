//! The facts about a Redis that go into the manifest, as the Redis states them.

use results::manifest::{Others, Redis};

/// The facts that a manifest keeps of a Redis which the run did not start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct About {
    /// False: it was there before the run, and others may use it as well.
    pub(super) is_own: bool,
    pub(super) version: String,
    /// The settings of these names, which decide what an acknowledged draft survives.
    pub(super) appendonly: String,
    pub(super) appendfsync: String,
    /// True if its processor time and memory were measured.
    pub(super) is_on_this_machine: bool,
}

impl About {
    /// Returns the form in which the manifest keeps them.
    pub(crate) fn kept(&self) -> Redis {
        Redis {
            appendfsync: self.appendfsync.clone(),
            appendonly: self.appendonly.clone(),
            is_on_this_machine: self.is_on_this_machine,
            is_own: self.is_own,
            version: self.version.clone(),
            others: Others::new(),
        }
    }
}

/// The description that a Redis gives of itself (`INFO`).
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Told {
    /// The version; empty if it says none.
    pub(super) version: String,
    /// The address of the Redis that it follows, if it is a replica.
    pub(super) follows: Option<String>,
    pub(super) is_cluster: bool,
    /// The number of its process, on its own machine.
    pub(super) process: Option<u32>,
}

impl Told {
    pub(super) fn read(info: &str) -> Self {
        let value = |name: &str| {
            let mut lines = info.lines().filter_map(|line| line.split_once(':'));
            let found = lines.find_map(|(key, value)| (key == name).then_some(value.trim()));
            found.unwrap_or_default()
        };
        let master = || format!("{}:{}", value("master_host"), value("master_port"));
        Self {
            version: value("redis_version").to_owned(),
            follows: (value("role") == "slave").then(master),
            is_cluster: value("cluster_enabled") == "1",
            process: value("process_id").parse().ok(),
        }
    }

    /// Returns the first number of the version.
    pub(super) fn major(&self) -> Option<u32> {
        self.version.split('.').next()?.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redis_is_known_by_what_it_says_of_itself() {
        let info = "# Server\r\nredis_version:7.0.15\r\nprocess_id:42\r\n# Replication\r\n\
             role:slave\r\nmaster_host:10.0.0.1\r\nmaster_port:6379\r\n\
             # Cluster\r\ncluster_enabled:0\r\n";
        let told = Told::read(info);
        let expected = Told {
            version: "7.0.15".to_owned(),
            follows: Some("10.0.0.1:6379".to_owned()),
            is_cluster: false,
            process: Some(42),
        };
        assert_eq!((told.major(), told), (Some(7), expected));
        assert_eq!(Told::read("").major(), None);
    }
}
