//! The bytes of each item that crosses the wire, by formula.

use wire::{Carrier, Framing, Protocol};

use super::{
    Prediction, Quantity, Tolerance, batch,
    exchange::{self, Client},
    framing, in_page,
    library::{self, Session},
    library_size::{self, LIBRARY},
    situation::{Arrivals, Situation},
};

/// The silence after which the server sends a heartbeat on a stream or socket, in seconds.
pub(super) const HEARTBEAT: f64 = 25.0;
/// The number of heartbeats that a measurement must contain; with fewer, the result depends on when
/// it began.
const MANY: f64 = 10.0;
/// The time by which a message or a question may be late, in seconds: an interval that is longer than
/// the time between two messages by less than this may bring nothing.
const LATE: f64 = 0.02;

const OURS: &str = "the texts that swarm and server write";
const DIGITS: &str = "the server's text; digits of its length by events an answer";
const BATCH: &str = "the wire contract's batch";
const LAST: &str = "the wire contract's batch, after the last message";
pub(super) const CHUNK: &str = "RFC 9112 7.1: digits in hexadecimal + 4";
pub(super) const FRAME: &str = "RFC 6455 5.2: 2 to 125 bytes, 4 to 65,535, else 10";
const MASK: &str = "RFC 6455 5.3: 4";
pub(super) const SUM: &str = "sum of the parts";
const H2_FRAME: &str = "RFC 9113 4.1: 9";
const RECORD: &str = "RFC 8446 5.2: 22; RFC 5288: 29, RFC 7905: 21";

pub(super) fn bytes(quantity: Quantity, predicted: f64, source: &'static str) -> Prediction {
    Prediction {
        quantity,
        predicted,
        tolerance: Tolerance::BYTES,
        source,
    }
}

/// Predicts the size of an answer that brings no event. It names the newest event, so that it has the
/// digits of the moment at which it was given. Where each interval brings a message, only those who
/// ask again while others have yet to get the last message are told nothing, and all of them are told
/// its number.
fn empty_answer(situation: &Situation) -> Prediction {
    let size = |seq| framing::batch(0, seq);
    if !brings_each_time(situation) {
        return Prediction {
            tolerance: any_moment(situation, size),
            ..bytes(Quantity::EmptyBatch, situation.mean_over_seqs(size), BATCH)
        };
    }
    let last = *situation.seqs().end();
    // A schedule may have one message more or less than its rate says.
    let near = [last.saturating_sub(1), last + 1];
    let off = near.map(|seq| size(seq).abs_diff(size(last)) as f64);
    Prediction {
        tolerance: Tolerance::amount(off.into_iter().fold(Tolerance::BYTES.amount, f64::max)),
        ..bytes(Quantity::EmptyBatch, size(last) as f64, LAST)
    }
}

/// Returns whether every interval, or every hold, is longer than the time between two messages.
fn brings_each_time(situation: &Situation) -> bool {
    let between = match situation.arrivals {
        Some(Arrivals::Constant) => 1.0 / situation.rate,
        Some(Arrivals::Burst { size }) => size / situation.rate,
        Some(Arrivals::Poisson) | None => return false,
    };
    between + LATE <= situation.every
}

/// Returns the tolerance of a mean over few items. Empty answers come when nothing is said: there may
/// be a single one, at any moment of the window, with the digits of that moment. Before the first
/// message of the window the newest is the one before it.
fn any_moment(situation: &Situation, size: impl Fn(u64) -> u64) -> Tolerance {
    let mean = situation.mean_over_seqs(&size);
    let seqs = situation.seqs();
    let ends = [seqs.start() - 1, *seqs.end()].map(|seq| (size(seq) as f64 - mean).abs());
    Tolerance::amount(ends.into_iter().fold(Tolerance::BYTES.amount, f64::max))
}

/// Returns the sizes of the single items that a run determines. In a room that other runs used,
/// nobody knows the numbers of its events, nor how many digits those have.
pub(super) fn known(situation: &Situation) -> Vec<Prediction> {
    let mut list = of(situation);
    list.retain(|one| situation.before.is_some() || !has_digits_of_a_number(one.quantity));
    list
}

/// Returns whether an item has the digits of an event's number in it, or of a length that these
/// change.
const fn has_digits_of_a_number(quantity: Quantity) -> bool {
    matches!(
        quantity,
        Quantity::EventJson
            | Quantity::BatchAround
            | Quantity::EmptyBatch
            | Quantity::PollHead
            | Quantity::TextFrame
            | Quantity::Chunk
            | Quantity::Envelope
            | Quantity::AckHead
            | Quantity::AckJson
    )
}

