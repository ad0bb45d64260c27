//! A text that no other run has, for the names of rooms and sessions.

use std::{process, time::SystemTime};

/// Returns eight digits that no other run has, whenever it was.
#[expect(
    clippy::disallowed_methods,
    reason = "rooms are named by the calendar, not timed by it"
)]
pub(crate) fn token() -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    // Ten thousandths of a second last for five days; the process tells apart
    // what begins within one of them.
    let tenths = now.unwrap_or_default().as_micros() / 100;
    format!("{:08x}", (tenths as u32).wrapping_add(process::id() << 16))
}
