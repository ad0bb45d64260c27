//! `wirebench serve`: the chat alone.

use std::io::{Read, Write};

use anyhow::Context;
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::oneshot,
};

use crate::{Ended, args};

/// Serves until SIGTERM, Ctrl-C or (if asked) the end of standard input.
///
/// The first line printed is `listening on http://ADDRESS`, once connections
/// are accepted; whoever starts a server waits for it.
pub(crate) fn serve(options: &args::Serve) -> anyhow::Result<Ended> {
    // Each connection is a descriptor; the soft limit is often a twentieth of the hard one.
    rlimit::increase_nofile_limit(u64::MAX).context("cannot raise the limit of open files")?;
    runtime(options.threads)?.block_on(async {
        let listener =
            server::listen(options.listen).with_context(|| format!("cannot listen on {}", options.listen))?;
        let mut stdout = std::io::stdout().lock();
        writeln!(stdout, "listening on http://{}", listener.local_addr()?)?;
        stdout.flush()?;
        drop(stdout);
        server::serve(listener, settings(options), asked_to_stop(options.until_stdin_closes)).await?;
        Ok(Ended::Well)
    })
}

/// One thread means a current-thread runtime: no work stealing, and the cost
/// of a delivery is not spread over threads that wake each other.
fn runtime(threads: usize) -> anyhow::Result<tokio::runtime::Runtime> {
    let mut builder = match threads {
        1 => tokio::runtime::Builder::new_current_thread(),
        _ => tokio::runtime::Builder::new_multi_thread(),
    };
    if threads > 1 {
        builder.worker_threads(threads);
    }
    builder.enable_all().build().context("cannot start the runtime")
}

fn settings(options: &args::Serve) -> server::Settings {
    server::Settings {
        log_events: options.log,
        text_limit: options.text_limit,
        hold_cap: options.hold_cap,
        heartbeat: options.heartbeat,
        allow_origins: options.allow_origin.clone(),
        echo: options.echo,
        ..server::Settings::default()
    }
}

async fn asked_to_stop(until_stdin_closes: bool) {
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
        while std::io::stdin().read(&mut bytes).is_ok_and(|count| count > 0) {}
        let _ = ended.send(());
    });
    let _ = end.await;
}
