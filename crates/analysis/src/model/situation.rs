//! The properties of a run that predictions need, read from its row in `runs.csv`.

use std::ops::RangeInclusive;

use wire::{BROWSER_CONNECTIONS, Carrier, Compression, Exchange, Protocol, Way};

use super::{exchange::Client, framing, library};
use crate::series::milliseconds;
use results::{
    RunRow,
    row::{Link, Path},
};

/// The pattern of the times at which drafts are due.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Arrivals {
    /// Drafts are due at equal intervals.
    Constant,
    /// Drafts are due independently of each other.
    Poisson,
    /// Several drafts are due at the same time.
    Burst {
        /// The number of drafts in a burst.
        size: f64,
    },
}

/// The properties of a run that the formulas use. Times are in seconds, rates in messages a second
/// that reach one reader.
#[derive(Debug, Clone, Copy)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own about the run"
)]
pub struct Situation {
    /// The way in which readers read.
    pub way: Way,
    /// The protocol that is spoken.
    pub protocol: Protocol,
    /// The interval of a short poll or the hold of a long poll; 0 for others.
    pub every: f64,
    /// The pattern of the due times; `None` if the row does not contain it.
    pub arrivals: Option<Arrivals>,
    /// The number of messages a second that reach one reader.
    pub rate: f64,
    /// The duration of the measurement.
    pub measured: f64,
    /// The duration of the settling before it.
    pub settled: f64,
    /// The number of readers of one event.
    pub readers: f64,
    /// The number of all readers.
    pub clients: f64,
    /// The mean number of bytes of a text.
    pub text: u64,
    /// True if each request has a connection of its own.
    pub closes: bool,
    /// The one-way delay from the server to a reader.
    pub read_delay: f64,
    /// The delay from a publisher to the server: one way, and three times that if each draft opens
    /// a connection.
    pub say_delay: f64,
    /// The largest deviation from a delay, in either direction.
    pub jitter: f64,
    /// True if the network affects times in a way that no formula here covers.
    pub is_obscure: bool,
    /// True if requests of a browser's tabs may wait for each other.
    pub takes_turns: bool,
    /// The properties of a reader's requests; `None` if the row does not contain the size of the
    /// server's name, or if the server is not the built-in one.
    pub client: Option<Client>,
    /// The properties of a draft's request; `None` if it has none.
    pub say_client: Option<Client>,
    /// The number of events that a room has before the first draft, which are the joins of its
    /// readers; `None` if other runs may have used the room.
    pub before: Option<u64>,
    /// The number of bytes that TLS adds to each record; 0 without TLS.
    pub record: u64,
    /// True if requests go over HTTP/2, whose heads are compressed and whose content has no chunks.
    pub is_http2: bool,
    /// True if drafts have neither a request nor an answer of their own.
    pub says_on_socket: bool,
    /// True if drafts are packets that a library sends by requests.
    pub says_packets: bool,
}

