//! Long poll: hold the answer back until there is something to say.

use tokio::time::timeout;
use wire::Transport;

use crate::{reading::Reading, refusal::Refusal, reply::Answer};

/// Answers with what there is as soon as there is something, or with nothing
/// when the hold is over (RFC 6202, section 2.1).
///
/// A client that leaves meanwhile drops this future, and nothing remains of it:
/// its place was only ever in its request.
pub(crate) async fn answer(reading: Reading) -> Result<Answer, Refusal> {
    let hold = reading.query.hold;
    let place = reading.renew(Transport::LongPoll, hold);
    let batch = match timeout(hold, reading.room.wait_after(place)).await {
        Ok(Some(batch)) => batch,
        // The hold is over, or the server is leaving. What came in this very
        // moment is in the batch; otherwise it is empty.
        Ok(None) | Err(_) => reading.room.after(place),
    };
    Ok(Answer::Batch(batch))
}
