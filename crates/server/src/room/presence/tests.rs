//! Joins and leaves, as the log reports them.

use super::*;
use crate::settings::Settings;

fn room(log_events: usize) -> Room {
    crate::room::tests::room_of(&Settings {
        log_events,
        ..Settings::default()
    })
}

const GRACE: Duration = Duration::from_mins(1);

fn member(name: &str, token: Option<&str>) -> Member {
    Member {
        name: name.into(),
        token: token.map(Into::into),
        way: Way::Websocket,
        address: None,
    }
}

/// Returns the joins and leaves in the log: `+name` and `-name` with the count.
fn story(room: &Room) -> Vec<String> {
    let batch: wire::Batch<wire::Event> = wire::codec::decode(&room.after(0)).unwrap();
    let line = |event: wire::Event| {
        let sign = if event.kind == Kind::Join { '+' } else { '-' };
        format!("{sign}{} {}", event.from, event.online.unwrap())
    };
    batch.events.into_iter().map(line).collect()
}

#[test]
fn two_people_may_share_a_name() {
    let room = Arc::new(room(99));
    let one = room.connect(member("ann", None), GRACE);
    let two = room.connect(member("ann", None), GRACE);
    assert_eq!(room.people().online, 2);
    drop(one);
    drop(two);
    assert_eq!(story(&room), ["+ann 1", "+ann 2", "-ann 1", "-ann 0"]);
}

#[test]
fn a_token_counts_once_and_outlives_its_connection_by_the_grace() {
    let room = Arc::new(room(99));
    let one = room.connect(member("ann", Some("a")), GRACE);
    let two = room.connect(member("ann", Some("a")), GRACE);
    drop(one);
    drop(two);
    room.end_leases(Instant::now());
    assert_eq!(room.people().online, 1);
    // Comes back by polling: nobody left, nobody joined.
    room.renew(member("ann", Some("a")), GRACE);
    assert_eq!(story(&room), ["+ann 1"]);
    room.end_leases(Instant::now() + 2 * GRACE);
    assert_eq!(story(&room), ["+ann 1", "-ann 0"]);
    assert!(!room.has_leases.load(Relaxed));
}

#[test]
fn a_poller_is_its_name_and_its_lease() {
    let room = Arc::new(room(99));
    room.renew(member("bob", None), GRACE);
    room.renew(member("bob", None), 2 * GRACE);
    room.renew(member("cy", None), GRACE);
    room.end_leases(Instant::now() + GRACE);
    assert_eq!(story(&room), ["+bob 1", "+cy 2", "-cy 1"]);
    assert!(room.has_leases.load(Relaxed));
    room.leave(&Identity::Name("bob".into()));
    room.leave(&Identity::Name("bob".into()));
    assert_eq!(story(&room)[3..], ["-bob 0"]);
}

#[test]
fn a_connection_is_not_bound_by_an_older_lease() {
    let room = Arc::new(room(99));
    room.renew(member("ann", Some("a")), Duration::ZERO);
    let guard = room.connect(member("ann", Some("a")), Duration::ZERO);
    room.end_leases(Instant::now() + GRACE);
    assert_eq!(room.people().online, 1);
    drop(guard);
    room.end_leases(Instant::now() + GRACE);
    assert_eq!(story(&room), ["+ann 1", "-ann 0"]);
}

#[test]
fn who_left_by_request_and_came_back_is_not_ended_by_the_old_connection() {
    let room = Arc::new(room(99));
    let old = room.connect(member("ann", Some("a")), GRACE);
    room.leave(&Identity::Token("a".into()));
    let new = room.connect(member("ann", Some("a")), GRACE);
    drop(old);
    room.end_leases(Instant::now() + 2 * GRACE);
    assert_eq!(story(&room), ["+ann 1", "-ann 0", "+ann 1"]);
    drop(new);
}
