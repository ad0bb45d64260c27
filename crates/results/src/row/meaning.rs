//! The meaning of the words in a row of `runs.csv`: the way, the protocol and the compression that
//! a variant names, and what the `path` says of the server.

use wire::{Compression, Protocol, Way};

use super::RunRow;

/// The text in a run's `path` for a server that does not keep the contract of the built-in server,
/// so that the sizes of its messages cannot be predicted.
pub const CONTRACT_OF_ITS_OWN: &str = "a contract of its own";

/// The prefix of the largest deviation from the delay in a run's `path`, as in `jitter 20ms`.
pub const JITTER: &str = "jitter ";

/// The text in a run's `path` for a link that does more than delay (it limits the rate, stalls,
/// holds data back or cuts connections), so that times cannot be predicted.
pub const MORE_THAN_DELAY: &str = "more than a delay";

impl RunRow {
    /// Returns the way in which readers read, or `None` if this version does not know it.
    #[must_use]
    pub fn way(&self) -> Option<Way> {
        Way::from_columns(&self.transport, &self.variant)
    }

    /// Returns the protocol that was spoken, which the variant names as well.
    #[must_use]
    pub fn spoken(&self) -> Protocol {
        Protocol::from_variant(&self.variant)
    }

    /// Returns the compression of what readers were sent, which the variant names as well.
    #[must_use]
    pub fn packed(&self) -> Compression {
        Compression::from_variant(&self.variant)
    }

    /// Returns whether the run shared its server with other runs, as it does with a server given by
    /// `--target`: memory that the first run made it allocate is still allocated in the later ones.
    #[must_use]
    pub fn shares_its_server(&self) -> bool {
        self.path.starts_with("target")
    }

    /// Returns the memory that the clients added to the server, for each client, if the server
    /// served this run alone.
    #[must_use]
    pub fn own_rss_bytes_per_client(&self) -> Option<u64> {
        self.server_rss_bytes_per_client
            .filter(|_| !self.shares_its_server())
    }
}
