//! The bytes that the protocol of a library adds, counted from its texts: the envelope of a
//! message, the requests and packets of a session, and its heartbeats.

use std::ops::RangeInclusive;

use wire::{Carrier, Exchange, Framing, Protocol, Way};

use super::{
    exchange::{self, Client},
    framing::{WS_MASK, chunk, decimal_digits, ws_head},
    in_page,
    situation::Situation,
};

/// The silence after which SockJS sends a heartbeat, and the time from one ping of Engine.IO to the
/// next, in seconds.
pub(super) const HEARTBEAT: f64 = 25.0;

/// The number of bytes of events after which SockJS ends an answer that goes on.
const LONGEST_ANSWER: u64 = 128 * 1024;

/// The quotes in the JSON of an event and of a draft, each of which SockJS escapes.
const EVENT_QUOTES: u64 = 20;
const DRAFT_QUOTES: u64 = 12;

/// The bytes of a quote or a backslash that is escaped twice: in a string of SockJS, and that in the
/// string of a script.
const TWICE: u64 = length("\\\\\\\"");
/// The bytes that an event takes beside its JSON in a list of strings that is written so.
const TWICE_QUOTED: u64 = EVENT_QUOTES * (TWICE - 1) + 2 * length("\\\"");
/// The text around the frame in an answer to jsonp-polling, and in an element of an htmlfile. The
/// load generator names a function of this length.
const CALL: u64 = length("/**/_jp.aaaaaaa(\"\");\r\n");
const ELEMENT: u64 = length("<script>\np(\"\");\n</script>");
/// The parameters that name the function, and the frame that a form is sent to.
const CALLBACK: u64 = length("&c=_jp.aaaaaaa");
const FORM_FRAME: u64 = length("&i=aaaaaaaaa");
/// The beginning of an htmlfile: a page that is padded, and two line ends.
const PAGE: u64 = 1024 + length("\r\n\r\n");

/// A packet as long as the one that opens a session of Engine.IO by polls.
const OPEN: &str = "0{\"sid\":\"0123456789abcdef0123456789abcdef\",\"upgrades\":[\"websocket\"],\
     \"pingInterval\":25000,\"pingTimeout\":20000,\"maxPayload\":395520}";
/// The part of that packet which is left out over a WebSocket: there is nothing to change to.
const UPGRADES: &str = "\"websocket\"";
/// A packet as long as the one that lets a client of Socket.IO in.
const CONNECTED: &str = "40{\"sid\":\"0123456789abcdef0123456789abcdef\",\
     \"pid\":\"0123456789abcdef0123456789abcdef0123456789abcdef\"}";
/// The answer to a POST of Engine.IO.
const OK: u64 = length("ok");
const PING: u64 = length("2");

pub(super) const fn length(text: &str) -> u64 {
    text.len() as u64
}

/// Returns the bytes of envelope of one event that travels alone.
pub(super) const fn envelope(protocol: Protocol, seq: u64) -> u64 {
    match protocol {
        Protocol::Plain => 0,
        Protocol::InPage => in_page::ELEMENT,
        Protocol::SocketIo => length("42[\"message\",") + length(",\"\"]") + decimal_digits(seq),
        Protocol::Sockjs => length("a[\"\"]") + EVENT_QUOTES,
        Protocol::SockjsInPage => ELEMENT + length("a[]") + TWICE_QUOTED,
    }
}

/// Returns the bytes of envelope in a poll's answer with this number of events.
pub(super) const fn around(protocol: Protocol, events: u64, seq: u64) -> u64 {
    let between = events.saturating_sub(1);
    match protocol {
        Protocol::Plain => 0,
        Protocol::InPage => in_page::CALL,
        Protocol::SocketIo => events * envelope(protocol, seq) + between,
        Protocol::Sockjs => length("a[]\n") + events * (EVENT_QUOTES + 2) + between,
        Protocol::SockjsInPage => CALL + length("a[]") + events * TWICE_QUOTED + between,
    }
}

