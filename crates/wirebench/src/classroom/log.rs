//! The log of a class with several servers, in a Redis.

use std::{io::Write, sync::Arc};

use anyhow::Context;
use classroom::Several;
use scenario::Appendfsync;
use server::{RedisSettings, Store};

use crate::{
    args::ClassStore,
    broker::{Broker, GivenRedis},
    proxy::folder::Folder,
    redis_url::RedisUrl,
};

/// The log of a class. What the class has in the Redis is gone with this value.
pub(super) struct ClassLog {
    /// The servers, and how each of them reaches the log.
    pub(super) several: Several,
    shown: String,
    // In this order: a Redis of its own ends before its folder goes.
    _broker: Broker,
    _folder: Option<Folder>,
}

impl ClassLog {
    /// Starts a Redis, or finds the one that is named; `None` if the class has one server.
    ///
    /// # Errors
    /// Fails if there is no Redis that can be used.
    pub(super) fn open(options: &ClassStore) -> anyhow::Result<Option<Self>> {
        let Some(servers) = options.nodes else {
            return Ok(None);
        };
        let named = options.redis.as_deref().map(RedisUrl::read).transpose()?;
        let (broker, folder) = if let Some(url) = &named {
            (Broker::within(&GivenRedis::find(url)?), None)
        } else {
            let folder = Folder::make().context("cannot make a folder for Redis")?;
            let broker = Broker::start(folder.path(), Appendfsync::default())?;
            (broker, Some(folder))
        };
        let (shown, namespace) = broker.place();
        let url = named.map_or_else(|| shown.clone(), |url| url.whole());
        let settings = RedisSettings {
            namespace: namespace.to_owned(),
            ..RedisSettings::default()
        };
        let several = Several {
            servers: servers.into(),
            store: Arc::new(move || Store::redis(&url, &settings)),
        };
        Ok(Some(Self {
            several,
            shown,
            _broker: broker,
            _folder: folder,
        }))
    }

    /// Prints how many servers there are, and where their log is.
    pub(super) fn say(&self) {
        let mut out = crate::output::stdout();
        let servers = self.several.servers;
        let _ = writeln!(out, "  servers         {servers} over {}", self.shown);
        let _ = out.flush();
    }
}
