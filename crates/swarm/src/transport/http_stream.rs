//! The client that asks once and reads on: each event is a line, or a server-sent event.

use std::rc::Rc;

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::{
    body::Incoming,
    header::{CONTENT_TYPE, HeaderMap},
};
use wire::{Framing, Protocol, Seq, Way, events::EventReader, lines::LineReader};

use super::{
    in_page,
    plain::Plain,
    reader::{Heard, Reader},
};
use crate::{
    failure::{Failure, LONGEST_LINE},
    foreign::ReaderState,
    library::{Library, script::HtmlFile},
    measure::ledger::Use,
    socket::{connection::Connection, content::Unpack, multiplex::Shared, request},
};

/// The longest type of content that is told, in characters.
const LONGEST_TYPE: usize = 80;

/// A reader of a stream.
#[derive(Debug)]
pub(crate) struct Listener {
    body: Incoming,
    pieces: Pieces,
    /// Absent where the stream is not packed.
    unpack: Option<Box<Unpack>>,
    /// Keeps a connection of HTTP/2 open for the other tabs of its browser.
    _shared: Option<Rc<Shared>>,
}

/// The reader that takes a stream apart.
#[derive(Debug)]
enum Pieces {
    /// Lines, and events as our server writes them.
    Lines(LineReader),
    /// Events as any server may write them.
    Events(Box<EventReader>),
    /// Lines of a page, each of which is a script element.
    Scripts(LineReader),
    /// Lines of a page of SockJS, whose elements have three of them.
    HtmlFile(Box<(LineReader, HtmlFile)>),
}

impl Listener {
    /// Connects, asks, and waits for the head of the answer, which goes out at
    /// once: from then on the room's events reach this reader.
    pub(crate) async fn open(
        reader: &Reader,
        place: Option<Seq>,
        way: Way,
        framing: Framing,
    ) -> Result<super::Listener, Failure> {
        let network = &reader.network;
        let stamp = reader.arrival.clone();
        let mut connection = if reader.reads_in_batch() {
            Connection::open_with_gate(network, reader.person, stamp).await?
        } else {
            Connection::open(network, reader.person, Use::Read, stamp).await?
        };
        let library = reader.library.as_deref();
        let is_new = library.is_some_and(|library| !library.has_session());
        let path = match library {
            None => reader.path(way, place),
            Some(library) => library.path(place),
        };
        let protocol = library.map(Library::protocol);
        let posts = library.is_some_and(Library::receives_by_post);
        let posted = posts.then(Bytes::new);
        let response = connection.ask(reader, &path, posted.as_ref(), true).await?;
        if response.status() != 200 {
            // An answer that there is nothing new is no stream (WHATWG HTML, section 9.2.3).
            return Err(Failure::Status(response.status().as_u16()));
        }
        let by_standard = reader.resume.is_event_source;
        if reader.foreign.is_some() || by_standard {
            check_type(framing, response.headers(), by_standard)?;
        }
        connection.may_last();
        let coding = network.compression.coding();
        let unpack = request::unpack_as(coding, response.headers())?;
        if let Some((meter, rest)) = connection.release(&response) {
            let plain = Plain::of_lines(meter, rest, framing);
            return Ok(super::Listener::Plain(Box::new(plain)));
        }
        let pieces = match framing {
            Framing::Sse if reader.foreign.is_some() || library.is_some() => {
                Pieces::Events(Box::default())
            }
            framing if reader.in_page.is_some() => Pieces::Scripts(LineReader::new(framing)),
            framing if protocol == Some(Protocol::SockjsInPage) => {
                let callback = library.map(Library::callback).unwrap_or_default();
                Pieces::HtmlFile(Box::new((
                    LineReader::new(framing),
                    HtmlFile::new(&callback),
                )))
            }
            framing => Pieces::Lines(LineReader::new(framing)),
        };
        let mut listener = Self {
            unpack: unpack.map(Box::new),
            body: response.into_body(),
            pieces,
            _shared: connection.into_shared(),
        };
        if let Some(library) = library {
            // Boxed, as it is not needed after the opening.
            Box::pin(listener.begin(library, reader, is_new)).await?;
        }
        if reader.in_page.is_some() {
            let (Heard::Text(line) | Heard::Batch(line)) = Box::pin(listener.next(reader)).await?;
            in_page::begins(&line)?;
        }
        Ok(super::Listener::HttpStream(listener))
    }

    /// Reads up to the first frame of a library's stream: what comes before it, and in a new
    /// session that it is open.
    async fn begin(
        &mut self,
        library: &Library,
        reader: &Reader,
        is_new: bool,
    ) -> Result<(), Failure> {
        if !is_new {
            return Ok(());
        }
        loop {
            let (Heard::Text(text) | Heard::Batch(text)) = self.next(reader).await?;
            if !library.is_beginning(&text) {
                return library.is_opened(&text);
            }
        }
    }

