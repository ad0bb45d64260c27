//! HTTP stream: one answer that does not end, an event a line.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream;
use tokio::time::timeout;
use wire::{Framing, Seq, Transport, lines};

use crate::{
    pieces::Pieces,
    presence::Stay,
    reading::Reading,
    refusal::Refusal,
    reply::{self, Answer},
    room::Room,
    settings::Settings,
};

/// Answers with a body that goes on for as long as both sides stay. The head
/// goes out at once, with or without an event.
#[expect(
    clippy::unused_async,
    reason = "the four transports have one signature, and this one waits in its body"
)]
pub(crate) async fn answer(reading: Reading) -> Result<Answer, Refusal> {
    let (place, stay) = reading.connect(Transport::HttpStream);
    let reader = Reader {
        room: reading.room,
        place,
        framing: reading.framing,
        settings: reading.settings,
        _stay: stay,
    };
    let pieces = stream::unfold(reader, next);
    Ok(Answer::Http(reply::live(
        reading.framing.content_type(),
        pieces,
    )))
}

struct Reader {
    room: Arc<Room>,
    place: Seq,
    framing: Framing,
    settings: Arc<Settings>,
    _stay: Option<Stay>,
}

/// What to send next: all that waits, or a heartbeat after a long silence, by
/// which either side finds out that the other is gone. `None` ends the body
/// with its last chunk.
///
/// hyper asks for the next only when the socket has taken the one before, so a
/// slow reader stays at its place in the log.
async fn next(mut reader: Reader) -> Option<(Pieces, Reader)> {
    let wait = reader.room.wait_after(reader.place);
    let pieces = match timeout(reader.settings.heartbeat, wait).await {
        Ok(Some(view)) => {
            reader.place = view.next;
            view.lines(reader.framing)
        }
        Ok(None) => return None,
        Err(_) => Bytes::from_static(lines::heartbeat(reader.framing)).into(),
    };
    Some((pieces, reader))
}
