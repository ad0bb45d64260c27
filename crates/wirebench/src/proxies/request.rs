//! The requests that the server of a probe reads.

use super::script::Script;

/// A request's head as far as it matters here.
pub(super) struct Request {
    pub(super) script: Option<Script>,
    /// False for HTTP/1.0, which knows no chunks.
    pub(super) is_new: bool,
    pub(super) length: usize,
    pub(super) upgrades: bool,
    pub(super) closes: bool,
}

impl Request {
    /// Reads a head.
    pub(super) fn of(head: &str) -> Self {
        let mut lines = head.split("\r\n");
        let first = lines.next().unwrap_or_default();
        let mut words = first.split(' ');
        let target = words.nth(1).unwrap_or_default();
        let is_new = words.next() == Some("HTTP/1.1");
        let fields: Vec<(String, &str)> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim()))
            .collect();
        let field = |name: &str| {
            let found = fields.iter().find(|(own, _)| own == name);
            found.map_or("", |(_, value)| value)
        };
        let connection = field("connection").to_ascii_lowercase();
        Self {
            script: Script::read(target),
            is_new,
            length: field("content-length").parse().unwrap_or(0),
            upgrades: connection.contains("upgrade")
                && field("upgrade").eq_ignore_ascii_case("websocket"),
            closes: connection.contains("close") || !is_new,
        }
    }
}