/// Returns the bytes of envelope of one draft.
pub(super) const fn of_draft(protocol: Protocol, way: Way) -> u64 {
    match (protocol, way.exchange()) {
        (Protocol::Plain | Protocol::InPage, _) => 0,
        (Protocol::SocketIo, _) => length("42[\"message\",]"),
        (Protocol::SockjsInPage, Exchange::Held) => in_form(),
        (Protocol::Sockjs | Protocol::SockjsInPage, _) => length("[\"\"]") + DRAFT_QUOTES,
    }
}

/// Returns the bytes around a draft in a form: of each byte of the list and of the draft's JSON that
/// a form does not take as it is, there are three. A text of the load generator has none of those.
const fn in_form() -> u64 {
    const ENCODED: u64 = length("%22");
    let list = length("[\"\"]") * ENCODED;
    let quotes = DRAFT_QUOTES * (2 * ENCODED - 1);
    let others = length("{:,:,:}") * (ENCODED - 1);
    length("d=") + list + quotes + others
}

/// Returns the bytes by which a stream marks the end of a frame.
pub(super) const fn text_frame(protocol: Protocol, framing: Framing) -> u64 {
    match (protocol, framing) {
        (Protocol::SockjsInPage, _) => length("\r\n"),
        (_, Framing::Ndjson) => length("\n"),
        (_, Framing::Sse) => length("data: \r\n\r\n"),
    }
}

/// Returns the size of a frame of SockJS as it is written: the answer to a poll, or a piece of a
/// stream with its end.
const fn written(protocol: Protocol, way: Way, frame: u64) -> u64 {
    match (protocol, way.carrier()) {
        (Protocol::SockjsInPage, Carrier::Batch) => CALL + frame,
        (_, Carrier::Batch) => frame + length("\n"),
        (Protocol::SockjsInPage, Carrier::Stream(framing)) => {
            ELEMENT + frame + text_frame(protocol, framing)
        }
        (_, Carrier::Stream(framing)) => frame + text_frame(protocol, framing),
        (_, Carrier::Frame) => frame,
    }
}

/// The bytes up and down of a part of a session.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Both {
    pub(super) up: u64,
    pub(super) down: u64,
}

impl Both {
    const fn plus(self, other: Self) -> Self {
        Self {
            up: self.up + other.up,
            down: self.down + other.down,
        }
    }
}

/// A session of one reader.
#[derive(Debug, Clone, Copy)]
pub(super) struct Session {
    protocol: Protocol,
    way: Way,
    client: Client,
}

impl Session {
    /// Returns the session of a reader in this situation, if it speaks the protocol of a library.
    pub(super) fn of(situation: &Situation, client: Client) -> Option<Self> {
        situation.protocol.title()?;
        Some(Self {
            protocol: situation.protocol,
            way: situation.way,
            client,
        })
    }

    fn name(&self, text: &str) -> u64 {
        if self.client.named {
            length(text) + exchange::NAME
        } else {
            0
        }
    }

    /// Returns the size of the target of a request in an open session.
    fn target(&self, way: &str) -> u64 {
        let is_xhr = way.starts_with("xhr");
        match self.protocol {
            Protocol::Sockjs | Protocol::SockjsInPage => {
                let stamp = match way {
                    _ if is_xhr => length("&t=1700000000000"),
                    "jsonp" | "htmlfile" => CALLBACK,
                    "jsonp_send" => FORM_FRAME,
                    _ => 0,
                };
                length("/sockjs/r00000/000/abcdefgh/?after=latest")
                    + length(way)
                    + self.name("&name=")
                    + stamp
            }
            _ => self.first_target() + length("&sid=0123456789abcdef0123456789abcdef"),
        }
    }

    /// Returns the size of the target of the request that opens a session of Engine.IO.
    const fn first_target(&self) -> u64 {
        match self.way.exchange() {
            Exchange::Open => length("/socket.io/?EIO=4&transport=websocket"),
            _ => length("/socket.io/?EIO=4&transport=polling&t=abcdefgh"),
        }
    }

