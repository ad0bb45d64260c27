//! `wirebench serve`: the chat, and its page with lanes and lessons.
//!
//! The chat's own port is never tapped, and the lanes are bound when somebody
//! first opens their page, so a server that is measured from outside does nothing
//! but serve the chat. One that `run` started has no page but the chat's at all.

use std::{io::Write, net::SocketAddr};

use anyhow::Context;
use server::{Bookkeeper, Counters, Store};

use tls::Acceptor;

use crate::{
    Ended, args, certificates, failure::not_listening, ledger, log_lines, stop::asked_to_stop,
};

/// The beginning of the line with the certificate's fingerprint.
pub(crate) const CERTIFICATE: &str = "certificate sha256 ";

/// Serves until SIGTERM, SIGHUP, Ctrl-C or (if asked) the end of standard input.
///
/// The first line printed is `listening on http://ADDRESS`, once connections
/// are accepted; whoever starts a server waits for it.
pub(crate) fn serve(options: &args::Serve) -> anyhow::Result<Ended> {
    let _writing = log_lines::begin(options.log_format)?;
    // Each connection is a descriptor; the soft limit is often a twentieth of the hard one.
    rlimit::increase_nofile_limit(u64::MAX).context("cannot raise the limit of open files")?;
    let runtime = runtime(options.threads)?;
    let tls = certificates::acceptor(&options.tls, options.listen, &options.limits.host)?;
    let store = options.store.open()?;
    if options.io == args::Io::Uring {
        // Before the line that says that the server is there.
        server::try_uring().context("--io uring (--io epoll and --io auto would work)")?;
    }
    let is_plain = options.until_stdin_closes || options.store.is_shared();
    if is_plain || options.ledger.is_some() || options.metrics {
        alone(runtime, options, tls, store)?;
    } else {
        for_browsers(runtime, options, tls, store)?;
    }
    Ok(Ended::Well)
}

/// Serves the chat alone.
fn alone(
    runtime: tokio::runtime::Runtime,
    options: &args::Serve,
    tls: Option<Acceptor>,
    store: Option<Store>,
) -> anyhow::Result<()> {
    if let Some(file) = &options.ledger {
        ledger::check(file)?;
    }
    let keeper = options.ledger.as_ref().map(|_| Bookkeeper::new());
    runtime.block_on(async {
        let listener =
            server::listen(options.listen).map_err(|why| not_listening(options.listen, &why))?;
        say_where(listener.local_addr()?, tls.as_ref())?;
        let stop = asked_to_stop(options.until_stdin_closes);
        server::serve(
            listener,
            settings(options, keeper.as_ref(), tls, store),
            stop,
        )
        .await?;
        anyhow::Ok(())
    })?;
    // Dropping the runtime ends the connections of those who did not leave in time.
    drop(runtime);
    if let (Some(file), Some(keeper)) = (&options.ledger, keeper) {
        ledger::write(file, &keeper.accounts())?;
    }
    Ok(())
}

/// Serves the chat with its lanes and lessons.
#[cfg(feature = "classroom")]
fn for_browsers(
    runtime: tokio::runtime::Runtime,
    options: &args::Serve,
    tls: Option<Acceptor>,
    store: Option<Store>,
) -> anyhow::Result<()> {
    let sealed = tls.clone();
    let opened = move |classroom: &classroom::Classroom| -> anyhow::Result<()> {
        say_where(classroom.address(), sealed.as_ref())?;
        crate::classroom::say_links(classroom);
        say_open(options.listen, sealed.is_some());
        Ok(())
    };
    runtime.block_on(async {
        let chat = settings(options, None, tls, store);
        crate::classroom::with_lanes(options, chat, opened).await
    })?;
    drop(runtime);
    Ok(())
}

