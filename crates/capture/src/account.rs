//! The accounts of an exchange: its bytes, dissected in the way that its conversation calls for, or
//! the sizes that a HAR states.

use dissect::{Amount, Direction, Dissector, Fault, Layer, Ledger, Purpose, Reading, Span};
use wire::{Framing, Protocol};

use crate::{
    Kind,
    exchange::{Bytes, Exchange, Sizes},
    query,
    stretch::Wire,
};

/// Enters an exchange into a ledger; returns where it broke the protocol, if it did.
pub(crate) fn enter(
    kind: Kind,
    exchange: &Exchange,
    is_empty: bool,
    wires: &[Wire],
    ledger: &mut Ledger,
) -> Option<Fault> {
    if let Some(extra) = &exchange.extra {
        ledger.merge(extra);
    }
    let (number, up, down) = match &exchange.bytes {
        Bytes::Captured { wire, up, down } => (*wire, up, down),
        // The streams of a connection are entered together.
        Bytes::Stream { .. } => return None,
        Bytes::Stated(sizes) => {
            stated(kind, exchange, is_empty, *sizes, ledger);
            return None;
        }
    };
    let wire = wires.get(number)?;
    let mut dissector = Dissector::of_one_kind(reading(kind, exchange));
    let mut sink = |span: Span| {
        let purpose = if is_empty {
            Purpose::Empty
        } else {
            span.purpose
        };
        ledger.add(Span { purpose, ..span });
    };
    let bytes = [&wire.up.bytes, &wire.down.bytes];
    let ranges = [up, down];
    if exchange.socket.is_some() {
        // The request goes before the answer, and frames behind both.
        dissector.push(Direction::Up, &bytes[0][up.start..up.end], &mut sink);
        dissector.push(Direction::Down, &bytes[1][down.start..down.end], &mut sink);
        dissector.push(Direction::Up, &bytes[0][up.end..], &mut sink);
        dissector.push(Direction::Down, &bytes[1][down.end..], &mut sink);
    } else {
        for (direction, range) in Direction::ALL.into_iter().zip(ranges) {
            let bytes = bytes[direction as usize];
            dissector.push(direction, &bytes[range.clone()], &mut sink);
        }
    }
    dissector.finish(&mut sink);
    let fault = *dissector.fault()?;
    let side = fault.direction as usize;
    let begin = ranges[side].start as u64 + [wire.up.offset, wire.down.offset][side];
    Some(Fault {
        at: fault.at + begin,
        ..fault
    })
}

/// Returns how the dissector reads an exchange of this kind of conversation.
pub(crate) fn reading(kind: Kind, exchange: &Exchange) -> Reading {
    let brought = exchange.answer.as_ref().map(|answer| &answer.brought);
    match kind {
        Kind::ShortPoll { .. } | Kind::LongPoll { .. } => match brought {
            Some(brought) if brought.is_batch && !brought.is_coded => Reading::Batch,
            _ => Reading::Answer,
        },
        Kind::Sse => Reading::Sse,
        Kind::Ndjson => Reading::Ndjson,
        Kind::WebSocket => Reading::Websocket,
        Kind::SocketIo(_) => match exchange {
            Exchange {
                socket: Some(_), ..
            } => Reading::Upgrade(Protocol::SocketIo),
            one if one.sends() => Reading::Post(Protocol::SocketIo),
            one if query::value(&one.target, "sid").is_some() => Reading::Fetch(Protocol::SocketIo),
            _ => Reading::Opening,
        },
        Kind::SockJs(_) => match query::sockjs(&exchange.target) {
            Some((_, "xhr")) => Reading::Fetch(Protocol::Sockjs),
            Some((_, "xhr_send")) => Reading::Post(Protocol::Sockjs),
            Some((_, "xhr_streaming")) => Reading::Frames(Protocol::Sockjs, Framing::Ndjson),
            Some((_, "eventsource")) => Reading::Frames(Protocol::Sockjs, Framing::Sse),
            Some((_, "websocket")) => Reading::Upgrade(Protocol::Sockjs),
            Some((_, "jsonp_send")) => Reading::Say,
            _ => Reading::Answer,
        },
        Kind::Upgraded => Reading::Setup,
        _ if exchange.sends() => Reading::Say,
        _ => Reading::Answer,
    }
}

/// The purposes of the parts of an exchange of which only sizes are known.
struct Purposes {
    request: Purpose,
    head: Purpose,
    body: Purpose,
}

fn purposes(kind: Kind, exchange: &Exchange, is_empty: bool) -> Purposes {
    let all = |purpose| Purposes {
        request: purpose,
        head: purpose,
        body: purpose,
    };
    let brought = exchange.answer.as_ref().map(|answer| &answer.brought);
    let has_packets = brought.is_some_and(|brought| brought.engine_io + brought.sockjs > 0);
    let has_content = brought.is_some_and(|brought| brought.coded > 0);
    match kind {
        _ if is_empty => all(Purpose::Empty),
        Kind::ShortPoll { .. } | Kind::LongPoll { .. } => all(Purpose::Deliver),
        Kind::Sse | Kind::Ndjson | Kind::ChunkedStream => Purposes {
            body: Purpose::Deliver,
            ..all(Purpose::Setup)
        },
        _ if exchange.socket.is_some() => all(Purpose::Setup),
        _ if exchange.sends() => Purposes {
            request: Purpose::Say,
            ..all(Purpose::Ack)
        },
        Kind::SocketIo(_) | Kind::SockJs(_) if !has_packets => all(Purpose::Empty),
        _ if !(exchange.is_good() && has_content) => all(Purpose::Empty),
        _ => all(Purpose::Deliver),
    }
}

/// Enters the sizes that a HAR states.
fn stated(kind: Kind, exchange: &Exchange, is_empty: bool, sizes: Sizes, ledger: &mut Ledger) {
    let purposes = purposes(kind, exchange, is_empty);
    let mut enter = |direction, purpose, layer, bytes: u64, count| {
        if bytes > 0 {
            ledger.enter(direction, purpose, layer, Amount { bytes, count });
        }
    };
    let (up, down) = (Direction::Up, Direction::Down);
    let of = |size: Option<u64>| size.unwrap_or(0);
    enter(
        up,
        purposes.request,
        Layer::HttpHead,
        of(sizes.request_head),
        1,
    );
    enter(
        up,
        purposes.request,
        Layer::Payload,
        of(sizes.request_body),
        1,
    );
    enter(
        down,
        purposes.head,
        Layer::HttpHead,
        of(sizes.answer_head),
        1,
    );
    enter(
        down,
        purposes.body,
        Layer::Payload,
        of(sizes.answer_body),
        1,
    );
    let Some(socket) = &exchange.socket else {
        return;
    };
    for (direction, purpose, told) in [
        (up, Purpose::Say, &socket.said),
        (down, Purpose::Deliver, &socket.heard),
    ] {
        enter(direction, purpose, Layer::WsHead, told.heads, told.messages);
        enter(
            direction,
            purpose,
            Layer::Payload,
            told.payload,
            told.messages,
        );
        if direction == up {
            enter(up, purpose, Layer::WsMask, 4 * told.messages, told.messages);
        }
    }
}
