//! The server under test, and the link before it: processes of their own,
//! looked at from outside.
//!
//! A separate process keeps the swarm's CPU and memory out of the server's
//! figures, and lets the server be measured without carrying instruments.

mod ending;

use std::{
    collections::BTreeSet,
    ffi::{OsStr, OsString},
    fs,
    io::{BufRead, BufReader, Read},
    net::SocketAddr,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use anyhow::{Context, bail};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde::{Deserialize, Serialize};

use scenario::{Io, WhenFull};
use wire::Compression;

use crate::{
    link,
    redis_url::{self, Password},
    serve,
    switches::Threads,
    system::{self, CpuClock},
};

/// A second process of this program, which serves or runs a link.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    /// The clock of its CPU time; `None` on systems that have no such clocks.
    cpu_clock: Option<CpuClock>,
    /// The last line that it wrote on standard error.
    report: Arc<Mutex<String>>,
    /// The address on which the process listens.
    pub(crate) address: SocketAddr,
    /// The certificate of a server under TLS.
    pub(crate) certificate: Option<tls::Fingerprint>,
}

/// The CPU time and memory of a process at one moment, as reported by the operating system.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct Sample {
    /// The CPU time of all threads since the process began, including those that ended.
    pub(crate) cpu: Duration,
    /// The resident memory, in bytes.
    pub(crate) resident: u64,
}

impl Sample {
    /// Returns the sums of two processes.
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            cpu: self.cpu + other.cpu,
            resident: self.resident + other.resident,
        }
    }

    /// Samples a process now. The values are zero once the process has gone.
    pub(crate) fn of(pid: u32, cpu_clock: CpuClock) -> Self {
        Self {
            cpu: cpu_clock.read().unwrap_or_default(),
            resident: resident_bytes(pid).unwrap_or_default(),
        }
    }
}

/// The options of a run's own server that do not come from the scenario's `[server]`.
#[derive(Debug, Clone, Default)]
pub(crate) struct ServeOptions {
    /// The place of its logs, if they are not in memory: a folder, or the URL of a Redis.
    pub(crate) store: Option<PathBuf>,
    /// The file with the certificate and the key that several servers under TLS show; one makes its
    /// own.
    pub(crate) identity: Option<PathBuf>,
    /// The name of its rooms in a Redis that is not the run's own.
    pub(crate) namespace: Option<String>,
    /// The password of that Redis.
    pub(crate) password: Option<Password>,
    /// The origins of other pages that requests of the run say they come from.
    pub(crate) origins: BTreeSet<String>,
    /// The compression that its readers ask for.
    pub(crate) compression: Compression,
    /// True if it counts the bytes of its sockets, and tells them at `/metrics`.
    pub(crate) metrics: bool,
}

impl Process {
    /// Starts a chat server on a free loopback port and waits until it listens.
    pub(crate) fn serve(
        settings: &scenario::Server,
        options: &ServeOptions,
    ) -> anyhow::Result<Self> {
        Self::serve_at(settings, options, SocketAddr::from(([127, 0, 0, 1], 0)))
    }

    /// Starts a server as [`Process::serve`] does, on this address.
    pub(crate) fn serve_at(
        settings: &scenario::Server,
        options: &ServeOptions,
        address: SocketAddr,
    ) -> anyhow::Result<Self> {
        let arguments = ["serve", "--until-stdin-closes"].map(str::to_owned);
        let sizes = [
            format!("--listen={address}"),
            format!("--threads={}", settings.threads),
            format!("--log={}", settings.log),
            format!("--text-limit={}", settings.text_limit),
        ];
        let connections = settings.connections;
        let connections = connections.map(|most| format!("--connections={most}"));
        let evicts = settings.full == WhenFull::Evict;
        let evicts = evicts.then(|| "--evict".to_owned());
        let one_by_one = (!settings.coalesce).then(|| "--no-coalesce".to_owned());
        let io = (settings.io != Io::Epoll).then(|| format!("--io={}", settings.io.name()));
        let metrics = options.metrics.then(|| "--metrics".to_owned());
        let origins = options.origins.iter();
        let store = options.store.iter();
        let namespace = options.namespace.iter();
        let arguments = arguments
            .into_iter()
            .chain(sizes)
            .chain(compress_option(options.compression).map(str::to_owned))
            .chain(origins.map(|origin| format!("--allow-origin={origin}")))
            .chain(one_by_one)
            .chain(io)
            .chain(connections)
            .chain(evicts)
            .chain(metrics)
            .chain(namespace.map(|name| format!("--store-namespace={name}")))
            .map(OsString::from)
            .chain(store.map(|folder| with_path("--store=", folder)))
            .chain(tls_options(settings, options.identity.as_deref()));
        Self::start("the server", arguments, options.password.as_ref())
    }

