//! The signal by which connections learn that the server is leaving.

use tokio::sync::watch;

/// Waits until the server is leaving.
pub(crate) async fn shutdown_signalled(leaving: &mut watch::Receiver<bool>) {
    // An error means that the sender is gone, and so is the server.
    let _ = leaving.wait_for(|leaving| *leaving).await;
}
