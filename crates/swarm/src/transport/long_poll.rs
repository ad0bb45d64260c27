//! The long poll: asks, is answered when there is something or the hold is over, asks again at
//! once.

use std::{fmt::Write, time::Duration};

use wire::{Seq, Way};

use super::{
    poll::Poll,
    reader::{Heard, Reader},
};
use crate::failure::Failure;

/// A reader whose questions are held.
#[derive(Debug)]
pub(crate) struct Listener {
    poll: Poll,
    hold: Duration,
}

impl Listener {
    /// Connects and takes a place.
    pub(crate) async fn open(
        reader: &Reader,
        place: Option<Seq>,
        hold: Duration,
        keep_alive: bool,
    ) -> Result<(Self, Option<Seq>), Failure> {
        let mut poll = Poll::new(keep_alive);
        if let Some(library) = &reader.library {
            // Boxed, as it is not needed after the opening.
            Box::pin(library.open_by(&mut poll, reader, place)).await?;
            return Ok((Self { poll, hold }, place));
        }
        if reader.foreign.is_some() {
            // A foreign server tells the place only in the answer to a question, which it may hold:
            // none is asked yet.
            poll.connect(reader).await?;
            return Ok((Self { poll, hold }, place));
        }
        // The first question gives no name: the room should not see a short poller come first.
        let first = match &reader.in_page {
            Some(page) => page.first(reader, None),
            None => reader.lurking(Way::ShortPoll, None),
        };
        let place = poll.take_place(reader, &first, place).await?;
        Ok((Self { poll, hold }, place))
    }

    /// Sends a packet beside drafts over the connection of the polls, or gives it back for the
    /// speaker's queue.
    pub(crate) async fn send(
        &mut self,
        reader: &Reader,
        packet: String,
    ) -> Result<Option<String>, Failure> {
        if let Some(place) = &reader.foreign {
            // Boxed, as heartbeats are rare.
            Box::pin(place.send_beside(packet)).await?;
            return Ok(None);
        }
        if reader.speaks {
            // A session takes one POST at a time.
            return Ok(Some(packet));
        }
        if let Some(library) = &reader.library {
            let sent = library.send(&mut self.poll, reader, packet.into());
            Box::pin(sent).await?;
        }
        Ok(None)
    }

    /// Asks and waits for the answer.
    pub(crate) async fn next(
        &mut self,
        reader: &Reader,
        place: Option<Seq>,
    ) -> Result<Heard, Failure> {
        if let Some(library) = &reader.library {
            if let Some(body) = self.poll.unheard.take() {
                return Ok(Heard::Batch(body));
            }
            let body = library.receive(&mut self.poll, reader, place).await?;
            return Ok(Heard::Batch(body));
        }
        let mut path = reader.path(Way::LongPoll, place);
        if reader.foreign.is_none() {
            // Writing to a String cannot fail.
            let _ = write!(path, "&hold={}", self.hold.as_secs_f64());
        }
        if let Some(page) = &reader.in_page {
            path = page.question(path);
        }
        Ok(Heard::Batch(self.poll.ask(reader, &path).await?))
    }
}
