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
}

impl Poll {
    /// Nothing asked yet.
    pub(crate) const fn new(keep_alive: bool) -> Self {
        Self {
            connection: None,
            keep_alive,
        }
    }

    /// Asks for `path` and returns the answer's body.
    pub(crate) async fn ask(&mut self, reader: &Reader, path: &str) -> Result<Bytes, Failure> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => Connection::open(&reader.network, reader.person).await?,
        };
        let response = connection
            .get(&reader.network, path, self.keep_alive)
            .await?;
        let body = http::whole_body(response).await?;
        if self.keep_alive && connection.is_free().await {
            self.connection = Some(connection);
        }
        Ok(body)
    }

    /// Takes a place in the room: the one that is given, or the end of the log,
    /// which the answer to `path`, a short poll, tells at once. Without it a
    /// long poll for "latest" could not know from when on it listens.
    pub(crate) async fn take_place(
        &mut self,
        reader: &Reader,
        path: &str,
        place: Option<Seq>,
    ) -> Result<Seq, Failure> {
        if let Some(place) = place {
            return Ok(place);
        }
        let body = self.ask(reader, path).await?;
        let batch: Batch<Glance<'_>> = codec::decode(&body).map_err(|_| Failure::Unreadable)?;
        Ok(batch.next)
    }
}
