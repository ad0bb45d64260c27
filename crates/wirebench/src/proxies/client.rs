//! The reader of a probe: a bare socket, in the clear or under TLS, that notes when each event came
//! and counts the bytes of the socket.

use std::{
    io::{self, ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream},
    time::{Duration, Instant},
};

use tls::{Connector, Session};
use wire::Way;

use super::script::Script;

/// A WebSocket's key: that of RFC 6455, section 1.3.
pub(crate) const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
/// The longest time that is waited for a connection, and for a handshake of TLS.
const PATIENCE: Duration = Duration::from_secs(5);

/// The address that a probe connects to: a proxy, or the server itself.
#[derive(Debug, Clone)]
pub(crate) struct Endpoint {
    pub(crate) address: SocketAddr,
    pub(crate) tls: Option<Connector>,
}

/// A connection of a reader.
pub(crate) struct Client {
    stream: TcpStream,
    tls: Option<Box<Session>>,
    /// Bytes read from and written to the socket.
    pub(crate) bytes: (usize, usize),
    /// The bytes that were read and not taken.
    read: Vec<u8>,
    /// True once the other side has ended.
    pub(crate) is_over: bool,
}

/// The head of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) status: u16,
    /// The length of the body, if the head says it.
    length: Option<usize>,
    /// True if the body is in chunks. One that has neither ends with its connection (RFC 9112,
    /// section 6.3).
    is_chunked: bool,
}

impl Client {
    /// Connects and shakes hands where the endpoint is under TLS.
    pub(crate) fn open(endpoint: &Endpoint) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&endpoint.address, PATIENCE)?;
        stream.set_nodelay(true)?;
        let session = endpoint.tls.as_ref().map(Connector::session).transpose();
        let mut client = Self {
            stream,
            tls: session.map_err(io::Error::other)?.map(Box::new),
            bytes: (0, 0),
            read: Vec::new(),
            is_over: false,
        };
        let until = Instant::now() + PATIENCE;
        client.flush()?;
        while client.tls.as_ref().is_some_and(|tls| tls.is_handshaking()) {
            if !client.more(until)? {
                return Err(ErrorKind::TimedOut.into());
            }
            client.flush()?;
        }
        Ok(client)
    }

    /// Asks for what a script says.
    pub(crate) fn ask(&mut self, script: &Script) -> io::Result<()> {
        let upgrade = if script.way == Some(Way::Websocket) {
            format!(
                "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                 Sec-WebSocket-Key: {KEY}\r\n"
            )
        } else {
            String::new()
        };
        let head = format!("GET {script} HTTP/1.1\r\nHost: 127.0.0.1\r\n{upgrade}\r\n");
        self.send(head.as_bytes())
    }

    /// Sends bytes.
    pub(crate) fn send(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        let Some(tls) = &mut self.tls else {
            self.bytes.1 += bytes.len();
            return self.stream.write_all(bytes);
        };
        while !bytes.is_empty() {
            let sealed = tls.seal(bytes)?;
            bytes = &bytes[sealed..];
        }
        self.flush()
    }

    /// Sends what the session under TLS has to send.
    fn flush(&mut self) -> io::Result<()> {
        let Some(tls) = &mut self.tls else {
            return Ok(());
        };
        let mut wire = Vec::new();
        tls.send(&mut wire)?;
        self.bytes.1 += wire.len();
        self.stream.write_all(&wire)
    }

    /// Reads once, waiting until `until` at most. Returns whether anything came, the end included.
    fn more(&mut self, until: Instant) -> io::Result<bool> {
        let left = until.saturating_duration_since(Instant::now());
        if self.is_over || left.is_zero() {
            return Ok(false);
        }
        self.stream.set_read_timeout(Some(left))?;
        let mut some = [0; 16 << 10];
        let count = match self.stream.read(&mut some) {
            Ok(count) => count,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                return Ok(false);
            }
            // A reset is an end as well.
            Err(_) => 0,
        };
        self.bytes.0 += count;
        self.is_over = count == 0;
        match &mut self.tls {
            None => self.read.extend_from_slice(&some[..count]),
            Some(tls) => {
                tls.receive(&some[..count], &mut |_| {})
                    .map_err(io::Error::other)?;
                let content = tls.content();
                self.read.extend_from_slice(content);
                let taken = content.len();
                tls.take(taken);
                self.is_over |= tls.has_ended();
            }
        }
        Ok(true)
    }

    /// Reads the head of an answer; `None` if none came in time.
    pub(crate) fn head(&mut self, within: Duration) -> io::Result<Option<Head>> {
        let until = Instant::now() + within;
        loop {
            if let Some(at) = self.read.windows(4).position(|four| four == b"\r\n\r\n") {
                let head = String::from_utf8_lossy(&self.read[..at]).into_owned();
                self.read.drain(..at + 4);
                return Ok(Head::of(&head));
            }
            if !self.more(until)? {
                return Ok(None);
            }
        }
    }

    /// Reads the body behind a head. Returns whether all of it came in time.
    pub(crate) fn body(&mut self, head: &Head, within: Duration) -> io::Result<bool> {
        let until = Instant::now() + within;
        loop {
            let end = match head.length {
                Some(length) => Some(length).filter(|length| *length <= self.read.len()),
                // Of chunks the last is empty.
                None if head.is_chunked => {
                    let last = self.read.windows(5).position(|five| five == b"0\r\n\r\n");
                    last.map(|at| at + 5)
                }
                None => Some(self.read.len()).filter(|_| self.is_over),
            };
            if let Some(end) = end {
                self.read.drain(..end);
                return Ok(true);
            }
            if !self.more(until)? {
                return Ok(false);
            }
        }
    }

    /// Reads until `count` events have come or the time is over. Returns when each came, and how
    /// many bytes of the socket brought them.
    pub(crate) fn events(
        &mut self,
        count: usize,
        within: Duration,
    ) -> io::Result<(Vec<Instant>, usize)> {
        let until = Instant::now() + within;
        // What came behind the head was counted with it.
        let before = self.bytes.0 - self.read.len().min(self.bytes.0);
        let mut came = Vec::new();
        loop {
            let now = Instant::now();
            let marks = self.read.split(|byte| *byte == b'~').count() - 1;
            came.extend(std::iter::repeat_n(now, marks));
            self.read.clear();
            if came.len() >= count || !self.more(until)? {
                return Ok((came, self.bytes.0 - before));
            }
        }
    }

    /// Waits for the end of the connection. Returns whether it came in time, and the status of an
    /// answer that came before it.
    pub(crate) fn end(&mut self, within: Duration) -> io::Result<(bool, Option<u16>)> {
        let until = Instant::now() + within;
        while !self.is_over && self.more(until)? {
            let read = String::from_utf8_lossy(&self.read);
            if let Some((head, _)) = read.split_once("\r\n\r\n")
                && let Some(head) = Head::of(head)
                && head.status >= 300
            {
                return Ok((true, Some(head.status)));
            }
        }
        Ok((self.is_over, None))
    }
}

