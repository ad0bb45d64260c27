//! A client's socket that keeps everything that crosses it.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use dissect::Direction;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::{Connection, Piece, TraceError};

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
}

impl Socket {
    /// Connects. `begin` is the time at which the trace began.
    pub(crate) async fn open(
        address: SocketAddr,
        number: usize,
        begin: Instant,
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
            ended: [None; 2],
        };
        Ok(Self {
            stream,
            begin,
            connection,
            unread: Vec::new(),
        })
    }

    /// Sends these bytes.
    pub(crate) async fn send(&mut self, bytes: &[u8]) -> Result<(), TraceError> {
        self.keep(Direction::Up, bytes);
        let failed = |error| TraceError::Socket {
            what: "a write",
            error,
        };
        self.stream.write_all(bytes).await.map_err(failed)
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
        // A server that has closed already leaves nothing to shut down.
        let _ = self.stream.shutdown().await;
        self.connection.ended[0] = Some(self.begin.elapsed());
        self.drained().await
    }

    /// Waits until the other side closes, then closes: who ends a WebSocket's
    /// TCP connection is the server (RFC 6455, section 7.1.1).
    pub(crate) async fn closed(mut self) -> Result<Connection, TraceError> {
        while self.read("the server's end").await? > 0 {}
        let _ = self.stream.shutdown().await;
        self.connection.ended[0] = Some(self.begin.elapsed());
        Ok(self.connection)
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

    async fn read(&mut self, what: &'static str) -> Result<usize, TraceError> {
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
        } else {
            self.keep(Direction::Down, &buffer);
            self.unread.append(&mut buffer);
        }
        Ok(count)
    }

    fn keep(&mut self, direction: Direction, bytes: &[u8]) {
        self.connection.pieces.push(Piece {
            at: self.begin.elapsed(),
            direction,
            bytes: bytes.to_vec(),
        });
    }
}
