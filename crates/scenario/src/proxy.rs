//! `[proxy]`: a real proxy between people and server, as plain values. The program that measures
//! starts it.

mod preset;

use std::{fs, path::Path};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

pub use self::preset::Preset;
use crate::error::Problem;

/// `[proxy]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProxySettings {
    /// The program: `"nginx"`, `"haproxy"`, `"caddy"`, `"varnish"`, `"hitch"`, or `"command"` for
    /// one of your own.
    pub kind: ProxyKind,
    /// The settings: `"default"` is the least that passes requests on, `"right"` is what all ways
    /// to read need, `"none"` leaves the proxy out, and a path names a template of your own with
    /// `@PORT@` and `@UPSTREAM@` in it. For nginx `"upgrade_lines"`, `"websocket_lines"`,
    /// `"sse_lines"` and `"both_lines"` are what articles show, each half right.
    /// Default `"default"`.
    #[serde(default = "usual")]
    #[schemars(schema_with = "settings_schema")]
    pub settings: String,
    /// The program of your own and its arguments, with blanks between them, for
    /// `kind = "command"`: `"relay --listen 127.0.0.1:@PORT@ --to @UPSTREAM@"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// The server that a request goes to where there are several (`server.nodes`), which nginx and
    /// `HAProxy` can lead to: `"round_robin"`, the next one for each request, or `"sticky"`, the same
    /// one for all requests of a person who gives a name (`swarm.presence`), and otherwise of a
    /// connection. Default `"round_robin"`.
    #[serde(default, skip_serializing_if = "Balance::is_usual")]
    pub balance: Balance,
}

/// The server of several that a proxy sends a request to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Balance {
    /// The next one.
    #[default]
    RoundRobin,
    /// The one that the person's, or the connection's, other requests go to.
    Sticky,
}

impl Balance {
    /// Returns whether it need not be written down.
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde asks with a reference"
    )]
    fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

fn usual() -> String {
    ProxySettings::DEFAULT.to_owned()
}

fn settings_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string" })
}

/// A program that can stand between people and server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProxyKind {
    /// nginx.
    Nginx,
    /// `HAProxy`.
    Haproxy,
    /// Caddy.
    Caddy,
    /// Varnish, a cache.
    Varnish,
    /// Hitch, which ends TLS and passes on the bytes.
    Hitch,
    /// A program of the user's own.
    Command,
}

impl ProxyKind {
    /// The programs that are known by name.
    pub const KNOWN: [Self; 5] = [
        Self::Nginx,
        Self::Haproxy,
        Self::Caddy,
        Self::Varnish,
        Self::Hitch,
    ];

    /// Returns the word for it, which is also the name of its package in Debian.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Haproxy => "haproxy",
            Self::Caddy => "caddy",
            Self::Varnish => "varnish",
            Self::Hitch => "hitch",
            Self::Command => "command",
        }
    }

    /// Returns whether settings for several servers are known here.
    #[must_use]
    pub const fn balances(self) -> bool {
        matches!(self, Self::Nginx | Self::Haproxy)
    }

    /// Returns whether people reach it by TLS, which it ends.
    #[must_use]
    pub const fn ends_tls(self) -> bool {
        matches!(self, Self::Hitch)
    }
}

/// The holes of a template and of a command line, with what fills them.
pub const HOLES: [(&str, &str); 6] = [
    ("@PORT@", "the port on 127.0.0.1 to listen on"),
    ("@UPSTREAM@", "the server's address and port"),
    ("@UPSTREAM_HOST@", "the server's address"),
    ("@UPSTREAM_PORT@", "the server's port"),
    ("@FOLDER@", "a folder for what the proxy writes"),
    ("@CONFIG@", "the file that the template was written to"),
];

impl ProxySettings {
    /// The settings that do no more than pass requests on.
    pub const DEFAULT: &'static str = Preset::Default.word();
    /// The word that leaves the proxy out.
    pub const NONE: &'static str = "none";

