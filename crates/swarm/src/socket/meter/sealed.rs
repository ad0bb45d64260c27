//! The same socket under TLS: what is counted is what crosses it, sealed; what is read and written
//! is the content.

use std::{
    future::poll_fn,
    io::{self, Write},
    mem::MaybeUninit,
    task::{Context, Poll, ready},
};

use dissect::{Content, Direction};
use tls::{Opened, Session};
use tokio::io::ReadBuf;

use super::Meter;
use crate::failure::Failure;

/// The most bytes that are read from the socket at once.
const BUFFER: usize = 16 * 1024;

/// The socket as a session writes to it.
struct Wire<'a, 'b> {
    meter: &'a mut Meter,
    context: &'a mut Context<'b>,
}

impl Write for Wire<'_, '_> {
    fn write(&mut self, wire: &[u8]) -> io::Result<usize> {
        match self.meter.poll_write_wire(self.context, wire) {
            Poll::Ready(written) => written,
            Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Meter {
    /// Shakes hands; from then on the connection is under TLS.
    pub(crate) async fn handshake(&mut self, session: Session) -> Result<(), Failure> {
        self.session = Some(Box::new(session));
        let shaken = poll_fn(|context| self.poll_handshake(context)).await;
        shaken.map_err(|error| match error.downcast::<tls::Failure>() {
            Ok(failure) => Failure::Tls(failure),
            Err(error) => Failure::Lost(error.kind()),
        })
    }

    /// Returns what the two sides of a connection under TLS agreed on.
    pub(crate) fn session(&self) -> Option<&Session> {
        self.session.as_deref()
    }

    fn poll_handshake(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            ready!(self.poll_send(context))?;
            if self
                .session
                .as_ref()
                .is_none_or(|one| !one.is_handshaking())
            {
                return Poll::Ready(Ok(()));
            }
            let arrived = ready!(self.poll_arrival(context));
            if arrived.is_err() {
                // This sends the alert that says why, as far as the socket takes it.
                let _ = self.poll_send(context);
            }
            if !arrived? {
                return Poll::Ready(Err(broken(tls::Failure::Closed)));
            }
        }
    }

    /// Reads content.
    pub(super) fn poll_read_sealed(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            let Some(session) = &mut self.session else {
                return Poll::Ready(Ok(()));
            };
            let opened = session.content();
            if !opened.is_empty() {
                let count = opened.len().min(buffer.remaining());
                buffer.put_slice(&opened[..count]);
                session.take(count);
                return Poll::Ready(Ok(()));
            }
            if session.has_ended() || !ready!(self.poll_arrival(context))? {
                return Poll::Ready(Ok(()));
            }
        }
    }

    /// Seals content in one record and sends it as far as the socket takes it.
    pub(super) fn poll_write_sealed(
        &mut self,
        context: &mut Context<'_>,
        piece: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_send(context))?;
        let Some(session) = &mut self.session else {
            return Poll::Ready(Ok(0));
        };
        let count = session.seal(piece)?;
        self.say(Direction::Up, Content::Data(&piece[..count]));
        match self.poll_send(context) {
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            _ => Poll::Ready(Ok(count)),
        }
    }

    /// Sends what was sealed, and waits for the socket to take it.
    pub(super) fn poll_send(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Some(mut session) = self.session.take() else {
            return Poll::Ready(Ok(()));
        };
        let sent = if session.has_to_send() {
            let meter = &mut *self;
            session.send(&mut Wire { meter, context })
        } else {
            Ok(())
        };
        self.session = Some(session);
        match sent {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Poll::Pending,
            sent => Poll::Ready(sent),
        }
    }

    /// Says that no more content follows (`close_notify`), and waits for the socket to take that.
    pub(super) fn poll_end(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.session.as_mut().is_some_and(|session| session.end()) {
            self.say(Direction::Up, Content::Close);
        }
        self.poll_send(context)
    }

    /// Waits for bytes and opens the records that they complete; false at the end of the other
    /// side.
    fn poll_arrival(&mut self, context: &mut Context<'_>) -> Poll<io::Result<bool>> {
        let mut space = [MaybeUninit::uninit(); BUFFER];
        let mut wire = ReadBuf::uninit(&mut space);
        ready!(self.poll_read_wire(context, &mut wire))?;
        let Some(mut session) = self.session.take() else {
            return Poll::Ready(Ok(false));
        };
        let received = session.receive(wire.filled(), &mut |opened| {
            self.say(
                Direction::Down,
                match opened {
                    Opened::Data(data) => Content::Data(data),
                    Opened::Control => Content::Control,
                    Opened::Close => Content::Close,
                },
            );
        });
        self.session = Some(session);
        received.map_err(broken)?;
        // This sends the answers of TLS itself; what the socket does not take goes out with the
        // next write.
        let _ = self.poll_send(context)?;
        Poll::Ready(Ok(!wire.filled().is_empty()))
    }

    /// Says to the account what is in the next record.
    fn say(&mut self, direction: Direction, content: Content<'_>) {
        if let Some(account) = &mut self.account {
            account.content(direction, content);
        }
    }
}

fn broken(failure: tls::Failure) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, failure)
}
