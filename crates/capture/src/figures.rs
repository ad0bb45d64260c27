//! The figures of a conversation: what a message costs, and what silence costs.

use std::time::Duration;

use dissect::{Direction, Ledger, Purpose};

use crate::{
    Kind, Over,
    exchange::{Bytes, Exchange},
    frames::Told,
};

/// The shortest silence for which a rate is given.
const SHORTEST_SILENCE: Duration = Duration::from_secs(1);

/// The figures of a conversation. Sums of bytes are those of both directions unless they are told
/// apart: up, then down.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Figures {
    /// The time of the first byte, since 1970.
    pub began: Duration,
    /// The time from the first byte to the last.
    pub lasted: Duration,
    /// Requests, those that opened streams and WebSockets among them.
    pub requests: u64,
    /// Messages up, and down.
    pub messages: [u64; 2],
    /// Polls that were answered, and those among them whose answer brought nothing.
    pub polls: u64,
    /// See [`Self::polls`].
    pub empty: u64,
    /// Bytes of heads of requests, and of answers, in the form of HTTP/1.1.
    pub heads: [u64; 2],
    /// Bytes in which heads of HTTP/2 crossed, those of requests and of answers, with the heads of
    /// their frames; and the bytes of the same heads in the form of HTTP/1.1.
    pub packed: [u64; 2],
    /// See [`Self::packed`].
    pub unpacked: [u64; 2],
    /// Bytes of lines in [`Self::heads`] that stood in the head before it too, without a change.
    pub repeated: [u64; 2],
    /// Bytes that compression of content saved; negative if it added some.
    pub saved: i64,
    /// The part of [`Self::saved`] of what brought messages down: without what went up, and without
    /// polls that brought nothing.
    pub saved_of_messages: i64,
    /// Bytes that carried messages, with all that is around them.
    pub carrying: u64,
    /// Bytes of polls that brought nothing, and of heartbeats.
    pub idle: u64,
    /// The time to which these bytes belong: of polls the time that the empty ones took, from one
    /// request to the next; else the time for which the stream or WebSocket was open.
    pub silence: Duration,
}

impl Figures {
    /// Returns the bytes for each message, of the exchanges and frames that carried messages.
    #[must_use]
    pub fn per_message(&self) -> Option<f64> {
        let messages = self.messages[0] + self.messages[1];
        (messages > 0).then(|| self.carrying as f64 / messages as f64)
    }

    /// Returns the bytes for each minute of silence.
    #[must_use]
    pub fn silence_per_minute(&self) -> Option<f64> {
        let minutes = self.silence.as_secs_f64() / 60.0;
        (self.silence >= SHORTEST_SILENCE).then(|| self.idle as f64 / minutes)
    }

    /// Returns the share of polls that brought nothing.
    #[must_use]
    pub fn empty_share(&self) -> Option<f64> {
        (self.polls > 0).then(|| self.empty as f64 / self.polls as f64)
    }

    /// Returns the bytes by which heads in HTTP/2 were shorter than in the form of HTTP/1.1; `None`
    /// if none crossed.
    #[must_use]
    pub fn saved_by_http2(&self) -> Option<i64> {
        let [packed, unpacked] = [self.packed, self.unpacked].map(|bytes| bytes[0] + bytes[1]);
        (packed > 0).then(|| unpacked.cast_signed() - packed.cast_signed())
    }

    /// Computes the figures of exchanges in the order of time. `empty` says of which of them the
    /// answer brought nothing.
    pub(crate) fn of(kind: Kind, exchanges: &[Exchange], empty: &[bool], ledger: &Ledger) -> Self {
        let began = exchanges.iter().map(|one| one.at).min().unwrap_or_default();
        let ended = exchanges
            .iter()
            .map(|one| one.end)
            .max()
            .unwrap_or_default();
        let mut figures = Self {
            began,
            lasted: ended.saturating_sub(began),
            requests: exchanges.len() as u64,
            ..Self::default()
        };
        figures.add_heads(exchanges);
        for (exchange, &is_empty) in exchanges.iter().zip(empty) {
            let [up, down] = messages(kind, exchange, is_empty);
            figures.messages[0] += up;
            figures.messages[1] += down;
            figures.saved += saved_up(exchange) + saved_down(exchange);
            if !is_empty {
                figures.saved_of_messages += saved_down(exchange);
            }
            if kind.is_poll() && exchange.answer.is_some() {
                figures.polls += 1;
                figures.empty += u64::from(is_empty);
            }
        }
        let of = |purposes: &[Purpose]| -> u64 {
            let each = |purpose: &Purpose| Direction::ALL.map(|way| ledger.purpose(way, *purpose));
            purposes.iter().flat_map(each).sum()
        };
        let carrying = [
            Purpose::Deliver,
            Purpose::Say,
            Purpose::Ack,
            Purpose::Presence,
        ];
        figures.carrying = of(&carrying);
        figures.idle = of(&[Purpose::Empty, Purpose::Heartbeat]);
        figures.silence = silence(kind, exchanges, empty);
        figures
    }

