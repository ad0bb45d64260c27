//! Servers with habits that are theirs by right: none may make a run not valid,
//! and what cannot be read is named.

use std::{sync::atomic::Ordering, thread, time::Duration};

use swarm::{
    Target,
    outcome::Outcome,
    plan::{
        Foreign, Further, Message, Method, Opening, Plan, Reading, Reply, Saying, Step, Steps,
        Variant,
    },
};
use wire::Framing;

use crate::{
    fixture::{assert_whole, plan},
    habit_server::{Habit, HabitServer},
};

const SSE: Variant = Variant::HttpStream {
    framing: Framing::Sse,
};

pub(crate) fn poll() -> Variant {
    Variant::ShortPoll {
        interval: Duration::from_millis(100),
        keep_alive: true,
    }
}

pub(crate) fn described(variant: Variant, path: &str) -> Plan {
    let mut plan = plan(variant);
    plan.swarm.clients = 4;
    plan.traffic.publishers = 1;
    plan.traffic.rate = 10.0;
    plan.traffic.drain = Duration::from_secs(3);
    plan.foreign = Some(Foreign {
        message: Message::Draft,
        transforms: false,
        session: None,
        read: Reading::of(path),
        say: Saying {
            path: Some("/say/{room}".to_owned()),
            ..Saying::default()
        },
    });
    plan
}

pub(crate) fn foreign(plan: &mut Plan) -> &mut Foreign {
    plan.foreign.as_mut().unwrap()
}

fn run(plan: &Plan, server: &HabitServer) -> Outcome {
    let running = swarm::start(plan.clone(), Target::at(server.address)).unwrap();
    running.notices.iter().for_each(drop);
    running.finish()
}

/// Checks that all was heard once, nothing failed, and each byte has an account.
pub(crate) fn assert_clean(plan: &Plan, server: &HabitServer) -> Outcome {
    let outcome = run(plan, server);
    assert_whole(plan, &outcome);
    assert_eq!(outcome.ledger_difference, 0);
    assert_eq!(outcome.unparsed, [""; 0]);
    outcome
}

fn named(plan: &Plan, server: &HabitServer) -> String {
    let outcome = run(plan, server);
    format!("{:?}", outcome.failures)
}

#[test]
fn a_connection_that_the_server_closed_while_idle_is_opened_anew() {
    let server = HabitServer::start(Habit::ShortPatience);
    let mut plan = described(SSE, "/sse/{room}");
    // Each draft comes when the connection of the one before is closed.
    plan.traffic.rate = 2.0;
    plan.traffic.measure = Duration::from_secs(3);
    let outcome = assert_clean(&plan, &server);
    assert!(outcome.retried_exchanges > 0);
    // None was sent twice: settling says some as well.
    let said = server.chat.said.load(Ordering::Relaxed);
    assert!(said <= 7, "{said}");
    let plan = described(
        Variant::ShortPoll {
            interval: Duration::from_millis(500),
            keep_alive: true,
        },
        "/poll/{room}?after={json next|0}",
    );
    let outcome = assert_clean(&plan, &server);
    assert!(outcome.retried_exchanges > 0);
}

#[test]
fn packed_answers_are_unpacked() {
    let server = HabitServer::start(Habit::Gzip);
    assert_clean(
        &described(poll(), "/poll/{room}?after={json next|0}"),
        &server,
    );
}

#[test]
fn answers_end_with_the_connection() {
    let server = HabitServer::start(Habit::OldHttp);
    assert_clean(
        &described(poll(), "/poll/{room}?after={json next|0}"),
        &server,
    );
}

#[test]
fn a_place_goes_into_the_url_as_it_must() {
    let server = HabitServer::start(Habit::OddPlace);
    assert_clean(
        &described(poll(), "/poll/{room}?after={json next|0}"),
        &server,
    );
}

#[test]
fn the_last_item_of_a_list_tells_the_place() {
    let server = HabitServer::start(Habit::List);
    for hole in ["{json -1.id|0}", "{json last.id|0}"] {
        let path = format!("/poll/{{room}}?after={hole}");
        assert_clean(&described(poll(), &path), &server);
    }
}

#[test]
fn polls_may_be_posts_with_a_body() {
    let server = HabitServer::start(Habit::None);
    let mut plan = described(poll(), "/poll-by-post");
    plan.swarm.rooms = Some(2);
    let read = &mut foreign(&mut plan).read;
    read.method = Method::Post;
    read.body = r#"{"room":"{room}","after":{json next|0}}"#.to_owned();
    assert_clean(&plan, &server);
}

