//! The signal by which connections learn that the server is leaving.

use tokio::sync::watch;

/// Returns whether the server is leaving.
pub(crate) fn is_signalled(leaving: &watch::Receiver<bool>) -> bool {
    *leaving.borrow() || leaving.has_changed().is_err()
}

/// Waits until the server is leaving.
pub(crate) async fn shutdown_signalled(leaving: &mut watch::Receiver<bool>) {
    // An error means that the sender is gone, and so is the server.
    let _ = leaving.wait_for(|leaving| *leaving).await;
}
