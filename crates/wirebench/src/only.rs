//! The filter `--only websocket,sse`, which selects ways to read a room.

use std::{fmt, str::FromStr};

use scenario::EntryFraming;
use serde::{Deserialize, Serialize};
use swarm::plan::Variant;
use wire::{Protocol, Transport};

/// A transport, one framing, or a protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) enum Only {
    Transport(Transport),
    Framing(EntryFraming),
    Protocol(Protocol),
}

impl Only {
    /// Returns whether this filter selects a variant.
    pub(crate) fn fits(self, variant: &Variant) -> bool {
        match self {
            Self::Transport(transport) => variant.transport() == transport,
            Self::Framing(framing) => framing.fits(variant),
            Self::Protocol(Protocol::Sockjs) => variant.protocol().is_sockjs(),
            Self::Protocol(protocol) => variant.protocol() == protocol,
        }
    }

    /// Returns whether one of these filters selects a variant. An empty list selects every variant.
    pub(crate) fn any(only: &[Self], variant: &Variant) -> bool {
        only.is_empty() || only.iter().any(|one| one.fits(variant))
    }
}

impl fmt::Display for Only {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Transport(transport) => transport.fmt(formatter),
            Self::Framing(framing) => framing.fmt(formatter),
            Self::Protocol(protocol) => protocol.fmt(formatter),
        }
    }
}

impl From<Only> for String {
    fn from(only: Only) -> Self {
        only.to_string()
    }
}

impl TryFrom<String> for Only {
    type Error = String;

    fn try_from(word: String) -> Result<Self, String> {
        word.parse()
    }
}

impl FromStr for Only {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        let framing = EntryFraming::ALL.into_iter().find(|one| one.name() == word);
        let protocol = Protocol::ALL.into_iter().find(|one| one.name() == word);
        match (word.parse(), framing, protocol) {
            (Ok(transport), ..) => Ok(Self::Transport(transport)),
            (Err(_), Some(framing), _) => Ok(Self::Framing(framing)),
            (Err(_), None, Some(protocol)) => Ok(Self::Protocol(protocol)),
            (Err(unknown), None, None) => Err(format!(
                "{unknown}; the framings {} can be named alone, and so can the protocols {}",
                EntryFraming::ALL.map(EntryFraming::name).join(", "),
                Protocol::ALL.map(Protocol::name).join(", ")
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use wire::Framing;

    use super::*;

    #[test]
    fn a_framing_or_a_protocol_is_named_like_a_transport() {
        let sse = Variant::HttpStream {
            framing: Framing::Sse,
        };
        let library = Variant::Library {
            protocol: Protocol::SocketIo,
            way: wire::Way::Websocket,
            keep_alive: true,
        };
        let only = |word: &str, variant| Only::any(&[word.parse().unwrap()], variant);
        assert!(only("socket_io", &library) && only("websocket", &library));
        assert!(!only("plain", &library) && !only("sockjs", &library));
        assert!(only("plain", &sse));
        let fits = |word: &str| Only::any(&[word.parse().unwrap()], &sse);
        assert!(fits("sse") && fits("http_stream"));
        assert!(!fits("ndjson") && !fits("websocket") && !fits("iframe"));
        let page = Variant::Iframe;
        assert!(only("iframe", &page) && only("in_page", &page) && only("http_stream", &page));
        assert!(!only("ndjson", &page) && !only("jsonp", &page) && !only("plain", &page));
        let script = Variant::Library {
            protocol: Protocol::SockjsInPage,
            way: wire::Way::Ndjson,
            keep_alive: true,
        };
        for word in ["sockjs", "sockjs_in_page", "iframe", "http_stream"] {
            assert!(only(word, &script), "{word}");
        }
        for word in ["in_page", "jsonp", "ndjson", "plain"] {
            assert!(!only(word, &script), "{word}");
        }
        assert!(Only::any(&[], &sse));
        let unknown = "ws".parse::<Only>().unwrap_err();
        assert!(
            unknown.contains("websocket") && unknown.contains("sse"),
            "{unknown}"
        );
        for word in ["sse", "jsonp", "long_poll", "sockjs"] {
            let text = serde_json::to_string(&word.parse::<Only>().unwrap()).unwrap();
            assert_eq!(text, format!("\"{word}\""));
            assert_eq!(
                serde_json::from_str::<Only>(&text).unwrap().to_string(),
                word
            );
        }
    }
}
