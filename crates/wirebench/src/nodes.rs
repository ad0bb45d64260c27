//! The servers that a run starts: one, or several that have the same rooms by a Redis.

use std::path::Path;

use anyhow::{Context, bail};
use scenario::{Io, Server, StoreKind, Tls};

use crate::{
    broker::{Broker, GivenRedis},
    child::{Process, ServeOptions},
    own_store::OwnStore,
    proxy::folder::{Folder, IDENTITY},
};

/// The servers of a run, and what they keep their logs in. They end in this order.
#[derive(Debug, Default)]
pub(crate) struct Nodes {
    /// The server to which everything is done that is done to one; absent if a server was running
    /// already, and while it is gone.
    pub(crate) first: Option<Process>,
    /// The servers beside it.
    pub(crate) others: Vec<Process>,
    /// The Redis that has the logs.
    pub(crate) broker: Option<Broker>,
    /// The folder that has the logs.
    store: Option<OwnStore>,
    /// The folder with the certificate that several servers show.
    identity: Option<Folder>,
}

impl Nodes {
    /// Starts what the logs are in, inside the folder `results`, and names it in `options`. A Redis
    /// that is `given` is used instead of one of the run's own. No server is there yet.
    ///
    /// # Errors
    /// Fails if the folder cannot be made, or a Redis does not come up.
    pub(crate) fn store(
        settings: &Server,
        options: &mut ServeOptions,
        results: &Path,
        given: Option<&GivenRedis>,
    ) -> anyhow::Result<Self> {
        let mut nodes = Self::default();
        match settings.store {
            StoreKind::Memory => {}
            StoreKind::Disk => {
                let store = OwnStore::make(results)?;
                options.store = Some(store.folder().to_owned());
                nodes.store = Some(store);
            }
            StoreKind::Redis => {
                let broker = match given {
                    Some(given) => Broker::within(given),
                    None => Broker::start(results, settings.appendfsync)?,
                };
                broker.name_in(options);
                nodes.broker = Some(broker);
            }
        }
        Ok(nodes)
    }

    /// Starts the servers. Several under TLS show one certificate, which is named in `options`.
    ///
    /// # Errors
    /// Fails if one of them does not come up.
    pub(crate) fn serve(
        &mut self,
        settings: &Server,
        options: &mut ServeOptions,
    ) -> anyhow::Result<()> {
        if settings.nodes > 1 && settings.tls != Tls::Off {
            let folder = Folder::make().context("cannot make a folder for a certificate")?;
            folder.identity()?;
            options.identity = Some(folder.path().join(IDENTITY));
            self.identity = Some(folder);
        }
        self.first = Some(Process::serve(settings, options)?);
        for _ in 1..settings.nodes {
            self.others.push(Process::serve(settings, options)?);
        }
        Ok(())
    }

    /// Returns the number of servers, if the run started them.
    pub(crate) fn count(&self) -> Option<u64> {
        let first = self.first.as_ref()?;
        Some([first].into_iter().chain(&self.others).count() as u64)
    }

    /// Returns why the run cannot go on, if one of them has ended by itself.
    pub(crate) fn failed(&mut self) -> Option<String> {
        let mut all = self.first.iter_mut().chain(&mut self.others);
        let ended = all.find_map(Process::has_died);
        ended
            .map(|status| format!("the server ended: {status}"))
            .or_else(|| self.broker.as_mut()?.failed())
    }

    /// Asks the servers to end, and waits until they have.
    pub(crate) fn stop(self) {
        for server in self.first.into_iter().chain(self.others) {
            server.stop();
        }
    }
}

/// Refuses what needs a server of the run's own.
///
/// # Errors
/// Fails if the scenario asks for any of it.
pub(crate) fn check_given(settings: &Server) -> anyhow::Result<()> {
    let is_stored = settings.store != StoreKind::Memory;
    let is_own = settings.stall.is_some() || !settings.coalesce || is_stored;
    if is_own || settings.io != Io::Epoll || settings.connections.is_some() {
        bail!(
            "server.stall, server.coalesce, server.io, server.store, server.nodes and \
             server.connections need a server of this run's own; leave out --target"
        );
    }
    Ok(())
}
