//! A question and its answer: the common part of short and long polls.

use bytes::Bytes;
use wire::{Batch, Glance, Seq, codec};

use super::reader::Reader;
use crate::{
    clock::{Nanos, SECOND},
    draft::Tag,
    failure::Failure,
    foreign::ReaderState,
    measure::ledger::Use,
    socket::{connection::Connection, pool::Turn, request},
};

/// The time after a question within which the end of an idle connection may show.
const CROSSING: Nanos = SECOND;

/// A client that asks, over one connection for all questions or one for each, or over those that its
/// browser has for all tabs.
#[derive(Debug)]
pub(crate) struct Poll {
    connection: Option<Connection>,
    keep_alive: bool,
    /// A first answer that may hold messages, of a foreign server or of a library's.
    pub(crate) unheard: Option<Bytes>,
}

impl Poll {
    /// Creates a poller that has not asked anything yet.
    pub(crate) const fn new(keep_alive: bool) -> Self {
        Self {
            connection: None,
            keep_alive,
            unheard: None,
        }
    }

    /// Asks for `path` and returns the answer's body.
    pub(crate) async fn ask(&mut self, reader: &Reader, path: &str) -> Result<Bytes, Failure> {
        self.ask_with(reader, path, None).await
    }

    /// Asks for `path`, by POST if something is `posted`, and returns the answer's body.
    pub(crate) async fn ask_with(
        &mut self,
        reader: &Reader,
        path: &str,
        posted: Option<&Bytes>,
    ) -> Result<Bytes, Failure> {
        let keep_alive = self.keep_alive;
        let network = &reader.network;
        let turn = self.turn(reader).await;
        let (mut connection, was_kept) = self.take(reader).await?;
        let asked = reader.clock.now();
        let response = match connection.ask(reader, path, posted, keep_alive).await {
            Err(failure) if was_kept && may_be_repeated(reader, asked, &failure) => {
                reader.network.retry();
                connection = open(reader).await?;
                connection.ask(reader, path, posted, keep_alive).await?
            }
            response => response?,
        };
        let not_coded = (network.compression.coding())
            .and_then(|coding| request::unpack_as(Some(coding), response.headers()).err());
        let body = request::whole_body(response).await?;
        if let Some(failure) = not_coded.filter(|_| brings_messages(reader, &body)) {
            return Err(failure);
        }
        if let Some(place) = &reader.foreign {
            place.note_body(&body);
        }
        if self.keep_alive && connection.is_free().await {
            self.connection = Some(connection);
        }
        if let Some(turn) = turn {
            turn.end(self.connection.take());
        }
        if let Some(page) = &reader.in_page {
            return page.answer(&body);
        }
        Ok(body)
    }

    /// Waits for a turn at the connections of the reader's browser, and takes one that is idle; `None`
    /// for a reader that shares none.
    async fn turn<'a>(&mut self, reader: &'a Reader) -> Option<Turn<'a>> {
        let pool = reader.pool.as_deref()?;
        // Boxed, as few readers share connections.
        let turn = Box::pin(pool.turn()).await;
        self.connection = turn.idle();
        Some(turn)
    }

    /// Returns the connection that is kept, or a new one where there is none or the server has
    /// closed it; whether it is the one that was kept.
    async fn take(&mut self, reader: &Reader) -> Result<(Connection, bool), Failure> {
        if let Some(connection) = self.connection.take() {
            if connection.is_open(&reader.network, reader.foreign.is_some()) {
                return Ok((connection, true));
            }
            reader.network.retry();
        }
        Ok((open(reader).await?, false))
    }

    /// Connects if there is one connection for all questions.
    pub(crate) async fn connect(&mut self, reader: &Reader) -> Result<(), Failure> {
        if self.keep_alive {
            self.connection = Some(open(reader).await?);
        }
        Ok(())
    }

    /// Takes a place in the room: the one that is given, or the end of the log,
    /// which the answer to `path`, a short poll, tells at once. Without it a
    /// long poll for "latest" could not know from when on it listens. What a
    /// foreign server answers is kept: it may be more than a place.
    pub(crate) async fn take_place(
        &mut self,
        reader: &Reader,
        path: &str,
        place: Option<Seq>,
    ) -> Result<Option<Seq>, Failure> {
        if place.is_some() {
            return Ok(place);
        }
        let body = self.ask(reader, path).await?;
        if reader.foreign.is_some() {
            self.unheard = Some(body);
            return Ok(None);
        }
        let batch: Batch<Glance<'_>> = codec::decode(&body).map_err(|_| Failure::Unreadable)?;
        reader.resume.is_told(batch.epoch);
        Ok(Some(batch.next))
    }
}

/// Returns whether an answer holds messages, which are to come in the coding that was asked for. An
/// answer without any may come as it is: packed, it would be longer.
fn brings_messages(reader: &Reader, body: &[u8]) -> bool {
    match reader.foreign {
        None => !body.starts_with(b"{\"events\":[]"),
        Some(_) => Tag::all_in(body).next().is_some(),
    }
}

async fn open(reader: &Reader) -> Result<Connection, Failure> {
    let stamp = reader.arrival.clone();
    Connection::open(&reader.network, reader.person, Use::Read, stamp).await
}

/// Returns whether a question that failed so may be asked once more: a GET changes
/// nothing (RFC 9110, section 9.2.2); another is repeated only if none of it left.
/// The end of an idle connection shows at once: one that is cut while the server
/// holds a question is a failure.
fn may_be_repeated(reader: &Reader, asked: Nanos, failure: &Failure) -> bool {
    if reader.clock.now() - asked > CROSSING {
        return false;
    }
    let asks_by_get = |place: &ReaderState| place.description().asks_by_get();
    // What a library's session has given out it does not give again.
    let is_safe = reader.library.is_none() && reader.foreign.as_deref().is_none_or(asks_by_get);
    failure.is_of_the_connection() && (is_safe || *failure == Failure::Unsent)
}
