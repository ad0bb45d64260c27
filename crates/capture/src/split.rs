//! The exchanges of HTTP/1.1 in a connection that was captured.
//!
//! Requests and answers are read in step, so that nothing depends on the order in which packets of
//! different directions were captured.

use std::{ops::Range, time::Duration};

use dissect::Ledger;

use crate::{
    HttpVersion, Remark,
    body::{self, Body},
    content::Brought,
    exchange::{Answer, Bytes, Exchange, Socket},
    frames,
    head::{self, Head},
    leftover,
    stretch::Wire,
    terms::Path,
};

/// The chunks of one answer whose times are kept.
const MOST_CHUNKS: usize = 10_000;
/// The bytes that end the handshake of a WebSocket of hixie-76.
const OLD_ANSWER: usize = 16;

/// The bytes of a connection so far.
struct Reader<'a> {
    wire: &'a Wire,
    /// The number of the connection.
    number: usize,
    /// The next byte of each direction.
    up: usize,
    down: usize,
    exchanges: Vec<Exchange>,
}

/// Returns the exchanges of a connection. Bytes that belong to no exchange are in `extra` of the
/// last one, or in the ledger that is returned as well if there is no exchange.
pub(crate) fn exchanges(wire: &Wire, number: usize) -> (Vec<Exchange>, Ledger) {
    let (up, down) = begin(wire);
    let mut reader = Reader {
        wire,
        number,
        up,
        down,
        exchanges: Vec::new(),
    };
    while reader.exchange().is_some() {}
    let (mut extra, fault) = leftover::enter(wire, [up..reader.up, down..reader.down]);
    let gaps = leftover::enter_lost(wire, &mut extra);
    let mut exchanges = reader.exchanges;
    let is_over = wire.up.has_end || wire.down.has_end || wire.reset;
    for exchange in exchanges
        .iter_mut()
        .filter(|one| is_over && gaps.is_empty() && !one.is_whole)
    {
        exchange.remarks.push(Remark::CutOff);
    }
    if let Some(last) = exchanges.last_mut() {
        last.remarks.extend(gaps);
        // A cut within an element follows from the gap, and from the end of the capture.
        let is_known = !(last.remarks.is_empty() && wire.up.has_end && wire.down.has_end);
        last.remarks
            .extend(fault.filter(|_| !is_known).map(Remark::Fault));
        if !wire.up.has_begin && !wire.is_continued {
            last.remarks.push(Remark::BeganBefore);
        }
        if wire.reset {
            last.remarks.push(Remark::Reset);
        }
        last.extra = Some(Box::new(std::mem::take(&mut extra)));
    }
    (exchanges, extra)
}

/// Returns where reading begins in each direction: at the first byte, or at the first request of a
/// connection that was open before, and the answer that came after it.
fn begin(wire: &Wire) -> (usize, usize) {
    if wire.is_continued || (wire.up.has_begin && wire.down.has_begin) {
        return (0, 0);
    }
    let Some(up) = head::first_request(&wire.up, 0) else {
        return (0, 0);
    };
    let asked = wire.up.time(up);
    let mut from = 0;
    loop {
        match head::first_answer(&wire.down, from) {
            None if up == 0 && from == 0 => return (0, 0),
            None => return (up, wire.down.bytes.len()),
            Some(down) if wire.down.time(down) >= asked => return (up, down),
            Some(down) => from = down + 1,
        }
    }
}

/// An answer that was found.
struct Found {
    head: Head,
    status: u16,
    /// The first byte of its head, and of its body.
    begin: usize,
    body: usize,
}

impl<'a> Reader<'a> {
    /// Reads one exchange; `None` if there is no whole request.
    fn exchange(&mut self) -> Option<()> {
        let wire: &'a Wire = self.wire;
        let (up, down) = (&wire.up, &wire.down);
        let from = self.up;
        let rest = up.bytes.get(from..).filter(|rest| !rest.is_empty())?;
        let head = Head::read(rest)?;
        let (method, target) = head.request()?;
        let mut sent = body::read(body::of_request(&head), &rest[head.len..], up.has_end);
        if head.field("sec-websocket-key1").is_some() {
            // The eight bytes of hixie-76, which no field announces.
            sent.len = 8.min(rest.len() - head.len);
        }
        if sent.is_broken {
            return None;
        }
        let content = rest
            .get(head.len..)
            .map_or(Vec::new(), |rest| sent.content(rest));
        let content = Brought::of(&content, head.list("content-encoding").as_deref());
        self.up = from + head.len + sent.len;
        let begin = self.down;
        let asked = up.time(self.up.saturating_sub(1));
        let found = self.answer();
        let mut exchange = Exchange {
            client: self.wire.client.ip().to_string(),
            server: head
                .field("host")
                .unwrap_or_else(|| self.wire.server.to_string()),
            lane: self.wire.lane,
            round_trip: self.wire.round_trip,
            path: Path {
                tls: self.wire.tls,
                http: HttpVersion::V1_1,
                trip: Some(self.wire.round_trip).filter(|trip| !trip.is_zero()),
            },
            method,
            target,
            at: up.time(from),
            asked,
            request: head,
            sent: content,
            answer: None,
            end: asked,
            bytes: Bytes::Captured {
                wire: self.number,
                up: from..self.up,
                down: begin..self.down,
            },
            socket: None,
            is_whole: false,
            extra: None,
            remarks: Vec::new(),
        };
        let goes_on = if let Some(found) = found {
            self.answered(&mut exchange, found)
        } else {
            // Without an answer there can be none to a later request.
            let rest = &down.bytes[self.down..];
            if head::is_cut_answer(rest) {
                self.down = down.bytes.len();
            }
            rest.is_empty()
        };
        if let Bytes::Captured { down, .. } = &mut exchange.bytes {
            // Frames behind a handshake are no part of its answer.
            down.end = exchange
                .socket
                .as_ref()
                .map_or(self.down, |socket| socket.down);
        }
        self.exchanges.push(exchange);
        goes_on.then_some(())
    }

