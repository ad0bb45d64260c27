//! Requests to end, by Ctrl-C (SIGINT), SIGTERM or SIGHUP, kept as a flag: the run in progress ends
//! early and what was measured is kept. A second signal ends the program at once, unless it comes
//! with the first: timeout(1) signals a process and then its group, a shell that loses its terminal
//! passes on what the process was sent already, and systemd sends SIGHUP behind SIGTERM.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::Context;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::{exit::Exit, progress, system::hangup_is_ignored};

/// The text of the column `error` for a run that Ctrl-C, SIGTERM or SIGHUP ended.
pub(crate) const CTRL_C: &str = "Ctrl-C";

/// The time within which several signals are one request.
const ONE_REQUEST: Duration = Duration::from_millis(500);

/// A flag that is set once the program was asked to end.
#[derive(Debug, Clone)]
pub(crate) struct Interrupt(Arc<AtomicBool>);

/// The signals that ask for it.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
    /// The stream of SIGHUP; `None` if that signal is ignored, as under `nohup`.
    hangup: Option<Signal>,
}

impl Signals {
    fn watch() -> std::io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: if hangup_is_ignored() {
                None
            } else {
                Some(signal(SignalKind::hangup())?)
            },
        })
    }

    async fn next(&mut self) {
        let hangup = async {
            match &mut self.hangup {
                Some(signal) => {
                    signal.recv().await;
                }
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            () = hangup => {}
        }
    }
}

impl Interrupt {
    /// Begins to watch for these signals.
    pub(crate) fn watch() -> anyhow::Result<Self> {
        let flag = Arc::new(AtomicBool::new(false));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        // The handlers are installed here, not in the thread, so that no signal
        // falls between this call and the thread's first step.
        let mut signals = {
            let _entered = runtime.enter();
            Signals::watch().context("cannot watch for Ctrl-C")?
        };
        let seen = Arc::clone(&flag);
        thread::Builder::new().name("ctrl-c".to_owned()).spawn(move || {
            runtime.block_on(async {
                signals.next().await;
                seen.store(true, Ordering::Relaxed);
                progress::say("\nending this run; what was measured is kept (Ctrl-C again to leave at once)");
                let asked = Instant::now();
                while asked.elapsed() < ONE_REQUEST {
                    signals.next().await;
                }
                progress::leave();
                std::process::exit(i32::from(Exit::Interrupted.code()));
            });
        })?;
        Ok(Self(flag))
    }

    /// Returns an interrupt that never comes.
    #[cfg(test)]
    pub(crate) fn never() -> Self {
        Self(Arc::default())
    }

    /// Returns whether the program was asked to end.
    pub(crate) fn seen(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
