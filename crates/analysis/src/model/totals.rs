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
pub(super) fn event(situation: &Situation) -> f64 {
    situation.mean_over_seqs(|seq| exchange::event(seq, situation.text))
}

/// The bytes that are not the JSON of an event on its way to a reader.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Around {
    /// The bytes for each delivered message.
    pub(super) read: Both,
    /// The bytes of one draft and its answer.
    pub(super) say: Both,
}

impl Around {
    /// Returns all of it for each delivered message: one draft is sent, however many readers
    /// receive it.
    fn with_drafts(self, situation: &Situation) -> Both {
        self.read.plus(self.say.times(1.0 / situation.readers))
    }
}

/// Returns the bytes that are not the JSON of an event, or `None` if a part of the sum is not known.
pub(super) fn around(situation: &Situation, asked: Option<&Exchanges>) -> Option<Around> {
    let is_countable = has_no_heads(situation) && !is_sealed_in_part(situation);
    if situation.rate <= 0.0 || situation.readers <= 0.0 || !is_countable {
        return None;
    }
    let parts = of(situation);
    let size = |quantity| {
        let part = parts.iter().find(|part| part.quantity == quantity);
        part.map(|part| part.predicted)
    };
    let each = |quantities: &[Quantity]| -> Option<f64> {
        quantities.iter().map(|quantity| size(*quantity)).sum()
    };
    let around_draft = size(Quantity::DraftEnvelope).unwrap_or(0.0);
    // One draft is sent, however many readers receive it.
    let (say, ack) = if situation.says_on_socket {
        let parts = [
            Quantity::DraftHead,
            Quantity::DraftMask,
            Quantity::DraftJson,
        ];
        (each(&parts)? + around_draft, 0.0)
    } else {
        (
            each(&[Quantity::DraftHead, Quantity::DraftJson])? + around_draft,
            each(&[Quantity::AckHead, Quantity::AckJson])?,
        )
    };
    let (up, down) = match situation.way.carrier() {
        _ if situation.protocol.is_library() => library_size::around(situation, asked, &size)?,
        Carrier::Batch => {
            let asked = asked?;
            let empty = asked.per_delivery * asked.empty;
            let bringing = asked.per_delivery - empty;
            let call = asked.per_delivery * in_page::call(situation) as f64;
            let around = call
                + bringing * (each(&[Quantity::PollAnswerHead, Quantity::BatchAround])?)
                + empty * (answer_head(situation, 0) + size(Quantity::EmptyBatch)?);
            // There is a comma between neighbours in one answer.
            let commas = (1.0 - bringing).max(0.0);
            (
                asked.per_delivery * size(Quantity::PollHead)?,
                around + commas,
            )
        }
        Carrier::Stream(_) => {
            let element = size(Quantity::Envelope).unwrap_or(0.0);
            let around = each(&[Quantity::TextFrame, Quantity::Chunk])?;
            (0.0, element + around)
        }
        Carrier::Frame => (0.0, size(Quantity::FrameHead)?),
    };
    let read = Both {
        up,
        down: down + framed(situation, event(situation) + down),
    };
    let drafts = Both {
        up: say + framed(situation, say),
        down: ack,
    };
    Some(Around {
        read: read.plus(sealed(situation, asked)),
        say: drafts.plus(sealed_draft(situation)),
    })
}

/// Returns whether all that a run sends in its window is predicted: over HTTP/2 only what has no heads
/// is, which is a WebSocket that drafts go over as well. Under TLS one record may have several of its
/// frames there.
fn has_no_heads(situation: &Situation) -> bool {
    let is_socket = situation.way.carrier() == Carrier::Frame;
    let is_alone = is_socket && situation.says_on_socket && situation.record == 0;
    !situation.is_http2 || (is_alone && situation.protocol == Protocol::Plain)
}

/// Returns what HTTP/2 puts around an event or a draft of a WebSocket that has so many bytes with its
/// own head.
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
