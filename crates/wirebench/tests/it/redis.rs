//! A Redis of a test's own.

use std::{
    net::{SocketAddr, TcpListener},
    path::Path,
    process::{Child, Command, Stdio},
};

use ::redis::FromRedisValue;

use crate::{
    fixture::{Serving, until},
    proxies::is_there,
};

/// A Redis in a folder of its own, ended with this value.
pub(crate) struct Redis {
    child: Child,
    pub(crate) address: SocketAddr,
    /// The password, as it stands in a URL.
    password: Option<String>,
    folder: tempfile::TempDir,
}

impl Redis {
    /// Starts one; `None`, and loudly so, where it is not installed.
    pub(crate) fn start() -> Option<Self> {
        Self::with(&[])
    }

    /// Starts one with these settings; `None`, and loudly so, where it is not installed.
    pub(crate) fn with(settings: &[&str]) -> Option<Self> {
        is_there("redis-server", "redis-server").then(|| Self::spawn(settings))
    }

    fn spawn(settings: &[&str]) -> Self {
        loop {
            let mut redis = Self::at_a_free_port(settings);
            if redis.comes_up() {
                return redis;
            }
            // Somebody else took the port meanwhile.
        }
    }

    fn at_a_free_port(settings: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let child = run(address, folder.path(), settings);
        let password = settings.iter().position(|word| *word == "--requirepass");
        let password = password.map(|at| settings[at + 1].replace('@', "%40").replace('/', "%2F"));
        Self {
            child,
            address,
            password,
            folder,
        }
    }

    /// Starts it again at its address with these settings, and with what it had on disk.
    pub(crate) fn again(&mut self, settings: &[&str]) {
        until("it is back", || {
            self.child = run(self.address, self.folder.path(), settings);
            // Where it is not, somebody else has its port for a moment.
            self.comes_up().then_some(())
        });
    }

    /// Waits until it answers, and not another one at the same port; false if it has ended.
    fn comes_up(&mut self) -> bool {
        let id = format!("process_id:{}\r", self.child.id());
        until("Redis answers", || {
            if self.child.try_wait().expect("a child").is_some() {
                return Some(false);
            }
            let _: String = self.try_ask(&["PING"])?;
            let about: String = self.try_ask(&["INFO", "server"])?;
            about.contains(&id).then_some(true)
        })
    }

    /// Starts one that follows whoever is reached at `master`, and waits until it has all of it.
    pub(crate) fn replica_of(master: SocketAddr) -> Self {
        let replica = Self::spawn(&["--replicaof", "127.0.0.1", &master.port().to_string()]);
        until("the replica follows", || {
            let says: String = replica.ask(&["INFO", "replication"]);
            says.contains("master_link_status:up").then_some(())
        });
        replica
    }

    pub(crate) fn url(&self) -> String {
        match &self.password {
            Some(password) => format!("redis://:{password}@{}", self.address),
            None => format!("redis://{}", self.address),
        }
    }

    /// Asks it something.
    pub(crate) fn ask<T: FromRedisValue>(&self, words: &[&str]) -> T {
        self.try_ask(words).expect("an answer")
    }

    fn try_ask<T: FromRedisValue>(&self, words: &[&str]) -> Option<T> {
        let client = ::redis::Client::open(self.url()).unwrap();
        let mut connection = client.get_connection().ok()?;
        let mut command = ::redis::cmd(words[0]);
        command.arg(&words[1..]);
        command.query(&mut connection).ok()
    }

    /// Starts a server that keeps its logs here.
    pub(crate) fn node(&self) -> Serving {
        node_at(&self.url(), &[])
    }

    /// Ends it without a word, as a crash does.
    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Starts a Redis with its file in this folder.
fn run(address: SocketAddr, folder: &Path, settings: &[&str]) -> Child {
    Command::new("redis-server")
        .args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "yes"])
        .args(["--repl-diskless-sync-delay", "0"])
        .args(["--port", &address.port().to_string()])
        .args(settings)
        .arg("--dir")
        .arg(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

/// Starts a server with long logs in the Redis at `url`.
pub(crate) fn node_at(url: &str, options: &[&str]) -> Serving {
    let long = ["--log=1000000", "--log-bytes=1000000000", "--store", url];
    Serving::start(&[&long[..], options].concat())
}