    /// Finds the head of the final answer, behind interim ones.
    fn answer(&mut self) -> Option<Found> {
        let mut at = self.down;
        loop {
            let head = Head::read(self.wire.down.bytes.get(at..)?)?;
            let status = head.status()?;
            let body = at + head.len;
            if status >= 200 || status == 101 {
                return Some(Found {
                    head,
                    status,
                    begin: at,
                    body,
                });
            }
            at = body;
        }
    }

    /// Takes an answer; returns whether another exchange may follow.
    fn answered(&mut self, exchange: &mut Exchange, found: Found) -> bool {
        let wire: &'a Wire = self.wire;
        let down = &wire.down;
        let rest = &down.bytes[found.body..];
        let length = body::of_answer(&found.head, found.status, &exchange.method);
        let body = body::read(length, rest, down.has_end && down.gap.is_none());
        self.down = found.body + body.len;
        let content = Brought::of(
            &body.content(rest),
            found.head.list("content-encoding").as_deref(),
        );
        exchange.is_whole = body.is_whole;
        let is_tunnel = exchange.method == "CONNECT" && (200..300).contains(&found.status);
        let goes_on = body.is_whole && found.status != 101 && !is_tunnel;
        if body.is_broken {
            // The dissector says what is wrong, and where.
            self.down = down.bytes.len();
        } else if found.status == 101 {
            self.upgraded(exchange, &found.head);
        } else if is_tunnel {
            exchange
                .remarks
                .push(Remark::Upgraded("a tunnel".to_owned()));
        }
        let last = self.down.saturating_sub(1).max(found.begin);
        exchange.end = down.time(last).max(exchange.asked);
        if !body.is_whole || exchange.socket.is_some() {
            // It was open for as long as anything was seen of the connection.
            exchange.end = wire.last;
        }
        exchange.answer = Some(Answer {
            status: found.status,
            at: down.time(found.begin),
            brought: content,
            chunks: chunks(&body, |at| down.time(found.body + at)),
            head: found.head,
        });
        goes_on && !body.is_broken
    }

    /// Takes what follows a change of protocol.
    fn upgraded(&mut self, exchange: &mut Exchange, head: &Head) {
        let name = head.field("upgrade").unwrap_or_default();
        if !name.eq_ignore_ascii_case("websocket") || !exchange.request.has("upgrade", "websocket")
        {
            let name = if name.is_empty() { "nothing" } else { &name };
            exchange.remarks.push(Remark::Upgraded(name.to_owned()));
            return;
        }
        let wire: &'a Wire = self.wire;
        let (up, down) = (&wire.up.bytes, &wire.down.bytes);
        let is_old = exchange.request.field("sec-websocket-key1").is_some();
        let (upward, downward) = (&up[self.up..], &down[self.down..]);
        let (said, received) = if is_old {
            let after_answer = downward.get(OLD_ANSWER..).unwrap_or_default();
            (frames::read_old(upward), frames::read_old(after_answer))
        } else {
            (
                frames::read(upward, deflate(head, "client_no_context_takeover")),
                frames::read(downward, deflate(head, "server_no_context_takeover")),
            )
        };
        let socket = Socket {
            down: self.down,
            said,
            heard: received,
        };
        let is_over = wire.up.has_end && wire.down.has_end;
        exchange.is_whole = is_over || socket.said.is_closed || socket.heard.is_closed || is_old;
        exchange.socket = Some(Box::new(socket));
        self.up = up.len();
        self.down = down.len();
    }
}

/// Returns whether messages may be compressed and, if so, whether one may refer to earlier ones.
pub(crate) fn deflate(head: &Head, without: &str) -> Option<bool> {
    let agreed = head.field("sec-websocket-extensions")?.to_ascii_lowercase();
    let agreed = agreed.contains("permessage-deflate").then_some(agreed)?;
    Some(!agreed.contains(without))
}

fn chunks(body: &Body, time: impl Fn(usize) -> Duration) -> Vec<Duration> {
    let parts: &[Range<usize>] = if body.is_chunked { &body.parts } else { &[] };
    let parts = parts.iter().take(MOST_CHUNKS);
    parts.map(|part| time(part.start)).collect()
}
