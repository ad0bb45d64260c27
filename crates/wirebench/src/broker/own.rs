//! A Redis that a run starts for itself.

use std::{
    io::{BufRead, BufReader},
    net::{SocketAddr, TcpListener},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use scenario::Appendfsync;

use super::asking::Asking;
use crate::{keep, own_store::OwnStore};

/// The program, and the package of Debian that has it.
const PROGRAM: &str = "redis-server";
/// The time that it may take to answer for the first time.
const PATIENCE: Duration = Duration::from_secs(10);
/// The pause between two looks whether it answers.
const LOOK: Duration = Duration::from_millis(10);

/// A Redis that runs. It ends with this value, and with this process however that ends.
#[derive(Debug)]
pub(super) struct OwnRedis {
    keeper: Child,
    pub(super) address: SocketAddr,
    pub(super) asking: Asking,
    /// The folder of its file; removed with this value, after it has ended.
    store: OwnStore,
}

impl OwnRedis {
    /// Starts a Redis on a free loopback port, with its file inside the folder `results`, and waits
    /// until it answers.
    ///
    /// # Errors
    /// Fails if it is not installed or does not come up.
    pub(super) fn start(results: &Path, appendfsync: Appendfsync) -> anyhow::Result<Self> {
        let program = program()?;
        let store = OwnStore::make(results)?;
        let free = TcpListener::bind("127.0.0.1:0").context("no free port")?;
        let address = free.local_addr()?;
        drop(free);
        let settings = [
            ("--bind", "127.0.0.1"),
            ("--port", &address.port().to_string()),
            ("--save", ""),
            ("--appendonly", "yes"),
            ("--appendfsync", appendfsync.word()),
            ("--dir", &store.folder().to_string_lossy()),
        ];
        let keeper = keeper(&program, store.folder(), &settings)?;
        let mut own = Self {
            keeper,
            address,
            asking: Asking::at(address),
            store,
        };
        own.answers()?;
        Ok(own)
    }

    /// Waits until it answers.
    fn answers(&mut self) -> anyhow::Result<()> {
        let began = Instant::now();
        while self.asking.sample().is_none() {
            if self.keeper.try_wait()?.is_some() || began.elapsed() > PATIENCE {
                let said = std::fs::read_to_string(self.log()).unwrap_or_default();
                let last = said.lines().last().unwrap_or("it said nothing");
                bail!("{PROGRAM} did not come up: {last}");
            }
            sleep(LOOK);
        }
        Ok(())
    }

    fn log(&self) -> PathBuf {
        self.store.folder().join("redis.log")
    }

    /// Returns why the run cannot go on, if it has ended by itself.
    pub(super) fn failed(&mut self) -> Option<String> {
        let status = self.keeper.try_wait().ok().flatten()?;
        Some(format!("{PROGRAM} ended: {status}"))
    }
}

impl Drop for OwnRedis {
    fn drop(&mut self) {
        // The keeper ends it when its standard input closes.
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

/// Starts the process that starts Redis and ends it with this process.
fn keeper(program: &Path, folder: &Path, settings: &[(&str, &str)]) -> anyhow::Result<Child> {
    let own = std::env::current_exe().context("cannot find this program's own file")?;
    let mut command = Command::new(own);
    command
        .arg("keep")
        .arg("--log")
        .arg(folder.join("redis.log"));
    command.arg("--").arg(program);
    for (name, value) in settings {
        command.args([name, value]);
    }
    // A group of its own: Ctrl-C reaches the swarm, which then ends the servers.
    let mut keeper = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .context("cannot start the keeper of Redis")?;
    let mut line = String::new();
    if let Some(stdout) = keeper.stdout.take() {
        BufReader::new(stdout).read_line(&mut line)?;
    }
    if line.starts_with(keep::PROCESS) {
        return Ok(keeper);
    }
    let _ = keeper.wait();
    bail!("{} cannot be started", program.display())
}

/// Returns where the program is.
fn program() -> anyhow::Result<PathBuf> {
    let folders = std::env::var("PATH").unwrap_or_default() + ":/usr/bin:/usr/local/bin";
    let mut files = folders
        .split(':')
        .map(|folder| Path::new(folder).join(PROGRAM));
    files.find(|file| file.is_file()).with_context(|| {
        format!(
            "servers with one log need {PROGRAM}, version 7 or later, and it is not installed; \
             install Debian's package {PROGRAM}, or name a Redis that runs (--redis)"
        )
    })
}
