//! `[proxy]`: a real proxy before the server, started by the run with settings that the run
//! writes, looked at from outside, and ended with the run.

pub(crate) mod config;
mod filling;
pub(crate) mod folder;
pub(crate) mod manifest;
pub(crate) mod program;
pub(crate) mod usage;

use std::{
    fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    os::unix::process::CommandExt,
    process::{Child, Command, ExitStatus, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use scenario::{Preset, ProxyKind, ProxySettings};

use self::{config::ProxyParameters, filling::Filling, folder::Folder, program::Program};
use crate::{keep, port};

/// The longest time that a proxy may take until it listens.
const PATIENCE: Duration = Duration::from_secs(20);
/// The time between two looks at whether it listens.
const LOOK: Duration = Duration::from_millis(20);
/// The most of what a proxy said that is told when it ends, in bytes.
const TOLD: usize = 2_000;

/// A proxy that is to be started.
#[derive(Debug, Clone)]
pub(crate) struct Recipe {
    /// The words for it, such as `nginx right`.
    pub(crate) words: String,
    pub(crate) kind: ProxyKind,
    pub(crate) program: Program,
    /// The arguments, with holes.
    arguments: Vec<String>,
    /// The text of the settings, with holes; empty if there are none.
    pub(crate) text: String,
}

impl Recipe {
    /// Returns what `[proxy]` asks for before so many servers; `template` is the text of settings of
    /// the user's own.
    ///
    /// # Errors
    /// Fails if the program is not installed.
    pub(crate) fn of(
        settings: &ProxySettings,
        template: Option<&str>,
        nodes: usize,
    ) -> anyhow::Result<Self> {
        let program = program::find(settings)?;
        let parameters = ProxyParameters {
            kind: settings.kind,
            preset: settings.preset().unwrap_or(Preset::Default),
            silence: None,
            balance: (nodes > 1).then_some(settings.balance),
        };
        let line = settings.command.as_deref().unwrap_or_default();
        let arguments = if settings.kind == ProxyKind::Command {
            line.split_whitespace().skip(1).map(str::to_owned).collect()
        } else {
            parameters.arguments()
        };
        Ok(Self {
            words: settings.words(),
            kind: settings.kind,
            program,
            arguments,
            text: template.map_or_else(|| parameters.text(), str::to_owned),
        })
    }

    /// Returns a program that is known by name with these settings.
    pub(crate) fn known(parameters: ProxyParameters, program: Program) -> Self {
        Self {
            words: format!("{} {}", parameters.kind.name(), parameters.preset.word()),
            kind: parameters.kind,
            program,
            arguments: parameters.arguments(),
            text: parameters.text(),
        }
    }
}

/// A proxy that runs. It ends with this value, and with this process however that ends.
#[derive(Debug)]
pub(crate) struct Proxy {
    words: String,
    keeper: Child,
    /// The first process of the proxy.
    pub(crate) pid: u32,
    /// The address on which it listens.
    pub(crate) address: SocketAddr,
    /// The certificate of a proxy that people reach by TLS.
    pub(crate) certificate: Option<tls::Fingerprint>,
    folder: Folder,
}

impl Proxy {
    /// Starts a proxy before these servers on a free loopback port, and waits until it listens. Before
    /// several, its recipe must be for several.
    ///
    /// # Errors
    /// Fails if it does not come up; the text has what it said.
    pub(crate) fn start(recipe: &Recipe, servers: &[SocketAddr]) -> anyhow::Result<Self> {
        let upstream = *servers.first().context("no server to lead to")?;
        let folder = Folder::make().context("cannot make a folder for the proxy")?;
        let config = folder.path().join(config::file_name(recipe.kind));
        let certificate = if recipe.kind.ends_tls() {
            Some(folder.identity()?)
        } else {
            None
        };
        let filling = Filling {
            port: port::free().context("no free port")?,
            upstream,
            servers: config::servers(recipe.kind, servers),
            folder: folder.path(),
            config: &config,
        };
        if !recipe.text.is_empty() {
            fs::write(&config, filling.fill(&recipe.text))
                .with_context(|| format!("cannot write {}", config.display()))?;
        }
        let arguments = recipe.arguments.iter().map(|word| filling.fill(word));
        let mut keeper = keeper(&folder, recipe, arguments)?;
        let pid = pid(&mut keeper);
        let mut proxy = Self {
            words: recipe.words.clone(),
            keeper,
            pid: pid.unwrap_or_default(),
            address: SocketAddr::from(([127, 0, 0, 1], filling.port)),
            certificate,
            folder,
        };
        proxy.listens()?;
        Ok(proxy)
    }

    /// Waits until it listens.
    fn listens(&mut self) -> anyhow::Result<()> {
        let began = Instant::now();
        loop {
            let listens = port::is_of(self.pid, self.address.port());
            if self.pid == 0 || self.has_ended().is_some() {
                bail!(
                    "the proxy ({}) did not come up: {}",
                    self.words,
                    self.said()
                );
            }
            if listens {
                return Ok(());
            }
            if began.elapsed() > PATIENCE {
                bail!(
                    "the proxy ({}) does not listen on port {} after {PATIENCE:?}; it must stay in \
                     the foreground: {}",
                    self.words,
                    self.address.port(),
                    self.said()
                );
            }
            sleep(LOOK);
        }
    }

    /// Returns how its keeper ended if the proxy has ended by itself.
    fn has_ended(&mut self) -> Option<ExitStatus> {
        self.keeper.try_wait().ok().flatten()
    }

    /// Returns why the run cannot go on, if the proxy has ended by itself.
    pub(crate) fn failed(&mut self) -> Option<String> {
        self.has_ended()?;
        Some(format!("the proxy ({}) ended: {}", self.words, self.said()))
    }

    /// Returns the end of what the proxy has said, on one line.
    fn said(&self) -> String {
        let said = fs::read(self.folder.log()).unwrap_or_default();
        let said = String::from_utf8_lossy(&said[said.len().saturating_sub(TOLD)..]).into_owned();
        let lines: Vec<&str> = (said.lines().map(str::trim))
            .filter(|line| !line.is_empty())
            .collect();
        if lines.is_empty() {
            return "it said nothing".to_owned();
        }
        lines.join("; ")
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // The keeper ends the proxy when its standard input closes.
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

/// Starts the process that starts the proxy and ends it with this process.
fn keeper(
    folder: &Folder,
    recipe: &Recipe,
    arguments: impl Iterator<Item = String>,
) -> anyhow::Result<Child> {
    let own = std::env::current_exe().context("cannot find this program's own file")?;
    let mut command = Command::new(own);
    command
        .arg("keep")
        .arg("--log")
        .arg(folder.log())
        .arg("--folder")
        .arg(folder.path())
        .arg("--")
        .arg(&recipe.program.file)
        .args(arguments);
    if recipe.kind != ProxyKind::Command {
        // For Caddy: one thread at a time, as the server has, and no file of the user's.
        command.env("GOMAXPROCS", "1");
        for name in ["HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"] {
            command.env(name, folder.path());
        }
    }
    // A group of its own: Ctrl-C reaches the swarm, which then ends the proxy.
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .context("cannot start the proxy's keeper")
}

/// Reads the proxy's process id, which its keeper says; `None` if it could not start it.
fn pid(keeper: &mut Child) -> Option<u32> {
    let mut line = String::new();
    let stdout = keeper.stdout.take()?;
    BufReader::new(stdout).read_line(&mut line).ok()?;
    line.trim().strip_prefix(keep::PROCESS)?.parse().ok()
}
