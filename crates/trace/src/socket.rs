//! A client's socket that keeps everything that crosses it.

use std::{
    io,
    net::SocketAddr,
    time::{Duration, Instant},
};

use dissect::Direction;
use tls::Session;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::{Connection, Piece, TraceError, secure::Secure};

/// The time to wait for expected bytes. It is generous, because a busy machine is no failure.
const PATIENCE: Duration = Duration::from_secs(20);

/// The largest number of bytes of one read.
const READ: usize = 16 * 1024;

/// A client's socket that keeps everything that crosses it.
#[derive(Debug)]
pub(crate) struct Socket {
    stream: TcpStream,
    begin: Instant,
    connection: Connection,
    unread: Vec<u8>,
    /// The session of TLS, if the connection is under it.
    session: Option<Box<Session>>,
}

impl Socket {
    /// Connects to the server, and shakes hands if it is under TLS. `begin` is the time at which the
    /// trace began.
    pub(crate) async fn open(
        address: SocketAddr,
        number: usize,
        begin: Instant,
        secure: Option<&Secure>,
    ) -> Result<Self, TraceError> {
        let failed = |error| TraceError::Socket {
            what: "a connection",
            error,
        };
        let dialled = begin.elapsed();
        let stream = TcpStream::connect(address).await.map_err(failed)?;
        stream.set_nodelay(true).map_err(failed)?;
        let connection = Connection {
            number,
            client: stream.local_addr().map_err(failed)?,
            server: address,
            dialled,
            opened: begin.elapsed(),
            pieces: Vec::new(),
            sealed: Vec::new(),
            ended: [None; 2],
        };
        let session = match secure {
            None => None,
            Some(secure) => Some(Box::new(secure.session()?)),
        };
        let mut socket = Self {
            stream,
            begin,
            connection,
            unread: Vec::new(),
            session,
        };
        socket.shake_hands().await?;
        Ok(socket)
    }

    /// Sends these bytes.
    pub(crate) async fn send(&mut self, bytes: &[u8]) -> Result<(), TraceError> {
        self.keep(Direction::Up, bytes);
        let Some(session) = &mut self.session else {
            return self.write(bytes).await;
        };
        let mut rest = bytes;
        while !rest.is_empty() {
            let sealed = session.seal(rest).map_err(of_write)?;
            rest = &rest[sealed..];
        }
        self.flush().await
    }

    fn is_handshaking(&self) -> bool {
        let session = self.session.as_deref();
        session.is_some_and(Session::is_handshaking)
    }

    /// Exchanges what TLS itself has to say before anything else; nothing without it.
    async fn shake_hands(&mut self) -> Result<(), TraceError> {
        self.flush().await?;
        while self.is_handshaking() {
            if self.read_records("a handshake").await? == 0 {
                return Err(TraceError::Closed("a handshake"));
            }
            self.flush().await?;
        }
        Ok(())
    }

    /// Writes the records that wait to be sent.
    async fn flush(&mut self) -> Result<(), TraceError> {
        let Some(session) = &mut self.session else {
            return Ok(());
        };
        let mut records = Vec::new();
        session.send(&mut records).map_err(of_write)?;
        if records.is_empty() {
            return Ok(());
        }
        self.keep_sealed(Direction::Up, &records);
        self.write(&records).await
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), TraceError> {
        self.stream.write_all(bytes).await.map_err(of_write)
    }

    /// Waits until `whole` says how long the element at the front is, and takes it.
    pub(crate) async fn take(
        &mut self,
        what: &'static str,
        whole: impl Fn(&[u8]) -> Option<usize>,
    ) -> Result<Vec<u8>, TraceError> {
        loop {
            if let Some(len) = whole(&self.unread).filter(|len| *len <= self.unread.len()) {
                return Ok(self.unread.drain(..len).collect());
            }
            if self.read(what).await? == 0 {
                return Err(TraceError::Closed(what));
            }
        }
    }

    /// Says that nothing more will be sent, and waits until the other side has
    /// said so too.
    pub(crate) async fn close(mut self) -> Result<Connection, TraceError> {
        self.say_goodbye().await;
        // A server that has closed already leaves nothing to shut down.
        let _ = self.stream.shutdown().await;
        self.connection.ended[0] = Some(self.begin.elapsed());
        self.drained().await
    }

    /// Waits until the other side closes, then closes: who ends a WebSocket's
    /// TCP connection is the server (RFC 6455, section 7.1.1).
    pub(crate) async fn closed(mut self) -> Result<Connection, TraceError> {
        while self.read("the server's end").await? > 0 {}
        self.say_goodbye().await;
        let _ = self.stream.shutdown().await;
        self.connection.ended[0] = Some(self.begin.elapsed());
        Ok(self.connection)
    }

    /// Says the last word of TLS, if there is one.
    async fn say_goodbye(&mut self) {
        if let Some(session) = &mut self.session {
            session.end();
        }
        // A server that has closed already hears it no more.
        let _ = self.flush().await;
    }

    async fn drained(mut self) -> Result<Connection, TraceError> {
        loop {
            match self.read("the server's end").await {
                Ok(0) => return Ok(self.connection),
                Ok(_) => {}
                // A reset is an end too: a held poll was in nobody's hands.
                Err(TraceError::Socket { .. }) => {
                    self.connection.ended[1] = Some(self.begin.elapsed());
                    return Ok(self.connection);
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Reads what comes next; under TLS, up to the next record that has content.
    async fn read(&mut self, what: &'static str) -> Result<usize, TraceError> {
        loop {
            let before = self.unread.len();
            let count = self.read_records(what).await?;
            if count == 0 || self.unread.len() > before {
                return Ok(count);
            }
        }
    }

    /// Reads what comes next, and opens the records that are complete with it.
    async fn read_records(&mut self, what: &'static str) -> Result<usize, TraceError> {
        let mut buffer = Vec::with_capacity(READ);
        let count = timeout(PATIENCE, self.stream.read_buf(&mut buffer))
            .await
            .map_err(|_| TraceError::Silent {
                what,
                seconds: PATIENCE.as_secs(),
            })?
            .map_err(|error| TraceError::Socket { what, error })?;
        if count == 0 {
            self.connection.ended[1] = Some(self.begin.elapsed());
            return Ok(0);
        }
        let content = match &mut self.session {
            None => buffer,
            Some(session) => {
                let received = session.receive(&buffer, &mut |_| {});
                received.map_err(|failure| TraceError::Tls(failure.to_string()))?;
                let content = session.content().to_vec();
                session.take(content.len());
                self.keep_sealed(Direction::Down, &buffer);
                content
            }
        };
        if !content.is_empty() {
            self.keep(Direction::Down, &content);
            self.unread.extend_from_slice(&content);
        }
        Ok(count)
    }

    fn keep_sealed(&mut self, direction: Direction, bytes: &[u8]) {
        self.connection.sealed.push(Piece {
            at: self.begin.elapsed(),
            direction,
            bytes: bytes.to_vec(),
        });
    }

    fn keep(&mut self, direction: Direction, bytes: &[u8]) {
        self.connection.pieces.push(Piece {
            at: self.begin.elapsed(),
            direction,
            bytes: bytes.to_vec(),
        });
    }
}

const fn of_write(error: io::Error) -> TraceError {
    TraceError::Socket {
        what: "a write",
        error,
    }
}
