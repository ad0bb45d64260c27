//! The bytes that the protocol of a library adds, counted from its texts: the envelope of a
//! message, the requests and packets of a session, and its heartbeats.

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

/// A packet as long as the one that opens a session of Engine.IO by polls.
const OPEN: &str = "0{\"sid\":\"0123456789abcdef0123456789abcdef\",\"upgrades\":[\"websocket\"],\
     \"pingInterval\":25000,\"pingTimeout\":20000,\"maxPayload\":395520}";
/// A WebSocket has nothing to change to.
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
    }
}

/// Returns the bytes of envelope of one draft.
pub(super) const fn of_draft(protocol: Protocol) -> u64 {
    match protocol {
        Protocol::Plain | Protocol::InPage => 0,
        Protocol::SocketIo => length("42[\"message\",]"),
        Protocol::Sockjs => length("[\"\"]") + DRAFT_QUOTES,
    }
}

/// Returns the bytes by which a stream marks the end of a frame.
pub(super) const fn text_frame(framing: Framing) -> u64 {
    match framing {
        Framing::Ndjson => length("\n"),
        Framing::Sse => length("data: \r\n\r\n"),
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
            Protocol::Sockjs => {
                let stamp = if is_xhr {
                    length("&t=1700000000000")
                } else {
                    0
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
            (Protocol::Sockjs, _) => self.post_to(self.target("xhr"), 0),
            _ => self.client.get(self.target("")),
        }
    }

    /// Returns the size of the head of a request that sends this many bytes.
    pub(super) fn send(&self, body: u64) -> u64 {
        match self.protocol {
            Protocol::Sockjs => self.post_to(self.target("xhr_send"), body),
            _ => self.post_to(self.target(""), body),
        }
    }

    /// Returns the size of the answer to a request that sends: its head, and its body.
    pub(super) fn sent(&self) -> (u64, u64) {
        match self.protocol {
            Protocol::Sockjs => {
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
            (Protocol::Sockjs, Carrier::Batch) => {
                let open = length("o\n");
                Both {
                    up: self.receive(),
                    down: self.poll_answer(open) + open,
                }
            }
            (Protocol::Sockjs, Carrier::Stream(framing)) => {
                let open = length("o") + text_frame(framing);
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

    fn connect(&self) -> u64 {
        length("40{\"room\":\"r00000\",\"after\":\"latest\"}") + self.name(",\"name\":\"\"")
    }

    fn upgrade(&self, target: u64) -> Both {
        Both {
            up: self.client.upgrade_to(target),
            down: exchange::upgrade_answer(),
        }
    }

    /// Returns the bytes of a request that goes on, and of what its answer begins with.
    fn stream(&self) -> Both {
        let (kind, beginning) = match self.way {
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

    /// Returns the bytes of asking anew, for each event, where an event of this many bytes is in a
    /// stream that ends when it is long.
    pub(super) fn asking_anew(&self, event: f64) -> (f64, f64) {
        if !matches!(self.way.carrier(), Carrier::Stream(_)) {
            return (0.0, 0.0);
        }
        let events = (LONGEST_ANSWER as f64 / event).ceil();
        let Both { up, down } = self.stream();
        (
            up as f64 / events,
            (down + length("0\r\n\r\n")) as f64 / events,
        )
    }

    /// Returns the bytes of one heartbeat and of the answer to it. That of SockJS comes only in
    /// silence.
    pub(super) fn heartbeat(&self) -> Both {
        match (self.protocol, self.way.carrier()) {
            (Protocol::Sockjs, Carrier::Batch) => {
                let beat = length("h\n");
                Both {
                    up: self.receive(),
                    down: self.poll_answer(beat) + beat,
                }
            }
            (Protocol::Sockjs, Carrier::Stream(framing)) => {
                let beat = length("h") + text_frame(framing);
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