/// Returns the sizes of the single items, with numbers as they are if no other run used the room.
pub(super) fn of(situation: &Situation) -> Vec<Prediction> {
    let mut list = Vec::new();
    list.extend(polls(situation));
    list.extend(openings(situation));
    if situation.rate > 0.0 {
        list.extend(deliveries(situation));
        list.extend(drafts(situation));
    } else {
        list.extend(silence(situation));
    }
    if situation.is_http2 {
        let is_frame = |quantity| quantity == Quantity::DraftHead && situation.says_on_socket;
        list.retain(|one| is_frame(one.quantity) || !is_of_http_1_1(one.quantity));
        list.push(bytes(Quantity::H2Frame, framing::H2_FRAME as f64, H2_FRAME));
    }
    if situation.takes_turns && situation.way.polls() {
        list.retain(|one| !depends_on_turns(one.quantity));
    }
    if situation.record > 0 {
        list.push(bytes(Quantity::TlsRecord, situation.record as f64, RECORD));
    }
    list
}

/// Returns whether a quantity is a head or a chunk: over HTTP/2 the length of a head depends on those
/// before it, and there are no chunks.
const fn is_of_http_1_1(quantity: Quantity) -> bool {
    matches!(
        quantity,
        Quantity::PollHead
            | Quantity::PollAnswerHead
            | Quantity::Chunk
            | Quantity::DraftHead
            | Quantity::AckHead
            | Quantity::OpeningUp
            | Quantity::OpeningDown
    )
}

/// Returns whether a quantity of polls depends on how long questions wait for a connection: then an
/// answer brings more events, and there are fewer of them.
const fn depends_on_turns(quantity: Quantity) -> bool {
    matches!(
        quantity,
        Quantity::PollAnswerHead
            | Quantity::BatchAround
            | Quantity::EmptyBatch
            | Quantity::SilenceUp
            | Quantity::SilenceDown
    )
}

fn polls(situation: &Situation) -> Vec<Prediction> {
    if !situation.way.polls() {
        return Vec::new();
    }
    let batch = |events| situation.mean_over_seqs(|seq| framing::batch(events, seq));
    let mut list = Vec::new();
    if !situation.protocol.is_library() {
        list.push(empty_answer(situation));
        if situation.rate > 0.0 {
            list.push(bytes(Quantity::BatchAround, batch(1), BATCH));
        }
    }
    if let Some(client) = &situation.client {
        let head = situation.mean_over_seqs(|seq| poll_head(situation, client, seq));
        list.push(bytes(Quantity::PollHead, head, OURS));
    }
    if situation.rate > 0.0 && situation.client.is_some() {
        let heads = batch::sizes(situation);
        let head = heads
            .iter()
            .map(|(events, share)| share * answer_head(situation, *events));
        list.push(Prediction {
            // Texts differ in length, and a body whose size is near a power of ten gains or loses a
            // digit.
            tolerance: Tolerance::amount(1.0),
            ..bytes(Quantity::PollAnswerHead, head.sum(), DIGITS)
        });
    }
    list
}

/// Returns the size of the head of the poll that continues after the event with this number.
fn poll_head(situation: &Situation, client: &Client, seq: u64) -> u64 {
    match Session::of(situation, *client) {
        Some(session) => session.receive(),
        None if situation.protocol == Protocol::InPage => {
            in_page::question(client, seq, situation.every)
        }
        None => client.question(situation.way, seq, situation.every),
    }
}

/// Returns the size of the head of an answer that carries this number of events.
pub(super) fn answer_head(situation: &Situation, events: u64) -> f64 {
    let session = situation
        .client
        .and_then(|client| Session::of(situation, client));
    situation.mean_over_seqs(|seq| {
        let events_json = events * exchange::event(seq, situation.text);
        match &session {
            Some(session) => {
                session.poll_answer(events_json + library::around(situation.protocol, events, seq))
            }
            None => plain_answer_head(situation, framing::batch(events, seq) + events_json),
        }
    })
}

/// Returns the size of the head of an answer with a batch of this many bytes, as it is or in a
/// script.
fn plain_answer_head(situation: &Situation, batch: u64) -> u64 {
    match in_page::call(situation) {
        0 => exchange::poll_answer(batch, situation.closes),
        call => in_page::answer(batch + call, situation.closes),
    }
}

fn openings(situation: &Situation) -> Vec<Prediction> {
    let Some(client) = &situation.client else {
        return Vec::new();
    };
    if let Some(session) = Session::of(situation, *client) {
        return library_size::openings(situation, &session);
    }
    let (up, down) = match situation.way.carrier() {
        Carrier::Batch => return Vec::new(),
        Carrier::Stream(_) if situation.protocol == Protocol::InPage => {
            let library::Both { up, down } = in_page::opening(client);
            (up, down)
        }
        Carrier::Stream(framing) => (
            client.open(situation.way.path()),
            exchange::stream_answer(framing.content_type()),
        ),
        Carrier::Frame => (client.upgrade(), exchange::upgrade_answer()),
    };
    vec![
        bytes(Quantity::OpeningUp, up as f64, OURS),
        bytes(Quantity::OpeningDown, down as f64, OURS),
    ]
}

