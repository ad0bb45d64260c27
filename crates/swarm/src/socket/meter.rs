//! Counts the bytes of a socket, beneath HTTP and WebSocket: heads, frames and
//! masks included, whatever the protocol above thinks it sent. The same bytes go
//! to the connection's account in the ledger, if it has one.

use std::{
    cell::Cell,
    hint::black_box,
    io::{self, IoSlice},
    os::fd::{AsRawFd, BorrowedFd, RawFd},
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, ready},
    time::Duration,
};

use dissect::Direction;
use socket2::SockRef;
use tls::Session;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

use crate::{measure::ledger::Account, socket::arrival::Stamped};

mod sealed;
mod wire;

use wire::Wire;

/// The bound of the answers that a connection brings, and a mark that something came. Whoever asks
/// over the connection sets both.
#[derive(Debug)]
pub(crate) struct Answers {
    /// The number of bytes that may still come before their reader gives up: what keeps a response
    /// without end from filling the memory.
    pub(crate) allowance: Cell<u64>,
    /// True once something was read since somebody set it to false.
    pub(crate) heard: Cell<bool>,
}

impl Default for Answers {
    fn default() -> Self {
        Self {
            allowance: Cell::new(u64::MAX),
            heard: Cell::new(false),
        }
    }
}

/// Bytes of all sockets of one shard. Cells, not atomics: a shard is one thread.
#[derive(Debug, Default)]
pub(crate) struct Bytes {
    /// Written so far.
    pub(crate) up: Cell<u64>,
    /// Read so far.
    pub(crate) down: Cell<u64>,
}

/// A TCP stream that counts.
#[derive(Debug)]
pub(crate) struct Meter {
    wire: Wire,
    bytes: Rc<Bytes>,
    /// The connection's own count, up and down.
    own: [u64; 2],
    /// Present where somebody asks over the connection: a stream or a WebSocket that has begun does
    /// without, for each read would have to fetch them from elsewhere in the memory.
    answers: Option<Rc<Answers>>,
    account: Option<Box<Account>>,
    /// The arrival stamps; present on the few sockets whose arrivals are examined.
    stamped: Option<Box<Stamped>>,
    /// The session of a connection under TLS.
    session: Option<Box<Session>>,
    /// Set if the connection is to end with a reset; present only where that may be.
    resets: Option<Rc<Cell<bool>>>,
}

impl Meter {
    /// Counts what crosses `stream` into `bytes`, and has it accounted for.
    pub(crate) fn new(stream: TcpStream, bytes: Rc<Bytes>, account: Option<Box<Account>>) -> Self {
        Self {
            wire: Wire::Watched(stream),
            bytes,
            own: [0; 2],
            answers: None,
            account,
            stamped: None,
            session: None,
            resets: None,
        }
    }

    /// Makes the connection end with a reset if `resets` is set by then.
    pub(crate) fn resetting(mut self, resets: Option<Rc<Cell<bool>>>) -> Self {
        self.resets = resets;
        self
    }

    /// Makes the socket record the arrival of what it reads.
    pub(crate) fn stamped(mut self, stamped: Option<Stamped>) -> Self {
        self.stamped = stamped.map(Box::new);
        self
    }

    /// Returns the bound of the answers over this connection and the mark that something came;
    /// there is no bound at first.
    pub(crate) fn answers(&mut self) -> Rc<Answers> {
        Rc::clone(self.answers.get_or_insert_default())
    }

    /// Ends the bound of answers, because nobody asks over the connection any more.
    pub(crate) fn end_answers(&mut self) {
        self.answers = None;
    }

    /// Makes the processor fetch the counts of the connection while it does something else.
    pub(crate) fn prefetch(&self) {
        black_box(self.own);
        if let Some(account) = &self.account {
            account.prefetch();
        }
    }

    /// Returns whether somebody else may read the socket: what crosses it is the content, and its
    /// arrival is not stamped.
    pub(crate) fn may_be_read_elsewhere(&self) -> bool {
        self.session.is_none() && self.stamped.is_none() && self.answers.is_none()
    }

