//! The drafts of clients, and the answers to them.

use std::sync::Arc;

use bytes::Bytes;
use wire::codec;

use crate::{
    address::Address,
    protocol::socket_io::packet::{ack, event, text},
    room::{
        Room,
        reason::{Reason, error_json},
        say::{Speaker, speak},
    },
    settings::Settings,
};

/// A client's draft for its room. It is put into the room without the client's lock, because a
/// speaker may be slowed down.
#[derive(Debug)]
pub(crate) struct Said {
    pub(super) room: Arc<Room>,
    pub(super) person: String,
    pub(super) address: Address,
    pub(super) draft: Result<Bytes, Reason>,
    pub(super) id: Option<u64>,
}

impl Said {
    /// Says it. Returns the packet that answers it, if any: with the event's
    /// number, or with what is wrong.
    pub(crate) async fn say(self, settings: &Settings) -> Option<String> {
        let speaker = Speaker {
            person: Some(&self.person),
            address: self.address,
        };
        let said = match self.draft {
            Ok(json) => speak(&self.room, settings, speaker, &json).await,
            Err(reason) => Err(reason),
        };
        match said {
            Ok(said) => self.id.map(|id| ack(id, &text(&codec::encode(&said)))),
            Err(reason) => {
                let (words, code) = (reason.to_string(), reason.code());
                let json = error_json(None, &words, code, reason.limit());
                Some(refusal(self.id, &text(&json)))
            }
        }
    }
}

/// Encodes a refusal: as an acknowledgement if the client waits for one, or as an
/// event.
pub(super) fn refusal(id: Option<u64>, json: &str) -> String {
    match id {
        Some(id) => ack(id, json),
        None => event("refused", json),
    }
}
