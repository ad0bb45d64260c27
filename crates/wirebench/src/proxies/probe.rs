//! The probes of one way through one endpoint: what passes, when, and how much of it.

mod single_answers;

use std::{
    io,
    sync::atomic::{AtomicU64, Ordering},
    thread::sleep,
    time::{Duration, Instant},
};

use analysis::statistics::Spread;
use wire::Way;

use super::{
    client::{Client, Endpoint},
    finding::{Finding, Passes, Seen, Swallowed},
    script::{Plan, Script},
    upstream::{Log, Upstream},
};

/// The longest time that is waited for what should come at once.
const AT_ONCE: Duration = Duration::from_secs(1);
/// The longest time that is waited for something to drip through.
const DRIPS: Duration = Duration::from_secs(4);
/// The longest time for anything that is bound to come.
const PATIENCE: Duration = Duration::from_secs(10);
/// The events that are followed on their way, and the milliseconds between two of them.
const FOLLOWED: Plan = Plan::Paced {
    count: 40,
    gap_ms: 5,
};

/// The probes of one proxy: the server behind it, and the endpoint to it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bench<'a> {
    pub(crate) upstream: &'a Upstream,
    pub(crate) endpoint: &'a Endpoint,
    /// The most that is sent to a reader that does not read, in MiB.
    pub(crate) most: u32,
}

/// The number of the next probe.
static NUMBER: AtomicU64 = AtomicU64::new(1);

fn script(way: Option<Way>, plan: Plan) -> Script {
    Script {
        number: NUMBER.fetch_add(1, Ordering::Relaxed),
        way,
        plan,
    }
}

