//! The opening of a session over a WebSocket.

use std::time::Duration;

use futures_util::{Sink as Sending, SinkExt, Stream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::{Error, Message};
use wire::{Protocol, Seq};

use super::frame::next_text;
use crate::{
    failure::Failure,
    library::{
        Library,
        packet::{self, Packet},
    },
};

/// The time within which each packet of the opening must come.
const PATIENCE: Duration = Duration::from_secs(10);

impl Library {
    /// Opens the session on a socket that is upgraded.
    pub(crate) async fn open_on<S>(&self, socket: &mut S, place: Option<Seq>) -> Result<(), Failure>
    where
        S: Stream<Item = Result<Message, Error>> + Sending<Message, Error = Error> + Unpin,
    {
        let opened = |packet: &Packet| matches!(packet, Packet::Opened(_));
        self.expect(socket, opened).await?;
        if self.protocol() == Protocol::SocketIo {
            socket.send(Message::text(self.connect(place))).await?;
            self.expect(socket, |packet| *packet == Packet::Connected)
                .await?;
        }
        Ok(())
    }

    /// Waits for a packet of the opening, which comes alone.
    async fn expect<S>(
        &self,
        socket: &mut S,
        wanted: impl Fn(&Packet) -> bool,
    ) -> Result<(), Failure>
    where
        S: Stream<Item = Result<Message, Error>> + Unpin,
    {
        let protocol = self.protocol();
        let frame = timeout(PATIENCE, next_text(socket)).await;
        let frame =
            frame.map_err(|_| Failure::NotOpened(protocol.title().unwrap_or_default()))??;
        self.wanted(&frame, wanted)
    }

    /// Returns whether a text only shows that a stream begins.
    pub(crate) fn is_beginning(&self, text: &[u8]) -> bool {
        let packets = packet::read(self.protocol(), text);
        packets.is_ok_and(|packets| packets == [Packet::Nothing])
    }

    /// Checks that a text says that the session is open.
    pub(crate) fn is_opened(&self, text: &[u8]) -> Result<(), Failure> {
        self.wanted(text, |packet| matches!(packet, Packet::Opened(_)))
    }

    /// Checks that an answer to the opening is the packet that is wanted.
    pub(super) fn wanted(
        &self,
        bytes: &[u8],
        wanted: impl Fn(&Packet) -> bool,
    ) -> Result<(), Failure> {
        let title = self.protocol().title().unwrap_or_default();
        match packet::read(self.protocol(), bytes)?.as_slice() {
            [packet] if wanted(packet) => Ok(()),
            [Packet::Refused] => Err(Failure::NoEntry(title)),
            _ => Err(Failure::Envelope(title)),
        }
    }
}
