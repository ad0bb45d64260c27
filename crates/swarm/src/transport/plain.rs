//! A connection that only brings texts, in the clear and in the usual form: the chunks of a stream,
//! or the frames of a WebSocket. Whoever has it reads it when it is ready, and needs no task for
//! it.
//!
//! A stream is read here to its end. A WebSocket that brings anything but whole frames of text (a
//! ping, a close, a fragment) is for tungstenite: it goes to its reader's task, with the bytes that
//! were not taken.

mod frames;

use std::{
    io::{self, ErrorKind},
    mem,
    os::fd::BorrowedFd,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, ReadBuf};
use wire::{Framing, lines::LineReader};

use super::{Listener, websocket};
use crate::{
    failure::{Failure, LONGEST_LINE},
    socket::{chunks::Chunks, meter::Meter, ring::Came},
};

/// The number of times that a connection is read before others are looked at.
const READS: usize = 4;

/// A connection that only brings texts.
#[derive(Debug)]
pub(crate) struct Plain {
    meter: Meter,
    /// The bytes that were read and not taken: those behind a head, or the beginning of a frame.
    kept: Vec<u8>,
    /// True until the kept bytes are looked at: those behind a head, or those that came by the ring
    /// for whoever reads next.
    is_new: bool,
    form: Form,
}

/// The form in which texts come.
#[derive(Debug)]
enum Form {
    /// Frames of a WebSocket. tungstenite would have a buffer of so many bytes.
    Frames { read_buffer: usize },
    /// Lines in chunks.
    Lines(Chunks, LineReader),
}

impl Plain {
    /// Makes the connection of a WebSocket that was upgraded; `rest` came behind the answer to
    /// that.
    pub(super) fn of_frames(meter: Meter, rest: Vec<u8>, read_buffer: usize) -> Self {
        Self::new(meter, rest, Form::Frames { read_buffer })
    }

    /// Makes the connection of a stream in chunks; `rest` came behind the head of the answer.
    pub(super) fn of_lines(meter: Meter, rest: Vec<u8>, framing: Framing) -> Self {
        let lines = LineReader::new(framing);
        Self::new(meter, rest, Form::Lines(Chunks::new(), lines))
    }

    fn new(mut meter: Meter, kept: Vec<u8>, form: Form) -> Self {
        meter.end_answers();
        Self {
            meter,
            kept,
            is_new: true,
            form,
        }
    }

    /// Makes the processor fetch the state of the connection while it does something else.
    pub(crate) fn prefetch(&self) {
        self.meter.prefetch();
    }

    /// Reads what has come into `room` and gives each text of it to `take`. It is pending when all
    /// was taken: more wakes the context. It is ready when something comes that is for the reader's
    /// own task.
    ///
    /// # Errors
    /// Fails when the connection is over, and with the first error of `take`.
    pub(crate) fn poll_texts(
        &mut self,
        context: &mut Context<'_>,
        room: &mut [u8],
        mut take: impl FnMut(&[u8]) -> Result<(), Failure>,
    ) -> Poll<Result<(), Failure>> {
        if !self.take_kept(&mut take)? {
            return Poll::Ready(Ok(()));
        }
        for _ in 0..READS {
            let mut buffer = ReadBuf::new(room);
            let read = ready!(Pin::new(&mut self.meter).poll_read(context, &mut buffer));
            read.map_err(|error| Failure::from(error.kind()))?;
            let bytes = buffer.filled();
            if bytes.is_empty() {
                return Poll::Ready(self.end());
            }
            if !self.take_texts(bytes, &mut take)? {
                return Poll::Ready(Ok(()));
            }
        }
        // There may be more, and others wait as well.
        context.waker().wake_by_ref();
        Poll::Pending
    }

    /// Returns whether a ring may read the connection.
    pub(crate) fn may_be_read_elsewhere(&self) -> bool {
        self.meter.may_be_read_elsewhere()
    }