    /// Starts a server that also answers `/echo`.
    #[cfg(feature = "claims")]
    pub(crate) fn echo() -> anyhow::Result<Self> {
        let arguments = [
            "serve",
            "--listen=127.0.0.1:0",
            "--until-stdin-closes",
            "--echo",
        ];
        Self::start("the server", arguments.map(str::to_owned), None)
    }

    /// Lets it do nothing at all until it may [go on](Self::go_on).
    pub(crate) fn halt(&self) {
        // Fails only for a process that is gone, which is found out elsewhere.
        let _ = kill(pid_of(&self.child), Signal::SIGSTOP);
    }

    /// Ends a halt; does nothing to a process that runs.
    pub(crate) fn go_on(&self) {
        let _ = kill(pid_of(&self.child), Signal::SIGCONT);
    }

    /// Asks a link to let the connections that it carries go silent.
    pub(crate) fn silence(&self) {
        // Fails only for a process that is gone, which is found out elsewhere.
        let _ = kill(pid_of(&self.child), Signal::SIGUSR1);
    }

    /// Starts a link to `to` on a free loopback port and waits until it listens.
    pub(crate) fn link(settings: &::link::Settings, to: SocketAddr) -> anyhow::Result<Self> {
        Self::start("the link", link::arguments(settings, to), None)
    }

    /// Starts a process; `what` is its name in errors. A password of a Redis is not among its
    /// arguments, which everybody on the machine can see.
    fn start(
        what: &str,
        arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
        password: Option<&Password>,
    ) -> anyhow::Result<Self> {
        let program = std::env::current_exe().context("cannot find this program's own file")?;
        let mut command = Command::new(program);
        // One that the user has set is not for a Redis of the run's own.
        command.env_remove(redis_url::PASSWORD);
        if let Some(password) = password {
            command.env(redis_url::PASSWORD, password.reveal());
        }
        let mut child = command
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // A group of its own: Ctrl-C reaches the swarm, which then ends the
            // server after the last arrivals.
            .process_group(0)
            .spawn()
            .with_context(|| format!("cannot start {what}"))?;
        let mut line = String::new();
        // The pipe is there: it was asked for above.
        let mut lines = BufReader::new(child.stdout.take().expect("a piped stdout"));
        lines.read_line(&mut line)?;
        let url = line.trim().strip_prefix("listening on ");
        let sealed = url.and_then(|url| url.strip_prefix("https://"));
        let plain = url.and_then(|url| url.strip_prefix("http://"));
        let Some(address) = sealed.or(plain) else {
            let mut reason = String::new();
            let _ = child.kill();
            let _ = child
                .stderr
                .take()
                .expect("a piped stderr")
                .read_to_string(&mut reason);
            let _ = child.wait();
            bail!("{what} did not come up: {}", reason.trim());
        };
        let address = address
            .parse()
            .with_context(|| format!("{what} printed no address"))?;
        let certificate = match sealed {
            None => None,
            Some(_) => Some(fingerprint(&mut lines).with_context(|| what.to_owned())?),
        };
        let report = Arc::<Mutex<String>>::default();
        if let Some(reports) = child.stderr.take() {
            let report = Arc::clone(&report);
            thread::spawn(move || keep_last(reports, &report));
        }
        let cpu_clock = system::TELLS_OF_PROCESSES
            .then(|| CpuClock::of(child.id()))
            .transpose()?;
        Ok(Self {
            child,
            cpu_clock,
            report,
            address,
            certificate,
        })
    }