#[test]
fn a_room_in_a_body_and_a_form() {
    let server = HabitServer::start(Habit::None);
    for (lines, body) in [
        ("application/json", r#"{"channel":"{room}","data":{draft}}"#),
        (
            "application/x-www-form-urlencoded",
            "channel={room}&data={draft}",
        ),
    ] {
        let mut plan = described(SSE, "/sse/{room}");
        plan.swarm.rooms = Some(2);
        // Drafts that overlap have a mark of their own in their tags.
        plan.traffic.arrivals = swarm::plan::Arrivals::Burst { size: 5 };
        let say = &mut foreign(&mut plan).say;
        say.method = Method::Patch;
        say.path = Some("/publish".to_owned());
        say.headers = vec![format!("Content-Type: {lines}")];
        say.body = body.to_owned();
        assert_clean(&plan, &server);
    }
}

#[test]
fn a_session_is_opened_first() {
    let server = HabitServer::start(Habit::Session);
    for variant in [poll(), Variant::Websocket] {
        let path = match variant {
            Variant::Websocket => "/ws/{room}?session={session id}",
            _ => "/poll/{room}?after={json next|0}&session={session id}",
        };
        let mut plan = described(variant, path);
        let foreign = foreign(&mut plan);
        foreign.session = Some(Opening {
            path: "/session?me={person}".to_owned(),
            method: Method::Post,
            headers: Vec::new(),
            body: String::new(),
            then: Vec::new(),
        });
        foreign.say.headers = vec!["Cookie: key={session cookie key}".to_owned()];
        foreign.say.on_socket = false;
        assert_clean(&plan, &server);
        self::foreign(&mut plan).read.headers = vec!["X: {session nothing}".to_owned()];
        let said = named(&plan, &server);
        assert!(said.contains("has nothing for {session nothing}"), "{said}");
    }
}

#[test]
fn a_session_of_several_requests_and_pings_between_polls() {
    let server = HabitServer::start(Habit::Packets);
    let variant = Variant::LongPoll {
        hold: Duration::from_secs(25),
        keep_alive: true,
    };
    let path = "/poll/{room}?after={json next|0}&session={session id}&me={person}";
    let mut plan = described(variant, path);
    let foreign = foreign(&mut plan);
    let enter = |body: &str| Further {
        path: "/enter?session={session id}&me={person}".to_owned(),
        method: Method::Post,
        headers: Vec::new(),
        body: body.to_owned(),
    };
    foreign.session = Some(Opening {
        path: "/session".to_owned(),
        method: Method::Get,
        headers: Vec::new(),
        body: String::new(),
        then: vec![enter("40"), enter("42[\"join\",\"{room}\"]")],
    });
    foreign.read.answer = vec![Reply {
        when: "2".to_owned(),
        whole: true,
        send: "3".to_owned(),
    }];
    assert_clean(&plan, &server);
    assert!(server.chat.pongs.load(Ordering::Relaxed) > 0);
    // In another order nobody gets in, and the reason is that of the session.
    let server = HabitServer::start(Habit::Packets);
    let session = self::foreign(&mut plan).session.as_mut().unwrap();
    session.then.reverse();
    let said = named(&plan, &server);
    assert!(said.contains("the session was not opened"), "{said}");
}

/// Describes a WebSocket that wants to be greeted and subscribed over. Drafts go over it in this frame,
/// else by POST.
pub(crate) fn subscribing(frame: Option<&str>) -> Plan {
    let mut plan = described(Variant::Websocket, "/ws/any");
    plan.swarm.rooms = Some(2);
    let foreign = foreign(&mut plan);
    foreign.read.first = Steps(vec![
        Step::Send(r#"{"type":"init"}"#.to_owned()),
        Step::Wait {
            wait: r#"{"type":"ack"}"#.to_owned(),
        },
        Step::Send(r#"{"subscribe":"{room}"}"#.to_owned()),
    ]);
    foreign.read.answer = vec![Reply {
        when: r#"{"type":"ping"}"#.to_owned(),
        whole: false,
        send: r#"{"pong":{json n}}"#.to_owned(),
    }];
    foreign.say.on_socket = frame.is_some();
    foreign.say.frame = frame.map(str::to_owned);
    plan
}

#[test]
fn a_socket_that_wants_a_word_first_and_pings_in_json() {
    let server = HabitServer::start(Habit::Subscribe);
    for frame in [Some(r#"{"publish":{draft},"to":"{room}"}"#), None] {
        let mut plan = subscribing(frame);
        server.chat.pongs.store(0, Ordering::Relaxed);
        assert_clean(&plan, &server);
        assert!(server.chat.pongs.load(Ordering::Relaxed) >= 4);
        // Without the answer the server closes.
        foreign(&mut plan).read.answer.clear();
        assert!(run(&plan, &server).failures.values().sum::<u64>() > 0);
    }
}

#[test]
fn streams_that_end_in_good_order_are_opened_again() {
    for habit in [Habit::Pages, Habit::CarriageReturns] {
        let server = HabitServer::start(habit);
        let mut plan = described(SSE, "/sse/{room}");
        foreign(&mut plan).read.headers = vec!["Last-Event-ID: {id}".to_owned()];
        let outcome = assert_clean(&plan, &server);
        assert_eq!(outcome.stream_ends > 0, habit == Habit::Pages);
    }
}

#[test]
fn a_stream_that_says_to_come_back_in_a_year_is_why_messages_are_lost() {
    let server = HabitServer::start(Habit::Leave);
    let mut plan = described(SSE, "/sse/{room}");
    plan.traffic.drain = Duration::from_millis(500);
    let outcome = run(&plan, &server);
    assert!(outcome.lost() > 0);
    let said = format!("{:?}", outcome.failures);
    assert!(
        said.contains("says to come back in 31536000000 ms"),
        "{said}"
    );
}

#[test]
fn long_heads_and_byte_order_marks_are_read() {
    let server = HabitServer::start(Habit::Verbose);
    assert_clean(
        &described(poll(), "/poll/{room}?after={json next|0}"),
        &server,
    );
}

#[test]
fn what_has_no_end_has_a_bound() {
    thread::scope(|scope| {
        for (habit, said) in [
            (Habit::LongHead, "a response head of more than 64 KiB"),
            (Habit::EndlessBody, "a response of more than 64 MiB"),
            (Habit::EndlessInterim, "a response of more than 64 MiB"),
            (Habit::EndlessLine, "a line of a stream of more than 16 MiB"),
        ] {
            scope.spawn(move || is_bounded(habit, said));
        }
    });
}

fn is_bounded(habit: Habit, said: &str) {
    let server = HabitServer::start(habit);
    let (variant, path) = match habit {
        Habit::EndlessLine => (SSE, "/sse/{room}"),
        _ => (poll(), "/poll/{room}"),
    };
    let mut plan = described(variant, path);
    (
        plan.swarm.clients,
        plan.traffic.rate,
        plan.traffic.publishers,
    ) = (1, 0.0, 0);
    // So much is not read in a moment on a busy machine.
    plan.traffic.measure = Duration::from_secs(5);
    let failures = named(&plan, &server);
    assert!(failures.contains(said), "{habit:?}: {failures}");
}

#[test]
fn what_was_never_told_is_named() {
    let server = HabitServer::start(Habit::None);
    for hole in ["json nxt", "json data.next", "header X-Plce"] {
        let path = format!("/poll/{{room}}?after={{{hole}|0}}");
        let said = named(&described(poll(), &path), &server);
        assert!(
            said.contains(&format!("no answer filled {{{hole}|0}}")),
            "{said}"
        );
    }
    let server = HabitServer::start(Habit::Redirect);
    let said = named(
        &described(poll(), "/poll/{room}?after={json next|0}"),
        &server,
    );
    assert!(said.contains("a redirect to /poll/{room}/"), "{said}");
}

/// Checks that an answer whose head is cut is a failure by that name, on a kept connection and on a
/// new one, and that its bytes have an account.
#[test]
fn a_head_that_is_cut_is_named_and_its_bytes_have_an_account() {
    thread::scope(|scope| {
        for (variant, path) in [
            (poll(), "/poll/{room}?after={json next|0}"),
            (SSE, "/sse/{room}"),
            (Variant::Websocket, "/ws/{room}"),
        ] {
            scope.spawn(move || {
                let server = HabitServer::start(Habit::CutHead);
                let mut plan = described(variant, path);
                foreign(&mut plan).say.on_socket = false;
                plan.traffic.drain = Duration::from_millis(500);
                let outcome = run(&plan, &server);
                let said = format!("{:?}", outcome.failures);
                assert!(
                    said.contains("the connection ended in the middle of a head"),
                    "{path}: {said}"
                );
                assert_eq!(outcome.ledger_difference, 0, "{path}");
                assert_eq!(outcome.unparsed, [""; 0], "{path}");
                assert_eq!(outcome.unparsed_bytes(), 0, "{path}");
            });
        }
    });
}

#[test]
fn a_socket_that_is_closed_without_a_code_is_told_so() {
    let server = HabitServer::start(Habit::CloseBare);
    let mut plan = described(Variant::Websocket, "/ws/{room}");
    foreign(&mut plan).say.on_socket = false;
    plan.traffic.drain = Duration::from_millis(500);
    let said = named(&plan, &server);
    assert!(
        said.contains("closed by the server without a code"),
        "{said}"
    );
}