    /// Returns the size of the head of a POST with this many bytes.
    fn post_to(&self, target: u64, body: u64) -> u64 {
        let longer = length("POST") - length("GET");
        self.client.get(target) + longer + length("content-length: \r\n") + decimal_digits(body)
    }

    /// Returns the size of the head of a request that receives.
    pub(super) fn receive(&self) -> u64 {
        match (self.protocol, self.way) {
            (Protocol::Sockjs, Way::Ndjson) => self.post_to(self.target("xhr_streaming"), 0),
            (Protocol::Sockjs, Way::Sse) => self.client.get(self.target("eventsource")),
            (Protocol::SockjsInPage, Way::Ndjson) => self.client.get(self.target("htmlfile")),
            (Protocol::SockjsInPage, _) => self.client.get(self.target("jsonp")),
            (Protocol::Sockjs, _) => self.post_to(self.target("xhr"), 0),
            _ => self.client.get(self.target("")),
        }
    }

    /// Returns the size of the head of a request that sends this many bytes.
    pub(super) fn send(&self, body: u64) -> u64 {
        let way = match (self.protocol, self.way) {
            (Protocol::SockjsInPage, Way::LongPoll) => "jsonp_send",
            (Protocol::Sockjs | Protocol::SockjsInPage, _) => "xhr_send",
            _ => "",
        };
        self.post_to(self.target(way), body)
    }

    /// Returns the size of the answer to a request that sends: its head, and its body.
    pub(super) fn sent(&self) -> (u64, u64) {
        match (self.protocol, self.way) {
            (Protocol::SockjsInPage, Way::LongPoll) => {
                (self.answer("text/plain; charset=UTF-8", OK), OK)
            }
            (Protocol::Sockjs | Protocol::SockjsInPage, _) => {
                // No content, and so no length.
                let head = "HTTP/1.1 204 No Content\r\n\
                     content-type: text/plain; charset=UTF-8\r\ncache-control: no-store\r\n\r\n";
                (length(head) + length(exchange::DATE), 0)
            }
            _ => (self.answer("text/html", OK), OK),
        }
    }

    /// Returns the size of the head of the answer to a poll.
    pub(super) fn poll_answer(&self, body: u64) -> u64 {
        let kind = match self.protocol {
            Protocol::SockjsInPage => return in_page::answer(body, self.client.closes),
            Protocol::Sockjs => "application/javascript; charset=UTF-8",
            _ => "text/plain; charset=UTF-8",
        };
        self.answer(kind, body)
    }

    fn answer(&self, content_type: &str, body: u64) -> u64 {
        let json = length("application/json");
        exchange::poll_answer(body, self.client.closes) - json + length(content_type)
    }

    /// Returns the bytes that open the session.
    pub(super) fn opening(&self) -> Both {
        match (self.protocol, self.way.carrier()) {
            (Protocol::Sockjs | Protocol::SockjsInPage, Carrier::Batch) => {
                let open = self.written("o");
                Both {
                    up: self.receive(),
                    down: self.poll_answer(open) + open,
                }
            }
            (Protocol::Sockjs | Protocol::SockjsInPage, Carrier::Stream(_)) => {
                let open = self.written("o");
                self.stream().plus(Both {
                    up: 0,
                    down: open + chunk(open),
                })
            }
            (Protocol::Sockjs, Carrier::Frame) => self
                .upgrade(self.target("websocket"))
                .plus(frames(&[], &[length("o")])),
            (_, Carrier::Frame) => {
                let open = length(OPEN) - length(UPGRADES);
                let frames = frames(&[self.connect()], &[open, length(CONNECTED)]);
                self.upgrade(self.first_target()).plus(frames)
            }
            _ => self.opening_by_polls(),
        }
    }

