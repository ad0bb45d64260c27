//! Tests of the lanes: the totals of the books must equal the bytes that went through their
//! sockets.

use std::time::Duration;

use classroom::View;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};

use crate::{PATIENCE, Running, sum, whole};

#[tokio::test]
async fn the_books_are_the_sockets_own_bytes() {
    let running = Running::start("");
    let config = running.json("/classroom/config").await;
    for lane in config["lanes"].as_array().unwrap() {
        let name = lane["lane"].as_str().unwrap();
        let port = u16::try_from(lane["port"].as_u64().unwrap()).unwrap();
        let mut client = running.connect(port).await;
        let draft = r#"{"from":"ann","text":"hello"}"#;
        let say = format!(
            "POST /rooms/hall/messages?person={name} HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n{draft}",
            draft.len()
        );
        client.send(&say).await;
        client.read_until(whole).await;
        let rest = match name {
            "short_poll" => "poll",
            "long_poll" => "long-poll",
            "http_stream" => "stream",
            "sse" => "sse",
            _ => "ws",
        };
        let target = format!("/rooms/hall/{rest}?person={name}&after=0");
        if matches!(name, "short_poll" | "long_poll") {
            client.get(&target, "").await;
            // Requests for the page's own files are not counted, on any connection.
            let (up, down) = (client.up, client.down);
            client.get("/classroom/config", "").await;
            (client.up, client.down) = (up, down);
        } else {
            let upgrade = "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n";
            let headers = if name == "websocket" { upgrade } else { "" };
            client
                .send(&format!(
                    "GET {target} HTTP/1.1\r\nhost: x\r\n{headers}\r\n"
                ))
                .await;
            client
                .read_until(|bytes| String::from_utf8_lossy(bytes).contains("hello"))
                .await;
        }
        let (up, down) = (client.up, client.down);
        // Bytes that were sent before the client hung up are read, and counted here, too.
        client.stream.shutdown().await.unwrap();
        let mut late = Vec::new();
        let reading = client.stream.read_to_end(&mut late);
        timeout(PATIENCE, reading).await.unwrap().unwrap();
        let books = running
            .books(name, |books| {
                !books.is_null() && sum(books, "down") >= down && sum(books, "up") >= up
            })
            .await;
        assert_eq!(sum(&books, "up"), up, "{name}: {books}");
        assert_eq!(
            sum(&books, "down"),
            down + late.len() as u64,
            "{name}: {books}"
        );
        assert_eq!(books["up"]["payload"], draft.len(), "{name}");
        assert_eq!(books["requests"], 2, "{name}");
        // A stream and a WebSocket are set up, and that is overhead; polls are not.
        let setup = [&books["up"], &books["down"]].map(|way| {
            let (setup, overhead) = (way["setup"].as_u64(), way["overhead"].as_u64());
            assert!(setup <= overhead, "{name}: {books}");
            setup.unwrap()
        });
        let is_set_up = !matches!(name, "short_poll" | "long_poll");
        assert_eq!(setup.iter().all(|&bytes| bytes > 0), is_set_up, "{name}");
    }
    running.stop().await;
}

#[tokio::test]
async fn a_delay_is_there_from_the_start() {
    let running = Running::start("delay=30ms");
    let config = running.json("/classroom/config").await;
    let port = u16::try_from(config["lanes"][0]["port"].as_u64().unwrap()).unwrap();
    let mut client = running.connect(port).await;
    let asked = std::time::Instant::now();
    client.get("/rooms/hall/poll", "").await;
    assert!(asked.elapsed() >= Duration::from_millis(60));
    running.stop().await;
}

#[tokio::test]
async fn a_lane_of_ones_own_has_its_own_delay() {
    let running = Running::start("");
    let config = running.json("/classroom/config").await;
    let own = &config["own"][0];
    assert_eq!(
        (&own["lane"], &own["delay"]),
        (&"long_poll".into(), &40.into())
    );
    let port = u16::try_from(own["port"].as_u64().unwrap()).unwrap();
    let mut client = running.connect(port).await;
    let asked = std::time::Instant::now();
    client
        .get("/rooms/own-room/long-poll?hold=0&person=ann", "")
        .await;
    assert!(asked.elapsed() >= Duration::from_millis(80));
    // It is counted like everybody's exchanges.
    running.books("ann", |books| books["requests"] == 1).await;
    running.stop().await;
}

#[tokio::test]
async fn a_page_may_be_told_nothing_of_the_token() {
    let running = Running::start("");
    let mut client = running.connect(running.address.port()).await;
    client
        .send("GET /classroom HTTP/1.1\r\nhost: x\r\n\r\n")
        .await;
    let page = String::from_utf8(client.read_until(whole).await).unwrap();
    assert!(page.contains("/classroom/main.js"), "{page}");
    let policy = page
        .lines()
        .find(|line| line.starts_with("content-security-policy"))
        .unwrap();
    let config = running.json("/classroom/config").await;
    for lane in config["lanes"].as_array().unwrap() {
        assert!(
            policy.contains(&format!("http://*:{}", lane["port"])),
            "{policy}"
        );
    }
    assert!(!config.to_string().contains("token"));
    // Nor of the key to the lessons' questions.
    assert!(config.to_string().contains("a-lesson"));
    assert!(!config.to_string().contains("the key"));
    client
        .send("GET /lessons/ HTTP/1.1\r\nhost: x\r\n\r\n")
        .await;
    let lesson = String::from_utf8(client.read_until(whole).await).unwrap();
    assert!(lesson.ends_with("a lesson"), "{lesson}");
    running.stop().await;
}

#[tokio::test]
async fn lanes_that_nobody_looks_at_are_not_opened() {
    let running = Running::with("", View::Lanes);
    let mut client = running.connect(running.address.port()).await;
    client.get("/rooms/hall/poll?person=ann", "").await;
    // The chat's own port is not tapped.
    let books = client.get("/classroom/books?person=ann", "").await;
    assert!(books.is_null(), "{books}");
    let mut page = running.connect(running.address.port()).await;
    page.send("GET /classroom HTTP/1.1\r\nhost: x\r\n\r\n")
        .await;
    page.read_until(whole).await;
    let config = running.json("/classroom/config").await;
    assert_eq!(config["wire"], false);
    let lanes = config["lanes"].as_array().unwrap();
    assert_eq!(lanes.len(), 5);
    let port = u16::try_from(lanes[0]["port"].as_u64().unwrap()).unwrap();
    let mut lane = running.connect(port).await;
    lane.get("/rooms/hall/poll?person=ben", "").await;
    running
        .books("ben", |books| {
            books["requests"] == 1 && sum(books, "down") > 0
        })
        .await;
    running.stop().await;
}
