//! When a process that serves is asked to end.

use std::io::Read;

use tokio::{
    signal::unix::{SignalKind, signal},
    sync::oneshot,
};

/// Waits for SIGTERM, SIGHUP (the terminal was closed) or Ctrl-C, or (if asked) for
/// the end of standard input.
pub(crate) async fn asked_to_stop(until_stdin_closes: bool) {
    tokio::select! {
        () = received(SignalKind::terminate()) => {}
        () = received(SignalKind::hangup()) => {}
        _ = tokio::signal::ctrl_c() => {}
        () = end_of_stdin(), if until_stdin_closes => {}
    }
}

/// Waits for a signal. Where a handler cannot be installed, the other ways to stop
/// remain.
async fn received(kind: SignalKind) {
    match signal(kind) {
        Ok(mut signals) => {
            signals.recv().await;
        }
        Err(_) => std::future::pending().await,
    }
}

async fn end_of_stdin() {
    let (ended, end) = oneshot::channel();
    // A thread that waits in a system call for good: it costs the server nothing.
    std::thread::spawn(move || {
        let mut bytes = [0; 64];
        while std::io::stdin()
            .read(&mut bytes)
            .is_ok_and(|count| count > 0)
        {}
        let _ = ended.send(());
    });
    let _ = end.await;
}
