//! The programs of proxies: where they are, which version, and the package that has them.

use std::{
    env, fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, bail};
use scenario::{ProxyKind, ProxySettings};

use crate::system;

/// The folders of programs that a user's path may not name.
const FOLDERS: [&str; 3] = ["/usr/sbin", "/sbin", "/usr/local/sbin"];

/// A program that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Program {
    /// The file.
    pub(crate) file: PathBuf,
    /// The version, as the program says it; empty if nobody knows how to ask it.
    pub(crate) version: String,
}

impl Program {
    /// Returns the name of the file, without the folder that it is in on this machine.
    pub(crate) fn name(&self) -> String {
        let name = self.file.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }
}

/// Returns the command of a kind, and the arguments by which it says its version.
const fn command(kind: ProxyKind) -> (&'static str, &'static [&'static str]) {
    match kind {
        ProxyKind::Nginx => ("nginx", &["-v"]),
        ProxyKind::Haproxy => ("haproxy", &["-v"]),
        ProxyKind::Caddy => ("caddy", &["version"]),
        ProxyKind::Varnish => ("varnishd", &["-V"]),
        ProxyKind::Hitch => ("hitch", &["--version"]),
        ProxyKind::Command => ("", &[]),
    }
}

/// Finds the program of a proxy.
///
/// # Errors
/// Fails if it is not installed; the text names the Debian package. Fails on any system but Linux.
pub(crate) fn find(settings: &ProxySettings) -> anyhow::Result<Program> {
    check_system()?;
    if settings.kind == ProxyKind::Command {
        let line = settings.command.as_deref().unwrap_or_default();
        let name = line.split_whitespace().next().unwrap_or_default();
        let file = search(name).with_context(|| {
            format!("proxy.command: there is no program {name:?} here, nor on the path")
        })?;
        let version = String::new();
        return Ok(Program { file, version });
    }
    find_known(settings.kind)
}

/// Refuses proxies on systems that do not tell whether it is the proxy that listens on a port.
///
/// # Errors
/// Fails on any system but Linux.
pub(crate) fn check_system() -> anyhow::Result<()> {
    system::tells_of_processes(
        "a proxy before the server",
        "leave [proxy] out, or start the proxy and name its address by --target",
    )
}

/// Finds a program that is known by name, as [`find`] does.
pub(crate) fn find_known(kind: ProxyKind) -> anyhow::Result<Program> {
    let (name, asks) = command(kind);
    let Some(file) = search(name) else {
        bail!(
            "{name} is not installed, and the proxy needs it; on Debian: apt-get install {}",
            kind.name()
        );
    };
    let version = version(&file, asks);
    Ok(Program { file, version })
}

/// Returns the file of a program: a path as it is, a name from the folders of programs.
fn search(name: &str) -> Option<PathBuf> {
    if name.contains('/') {
        let file = PathBuf::from(name);
        return is_program(&file).then_some(file);
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let more = FOLDERS.iter().map(PathBuf::from);
    env::split_paths(&path)
        .chain(more)
        .map(|folder| folder.join(name))
        .find(|file| !name.is_empty() && is_program(file))
}

fn is_program(file: &Path) -> bool {
    let about = fs::metadata(file);
    about.is_ok_and(|about| about.is_file() && about.permissions().mode() & 0o111 != 0)
}

/// Returns the first line in which a program says its version.
fn version(file: &Path, asks: &[&str]) -> String {
    let Ok(output) = Command::new(file).args(asks).stdin(Stdio::null()).output() else {
        return String::new();
    };
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    let line = said.lines().find(|line| !line.trim().is_empty());
    let line = line.unwrap_or_default().trim();
    // varnishd puts it in brackets behind its own name, nginx after words.
    let line = line.strip_prefix("nginx version: ").unwrap_or(line);
    line.split(" - http").next().unwrap_or(line).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(command: &str) -> ProxySettings {
        ProxySettings {
            kind: ProxyKind::Command,
            settings: ProxySettings::DEFAULT.to_owned(),
            command: Some(command.to_owned()),
            balance: scenario::Balance::default(),
        }
    }

    #[test]
    fn a_program_is_found_by_name_or_path_and_else_refused() {
        assert_eq!(search("sh").map(|file| file.ends_with("sh")), Some(true));
        assert!(find(&own("/bin/sh -c true")).is_ok());
        for missing in ["no-such-proxy --port @PORT@", "/etc/passwd", "./nothing"] {
            let error = find(&own(missing)).unwrap_err().to_string();
            assert!(error.contains("there is no program"), "{error}");
        }
        assert_eq!(search(""), None);
    }
}
