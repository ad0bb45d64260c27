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
    let Reading { room, query, .. } = &reading;
    let batch = if query.name.is_none() {
        room.batch_after(query.after, query.epoch)
    } else {
        let promise = query.interval.min(reading.settings.lease_cap);
        room.first_batch(reading.renew(promise))
    };
    Ok(Answer::Batch(batch))
}
