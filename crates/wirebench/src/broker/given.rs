//! A Redis that runs already, which a run uses instead of one of its own.

mod about;

use std::{
    fs,
    hash::{BuildHasher, RandomState},
    net::{SocketAddr, TcpListener, TcpStream, ToSocketAddrs},
    time::Duration,
};

use anyhow::{Context, anyhow, bail, ensure};
use redis::{Client, ConnectionAddr, ErrorKind, RedisError, RedisResult, ServerErrorKind};
use scenario::{Appendfsync, StoreKind};
use server::RedisSettings;

use self::about::{About, Told};
use super::asking::Asking;
use crate::{
    progress,
    redis_url::{PASSWORD, Password, RedisUrl},
};

/// The time that a connection may take to be made, and an answer after it.
const PATIENCE: Duration = Duration::from_secs(5);
/// The number of keys that are looked at at once when those of a run are removed.
const AT_ONCE: usize = 1_000;

/// A Redis that runs already.
#[derive(Debug, Clone)]
pub(crate) struct GivenRedis {
    client: Client,
    shown: String,
    about: About,
    /// The way to ask for its figures, if it runs on this machine.
    asking: Option<Asking>,
}

/// The part of a run in a Redis that others use as well: keys that begin as no other's do. They are
/// removed with this value.
#[derive(Debug)]
pub(super) struct RunKeys {
    redis: GivenRedis,
    pub(super) namespace: String,
}

impl GivenRedis {
    /// Finds the Redis at `url`, and makes sure that servers can keep their logs in it.
    ///
    /// # Errors
    /// Fails if nothing answers there, if it refuses the password, if it is too old, and if it is a
    /// replica or one of a cluster; each time with what to do.
    pub(crate) fn find(url: &RedisUrl) -> anyhow::Result<Self> {
        let shown = url.shown();
        let client = Client::open(url.whole())
            .with_context(|| format!("--redis {shown} is not redis://HOST:PORT[/DB]"))?;
        let mut connection = connect(&client).map_err(|error| refusal(shown, &error))?;
        let info: RedisResult<String> = redis::cmd("INFO").query(&mut connection);
        let told = Told::read(&info.map_err(|error| refusal(shown, &error))?);
        usable(shown, &told)?;
        let mut setting = |name: &str| -> String {
            let pair = redis::cmd("CONFIG")
                .arg("GET")
                .arg(name)
                .query(&mut connection);
            // Some hosted servers refuse this command.
            let pair: Vec<String> = pair.unwrap_or_default();
            pair.into_iter()
                .nth(1)
                .unwrap_or_else(|| "unknown".to_owned())
        };
        let (appendonly, appendfsync) = (setting("appendonly"), setting("appendfsync"));
        let asking = told.process.and_then(|process| here(&client, process));
        let about = About {
            is_own: false,
            version: told.version,
            appendonly,
            appendfsync,
            is_on_this_machine: asking.is_some(),
        };
        Ok(Self {
            client,
            shown: shown.to_owned(),
            about,
            asking,
        })
    }

    /// Returns what the manifest says of it.
    pub(crate) fn about(&self) -> &About {
        &self.about
    }

    /// Makes sure that it does what the `[server]` of a scenario asks for. Its settings are not
    /// changed.
    ///
    /// # Errors
    /// Fails if the scenario asks for another `appendfsync` than the default, and it has another.
    pub(crate) fn suits(&self, server: &scenario::Server) -> anyhow::Result<()> {
        let asked = server.appendfsync;
        if server.store != StoreKind::Redis || asked == Appendfsync::default() {
            return Ok(());
        }
        let About {
            appendonly,
            appendfsync,
            ..
        } = &self.about;
        ensure!(
            appendonly == "yes" && appendfsync == asked.word(),
            "server.appendfsync = {:?}, and the Redis at {} has appendonly {appendonly} and \
             appendfsync {appendfsync}, which a run does not change; set it there, or leave out \
             server.appendfsync",
            asked.word(),
            self.shown
        );
        Ok(())
    }

    /// Makes a part for one run.
    pub(super) fn part(&self) -> RunKeys {
        RunKeys {
            redis: self.clone(),
            namespace: format!("{:016x}", RandomState::new().hash_one(0)),
        }
    }

