//! The grouping of exchanges into conversations, and the manner in which each was held.

use std::{collections::BTreeMap, time::Duration};

use crate::{Kind, Over, Remark, exchange::Exchange, poll, query};

/// The chunks and the time that make an answer a stream.
const FEWEST_CHUNKS: usize = 3;
const SHORTEST_STREAM: Duration = Duration::from_secs(1);

/// The requests for one target, at no fixed interval, that are worth a remark.
const MANY: usize = 5;

/// Exchanges that make a conversation, in the order of time.
pub(crate) struct Group {
    pub(crate) kind: Kind,
    pub(crate) target: String,
    pub(crate) exchanges: Vec<Exchange>,
    pub(crate) remarks: Vec<Remark>,
}

/// The number of a connection, and that of a stream on it (0 if it has none).
type Lane = (usize, u32);

/// The properties that exchanges of one conversation have in common.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    client: String,
    server: String,
    what: String,
    /// The connection and the stream, where each is a conversation of its own.
    lane: Option<Lane>,
}

impl Key {
    fn of(exchange: &Exchange, what: String, lane: Option<Lane>) -> Self {
        Self {
            client: exchange.client.clone(),
            server: exchange.server.clone(),
            what,
            lane,
        }
    }
}

/// Puts exchanges into groups.
pub(crate) fn groups(exchanges: Vec<Exchange>) -> Vec<Group> {
    let mut known: BTreeMap<(Key, Kind), Vec<Exchange>> = BTreeMap::new();
    let mut open: BTreeMap<Key, Vec<Exchange>> = BTreeMap::new();
    for exchange in exchanges {
        if let Some((kind, what, lane)) = alone(&exchange) {
            let key = Key::of(&exchange, what, lane);
            known.entry((key, kind)).or_default().push(exchange);
        } else {
            let what = format!("{} {}", exchange.method, query::path(&exchange.target));
            open.entry(Key::of(&exchange, what, None))
                .or_default()
                .push(exchange);
        }
    }
    join_sessions(&mut known);
    let mut groups: Vec<Group> = Vec::new();
    let mut plain: BTreeMap<(String, String), Group> = BTreeMap::new();
    for (_, exchanges) in open {
        for (kind, exchanges) in polls(exchanges) {
            match kind {
                Some(kind) => groups.push(Group::new(kind, exchanges)),
                None => add_plain(&mut plain, exchanges),
            }
        }
    }
    groups.extend(
        known
            .into_iter()
            .map(|((_, kind), exchanges)| Group::new(kind, exchanges)),
    );
    groups.extend(
        plain
            .into_values()
            .map(|group| Group::new(group.kind, group.exchanges).with(group.remarks)),
    );
    groups.sort_by_key(|group| group.exchanges.first().map(|one| (one.at, one.lane)));
    groups
}

/// Puts what is sent in a session of SockJS to the stream of the same session.
fn join_sessions(known: &mut BTreeMap<(Key, Kind), Vec<Exchange>>) {
    let streams = known
        .keys()
        .filter(|key| key.1 == Kind::SockJs(Over::Streaming));
    for stream in streams.cloned().collect::<Vec<_>>() {
        let sent = known.remove(&(stream.0.clone(), Kind::SockJs(Over::Polling)));
        known
            .entry(stream)
            .or_default()
            .extend(sent.into_iter().flatten());
    }
}

impl Group {
    fn new(kind: Kind, mut exchanges: Vec<Exchange>) -> Self {
        exchanges.sort_by_key(|one| (one.at, one.lane));
        let mut targets = exchanges.iter().map(|one| query::path(&one.target));
        let first = targets.next().unwrap_or("").to_owned();
        let is_one = targets.all(|target| target == first);
        let target = match (kind, query::sockjs(&first)) {
            (Kind::SockJs(_), Some((session, _))) => session.to_owned(),
            _ if is_one => first,
            _ => String::new(),
        };
        Self {
            kind,
            target,
            exchanges,
            remarks: Vec::new(),
        }
    }

    fn with(mut self, remarks: Vec<Remark>) -> Self {
        self.remarks = remarks;
        self
    }
}