    /// Returns the socket for somebody else to read it, who tells [`Self::take_in`] each byte.
    /// Whoever reads, writes or closes the meter itself has it back: the receive must be over then.
    ///
    /// # Errors
    /// Fails if the runtime does not let go of the socket, or the socket failed.
    pub(crate) fn lend(&mut self) -> io::Result<BorrowedFd<'_>> {
        self.wire.unwatch()
    }

    /// Returns whether somebody else reads the socket.
    pub(crate) const fn is_lent(&self) -> bool {
        matches!(self.wire, Wire::Unwatched(_))
    }

    /// Counts what somebody else has read from the socket.
    pub(crate) fn take_in(&mut self, piece: &[u8]) {
        self.has_read(piece);
    }

    /// Notes the error that somebody else met while reading; the next who reads has it.
    pub(crate) fn fail(&mut self, errno: i32) {
        self.wire.fail(errno);
    }

    /// Counts what was written: every byte passes here once, in order.
    fn has_written(&mut self, piece: &[u8]) {
        let count = piece.len() as u64;
        self.bytes.up.set(self.bytes.up.get() + count);
        self.own[Direction::Up as usize] += count;
        if let Some(account) = &mut self.account {
            account.push(Direction::Up, piece);
        }
    }

    /// Counts what was read: every byte passes here once, in order.
    fn has_read(&mut self, piece: &[u8]) {
        let count = piece.len() as u64;
        self.bytes.down.set(self.bytes.down.get() + count);
        self.own[Direction::Down as usize] += count;
        if let Some(account) = &mut self.account {
            account.push(Direction::Down, piece);
        }
    }
}

impl AsRawFd for Meter {
    fn as_raw_fd(&self) -> RawFd {
        self.wire.number()
    }
}

/// Closes the account. The socket closes right after this, so it is the last moment at which the
/// kernel can be asked about it.
impl Drop for Meter {
    fn drop(&mut self) {
        if let Some(account) = self.account.take() {
            account.close(self.own);
        }
        if self.resets.as_ref().is_some_and(|resets| resets.get())
            && let Some(socket) = self.wire.socket()
        {
            // A socket closes with a reset if it may not linger. If this fails, the connection is
            // gone already.
            let _ = SockRef::from(&socket).set_linger(Some(Duration::ZERO));
        }
    }
}

impl Meter {
    /// Reads from the socket itself.
    fn poll_read_wire(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let Self { wire, stamped, .. } = self;
        let stream = wire.watched()?;
        let polled = match stamped {
            None => Pin::new(stream).poll_read(context, buffer),
            Some(stamped) => stamped.poll_read(stream, context, buffer),
        };
        let piece = &buffer.filled()[before..];
        self.has_read(piece);
        if let Some(answers) = &self.answers {
            let Some(left) = answers.allowance.get().checked_sub(piece.len() as u64) else {
                return Poll::Ready(Err(io::ErrorKind::FileTooLarge.into()));
            };
            answers.allowance.set(left);
        }
        polled
    }

    /// Writes to the socket itself.
    fn poll_write_wire(
        &mut self,
        context: &mut Context<'_>,
        piece: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(self.wire.watched()?).poll_write(context, piece);
        if let Poll::Ready(Ok(count)) = polled {
            self.has_written(&piece[..count]);
        }
        polled
    }
}

impl AsyncRead for Meter {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = match self.session {
            None => self.poll_read_wire(context, buffer),
            Some(_) => self.poll_read_sealed(context, buffer),
        };
        if let Some(answers) = &self.answers
            && buffer.filled().len() > before
        {
            answers.heard.set(true);
        }
        polled
    }
}

impl AsyncWrite for Meter {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        piece: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.session {
            None => self.poll_write_wire(context, piece),
            Some(_) => self.poll_write_sealed(context, piece),
        }
    }

    /// Forwards to the socket, or hyper would write head and body in two calls and what is measured
    /// would not be what a client does.
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.session.is_some() {
            let first = pieces.iter().find(|piece| !piece.is_empty());
            return self.poll_write_sealed(context, first.map_or(&[], |piece| piece));
        }
        let polled = Pin::new(self.wire.watched()?).poll_write_vectored(context, pieces);
        if let Poll::Ready(Ok(mut count)) = polled {
            for piece in pieces {
                let taken = count.min(piece.len());
                self.has_written(&piece[..taken]);
                count -= taken;
            }
        }
        polled
    }

    /// Returns false under TLS: head and body are joined first, so that they travel in one record.
    fn is_write_vectored(&self) -> bool {
        self.session.is_none()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.session.is_some() {
            return self.poll_send(context);
        }
        Pin::new(self.wire.watched()?).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.session.is_some() {
            ready!(self.poll_end(context))?;
        }
        Pin::new(self.wire.watched()?).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests;
