//! Readers are sent the same bytes whether a sweep writes to each by itself or submits its sends.
//!
//! Other tests of this crate do what they do both ways, too: all of them with `WIREBENCH_IO=uring`.

use std::{fs, time::Duration};

use server::{Io, Settings};
use tokio::{net::TcpSocket, task::JoinSet};

use crate::fixture::{Server, Wire, get, hear_close, hear_json, ios, soon};

/// The time within which everybody has what was said once the server leaves, even on a busy machine.
const GOODBYE: Duration = Duration::from_mins(1);

/// The number of drafts that are said.
const SAID: usize = 150;

/// The number of bytes of the longest text; shorter ones are mixed in, so that sockets become full
/// at every place of a piece. Texts from 8 KiB on are not submitted.
const LONGEST: usize = 9_000;

fn settings(io: Io) -> Settings {
    Settings {
        io,
        // A write of its own for each event, or when somebody reads would show in the bytes.
        coalesce: false,
        date_header: false,
        log_events: SAID,
        send_buffer: Some(8 * 1024),
        goodbye: GOODBYE,
        ..Settings::default()
    }
}

fn text(number: usize) -> String {
    let length = number * 7919 % LONGEST;
    format!("{number} {}", "x".repeat(length))
}

/// Returns whether this process has an `io_uring`.
fn has_ring() -> bool {
    let files = fs::read_dir("/proc/self/fd").expect("Linux tells");
    let links = files.filter_map(|file| fs::read_link(file.ok()?.path()).ok());
    links
        .into_iter()
        .any(|link| link.as_os_str() == "anon_inode:[io_uring]")
}

/// Opens a connection that holds little of what its client does not read, and asks.
async fn ask(server: &Server, target: &str) -> Wire {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4 * 1024).unwrap();
    let mut wire = Wire::from(socket.connect(server.address).await.unwrap());
    let upgrade = if target.ends_with("ws") {
        "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
         sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    } else {
        ""
    };
    let head = format!("GET {target} HTTP/1.1\r\nhost: x\r\n{upgrade}\r\n");
    wire.write(head.as_bytes()).await;
    wire
}

/// Returns these bytes without the times of events, which differ from run to run.
fn timeless(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut parts = text.split("\"at\":");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        text + "\"at\":" + part.trim_start_matches(|digit: char| digit.is_ascii_digit())
    })
}

/// Returns what readers of each kind are sent, those who do not read before the end first.
async fn heard(io: Io) -> Vec<String> {
    let mut server = Server::with(settings(io));
    let kinds = ["/rooms/a/ws", "/rooms/a/stream", "/rooms/a/sse"];
    let mut readers = Vec::new();
    for target in kinds.repeat(2) {
        readers.push(ask(&server, target).await);
    }
    let mut readers: Vec<_> = readers.into_iter().map(Some).collect();
    let mut quick = JoinSet::new();
    for (number, reader) in readers.iter_mut().enumerate().skip(kinds.len()) {
        let mut wire = reader.take().unwrap();
        quick.spawn(async move { (number, timeless(&wire.rest().await)) });
    }
    let mut polls = Vec::new();
    for _ in 0..3 {
        polls.push(ask(&server, "/rooms/a/long-poll?after=0").await);
    }
    let mut answers = vec![String::new(); polls.len()];
    for number in 1..=SAID {
        server.say(&text(number)).await;
        for (poll, answers) in polls.iter_mut().zip(&mut answers) {
            let answer = poll.answer(false).await;
            *answers += &timeless(format!("{}{}", answer.head, answer.body).as_bytes());
            let next = format!("/rooms/a/long-poll?after={number}");
            poll.write(get(&next).as_bytes()).await;
        }
    }
    drop(polls);
    // It leaves once everybody has what was said.
    server.stop();
    let mut all = Vec::new();
    for reader in readers.iter_mut().flatten() {
        all.push(timeless(&reader.rest().await));
    }
    let mut quick = soon(quick.join_all()).await;
    quick.sort_unstable();
    all.extend(quick.into_iter().map(|(_, heard)| heard));
    server.left().await;
    all.extend(answers);
    all
}

