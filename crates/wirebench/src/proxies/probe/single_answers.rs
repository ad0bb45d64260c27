//! The probes of questions with one answer each: polls, and drafts by POST.

use std::{io, thread::sleep, time::Instant};

use wire::Way;

use super::{AT_ONCE, Bench, PATIENCE, median, no_body, no_head, script};
use crate::proxies::{
    client::Client,
    finding::{Finding, Passes},
    script::{Plan, Script},
    upstream::Log,
};

/// The polls and POSTs whose time is taken.
const ASKED: u32 = 30;

impl Bench<'_> {
    /// Asks again and again over one connection, and takes the time of each question and answer.
    pub(super) fn polls(&self, way: Way, found: &mut Finding) -> io::Result<()> {
        let plan = Plan::Paced {
            count: 1,
            gap_ms: if way == Way::LongPoll { 10 } else { 0 },
        };
        let asks = script(Some(way), plan);
        let mut client = Client::open(self.endpoint)?;
        let shaken = client.bytes;
        let mut times = Vec::new();
        for _ in 0..ASKED {
            let asked = Instant::now();
            client.ask(&asks)?;
            let Some(head) = client.head(PATIENCE)? else {
                found.passes = no_head(&client);
                return Ok(());
            };
            if head.status != 200 {
                found.passes = Passes::No(format!("status {}", head.status));
                return Ok(());
            }
            if !client.body(&head, PATIENCE)? {
                found.passes = no_body(&client);
                return Ok(());
            }
            times.push(asked.elapsed().saturating_sub(plan.gap()));
            if client.is_over {
                client = Client::open(self.endpoint)?;
                "a connection for each question".clone_into(&mut found.note);
            }
        }
        found.passes = Passes::Yes;
        found.takes_us = median(times);
        if found.note.is_empty() {
            let log = self.upstream.log(asks.number);
            found.added_bytes = Some(added(&client, shaken, &log));
            if log.connections >= ASKED {
                "a connection to the server for each".clone_into(&mut found.note);
            }
        }
        Ok(())
    }

    /// Takes the time of drafts and their answers, and looks whether a draft waits for its end.
    pub(super) fn drafts(&self, found: &mut Finding) -> io::Result<()> {
        let asks = script(None, Plan::Quiet);
        let draft = br#"{"from":"ann","text":"a message that is as long as many are"}"#;
        let head = |asks: &Script| {
            format!(
                "POST {asks} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n\
                 Content-Length: {}\r\n\r\n",
                draft.len()
            )
        };
        let mut client = Client::open(self.endpoint)?;
        let shaken = client.bytes;
        let mut times = Vec::new();
        for _ in 0..ASKED {
            let said = Instant::now();
            client.send(&[head(&asks).as_bytes(), draft].concat())?;
            match client.head(PATIENCE)? {
                Some(answer) if answer.status == 201 => {
                    if !client.body(&answer, PATIENCE)? {
                        found.passes = no_body(&client);
                        return Ok(());
                    }
                    times.push(said.elapsed());
                }
                Some(answer) => {
                    found.passes = Passes::No(format!("status {}", answer.status));
                    return Ok(());
                }
                None => {
                    found.passes = no_head(&client);
                    return Ok(());
                }
            }
        }
        found.passes = Passes::Yes;
        found.takes_us = median(times);
        found.added_bytes = Some(added(&client, shaken, &self.upstream.log(asks.number)));
        // Half a draft: does the server hear of it?
        let asks = script(None, Plan::Quiet);
        client.send(&[head(&asks).as_bytes(), &draft[..10]].concat())?;
        sleep(AT_ONCE / 4);
        let waits = self.upstream.log(asks.number).asked.is_none();
        found.note = if waits {
            "kept until its body is whole".to_owned()
        } else {
            String::new()
        };
        Ok(())
    }
}

/// Returns the bytes that a proxy added to a question and its answer, in both directions.
fn added(client: &Client, shaken: (usize, usize), log: &Log) -> f64 {
    let outside = client.bytes.0 + client.bytes.1 - shaken.0 - shaken.1;
    let inside = log.bytes_in + log.head_bytes + log.body_bytes;
    (outside as f64 - inside as f64) / f64::from(ASKED)
}
