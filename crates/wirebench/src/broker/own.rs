//! A Redis that a run starts for itself.

use std::{
    ffi::OsStr,
    io::{BufRead, BufReader},
    net::SocketAddr,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use scenario::Appendfsync;

use super::asking::Asking;
use crate::{keep, own_store::OwnStore, port, system};

/// The program, and the package of Debian that has it.
const PROGRAM: &str = "redis-server";
/// The time that it may take to answer for the first time.
const PATIENCE: Duration = Duration::from_secs(10);
/// The time between two looks at whether it answers.
const LOOK: Duration = Duration::from_millis(10);
/// The number of ports that are tried: another program may take one before Redis does.
const PORTS: usize = 5;
/// The words with which Redis says that one did.
const TAKEN: &str = "Address already in use";

/// A Redis that runs. It ends with this value, and with this process however that ends.
#[derive(Debug)]
pub(super) struct OwnRedis {
    keeper: Child,
    /// The process of Redis.
    pid: u32,
    pub(super) address: SocketAddr,
    pub(super) asking: Asking,
    /// The folder of its file; removed with this value, after it has ended.
    store: OwnStore,
}

impl OwnRedis {
    /// Starts a Redis on a free loopback port, with its file inside the folder `results`, and waits
    /// until it answers, and no other program at that port.
    ///
    /// # Errors
    /// Fails if it is not installed or does not come up, and on any system but Linux, where nobody
    /// tells whether it is this one that listens on its port.
    pub(super) fn start(results: &Path, appendfsync: Appendfsync) -> anyhow::Result<Self> {
        system::tells_of_processes(
            "a Redis of the run's own",
            "start one, and name it by --redis redis://HOST:PORT",
        )?;
        let program = program()?;
        for _ in 0..PORTS {
            let mut own = Self::spawn(&program, results, appendfsync)?;
            if own.comes_up()? {
                return Ok(own);
            }
        }
        bail!("{PROGRAM} did not come up: other programs took each of {PORTS} free ports before it")
    }

    fn spawn(program: &Path, results: &Path, appendfsync: Appendfsync) -> anyhow::Result<Self> {
        let store = OwnStore::make(results)?;
        let port = port::free().context("no free port")?;
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let number = port.to_string();
        let settings = [
            ("--bind", OsStr::new("127.0.0.1")),
            ("--port", OsStr::new(&number)),
            ("--save", OsStr::new("")),
            ("--appendonly", OsStr::new("yes")),
            ("--appendfsync", OsStr::new(appendfsync.word())),
            ("--dir", store.folder().as_os_str()),
        ];
        let (keeper, pid) = keeper(program, store.folder(), &settings)?;
        Ok(Self {
            keeper,
            pid,
            address,
            asking: Asking::at(address),
            store,
        })
    }

    /// Waits until it answers; false if another program took its port before.
    fn comes_up(&mut self) -> anyhow::Result<bool> {
        let began = Instant::now();
        while !answers(self.pid, self.address.port(), &self.asking) {
            let has_ended = self.keeper.try_wait()?.is_some();
            if has_ended || began.elapsed() > PATIENCE {
                let said = std::fs::read_to_string(self.log()).unwrap_or_default();
                if has_ended && said.contains(TAKEN) {
                    return Ok(false);
                }
                let last = said.lines().last().unwrap_or("it said nothing");
                bail!("{PROGRAM} did not come up: {last}");
            }
            sleep(LOOK);
        }
        Ok(true)
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

/// Returns whether the Redis that the process `pid` is, or has started, answers at a port. An
/// answer of another program proves nothing: it may be a Redis with data of its own.
fn answers(pid: u32, port: u16, asking: &Asking) -> bool {
    port::is_of(pid, port) && asking.sample().is_some()
}

/// Starts the process that starts Redis and ends it with this process. Returns it, and the id of
/// the process of Redis.
fn keeper(
    program: &Path,
    folder: &Path,
    settings: &[(&str, &OsStr)],
) -> anyhow::Result<(Child, u32)> {
    let own = std::env::current_exe().context("cannot find this program's own file")?;
    let mut command = Command::new(own);
    command
        .arg("keep")
        .arg("--log")
        .arg(folder.join("redis.log"));
    command.arg("--").arg(program);
    for (name, value) in settings {
        command.arg(name).arg(value);
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
    let pid = line.trim().strip_prefix(keep::PROCESS);
    if let Some(pid) = pid.and_then(|pid| pid.parse().ok()) {
        return Ok((keeper, pid));
    }
    let _ = keeper.wait();
    bail!("{} cannot be started", program.display())
}

/// Returns where the program is.
fn program() -> anyhow::Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    program_within(&path).with_context(|| {
        format!(
            "servers with one log need {PROGRAM}, version 7 or later, and it is not installed; \
             install Debian's package {PROGRAM}, or name a Redis that runs (--redis)"
        )
    })
}

/// Looks for the program in the folders of `path`, and then in the usual ones.
fn program_within(path: &OsStr) -> Option<PathBuf> {
    let usual = ["/usr/bin", "/usr/local/bin"].map(PathBuf::from);
    let folders = std::env::split_paths(path).chain(usual);
    let mut files = folders.map(|folder| folder.join(PROGRAM));
    files.find(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use std::{io::Write, net::TcpListener, os::unix::ffi::OsStrExt, process, thread};

    use super::*;

    const ABOUT: &str = "used_cpu_sys:0.25\r\nused_cpu_user:0.5\r\nused_memory_rss:4000\r\n\
        total_net_input_bytes:100\r\ntotal_net_output_bytes:200\r\n";

    /// Answers every question on a port of its own as a Redis does, for as long as the test runs.
    fn other_redis() -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.expect("a connection");
                let asked = BufReader::new(&stream).read_line(&mut String::new());
                asked.expect("a question");
                let _ = write!(stream, "${}\r\n{ABOUT}\r\n", ABOUT.len());
            }
        });
        address
    }

    #[test]
    fn the_program_is_found_in_folders_of_any_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let within = folder.path().join(OsStr::from_bytes(b"caf\xe9"));
        std::fs::create_dir(&within).expect("a folder");
        std::fs::write(within.join(PROGRAM), "").expect("a file");
        let path = std::env::join_paths([folder.path(), &within]).expect("no colon");
        assert_eq!(program_within(&path), Some(within.join(PROGRAM)));
    }

    #[test]
    fn the_answer_of_another_program_at_the_port_is_refused() {
        let address = other_redis();
        let asking = Asking::at(address);
        assert!(answers(process::id(), address.port(), &asking));
        let mut own = Command::new("sleep").arg("60").spawn().expect("a process");
        let is_taken_for_it = answers(own.id(), address.port(), &asking);
        own.kill().expect("it can be ended");
        own.wait().expect("it has ended");
        assert!(!is_taken_for_it);
        assert!(asking.sample().is_some(), "it does answer");
    }
}
