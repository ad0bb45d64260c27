//! `[target]`: a server that is not ours, its address, and the requests that it takes
//! over each transport.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wire::Way;

use crate::plan::{Foreign, Message, Opening, Reading, Saying, Variant};

/// `[target]`. With nothing but a `url` in it the server keeps our contract.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TargetSettings {
    /// The address of the server, `http://HOST:PORT`, perhaps with a path that stands
    /// before all others. `run --target` goes before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The form of a message on its way to a reader: `"draft"` (default) or `"event"`.
    pub message: Message,
    /// True if the server changes texts on their way (shortens, translates,
    /// encrypts). Default false: a text that comes back changed is an error.
    pub transforms: bool,
    /// The request that each person sends first; its answer fills `{session …}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<Opening>,
    /// The request or frame that carries a draft.
    pub say: Saying,
    /// The request of a short poll.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub short_poll: Option<Reading>,
    /// The request of a long poll.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub long_poll: Option<Reading>,
    /// The request for a stream of lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ndjson: Option<Reading>,
    /// The request for server-sent events.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sse: Option<Reading>,
    /// The request that opens a WebSocket, and its first frames.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub websocket: Option<Reading>,
}

impl TargetSettings {
    /// Returns whether the server keeps a contract of its own.
    #[must_use]
    pub fn describes(&self) -> bool {
        self.readings().next().is_some()
            || self.say != Saying::default()
            || self.session.is_some()
            || self.message != Message::default()
            || self.transforms
    }

    /// Returns how to read in each way that is described.
    pub(super) fn readings(&self) -> impl Iterator<Item = (Way, &Reading)> {
        let described = |way| Some((way, self.reading(way)?));
        Way::ALL.into_iter().filter_map(described)
    }

    /// Returns how to read in this way.
    pub(super) const fn reading(&self, way: Way) -> Option<&Reading> {
        match way {
            Way::ShortPoll => self.short_poll.as_ref(),
            Way::LongPoll => self.long_poll.as_ref(),
            Way::Ndjson => self.ndjson.as_ref(),
            Way::Sse => self.sse.as_ref(),
            Way::Websocket => self.websocket.as_ref(),
        }
    }

    /// Returns the part of the description that a run over a variant needs; `None` if the
    /// server keeps our contract.
    pub(super) fn foreign(&self, variant: &Variant) -> Option<Foreign> {
        Some(Foreign {
            message: self.message,
            transforms: self.transforms,
            session: self.session.clone(),
            read: self.reading(variant.way())?.clone(),
            say: self.say.clone(),
        })
    }
}
