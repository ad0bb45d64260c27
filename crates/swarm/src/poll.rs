//! One question and its answer: what short and long polls have in common.

use bytes::Bytes;
use wire::{Batch, Glance, Seq, codec};

use crate::{
    failure::Failure,
    http::{self, Connection},
    transport::Reader,
};

/// Asks, over one connection for all questions or one for each.
#[derive(Debug)]
pub(crate) struct Poll {
    connection: Option<Connection>,
    keep_alive: bool,
    /// A foreign server's first answer, which may hold messages.
    pub(crate) unheard: Option<Bytes>,
}

impl Poll {
    /// Nothing asked yet.
    pub(crate) const fn new(keep_alive: bool) -> Self {
        Self {
            connection: None,
            keep_alive,
            unheard: None,
        }
    }

    /// Asks for `path` and returns the answer's body.
    pub(crate) async fn ask(&mut self, reader: &Reader, path: &str) -> Result<Bytes, Failure> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => {
                Connection::open(&reader.network, reader.person, reader.arrival.clone()).await?
            }
        };
        let response = connection.get(reader, path, self.keep_alive).await?;
        let body = http::whole_body(response).await?;
        if let Some(place) = &reader.foreign {
            place.note_body(&body);
        }
        if self.keep_alive && connection.is_free().await {
            self.connection = Some(connection);
        }
        Ok(body)
    }

    /// Connects, if there is one connection for all questions.
    pub(crate) async fn connect(&mut self, reader: &Reader) -> Result<(), Failure> {
        if self.keep_alive {
            self.connection = Some(
                Connection::open(&reader.network, reader.person, reader.arrival.clone()).await?,
            );
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
        Ok(Some(batch.next))
    }
}
