//! A draft that came whole with a plain head, and its answer.
//!
//! Through hyper, a connection that also polls had hyper set up anew for each draft.

use std::{sync::Arc, time::SystemTime};

use bytes::Bytes;
use wire::{Said, codec};

use crate::{
    address::Address,
    chat::Chat,
    http::{query::Query, refusal::Refusal, route::Route, whole},
    room::{
        Room,
        say::{Speaker, say},
    },
};

/// A draft that came whole.
pub(super) struct PlainDraft {
    room: Arc<Room>,
    person: Option<String>,
    json: Vec<u8>,
}

impl PlainDraft {
    /// Returns the draft that a POST is; `None` if it is none, or one that is refused for anything
    /// but its content: hyper's way refuses it again.
    pub(super) fn read(
        path: &str,
        query: &str,
        json: &[u8],
        chat: &Chat,
        address: Address,
    ) -> Option<Self> {
        let Ok(Route::Say(room)) = Route::of(path, false) else {
            return None;
        };
        let person = Query::read(query, &chat.settings).ok()?.person;
        if json.len() > chat.settings.draft_limit() {
            return None;
        }
        Some(Self {
            room: chat.rooms.open(room, Some(address)).ok()?,
            person,
            json: json.to_vec(),
        })
    }

    /// Says it, and returns the bytes of the whole answer.
    pub(super) async fn say(self, chat: &Chat, address: Address) -> Bytes {
        let speaker = Speaker {
            person: self.person.as_deref(),
            address,
        };
        let said = say(&self.room, &chat.settings, speaker, &self.json).await;
        // What is taken while the server leaves is answered all the same, and nothing after it.
        let closing = chat.rooms.is_closed();
        let date = chat.settings.date_header.then(SystemTime::now);
        match said {
            // A speaker over HTTP knows which draft this is the answer to: no tag.
            Ok(said) => whole::said(&codec::encode(&Said { tag: None, ..said }), closing, date),
            Err(reason) => {
                let refusal = Refusal::from(reason);
                if let Some(counters) = &chat.settings.counters {
                    counters.refuse(refusal.code());
                }
                whole::bytes(refusal.reply(), closing, date)
            }
        }
    }
}