    /// Samples CPU time and memory now; the values are zero once the process has gone. Returns `None`
    /// if the system does not tell of other processes.
    pub(crate) fn sample(&self) -> Option<Sample> {
        Some(Sample::of(self.child.id(), self.cpu_clock?))
    }

    /// Returns the counts of the process's threads so far, or `None` if the system does not report
    /// them.
    pub(crate) fn threads(&self) -> Option<Threads> {
        Threads::of(self.child.id())
    }

    /// Returns the last line in which it reported what it lacks, if there was one.
    pub(crate) fn report(&self) -> Option<String> {
        let report = self.report.lock().expect("no holder panics");
        (!report.is_empty()).then(|| report.clone())
    }

    /// Returns whether the process has an `io_uring` (see proc(5), `/proc/pid/fd`).
    pub(crate) fn has_uring(&self) -> bool {
        let Ok(files) = fs::read_dir(format!("/proc/{}/fd", self.child.id())) else {
            return false;
        };
        let links = files.filter_map(|file| fs::read_link(file.ok()?.path()).ok());
        links
            .into_iter()
            .any(|link| link.as_os_str() == "anon_inode:[io_uring]")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // No-ops on a process that has been waited for.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads all that a process reports, and keeps the last line. Unread, it would fill the pipe in a
/// long run, and a thread of the process would wait for room.
fn keep_last(reports: impl Read, last: &Mutex<String>) {
    for line in BufReader::new(reports).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line).trim().to_owned();
        if !line.is_empty() {
            *last.lock().expect("no holder panics") = line;
        }
    }
}

/// Returns the option of a server that compresses.
const fn compress_option(compression: Compression) -> Option<&'static str> {
    match compression {
        Compression::None => None,
        Compression::DeflateContext => Some("--compress=context"),
        Compression::Gzip | Compression::Br | Compression::Deflate => Some("--compress"),
    }
}

/// Returns the options of a server under TLS, which shows the certificate in this file if there is
/// one; none without TLS.
fn tls_options(
    settings: &scenario::Server,
    identity: Option<&Path>,
) -> impl Iterator<Item = OsString> + use<> {
    let resumption = (!settings.tls_resumption).then(|| OsString::from("--tls-no-resumption"));
    let shown = identity.map_or_else(
        || vec![OsString::from("--tls")],
        |file| {
            ["--tls-cert=", "--tls-key="]
                .map(|option| with_path(option, file))
                .to_vec()
        },
    );
    let options = settings.tls.version().map(|version| {
        let version = OsString::from(format!("--tls-version={version}"));
        shown.into_iter().chain([version]).chain(resumption)
    });
    options.into_iter().flatten()
}

/// Returns an option with a path, whose name may be no text.
fn with_path(option: &str, path: &Path) -> OsString {
    let mut argument = OsString::from(option);
    argument.push(path);
    argument
}

/// Reads the line in which a server under TLS says what its certificate is.
fn fingerprint(lines: &mut impl BufRead) -> anyhow::Result<tls::Fingerprint> {
    let mut line = String::new();
    lines.read_line(&mut line)?;
    let text = line.trim().strip_prefix(serve::CERTIFICATE);
    text.and_then(tls::Fingerprint::read)
        .context("a server under TLS printed no fingerprint")
}

fn pid_of(child: &Child) -> Pid {
    // Process ids are positive and fit i32 on every kernel we run on.
    Pid::from_raw(i32::try_from(child.id()).unwrap_or(i32::MAX))
}

/// Returns the resident memory of a process (`/proc/PID/statm`, second field), in bytes.
fn resident_bytes(pid: u32) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/statm")).ok()?;
    let pages: u64 = text.split_whitespace().nth(1)?.parse().ok()?;
    let page = nix::unistd::sysconf(nix::unistd::SysconfVar::PAGE_SIZE).ok()??;
    Some(pages * u64::try_from(page).ok()?)
}
