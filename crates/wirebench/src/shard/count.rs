//! The server's own count of the people of a plan: who is in the rooms, of people with names; the
//! readers of `/metrics`, of people without.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use anyhow::{Context, bail, ensure};
use serde::Deserialize;
use swarm::{Target, plan::Plan};

/// The time within which the server must answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest answer that is read.
const LONGEST: u64 = 64 << 20;

/// Asks a server how many people are there.
#[derive(Debug)]
pub(crate) struct Counter {
    address: SocketAddr,
    host: String,
    prefix: String,
    /// The number of people that the plan has.
    wanted: u64,
    /// The rooms of people with names; none where `/metrics` is asked.
    rooms: usize,
}

/// The counts of a server at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counted {
    /// The number of people.
    pub(crate) people: u64,
    /// The time at which the last of them came, by the server's calendar clock, in milliseconds since
    /// 1970; `None` where the server does not tell.
    pub(crate) last_came: Option<u64>,
}

#[derive(Deserialize)]
struct Room {
    online: u64,
    people: Vec<Person>,
}

#[derive(Deserialize)]
struct Person {
    since: u64,
}

impl Counter {
    /// Makes a counter for the people of `plan`.
    ///
    /// # Errors
    /// Fails for people that no count of the server contains.
    pub(crate) fn new(plan: &Plan, target: &Target) -> anyhow::Result<Self> {
        let is_named = plan.swarm.presence;
        if !is_named && plan.variant.interval().is_some() {
            bail!(
                "the server does not count short polls of people without a name: add \
                 --set swarm.presence=true, or give --start-at instead of --barrier"
            );
        }
        Ok(Self {
            address: target.address,
            host: target.host.clone(),
            prefix: target.prefix.clone(),
            wanted: plan.swarm.clients as u64,
            rooms: if is_named { plan.rooms() } else { 0 },
        })
    }

    /// Returns the number of people that are awaited.
    pub(crate) const fn wanted(&self) -> u64 {
        self.wanted
    }

    /// Returns what the server counts.
    pub(crate) const fn what(&self) -> &'static str {
        if self.rooms > 0 {
            "who is in the rooms"
        } else {
            "readers"
        }
    }

    /// Returns what the server counts now.
    pub(crate) fn count(&self) -> anyhow::Result<Counted> {
        if self.rooms == 0 {
            let text = self
                .get("/metrics")
                .context("start it with `serve --metrics`, or add --set swarm.presence=true")?;
            return Ok(Counted {
                people: readers(&text),
                last_came: None,
            });
        }
        let mut all = Counted::default();
        for room in 0..self.rooms {
            let path = format!("/rooms/{}/people", swarm::room_name(room));
            let room: Room = serde_json::from_str(&self.get(&path)?)
                .with_context(|| format!("{path} is not what our server answers"))?;
            all.people += room.online;
            let last = room.people.iter().map(|person| person.since).max();
            all.last_came = all.last_came.max(last);
        }
        Ok(all)
    }

    /// Returns the body of an answer of 200.
    fn get(&self, path: &str) -> anyhow::Result<String> {
        let mut socket = TcpStream::connect_timeout(&self.address, PATIENCE)?;
        socket.set_read_timeout(Some(PATIENCE))?;
        socket.set_write_timeout(Some(PATIENCE))?;
        let (prefix, host) = (&self.prefix, &self.host);
        write!(
            socket,
            "GET {prefix}{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        )?;
        let mut answer = String::new();
        socket.take(LONGEST).read_to_string(&mut answer)?;
        let (head, body) = answer.split_once("\r\n\r\n").context("no answer")?;
        let status = head.split_whitespace().nth(1).unwrap_or_default();
        ensure!(status == "200", "it answers {path} with {status}");
        Ok(body.to_owned())
    }
}

/// Returns the sum over all ways of the readers in a text of metrics.
fn readers(text: &str) -> u64 {
    let lines = text
        .lines()
        .filter(|line| line.starts_with("wirebench_readers{"));
    let counts = lines.filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok());
    counts.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readers_of_all_ways_are_added_up() {
        let text = "# TYPE wirebench_readers gauge\nwirebench_readers{way=\"sse\"} 12\n\
                    wirebench_readers{way=\"websocket\"} 30\nwirebench_rooms 7\n";
        assert_eq!(readers(text), 42);
        assert_eq!(readers(""), 0);
    }
}
