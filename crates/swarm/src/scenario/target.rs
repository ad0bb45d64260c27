//! `[target]`: a server that is not ours. Where it is, and how to talk to it
//! over each transport.

use serde::{Deserialize, Serialize};
use wire::Framing;

use crate::plan::{Foreign, Message, Opening, Reading, Saying, Variant};

/// `[target]`. With nothing but a `url` in it the server keeps our contract.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TargetSettings {
    /// Where the server is, `http://HOST:PORT`, perhaps with a path that stands
    /// before all others. `run --target` goes before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// What a message is on its way to a reader: `"draft"` (default) or `"event"`.
    pub message: Message,
    /// Whether the server changes texts on their way (shortens, translates,
    /// encrypts). Default false: a text that comes back changed is an error.
    pub transforms: bool,
    /// What each person asks first; its answer fills `{session …}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<Opening>,
    /// How a draft is said.
    pub say: Saying,
    /// How to ask each interval.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub short_poll: Option<Reading>,
    /// How to ask and be held.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub long_poll: Option<Reading>,
    /// How to read a stream of lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ndjson: Option<Reading>,
    /// How to read server-sent events.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sse: Option<Reading>,
    /// How to open a WebSocket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub websocket: Option<Reading>,
}

impl TargetSettings {
    /// Whether the server keeps a contract of its own.
    #[must_use]
    pub fn describes(&self) -> bool {
        self.readings().iter().any(|(_, reading)| reading.is_some())
            || self.say != Saying::default()
            || self.session.is_some()
            || self.message != Message::default()
            || self.transforms
    }

    /// How to read over each transport, by the key that says so.
    pub(super) fn readings(&self) -> [(&'static str, Option<&Reading>); 5] {
        [
            ("short_poll", self.short_poll.as_ref()),
            ("long_poll", self.long_poll.as_ref()),
            ("ndjson", self.ndjson.as_ref()),
            ("sse", self.sse.as_ref()),
            ("websocket", self.websocket.as_ref()),
        ]
    }

    /// The one for a variant, and its key.
    pub(super) fn reading(&self, variant: &Variant) -> (&'static str, Option<&Reading>) {
        let place = match variant {
            Variant::ShortPoll { .. } => 0,
            Variant::LongPoll { .. } => 1,
            Variant::HttpStream {
                framing: Framing::Ndjson,
            } => 2,
            Variant::HttpStream {
                framing: Framing::Sse,
            } => 3,
            Variant::Websocket => 4,
        };
        self.readings()[place]
    }

    /// What a run over a variant needs of it; `None` where the server keeps our
    /// contract.
    pub(super) fn foreign(&self, variant: &Variant) -> Option<Foreign> {
        Some(Foreign {
            message: self.message,
            transforms: self.transforms,
            session: self.session.clone(),
            read: self.reading(variant).1?.clone(),
            say: self.say.clone(),
        })
    }
}
