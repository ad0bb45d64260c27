//! The bytes of a run over a library by formula: of single items, and for each delivered message.

use wire::{Carrier, Protocol};

use super::{
    Prediction, Quantity, batch, framing,
    library::{self, Session},
    situation::Situation,
    size::{CHUNK, FRAME, bytes},
    timing::Exchanges,
};

pub(super) const LIBRARY: &str = "the texts of the library's protocol";
const IN_PAGE: &str = "the scripts that a page runs";

/// Returns the sizes of what a library or a script puts around one event, of `event` bytes by its number.
pub(super) fn of_event(situation: &Situation, event: &dyn Fn(u64) -> u64) -> Vec<Prediction> {
    let protocol = situation.protocol;
    let whole = |seq| event(seq) + library::envelope(protocol, seq);
    let mean = |size: &dyn Fn(u64) -> u64| situation.mean_over_seqs(size);
    let envelope = match situation.way.carrier() {
        // The events of an answer share what is around all of them.
        Carrier::Batch => {
            let sizes = batch::sizes(situation);
            let events: f64 = sizes
                .iter()
                .map(|(events, share)| *events as f64 * share)
                .sum();
            let around = sizes.iter().map(|(events, share)| {
                share * mean(&|seq| library::around(protocol, *events, seq))
            });
            around.sum::<f64>() / events
        }
        _ => mean(&|seq| library::envelope(protocol, seq)),
    };
    let source = if protocol.is_library() {
        LIBRARY
    } else {
        IN_PAGE
    };
    let mut list = vec![bytes(Quantity::Envelope, envelope, source)];
    match situation.way.carrier() {
        Carrier::Batch => {}
        Carrier::Stream(framing) => {
            let frame = library::text_frame(protocol, framing);
            let chunk = mean(&|seq| framing::chunk(whole(seq) + frame));
            list.push(bytes(Quantity::TextFrame, frame as f64, source));
            list.push(bytes(Quantity::Chunk, chunk, CHUNK));
        }
        Carrier::Frame => {
            let head = mean(&|seq| framing::ws_head(whole(seq)));
            list.push(bytes(Quantity::FrameHead, head, FRAME));
        }
    }
    list
}

/// Returns the sizes of what opens a session.
pub(super) fn openings(situation: &Situation, session: &Session) -> Vec<Prediction> {
    let is_named = situation.client.is_some_and(|client| client.named);
    if is_named && library::requests(situation.protocol, situation.way) > 1 {
        // The joins of others come in the answers that open a session.
        return Vec::new();
    }
    let library::Both { up, down } = session.opening();
    vec![
        bytes(Quantity::OpeningUp, up as f64, LIBRARY),
        bytes(Quantity::OpeningDown, down as f64, LIBRARY),
    ]
}

/// Returns the bytes that a library puts around one draft; 0 where none does.
pub(super) fn around_draft(situation: &Situation) -> u64 {
    if situation.says_on_socket || situation.says_packets {
        library::of_draft(situation.protocol, situation.way)
    } else {
        0
    }
}

/// Returns the sizes around a draft that is sent by a request, `body` being what it brings.
pub(super) fn of_packet(situation: &Situation, body: u64) -> Vec<Prediction> {
    let client = situation.say_client;
    let Some(session) = client.and_then(|client| Session::of(situation, client)) else {
        return Vec::new();
    };
    let (head, ok) = session.sent();
    vec![
        bytes(Quantity::DraftHead, session.send(body) as f64, LIBRARY),
        bytes(Quantity::AckHead, head as f64, LIBRARY),
        bytes(Quantity::AckJson, ok as f64, LIBRARY),
    ]
}

/// Returns the bytes for each delivered message that the session of a library takes beside the
/// event's JSON and drafts, up and down.
pub(super) fn around(
    situation: &Situation,
    asked: Option<&Exchanges>,
    size: &dyn Fn(Quantity) -> Option<f64>,
) -> Option<(f64, f64)> {
    let session = Session::of(situation, situation.client?)?;
    let envelope = size(Quantity::Envelope)?;
    let (up, down) = match situation.way.carrier() {
        Carrier::Batch => {
            let asked = asked?;
            let bringing = asked.per_delivery * (1.0 - asked.empty);
            (
                bringing * size(Quantity::PollHead)?,
                bringing * size(Quantity::PollAnswerHead)?,
            )
        }
        Carrier::Stream(_) => {
            let around = size(Quantity::TextFrame)? + size(Quantity::Chunk)?;
            let event = size(Quantity::EventJson)?;
            let (up, down) = session.asking_anew(event + envelope + around, &situation.seqs());
            (up, around + down)
        }
        Carrier::Frame => (0.0, size(Quantity::FrameHead)?),
    };
    // The heartbeat of SockJS is only sent in silence.
    let beats = match situation.protocol {
        Protocol::SocketIo => 1.0 / (library::HEARTBEAT * situation.rate),
        _ => asked.map_or(0.0, |asked| asked.per_delivery * asked.empty),
    };
    let beat = session.heartbeat();
    Some((
        up + beats * beat.up as f64,
        envelope + down + beats * beat.down as f64,
    ))
}