    /// Returns whether a ring has the socket.
    pub(crate) fn is_lent(&self) -> bool {
        self.meter.is_lent()
    }

    /// Returns the socket for a ring to read it.
    ///
    /// # Errors
    /// Fails if the runtime does not let go of the socket.
    pub(crate) fn lend(&mut self) -> io::Result<BorrowedFd<'_>> {
        self.meter.lend()
    }

    /// Gives each text of what is kept, and was not looked at, to `take`. Returns false if something
    /// comes that is for the reader's own task.
    ///
    /// # Errors
    /// Fails when the connection is over, and with the first error of `take`.
    pub(crate) fn take_kept(
        &mut self,
        take: &mut impl FnMut(&[u8]) -> Result<(), Failure>,
    ) -> Result<bool, Failure> {
        if !mem::take(&mut self.is_new) {
            return Ok(true);
        }
        let behind = mem::take(&mut self.kept);
        self.take_texts(&behind, take)
    }

    /// Gives each text of what came by a ring to `take`, as [`Self::poll_texts`] does with what it
    /// reads. Returns false if something comes that is for the reader's own task.
    ///
    /// # Errors
    /// Fails when the connection is over, and with the first error of `take`.
    pub(crate) fn take_came(
        &mut self,
        came: Came<'_>,
        take: &mut impl FnMut(&[u8]) -> Result<(), Failure>,
    ) -> Result<bool, Failure> {
        match came {
            Came::Bytes(bytes) => {
                self.meter.take_in(bytes);
                self.take_texts(bytes, take)
            }
            Came::End => self.end().map(|()| false),
            Came::Failed(errno) => {
                self.meter.fail(errno);
                Err(io::Error::from_raw_os_error(errno).kind().into())
            }
            Came::Nothing => Ok(true),
        }
    }

    /// Keeps what came by a ring for whoever reads the connection next.
    pub(crate) fn keep(&mut self, came: Came<'_>) {
        match came {
            Came::Bytes(bytes) => {
                self.meter.take_in(bytes);
                self.kept.extend_from_slice(bytes);
                self.is_new = true;
            }
            Came::Failed(errno) => self.meter.fail(errno),
            // The end is there to be read again.
            Came::End | Came::Nothing => {}
        }
    }

    /// Gives the texts in the next bytes to `take`. Returns false if the rest is for the reader's
    /// own task.
    fn take_texts(
        &mut self,
        bytes: &[u8],
        take: &mut impl FnMut(&[u8]) -> Result<(), Failure>,
    ) -> Result<bool, Failure> {
        match &mut self.form {
            Form::Frames { .. } => frames::take_texts(&mut self.kept, bytes, take),
            Form::Lines(chunks, lines) => {
                let is_over = chunks.read(bytes, |content| {
                    lines.read(content, &mut *take)?;
                    check_length(lines)
                })?;
                // One of our servers ends a stream only when it leaves.
                (!is_over).then_some(true).ok_or(Failure::Closed)
            }
        }
    }

    /// Notes that the server ended the connection. tungstenite knows what that means on a
    /// WebSocket; a stream was cut in the middle.
    fn end(&self) -> Result<(), Failure> {
        match self.form {
            Form::Frames { .. } => Ok(()),
            Form::Lines(..) => Err(Failure::Lost(ErrorKind::UnexpectedEof)),
        }
    }

    /// Returns the listener that goes on where this stopped. A stream has none but this.
    pub(super) fn into_listener(self) -> Listener {
        match self.form {
            Form::Frames { read_buffer } => {
                websocket::Listener::go_on(self.meter, self.kept, read_buffer).into()
            }
            Form::Lines(..) => Listener::Plain(Box::new(self)),
        }
    }
}

/// Checks that the line that is coming is not longer than any should be.
fn check_length(lines: &LineReader) -> Result<(), Failure> {
    if lines.pending_bytes() > LONGEST_LINE {
        return Err(Failure::TooLong("a line of a stream", LONGEST_LINE as u64));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
