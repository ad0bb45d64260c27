//! The command-line options about the store of a server.

use std::{path::PathBuf, time::Duration};

use anyhow::Context;
use clap::Args as ClapArgs;
use server::Store;

use super::value;

/// The store of a server.
#[derive(Debug, Clone, ClapArgs)]
#[command(next_help_heading = "Store")]
pub(crate) struct ServeStore {
    /// Keep the logs in this folder, so that they survive the end of the server; a message is
    /// answered, and shown to readers, once it is on disk
    #[arg(long, value_name = "DIR")]
    pub(crate) store: Option<PathBuf>,
    /// Time for which the first message of a transaction waits for others to share it; 0s commits
    /// at once
    #[arg(long, default_value = "2ms", value_parser = value::duration, value_name = "TIME", requires = "store")]
    pub(crate) store_delay: Duration,
}

impl ServeStore {
    /// Opens the store, if there is to be one.
    ///
    /// # Errors
    /// Fails if the folder is in use, damaged or something else.
    pub(crate) fn open(&self) -> anyhow::Result<Option<Store>> {
        let Some(folder) = &self.store else {
            return Ok(None);
        };
        let store = Store::open(folder, self.store_delay);
        let store = store.with_context(|| format!("cannot use {} as a store", folder.display()))?;
        Ok(Some(store))
    }
}
