//! A Redis of a test's own, and a way to it that can be cut.

use std::{
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use server::{RedisSettings, Settings, Store};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::fixture::Server;

/// The longest time that a Redis needs to start or to follow another, even on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// A Redis in a folder of its own, ended with this value.
pub(crate) struct Redis {
    child: Child,
    folder: tempfile::TempDir,
    pub(crate) address: SocketAddr,
}

impl Redis {
    /// Starts one; `None`, and loudly so, where it is not installed.
    pub(crate) fn start() -> Option<Self> {
        Self::with(&[])
    }

    /// Starts one that follows this one, and waits until it has all that this one has.
    pub(crate) fn replica(&self) -> Self {
        let port = self.address.port().to_string();
        let replica = Self::with(&["--replicaof", "127.0.0.1", &port]).expect("it is installed");
        let mut info = redis::cmd("INFO");
        info.arg("replication");
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            let says = |redis: &Self, words: &str| {
                let told: Option<String> = redis.ask(&info);
                told.is_some_and(|told| told.contains(words))
            };
            // The master waits for a replica's word only once it has taken note of it.
            if says(&replica, "master_link_status:up") && says(self, "state=online") {
                return replica;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("a replica that does not follow");
    }

    #[expect(clippy::print_stderr, reason = "a check that is left out says so")]
    fn with(more: &[&str]) -> Option<Self> {
        loop {
            let folder = tempfile::tempdir().unwrap();
            let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            let address = port.local_addr().unwrap();
            drop(port);
            let Ok(child) = run(folder.path(), address, more) else {
                let why = "redis-server is missing; install redis-server";
                assert!(std::env::var_os("WIREBENCH_REQUIRE").is_none(), "{why}");
                eprintln!("SKIPPED: {why}");
                return None;
            };
            let mut redis = Self {
                child,
                folder,
                address,
            };
            // If it does not, somebody else took the port meanwhile.
            if redis.answers() {
                return Some(redis);
            }
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://{}", self.address)
    }

    /// Ends it without a word, as a crash does.
    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Stops it from doing anything, or lets it go on.
    pub(crate) fn freeze(&self, freezes: bool) {
        let signal = if freezes { "-STOP" } else { "-CONT" };
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args([signal, &pid]).status().unwrap();
        assert!(sent.success());
    }

    /// Starts it again on its port, with what it had on disk.
    pub(crate) fn again(&mut self) {
        let began = Instant::now();
        loop {
            self.child = run(self.folder.path(), self.address, &[]).unwrap();
            if self.answers() {
                return;
            }
            // Somebody else has its port for a moment.
            assert!(began.elapsed() < PATIENCE, "it does not come back");
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Waits until it answers, and not another one at the same port; false if it has ended.
    fn answers(&mut self) -> bool {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            if self.child.try_wait().unwrap().is_some() {
                return false;
            }
            if self.ask::<String>(&redis::cmd("PING")).is_some() && self.is_itself() {
                return true;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("a Redis that says nothing");
    }

    /// Returns whether the process that answers is the one that was started here.
    fn is_itself(&self) -> bool {
        let mut info = redis::cmd("INFO");
        let told: Option<String> = self.ask(info.arg("server"));
        let id = format!("process_id:{}\r", self.child.id());
        told.is_some_and(|told| told.contains(&id))
    }

    /// Asks it something; `None` if it does not answer.
    pub(crate) fn ask<T: redis::FromRedisValue>(&self, command: &redis::Cmd) -> Option<T> {
        let client = redis::Client::open(self.url()).unwrap();
        let mut connection = client.get_connection().ok()?;
        command.query(&mut connection).ok()
    }

    /// Returns the number of events in the log of room `a`.
    pub(crate) fn length(&self) -> usize {
        let mut command = redis::cmd("XLEN");
        self.ask(command.arg("wirebench:room:a:log")).unwrap()
    }

    /// Starts a server that keeps its logs here.
    pub(crate) fn node(&self) -> Server {
        node(&self.url(), Settings::default())
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Starts a Redis that hands each change over to the system before it answers, and never waits for the
/// disk: with `everysec` it holds changes back while the disk is slow, and a kill would lose them.
fn run(folder: &Path, address: SocketAddr, more: &[&str]) -> std::io::Result<Child> {
    Command::new("redis-server")
        .args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "yes"])
        .args(["--appendfsync", "no", "--repl-diskless-sync-delay", "0"])
        .args(more)
        .arg("--port")
        .arg(address.port().to_string())
        .arg("--dir")
        .arg(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
}

/// Starts a server that keeps its logs in the Redis at `url`.
pub(crate) fn node(url: &str, settings: Settings) -> Server {
    node_of(url, settings, &RedisSettings::default())
}

/// Starts a server that keeps its logs in the Redis at `url` in this way.
pub(crate) fn node_of(url: &str, settings: Settings, redis: &RedisSettings) -> Server {
    Server::with(Settings {
        store: Some(store(url, redis)),
        lease_grace: Duration::from_millis(300),
        ..settings
    })
}

/// Opens a store. A Redis on a busy machine may take longer to answer than a server waits at its start.
pub(crate) fn store(url: &str, redis: &RedisSettings) -> Store {
    let began = Instant::now();
    loop {
        match Store::redis(url, redis) {
            Ok(store) => return store,
            Err(error) => assert!(began.elapsed() < PATIENCE, "{error}"),
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// A way to a Redis that can lose its answers and be cut.
#[derive(Clone)]
pub(crate) struct Way {
    pub(crate) url: String,
    /// The number of answers to drafts that are still to be lost.
    pub(crate) loses: Arc<AtomicUsize>,
    /// The number of drafts that are still to be held back, with their connections.
    pub(crate) holds: Arc<AtomicUsize>,
    held: Held,
    /// True while nothing passes.
    pub(crate) is_cut: Arc<AtomicBool>,
    /// True while no answer passes to whoever follows the streams; all others are answered.
    pub(crate) keeps_news: Arc<AtomicBool>,
}

/// The drafts that were held back, and the connections on which they are to go on.
type Held = Arc<Mutex<Vec<(TcpStream, Vec<u8>)>>>;

impl Way {
    pub(crate) fn to(redis: SocketAddr) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let way = Self {
            url: format!("redis://{}", listener.local_addr().unwrap()),
            loses: Arc::default(),
            holds: Arc::default(),
            held: Arc::default(),
            is_cut: Arc::default(),
            keeps_news: Arc::default(),
        };
        let goes = way.clone();
        // A thread of its own: a server that waits for its Redis holds up the threads of the test.
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async move {
                let listener = TcpListener::from_std(listener).unwrap();
                while let Ok((near, _)) = listener.accept().await {
                    tokio::spawn(goes.clone().carry(near, redis));
                }
            });
        });
        way
    }

    /// Carries bytes both ways until one side ends, the way is cut, or something is lost.
    async fn carry(self, mut near: TcpStream, redis: SocketAddr) {
        let Ok(mut far) = TcpStream::connect(redis).await else {
            return;
        };
        let (mut up, mut down) = (vec![0; 1 << 16], vec![0; 1 << 16]);
        let mut loses_next = false;
        let mut follows = false;
        let is_one = |left: &AtomicUsize| {
            let take = |left: usize| left.checked_sub(1);
            left.fetch_update(SeqCst, SeqCst, take).is_ok()
        };
        while !self.is_cut.load(SeqCst) {
            tokio::select! {
                read = near.read(&mut up) => {
                    let Ok(count) = read else { return };
                    if self.is_cut.load(SeqCst) {
                        return;
                    }
                    let says = up[..count].windows(5).any(|bytes| bytes == b"say\r\n");
                    if says && is_one(&self.holds) {
                        let mut held = self.held.lock().unwrap();
                        held.push((far, up[..count].to_vec()));
                        return;
                    }
                    follows |= up[..count].windows(5).any(|bytes| bytes == b"XREAD");
                    loses_next |= says && is_one(&self.loses);
                    if count == 0 || far.write_all(&up[..count]).await.is_err() {
                        return;
                    }
                }
                read = far.read(&mut down), if !(follows && self.keeps_news.load(SeqCst)) => {
                    let Ok(count) = read else { return };
                    if self.is_cut.load(SeqCst) {
                        return;
                    }
                    // Redis has done what it was asked, and nobody hears of it.
                    if count == 0 || loses_next || near.write_all(&down[..count]).await.is_err() {
                        return;
                    }
                }
                () = tokio::time::sleep(Duration::from_millis(20)) => {}
            }
        }
    }

    /// Lets go on what was held back, and returns what Redis answers.
    pub(crate) async fn release(&self) -> Vec<String> {
        let held = std::mem::take(&mut *self.held.lock().unwrap());
        let mut answers = Vec::new();
        for (mut far, bytes) in held {
            far.write_all(&bytes).await.unwrap();
            let mut answer = vec![0; 1024];
            let count = far.read(&mut answer).await.unwrap();
            answers.push(String::from_utf8_lossy(&answer[..count]).into_owned());
        }
        answers
    }
}