    /// Returns its setting, for the row of a run.
    fn words(&self) -> String {
        let About {
            appendonly,
            appendfsync,
            ..
        } = &self.about;
        let setting = match appendonly.as_str() {
            "yes" => appendfsync.as_str(),
            "no" => "no-file",
            other => other,
        };
        format!("redis {setting} given")
    }
}

impl RunKeys {
    /// Returns the setting of the Redis, for the row of the run.
    pub(super) fn words(&self) -> String {
        self.redis.words()
    }

    /// Returns the way to ask for its figures, if there is one.
    pub(super) fn asking(&self) -> Option<&Asking> {
        self.redis.asking.as_ref()
    }

    /// Returns the URL by which servers reach it, without the password.
    pub(super) fn url(&self) -> &str {
        &self.redis.shown
    }

    /// Returns the password that servers have to be given.
    pub(super) fn password(&self) -> Option<Password> {
        let settings = self.redis.client.get_connection_info().redis_settings();
        settings.password().map(Password::new)
    }

    fn prefix(&self) -> String {
        let settings = RedisSettings {
            namespace: self.namespace.clone(),
            ..RedisSettings::default()
        };
        settings.prefix()
    }

    fn remove(&self) -> RedisResult<()> {
        let mut connection = connect(&self.redis.client)?;
        let pattern = format!("{}*", self.prefix());
        let mut cursor = 0_u64;
        loop {
            let mut scan = redis::cmd("SCAN");
            scan.arg(cursor).arg("MATCH").arg(&pattern);
            scan.arg("COUNT").arg(AT_ONCE);
            let (next, keys): (u64, Vec<String>) = scan.query(&mut connection)?;
            if !keys.is_empty() {
                redis::cmd("UNLINK").arg(&keys).exec(&mut connection)?;
            }
            if next == 0 {
                return Ok(());
            }
            cursor = next;
        }
    }
}

impl Drop for RunKeys {
    fn drop(&mut self) {
        if let Err(error) = self.remove() {
            progress::say(&format!(
                "the keys of this run could not be removed from the Redis at {}: {error}; they begin \
                 with {}",
                self.redis.shown,
                self.prefix()
            ));
        }
    }
}

fn connect(client: &Client) -> RedisResult<redis::Connection> {
    let connection = client.get_connection_with_timeout(PATIENCE)?;
    connection.set_read_timeout(Some(PATIENCE))?;
    connection.set_write_timeout(Some(PATIENCE))?;
    Ok(connection)
}

/// Returns what is said of an error that a Redis, or whatever is there, answered at first.
fn refusal(shown: &str, error: &RedisError) -> anyhow::Error {
    let code = error.code().unwrap_or_default();
    let is_password =
        error.kind() == ErrorKind::AuthenticationFailed || ["NOAUTH", "WRONGPASS"].contains(&code);
    if is_password {
        return anyhow!(
            "the Redis at {shown} wants another password ({error}); write \
             redis://USER:PASSWORD@HOST:PORT, or put the password into {PASSWORD}"
        );
    }
    if error.kind() == ErrorKind::Server(ServerErrorKind::NoPerm) {
        return anyhow!(
            "the Redis at {shown} does not let this user do what servers need ({error}); name a \
             user who may use all commands on keys that begin with wirebench:"
        );
    }
    if error.is_io_error() || error.is_timeout() || error.is_connection_dropped() {
        return anyhow!(
            "no Redis answers at {shown} ({error}); start it, or leave out --redis: one is then \
             started"
        );
    }
    anyhow!("what answers at {shown} cannot be used as a Redis: {error}")
}

/// Refuses a Redis that servers cannot keep their logs in, by what it says of itself.
fn usable(shown: &str, told: &Told) -> anyhow::Result<()> {
    let needed = RedisSettings::MAJOR;
    match told.major() {
        Some(major) if major >= needed => {}
        Some(_) => bail!(
            "the Redis at {shown} is version {}, and {needed} or later is needed; name another, or \
             leave out --redis: one is then started",
            told.version
        ),
        None => bail!("what answers at {shown} does not say that it is a Redis"),
    }
    if let Some(master) = &told.follows {
        bail!(
            "the Redis at {shown} is a replica and takes nothing; name the one that it follows, \
             {master}"
        );
    }
    ensure!(
        !told.is_cluster,
        "the Redis at {shown} is one of a cluster, which spreads keys that belong together; name \
         one that is not"
    );
    Ok(())
}