impl Situation {
    /// Reads the properties from a row. Returns `None` for a way that this version does not know,
    /// for options that no formula covers, for a run that is no chat, and for a run through a proxy,
    /// which writes heads of its own, holds bytes back and answers by itself.
    #[must_use]
    pub fn of(run: &RunRow) -> Option<Self> {
        let is_chat = run.envelope.is_empty() && run.agent.is_empty();
        if !run.proxy.is_empty() || !is_chat {
            return None;
        }
        let protocol = run.spoken();
        let seconds = match protocol {
            Protocol::Plain | Protocol::InPage => milliseconds(&run.variant) as f64 / 1e3,
            // A poll is held until the next heartbeat.
            _ => library::HEARTBEAT,
        };
        let has = |word: &str| run.variant.split_whitespace().any(|other| other == word);
        let way = run.way()?;
        if run.packed() != Compression::None || says_forms(run, protocol, way) {
            // The sizes depend on what is said.
            return None;
        }
        let is_known = match (way.exchange(), way.framing()) {
            _ if protocol.is_library() => is_usual(&run.variant, protocol, way),
            (Exchange::Open, _) if protocol == Protocol::InPage => run.variant == "iframe",
            (Exchange::Immediate | Exchange::Held, _) => seconds > 0.0,
            (Exchange::Open, Some(framing)) => has(framing.name()),
            // Any word is an option that changes sizes.
            (Exchange::Open, None) => run.variant == "-",
        };
        if !is_known {
            return None;
        }
        let delay = |micros: Option<u64>| micros.unwrap_or(0) as f64 / 1e6;
        let closes = has("close");
        let lines = run.read_line_bytes;
        let is_http2 = run.http == "2";
        // The length of a compressed head depends on those before it.
        let path = Path::read(&run.path);
        let ours = path.target.is_none() && !is_http2;
        let link: Link = path.link.unwrap_or_default();
        let client = |lines: Option<u64>, closes| {
            let (host, lines) = run.host_bytes.zip(lines).filter(|_| ours)?;
            Some(Client {
                host,
                lines,
                closes,
                named: run.named == Some(true),
            })
        };
        Some(Self {
            way,
            protocol,
            every: if way.polls() { seconds } else { 0.0 },
            arrivals: arrivals(&run.arrivals)
                .filter(|_| matches!(run.pacing.as_str(), "" | "open")),
            rate: rate(run),
            measured: run.measured_ms as f64 / 1e3,
            settled: run.settle_ms.unwrap_or(0) as f64 / 1e3,
            readers: run.clients as f64 / run.rooms.max(1) as f64,
            clients: run.clients as f64,
            text: run.payload_bytes,
            closes,
            read_delay: delay(run.read_delay_us),
            // Opening a connection for each draft costs a round trip before the draft.
            say_delay: delay(run.say_delay_us) * if run.speak == "post_close" { 3.0 } else { 1.0 },
            jitter: link.jitter.as_secs_f64(),
            is_obscure: link.does_more,
            takes_turns: takes_turns(run, way),
            client: client(lines, closes),
            say_client: client(run.say_line_bytes, run.speak == "post_close"),
            before: (!run.shares_its_server()).then(|| joins(run)),
            record: record(&run.tls),
            is_http2,
            says_on_socket: way.carries_drafts() && run.say_line_bytes.is_none(),
            says_packets: protocol.is_library() && !way.carries_drafts() && run.speak == "same",
        })
    }

    /// Returns the seconds between the departure of an answer and the arrival of the next request.
    #[must_use]
    pub fn away(&self) -> f64 {
        let trips = if self.closes { 4.0 } else { 2.0 };
        trips * self.read_delay
    }

    /// Returns the sequence numbers of the events that counted, as they are if no other run used the
    /// room.
    #[must_use]
    pub fn seqs(&self) -> RangeInclusive<u64> {
        let settled = (self.rate * self.settled).round() as u64;
        let first = self.before.unwrap_or(0) + settled + 1;
        let count = (self.rate * self.measured).round() as u64;
        first..=first + count.max(1) - 1
    }

    /// Returns the mean of a size that depends on an event's number only by its digits.
    #[must_use]
    pub fn mean_over_seqs(&self, size: impl Fn(u64) -> u64) -> f64 {
        let seqs = self.seqs();
        let count = (seqs.end() - seqs.start() + 1) as f64;
        let mut from = *seqs.start();
        let mut sum = 0.0;
        while from <= *seqs.end() {
            let most = 10_u64.saturating_pow(from.ilog10() + 1) - 1;
            let to = most.min(*seqs.end());
            sum += size(from) as f64 * (to - from + 1) as f64;
            from = to + 1;
        }
        sum / count
    }
}

/// Returns whether drafts go in forms, which take three bytes for one, with texts of which nobody
/// knows how many bytes those are.
fn says_forms(run: &RunRow, protocol: Protocol, way: Way) -> bool {
    let is_form = protocol == Protocol::SockjsInPage && way.exchange() == Exchange::Held;
    is_form && run.speak == "same" && !matches!(run.text.as_str(), "" | "random")
}