#[tokio::test]
async fn readers_quick_and_slow_are_sent_the_same_bytes_however_they_are_written() {
    let ios = ios();
    let mut all = Vec::new();
    for io in &ios {
        all.push(heard(*io).await);
        assert!(*io == Io::Epoll || has_ring(), "nothing was submitted");
    }
    for (io, heard) in ios.iter().zip(&all) {
        for (number, (heard, first)) in heard.iter().zip(&all[0]).enumerate() {
            // Far more than the buffers between the server and a reader who does not read.
            assert!(heard.len() > 500_000, "{io:?} {number}: {}", heard.len());
            let at = heard
                .bytes()
                .zip(first.bytes())
                .position(|(one, other)| one != other);
            assert_eq!(at, None, "{io:?}: reader {number} was sent other bytes");
            assert_eq!(heard.len(), first.len(), "{io:?} {number}");
            let places: Vec<_> = (1..=SAID)
                .map(|seq| heard.find(&format!("{{\"seq\":{seq},")))
                .collect();
            assert!(
                places.iter().all(Option::is_some) && places.is_sorted(),
                "{io:?} {number}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_who_fell_behind_is_told_by_how_much_either_way() {
    for io in ios() {
        let server = Server::with(Settings {
            log_events: 20,
            ..settings(io)
        });
        let mut slow = ask(&server, "/rooms/a/stream").await;
        slow.head().await;
        let mut quick = server.websocket("/rooms/a/ws").await;
        for number in 1..=SAID {
            server.say(&text(number)).await;
            assert_eq!(hear_json(&mut quick).await["seq"], number);
        }
        let (mut accounted, mut missed) = (0, 0);
        while accounted < SAID as u64 {
            let chunk = slow.chunk().await.unwrap();
            for line in chunk.lines() {
                let json: serde_json::Value = serde_json::from_str(line).unwrap();
                let gap = json["missed"].as_u64();
                missed += gap.unwrap_or(0);
                accounted += gap.unwrap_or(1);
                assert!(
                    gap.is_some() || json["seq"] == accounted,
                    "{io:?}: {accounted} {json}"
                );
            }
        }
        assert!(missed > 0, "{io:?}: the reader is not slow enough");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_was_said_before_the_end_is_heard_by_a_room_of_several_slices() {
    const READERS: usize = 150;
    const SAID: u64 = 5;
    for io in ios() {
        let mut server = Server::with(Settings {
            io,
            goodbye: GOODBYE,
            ..Settings::default()
        });
        let mut readers = JoinSet::new();
        for _ in 0..READERS {
            let mut client = server.websocket("/rooms/a/ws").await;
            readers.spawn(async move {
                for seq in 1..=SAID {
                    assert_eq!(hear_json(&mut client).await["seq"], seq);
                }
                hear_close(&mut client).await
            });
        }
        for number in 0..SAID {
            server.say(&number.to_string()).await;
        }
        server.stop();
        let codes = soon(readers.join_all()).await;
        assert_eq!(codes, [1001; READERS], "{io:?}");
        server.left().await;
    }
}

#[tokio::test]
async fn auto_is_what_can_be_had_and_uring_is_that_or_an_error() {
    let can = server::try_uring().is_ok();
    let server = Server::with(settings(Io::Auto));
    for seq in 1..=2 {
        assert_eq!(server.say("hi").await, seq);
    }
    let chat = server::Chat::new(settings(Io::Uring));
    match chat {
        Ok(_) => assert!(can),
        Err(why) => {
            let why = why.to_string();
            assert!(
                !can && why.contains("io is uring, and io_uring cannot be had"),
                "{why}"
            );
        }
    }
}
