//! All bytes of a run for each delivered message, by formula: the sum of the items in `size`.

use wire::{Carrier, Protocol};

use super::{
    Prediction, Quantity, Tolerance,
    costs::Both,
    exchange, framing, in_page, library_size,
    situation::Situation,
    size::{SUM, answer_head, bytes, of},
    timing::{self, Exchanges},
};

/// Predicts all bytes for each delivered message, including drafts and their answers.
pub(super) fn totals(situation: &Situation) -> Vec<Prediction> {
    let asked = timing::exchanges(situation);
    let Some(around) = around(situation, asked.as_ref()) else {
        return Vec::new();
    };
    let Both { up, down } = around.with_drafts(situation);
    let event = event(situation);
    let tolerance = asked.map_or(Tolerance::share(0.02), |asked| asked.tolerance);
    let total = |quantity, predicted| Prediction {
        tolerance,
        ..bytes(quantity, predicted, SUM)
    };
    vec![
        total(Quantity::BytesUp, up),
        total(Quantity::BytesDown, event + down),
    ]
}

/// Returns the share of all bytes that are not the event's own JSON, from 0 to 1.
#[must_use]
pub fn overhead_share(situation: &Situation) -> Option<f64> {
    let around = around(situation, timing::exchanges(situation).as_ref())?;
    let around = around.with_drafts(situation).sum();
    Some(around / (around + event(situation)))
}

/// Returns the mean size of an event's JSON.
#[must_use]
pub fn event(situation: &Situation) -> f64 {
    situation.mean_over_seqs(|seq| exchange::event(seq, situation.text))
}

/// The bytes that are not the JSON of an event on its way to a reader.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Around {
    /// The bytes for each delivered message.
    read: Both,
    /// The bytes of one draft and its answer.
    say: Both,
}

impl Around {
    /// Returns all of it for each delivered message: one draft is sent, however many readers
    /// receive it.
    fn with_drafts(self, situation: &Situation) -> Both {
        self.read.plus(self.say.times(1.0 / situation.readers))
    }
}

/// Returns the bytes that are not the JSON of an event, or `None` if a part of the sum is not known.
fn around(situation: &Situation, asked: Option<&Exchanges>) -> Option<Around> {
    if !has_no_heads(situation) {
        return None;
    }
    Some(Around {
        read: around_read(situation, asked)?,
        say: of_draft(situation)?,
    })
}

/// Returns whether the bytes of a message can be counted at all.
fn is_countable(situation: &Situation) -> bool {
    situation.rate > 0.0 && situation.readers > 0.0 && !is_sealed_in_part(situation)
}

/// The sizes of the single items of a situation.
struct Sizes(Vec<Prediction>);

impl Sizes {
    fn one(&self, quantity: Quantity) -> Option<f64> {
        let part = self.0.iter().find(|part| part.quantity == quantity);
        part.map(|part| part.predicted)
    }

    fn sum(&self, quantities: &[Quantity]) -> Option<f64> {
        quantities.iter().map(|quantity| self.one(*quantity)).sum()
    }
}

/// Returns the bytes for each delivered message that are not its JSON, or `None` if a part of the sum
/// is not known.
pub(super) fn around_read(situation: &Situation, asked: Option<&Exchanges>) -> Option<Both> {
    if !is_countable(situation) || !is_read_without_heads(situation) {
        return None;
    }
    let sizes = Sizes(of(situation));
    let (up, down) = match situation.way.carrier() {
        _ if situation.protocol.is_library() => {
            library_size::around(situation, asked, &|quantity| sizes.one(quantity))?
        }
        Carrier::Batch => {
            let asked = asked?;
            let empty = asked.per_delivery * asked.empty;
            let bringing = asked.per_delivery - empty;
            let call = asked.per_delivery * in_page::call(situation) as f64;
            let brings = [Quantity::PollAnswerHead, Quantity::BatchAround];
            let around = call
                + bringing * (sizes.sum(&brings)?)
                + empty * (answer_head(situation, 0) + sizes.one(Quantity::EmptyBatch)?);
            // There is a comma between neighbours in one answer.
            let commas = (1.0 - bringing).max(0.0);
            (
                asked.per_delivery * sizes.one(Quantity::PollHead)?,
                around + commas,
            )
        }
        // There are no chunks over HTTP/2, but frames, which are added below.
        Carrier::Stream(_) if situation.is_http2 => (0.0, sizes.one(Quantity::TextFrame)?),
        Carrier::Stream(_) => {
            let element = sizes.one(Quantity::Envelope).unwrap_or(0.0);
            let around = sizes.sum(&[Quantity::TextFrame, Quantity::Chunk])?;
            (0.0, element + around)
        }
        Carrier::Frame => (0.0, sizes.one(Quantity::FrameHead)?),
    };
    let read = Both {
        up,
        down: down + framed(situation, event(situation) + down),
    };
    Some(read.plus(sealed(situation, asked)))
}