/// Returns the way to ask a Redis for its figures if it is the process of this number on this
/// machine. What it says of another machine's processor is not set beside this one's.
fn here(client: &Client, process: u32) -> Option<Asking> {
    let info = client.get_connection_info();
    let ConnectionAddr::Tcp(host, port) = info.addr() else {
        return None;
    };
    let mut addresses = (host.as_str(), *port).to_socket_addrs().ok()?;
    let answers = |address: &SocketAddr| TcpStream::connect_timeout(address, PATIENCE).is_ok();
    let address = addresses.find(answers)?;
    // Only a machine's own addresses can be listened on.
    TcpListener::bind((address.ip(), 0)).ok()?;
    let name = fs::read_to_string(format!("/proc/{process}/comm")).ok()?;
    if !["redis", "valkey"].iter().any(|word| name.contains(word)) {
        return None;
    }
    let asking = Asking::at(address);
    let settings = info.redis_settings();
    Some(match settings.password() {
        Some(password) => asking.with_password(settings.username(), password),
        None => asking,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(appendonly: &str, appendfsync: &str) -> GivenRedis {
        GivenRedis {
            client: Client::open("redis://ann:se%20cret@127.0.0.1:1").unwrap(),
            shown: "redis://ann@127.0.0.1:1".to_owned(),
            about: About {
                is_own: false,
                version: "7.0.15".to_owned(),
                appendonly: appendonly.to_owned(),
                appendfsync: appendfsync.to_owned(),
                is_on_this_machine: false,
            },
            asking: None,
        }
    }

    #[test]
    fn a_setting_that_is_asked_for_must_be_there() {
        let server = |appendfsync, store| scenario::Server {
            appendfsync,
            store,
            ..scenario::Server::default()
        };
        let always = server(Appendfsync::Always, StoreKind::Redis);
        assert!(given("yes", "always").suits(&always).is_ok());
        for (appendonly, appendfsync) in [
            ("yes", "everysec"),
            ("no", "always"),
            ("unknown", "unknown"),
        ] {
            let refused = given(appendonly, appendfsync).suits(&always);
            let said = refused.unwrap_err().to_string();
            assert!(said.contains("which a run does not change"), "{said}");
            // A scenario that says nothing takes what there is.
            let usual = server(Appendfsync::default(), StoreKind::Redis);
            assert!(given(appendonly, appendfsync).suits(&usual).is_ok());
        }
    }

    #[test]
    fn the_row_says_what_it_is() {
        for (appendonly, appendfsync, words) in [
            ("yes", "everysec", "redis everysec given"),
            ("no", "everysec", "redis no-file given"),
            ("unknown", "unknown", "redis unknown given"),
        ] {
            assert_eq!(given(appendonly, appendfsync).words(), words);
        }
    }

    #[test]
    fn nothing_that_is_shown_has_the_password() {
        let given = given("yes", "everysec");
        assert!(!format!("{given:?}").contains("cret"), "{given:?}");
        let about = serde_json::to_string(&given.about().kept()).unwrap();
        assert!(!about.contains("cret"), "{about}");
    }

    #[test]
    fn what_cannot_be_used_is_refused_with_what_to_do() {
        let said = |info: &str| {
            let refused = usable("redis://h", &Told::read(info));
            refused.map_err(|error| error.to_string())
        };
        assert_eq!(said("redis_version:7.0.15\r\nrole:master\r\n"), Ok(()));
        for (info, words) in [
            (
                "redis_version:4.0.14\r\n",
                "is version 4.0.14, and 7 or later",
            ),
            ("", "does not say that it is a Redis"),
            (
                "redis_version:7.2.0\r\nrole:slave\r\nmaster_host:a\r\nmaster_port:1\r\n",
                "name the one that it follows, a:1",
            ),
            ("redis_version:7.2.0\r\ncluster_enabled:1\r\n", "a cluster"),
        ] {
            let said = said(info).unwrap_err();
            assert!(said.contains(words), "{said}");
        }
    }
}
