//! A connection to the server of a probe: requests, and the answers that they ask for.

use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    sync::Arc,
    thread::sleep,
    time::{Duration, Instant},
};

use wire::{Framing, Way};

use super::{
    request::Request,
    script::{Plan, Script},
    upstream::Logs,
};

/// The time for which a write may wait before the other side counts as full.
const FULL: Duration = Duration::from_millis(700);
/// The time between the last event of a stream and its end.
const BEFORE_END: Duration = Duration::from_millis(150);
/// The longest time for which a request is held that is never answered.
const LONGEST: Duration = Duration::from_mins(10);
/// The answer to [`KEY`](super::client::KEY), by RFC 6455, section 1.3.
const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
/// The longest head of a request.
const LONGEST_HEAD: usize = 64 << 10;

/// A connection that was taken.
pub(super) struct Connection {
    pub(super) stream: TcpStream,
    pub(super) logs: Arc<Logs>,
}

impl Connection {
    /// Answers one request after the other.
    pub(super) fn serve(mut self) -> std::io::Result<()> {
        self.stream.set_nodelay(true)?;
        let mut read = Vec::new();
        let mut last = None;
        while let Some(end) = self.head(&mut read)? {
            let head = String::from_utf8_lossy(&read[..end]).into_owned();
            let request = Request::of(&head);
            read.drain(..end);
            let number = request.script.map_or(0, |script| script.number);
            let is_first = last.replace(number) != Some(number);
            self.logs.note(number, |log| {
                log.bytes_in += end;
                log.asked = Some(Instant::now());
                log.connections += u32::from(is_first);
                log.asks_upgrade = request.asks_upgrade;
                log.is_new = request.is_new;
            });
            while read.len() < request.length {
                self.more(&mut read)?;
            }
            read.drain(..request.length);
            self.logs.note(number, |log| log.bytes_in += request.length);
            if !self.answer(&request)? || request.closes {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Reads on until a head is whole, and returns its length; `None` at the end.
    fn head(&mut self, read: &mut Vec<u8>) -> std::io::Result<Option<usize>> {
        loop {
            if let Some(at) = read.windows(4).position(|four| four == b"\r\n\r\n") {
                return Ok(Some(at + 4));
            }
            if read.len() > LONGEST_HEAD {
                return Err(ErrorKind::InvalidData.into());
            }
            match self.more(read) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
                Err(error) => return Err(error),
            }
        }
    }

    fn more(&mut self, read: &mut Vec<u8>) -> std::io::Result<()> {
        let mut some = [0; 4096];
        let count = self.stream.read(&mut some)?;
        if count == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        read.extend_from_slice(&some[..count]);
        Ok(())
    }

    /// Answers a request. Returns whether another may follow on the connection.
    fn answer(&mut self, request: &Request) -> std::io::Result<bool> {
        let Some(script) = request.script else {
            self.whole(0, "200 OK", "text/plain", b"ok", request)?;
            return Ok(true);
        };
        let number = script.number;
        match script.way {
            None => {
                let body = br#"{"seq":7}"#;
                self.whole(number, "201 Created", "application/json", body, request)?;
            }
            Some(way) if way.polls() => {
                if script.plan == Plan::Quiet {
                    self.hold()?;
                    return Ok(false);
                }
                sleep(script.plan.gap());
                let event = script.event();
                let batch = [
                    &b"{\"events\":["[..],
                    &event[..],
                    b"],\"next\":7,\"missed\":0}",
                ];
                let body = batch.concat();
                self.whole(number, "200 OK", "application/json", &body, request)?;
            }
            Some(Way::Websocket) if !request.upgrades() => {
                let body = br#"{"error":"this address speaks WebSocket"}"#;
                let status = "426 Upgrade Required";
                self.whole(number, status, "application/json", body, request)?;
            }
            Some(way) => {
                self.stream_of(&script, way, request)?;
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Writes an answer whose length is known.
    fn whole(
        &mut self,
        number: u64,
        status: &str,
        kind: &str,
        body: &[u8],
        request: &Request,
    ) -> std::io::Result<()> {
        let closes = if request.closes {
            "connection: close\r\n"
        } else {
            ""
        };
        let head = format!(
            "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncache-control: no-store\r\n{closes}\
             content-length: {}\r\n\r\n",
            body.len()
        );
        // Noted first: whoever reads the answer finds it.
        self.logs.note(number, |log| {
            log.head_bytes += head.len();
            log.body_bytes += body.len();
            log.answered.push(Instant::now());
        });
        self.stream.write_all(&[head.as_bytes(), body].concat())
    }

    /// Writes the head of a stream or an upgrade, and what the plan has behind it.
    fn stream_of(&mut self, script: &Script, way: Way, request: &Request) -> std::io::Result<()> {
        let head = match way.framing() {
            None => format!(
                "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
                 sec-websocket-accept: {ACCEPT}\r\n\r\n"
            ),
            Some(framing) => {
                let kind = match framing {
                    Framing::Sse => "text/event-stream",
                    Framing::Ndjson => "application/x-ndjson",
                };
                let body = if request.is_new {
                    "transfer-encoding: chunked"
                } else {
                    "connection: close"
                };
                format!(
                    "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncache-control: no-store\r\n\
                     {body}\r\n\r\n"
                )
            }
        };
        self.logs.note(script.number, |log| {
            log.head_bytes += head.len();
            log.answered.push(Instant::now());
        });
        self.stream.write_all(head.as_bytes())?;
        let chunked = way.framing().is_some() && request.is_new;
        let event = around(script.event(), way, chunked);
        self.events(script, &event)?;
        if matches!(script.plan, Plan::Paced { .. }) {
            // The events are counted without the end.
            sleep(BEFORE_END);
            let end: &[u8] = if chunked { b"0\r\n\r\n" } else { b"" };
            return self.stream.write_all(end);
        }
        self.hold()
    }

    /// Writes the events of a plan, until the other side takes no more.
    fn events(&mut self, script: &Script, event: &[u8]) -> std::io::Result<()> {
        let plan = script.plan;
        let is_flood = matches!(plan, Plan::Flood { .. });
        let piece = if is_flood {
            event.repeat(256)
        } else {
            event.to_vec()
        };
        self.stream.set_write_timeout(Some(FULL))?;
        let (mut sent, mut bytes) = (0, 0);
        while sent < plan.most_events() && bytes < plan.most_bytes() {
            sleep(plan.gap());
            if !is_flood {
                // Noted first: whoever reads it finds it.
                self.logs.note(script.number, |log| {
                    log.body_bytes += piece.len();
                    log.events.push(Instant::now());
                });
            }
            let taken = match self.stream.write(&piece) {
                Ok(taken) => taken,
                Err(error) if is_full(&error) => {
                    self.logs.note(script.number, |log| log.is_full = true);
                    return Ok(());
                }
                Err(error) => return Err(error),
            };
            bytes += taken;
            sent += 1;
            if is_flood {
                self.logs.note(script.number, |log| log.body_bytes += taken);
            }
            if taken < piece.len() {
                // The rest alone would be no event, and it is known by now that the other side is
                // full.
                self.logs.note(script.number, |log| log.is_full = true);
                return Ok(());
            }
        }
        Ok(())
    }

    /// Keeps the connection until the other side ends it.
    fn hold(&mut self) -> std::io::Result<()> {
        let began = Instant::now();
        self.stream.set_read_timeout(Some(LONGEST))?;
        let mut some = [0; 1024];
        while began.elapsed() < LONGEST && self.stream.read(&mut some)? > 0 {}
        Ok(())
    }
}

fn is_full(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

/// Puts a chunk or a frame around an event.
fn around(event: Vec<u8>, way: Way, chunked: bool) -> Vec<u8> {
    if way.framing().is_none() {
        // FIN and text; a length below 126 (RFC 6455, section 5.2).
        return [&[0x81, event.len() as u8][..], &event].concat();
    }
    if !chunked {
        return event;
    }
    let size = format!("{:x}\r\n", event.len());
    [size.as_bytes(), &event, b"\r\n"].concat()
}
