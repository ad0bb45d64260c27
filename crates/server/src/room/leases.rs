//! The end of the leases of pollers that stay away.

use std::time::{Duration, Instant};

use crate::room::rooms::Rooms;

/// The longest delay of a leave. A timer for each lease would be exact, but
/// every poll of every named poller would move one.
const EVERY: Duration = Duration::from_millis(250);

/// Ends leases that are over, for as long as the future is polled.
pub(crate) async fn end_leases(rooms: &Rooms) -> ! {
    loop {
        tokio::time::sleep(EVERY).await;
        let now = Instant::now();
        for room in rooms.with_leases() {
            room.end_leases(now);
        }
    }
}
