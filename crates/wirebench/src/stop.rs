//! When a process that serves is asked to end.

use std::io::Read;

use tokio::{
    signal::unix::{SignalKind, signal},
    sync::oneshot,
};

/// Waits for SIGTERM, for Ctrl-C, or (if asked) for the end of standard input.
pub(crate) async fn asked_to_stop(until_stdin_closes: bool) {
    // Where a handler cannot be installed, the other ways to stop remain.
    let mut terminate = signal(SignalKind::terminate()).ok();
    tokio::select! {
        () = async { match &mut terminate { Some(signal) => { signal.recv().await; }, None => std::future::pending().await } } => {}
        _ = tokio::signal::ctrl_c() => {}
        () = end_of_stdin(), if until_stdin_closes => {}
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