impl Head {
    fn of(text: &str) -> Option<Self> {
        let mut lines = text.split("\r\n");
        let mut words = lines.next()?.split(' ');
        let is_http = words.next()?.starts_with("HTTP/1.");
        let status = words.next()?.parse().ok().filter(|_| is_http)?;
        let fields: Vec<(&str, &str)> = lines.filter_map(|line| line.split_once(':')).collect();
        let field = |wanted: &str| {
            let mut named = fields.iter();
            let found = named.find(|(name, _)| name.eq_ignore_ascii_case(wanted));
            found.map(|(_, value)| value.trim())
        };
        let coding = field("transfer-encoding").unwrap_or_default();
        Some(Self {
            status,
            length: field("content-length").and_then(|value| value.parse().ok()),
            is_chunked: coding.to_ascii_lowercase().ends_with("chunked"),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::{net::TcpListener, thread};

    use super::*;

    #[test]
    fn a_head_says_its_status_and_length() {
        let head = Head::of("HTTP/1.1 201 Created\r\nContent-Length: 9\r\nx: y").expect("a head");
        assert_eq!((head.status, head.length), (201, Some(9)));
        let stream = Head::of("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked").expect("a head");
        assert_eq!((stream.status, stream.length), (200, None));
        assert!(stream.is_chunked && !head.is_chunked);
        for other in ["", "HTTP/2 200", "x 200", "HTTP/1.1 ok"] {
            assert_eq!(Head::of(other), None, "{other}");
        }
    }

    #[test]
    fn a_body_that_is_cut_short_is_not_whole() {
        for (answer, is_whole) in [
            ("content-length: 9\r\n\r\nhalf", false),
            ("content-length: 4\r\n\r\nhalf", true),
            ("transfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n", false),
            (
                "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n0\r\n\r\n",
                true,
            ),
            ("connection: close\r\n\r\nhalf", true),
        ] {
            let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
            let address = listener.local_addr().expect("an address");
            let server = thread::spawn(move || {
                let (mut stream, _) = listener.accept().expect("a client");
                let answer = format!("HTTP/1.1 200 OK\r\n{answer}");
                stream.write_all(answer.as_bytes()).expect("written");
            });
            let endpoint = Endpoint { address, tls: None };
            let mut client = Client::open(&endpoint).expect("a connection");
            let head = client.head(PATIENCE).expect("read").expect("a head");
            let came = client.body(&head, PATIENCE).expect("read");
            assert_eq!(came, is_whole, "{answer}");
            server.join().expect("no panic");
        }
    }
}
