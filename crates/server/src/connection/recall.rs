//! The head of the poll that came last on a thread, and what it asked for.
//!
//! A reader that finds nothing new asks the same again, and all readers at one place of a room ask the
//! same: their heads are equal byte by byte. Such a head is not taken apart once more, because
//! what it says depends on its bytes and on the settings of the chat alone. Whether its reader may
//! come in, and what the room has, is looked at each time.
//!
//! Where that has not changed either, the answer is the one that was given last. Between two polls of
//! an idle reader the caches forget code and data alike, so what is not looked at then costs nothing.

use std::{
    cell::RefCell,
    sync::{Arc, Weak},
};

use bytes::Bytes;
use wire::{Coding, Seq, Way};

use crate::{
    chat::Chat,
    connection::plain_request::Asker,
    http::query::Query,
    room::{After, Room, answers::this_second},
    transport::reading::Reading,
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
    /// The answer that was given last, if there was nothing new.
    given: Option<Given>,
}

/// An answer without an event, which was given more than once.
struct Given {
    /// The room, which may be given up all the same. No other room has its address in memory while
    /// this is kept.
    room: Weak<Room>,
    /// The newest event of the room, and the place that was asked from.
    place: Seq,
    /// The second that the answer's `Date` names.
    second: u64,
    answer: Bytes,
}

/// Sends the answer that was given last, if `received` is the last head once more, its reader has the
/// same room as the last one, and nothing has changed there. Returns what `send` does, and the coding
/// that was asked for.
///
/// The room is one of the chat whose settings the head was read with. Whoever has it was let in, by
/// an address that is not banned, as nobody is where an answer is given again.
pub(super) fn give_again<T>(
    received: &[u8],
    room: &Arc<Room>,
    send: impl FnOnce(&Bytes) -> T,
) -> Option<(T, Option<Coding>)> {
    LAST.with_borrow(|last| {
        let last = last.as_ref()?;
        let given = last.given.as_ref()?;
        let is_same = Arc::as_ptr(room) == given.room.as_ptr()
            && received == last.head
            && room.is_still_at(given.place)
            && this_second() == given.second;
        is_same.then(|| (send(&given.answer), last.coding))
    })
}

/// Remembers an answer that `room` gives in this second to all who ask from `place`, if `head` is the
/// head that came last.
pub(super) fn remember_answer(
    head: &[u8],
    room: &Arc<Room>,
    place: Seq,
    second: u64,
    answer: &Bytes,
) {
    LAST.with_borrow_mut(|last| {
        if let Some(last) = last.as_mut().filter(|last| last.head == head) {
            last.given = Some(Given {
                room: Arc::downgrade(room),
                place,
                second,
                answer: answer.clone(),
            });
        }
    });
}

/// Returns the place that a poll asks from, if its answer may be given again for as long as that is
/// the place of the newest event.
pub(super) fn place_of(reading: &Reading, chat: &Chat) -> Option<Seq> {
    let Reading { query, way, .. } = reading;
    let is_anonymous = query.name.is_none() && query.person.is_none();
    let may = *way == Way::ShortPoll && is_anonymous && !chat.rooms.are_shared();
    match query.after {
        After::Place(place) | After::Of(place, _) if may => Some(place),
        _ => None,
    }
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
            given: None,
        });
    });
}

#[cfg(test)]
mod tests {
    use wire::Draft;

