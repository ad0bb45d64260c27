//! The requests that the server of a probe reads.

use super::script::Script;

/// A request's head as far as it matters here.
pub(super) struct Request {
    pub(super) script: Option<Script>,
    /// False for HTTP/1.0, which knows no chunks.
    pub(super) is_new: bool,
    pub(super) length: usize,
    /// True if an upgrade to WebSocket is asked for, in whatever version.
    pub(super) asks_upgrade: bool,
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
            asks_upgrade: connection.contains("upgrade")
                && field("upgrade").eq_ignore_ascii_case("websocket"),
            closes: connection.contains("close") || !is_new,
        }
    }

    /// Returns whether an upgrade is asked for in a version that has it: a server passes over the
    /// `Upgrade` of HTTP/1.0 (RFC 9110, section 7.8).
    pub(super) const fn upgrades(&self) -> bool {
        self.asks_upgrade && self.is_new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upgrade_is_asked_for_in_a_version_that_has_it() {
        let of = |first: &str, more: &str| {
            let head = format!("GET /ws {first}\r\nHost: x\r\n{more}\r\n");
            let request = Request::of(&head);
            (request.asks_upgrade, request.upgrades())
        };
        let asks = "Connection: upgrade\r\nUpgrade: websocket\r\n";
        assert_eq!(of("HTTP/1.1", asks), (true, true));
        assert_eq!(of("HTTP/1.0", asks), (true, false));
        assert_eq!(of("HTTP/1.1", "Connection: upgrade\r\n"), (false, false));
    }
}
