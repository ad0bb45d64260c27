//! The command-line options about the store of a server.

use std::{path::PathBuf, time::Duration};

use anyhow::{Context, bail};
use clap::Args as ClapArgs;
use server::{RedisSettings, Store};

use super::value;
use crate::redis_url::RedisUrl;

/// The store of a server.
#[derive(Debug, Clone, ClapArgs)]
#[command(next_help_heading = "Store")]
pub(crate) struct ServeStore {
    /// Keep the logs in this folder, so that they survive the end of the server, or in the Redis at
    /// redis://HOST:PORT[/DB], where several servers share them; a message is answered, and shown to
    /// readers, once it is there. A password may be in `WIREBENCH_REDIS_PASSWORD`
    #[arg(long, value_name = "DIR|URL")]
    pub(crate) store: Option<PathBuf>,
    /// Time for which the first message of a transaction waits for others to share it; 0s commits
    /// at once [default: 2ms on disk, 0s in a Redis]
    #[arg(long, value_parser = value::duration, value_name = "TIME", requires = "store")]
    pub(crate) store_delay: Option<Duration>,
    /// Answer a message only once so many replicas of the Redis have it as well (WAIT), and none
    /// while fewer follow
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=100), value_name = "N", requires = "store")]
    pub(crate) store_replicas: Option<u32>,
    /// Have rooms in common only with servers of the same name, of all that use the Redis
    #[arg(long, value_parser = namespace, value_name = "NAME", requires = "store")]
    pub(crate) store_namespace: Option<String>,
}

/// The servers of a class, and where their log is.
#[cfg(feature = "classroom")]
#[derive(Debug, Clone, ClapArgs)]
#[command(next_help_heading = "Several servers")]
pub(crate) struct ClassStore {
    /// Serve by so many servers over one log in a Redis, which is started for them (redis-server);
    /// connections go to them in turn, and the teacher ends one and starts it again
    #[arg(long, value_parser = clap::value_parser!(u8).range(2..=4), value_name = "N")]
    pub(crate) nodes: Option<u8>,
    /// Keep that log in this Redis, which runs already, under names that are removed at the end; its
    /// password may be in `WIREBENCH_REDIS_PASSWORD`
    #[arg(long, value_name = "URL", requires = "nodes")]
    pub(crate) redis: Option<String>,
}

/// The time for which the first message of a transaction on disk waits.
const ON_DISK: Duration = Duration::from_millis(2);
/// The most characters of a namespace.
const LONGEST: usize = 64;

impl ServeStore {
    /// Opens the store, if there is to be one.
    ///
    /// # Errors
    /// Fails if the folder is in use, damaged or something else, and if the URL is that of no Redis
    /// that can be used.
    pub(crate) fn open(&self) -> anyhow::Result<Option<Store>> {
        let Some(place) = &self.store else {
            return Ok(None);
        };
        let Some(url) = self.url() else {
            for (is_there, option) in [
                (self.store_replicas.is_some(), "--store-replicas"),
                (self.store_namespace.is_some(), "--store-namespace"),
            ] {
                if is_there {
                    bail!("{option} is about a Redis; name one: --store redis://HOST:PORT");
                }
            }
            let store = Store::open(place, self.store_delay.unwrap_or(ON_DISK));
            let shown = place.display();
            let store = store.with_context(|| format!("cannot use {shown} as a store"))?;
            return Ok(Some(store));
        };
        let url = RedisUrl::read(url).context("--store")?;
        let settings = RedisSettings {
            delay: self.store_delay.unwrap_or_default(),
            namespace: self.store_namespace.clone().unwrap_or_default(),
            replicas: self.store_replicas.unwrap_or_default(),
        };
        let store = Store::redis(&url.whole(), &settings)
            .with_context(|| format!("cannot use {} as a store", url.shown()))?;
        Ok(Some(store))
    }

    /// Returns whether the logs are in a Redis, which other servers may share.
    pub(crate) fn is_shared(&self) -> bool {
        self.url().is_some()
    }

    fn url(&self) -> Option<&str> {
        let place = self.store.as_ref()?.to_str()?;
        place.contains("://").then_some(place)
    }
}

/// Reads the name of a namespace, which stands in the names of keys.
fn namespace(text: &str) -> Result<String, String> {
    let is_fine = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    if text.is_empty() || text.len() > LONGEST || !text.bytes().all(is_fine) {
        return Err(format!(
            "a name has 1 to {LONGEST} letters, digits, hyphens and underscores"
        ));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_namespace_has_nothing_that_keys_and_patterns_are_made_of() {
        assert_eq!(namespace("run-1_a"), Ok("run-1_a".to_owned()));
        for wrong in ["", "a:b", "a*", "a b", "ä", &"x".repeat(65)] {
            assert!(namespace(wrong).is_err(), "{wrong}");
        }
    }
}