    fn add_heads(&mut self, exchanges: &[Exchange]) {
        let sized = |one: &&Exchange| match one.bytes {
            Bytes::Captured { .. } | Bytes::Stream { .. } => true,
            Bytes::Stated(sizes) => sizes.request_head.is_some() && sizes.answer_head.is_some(),
        };
        let mut before: Option<&Exchange> = None;
        for exchange in exchanges.iter().filter(sized) {
            let answer = exchange.answer.as_ref();
            let heads = [
                exchange.request.len as u64,
                answer.map_or(0, |answer| answer.head.len as u64),
            ];
            for (sum, bytes) in self.heads.iter_mut().zip(heads) {
                *sum += bytes;
            }
            if let Bytes::Stream { packed, .. } = exchange.bytes {
                for side in [0, 1] {
                    self.packed[side] += packed[side];
                    self.unpacked[side] += heads[side];
                }
            }
            if let Some(before) = before {
                self.repeated[0] += exchange.request.repeated(&before.request);
                if let (Some(answer), Some(before)) = (answer, &before.answer) {
                    self.repeated[1] += answer.head.repeated(&before.head);
                }
            }
            before = Some(exchange);
        }
    }
}

/// Returns the messages of an exchange, up and down.
fn messages(kind: Kind, exchange: &Exchange, is_empty: bool) -> [u64; 2] {
    let answer = exchange.answer.as_ref();
    let down = |count: fn(&crate::content::Brought) -> u64| {
        let answer = answer.filter(|_| exchange.is_good());
        answer.map_or(0, |answer| count(&answer.brought))
    };
    if let Some(socket) = &exchange.socket {
        return match kind {
            Kind::SocketIo(_) => [socket.said.engine_io, socket.heard.engine_io],
            Kind::SockJs(_) => [socket.said.sockjs, socket.heard.sockjs],
            _ => [socket.said.messages, socket.heard.messages],
        };
    }
    match kind {
        _ if is_empty => [0, 0],
        Kind::ShortPoll { .. } | Kind::LongPoll { .. } => [0, down(|brought| brought.items)],
        Kind::Sse => [0, down(|brought| brought.events)],
        Kind::Ndjson => [0, down(|brought| brought.lines)],
        Kind::ChunkedStream => [0, answer.map_or(0, |answer| answer.chunks.len() as u64)],
        Kind::SocketIo(_) if exchange.sends() => [exchange.sent.engine_io, 0],
        Kind::SocketIo(_) => [0, down(|brought| brought.engine_io)],
        Kind::SockJs(_) if exchange.sends() && exchange.sent.coded > 0 => [exchange.sent.sockjs, 0],
        Kind::SockJs(_) => [0, down(|brought| brought.sockjs)],
        Kind::Plain if exchange.sends() => [1, 0],
        Kind::Plain => [0, down(|brought| u64::from(brought.coded > 0))],
        _ => [0, 0],
    }
}

/// Returns what compression saved of what went up in an exchange.
fn saved_up(exchange: &Exchange) -> i64 {
    let socket = exchange.socket.as_ref();
    exchange.sent.saved() + socket.map_or(0, |socket| saved_of(&socket.said))
}

/// Returns what compression saved of what came down in an exchange.
fn saved_down(exchange: &Exchange) -> i64 {
    let (answer, socket) = (exchange.answer.as_ref(), exchange.socket.as_ref());
    let answer = answer.map_or(0, |answer| answer.brought.saved());
    answer + socket.map_or(0, |socket| saved_of(&socket.heard))
}

fn saved_of(told: &Told) -> i64 {
    told.plain.cast_signed() - told.payload.cast_signed()
}

/// Returns the time in which nothing was said.
fn silence(kind: Kind, exchanges: &[Exchange], empty: &[bool]) -> Duration {
    match kind {
        Kind::ShortPoll { .. } | Kind::LongPoll { .. } => {
            let next = exchanges.iter().skip(1).map(|next| next.at);
            let next = next.chain(exchanges.last().map(|last| last.end));
            let cycles = exchanges.iter().zip(next).zip(empty);
            let empty = cycles.filter(|(_, is_empty)| **is_empty);
            empty
                .map(|((one, next), _)| next.saturating_sub(one.at))
                .sum()
        }
        Kind::SocketIo(Over::Polling) | Kind::SockJs(Over::Polling) => {
            let first = exchanges.first().map_or(Duration::ZERO, |one| one.at);
            let last = exchanges
                .iter()
                .map(|one| one.end)
                .max()
                .unwrap_or_default();
            last.saturating_sub(first)
        }
        Kind::Sse
        | Kind::Ndjson
        | Kind::ChunkedStream
        | Kind::WebSocket
        | Kind::SocketIo(_)
        | Kind::SockJs(_) => {
            let open = exchanges
                .iter()
                .filter_map(|one| Some((one, one.answer.as_ref()?)));
            open.map(|(one, answer)| one.end.saturating_sub(answer.at))
                .sum()
        }
        _ => Duration::ZERO,
    }
}
