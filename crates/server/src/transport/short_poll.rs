//! Short poll: answer at once, often with nothing.

use crate::{
    http::refusal::Refusal,
    transport::{Answer, reading::Reading},
};

/// Answers with the events that there are now.
#[expect(
    clippy::unnecessary_wraps,
    clippy::needless_pass_by_value,
    reason = "the four transports have one signature"
)]
pub(crate) fn answer(reading: Reading) -> Result<Answer, Refusal> {
    let place = reading.renew(reading.query.interval);
    let batch = reading.room.after(place);
    Ok(Answer::Batch(batch))
}
