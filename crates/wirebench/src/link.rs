//! `wirebench link`: a network in user space, between clients and a server.
//!
//! Packet loss cannot be imitated above TCP: what an application sees of it is
//! a pause, so ask for stalls instead.
//!
//! At SIGUSR1 the connections that it carries then go silent for good: half-open, with neither
//! end told. New ones are carried.

use anyhow::Context;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::{
    Ended, args, certificates, failure::not_listening, serve::say_where, stop::asked_to_stop,
};

/// Carries bytes until SIGTERM, Ctrl-C or (if asked) the end of standard input.
///
/// The first line printed is `listening on http://ADDRESS`, as a server's is:
/// to its clients a link is the server. Where the link ends TLS it is https, and the second line
/// has the certificate.
pub(crate) fn carry(options: &args::Link) -> anyhow::Result<Ended> {
    // Two descriptors a connection, or six where the link ends TLS.
    rlimit::increase_nofile_limit(u64::MAX).context("cannot raise the limit of open files")?;
    let tls = certificates::acceptor(&options.tls, options.listen, &[])?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        // Before anybody knows of it: the signal would end a process that does not expect it.
        let silence = link::Silence::new();
        let asked = signal(SignalKind::user_defined1())?;
        tokio::spawn(silenced(silence.clone(), asked));
        let listener =
            server::listen(options.listen).map_err(|why| not_listening(options.listen, &why))?;
        say_where(listener.local_addr()?, tls.as_ref())?;
        let (to, settings) = (options.to, settings(options));
        let stop = asked_to_stop(options.until_stdin_closes);
        match tls {
            Some(acceptor) => {
                link::run_sealed(listener, to, settings, acceptor, silence, stop).await?;
            }
            None => link::run_silenced(listener, to, settings, silence, stop).await?,
        }
        Ok(Ended::Well)
    })
}

/// Lets the link go silent each time that it is asked to.
async fn silenced(silence: link::Silence, mut asked: Signal) {
    while asked.recv().await.is_some() {
        silence.begin();
    }
}

fn settings(options: &args::Link) -> link::Settings {
    link::Settings {
        delay: options.delay,
        jitter: options.jitter,
        rate: options.rate,
        stall: options.stall_every,
        reset_after: options.reset_after,
        idle_cut: options.idle_cut,
        buffer: options.buffer,
        workers: options.workers,
        cut: link::Cut {
            after: options.cut_after,
            idle: options.cut_idle,
        },
        connect_rtt: options.connect_rtt,
        seed: options.seed,
    }
}

/// Returns the arguments with which a child process becomes this link.
pub(crate) fn arguments(settings: &link::Settings, to: std::net::SocketAddr) -> Vec<String> {
    let time = |time: std::time::Duration| {
        humantime::format_duration(time)
            .to_string()
            .replace(' ', "")
    };
    let mut arguments = vec![
        "link".to_owned(),
        "--until-stdin-closes".to_owned(),
        format!("--to={to}"),
    ];
    arguments.push(format!("--delay={}", time(settings.delay)));
    arguments.push(format!("--jitter={}", time(settings.jitter)));
    arguments.push(format!("--buffer={}", settings.buffer));
    arguments.push(format!("--seed={}", settings.seed));
    arguments.extend(settings.rate.map(|rate| format!("--rate={rate}")));
    arguments.extend(settings.stall.map(|stall| format!("--stall-every={stall}")));
    arguments.extend(
        settings
            .reset_after
            .map(|age| format!("--reset-after={}", time(age))),
    );
    arguments.extend(
        settings
            .idle_cut
            .map(|silence| format!("--idle-cut={}", time(silence))),
    );
    arguments.extend(
        settings
            .workers
            .map(|workers| format!("--workers={workers}")),
    );
    let cut = settings.cut;
    for (flag, limit) in [("--cut-after", cut.after), ("--cut-idle", cut.idle)] {
        arguments.extend(limit.map(|limit| format!("{flag}={}", time(limit))));
    }
    arguments.extend(settings.connect_rtt.then(|| "--connect-rtt".to_owned()));
    arguments
}
