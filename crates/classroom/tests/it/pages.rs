//! Tests of a page whose content is made while the classroom serves.

use std::sync::{Condvar, Mutex};

use classroom::{Content, View};

use crate::{Running, chat, whole};

/// True once the page may be made.
static MAY: Mutex<bool> = Mutex::new(false);
static TOLD: Condvar = Condvar::new();

/// Makes a page, when it may.
fn make() -> String {
    let may = MAY.lock().unwrap();
    drop(TOLD.wait_while(may, |may| !*may).unwrap());
    "{\"made\":true}".to_owned()
}

/// Checks with one thread for the server and all clients, which a page in the making would hold up.
#[tokio::test]
async fn whoever_asks_for_a_page_in_the_making_waits_and_nobody_else_does() {
    let page = ("/made", Content::Made(make));
    let running = Running::beside("", View::Lanes, chat(), page);
    let mut early = running.connect(running.address.port()).await;
    early.send("GET /made HTTP/1.1\r\nhost: x\r\n\r\n").await;
    for target in ["/classroom/config", "/rooms/hall/people"] {
        assert!(running.json(target).await.is_object(), "{target}");
    }
    let mut some = [0; 1];
    let nothing = early.stream.try_read(&mut some);
    assert!(nothing.is_err(), "an answer before there was one");
    *MAY.lock().unwrap() = true;
    TOLD.notify_all();
    let answer = String::from_utf8(early.read_until(whole).await).unwrap();
    assert!(answer.ends_with("{\"made\":true}"), "{answer}");
    assert!(answer.contains("content-security-policy: "), "{answer}");
    let late = running.json("/made").await;
    assert_eq!(late["made"], true);
    running.stop().await;
}
