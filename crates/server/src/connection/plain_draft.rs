//! A draft that came whole with a plain head, and its answer.
//!
//! Such a draft does without hyper, which would have to be set up anew for each draft of a
//! connection that also polls.

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
    /// Returns the draft that a POST carries; `None` if it carries none, or if it must be refused
    /// for anything but its content. hyper reads such a request once more, and it is refused where
    /// it is answered (`answer.rs`).
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

    /// Puts the draft into its room, and returns the bytes of the whole answer.
    pub(super) async fn say(self, chat: &Chat, address: Address) -> Bytes {
        let speaker = Speaker {
            person: self.person.as_deref(),
            address,
        };
        let said = say(&self.room, &chat.settings, speaker, &self.json).await;
        // A draft that is taken while the server leaves is still answered, and is the last one.
        let closing = chat.rooms.is_closed();
        let date = chat.settings.date_header.then(SystemTime::now);
        match said {
            // No tag: a speaker over HTTP knows which of its drafts is answered.
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
