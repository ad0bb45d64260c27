//! Answers and messages in forms that are rare and right (RFC 9110, 9112 and 6455): the swarm's own
//! client reads them, and each of their bytes has an account.

use std::sync::atomic::Ordering;

use swarm::plan::{Method, Opening, Variant};

use crate::{
    habit_server::{Habit, HabitServer},
    habits::{assert_clean, described, foreign, poll, subscribing},
};

const PATH: &str = "/poll/{room}?after={json next|0}";

/// Checks that chunks with extensions, and trailer fields behind the last one, are no part of the
/// content and end where they end: the next answer on the connection is read as well.
#[test]
fn chunk_extensions_and_trailers_are_no_content() {
    let server = HabitServer::start(Habit::Trailers);
    assert_clean(&described(poll(), PATH), &server);
}

/// Checks that an interim head is not taken for the answer, to a poll and to a draft.
#[test]
fn an_interim_head_is_no_answer() {
    let server = HabitServer::start(Habit::Hints);
    assert_clean(&described(poll(), PATH), &server);
}

/// Checks that nobody waits for the content whose length a 304 tells: it is the length of what the
/// 304 stands for (RFC 9110, section 8.6), and the next answer follows the head.
#[test]
fn the_length_in_a_304_is_no_length_of_the_304() {
    let server = HabitServer::start(Habit::NotModified);
    assert_clean(&described(poll(), PATH), &server);
    assert!(server.chat.polls.load(Ordering::Relaxed) > 0);
}

/// Checks that a message in fragments is heard once and whole although a ping comes in between, and
/// that the ping is answered: by readers that only read, and by those that speak on the socket.
#[test]
fn a_message_in_fragments_with_a_ping_between_is_one_message() {
    for frame in [None, Some(r#"{"publish":{draft},"to":"{room}"}"#)] {
        let server = HabitServer::start(Habit::Fragments);
        let mut plan = described(Variant::Websocket, "/ws/{room}");
        let say = &mut foreign(&mut plan).say;
        say.on_socket = frame.is_some();
        say.frame = frame.map(str::to_owned);
        assert_clean(&plan, &server);
        assert!(server.chat.pongs.load(Ordering::Relaxed) > 0, "{frame:?}");
    }
}

/// Checks that a blank before a colon is no part of a field's name (RFC 9112, section 5.1), and that a value
/// may go on behind its line's end (section 5.2): in the answers to polls and drafts, and in the one to an
/// upgrade.
#[test]
fn heads_may_be_written_in_old_ways() {
    for habit in [Habit::BlankColons, Habit::Folded] {
        let server = HabitServer::start(habit);
        assert_clean(&described(poll(), PATH), &server);
        let mut plan = described(Variant::Websocket, "/ws/{room}");
        foreign(&mut plan).say.on_socket = false;
        assert_clean(&plan, &server);
    }
}

/// Checks that chunks count more than a length that is told beside them (RFC 9112, section 6.3), for whoever
/// reads them and for the ledger.
#[test]
fn chunks_count_more_than_a_length() {
    let server = HabitServer::start(Habit::BothLengths);
    assert_clean(&described(poll(), PATH), &server);
}

/// Checks that a ping that comes before the frame that the opening waits for is answered at once, and not
/// once more when the socket is open.
#[test]
fn a_ping_before_the_awaited_frame_is_answered_once() {
    for frame in [Some(r#"{"publish":{draft},"to":"{room}"}"#), None] {
        let server = HabitServer::start(Habit::EarlyPing);
        assert_clean(&subscribing(frame), &server);
        assert!(server.chat.pongs.load(Ordering::Relaxed) >= 4, "{frame:?}");
    }
}

/// Checks that a POST without content tells its length, 0 (RFC 9110, section 8.6), whether it opens a
/// session or asks: some servers refuse one that does not.
#[test]
fn a_post_without_content_tells_its_length() {
    let server = HabitServer::start(Habit::NeedsLength);
    let mut plan = described(poll(), PATH);
    let foreign = foreign(&mut plan);
    foreign.read.method = Method::Post;
    foreign.session = Some(Opening {
        path: "/session?me={person}".to_owned(),
        method: Method::Post,
        headers: Vec::new(),
        body: String::new(),
        then: Vec::new(),
    });
    assert_clean(&plan, &server);
}