/// Serves the chat alone, as a program without the classroom can.
#[cfg(not(feature = "classroom"))]
fn for_browsers(
    runtime: tokio::runtime::Runtime,
    options: &args::Serve,
    tls: Option<Acceptor>,
    store: Option<Store>,
) -> anyhow::Result<()> {
    say_open(options.listen, tls.is_some());
    alone(runtime, options, tls, store)
}

/// Says where a server listens, and what is to be expected of its certificate.
pub(crate) fn say_where(address: SocketAddr, tls: Option<&Acceptor>) -> anyhow::Result<()> {
    let mut stdout = crate::output::stdout();
    let scheme = if tls.is_some() { "https" } else { "http" };
    writeln!(stdout, "listening on {scheme}://{address}")?;
    stdout.flush()?;
    say_certificate(tls);
    Ok(())
}

/// Says what a client has to expect of the server's certificate, if it has one. A program that
/// waited for the first line only may have closed standard output since.
pub(crate) fn say_certificate(tls: Option<&Acceptor>) {
    let mut stdout = crate::output::stdout();
    if let Some(tls) = tls {
        let _ = writeln!(stdout, "{CERTIFICATE}{}", tls.fingerprint());
        let _ = stdout.flush();
    }
}

/// Says what it means that a server can be reached from other machines, where it can.
pub(crate) fn say_open(listen: SocketAddr, is_sealed: bool) {
    if let Some(words) = open_words(listen, is_sealed) {
        tracing::warn!(topic = "open", "{words}");
    }
}

/// Returns those words; `None` if only this machine reaches the server.
fn open_words(listen: SocketAddr, is_sealed: bool) -> Option<String> {
    if listen.ip().is_loopback() {
        return None;
    }
    let travels = if is_sealed {
        ""
    } else {
        "; all of it, the teacher's token too, travels in the clear (--tls seals it)"
    };
    Some(format!(
        "everybody who reaches {listen} may read and speak in every room{travels}"
    ))
}

/// Builds the runtime. For one thread it is a current-thread runtime: there is no work stealing,
/// and the cost of a delivery is not spread over threads that wake each other.
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

fn settings(
    options: &args::Serve,
    keeper: Option<&Bookkeeper>,
    tls: Option<Acceptor>,
    store: Option<Store>,
) -> server::Settings {
    let counters = options.metrics.then(Counters::new);
    let settings = server::Settings {
        log_events: options.log,
        text_limit: options.text_limit,
        hold_cap: options.hold_cap,
        heartbeat: options.heartbeat,
        allow_origins: options.allow_origin.clone(),
        coalesce: !options.no_coalesce,
        io: options.io.into(),
        echo: options.echo,
        museum: options.museum,
        tap: keeper
            .map(Bookkeeper::tap)
            .or_else(|| counters.as_ref().map(Counters::tap)),
        counters,
        compress: compress(options.compress),
        tls,
        store,
        ..server::Settings::default()
    };
    let settings = options.limits.within(options.shares.within(settings));
    if options.until_stdin_closes {
        // A run's server reports every join, because its scenario has them.
        return server::Settings {
            presence_per_second: None,
            ..settings
        };
    }
    settings
}

fn compress(option: Option<args::Compress>) -> server::Compress {
    match option {
        None => server::Compress::Off,
        Some(args::Compress::Shared) => server::Compress::Shared,
        Some(args::Compress::Context) => server::Compress::Context,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_address_is_spoken_of_and_this_machine_alone_is_not() {
        let words = |address: &str, sealed| open_words(address.parse().expect("one"), sealed);
        assert_eq!(words("127.0.0.1:8080", false), None);
        assert_eq!(words("[::1]:8080", false), None);
        for open in ["0.0.0.0:8080", "[::]:8080", "192.0.2.1:80"] {
            let said = words(open, false).expect("a warning");
            assert!(
                said.contains(open) && said.contains("in the clear"),
                "{said}"
            );
            let sealed = words(open, true).expect("a warning");
            assert!(!sealed.contains("in the clear"), "{sealed}");
        }
    }
}
