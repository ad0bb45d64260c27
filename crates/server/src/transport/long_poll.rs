//! Long poll: hold the answer back until there is an event.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use tokio::time::timeout;
use wire::Seq;

use crate::{
    http::refusal::Refusal,
    room::Room,
    transport::{Answer, reading::Reading},
};

/// Answers with all new events as soon as there is one, or with none when the
/// hold is over (RFC 6202, section 2.1).
#[expect(
    clippy::unnecessary_wraps,
    reason = "the four transports have one signature"
)]
pub(crate) fn answer(reading: Reading) -> Result<Answer, Refusal> {
    let hold = reading.query.hold;
    let start = reading.renew(hold);
    if let Some(batch) = reading.room.first_batch_if_due(start) {
        return Ok(Answer::Batch(batch));
    }
    let place = start.place;
    Ok(Answer::Held(Held {
        room: reading.room,
        place,
        hold,
    }))
}

/// An answer that is held back.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) room: Arc<Room>,
    pub(crate) place: Seq,
    pub(crate) hold: Duration,
}

impl Held {
    /// Waits for the batch that answers the poll. `connection/poller.rs`
    /// does the same for many polls at once.
    ///
    /// A client that leaves meanwhile drops this future, and nothing remains of
    /// it: its place was only ever in its request.
    pub(crate) async fn batch(self) -> Bytes {
        match timeout(self.hold, self.room.wait_after(self.place)).await {
            Ok(Some(batch)) => batch,
            // The hold is over, or the server is leaving. What came in this very
            // moment is in the batch; otherwise it is empty.
            Ok(None) | Err(_) => self.room.after(self.place),
        }
    }
}
