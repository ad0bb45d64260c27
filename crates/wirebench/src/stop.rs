//! The conditions on which a serving process is asked to end.

use std::io::Read;

use tokio::{
    signal::unix::{SignalKind, signal},
    sync::oneshot,
};

/// Waits for SIGTERM or SIGHUP, for Ctrl-C, or (if asked) for the end of standard input.
pub(crate) async fn asked_to_stop(until_stdin_closes: bool) {
    // Where a handler cannot be installed, the other ways to stop remain.
    tokio::select! {
        () = received(SignalKind::terminate()) => {}
        () = received(SignalKind::hangup()) => {}
        _ = tokio::signal::ctrl_c() => {}
        () = end_of_stdin(), if until_stdin_closes => {}
    }
}

/// Waits for a signal, for good where there can be no handler or nobody wants one.
async fn received(kind: SignalKind) {
    // `nohup` has SIGHUP ignored, and that stays so.
    if kind == SignalKind::hangup() && crate::system::hangup_is_ignored() {
        return std::future::pending().await;
    }
    match signal(kind) {
        Ok(mut signal) => {
            signal.recv().await;
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
