//! The kinds of a proxy's settings in words, and the lines that the settings of articles lack.

use scenario::Preset;

/// A line that settings lack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Missing {
    /// The line.
    pub(super) line: &'static str,
    /// The consequence of its absence.
    pub(super) without: &'static str,
}

const VERSION: Missing = Missing {
    line: "proxy_http_version 1.1;",
    without: "nginx before 1.29.7 asks the server in HTTP/1.0, in which a server has to pass over an upgrade (RFC 9110, section 7.8), and keeps back a stream until some kilobytes have come",
};
const UPGRADE: Missing = Missing {
    line: "proxy_set_header Upgrade $http_upgrade;",
    without: "the server sees a plain request where a WebSocket was asked for",
};
const BUFFERING: Missing = Missing {
    line: "proxy_buffering off;",
    without: "the head of a stream waits for its first event, and a reader that does not read is hidden from the server",
};
const READ_TIMEOUT: Missing = Missing {
    line: "proxy_read_timeout 3600s;",
    without: "what is silent for 60 s is cut",
};
const KEEPALIVE: Missing = Missing {
    line: "keepalive 64;",
    without: "nginx before 1.29.7 opens a connection to the server for each poll and POST; a map then gives each request the Connection that fits it",
};

/// Returns what settings are.
pub(super) const fn title(preset: Preset) -> &'static str {
    match preset {
        Preset::Default => "the least that passes requests on",
        Preset::UpgradeLines => "what articles often shorten the lines for WebSocket to",
        Preset::WebsocketLines => "the lines that nginx's own page has for WebSocket",
        Preset::SseLines => "the lines that answers have for server-sent events",
        Preset::BothLines => "the lines for WebSocket, and no buffering",
        Preset::Right => "what every way to read needs",
    }
}

/// Returns the lines that the settings of an article lack; of the least and the right ones nothing
/// is told.
pub(super) const fn missing(preset: Preset) -> &'static [Missing] {
    match preset {
        Preset::Default | Preset::Right => &[],
        Preset::UpgradeLines => &[VERSION, BUFFERING, READ_TIMEOUT, KEEPALIVE],
        Preset::WebsocketLines => &[BUFFERING, READ_TIMEOUT, KEEPALIVE],
        Preset::SseLines => &[UPGRADE, READ_TIMEOUT, KEEPALIVE],
        Preset::BothLines => &[READ_TIMEOUT, KEEPALIVE],
    }
}

#[cfg(test)]
mod tests {
    use scenario::ProxyKind;

    use super::*;
    use crate::proxy::config::ProxyParameters;

    /// Checks that what is said to be missing is in the right settings and not in these.
    #[test]
    fn what_is_said_to_be_missing_is() {
        let text = |preset| ProxyParameters::usual(ProxyKind::Nginx, preset).to_copy();
        let right = text(Preset::Right);
        for preset in Preset::ALL {
            let own = text(preset);
            for Missing { line, .. } in missing(preset) {
                assert!(right.contains(line), "{line}");
                assert!(!own.contains(line), "{preset:?} has {line}");
            }
            let is_half = !matches!(preset, Preset::Default | Preset::Right);
            assert_eq!(!missing(preset).is_empty(), is_half, "{preset:?}");
        }
    }
}