impl Bench<'_> {
    /// Looks at one way. A connection that breaks is a finding.
    pub(crate) fn way(&self, way: Way) -> Finding {
        let mut found = Finding {
            way: way.title().to_owned(),
            ..Finding::default()
        };
        let looked = if way.polls() {
            self.polls(way, &mut found)
        } else {
            self.stream(way, &mut found)
        };
        broken(&mut found, looked);
        found
    }

    /// Looks at drafts by POST.
    pub(crate) fn post(&self) -> Finding {
        let mut found = Finding {
            way: "POST".to_owned(),
            ..Finding::default()
        };
        let looked = self.drafts(&mut found);
        broken(&mut found, looked);
        found
    }

    /// Looks at the head, the first event, the events that follow, and a reader that does not read.
    fn stream(&self, way: Way, found: &mut Finding) -> io::Result<()> {
        self.head_and_first(way, found)?;
        if matches!(found.passes, Passes::No(_)) {
            return Ok(());
        }
        if matches!(found.first, Seen::Not(_)) {
            found.first_bytes = self.drip(way)?;
        }
        self.follow(way, found)?;
        if found.first == Seen::Not(AT_ONCE) && found.passes == Passes::Yes {
            // Events that are kept back come when the stream ends, so that their times say nothing.
            found.passes = Passes::No("kept back".to_owned());
            found.takes_us = None;
        }
        found.swallowed = self.flood(way)?;
        Ok(())
    }

    fn head_and_first(&self, way: Way, found: &mut Finding) -> io::Result<()> {
        let asks = script(Some(way), Plan::Quiet);
        let mut client = Client::open(self.endpoint)?;
        client.ask(&asks)?;
        let head = client.head(AT_ONCE)?;
        let now = Instant::now();
        let wrote = self.upstream.log(asks.number).answered.last().copied();
        found.head = match (&head, wrote) {
            (Some(_), Some(wrote)) => Seen::After(now.saturating_duration_since(wrote)),
            _ => Seen::Not(AT_ONCE),
        };
        let expected = if way == Way::Websocket { 101 } else { 200 };
        found.passes = match head {
            Some(head) if head.status != expected => Passes::No(format!("status {}", head.status)),
            Some(_) => Passes::Yes,
            None if client.is_over => Passes::No("closed".to_owned()),
            // A head that is kept back may come with what follows.
            None => Passes::Unknown,
        };
        drop(client);
        if matches!(found.passes, Passes::No(_)) {
            if way == Way::Websocket {
                not_upgraded(&self.upstream.log(asks.number)).clone_into(&mut found.note);
            }
            return Ok(());
        }
        let asks = script(Some(way), Plan::One);
        let mut client = Client::open(self.endpoint)?;
        client.ask(&asks)?;
        let came = match client.head(AT_ONCE)? {
            Some(_) => client.events(1, AT_ONCE)?.0.first().copied(),
            None => None,
        };
        let log = self.upstream.log(asks.number);
        found.first = match came.zip(log.events.first()) {
            Some((came, wrote)) => {
                found.first_bytes = Some(log.body_bytes as u64);
                Seen::After(came.saturating_duration_since(*wrote))
            }
            None => Seen::Not(AT_ONCE),
        };
        Ok(())
    }

    /// Lets events drip until the first comes out. Returns how many bytes the server had sent of
    /// them by then; `None` if none came.
    fn drip(&self, way: Way) -> io::Result<Option<u64>> {
        let asks = script(Some(way), Plan::Drip);
        let mut client = Client::open(self.endpoint)?;
        client.ask(&asks)?;
        if client.head(DRIPS)?.is_none() {
            return Ok(None);
        }
        let came = client.events(1, DRIPS)?.0;
        let sent = self.upstream.log(asks.number).body_bytes as u64;
        Ok((!came.is_empty()).then_some(sent))
    }

    /// Follows events on their way to the end of the stream.
    fn follow(&self, way: Way, found: &mut Finding) -> io::Result<()> {
        let asks = script(Some(way), FOLLOWED);
        let mut client = Client::open(self.endpoint)?;
        client.ask(&asks)?;
        if client.head(PATIENCE)?.is_none() {
            found.passes = no_head(&client);
            return Ok(());
        }
        let count = FOLLOWED.most_events() as usize;
        let (came, bytes) = client.events(count, PATIENCE)?;
        let log = self.upstream.log(asks.number);
        if came.len() < count || log.events.len() < count {
            let lost = format!("{} of {count} events", came.len());
            found.passes = Passes::No(lost);
            return Ok(());
        }
        found.passes = Passes::Yes;
        let ways = came.iter().zip(&log.events);
        let times = ways.map(|(came, wrote)| came.saturating_duration_since(*wrote));
        found.takes_us = median(times.collect());
        found.added_bytes = Some((bytes as f64 - log.body_bytes as f64) / count as f64);
        Ok(())
    }

    /// Sends to a reader that does not read, until the server is slowed or all is taken.
    fn flood(&self, way: Way) -> io::Result<Option<Swallowed>> {
        let asks = script(Some(way), Plan::Flood { most: self.most });
        let mut client = Client::open(self.endpoint)?;
        client.ask(&asks)?;
        let began = Instant::now();
        let mut last = (0, began);
        loop {
            sleep(Duration::from_millis(50));
            let log = self.upstream.log(asks.number);
            let sent = log.body_bytes;
            if sent > last.0 {
                last = (sent, Instant::now());
            }
            let is_all = sent >= asks.plan.most_bytes();
            if log.is_full || is_all || last.1.elapsed() > PATIENCE {
                return Ok((sent > 0).then_some(Swallowed {
                    bytes: sent as u64,
                    is_bounded: !is_all,
                }));
            }
        }
    }

    /// Waits until an exchange ends on which nothing moves.
    pub(crate) fn cut(&self, way: Way, within: Duration) -> Seen {
        let looked = || {
            let mut client = Client::open(self.endpoint)?;
            client.ask(&script(Some(way), Plan::Quiet))?;
            let began = Instant::now();
            if !way.polls() {
                // A head that is kept back never comes.
                client.head(AT_ONCE.min(within / 4))?;
            }
            let (is_over, _) = client.end(within.saturating_sub(began.elapsed()))?;
            io::Result::Ok(is_over.then(|| began.elapsed()))
        };
        match looked() {
            Ok(Some(after)) => Seen::After(after),
            Ok(None) => Seen::Not(within),
            Err(_) => Seen::Unknown,
        }
    }
}

fn broken(found: &mut Finding, looked: io::Result<()>) {
    if let Err(error) = looked {
        found.passes = Passes::No(error.kind().to_string());
    }
}

/// Returns what became of the upgrade on its way to a server that did not grant it.
fn not_upgraded(log: &Log) -> &'static str {
    match (log.asked, log.asks_upgrade, log.is_new) {
        (None, ..) => "the request does not reach the server",
        (Some(_), false, _) => "the upgrade is not passed on",
        (Some(_), true, false) => "the upgrade is passed on in HTTP/1.0",
        (Some(_), true, true) => "",
    }
}

/// Returns what came in place of the head of an answer.
fn no_head(client: &Client) -> Passes {
    Passes::No(if client.is_over {
        "closed".to_owned()
    } else {
        format!("nothing in {PATIENCE:?}")
    })
}

/// Returns what came in place of the rest of an answer.
fn no_body(client: &Client) -> Passes {
    Passes::No(if client.is_over {
        "closed within an answer".to_owned()
    } else {
        format!("half an answer in {PATIENCE:?}")
    })
}

/// Returns the median, in microseconds.
fn median(times: Vec<Duration>) -> Option<f64> {
    let micros = times.into_iter().map(|time| time.as_secs_f64() * 1e6);
    Spread::of(micros).map(|spread| spread.median)
}

#[cfg(test)]
mod tests;