/// Returns whether a variant has no words but those of a library's way.
fn is_usual(variant: &str, protocol: Protocol, way: Way) -> bool {
    let is_script = |word| protocol.is_in_page() && matches!(word, "jsonp" | "iframe" | "sockjs");
    let is_known =
        |word| word == protocol.name() || matches!(word, "close" | "sse") || is_script(word);
    protocol.has(way) && variant.split_whitespace().all(is_known)
}

/// Returns whether a request may wait for one of the connections of HTTP/1.1 that the tabs of a browser
/// share: where there are more tabs than connections, or where drafts go over them as well. A
/// WebSocket is none of them.
fn takes_turns(run: &RunRow, way: Way) -> bool {
    let tabs = run.tabs.unwrap_or(1);
    let shares = tabs > 1 && run.http != "2" && way.carrier() != Carrier::Frame;
    let speaks = run.speak == "same" && run.publishers > 0;
    shares && (tabs > BROWSER_CONNECTIONS as u64 || speaks)
}

/// Returns the number of events that tell a room who its readers are, if they give names.
fn joins(run: &RunRow) -> u64 {
    match run.named {
        Some(true) => run.clients / run.rooms.max(1),
        _ => 0,
    }
}

/// Returns the actual rate, if the row contains it: by chance a seed gives more or fewer drafts
/// than its rate.
fn rate(run: &RunRow) -> f64 {
    let deliveries = run.clients as f64 * run.measured_ms as f64 / 1e3;
    match run.publishers {
        0 => 0.0,
        _ if run.expected > 0 && deliveries > 0.0 => run.expected as f64 / deliveries,
        _ => run.rate_per_s,
    }
}

/// Returns what TLS adds to each record, from the words of a row.
fn record(tls: &str) -> u64 {
    let is_chacha = tls.ends_with("ChaCha20");
    match tls.get(..3) {
        Some("1.3") => framing::tls_record(true, is_chacha),
        Some("1.2") => framing::tls_record(false, is_chacha),
        _ => 0,
    }
}

fn arrivals(text: &str) -> Option<Arrivals> {
    let mut words = text.split_whitespace();
    match (words.next()?, words.next()) {
        ("constant", None) => Some(Arrivals::Constant),
        ("poisson", None) => Some(Arrivals::Poisson),
        ("burst", Some(size)) => {
            let size: f64 = size.parse().ok()?;
            (size >= 1.0).then_some(Arrivals::Burst { size })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::framing::decimal_digits;

    #[test]
    fn tls_as_the_rows_write_it() {
        let words = ["1.3", "1.3 ChaCha20", "1.2", "1.2 ChaCha20", "off", ""];
        assert_eq!(words.map(record), [22, 22, 29, 21, 0, 0]);
    }

    #[test]
    fn arrivals_as_the_rows_write_them() {
        assert_eq!(arrivals("burst 20"), Some(Arrivals::Burst { size: 20.0 }));
        assert_eq!(arrivals("poisson"), Some(Arrivals::Poisson));
        for unknown in ["", "burst", "burst 0", "burst x", "sometimes"] {
            assert_eq!(arrivals(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn digits_are_averaged_over_the_events_that_counted() {
        let row = crate::model::tests::row("websocket", "-", 4.0, 10_000);
        let mut situation = Situation::of(&row).expect("known");
        situation.settled = 1.0;
        // The numbers from 5 to 44: five of one digit, thirty-five of two.
        assert_eq!(situation.seqs(), 5..=44);
        let digits = situation.mean_over_seqs(decimal_digits);
        assert!((digits - 75.0 / 40.0).abs() < 1e-12, "{digits}");
    }

    #[test]
    fn joins_take_numbers_before_the_first_draft() {
        let mut row = crate::model::tests::row("websocket", "-", 4.0, 10_000);
        row.settle_ms = Some(1_000);
        (row.clients, row.rooms) = (3_000, 3);
        let seqs = |row: &RunRow| Situation::of(row).expect("known").seqs();
        let without = seqs(&row);
        row.named = Some(true);
        let with = seqs(&row);
        assert_eq!(
            (*with.start(), *with.end()),
            (without.start() + 1_000, without.end() + 1_000)
        );
    }
}
