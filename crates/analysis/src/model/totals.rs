//! All bytes of a run for each delivered message, by formula: the sum of the items in `size`.

use wire::{Carrier, Protocol};

use super::{
    Prediction, Quantity, Tolerance, exchange, framing, in_page, library_size,
    situation::Situation,
    size::{SUM, answer_head, bytes, of},
    timing::{self, Exchanges},
};

/// Predicts all bytes for each delivered message, including drafts and their answers.
pub(super) fn totals(situation: &Situation) -> Vec<Prediction> {
    let asked = timing::exchanges(situation);
    let Some((up, down)) = overhead(situation, asked.as_ref()) else {
        return Vec::new();
    };
    let event = situation.mean_over_seqs(|seq| exchange::event(seq, situation.text));
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
    let (up, down) = overhead(situation, timing::exchanges(situation).as_ref())?;
    let event = situation.mean_over_seqs(|seq| exchange::event(seq, situation.text));
    Some((up + down) / (up + down + event))
}

/// Returns the bytes for each delivered message that are not its event's JSON, up and down, or
/// `None` if a part of the sum is not known.
fn overhead(situation: &Situation, asked: Option<&Exchanges>) -> Option<(f64, f64)> {
    let is_countable = !situation.is_http2 && !is_sealed_in_part(situation);
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
    let (sealed_up, sealed_down) = sealed(situation, asked);
    Some((
        up + say / situation.readers + sealed_up,
        down + ack / situation.readers + sealed_down,
    ))
}

/// Returns whether a run is under TLS and has records that no formula here counts: handshakes in
/// the window, or those around the packets of a library.
fn is_sealed_in_part(situation: &Situation) -> bool {
    let says_anew = situation.say_client.is_some_and(|client| client.closes);
    let uncounted = situation.closes || says_anew || situation.protocol != Protocol::Plain;
    situation.record > 0 && uncounted
}

/// Returns what TLS adds for each delivered message, up and down: each question, answer, piece of a
/// stream, frame, draft and answer to a draft is sealed by itself, in as many records as its bytes
/// need.
fn sealed(situation: &Situation, asked: Option<&Exchanges>) -> (f64, f64) {
    let records = |bytes: f64| (bytes / framing::LONGEST_RECORD as f64).ceil().max(1.0);
    let event = situation.mean_over_seqs(|seq| exchange::event(seq, situation.text));
    let (asks, brings) = match (situation.way.carrier(), asked) {
        (Carrier::Batch, Some(asked)) => {
            let bringing = asked.per_delivery * (1.0 - asked.empty);
            let events = if bringing > 0.0 { 1.0 / bringing } else { 0.0 };
            let brings = bringing * records(events * event) + asked.per_delivery * asked.empty;
            (asked.per_delivery, brings)
        }
        _ => (0.0, records(event)),
    };
    let says = records(exchange::draft(situation.text) as f64) / situation.readers;
    let answers = if situation.says_on_socket {
        0.0
    } else {
        1.0 / situation.readers
    };
    let each = situation.record as f64;
    ((asks + says) * each, (brings + answers) * each)
}
