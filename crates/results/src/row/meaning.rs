//! The meaning of the words in a row of `runs.csv`: the way, the protocol and the compression that
//! a variant names, and whether the `path` leads to a server that other runs used too.

use wire::{Compression, Protocol, Way};

use super::{Path, RunRow};

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
        Path::read(&self.path).target.is_some()
    }

    /// Returns whether nothing lies between people and a server that the run started.
    #[must_use]
    pub fn is_direct(&self) -> bool {
        self.proxy.is_empty() && Path::read(&self.path).is_loopback()
    }

    /// Returns the memory that the clients added to the server, for each client, if the server
    /// served this run alone.
    #[must_use]
    pub fn own_rss_bytes_per_client(&self) -> Option<u64> {
        self.server_rss_bytes_per_client
            .filter(|_| !self.shares_its_server())
    }
}