    use super::*;
    use crate::{
        address::Address,
        connection::plain_request::{Head, Plain, read_head},
        room::presence::Identity,
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

    /// Polls as a connection does that has the room already. Returns whether the last answer was given
    /// again.
    fn is_given_again(chat: &Arc<Chat>, room: &Arc<Room>) -> bool {
        let head = HEAD.as_bytes();
        if let Some((length, coding)) = give_again(head, room, Bytes::len) {
            assert!(length > 0 && coding.is_none());
            return true;
        }
        let (_, reading) = read(HEAD, chat);
        give_anew(head, &reading, chat);
        false
    }

    /// Answers a poll as `poller.rs` does.
    fn give_anew(head: &[u8], reading: &Reading, chat: &Chat) -> Bytes {
        let room = Arc::clone(&reading.room);
        let place = place_of(reading, chat).filter(|place| room.is_still_at(*place));
        let batch = room.batch_after(reading.query.after, reading.query.epoch);
        let (answer, second) = room.answers.answer_again(batch, None, false);
        if let (Some(place), Some(second)) = (place, second) {
            remember_answer(head, &room, place, second, &answer);
        }
        answer
    }

    /// Polls until the answer was given again, which takes more than three polls only where the clock
    /// goes on to the next second.
    fn settle(chat: &Arc<Chat>, room: &Arc<Room>) {
        let mut polls = 0..10;
        assert!(polls.any(|_| is_given_again(chat, room)));
    }

    #[test]
    fn an_answer_without_an_event_is_given_again_until_something_is_said() {
        let chat = chat(Compress::Off);
        let (_, reading) = read(HEAD, &chat);
        settle(&chat, &reading.room);
        let draft = Draft {
            from: "ann".into(),
            text: "hi".into(),
            tag: None,
        };
        assert!(chat.say("a", draft).expect("a draft that is short"));
        for _ in 0..5 {
            assert!(!is_given_again(&chat, &reading.room));
        }
    }

    #[test]
    fn an_answer_is_given_again_only_in_its_second() {
        let chat = chat(Compress::Off);
        let (_, reading) = read(HEAD, &chat);
        settle(&chat, &reading.room);
        LAST.with_borrow_mut(|last| {
            let given = last.as_mut().and_then(|last| last.given.as_mut());
            given.expect("an answer is given again").second -= 1;
        });
        assert!(!is_given_again(&chat, &reading.room));
    }

    #[test]
    fn an_answer_is_given_again_in_its_room_only_and_while_nobody_is_banned() {
        let chat = chat(Compress::Off);
        let (_, reading) = read(HEAD, &chat);
        let other = chat.rooms.open("b", None).expect("a room");
        settle(&chat, &reading.room);
        assert!(give_again(HEAD.as_bytes(), &other, |_| ()).is_none());
        let cut = &HEAD.as_bytes()[..HEAD.len() - 1];
        assert!(give_again(cut, &reading.room, |_| ()).is_none());
        let address = asker(&chat).address;
        reading
            .room
            .rules
            .ban(Identity::Name("eve".into()), Some(address));
        assert!(give_again(HEAD.as_bytes(), &reading.room, |_| ()).is_none());
    }

    #[test]
    fn an_answer_is_not_given_again_in_a_room_that_was_given_up() {
        let settings = Settings {
            max_rooms: 1,
            ..Settings::default()
        };
        let chat = Chat::new(settings).unwrap();
        let (_, reading) = read(HEAD, &chat);
        let room = Arc::downgrade(&reading.room);
        settle(&chat, &reading.room);
        // Remembering the answer does not keep the room from being given up.
        drop(reading);
        chat.rooms.open("b", None).expect("a room");
        assert!(room.upgrade().is_none());
        let again = chat.rooms.open("a", None).expect("a room");
        assert!(give_again(HEAD.as_bytes(), &again, |_| ()).is_none());
    }

    #[test]
    fn what_tells_more_than_that_nothing_is_new_is_made_for_each_poll() {
        let chat = chat(Compress::Off);
        for query in [
            "after=7",
            "after=latest",
            "after=0&epoch=1",
            "after=0&name=ann",
            "after=0&person=p",
            "",
        ] {
            let head = HEAD.replace("after=0", query);
            for _ in 0..5 {
                let (_, reading) = read(&head, &chat);
                give_anew(head.as_bytes(), &reading, &chat);
                let again = give_again(head.as_bytes(), &reading.room, |_| ());
                assert!(again.is_none(), "{query}");
            }
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