    /// Waits for the next line that is not a heartbeat.
    pub(crate) async fn next(&mut self, reader: &Reader) -> Result<Heard, Failure> {
        loop {
            if let Some(text) = self.pieces.next(reader.foreign.as_deref()) {
                return Ok(Heard::Text(text));
            }
            let Some(frame) = self.body.frame().await else {
                return self.end(reader);
            };
            if let Some(piece) = frame?.data_ref() {
                match &mut self.unpack {
                    None => self.pieces.push(piece)?,
                    Some(unpack) => self.pieces.push(&unpack.push(piece)?)?,
                }
            }
        }
    }

    /// Notes that the server ended the stream in good order: one of ours does so only when it
    /// leaves.
    fn end(&mut self, reader: &Reader) -> Result<Heard, Failure> {
        if reader.library.is_some() {
            // The session goes on in the next request.
            return Err(Failure::Ended);
        }
        if reader.foreign.is_none() {
            return Err(Failure::Closed);
        }
        match self.pieces.rest() {
            Some(text) => Ok(Heard::Text(text)),
            None => Err(Failure::Ended),
        }
    }
}

/// Checks that an answer is a stream. Browsers refuse another type for server-sent events (WHATWG
/// HTML, section 9.2.3); a stream of lines has no type of its own, but is no page. An answer without
/// a type is let through, unless readers keep to the standard.
fn check_type(framing: Framing, headers: &HeaderMap, by_standard: bool) -> Result<(), Failure> {
    let Some(line) = headers.get(CONTENT_TYPE) else {
        let none = Failure::NoStream("no Content-Type".to_owned());
        return if by_standard { Err(none) } else { Ok(()) };
    };
    let line = String::from_utf8_lossy(line.as_bytes());
    let kind = line.split(';').next().unwrap_or_default().trim();
    let is_stream = match framing {
        Framing::Sse => kind.eq_ignore_ascii_case("text/event-stream"),
        Framing::Ndjson => !kind.eq_ignore_ascii_case("text/html"),
    };
    if is_stream {
        return Ok(());
    }
    Err(Failure::NoStream(kind.chars().take(LONGEST_TYPE).collect()))
}

impl Pieces {
    fn push(&mut self, piece: &[u8]) -> Result<(), Failure> {
        let pending = match self {
            Self::Lines(lines) | Self::Scripts(lines) => {
                lines.push(piece);
                lines.pending_bytes()
            }
            Self::HtmlFile(page) => {
                page.0.push(piece);
                page.0.pending_bytes()
            }
            Self::Events(events) => {
                events.push(piece);
                events.pending_bytes()
            }
        };
        if pending > LONGEST_LINE {
            return Err(Failure::TooLong("a line of a stream", LONGEST_LINE as u64));
        }
        Ok(())
    }

    fn next(&mut self, place: Option<&ReaderState>) -> Option<Bytes> {
        match self {
            Self::Lines(lines) => lines.next_text(),
            Self::Scripts(lines) => lines.next_text().map(in_page::event),
            Self::HtmlFile(page) => loop {
                let line = page.0.next_text()?;
                if let Some(frame) = page.1.line(line) {
                    return Some(frame);
                }
            },
            Self::Events(events) => {
                let event = events.next_event();
                if let Some(place) = place {
                    if let Some(id) = events.take_id() {
                        place.note_id(&id);
                    }
                    if let Some(wait) = events.take_retry() {
                        place.note_retry(wait);
                    }
                }
                event
            }
        }
    }

    /// Returns a last line that came without its end. An event without its end is incomplete, and
    /// dropped.
    fn rest(&mut self) -> Option<Bytes> {
        match self {
            Self::Lines(lines) if lines.pending_bytes() > 0 => {
                lines.push(b"\n");
                lines.next_text()
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use hyper::header::HeaderValue;

    use super::*;

    #[test]
    fn a_page_is_no_stream() {
        let checked = |framing, kind: &'static str| {
            let line = (CONTENT_TYPE, HeaderValue::from_static(kind));
            let checked = check_type(framing, &[line].into_iter().collect(), false);
            checked.map_err(|failure| failure.to_string())
        };
        for kind in ["text/event-stream", "Text/Event-Stream; charset=utf-8"] {
            assert_eq!(checked(Framing::Sse, kind), Ok(()));
        }
        for kind in ["application/x-ndjson", "application/json", "text/plain"] {
            assert_eq!(checked(Framing::Ndjson, kind), Ok(()));
            assert!(checked(Framing::Sse, kind).unwrap_err().contains(kind));
        }
        assert!(checked(Framing::Ndjson, "text/html; charset=utf-8").is_err());
        let untold = HeaderMap::new();
        assert_eq!(check_type(Framing::Sse, &untold, false), Ok(()));
        assert!(check_type(Framing::Sse, &untold, true).is_err());
    }
}
