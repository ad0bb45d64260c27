//! Joins and leaves, as the log reports them.

use super::*;
use crate::{
    room::reason::Reason,
    settings::{PerAddress, Settings},
};

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

/// Checks that an address that has as many people as it may makes nobody leave a full room, and that
/// another one still does.
#[test]
fn who_is_refused_pushes_nobody_out() {
    let room = crate::room::tests::room_of(&Settings {
        per_address: PerAddress {
            people: Some(2),
            ..PerAddress::default()
        },
        ..Settings::default()
    });
    let [one, other] = [7, 8].map(|last| Address::of([192, 0, 2, last].into()));
    let poll = |name: &str, address| {
        let address = Some(address);
        let member = Member {
            address,
            ..member(name, None)
        };
        room.renew(member, GRACE);
    };
    poll("ann", one);
    poll("eve", other);
    poll("eva", other);
    // Nobody came again, and all came a while ago.
    let mut presence = room.presence.lock().unwrap();
    for visitor in presence.people.values_mut() {
        let before = visitor.came.checked_sub(Duration::from_secs(2));
        visitor.came = before.unwrap();
    }
    drop(presence);
    let admit = |name: &str, address| {
        let identity = Identity::Name(name.into());
        room.admit(&identity, address, Some(3))
    };
    let refused = admit("lou", other);
    assert!(matches!(refused, Err(Reason::Crowded(2))), "{refused:?}");
    assert_eq!(room.people().online, 3);
    let taken = admit("ben", one);
    assert!(taken.is_ok(), "{taken:?}");
    assert_eq!(story(&room)[3..], ["-ann 2"]);
}

/// Checks that a person who gave no token does not come back, and may not speak, under the name that
/// was sent out. Others may.
#[test]
fn who_is_sent_out_without_a_token_is_known_by_the_name() {
    for bans in [false, true] {
        let room = Arc::new(room(99));
        let guard = room.connect(member("ann", None), GRACE);
        let id = room.members()[0].id;
        assert!(room.send_out(id, bans) && guard.is_cut());
        let address = Address::of([192, 0, 2, 7].into());
        let admit = |identity| room.admit(&identity, address, None);
        let refused = admit(Identity::Name("ann".into()));
        assert!(matches!(refused, Err(Reason::Banned)), "{refused:?}");
        for other in [Identity::Name("ben".into()), Identity::Token("a".into())] {
            assert!(admit(other).is_ok());
        }
    }
}
