//! The head of the poll that came last on a thread, and what it asked for.
//!
//! A reader that finds nothing new asks the same again, and all readers at one place of a room ask the
//! same: their heads are equal byte by byte. Such a head is not taken apart once more, because
//! what it says depends on its bytes and on the settings of the chat alone. Whether its reader may
//! come in, and what the room has, is looked at each time.

use std::cell::RefCell;

use wire::{Coding, Way};

use crate::{
    chat::Chat, connection::plain_request::Asker, http::query::Query, transport::reading::Reading,
};

/// The length, in bytes, of the longest head that is remembered.
const LONGEST: usize = 1024;

thread_local! {
    static LAST: RefCell<Option<Remembered>> = const { RefCell::new(None) };
}

/// A head, and what it asks for.
struct Remembered {
    /// The number of the chat that was asked.
    chat: u64,
    head: Vec<u8>,
    room: String,
    way: Way,
    query: Query,
    coding: Option<Coding>,
}

/// Returns the poll that `received` begins with, and the number of its bytes, if it is the last one
/// once more.
pub(super) fn recall(received: &[u8], asker: Asker<'_>) -> Option<(usize, Reading)> {
    LAST.with_borrow(|last| {
        let last = last.as_ref()?;
        let Asker { chat, address, .. } = asker;
        if last.chat != chat.number || !received.starts_with(&last.head) {
            return None;
        }
        let (rooms, settings, room) = (&chat.rooms, &chat.settings, (&*last.room, asker.room));
        let query = last.query.clone();
        let reading = Reading::open_known(rooms, settings, room, last.way, query, address);
        // A request that must be refused is parsed anew, and refused like any other.
        let mut reading = reading.ok()?;
        reading.coding = last.coding;
        Some((last.head.len(), reading))
    })
}

/// Remembers the head of a poll. The head of a reader with a name is left out, because nobody else
/// sends it.
pub(super) fn remember(head: &[u8], chat: &Chat, reading: &Reading) {
    let (query, name) = (&reading.query, reading.room.name());
    let is_anonymous = query.name.is_none() && query.person.is_none();
    let Some(name) = name.filter(|_| is_anonymous && head.len() <= LONGEST) else {
        return;
    };
    LAST.with_borrow_mut(|last| {
        // The memory of the head before is used again.
        let before = last.take();
        let (mut kept, mut room) = before.map_or_else(Default::default, |one| (one.head, one.room));
        kept.clear();
        kept.extend_from_slice(head);
        room.clear();
        room.push_str(name);
        *last = Some(Remembered {
            chat: chat.number,
            head: kept,
            room,
            way: reading.way,
            query: query.clone(),
            coding: reading.coding,
        });
    });
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{
        address::Address,
        connection::plain_request::{Head, Plain, read_head},
        room::After,
        settings::{Compress, Settings},
    };

    const HEAD: &str =
        "GET /rooms/a/poll?after=0 HTTP/1.1\r\nhost: x\r\naccept-encoding: gzip\r\n\r\n";

    fn chat(compress: Compress) -> Arc<Chat> {
        let settings = Settings {
            compress,
            ..Settings::default()
        };
        Chat::new(settings).unwrap()
    }

    fn asker(chat: &Chat) -> Asker<'_> {
        Asker {
            chat,
            address: Address::of([127, 0, 0, 1].into()),
            room: None,
        }
    }

    /// Returns the poll of a head, and the number of its bytes.
    fn read(received: &str, chat: &Chat) -> (usize, Reading) {
        match read_head(received.as_bytes(), asker(chat)) {
            Head::Plain(length, Plain::Poll(reading)) => (length, reading),
            _ => panic!("{received}"),
        }
    }

    #[test]
    fn a_head_that_comes_again_asks_the_same_again() {
        let chat = chat(Compress::Off);
        let (length, first) = read(HEAD, &chat);
        assert_eq!(length, HEAD.len());
        // More may have come with it.
        let (length, again) = recall([HEAD, HEAD].concat().as_bytes(), asker(&chat)).unwrap();
        assert_eq!(length, HEAD.len());
        assert_eq!((again.way, &again.query), (first.way, &first.query));
        assert!(Arc::ptr_eq(&again.room, &first.room));
        let cut = &HEAD.as_bytes()[..HEAD.len() - 1];
        assert!(recall(cut, asker(&chat)).is_none());
        let other = HEAD.replace("after=0", "after=1");
        assert_eq!(read(&other, &chat).1.query.after, After::Place(1));
        assert!(recall(HEAD.as_bytes(), asker(&chat)).is_none());
    }

    #[test]
    fn a_head_that_comes_to_another_chat_is_taken_apart_anew() {
        let (plain, packing) = (chat(Compress::Off), chat(Compress::Shared));
        for _ in 0..2 {
            assert_eq!(read(HEAD, &plain).1.coding, None);
            assert_eq!(read(HEAD, &packing).1.coding, Some(Coding::Gzip));
        }
    }

    #[test]
    fn a_head_with_a_name_is_not_remembered() {
        let chat = chat(Compress::Off);
        let named = HEAD.replace("after=0", "after=0&name=ann");
        read(&named, &chat);
        assert!(recall(named.as_bytes(), asker(&chat)).is_none());
    }
}