    /// Returns the bytes of the opening over polls: a poll opens the session of Engine.IO, a POST
    /// enters the room, and a poll tells so.
    fn opening_by_polls(&self) -> Both {
        let connect = self.connect();
        let (sent, ok) = self.sent();
        let answer = |body| self.poll_answer(body) + body;
        Both {
            up: self.client.get(self.first_target())
                + self.send(connect)
                + connect
                + self.receive(),
            down: answer(length(OPEN)) + sent + ok + answer(length(CONNECTED)),
        }
    }

    /// Returns the size of a frame of SockJS without a message, as it is written.
    const fn written(&self, frame: &str) -> u64 {
        written(self.protocol, self.way, length(frame))
    }

    fn connect(&self) -> u64 {
        length("40{\"room\":\"r00000\",\"after\":\"latest\"}") + self.name(",\"name\":\"\"")
    }

    fn upgrade(&self, target: u64) -> Both {
        Both {
            up: self.client.upgrade_to(target),
            down: exchange::upgrade_answer(),
        }
    }

    /// Returns the bytes of the request for a stream, and of the beginning of its answer.
    fn stream(&self) -> Both {
        let (kind, beginning) = match self.way {
            _ if self.protocol.is_in_page() => ("text/html; charset=UTF-8", PAGE),
            Way::Sse => ("text/event-stream; charset=UTF-8", length("\r\n")),
            // 2 KiB of padding, and a line end.
            _ => ("application/javascript; charset=UTF-8", 2048 + 1),
        };
        let more = length("x-content-type-options: nosniff\r\nconnection: close\r\n");
        Both {
            up: self.receive(),
            down: exchange::stream_answer(kind) + more + beginning + chunk(beginning),
        }
    }

    /// Returns the bytes of asking anew, for each event that counts, where an event of this many
    /// bytes is in a stream that ends when it is long. The first stream begins before all events.
    pub(super) fn asking_anew(&self, event: f64, counted: &RangeInclusive<u64>) -> (f64, f64) {
        let in_one = (LONGEST_ANSWER as f64 / event).ceil() as u64;
        let ended_before = (counted.start() - 1) / in_one;
        let ends = counted.end() / in_one - ended_before;
        let share = ends as f64 / (counted.end() - counted.start() + 1) as f64;
        let Both { up, down } = self.stream();
        let down = down + length("0\r\n\r\n");
        (up as f64 * share, down as f64 * share)
    }

    /// Returns the bytes of one heartbeat and of the answer to it. That of SockJS comes only in
    /// silence.
    pub(super) fn heartbeat(&self) -> Both {
        match (self.protocol, self.way.carrier()) {
            (Protocol::Sockjs | Protocol::SockjsInPage, Carrier::Batch) => {
                let beat = self.written("h");
                Both {
                    up: self.receive(),
                    down: self.poll_answer(beat) + beat,
                }
            }
            (Protocol::Sockjs | Protocol::SockjsInPage, Carrier::Stream(_)) => {
                let beat = self.written("h");
                Both {
                    up: 0,
                    down: beat + chunk(beat),
                }
            }
            (Protocol::Sockjs, Carrier::Frame) => frames(&[], &[length("h")]),
            (_, Carrier::Frame) => frames(&[PING], &[PING]),
            _ => {
                let (sent, ok) = self.sent();
                Both {
                    up: self.receive() + self.send(PING) + PING,
                    down: self.poll_answer(PING) + PING + sent + ok,
                }
            }
        }
    }
}

/// Returns the bytes of frames of these lengths, up and down.
fn frames(up: &[u64], down: &[u64]) -> Both {
    let frame = |len: &u64| ws_head(*len) + len;
    Both {
        up: up.iter().map(|len| frame(len) + WS_MASK).sum(),
        down: down.iter().map(frame).sum(),
    }
}

/// Returns the number of requests that open one session.
pub(super) const fn requests(protocol: Protocol, way: Way) -> u64 {
    match (protocol, way.exchange()) {
        (Protocol::SocketIo, Exchange::Held) => 3,
        _ => 1,
    }
}
