//! A reader over a connection that stays open, as its own task sees it.
//!
//! The sweep does the writing. The task sleeps through it, and is woken only
//! when its socket is full, has something to say, was silent for long, or when
//! the server leaves.

use std::{
    future::poll_fn,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    task::{Context, Poll},
    time::Duration,
};

use crate::{
    net::counters::Limit,
    net::stream::Stream,
    room::{
        Room,
        coder::Coder,
        entry::Encoding,
        log::Start,
        presence::PresenceGuard,
        seats::Seat,
        socket_io::SocketIo,
        writer::{self, Flow, Writer},
    },
    settings::Settings,
};
use bytes::Bytes;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::{Instant, Sleep, sleep, timeout},
};

/// The time that a client has to end its side of the connection.
const PATIENCE: Duration = Duration::from_secs(2);

/// The reason why a reader's task was woken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Woken {
    /// The client sent something, or left.
    Readable,
    /// The server has sent nothing to the reader for as long as a heartbeat takes.
    Silent,
    /// The server is leaving, and everything before that was sent.
    Leaving,
    /// The reader was sent out.
    SentOut,
    /// The connection is broken.
    Gone,
}

/// A reader over a connection that stays open.
#[derive(Debug)]
pub(crate) struct Subscriber {
    seat: Seat,
    settings: Arc<Settings>,
    /// True once the reader is sent out; `None` for one without a name.
    cut: Option<Arc<AtomicBool>>,
    silence: Pin<Box<Sleep>>,
}

impl Subscriber {
    /// Registers a reader of `room`, and sends it all events that it has not seen.
    pub(crate) fn register(
        stream: Stream,
        room: &Arc<Room>,
        encoding: Encoding,
        start: Start,
        settings: &Arc<Settings>,
    ) -> Self {
        Self::register_coded(stream, room, (encoding, None), start, settings)
    }

    /// Registers a reader whose events go through a coder of its own, if there is one.
    pub(crate) fn register_coded(
        stream: Stream,
        room: &Arc<Room>,
        (encoding, coder): (Encoding, Option<Box<Coder>>),
        mut start: Start,
        settings: &Arc<Settings>,
    ) -> Self {
        let mut cache = room.sweep_cache();
        let greeting = cache.begin(&mut start, encoding);
        let writer = Writer::subscriber(stream, encoding, coder, start.place);
        if let Some(greeting) = greeting {
            writer.send_coded(&greeting, cache.now);
        }
        // The reader is advanced before it has a seat: there the sweep of another thread could find
        // it at a place that the log has moved past meanwhile.
        writer.advance(&mut cache);
        Self {
            seat: room.register(Arc::new(writer)),
            settings: Arc::clone(settings),
            cut: None,
            silence: Box::pin(sleep(settings.heartbeat)),
        }
    }

    /// Ends the reading with the presence of a person, should they be sent out.
    pub(crate) fn ends_with(&mut self, guard: Option<&PresenceGuard>) {
        self.cut = guard.map(|guard| Arc::clone(&guard.cut));
    }

    /// Waits until there is something for the task to do.
    ///
    /// While its socket is full, a client is not read from: one that does not read
    /// has to stop sending.
    pub(crate) async fn woken(&mut self) -> Woken {
        poll_fn(|context| self.poll_woken(context)).await
    }

