//! The opening of a session over polls, and what is sent in it.

use bytes::Bytes;
use wire::{Protocol, Seq};

use super::{poll::Poll, reader::Reader};
use crate::{
    failure::Failure,
    library::{
        Library,
        packet::{self, Packet},
        script,
    },
};

impl Library {
    /// Opens the session by polls.
    pub(crate) async fn open_by(
        &self,
        poll: &mut Poll,
        reader: &Reader,
        place: Option<Seq>,
    ) -> Result<(), Failure> {
        let body = self.receive(poll, reader, place).await?;
        if self.protocol().is_sockjs() {
            return self.is_opened(&body);
        }
        let title = self.protocol().title().unwrap_or_default();
        let Ok([Packet::Opened(Some(session))]) =
            <[Packet; 1]>::try_from(packet::read(self.protocol(), &body)?)
        else {
            return Err(Failure::Envelope(title));
        };
        self.keep(session);
        self.send(poll, reader, self.connect(place).into()).await?;
        let body = self.receive(poll, reader, place).await?;
        // What the room has for a new client may come in the same answer.
        match packet::read(self.protocol(), &body)?.as_slice() {
            [Packet::Connected] => {}
            [Packet::Connected, ..] => poll.unheard = Some(body),
            [Packet::Refused, ..] => return Err(Failure::NoEntry(title)),
            _ => return Err(Failure::Envelope(title)),
        }
        Ok(())
    }

    /// Receives what waits in the session.
    pub(crate) async fn receive(
        &self,
        poll: &mut Poll,
        reader: &Reader,
        place: Option<Seq>,
    ) -> Result<Bytes, Failure> {
        let path = self.path(place);
        let posted = self.receives_by_post().then(Bytes::new);
        let body = poll.ask_with(reader, &path, posted.as_ref()).await?;
        if self.protocol() != Protocol::SockjsInPage {
            return Ok(body);
        }
        script::answer(&body, &self.callback()).ok_or(Failure::Script)
    }

    /// Sends a packet over the connection of the polls.
    pub(crate) async fn send(
        &self,
        poll: &mut Poll,
        reader: &Reader,
        packet: Bytes,
    ) -> Result<(), Failure> {
        let path = self.say_path().ok_or(Failure::Closed)?;
        poll.ask_with(reader, &path, Some(&packet)).await?;
        Ok(())
    }
}