    /// Returns whether there is a proxy at all.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.settings != Self::NONE
    }

    /// Returns the settings that a word stands for; `None` for a template, and without a proxy.
    #[must_use]
    pub fn preset(&self) -> Option<Preset> {
        Preset::read(&self.settings)
    }

    /// Returns the path of a template of the user's own.
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        let is_path = self.is_there() && self.preset().is_none();
        is_path.then_some(&*self.settings)
    }

    /// Returns the words of `kind`, `settings` and `balance`, such as `nginx right` and `nginx right
    /// sticky`.
    #[must_use]
    pub fn words(&self) -> String {
        let sticky = match self.balance {
            Balance::RoundRobin => "",
            Balance::Sticky => " sticky",
        };
        match (&self.command, self.kind) {
            (Some(command), ProxyKind::Command) => {
                let program = command.split_whitespace().next().unwrap_or_default();
                let name = program.rsplit('/').next().unwrap_or(program);
                format!("command {name}")
            }
            _ => format!("{} {}{sticky}", self.kind.name(), self.settings),
        }
    }

    /// Reads the template of the user's own, whose path is relative to the scenario's `folder`.
    pub(super) fn template(&self, folder: &Path) -> Result<Option<String>, Problem> {
        let Some(path) = self.path() else {
            return Ok(None);
        };
        let problem = |problem: String, remedy: &str| {
            Problem::new("proxy.settings", problem, remedy.to_owned())
        };
        let file = folder.join(path);
        let text = fs::read_to_string(&file).map_err(|error| {
            problem(
                format!("cannot read {}: {error}", file.display()),
                "\"default\", \"right\" and \"none\" are words, and for nginx \"upgrade_lines\", \
                 \"websocket_lines\", \"sse_lines\" and \"both_lines\"; anything else is a path from \
                 the scenario's own folder",
            )
        })?;
        if let Some(hole) = unknown_hole(&text) {
            let known = HOLES.map(|(hole, _)| hole).join(", ");
            return Err(problem(
                format!("{hole} is no hole of a template"),
                &format!("there are {known}"),
            ));
        }
        lacking(&text).map_or(Ok(Some(text)), |lacks| {
            Err(problem(
                format!("{} has no {lacks}", file.display()),
                "a proxy is told where to listen by @PORT@ and where the server is by @UPSTREAM@",
            ))
        })
    }
}

/// Returns the first word between two `@` that looks like a hole and is none.
pub(super) fn unknown_hole(text: &str) -> Option<String> {
    let is_name = |part: &&str| {
        !part.is_empty() && (part.bytes()).all(|byte| byte.is_ascii_uppercase() || byte == b'_')
    };
    let mut parts = text.split('@');
    parts.next();
    let holes = parts.filter(is_name).map(|name| format!("@{name}@"));
    let known = |hole: &String| HOLES.iter().any(|(name, _)| name == hole);
    let looks_like_one = |hole: &String| text.contains(hole.as_str());
    holes.filter(looks_like_one).find(|hole| !known(hole))
}

/// Returns the hole that a text lacks and cannot do without.
pub(super) fn lacking(text: &str) -> Option<&'static str> {
    if !text.contains("@PORT@") {
        return Some("@PORT@");
    }
    let names = ["@UPSTREAM@", "@UPSTREAM_PORT@"];
    let is_there = names.iter().any(|name| text.contains(name));
    (!is_there).then_some("@UPSTREAM@")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_are_told_from_what_only_looks_like_one() {
        let fine = "listen 127.0.0.1:@PORT@; proxy_pass http://@UPSTREAM@; # mail root@host or a@b";
        assert_eq!((unknown_hole(fine), lacking(fine)), (None, None));
        assert_eq!(unknown_hole("@POTR@ @UPSTREAM@"), Some("@POTR@".to_owned()));
        assert_eq!(lacking("@UPSTREAM_HOST@ @UPSTREAM_PORT@"), Some("@PORT@"));
        assert_eq!(lacking("@PORT@ @UPSTREAM_HOST@"), Some("@UPSTREAM@"));
        assert_eq!(lacking("@PORT@ @UPSTREAM_HOST@ @UPSTREAM_PORT@"), None);
    }
}