    /// Does what [`Self::woken`] does, for a task that waits for more.
    pub(crate) fn poll_woken(&mut self, context: &mut Context<'_>) -> Poll<Woken> {
        let Seat { room, writer, .. } = &self.seat;
        let Settings {
            heartbeat,
            write_timeout,
            ..
        } = *self.settings;
        let flow = writer.poll_flow(context, Some(&mut room.sweep_cache()));
        if flow == Flow::Broken {
            return Poll::Ready(Woken::Gone);
        }
        if self.cut.as_ref().is_some_and(|cut| cut.load(Relaxed)) {
            return Poll::Ready(Woken::SentOut);
        }
        if flow == Flow::Full {
            // The write time-out may be over before a heartbeat is due.
            let until = writer.written() + write_timeout;
            if until < self.silence.deadline() {
                self.silence.as_mut().reset(until);
            }
        }
        if flow == Flow::Free {
            if room.is_closed() {
                writer.advance(&mut room.sweep_cache());
                if writer.has_sent(room.newest()) {
                    return Poll::Ready(Woken::Leaving);
                }
            }
            match writer.stream.poll_read_ready(context) {
                Poll::Ready(Ok(())) => return Poll::Ready(Woken::Readable),
                Poll::Ready(Err(_)) => return Poll::Ready(Woken::Gone),
                Poll::Pending => {}
            }
        }
        while self.silence.as_mut().poll(context).is_ready() {
            // The sweep does not set the timer anew for each event; it is only
            // now that we look when the last one was.
            let now = Instant::now();
            if flow == Flow::Full && writer.written() + write_timeout <= now {
                return Poll::Ready(Woken::Gone);
            }
            let due = writer.written() + heartbeat;
            let is_due = due <= now;
            let next = if is_due { now + heartbeat } else { due };
            self.silence.as_mut().reset(next);
            if is_due && flow == Flow::Free {
                return Poll::Ready(Woken::Silent);
            }
        }
        Poll::Pending
    }

    /// Returns whether the socket took all that was written to it.
    pub(crate) fn is_free(&self) -> bool {
        self.seat.writer.flow() == Flow::Free
    }

    /// Returns whether the answer is as long as its protocol lets it be, so that
    /// no more events are sent.
    pub(crate) fn is_spent(&self) -> bool {
        !self.seat.writer.waits()
    }

    /// Ends the sending of events, and returns the place that was reached.
    pub(crate) fn stop(&self) -> wire::Seq {
        self.seat.writer.stop()
    }

    /// Sends bytes that are not an event.
    pub(crate) fn send(&self, bytes: &Bytes) {
        self.seat.writer.send(bytes, Instant::now());
    }

    /// Sends a text that is not an event, packed as events are.
    pub(crate) fn send_coded(&self, text: &Bytes) {
        self.seat.writer.send_coded(text, Instant::now());
    }

    /// Sends the end of a stream: `end`, or that of its coder.
    pub(crate) fn send_end(&self, end: &Bytes) {
        self.seat.writer.send_end(end, Instant::now());
    }

    /// Returns the connection in the form that tungstenite reads and writes.
    pub(crate) fn socket_io(&self) -> SocketIo<'_> {
        SocketIo(&self.seat.writer)
    }

    /// Reads and drops input that has no meaning here. Returns whether the
    /// client is still there.
    pub(crate) fn drain_input(&self) -> bool {
        let mut dropped = [0; 1024];
        // It reads once and not to the end, so that other tasks may run before it reads more.
        match self.seat.writer.stream.try_read(&mut dropped) {
            Ok(count) => count > 0,
            Err(error) => error.kind() == std::io::ErrorKind::WouldBlock,
        }
    }

    /// Leaves the seat, and ends the server's side once all is sent that was
    /// begun.
    ///
    /// `drains`: what the client still sends is read and dropped, until it
    /// ends its side too. Closing with unread bytes would reset the connection,
    /// and the reset could overtake the last bytes that were sent.
    pub(crate) async fn close(self, drains: bool) {
        let writer = Arc::clone(&self.seat.writer);
        drop(self);
        let goodbye = async {
            let (mut stream, rest) = writer::take_back(writer).await;
            stream.write_all(&rest).await.ok()?;
            stream.shutdown().await.ok()?;
            let mut dropped = [0; 64];
            while drains && stream.read(&mut dropped).await.ok()? > 0 {}
            Some(())
        };
        // A client that is gone, or does not answer, is let go without a word.
        let _ = timeout(PATIENCE, goodbye).await;
    }
}

/// A reader that is let go because it took nothing for too long is counted when it is dropped: its
/// task may be woken more than once for that reason.
impl Drop for Subscriber {
    fn drop(&mut self) {
        let Some(counters) = &self.settings.counters else {
            return;
        };
        let writer = &self.seat.writer;
        let until = writer.written() + self.settings.write_timeout;
        if writer.flow() == Flow::Full && until <= Instant::now() {
            counters.end(Limit::Write);
        }
    }
}