fn deliveries(situation: &Situation) -> Vec<Prediction> {
    let event = |seq| exchange::event(seq, situation.text);
    let mut list = vec![bytes(
        Quantity::EventJson,
        situation.mean_over_seqs(event),
        OURS,
    )];
    let framed = |quantity, size: &dyn Fn(u64) -> u64, source| {
        bytes(quantity, situation.mean_over_seqs(size), source)
    };
    let protocol = situation.protocol;
    if protocol != Protocol::Plain {
        list.extend(library_size::of_event(situation, &event));
        return list;
    }
    match situation.way.carrier() {
        Carrier::Batch => {}
        Carrier::Stream(Framing::Ndjson) => {
            let chunk = |seq| framing::chunk(event(seq) + framing::NDJSON);
            list.push(framed(Quantity::TextFrame, &|_| framing::NDJSON, OURS));
            list.push(framed(Quantity::Chunk, &chunk, CHUNK));
        }
        Carrier::Stream(Framing::Sse) => {
            let chunk = |seq| framing::chunk(event(seq) + framing::sse(seq));
            let source = "WHATWG HTML 9.2: 8 + the id line";
            list.push(framed(Quantity::TextFrame, &framing::sse, source));
            list.push(framed(Quantity::Chunk, &chunk, CHUNK));
        }
        Carrier::Frame => {
            let head = |seq| framing::ws_head(event(seq));
            list.push(framed(Quantity::FrameHead, &head, FRAME));
        }
    }
    list
}

fn drafts(situation: &Situation) -> Vec<Prediction> {
    let draft = exchange::draft(situation.text);
    let mut list = vec![bytes(Quantity::DraftJson, draft as f64, OURS)];
    let envelope = library_size::around_draft(situation);
    if envelope > 0 {
        list.push(bytes(Quantity::DraftEnvelope, envelope as f64, LIBRARY));
    }
    if situation.says_packets {
        list.extend(library_size::of_packet(situation, draft + envelope));
    } else if situation.says_on_socket {
        let head = framing::ws_head(draft + envelope) as f64;
        list.push(bytes(Quantity::DraftHead, head, FRAME));
        list.push(bytes(Quantity::DraftMask, framing::WS_MASK as f64, MASK));
    } else if let Some(client) = &situation.say_client {
        let answer = situation.mean_over_seqs(|seq| exchange::said_answer(seq, client.closes));
        let said = situation.mean_over_seqs(exchange::said);
        list.push(bytes(Quantity::DraftHead, client.say(draft) as f64, OURS));
        list.push(bytes(Quantity::AckHead, answer, OURS));
        list.push(bytes(Quantity::AckJson, said, OURS));
    }
    list
}

/// Predicts the bytes up and down for each connection in an hour in which nobody speaks.
fn silence(situation: &Situation) -> Vec<Prediction> {
    let session = situation
        .client
        .and_then(|client| Session::of(situation, client));
    let (up, down, every, source) = match (situation.way.carrier(), &situation.client) {
        _ if situation.protocol != Protocol::Plain && situation.record > 0 => return Vec::new(),
        _ if session.is_some() => {
            let beat = session.map(|session| session.heartbeat());
            let library::Both { up, down } = beat.unwrap_or_default();
            (up, down, HEARTBEAT, LIBRARY)
        }
        _ if situation.protocol.is_library() => return Vec::new(),
        (Carrier::Batch, Some(client)) => {
            let body = framing::batch(0, 0);
            let answer = plain_answer_head(situation, body) + body + in_page::call(situation);
            (
                poll_head(situation, client, 0),
                answer,
                situation.every,
                SUM,
            )
        }
        (Carrier::Batch, None) => return Vec::new(),
        (Carrier::Stream(kind), _) => {
            let beat = match kind {
                Framing::Ndjson => 1,
                Framing::Sse => 3,
            };
            let (around, source) = if situation.is_http2 {
                (framing::H2_FRAME, H2_FRAME)
            } else {
                (framing::chunk(beat), CHUNK)
            };
            (0, beat + around, HEARTBEAT, source)
        }
        (Carrier::Frame, _) => {
            let (around, source) = if situation.is_http2 {
                (framing::H2_FRAME, SUM)
            } else {
                (0, FRAME)
            };
            (2 + framing::WS_MASK + around, 2 + around, HEARTBEAT, source)
        }
    };
    if situation.measured < MANY * every {
        return Vec::new();
    }
    // A ping or a heartbeat is a record, and so is a question; nothing is no record.
    let sealed = |size: u64| match size {
        0 => 0,
        size => size + situation.record,
    };
    let (up, down) = (sealed(up), sealed(down));
    let hourly = |quantity, size: u64| Prediction {
        tolerance: Tolerance::share(0.02 + 1.5 * every / situation.measured),
        ..bytes(quantity, size as f64 * 3600.0 / every, source)
    };
    vec![
        hourly(Quantity::SilenceUp, up),
        hourly(Quantity::SilenceDown, down),
    ]
}

#[cfg(test)]
mod tests;
