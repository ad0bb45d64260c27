//! The first frame of a server of HTTP/2: whether it is one, and whether it takes WebSockets
//! (RFC 8441).

use std::{
    cell::Cell,
    io,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::Notify,
};

use crate::{failure::Failure, socket::meter::Meter};

/// The type of the frame that a server sends first (RFC 9113, sections 3.4 and 6.5).
const SETTINGS: u8 = 4;

/// The bytes of a frame's head up to its type, and of the whole head (section 4.1).
const TO_TYPE: usize = 4;
const HEAD: usize = 9;

/// The longest frame that a client takes unless it says otherwise (section 6.5.2), in bytes.
const LONGEST_FRAME: usize = 16 * 1024;

/// The bytes of one setting: its number in 2, its value in 4 (section 6.5.1).
const SETTING: usize = 6;

/// The setting by which a server announces that it takes an extended CONNECT (RFC 8441, section 3):
/// its number, and the value 1.
const ENABLE_CONNECT_PROTOCOL: &[u8] = &[0, 8, 0, 0, 0, 1];

/// The protocol in which a server begins to speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Protocol {
    /// Nothing came yet.
    #[default]
    None,
    /// HTTP/2.
    Http2,
    /// Another protocol.
    Other,
}

/// The beginning of what a server says.
#[derive(Debug, Default)]
pub(super) struct Greeting {
    protocol: Cell<Protocol>,
    /// True if it takes an extended CONNECT; `None` before its first frame is whole.
    takes_web_sockets: Cell<Option<bool>>,
    /// True once the connection is over.
    is_over: Cell<bool>,
    changed: Notify,
}

impl Greeting {
    /// Waits for the server's first frame and checks that it announces extended CONNECT.
    pub(super) async fn check_takes_web_sockets(&self) -> Result<(), Failure> {
        loop {
            match (self.protocol.get(), self.takes_web_sockets.get()) {
                (_, Some(true)) => return Ok(()),
                (_, Some(false)) => return Err(Failure::NoExtendedConnect),
                (Protocol::Other, None) => return Err(Failure::NoHttp2),
                (_, None) if self.is_over.get() => return Err(Failure::NoFrame),
                (_, None) => self.changed.notified().await,
            }
        }
    }

    /// Returns the reason for a failure: a server of another protocol sends no frames, or leaves at
    /// once.
    pub(super) fn failure(&self, failure: Failure) -> Failure {
        match (self.protocol.get(), failure) {
            (Protocol::Other, _) => Failure::NoHttp2,
            (Protocol::None, Failure::Closed | Failure::Unsent | Failure::Lost(_)) => {
                Failure::NoFrame
            }
            (_, failure) => failure,
        }
    }

    /// Reads the first frame as far as it has come. Returns whether there is nothing more to learn.
    fn read(&self, frame: &[u8]) -> bool {
        let Some(&kind) = frame.get(TO_TYPE - 1) else {
            return false;
        };
        if kind != SETTINGS {
            self.protocol.set(Protocol::Other);
            return true;
        }
        self.protocol.set(Protocol::Http2);
        let Some((head, settings)) = frame.split_at_checked(HEAD) else {
            return false;
        };
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
        // A frame that is too long is a fault, which hyper reports.
        let is_too_long = length > LONGEST_FRAME;
        let Some(settings) = settings.get(..length) else {
            return is_too_long;
        };
        let mut settings = settings.chunks_exact(SETTING);
        let takes = settings.any(|setting| setting == ENABLE_CONNECT_PROTOCOL);
        self.takes_web_sockets.set(Some(takes));
        true
    }
}

/// A socket that looks how the server begins.
#[derive(Debug)]
pub(super) struct Greeted {
    meter: Meter,
    /// The first frame, as far as it has come; `None` once there is nothing more to learn from it.
    first: Option<Vec<u8>>,
    greeting: Rc<Greeting>,
}

impl Greeted {
    /// Makes a socket on which nothing was read yet.
    pub(super) fn new(meter: Meter, greeting: &Rc<Greeting>) -> Self {
        Self {
            meter,
            first: Some(Vec::new()),
            greeting: Rc::clone(greeting),
        }
    }
}

impl Drop for Greeted {
    fn drop(&mut self) {
        self.greeting.is_over.set(true);
        self.greeting.changed.notify_waiters();
    }
}

impl AsyncRead for Greeted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.meter).poll_read(context, buffer);
        if let Some(mut first) = self.first.take() {
            first.extend_from_slice(&buffer.filled()[before..]);
            if self.greeting.read(&first) {
                self.greeting.changed.notify_waiters();
            } else {
                self.first = Some(first);
            }
        }
        polled
    }
}

impl AsyncWrite for Greeted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        piece: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.meter).poll_write(context, piece)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.meter).poll_write_vectored(context, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.meter.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.meter).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.meter).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns what is known after each byte of a frame: whether there is nothing more to learn.
    fn read(frame: &[u8]) -> (Greeting, Vec<bool>) {
        let greeting = Greeting::default();
        let known = (1..=frame.len()).map(|count| greeting.read(&frame[..count]));
        let known = known.collect();
        (greeting, known)
    }

    fn settings(settings: &[[u8; SETTING]]) -> Vec<u8> {
        let length = (settings.len() * SETTING) as u8;
        let head = [0, 0, length, SETTINGS, 0, 0, 0, 0, 0];
        [&head, settings.concat().as_slice()].concat()
    }

    #[test]
    fn web_sockets_are_taken_where_the_settings_say_so() {
        let most_streams = [0, 3, 0, 0, 0, 128];
        for (last, takes) in [
            ([0, 8, 0, 0, 0, 1], true),
            ([0, 8, 0, 0, 0, 0], false),
            // The number of another setting, whose value ends as this one begins.
            ([0, 4, 0, 8, 0, 1], false),
        ] {
            let frame = settings(&[most_streams, last]);
            let (greeting, known) = read(&frame);
            assert_eq!(known.iter().position(|known| *known), Some(frame.len() - 1));
            assert_eq!(greeting.protocol.get(), Protocol::Http2);
            assert_eq!(greeting.takes_web_sockets.get(), Some(takes), "{last:?}");
        }
        let (greeting, known) = read(&settings(&[]));
        assert_eq!(known.last(), Some(&true));
        assert_eq!(greeting.takes_web_sockets.get(), Some(false));
    }

    #[test]
    fn another_protocol_is_known_by_four_bytes() {
        let (greeting, known) = read(b"HTTP/1.1 400 Bad Request\r\n");
        assert_eq!(known.iter().position(|known| *known), Some(TO_TYPE - 1));
        assert_eq!(greeting.protocol.get(), Protocol::Other);
        assert_eq!(
            greeting.failure(Failure::Closed),
            Failure::NoHttp2,
            "whatever ended it"
        );
        let silent = Greeting::default();
        assert_eq!(silent.failure(Failure::Closed), Failure::NoFrame);
    }
}
