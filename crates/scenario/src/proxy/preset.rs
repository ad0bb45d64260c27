//! The settings of a proxy that a word stands for.

use super::ProxyKind;

/// The settings of a proxy that a word stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preset {
    /// The least that passes requests on.
    Default,
    /// `Upgrade` and `Connection` alone.
    UpgradeLines,
    /// The lines that nginx's own page has for WebSocket.
    WebsocketLines,
    /// The lines that answers to questions have for server-sent events.
    SseLines,
    /// The lines for WebSocket, and no buffering.
    BothLines,
    /// All that every way to read needs.
    Right,
}

impl Preset {
    /// All of them, from the least to the most.
    pub const ALL: [Self; 6] = [
        Self::Default,
        Self::UpgradeLines,
        Self::WebsocketLines,
        Self::SseLines,
        Self::BothLines,
        Self::Right,
    ];

    /// Returns the word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::UpgradeLines => "upgrade_lines",
            Self::WebsocketLines => "websocket_lines",
            Self::SseLines => "sse_lines",
            Self::BothLines => "both_lines",
            Self::Right => "right",
        }
    }

    /// Returns what a word stands for.
    #[must_use]
    pub fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|preset| preset.word() == word)
    }

    /// Returns those that there are for a program: the lines of articles are for nginx.
    #[must_use]
    pub const fn of(kind: ProxyKind) -> &'static [Self] {
        match kind {
            ProxyKind::Nginx => &Self::ALL,
            ProxyKind::Command => &[Self::Default],
            _ => &[Self::Default, Self::Right],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_read_as_it_is_written() {
        for preset in Preset::ALL {
            assert_eq!(Preset::read(preset.word()), Some(preset));
        }
        for other in ["none", "Right", "", "./right"] {
            assert_eq!(Preset::read(other), None, "{other}");
        }
    }
}
