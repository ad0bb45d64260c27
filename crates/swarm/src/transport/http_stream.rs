//! Asks once and reads on: a line, or a server-sent event, each.

use http_body_util::BodyExt;
use hyper::body::Incoming;
use wire::{Framing, Seq, lines::LineReader};

use super::{Heard, Reader};
use crate::{failure::Failure, http::Connection};

/// A reader of a stream.
#[derive(Debug)]
pub(crate) struct Listener {
    body: Incoming,
    lines: LineReader,
}

impl Listener {
    /// Connects, asks, and waits for the head of the answer, which goes out at
    /// once: from then on the room's events reach this reader.
    pub(crate) async fn open(
        reader: &Reader,
        place: Option<Seq>,
        framing: Framing,
    ) -> Result<Self, Failure> {
        let way = match framing {
            Framing::Ndjson => "stream",
            Framing::Sse => "sse",
        };
        let mut connection =
            Connection::open(&reader.network, reader.person, reader.arrival.clone()).await?;
        let path = reader.path(way, place);
        let response = connection.get(reader, &path, true).await?;
        // Of a foreign stream each line is looked at, for any may tell the place.
        let framing = reader.by_tags().map_or(framing, |_| Framing::Ndjson);
        Ok(Self {
            body: response.into_body(),
            lines: LineReader::new(framing),
        })
    }

    /// The next line that is not a heartbeat.
    pub(crate) async fn next(&mut self) -> Result<Heard, Failure> {
        loop {
            if let Some(text) = self.lines.next_text() {
                return Ok(Heard::Text(text));
            }
            let frame = self.body.frame().await.ok_or(Failure::Closed)??;
            if let Some(piece) = frame.data_ref() {
                self.lines.push(piece);
            }
        }
    }
}