/// Returns the bytes of one draft and its answer, or `None` if a part of the sum is not known: over
/// HTTP/2 the head of a request is not, and under TLS one record may have several frames there.
pub(super) fn of_draft(situation: &Situation) -> Option<Both> {
    let is_plain_frame = situation.says_on_socket && situation.record == 0;
    if !is_countable(situation) || (situation.is_http2 && !is_plain_frame) {
        return None;
    }
    let sizes = Sizes(of(situation));
    let around_draft = sizes.one(Quantity::DraftEnvelope).unwrap_or(0.0);
    // One draft is sent, however many readers receive it.
    let (say, ack) = if situation.says_on_socket {
        let parts = [
            Quantity::DraftHead,
            Quantity::DraftMask,
            Quantity::DraftJson,
        ];
        (sizes.sum(&parts)? + around_draft, 0.0)
    } else {
        (
            sizes.sum(&[Quantity::DraftHead, Quantity::DraftJson])? + around_draft,
            sizes.sum(&[Quantity::AckHead, Quantity::AckJson])?,
        )
    };
    let draft = Both {
        up: say + framed(situation, say),
        down: ack,
    };
    Some(draft.plus(sealed_draft(situation)))
}

/// Returns whether what brings an event has no head of HTTP/2, whose length depends on those before it:
/// the pieces of streams and WebSockets have none. A piece of a stream is taken for one frame, and one
/// of either for one record of TLS, so that it has to fit in them.
fn is_read_without_heads(situation: &Situation) -> bool {
    let is_one = event(situation) + ROOM_IN_A_RECORD <= framing::LONGEST_RECORD as f64;
    let is_known = match situation.way.carrier() {
        Carrier::Batch => false,
        Carrier::Stream(_) => is_one,
        Carrier::Frame => is_one || situation.record == 0,
    };
    !situation.is_http2 || (is_known && situation.protocol == Protocol::Plain)
}

/// The bytes of a frame or a record that what stands around an event may take: the fields of a
/// server-sent event, the head of its frame, and more than enough.
const ROOM_IN_A_RECORD: f64 = 64.0;

/// Returns whether all that a run sends in its window is predicted: over HTTP/2 only what has no heads
/// is, which is a WebSocket that drafts go over as well. Under TLS one record may have several of its
/// frames there.
fn has_no_heads(situation: &Situation) -> bool {
    let is_socket = situation.way.carrier() == Carrier::Frame;
    let is_alone = is_socket && situation.says_on_socket && situation.record == 0;
    !situation.is_http2 || (is_alone && situation.protocol == Protocol::Plain)
}

/// Returns what HTTP/2 puts around a piece of a stream, or around an event or a draft of a WebSocket,
/// that has so many bytes with what is around it there.
fn framed(situation: &Situation, bytes: f64) -> f64 {
    if !situation.is_http2 {
        return 0.0;
    }
    let frames = (bytes / framing::LONGEST_FRAME as f64).ceil().max(1.0);
    frames * framing::H2_FRAME as f64
}

/// Returns whether a run is under TLS and has records that no formula here counts: handshakes in
/// the window, or those around the packets of a library.
fn is_sealed_in_part(situation: &Situation) -> bool {
    let says_anew = situation.say_client.is_some_and(|client| client.closes);
    let uncounted = situation.closes || says_anew || situation.protocol != Protocol::Plain;
    situation.record > 0 && uncounted
}

/// Returns the number of TLS records that this many bytes need.
fn records(bytes: f64) -> f64 {
    (bytes / framing::LONGEST_RECORD as f64).ceil().max(1.0)
}

/// Returns what TLS adds for each delivered message: each question, answer, piece of a stream and
/// frame is sealed by itself, in as many records as its bytes need.
fn sealed(situation: &Situation, asked: Option<&Exchanges>) -> Both {
    let event = event(situation);
    let (up, down) = match (situation.way.carrier(), asked) {
        (Carrier::Batch, Some(asked)) => {
            let bringing = asked.per_delivery * (1.0 - asked.empty);
            let events = if bringing > 0.0 { 1.0 / bringing } else { 0.0 };
            let brings = bringing * records(events * event) + asked.per_delivery * asked.empty;
            (asked.per_delivery, brings)
        }
        _ => (0.0, records(event)),
    };
    Both { up, down }.times(situation.record as f64)
}

/// Returns what TLS adds to a draft and to the answer that it gets if it is sent by a request.
fn sealed_draft(situation: &Situation) -> Both {
    let up = records(exchange::draft(situation.text) as f64);
    let down = if situation.says_on_socket { 0.0 } else { 1.0 };
    Both { up, down }.times(situation.record as f64)
}
