//! The answers to whoever reads: polls and event streams.

use std::{collections::HashMap, sync::atomic::Ordering, time::Duration};

use serde_json::{Value as Json, json};
use tokio::{io::AsyncWriteExt, net::TcpStream};

use super::{Chat, Habit, beyond};

/// The milliseconds of a year.
const YEAR: &str = "31536000000";

impl Chat {
    pub(super) async fn poll(
        &self,
        stream: &mut TcpStream,
        room: &str,
        query: &HashMap<String, String>,
    ) -> Option<()> {
        match self.habit {
            Habit::EndlessBody => {
                let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
                let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
                return endless(stream, head, &chunk).await;
            }
            Habit::EndlessInterim => {
                return endless(stream, "", &"HTTP/1.1 100 Continue\r\n\r\n".repeat(1000)).await;
            }
            Habit::LongHead => {
                let line = format!("X-Long: {}\r\n", "x".repeat(100_000));
                return self.answer(stream, "200 OK", &line, "").await;
            }
            Habit::Redirect => {
                let place = format!("Location: /poll/{room}/?after=0\r\n");
                return self
                    .answer(stream, "307 Temporary Redirect", &place, "")
                    .await;
            }
            _ => {}
        }
        let place = query.get("after").map_or("0", String::as_str);
        let (Some(from), true) = (self.from(place), self.lets_in(query)) else {
            return self.answer(stream, "400 Bad Request", "", "").await;
        };
        if self.habit == Habit::Packets {
            if self.polls.fetch_add(1, Ordering::Relaxed).is_multiple_of(5) {
                return self.answer(stream, "200 OK", "", "2").await;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let log = self.log(room).borrow().clone();
        let new = log.get(from..)?;
        if self.habit == Habit::NotModified && new.is_empty() {
            self.polls.fetch_add(1, Ordering::Relaxed);
            let head = "HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\nContent-Length: 77\r\n\r\n";
            return stream.write_all(head.as_bytes()).await.ok();
        }
        let items = new
            .iter()
            .zip(from + 1..)
            .map(|(text, id)| json!({ "id": id, "text": text }));
        let items: Vec<Json> = items.collect();
        let body = match self.habit {
            Habit::List => Json::from(items).to_string(),
            Habit::OddPlace => {
                let next = log.len();
                json!({ "items": items, "next": format!("a b+c/ 1000000000000000000000{next}") })
                    .to_string()
            }
            Habit::Verbose => {
                format!("\u{feff}{}", json!({ "items": items, "next": log.len() }))
            }
            _ => json!({ "items": items, "next": log.len() }).to_string(),
        };
        let lines = match self.habit {
            Habit::Verbose => format!("X-Long: {}\r\n", "x".repeat(20_000)),
            _ => String::new(),
        };
        self.answer(stream, "200 OK", &lines, &body).await
    }

    fn from(&self, place: &str) -> Option<usize> {
        match self.habit {
            Habit::OddPlace if place != "0" => place
                .strip_prefix("a b+c/ 1000000000000000000000")?
                .parse()
                .ok(),
            _ => place.parse().ok(),
        }
    }

    pub(super) async fn events(
        &self,
        stream: &mut TcpStream,
        room: &str,
        last: usize,
    ) -> Option<()> {
        let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
        if self.habit == Habit::EndlessLine {
            let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
            return endless(stream, head, &chunk).await;
        }
        stream.write_all(head.as_bytes()).await.ok()?;
        let end = if self.habit == Habit::CarriageReturns {
            "\r"
        } else {
            "\n"
        };
        let mut listens = self.log(room).subscribe();
        let (mut from, mut given) = (last, 0);
        loop {
            let new = beyond(&mut listens, from).await?;
            for text in new {
                from += 1;
                given += 1;
                let retry = if self.habit == Habit::Leave {
                    YEAR
                } else {
                    "20"
                };
                let event = format!("retry: {retry}{end}id: {from}{end}data: {text}{end}{end}");
                let chunk = format!("{:x}\r\n{event}\r\n", event.len());
                stream.write_all(chunk.as_bytes()).await.ok()?;
                if matches!(self.habit, Habit::Pages | Habit::Leave) && given == 3 {
                    return stream.write_all(b"0\r\n\r\n").await.ok();
                }
            }
        }
    }
}

async fn endless(stream: &mut TcpStream, head: &str, piece: &str) -> Option<()> {
    stream.write_all(head.as_bytes()).await.ok()?;
    loop {
        stream.write_all(piece.as_bytes()).await.ok()?;
    }
}