/// Adds requests to the plain ones between the same two.
fn add_plain(plain: &mut BTreeMap<(String, String), Group>, exchanges: Vec<Exchange>) {
    let Some(first) = exchanges.first() else {
        return;
    };
    let key = (first.client.clone(), first.server.clone());
    let group = plain.entry(key).or_insert_with(|| Group {
        kind: Kind::Plain,
        target: String::new(),
        exchanges: Vec::new(),
        remarks: Vec::new(),
    });
    if exchanges.len() >= MANY && !first.sends() {
        group.remarks.push(Remark::Irregular {
            count: exchanges.len() as u64,
            target: query::path(&first.target).to_owned(),
        });
    }
    group.exchanges.extend(exchanges);
}

/// Tells polls from other requests for one target. Readers at one address are told apart by their
/// connections, if each sent enough requests over its own.
fn polls(exchanges: Vec<Exchange>) -> Vec<(Option<Kind>, Vec<Exchange>)> {
    let mut lanes: BTreeMap<usize, Vec<Exchange>> = BTreeMap::new();
    for exchange in exchanges {
        lanes.entry(exchange.lane).or_default().push(exchange);
    }
    let mut found = Vec::new();
    let mut rest = Vec::new();
    for mut exchanges in lanes.into_values() {
        exchanges.sort_by_key(|one| one.at);
        match poll::poll(&exchanges) {
            Some(kind) => found.push((Some(kind), exchanges)),
            None => rest.extend(exchanges),
        }
    }
    rest.sort_by_key(|one| one.at);
    let kind = poll::poll(&rest);
    found.push((kind, rest));
    found
}

/// Returns the manner that an exchange shows by itself, what its conversation is about, and its
/// connection or stream if each is one of its own.
fn alone(exchange: &Exchange) -> Option<(Kind, String, Option<Lane>)> {
    let path = query::path(&exchange.target).to_owned();
    let lane = Some((exchange.lane, exchange.stream()));
    if let Some(socket) = &exchange.socket {
        let first = socket.heard.first.as_slice();
        let kind =
            if query::is_engine_io(&exchange.target) && matches!(first, [] | [b'0' | b'3', ..]) {
                Kind::SocketIo(Over::WebSocket)
            } else if query::sockjs(&exchange.target).is_some() && matches!(first, [] | [b'o']) {
                Kind::SockJs(Over::WebSocket)
            } else {
                Kind::WebSocket
            };
        return Some((kind, path, lane));
    }
    if exchange
        .remarks
        .iter()
        .any(|remark| matches!(remark, Remark::Upgraded(_)))
    {
        return Some((Kind::Upgraded, path, lane));
    }
    if query::is_engine_io(&exchange.target) {
        return Some((Kind::SocketIo(Over::Polling), path, None));
    }
    if let Some((session, way)) = query::sockjs(&exchange.target) {
        let over = match way {
            "xhr_streaming" | "eventsource" | "htmlfile" => Over::Streaming,
            _ => Over::Polling,
        };
        return Some((Kind::SockJs(over), session.to_owned(), None));
    }
    let kind = stream(exchange)?;
    Some((kind, path, lane))
}

/// Returns the kind of stream that an answer is, if it is one.
fn stream(exchange: &Exchange) -> Option<Kind> {
    let answer = exchange.answer.as_ref().filter(|_| exchange.is_good())?;
    let media = exchange.media();
    if media == "text/event-stream" {
        return Some(Kind::Sse);
    }
    let is_ndjson = [
        "application/x-ndjson",
        "application/ndjson",
        "application/jsonl",
        "application/stream+json",
    ];
    if is_ndjson.contains(&media.as_str()) {
        return Some(Kind::Ndjson);
    }
    let first = *answer.chunks.first()?;
    let lasted = answer.chunks.last()?.saturating_sub(first);
    let mut times: Vec<_> = answer.chunks.clone();
    times.dedup();
    if times.len() < FEWEST_CHUNKS || lasted < SHORTEST_STREAM {
        return None;
    }
    Some(if answer.brought.is_ndjson {
        Kind::Ndjson
    } else {
        Kind::ChunkedStream
    })
}
