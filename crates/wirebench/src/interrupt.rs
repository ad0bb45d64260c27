//! Ctrl-C, seen as a flag: the run in progress ends early and what was
//! measured is kept. A second Ctrl-C ends the program at once.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use anyhow::Context;

use crate::{INTERRUPTED, progress};

/// Whether Ctrl-C was pressed.
#[derive(Debug, Clone)]
pub(crate) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Begins to watch for Ctrl-C (SIGINT).
    pub(crate) fn watch() -> anyhow::Result<Self> {
        let flag = Arc::new(AtomicBool::new(false));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        // The handler is installed here, not in the thread, so that no Ctrl-C
        // falls between this call and the thread's first step.
        let mut signal = {
            let _entered = runtime.enter();
            tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt())
                .context("cannot watch for Ctrl-C")?
        };
        let seen = Arc::clone(&flag);
        thread::Builder::new().name("ctrl-c".to_owned()).spawn(move || {
            runtime.block_on(async {
                signal.recv().await;
                seen.store(true, Ordering::Relaxed);
                progress::say("\nending this run; what was measured is kept (Ctrl-C again to leave at once)");
                signal.recv().await;
                progress::leave();
                std::process::exit(i32::from(INTERRUPTED));
            });
        })?;
        Ok(Self(flag))
    }

    /// Whether Ctrl-C was pressed by now.
    pub(crate) fn seen(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
