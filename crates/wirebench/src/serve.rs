//! `wirebench serve`: the chat alone.

use std::io::Write;

use anyhow::Context;
use server::Bookkeeper;

use crate::{Ended, args, ledger, stop::asked_to_stop};

/// Serves until SIGTERM, Ctrl-C or (if asked) the end of standard input.
///
/// The first line printed is `listening on http://ADDRESS`, once connections
/// are accepted; whoever starts a server waits for it.
pub(crate) fn serve(options: &args::Serve) -> anyhow::Result<Ended> {
    // Each connection is a descriptor; the soft limit is often a twentieth of the hard one.
    rlimit::increase_nofile_limit(u64::MAX).context("cannot raise the limit of open files")?;
    let keeper = options.ledger.as_ref().map(|_| Bookkeeper::new());
    let ended = runtime(options.threads)?.block_on(async {
        let listener = server::listen(options.listen)
            .with_context(|| format!("cannot listen on {}", options.listen))?;
        let mut stdout = std::io::stdout().lock();
        writeln!(stdout, "listening on http://{}", listener.local_addr()?)?;
        stdout.flush()?;
        drop(stdout);
        server::serve(
            listener,
            settings(options, keeper.as_ref()),
            asked_to_stop(options.until_stdin_closes),
        )
        .await?;
        anyhow::Ok(Ended::Well)
    })?;
    // The runtime is gone, and with it whoever did not leave in time.
    if let (Some(file), Some(keeper)) = (&options.ledger, keeper) {
        ledger::write(file, &keeper.accounts())?;
    }
    Ok(ended)
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
    builder
        .enable_all()
        .build()
        .context("cannot start the runtime")
}

fn settings(options: &args::Serve, keeper: Option<&Bookkeeper>) -> server::Settings {
    server::Settings {
        log_events: options.log,
        text_limit: options.text_limit,
        hold_cap: options.hold_cap,
        heartbeat: options.heartbeat,
        allow_origins: options.allow_origin.clone(),
        coalesce: !options.no_coalesce,
        echo: options.echo,
        tap: keeper.map(Bookkeeper::tap),
        ..server::Settings::default()
    }
}
