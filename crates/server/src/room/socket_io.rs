//! The socket of a WebSocket's reader, as tungstenite sees it.

use std::io;

use bytes::Bytes;
use tokio::time::Instant;
use wire::deflate::frames::Incoming;

use crate::room::writer::{Flow, Writer};

/// The first byte of a close frame (RFC 6455, section 5.2).
const CLOSE: u8 = 0x88;

/// The form in which tungstenite uses the socket: it reads directly, and what
/// it writes (pongs and close frames, each whole) goes through the writer.
#[derive(Debug)]
pub(crate) struct SocketIo<'a>(pub(crate) &'a Writer);

impl io::Read for SocketIo<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.stream.try_read(buffer)
    }
}

impl io::Write for SocketIo<'_> {
    fn write(&mut self, frames: &[u8]) -> io::Result<usize> {
        if frames.first() == Some(&CLOSE) {
            // No event may follow it (RFC 6455, section 5.5.1).
            self.0.stop();
        }
        self.0.send(&Bytes::copy_from_slice(frames), Instant::now());
        match self.0.flow() {
            Flow::Broken => Err(io::ErrorKind::BrokenPipe.into()),
            _ => Ok(frames.len()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The number of bytes that are read at once from a compressed WebSocket.
const BUFFER: usize = 1024;

/// The same of a WebSocket with permessage-deflate: what is read comes decompressed.
#[derive(Debug)]
pub(crate) struct Inflated<'a> {
    pub(crate) socket: SocketIo<'a>,
    pub(crate) incoming: &'a mut Incoming,
}

impl io::Read for Inflated<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = self.incoming.take(buffer)?;
            if count > 0 {
                return Ok(count);
            }
            let mut received = [0; BUFFER];
            match self.socket.read(&mut received)? {
                0 => return Ok(0),
                count => self.incoming.push(&received[..count]),
            }
        }
    }
}

impl io::Write for Inflated<'_> {
    fn write(&mut self, frames: &[u8]) -> io::Result<usize> {
        self.socket.write(frames)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.socket.flush()
    }
}
