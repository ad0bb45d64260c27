//! Ends the leases of pollers who stay away.

use std::time::{Duration, Instant};

use crate::room::rooms::Rooms;

/// How late a leave may be told. A timer for each lease would be exact, and
/// would be moved by every poll of every named poller.
const EVERY: Duration = Duration::from_millis(250);

/// Ends leases for as long as it is polled.
pub(crate) async fn end_leases(rooms: &Rooms) -> ! {
    loop {
        tokio::time::sleep(EVERY).await;
        let now = Instant::now();
        for room in rooms.with_leases() {
            room.end_leases(now);
        }
    }
}
