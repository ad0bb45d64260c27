//! The values that fill the holes of settings and command lines.

use std::{net::SocketAddr, path::Path};

/// The values that fill the holes.
#[derive(Debug, Clone)]
pub(crate) struct Filling<'a> {
    /// The port to listen on.
    pub(crate) port: u16,
    /// The server.
    pub(crate) upstream: SocketAddr,
    /// The lines that name all servers.
    pub(crate) servers: String,
    /// The folder for what the proxy writes.
    pub(crate) folder: &'a Path,
    /// The file with the settings.
    pub(crate) config: &'a Path,
}

impl Filling<'_> {
    /// Returns a text with its holes filled.
    pub(crate) fn fill(&self, text: &str) -> String {
        text.replace("@PORT@", &self.port.to_string())
            .replace("@UPSTREAM@", &self.upstream.to_string())
            .replace("@SERVERS@", &self.servers)
            .replace("@UPSTREAM_HOST@", &self.upstream.ip().to_string())
            .replace("@UPSTREAM_PORT@", &self.upstream.port().to_string())
            .replace("@FOLDER@", &self.folder.to_string_lossy())
            .replace("@CONFIG@", &self.config.to_string_lossy())
    }
}
